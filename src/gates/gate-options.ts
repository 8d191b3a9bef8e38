import * as v from 'valibot';
import { nonEmptyString, secondsFrom } from '../core/schemas.js';

/** Options of every gate. */
export interface GateOptions {
  /**
   * Name of the check, unique among the checks of a shift.
   * @default the name of the gate and its resource
   */
  readonly name?: string | undefined;
  /**
   * Evaluates the gate and emits its result without deciding on the outcome.
   * @default false
   */
  readonly dryRun?: boolean | undefined;
  /**
   * Outcome while the condition does not hold yet: `'wait'` is inconclusive and undecided, so that a step waits up to its
   * `maxWaitSeconds` and a shift up to the `maxHoldSeconds` of its step. `'fail'` fails at once.
   * @default 'wait'
   */
  readonly whileClosed?: 'wait' | 'fail' | undefined;
  /**
   * Seconds for the responses of one evaluation: more than 0, at most 900. A later response is inconclusive.
   * @default 30
   */
  readonly timeoutSeconds?: number | undefined;
}

/** Options of a gate that judges one of the two stacks. */
export interface StackGateOptions extends GateOptions {
  /**
   * Stack that the gate judges.
   * @default 'incoming'
   */
  readonly stack?: 'incoming' | 'outgoing' | undefined;
}

/** Schema entries of {@link GateOptions}, without a spread, because bundlers keep an unused object that has one. */
export const gateEntries = {
  name: v.optional(nonEmptyString),
  dryRun: v.optional(v.boolean(), false),
  whileClosed: v.optional(v.picklist(['wait', 'fail']), 'wait'),
  timeoutSeconds: v.optional(secondsFrom(0.001, 900), 30),
};

/** Schema entry of {@link StackGateOptions}. */
export const stackEntry = { stack: v.optional(v.picklist(['incoming', 'outgoing']), 'incoming') };

/** Seconds of metric data that a gate judges. */
export const windowEntry = { windowSeconds: v.optional(secondsFrom(60, 86_400), 180) };

/** Limit of a lag or an age. */
export const lagSeconds = v.pipe(
  v.number(),
  v.check((value) => value >= 0 && Number.isFinite(value), 'a number of seconds, 0 or more'),
);
