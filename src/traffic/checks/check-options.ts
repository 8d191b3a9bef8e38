import * as v from 'valibot';
import { nonEmptyString, seconds, stackPair } from '../../core/schemas.js';
import type { StackPair, StackReference } from '../../core/stack-reference.js';
import type { CheckContext, CheckResult } from '../types.js';

/** What every ready-made check is told. */
export interface CheckOptions {
  /** Unique among the checks of a shift. */
  readonly name: string;
  /**
   * Evaluate and tell, but do not decide on the outcome.
   * @default false
   */
  readonly dryRun?: boolean | undefined;
}

/** Between which values a metric is healthy; at least one of the two. */
export interface BoundOptions {
  /** The lowest healthy value. */
  readonly min?: number | undefined;
  /** The highest healthy value. */
  readonly max?: number | undefined;
}

/** What no data at all comes to, when the service has said that there is really none. */
export type NoDataOutcome = 'inconclusive' | 'fail' | 'pass';

/** One for every shift, or one for each stack, of which that of the incoming stack is taken. */
export type PerStack<T> = T | StackPair<T>;

/** The fields of {@link CheckOptions}. */
export const checkFields = { name: nonEmptyString, dryRun: v.optional(v.boolean(), false) };

/** The fields of {@link CheckOptions} where there is a name by default. */
export const namedCheckFields = { ...checkFields, name: v.optional(nonEmptyString) };

/** A bound, a threshold. */
export const finiteNumber = v.pipe(
  v.number(),
  v.check((value) => Number.isFinite(value), 'a finite number'),
);

/** A length of time that has to be one. */
export const someSeconds = v.pipe(
  seconds,
  v.check((value) => value > 0, 'more than 0 seconds'),
);

/** Where requests go to. */
export const webAddress = v.pipe(
  v.string(),
  v.check((url) => URL.canParse(url) && /^https?:$/.test(new URL(url).protocol), 'an http or https URL'),
);

/** {@link NoDataOutcome} */
export const noDataOutcome = v.optional(v.picklist(['inconclusive', 'fail', 'pass']), 'inconclusive');

/** {@link PerStack} */
export function perStack<const Schema extends v.GenericSchema>(schema: Schema) {
  return v.union([schema, v.object(stackPair(schema))]);
}

/** That of the stack, when the stacks have one each. */
export function ofStack<T extends string | readonly unknown[]>(value: PerStack<T>, stack: StackReference): T {
  return isPair(value) ? value[stack] : value;
}

/** Both of a pair for a name, or the only one. */
export function describePerStack(value: PerStack<string>): string {
  return isPair(value) ? `${value.blue} or ${value.green}` : value;
}

/** Whether one of the bounds is given, and they are the right way round. */
export function areBounds({ min, max }: BoundOptions): boolean {
  return (min !== undefined || max !== undefined) && (min ?? -Infinity) <= (max ?? Infinity);
}

/** Nothing can be said: neither good nor bad. */
export function inconclusive(detail: string): CheckResult {
  return { outcome: 'inconclusive', detail };
}

/** A time as sentences tell it. */
export function describeTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace('.000Z', 'Z');
}

/** A value as sentences tell it: without the digits that nobody reads. */
export function describeNumber(value: number): string {
  return String(Number(value.toPrecision(6)));
}

/** The times of a check that matter to a metric. */
export type CheckTimes = Pick<CheckContext, 'now' | 'weightsSince'>;

function isPair<T>(value: PerStack<T>): value is StackPair<T> {
  return typeof value === 'object' && value !== null && 'blue' in value && 'green' in value;
}
