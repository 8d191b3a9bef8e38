import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { ServiceException } from '@smithy/core/client';
import { awsError } from '../../cloud/environment.js';
import { compareDecimals, parseDecimal } from './decimal-numbers.js';

/** An item of a table: its attributes by name. */
export type Item = Record<string, AttributeValue>;

/** The type descriptor of a value: `S`, `N`, `B`, `BOOL`, `NULL`, `M`, `L`, `SS`, `NS` or `BS`. */
export function typeOf(value: AttributeValue): string {
  return Object.keys(value)[0] ?? 'NULL';
}

/** Creates the refusal of a request that is no valid one. */
export function invalid(message: string): ServiceException {
  return awsError('ValidationException', message);
}

/** Compares two values. Numbers are equal by value, sets without regard to order. */
export function areEqual(left: AttributeValue, right: AttributeValue): boolean {
  if (left.N !== undefined && right.N !== undefined) return compareValues(left, right) === 0;
  if (typeOf(left) !== typeOf(right)) return false;
  const [ones, others] = [setOf(left), setOf(right)];
  if (ones !== undefined && others !== undefined)
    return ones.length === others.length && ones.every((one) => isIn(one, others));
  if (left.L !== undefined) return areListsEqual(left.L, right.L ?? []);
  if (left.M !== undefined) return areMapsEqual(left.M, right.M ?? {});
  if (left.B !== undefined) return compareValues(left, right) === 0;
  return left.S === right.S && left.BOOL === right.BOOL;
}

function areListsEqual(left: readonly AttributeValue[], right: readonly AttributeValue[]): boolean {
  const isSame = (value: AttributeValue, other: AttributeValue | undefined) =>
    other !== undefined && areEqual(value, other);
  return left.length === right.length && left.every((value, index) => isSame(value, right[index]));
}

function areMapsEqual(left: Item, right: Item): boolean {
  const names = Object.keys(left);
  return (
    names.length === Object.keys(right).length &&
    areListsEqual(
      names.flatMap((name) => left[name] ?? []),
      names.flatMap((name) => right[name] ?? []),
    )
  );
}

/** Orders two strings, numbers or binaries; undefined for values that have no order. */
export function compareValues(left: AttributeValue, right: AttributeValue): number | undefined {
  if (left.S !== undefined && right.S !== undefined)
    return Buffer.compare(Buffer.from(left.S), Buffer.from(right.S));
  if (left.N !== undefined && right.N !== undefined)
    return compareDecimals(parseDecimal(left.N), parseDecimal(right.N));
  return left.B !== undefined && right.B !== undefined ? Buffer.compare(left.B, right.B) : undefined;
}

/** Returns the elements of a set as values of their own; undefined when the value is no set. */
export function setOf({ SS, NS, BS }: AttributeValue): AttributeValue[] | undefined {
  if (SS !== undefined) return SS.map((S) => ({ S }));
  if (NS !== undefined) return NS.map((N) => ({ N }));
  return BS?.map((B) => ({ B }));
}

/** Returns a set of these elements, which have one type. */
export function toSet(elements: readonly AttributeValue[], type: string): AttributeValue {
  if (type === 'SS') return { SS: elements.flatMap(({ S }) => S ?? []) };
  if (type === 'NS') return { NS: elements.flatMap(({ N }) => N ?? []) };
  return { BS: elements.flatMap(({ B }) => B ?? []) };
}

/** Returns true when the value is one of the others. */
export function isIn(value: AttributeValue, others: readonly AttributeValue[]): boolean {
  return others.some((other) => areEqual(value, other));
}

/** The result of `size(…)`; undefined for a type that has none. */
export function sizeOfValue(value: AttributeValue): number | undefined {
  if (value.S !== undefined) return value.S.length;
  if (value.B !== undefined) return value.B.length;
  if (value.M !== undefined) return Object.keys(value.M).length;
  return (value.L ?? setOf(value))?.length;
}

/**
 * Refuses a value that no item may contain.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
 */
export function checkValue(value: AttributeValue): void {
  if (value.N !== undefined) parseDecimal(value.N);
  const elements = setOf(value);
  if (elements?.length === 0)
    throw invalid(`One or more parameter values were invalid: An ${typeOf(value)} may not be empty`);
  if (elements?.some((element, index) => isIn(element, elements.slice(index + 1))))
    throw invalid('One or more parameter values were invalid: Input collection contains duplicates.');
  for (const child of elements ?? value.L ?? Object.values(value.M ?? {})) checkValue(child);
}

/**
 * The bytes of an item as DynamoDB counts them, roughly: names, texts and binaries by their bytes, numbers by their digits.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
 */
export function bytesOf(item: Item): number {
  return Object.entries(item).reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + sizeInBytes(value),
    0,
  );
}

function sizeInBytes(value: AttributeValue): number {
  if (value.S !== undefined) return Buffer.byteLength(value.S);
  if (value.N !== undefined) return Math.ceil(value.N.replace(/\D/g, '').length / 2) + 1;
  if (value.B !== undefined) return value.B.length;
  if (value.M !== undefined) return 3 + bytesOf(value.M) + Object.keys(value.M).length;
  const elements = setOf(value);
  if (elements !== undefined) return elements.reduce((sum, element) => sum + sizeInBytes(element), 0);
  if (value.L !== undefined) return value.L.reduce((sum, element) => sum + 1 + sizeInBytes(element), 3);
  return 1;
}
