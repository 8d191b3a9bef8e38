import { isRecord } from '../../../core/is-record.js';
import { isMet, operators, reasonInCondition } from './sns-filter-conditions.js';

/** The values of a message to match with a filter policy, by key; several for an array. */
type Values = ReadonlyMap<string, readonly unknown[]>;

type Policy = Readonly<Record<string, unknown>>;

/** The part of a message that a filter policy is matched against. */
export type FilterPolicyScope = 'MessageAttributes' | 'MessageBody';

const maxKeys = 5;
const maxCombinations = 150;
const maxBytes = 256 * 1024;

/** Returns the reason why SNS refuses a filter policy; undefined for a valid one. */
export function reasonToRefuse(json: string, scope: FilterPolicyScope): string | undefined {
  if (Buffer.byteLength(json) > maxBytes) return 'Filter policy is too large';
  let policy: unknown;
  try {
    policy = JSON.parse(json);
  } catch {
    return 'failed to parse JSON';
  }
  if (!isRecord(policy)) return 'Filter is not an object';
  if (Object.keys(policy).length > maxKeys) return `Filter policy can not have more than ${maxKeys} keys`;
  const isTooComplex = () => combinations(policy, 1) > maxCombinations;
  return reasonInKeys(policy, scope) ?? (isTooComplex() ? 'Filter policy is too complex' : undefined);
}

/** Returns true for a message that matches a filter policy: every key has to meet one of its conditions. */
export function matches(
  json: string,
  scope: FilterPolicyScope,
  message: { body: string; attributes: Readonly<Record<string, unknown>> },
): boolean {
  const values = scope === 'MessageBody' ? valuesOfBody(message.body) : valuesOf(message.attributes);
  return values !== undefined && passes(JSON.parse(json), values, []);
}

function passes(policy: Policy, values: Values, parents: readonly string[]): boolean {
  return Object.entries(policy).every(([key, value]) => {
    const alternatives = alternativesOf(key, value);
    if (alternatives !== undefined) return alternatives.some((it) => passes(it, values, parents));
    const path = [...parents, key];
    if (isRecord(value)) return passes(value, values, path);
    return [value].flat().some((condition) => isMet(condition, values.get(path.join('.')) ?? []));
  });
}

function reasonInKeys(policy: Policy, scope: FilterPolicyScope): string | undefined {
  const reasons = Object.entries(policy).map(([key, value]) => reasonInKey(key, value, scope));
  return reasons.find((reason) => reason !== undefined);
}

function reasonInKey(key: string, value: unknown, scope: FilterPolicyScope): string | undefined {
  const alternatives = alternativesOf(key, value);
  if (alternatives !== undefined)
    return alternatives.map((it) => reasonInKeys(it, scope)).find((reason) => reason !== undefined);
  if (isRecord(value)) {
    return scope === 'MessageBody'
      ? reasonInKeys(value, scope)
      : 'Filter policy scope MessageAttributes does not support nested filter policy';
  }
  if (!Array.isArray(value)) return `"${key}" must be an object or an array`;
  if (value.length === 0) return 'Empty arrays are not allowed';
  return value.map(reasonInCondition).find((reason) => reason !== undefined);
}

/**
 * Returns the alternatives of an `$or`: at least two objects without operators as keys. Any other `$or` is an ordinary key.
 *
 * @see https://docs.aws.amazon.com/sns/latest/dg/and-or-logic.html
 */
function alternativesOf(key: string, value: unknown): readonly Policy[] | undefined {
  if (key !== '$or' || !Array.isArray(value) || value.length < 2) return undefined;
  const alternatives = value.filter(isRecord);
  const isAlternative = (it: Policy) => {
    const keys = Object.keys(it);
    return keys.length > 0 && keys.every((name) => !operators.has(name));
  };
  return alternatives.length === value.length && alternatives.every(isAlternative) ? alternatives : undefined;
}

/** Returns the product of the number of values times the depth of each key. Alternatives add up. */
function combinations(policy: Policy, depth: number): number {
  return Object.entries(policy).reduce<number>((product, [key, value]) => {
    const alternatives = alternativesOf(key, value);
    if (alternatives !== undefined)
      return product * alternatives.reduce((sum, it) => sum + combinations(it, depth), 0);
    if (isRecord(value)) return product * combinations(value, depth + 1);
    return Array.isArray(value) ? product * value.length * depth : product;
  }, 1);
}

/** Returns the values of a JSON object; undefined for another body, which no policy matches. */
function valuesOfBody(body: string): Values | undefined {
  try {
    const message: unknown = JSON.parse(body);
    return isRecord(message) ? valuesOf(message) : undefined;
  } catch {
    return undefined;
  }
}

function valuesOf(message: Policy): Values {
  const values = new Map<string, unknown[]>();
  const collect = (path: readonly string[], value: unknown): void => {
    if (Array.isArray(value)) {
      for (const item of value) collect(path, item);
    } else if (isRecord(value)) {
      for (const [key, nested] of Object.entries(value)) collect([...path, key], nested);
    } else {
      const key = path.join('.');
      values.set(key, [...(values.get(key) ?? []), value]);
    }
  };
  collect([], message);
  return values;
}
