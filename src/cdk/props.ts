import { type Duration, Token } from 'aws-cdk-lib';
import * as v from 'valibot';
import { nonEmptyString } from '../core/schemas.js';

/* Schemas of props. A token is accepted as a text or a number: its value is known only when CloudFormation deploys the stack. */

/** A construct, or another object of the CDK, with these members. Passed through uncopied. */
/* @__NO_SIDE_EFFECTS__ */
export function cdkObject<Type extends object>(
  expected: string,
  ...members: readonly (keyof Type & string)[]
) {
  return v.custom<Type>(
    (value) => typeof value === 'object' && value !== null && members.every((member) => member in value),
    expected,
  );
}

/** A `Duration` of the CDK of whole seconds, with bounds. */
/* @__NO_SIDE_EFFECTS__ */
export function durationFrom(min: number, max: number) {
  return v.custom<Duration>((value) => {
    const seconds = secondsOf(value);
    return seconds !== undefined && Number.isInteger(seconds) && seconds >= min && seconds <= max;
  }, `a Duration of ${min} to ${max} whole seconds`);
}

/** A `Duration` of the CDK with bounds in seconds, which may have a fraction. */
/* @__NO_SIDE_EFFECTS__ */
export function fineDurationFrom(min: number, max: number) {
  return v.custom<Duration>((value) => {
    const seconds = secondsOf(value);
    return seconds !== undefined && seconds >= min && seconds <= max;
  }, `a Duration of ${min} to ${max} seconds`);
}

/** Returns undefined for anything but a Duration, and for one that is a token: a definition and a property need its value. */
function secondsOf(value: unknown): number | undefined {
  const duration = value as Partial<Duration> | null | undefined;
  if (typeof duration?.toSeconds !== 'function' || duration.isUnresolved?.() !== false) return undefined;
  return duration.toSeconds({ integral: false });
}

/** A whole number with bounds. */
/* @__NO_SIDE_EFFECTS__ */
export function integerFrom(min: number, max: number) {
  return v.pipe(
    v.number(),
    v.check(
      (value) => Token.isUnresolved(value) || (Number.isInteger(value) && value >= min && value <= max),
      `a whole number from ${min} to ${max}`,
    ),
  );
}

/** A name that matches a pattern. */
/* @__NO_SIDE_EFFECTS__ */
export function nameLike(pattern: RegExp, expected: string) {
  return v.pipe(
    nonEmptyString,
    v.check((value) => Token.isUnresolved(value) || pattern.test(value), expected),
  );
}

/** Name of a service or a cluster. */
export const resourceName = nameLike(/^[\w-]{1,255}$/, 'a name, not an ARN');

/** An ARN of a service. */
/* @__NO_SIDE_EFFECTS__ */
export function arnOf(service: string, resource: string) {
  const pattern = new RegExp(`^arn:[^:]+:${service}:[^:]+:[^:]+:${resource}.+`);
  return nameLike(pattern, `an ARN such as arn:aws:${service}:REGION:ACCOUNT:${resource}…`);
}

const oneOrSeveral = v.union([nonEmptyString, v.pipe(v.array(nonEmptyString), v.minLength(1))]);

/** A policy. Its statements can have further members, such as a condition. */
const policyDocument = v.looseObject({
  Statement: v.array(
    v.looseObject({ Effect: v.picklist(['Allow', 'Deny']), Action: oneOrSeveral, Resource: oneOrSeveral }),
  ),
});

/** Policies, as `iamPolicyFor` returns them. */
export const policyDocuments = v.array(
  v.custom<object>((value) => v.is(policyDocument, value), 'a policy of iamPolicyFor'),
);
