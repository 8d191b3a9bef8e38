import { isDeepStrictEqual } from 'node:util';
import { isRecord } from '../core/is-record.js';

/**
 * The key that makes a filter policy unmatchable, and its value: `{ [disabledMarker]: [disabledMarker] }`. Neither a
 * message attribute nor a member of a message body has this name, and SNS wants every key of a policy to match: no
 * message passes, whatever else the policy says. A body that is not JSON never matches a policy at all.
 */
export const disabledMarker = 'aws-blue-green-toolkit-disabled';

/** The empty policy; setting it removes a subscription's policy. */
export const noPolicy = '{}';

/**
 * SNS refuses more keys. Its documentation counts the top-level keys on one page and the innermost ones on an older
 * one, so both have to stay below.
 * https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html
 */
const maxKeys = 5;

/** One top-level member of a JSON object, by its place in the text. */
interface Member {
  readonly key: string;
  readonly start: number;
  readonly end: number;
}

/** True for a policy that {@link disable} has written. */
export function isDisabled(policy: string): boolean {
  return unmatchableValues(policy) !== undefined;
}

/** True for a policy with our key and a value that {@link disable} never writes, so that the subscription's own is unknown. */
export function isForeign(policy: string): boolean {
  return !isDisabled(policy) && membersOf(policy).some(({ key }) => key === disabledMarker);
}

/**
 * Returns the policy changed so that no message matches. One key is added in front; where SNS accepts no further key, the
 * whole policy becomes a value of that key instead. The policy's own text stays unchanged: parsed and written again, it
 * could have other numbers or another order.
 */
export function disable(policy: string): string {
  if (isDisabled(policy)) return policy;
  const members = membersOf(policy);
  if (members.length === 0) return JSON.stringify({ [disabledMarker]: [disabledMarker] });
  if (Math.max(members.length, countInnermostKeys(JSON.parse(policy))) >= maxKeys) {
    return JSON.stringify({ [disabledMarker]: [disabledMarker, policy] });
  }
  const afterBrace = policy.indexOf('{') + 1;
  const added = `${JSON.stringify(disabledMarker)}:${JSON.stringify([disabledMarker])},`;
  return policy.slice(0, afterBrace) + added + policy.slice(afterBrace);
}

/** Returns the policy before {@link disable}. A policy that is not disabled is returned unchanged. */
export function enable(policy: string): string {
  const values = unmatchableValues(policy);
  if (values === undefined) return policy;
  if (values.length === 2) return values[1];
  const members = membersOf(policy);
  const ours = members.findIndex(({ key }) => key === disabledMarker);
  const next = members[ours + 1];
  const previous = members[ours - 1];
  const own = members[ours];
  if (own === undefined || (next === undefined && previous === undefined)) return noPolicy;
  return next === undefined
    ? policy.slice(0, previous?.end) + policy.slice(own.end)
    : policy.slice(0, own.start) + policy.slice(policy.indexOf(',', own.end) + 1);
}

/** True when two policies are equal apart from the order of their keys. */
export function isSamePolicy(one: string, other: string): boolean {
  return one === other || isDeepStrictEqual(JSON.parse(one), JSON.parse(other));
}

/** The values that {@link disable} writes to our key: ours alone, or ours and the folded policy. */
function unmatchableValues(policy: string): [string] | [string, string] | undefined {
  const { [disabledMarker]: values, ...others }: Record<string, unknown> = JSON.parse(policy);
  if (!Array.isArray(values) || values[0] !== disabledMarker) return undefined;
  if (values.length === 1) return [disabledMarker];
  const isFolded = values.length === 2 && Object.keys(others).length === 0 && isPolicy(values[1]);
  return isFolded ? [disabledMarker, values[1]] : undefined;
}

/** True for the JSON text of an object. */
export function isPolicy(value: unknown): value is string {
  try {
    return typeof value === 'string' && isRecord(JSON.parse(value));
  } catch {
    return false;
  }
}

/** The keys whose values are lists to match; nested objects and the alternatives of an `$or` only lead to them. */
function countInnermostKeys(policy: Record<string, unknown>): number {
  return Object.entries(policy)
    .map(([key, value]) => {
      const nested =
        key === '$or' && Array.isArray(value) ? value.filter(isRecord) : [value].filter(isRecord);
      return nested.length === 0 ? 1 : nested.reduce((sum, it) => sum + countInnermostKeys(it), 0);
    })
    .reduce((sum, count) => sum + count, 0);
}

/** Finds the members of a JSON object in its text, which has to be valid JSON. */
function membersOf(json: string): Member[] {
  const members: Member[] = [];
  let depth = 0;
  let key: { name: string; start: number } | undefined;
  let end = 0;
  for (const { 0: token, index } of json.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],]|[^\s"{}[\],:]+/g)) {
    const closesMember = depth === 1 && (token === ',' || token === '}');
    if (closesMember && key !== undefined) {
      members.push({ key: key.name, start: key.start, end });
      key = undefined;
    } else if (depth === 1 && key === undefined && token.startsWith('"')) {
      key = { name: JSON.parse(token), start: index };
    }
    if (token === '{' || token === '[') depth += 1;
    if (token === '}' || token === ']') depth -= 1;
    end = index + token.length;
  }
  return members;
}
