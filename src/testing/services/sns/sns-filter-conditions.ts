import { BlockList, isIP } from 'node:net';
import { isRecord } from '../../../core/is-record.js';

/** The operators of a filter policy. A key with such a name within `$or` makes `$or` an ordinary key. */
export const operators: ReadonlySet<string> = new Set([
  'anything-but',
  'cidr',
  'equals-ignore-case',
  'exists',
  'numeric',
  'prefix',
  'suffix',
  'wildcard',
]);

/** Operators that `anything-but` accepts. */
const invertible: ReadonlySet<string> = new Set(['equals-ignore-case', 'prefix', 'suffix', 'wildcard']);

/**
 * Returns the reason why SNS refuses a condition; undefined for a valid one.
 *
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html
 */
export function reasonInCondition(condition: unknown): string | undefined {
  if (['string', 'number', 'boolean'].includes(typeof condition) || condition === null) return undefined;
  if (!isRecord(condition)) return 'A condition is a string, a number, true, false, null or an operator';
  const entries = Object.entries(condition);
  if (entries.length !== 1) return 'Only one operator is allowed in a condition';
  const [operator = '', operand] = entries[0] ?? [];
  if (!operators.has(operator)) return `Unrecognized match type ${operator}`;
  if (operator === 'exists')
    return typeof operand === 'boolean' ? undefined : 'exists is either true or false';
  if (operator === 'numeric') return reasonInRange(operand);
  if (operator === 'anything-but') return reasonInAnythingBut(operand);
  return reasonInText(operator, operand);
}

/** Returns true when one of the values of a key meets a condition. A key without values is absent. */
export function isMet(condition: unknown, values: readonly unknown[]): boolean {
  if (!isRecord(condition)) return values.includes(condition);
  const [operator = '', operand] = Object.entries(condition)[0] ?? [];
  if (operator === 'exists') return operand === values.length > 0;
  return values.some((value) => satisfies(operator, operand, value));
}

function reasonInText(operator: string, operand: unknown): string | undefined {
  if (typeof operand !== 'string') return `${operator} match pattern must be a string`;
  if (operator === 'cidr' && networkOf(operand) === undefined) return `Malformed CIDR ${operand}`;
  if (operator === 'wildcard' && /(?<!\\)\*\*/.test(operand)) return 'Consecutive wildcards are not allowed';
  return undefined;
}

function reasonInAnythingBut(operand: unknown): string | undefined {
  if (isRecord(operand)) {
    const entries = Object.entries(operand);
    const [operator = '', inner] = entries[0] ?? [];
    if (entries.length !== 1) return 'Only one operator is allowed in anything-but';
    if (!invertible.has(operator)) return `Unsupported anything-but pattern: ${operator}`;
    const texts = [inner].flat();
    if (texts.length === 0) return 'Empty arrays are not allowed';
    return texts.map((text) => reasonInText(operator, text)).find((reason) => reason !== undefined);
  }
  const values = [operand].flat();
  const types = new Set(values.map((value) => typeof value));
  const [type = 'undefined'] = types;
  return types.size === 1 && ['string', 'number'].includes(type)
    ? undefined
    : 'anything-but takes strings or numbers, and not both';
}

/** Validates a range such as `['>=', 1, '<', 5]`: one comparison, or a lower bound before an upper one. */
function reasonInRange(range: unknown): string | undefined {
  if (!Array.isArray(range)) return 'numeric takes an array';
  const [operator, value, upper, top, ...rest]: unknown[] = range;
  if (typeof operator !== 'string') return `Invalid member in numeric match: ${String(operator)}`;
  if (!['=', '<', '<=', '>', '>='].includes(operator))
    return `Unrecognized numeric range operator: ${operator}`;
  if (typeof value !== 'number') return `Value of ${operator} must be numeric`;
  if (range.length === 2) return undefined;
  if (!operator.startsWith('>')) return 'Too many elements in numeric expression';
  if (upper !== '<' && upper !== '<=') return `Bad numeric range operator: ${String(upper)}`;
  if (typeof top !== 'number') return `Value of ${upper} must be numeric`;
  if (rest.length > 0) return 'Too many terms in numeric range expression';
  return value < top ? undefined : 'Bottom must be less than top';
}

function satisfies(operator: string, operand: unknown, value: unknown): boolean {
  if (operator === 'anything-but') return isAnythingBut(operand, value);
  if (operator === 'numeric') return Array.isArray(operand) && isInRange(operand, value);
  if (typeof operand !== 'string' || typeof value !== 'string') return false;
  if (operator === 'prefix') return value.startsWith(operand);
  if (operator === 'suffix') return value.endsWith(operand);
  if (operator === 'equals-ignore-case') return value.toLowerCase() === operand.toLowerCase();
  return operator === 'wildcard' ? wildcardPattern(operand).test(value) : isInNetwork(operand, value);
}

function isAnythingBut(operand: unknown, value: unknown): boolean {
  if (!isRecord(operand)) return ![operand].flat().includes(value);
  const [operator = '', inner] = Object.entries(operand)[0] ?? [];
  return ![inner].flat().some((text) => satisfies(operator, text, value));
}

function isInRange(range: readonly unknown[], value: unknown): boolean {
  if (typeof value !== 'number') return false;
  const [operator, bound, ...rest] = range;
  return compare(value, operator, Number(bound)) && (rest.length === 0 || isInRange(rest, value));
}

function compare(value: number, operator: unknown, bound: number): boolean {
  if (operator === '=') return value === bound;
  if (operator === '<') return value < bound;
  if (operator === '<=') return value <= bound;
  return operator === '>' ? value > bound : value >= bound;
}

/** Converts a wildcard to a pattern: an asterisk matches any text, unless a backslash escapes it. */
function wildcardPattern(text: string): RegExp {
  const parts = text.match(/\\[\\*]|\*|[^*\\]+|\\/g) ?? [];
  const source = parts.map((part) => (part === '*' ? '.*' : literal(part.replace(/^\\([\\*])$/, '$1'))));
  return new RegExp(`^${source.join('')}$`, 's');
}

function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

function isInNetwork(cidr: string, address: string): boolean {
  const family = familyOf(address);
  const network = networkOf(cidr);
  return family !== undefined && network?.family === family && network.list.check(address, family);
}

function networkOf(cidr: string) {
  const [, address = '', bits = ''] = /^([^/]+)\/(\d{1,3})$/.exec(cidr) ?? [];
  const family = familyOf(address);
  if (family === undefined || Number(bits) > (family === 'ipv4' ? 32 : 128)) return undefined;
  const list = new BlockList();
  list.addSubnet(address, Number(bits), family);
  return { family, list };
}

function familyOf(address: string): 'ipv4' | 'ipv6' | undefined {
  const version = isIP(address);
  if (version === 0) return undefined;
  return version === 4 ? 'ipv4' : 'ipv6';
}
