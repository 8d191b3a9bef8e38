import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { checkValue, type Item, invalid, isIn, setOf, toSet, typeOf } from './attribute-values.js';
import { addDecimals, formatDecimal, negated, parseDecimal } from './decimal-numbers.js';
import { removeAt, requireDisjoint, setAt, valueAt } from './document-paths.js';
import { type DocumentPath, type ExpressionParameters, ExpressionTokens } from './expression-tokens.js';

const kind = 'UpdateExpression';
const clauses = ['SET', 'REMOVE', 'ADD', 'DELETE'] as const;

/** Computes a value from the item before the update. */
type ValueExpression = (item: Item) => AttributeValue;

/** One change of an update. */
interface Action {
  readonly clause: (typeof clauses)[number];
  readonly path: DocumentPath;
  readonly value: ValueExpression | undefined;
}

/** A parsed update. */
export interface Update {
  /** The paths that it changes. */
  readonly paths: readonly DocumentPath[];
  /** Returns the changed copy of an item. Every value is computed from the item before the update. */
  readonly apply: (item: Item) => Item;
}

/**
 * Parses an UpdateExpression.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.UpdateExpressions.html
 */
export function parseUpdate(expression: string, parameters: ExpressionParameters): Update {
  const tokens = new ExpressionTokens(expression, kind, parameters);
  const actions: Action[] = [];
  const seen = new Set<string>();
  while (!tokens.isAtEnd) {
    const clause = clauses.find((it) => tokens.takes(it));
    if (clause === undefined) throw tokens.syntaxError();
    if (seen.has(clause))
      throw invalid(
        `Invalid ${kind}: The "${clause}" section can only be used once in an update expression;`,
      );
    seen.add(clause);
    do actions.push(readAction(tokens, clause));
    while (tokens.takes(','));
  }
  const paths = actions.map(({ path }) => path);
  requireDisjoint(paths, kind);
  return { paths, apply: (item) => apply(actions, item) };
}

function readAction(tokens: ExpressionTokens, clause: Action['clause']): Action {
  const path = tokens.readPath();
  if (clause === 'REMOVE') return { clause, path, value: undefined };
  if (clause === 'SET') {
    tokens.expect('=');
    return { clause, path, value: readSum(tokens) };
  }
  const value = tokens.parameters.valueOf(tokens.read(), kind);
  const isFitting = setOf(value) !== undefined || (clause === 'ADD' && value.N !== undefined);
  if (!isFitting) {
    throw invalid(
      `Invalid ${kind}: Incorrect operand type for operator or function; operator: ${clause}, operand type: ${typeOf(value)}`,
    );
  }
  return { clause, path, value: () => value };
}

function readSum(tokens: ExpressionTokens): ValueExpression {
  const left = readValue(tokens);
  const sign = ['+', '-'].find((it) => tokens.takes(it));
  if (sign === undefined) return left;
  const right = readValue(tokens);
  return (item) => {
    const added = numberOf(right(item));
    return {
      N: formatDecimal(addDecimals(numberOf(left(item)), sign === '-' ? negated(added) : added)),
    };
  };
}

function readValue(tokens: ExpressionTokens): ValueExpression {
  if (tokens.peek().startsWith(':')) {
    const value = tokens.parameters.valueOf(tokens.read(), kind);
    return () => value;
  }
  if (tokens.peek(1) === '(') return readFunction(tokens);
  const path = tokens.readPath();
  return (item) => {
    const value = valueAt(item, path);
    if (value !== undefined) return value;
    throw invalid('The provided expression refers to an attribute that does not exist in the item');
  };
}

function readFunction(tokens: ExpressionTokens): ValueExpression {
  const name = tokens.read();
  if (name !== 'if_not_exists' && name !== 'list_append')
    throw invalid(`Invalid ${kind}: Invalid function name; function: ${name}`);
  tokens.expect('(');
  const path = name === 'if_not_exists' ? tokens.readPath() : undefined;
  const first: ValueExpression = path === undefined ? readValue(tokens) : () => ({ NULL: true });
  tokens.expect(',');
  const second = readValue(tokens);
  tokens.expect(')');
  if (path !== undefined) return (item) => valueAt(item, path) ?? second(item);
  return (item) => ({ L: [...listOf(first(item)), ...listOf(second(item))] });
}

function listOf({ L }: AttributeValue): AttributeValue[] {
  if (L === undefined) throw wrongType();
  return L;
}

function numberOf({ N }: AttributeValue) {
  if (N === undefined) throw wrongType();
  return parseDecimal(N);
}

function wrongType() {
  return invalid('An operand in the update expression has an incorrect data type');
}

function apply(actions: readonly Action[], item: Item): Item {
  const changed = structuredClone(item);
  for (const { clause, path, value } of actions) {
    if (value === undefined) continue;
    const next = clause === 'SET' ? value(item) : combine(clause, valueAt(item, path), value(item));
    if (next === undefined) continue;
    write(changed, path, next);
  }
  removeAt(
    changed,
    actions.filter(({ clause }) => clause === 'REMOVE').map(({ path }) => path),
  );
  return changed;
}

/** Writes the value. A set whose last element was deleted disappears. */
function write(item: Item, path: DocumentPath, value: AttributeValue): void {
  if (setOf(value)?.length === 0) {
    removeAt(item, [path]);
    return;
  }
  checkValue(value);
  setAt(item, path, structuredClone(value));
}

function combine(
  clause: 'ADD' | 'DELETE' | 'REMOVE',
  old: AttributeValue | undefined,
  operand: AttributeValue,
): AttributeValue | undefined {
  if (old === undefined) return clause === 'ADD' ? operand : undefined;
  if (typeOf(old) !== typeOf(operand)) throw wrongType();
  if (operand.N !== undefined)
    return { N: formatDecimal(addDecimals(numberOf(old), parseDecimal(operand.N))) };
  const [present, given] = [setOf(old) ?? [], setOf(operand) ?? []];
  const elements =
    clause === 'ADD'
      ? [...present, ...given.filter((element) => !isIn(element, present))]
      : present.filter((element) => !isIn(element, given));
  return toSet(elements, typeOf(old));
}
