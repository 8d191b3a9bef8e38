import * as v from 'valibot';
import type { CallOptions } from '../core/aws-call.js';
import { callOptionsEntries, nonEmptyString, strictObject, waitOptionsEntries } from '../core/schemas.js';
import { parseInput } from '../core/validate.js';
import { advanceEntries, runEntries } from '../resumable/run-entries.js';
import type { RunResult, RunToEndOptions } from '../resumable/run-options.js';
import { truncateReason } from '../resumable/truncate-reason.js';
import type { SwapEvent } from './engine/swap-events.js';
import type { SwapRequest, SwapState } from './swap-state.js';

/** Options of `StackSwap.run`. */
export interface SwapRunOptions
  extends SwapRequest,
    Omit<RunToEndOptions<SwapState, SwapEvent>, 'approved' | 'isApproved' | 'logger' | 'clock'> {}

/** Result of a swap. */
export type SwapResult = RunResult<SwapState, SwapEvent>;

/** Options of `StackSwap.requestRollBack`. */
export interface RequestRollBackOptions extends CallOptions {
  /**
   * Person or program that asks, for the record.
   * @default none
   */
  readonly requestedBy?: string | undefined;
}

/** Options of `StackSwap.resume`. */
export interface ResumeOptions extends CallOptions {
  /**
   * Seconds after which the call returns, whatever the phase. The swap stays under way.
   * @default 3,600
   */
  readonly maxWaitSeconds?: number | undefined;
}

/** Options of `StackSwap.adopt`. */
export interface AdoptOptions extends CallOptions {
  /** Reason, for the record. */
  readonly reason: string;
  /**
   * Adopts a stack that does not have all the traffic.
   * @default false
   */
  readonly despiteProbe?: boolean | undefined;
}

const runSchema = strictObject({
  ...runEntries,
  rollBackAt: advanceEntries.rollBackAt,
  owner: v.optional(v.unknown()),
  incoming: v.optional(v.unknown()),
});

/** @throws InvalidInputError */
export function parseRunOptions(options: SwapRunOptions) {
  const { onEvent, owner, incoming, ...settings } = parseInput('run options', runSchema, options);
  return {
    request: { ...(owner !== undefined && { owner }), ...(incoming !== undefined && { incoming }) },
    settings: { ...settings, onEvent: onEvent as SwapRunOptions['onEvent'] },
  };
}

const advanceSchema = strictObject(advanceEntries);
const requestSchema = strictObject({ ...callOptionsEntries, requestedBy: v.optional(nonEmptyString) });
const resumeSchema = strictObject(waitOptionsEntries);
const adoptSchema = strictObject({
  ...callOptionsEntries,
  reason: nonEmptyString,
  despiteProbe: v.optional(v.boolean(), false),
});
const callSchema = strictObject(callOptionsEntries);

/** @throws InvalidInputError */
export function parseAdvanceOptions(options: unknown) {
  return parseInput('advance options', advanceSchema, options);
}

/** @throws InvalidInputError */
export function parseRequestRollBackOptions(options: unknown) {
  const { requestedBy, ...rest } = parseInput('requestRollBack options', requestSchema, options);
  return { ...rest, requestedBy: requestedBy === undefined ? undefined : truncateReason(requestedBy) };
}

/** @throws InvalidInputError */
export function parseResumeOptions(options: unknown) {
  return parseInput('resume options', resumeSchema, options);
}

/** @throws InvalidInputError */
export function parseAdoptOptions(options: unknown) {
  return parseInput('adopt options', adoptSchema, options);
}

/** @throws InvalidInputError */
export function parseCallOptions(method: string, options: unknown): CallOptions {
  return parseInput(`${method} options`, callSchema, options);
}

/** @throws InvalidInputError */
export function parseReason(method: string, reason: unknown): string {
  return truncateReason(parseInput(method, strictObject({ reason: v.string() }), { reason }).reason);
}
