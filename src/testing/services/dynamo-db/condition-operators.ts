import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { areEqual, compareValues, isIn, setOf, sizeOfValue, typeOf } from './attribute-values.js';

type Values = readonly (AttributeValue | undefined)[];

const comparators = ['=', '<>', '<', '<=', '>', '>=', 'BETWEEN', 'IN'] as const;

/** An operator that compares values. */
export type Comparator = (typeof comparators)[number];

/** Returns true for the operators that stand between two operands. */
export function isComparator(token: string): token is Comparator {
  return token !== 'BETWEEN' && token !== 'IN' && comparators.some((it) => it === token);
}

/**
 * Compares values. Every comparison with a missing value is false except `<>`, and values of two types have no order.
 * Source: test/alternator/test_condition_expression.py of scylladb/scylladb, whose tests also pass on DynamoDB.
 */
export function holds(comparator: Comparator, values: Values): boolean {
  const [first, ...others] = values;
  const [second, third] = others;
  if (comparator === '<>') return first === undefined || second === undefined || !areEqual(first, second);
  if (first === undefined) return false;
  if (comparator === 'IN')
    return isIn(
      first,
      others.flatMap((it) => it ?? []),
    );
  if (second === undefined) return false;
  if (comparator === '=') return areEqual(first, second);
  if (comparator === 'BETWEEN') return holds('>=', [first, second]) && holds('<=', [first, third]);
  const order = compareValues(first, second);
  if (order === undefined) return false;
  if (comparator === '<') return order < 0;
  if (comparator === '<=') return order <= 0;
  return comparator === '>' ? order > 0 : order >= 0;
}

interface ConditionFunction {
  readonly operands: number;
  readonly isTrue: (values: Values) => boolean;
}

const booleans: ReadonlyMap<string, ConditionFunction> = new Map([
  ['attribute_exists', { operands: 1, isTrue: ([value]: Values) => value !== undefined }],
  ['attribute_not_exists', { operands: 1, isTrue: ([value]: Values) => value === undefined }],
  [
    'attribute_type',
    {
      operands: 2,
      isTrue: ([value, type]: Values) => value !== undefined && typeOf(value) === type?.S,
    },
  ],
  ['begins_with', { operands: 2, isTrue: beginsWith }],
  ['contains', { operands: 2, isTrue: contains }],
]);

/** The functions of a condition. Their names are case-sensitive. */
export const functions = {
  get: (name: string) => booleans.get(name),
  /** Returns undefined for a missing value and for one without a size, which makes the comparison false. */
  size: (value: AttributeValue | undefined) => (value === undefined ? undefined : sizeOfValue(value)),
};

function beginsWith([value, prefix]: Values): boolean {
  if (value?.S !== undefined && prefix?.S !== undefined) return value.S.startsWith(prefix.S);
  if (value?.B === undefined || prefix?.B === undefined) return false;
  return Buffer.compare(value.B.subarray(0, prefix.B.length), prefix.B) === 0;
}

/** A text or binary contains a part, a set or a list an element. */
function contains([value, part]: Values): boolean {
  if (value === undefined || part === undefined) return false;
  if (value.S !== undefined) return part.S !== undefined && value.S.includes(part.S);
  if (value.B !== undefined)
    return part.B !== undefined && Buffer.from(value.B).includes(Buffer.from(part.B));
  return isIn(part, setOf(value) ?? value.L ?? []);
}
