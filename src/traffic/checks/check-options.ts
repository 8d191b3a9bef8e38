import * as v from 'valibot';
import { invalidInput } from '../../core/errors.js';
import { nonEmptyString, positiveCount, stackPair, strictObject } from '../../core/schemas.js';
import type { StackPair, StackReference } from '../../core/stack-reference.js';
import type { CheckContext, CheckResult } from '../types.js';

/** Options of every ready-made check. */
export interface CheckOptions {
  /** Unique among the checks of a shift. */
  readonly name: string;
  /**
   * Evaluates the check and emits its result without deciding on the outcome.
   * @default false
   */
  readonly dryRun?: boolean | undefined;
}

/** Values between which a metric is healthy; at least one of the two. */
export interface BoundOptions {
  /** The lowest healthy value. */
  readonly min?: number | undefined;
  /** The highest healthy value. */
  readonly max?: number | undefined;
}

/** Outcome without any data, when the service's response is complete. */
export type NoDataOutcome = 'inconclusive' | 'fail' | 'pass';

/** One value for every shift, or one for each stack. The check uses the one of the incoming stack. */
export type PerStack<T> = T | StackPair<T>;

/** Fields of {@link CheckOptions}. */
export const checkEntries = { name: nonEmptyString, dryRun: v.optional(v.boolean(), false) };

/** Fields of {@link CheckOptions} where the name has a default. */
export const namedCheckEntries = { ...checkEntries, name: v.optional(nonEmptyString) };

/** A bound or a threshold. */
export const finiteNumber = v.pipe(
  v.number(),
  v.check((value) => Number.isFinite(value), 'a finite number'),
);

/** Time for one response. No Lambda function waits longer. */
export const timeoutSeconds = v.pipe(
  v.number(),
  v.check((value) => value > 0 && value <= 900, 'a number of seconds above 0, at most 900'),
);

/** Address of requests. `fetch` rejects a user or a password in it. */
export const webAddress = v.pipe(
  v.string(),
  v.check((url) => URL.canParse(url) && /^https?:$/.test(new URL(url).protocol), 'an http or https URL'),
  v.check((url) => {
    const { username, password } = URL.canParse(url) ? new URL(url) : { username: '', password: '' };
    return username === '' && password === '';
  }, 'a URL without user and password (send them as a header)'),
);

/** Address of an HTTP API. The path and the query of a request are appended, so it is in the form that a URL has. */
export const apiAddress = v.pipe(
  webAddress,
  v.transform((address) => new URL(address).href),
);

/**
 * Rejects an address behind whose `?` or `#` the path of a request would be lost. Does not quote it, because its query can be a
 * secret.
 *
 * @throws InvalidInputError
 */
export function requireNoQuery(subject: string, address: string): void {
  if (!/[?#]/.test(address)) return;
  throw invalidInput(subject, {
    field: 'address',
    expected: 'a URL without a query or a fragment (send a key as a header)',
    actual: 'one with a query or a fragment',
  });
}

/** {@link NoDataOutcome} */
export const noDataOutcome = v.optional(v.picklist(['inconclusive', 'fail', 'pass']), 'inconclusive');

/** {@link PerStack} of anything but an object. */
/* @__NO_SIDE_EFFECTS__ */
export function perStack<const Schema extends v.GenericSchema>(schema: Schema) {
  const pair = strictObject(stackPair(schema));
  return v.lazy(
    (value): v.GenericSchema<PerStack<v.InferInput<Schema>>, PerStack<v.InferOutput<Schema>>> =>
      typeof value === 'object' && value !== null && !Array.isArray(value) ? pair : schema,
  );
}

/** Fields of {@link BoundOptions}. */
export const boundEntries = { min: v.optional(finiteNumber), max: v.optional(finiteNumber) };

/** Fields for missing data points. */
export const missingDataEntries = { minimumSamples: v.optional(positiveCount, 1), noData: noDataOutcome };

export function ofStack<T extends string | readonly unknown[]>(value: PerStack<T>, stack: StackReference): T {
  return isPair(value) ? value[stack] : value;
}

/** Formats the values of both stacks, or the only one, for a name. */
export function describePerStack(value: PerStack<string>): string {
  return isPair(value) ? `${value.blue} or ${value.green}` : value;
}

/** True when at least one bound is set, and the lower one is not above the upper one. */
export function areBounds({ min, max }: BoundOptions): boolean {
  return (min !== undefined || max !== undefined) && (min ?? -Infinity) <= (max ?? Infinity);
}

/** Creates an inconclusive result. */
export function inconclusive(detail: string): CheckResult {
  return { outcome: 'inconclusive', detail };
}

/** Formats a time for a message. */
export function describeTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace('.000Z', 'Z');
}

/** Formats a value for a message, with six significant digits. */
export function describeNumber(value: number): string {
  return String(Number(value.toPrecision(6)));
}

/** Times of a check that a metric needs. */
export type CheckTimes = Pick<CheckContext, 'now' | 'weightsSince'>;

function isPair<T>(value: PerStack<T>): value is StackPair<T> {
  return typeof value === 'object' && value !== null && 'blue' in value && 'green' in value;
}
