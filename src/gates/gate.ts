import * as v from 'valibot';
import { OperationAbortedError } from '../core/errors.js';
import type { Permission } from '../core/permissions.js';
import { abortSignal, stackReference, time } from '../core/schemas.js';
import { settlesWithin } from '../core/settles-within.js';
import type { StackReference } from '../core/stack-reference.js';
import { clockSchema } from '../core/tool-options.js';
import { parseInput } from '../core/validate.js';
import type { Check, CheckContext, CheckResult } from '../traffic/types.js';

/**
 * Reading of a gate.
 *
 * - `open`: the condition holds.
 * - `closed`: the condition does not hold yet.
 * - `early`: the evidence cannot be complete yet.
 * - `broken`: waiting does not help.
 * - `unknown`: there is no data.
 */
export interface GateReading {
  readonly state: 'open' | 'closed' | 'early' | 'broken' | 'unknown';
  /** Sentence with the measurement and its bound. */
  readonly detail: string;
  readonly value?: number | undefined;
}

/** Context of one reading. The signal is aborted at the time limit too. */
export type GateContext = Omit<CheckContext, 'signal'> & { readonly signal: AbortSignal };

/** Parsed settings that every gate has. */
export interface GateSettings {
  readonly dryRun: boolean;
  readonly whileClosed: 'wait' | 'fail';
  /** Undefined for a reading with time limits of its own. */
  readonly timeoutSeconds: number | undefined;
}

interface GateParts {
  readonly name: string;
  readonly settings: GateSettings;
  readonly permissions: readonly Permission[];
  /** Seconds that a reading waits by itself, in addition to the time limit of its responses. */
  readonly pauseSeconds?: number;
  readonly read: (context: GateContext) => Promise<GateReading>;
}

const contextSchema = v.object({
  incoming: stackReference,
  outgoing: stackReference,
  now: time,
  weightsSince: time,
  startedAt: time,
  clock: clockSchema,
  signal: v.optional(abortSignal),
});

/**
 * Creates a gate: a {@link Check} for a shift, which `check` of `…/swap` makes a step. A step of its own would repeat the retries and
 * the memory of that step, so a gate is a check only.
 */
export function createGate({ name, settings, permissions, pauseSeconds = 0, read }: GateParts): Check {
  const { dryRun, whileClosed, timeoutSeconds } = settings;
  const limitSeconds = timeoutSeconds === undefined ? undefined : timeoutSeconds + pauseSeconds;
  return {
    name,
    dryRun,
    permissions,
    async evaluate(context) {
      parseInput('Check context', contextSchema, context);
      const reading = await withinTime(context, { name, timeoutSeconds, limitSeconds }, read);
      return resultOf(reading, whileClosed);
    },
  };
}

/** Returns the stack that a gate judges. */
export function stackOf(
  side: 'incoming' | 'outgoing',
  context: Pick<CheckContext, 'incoming' | 'outgoing'>,
): StackReference {
  return context[side];
}

/** Converts a reading. Only an open gate passes. */
function resultOf({ state, detail, value }: GateReading, whileClosed: 'wait' | 'fail'): CheckResult {
  const measured = { detail, ...(value !== undefined && { value }) };
  if (state === 'open') return { outcome: 'pass', ...measured };
  if (state === 'broken' || (state === 'closed' && whileClosed === 'fail'))
    return { outcome: 'fail', ...measured };
  if (state === 'unknown') return { outcome: 'inconclusive', ...measured };
  return { outcome: 'inconclusive', ...measured, undecided: true };
}

/** Reads until the time is over or the signal of the context is aborted, also when a call ignores its signal. */
async function withinTime(
  context: CheckContext,
  {
    name,
    timeoutSeconds,
    limitSeconds,
  }: {
    readonly name: string;
    readonly timeoutSeconds: number | undefined;
    readonly limitSeconds: number | undefined;
  },
  read: GateParts['read'],
): Promise<GateReading> {
  const { clock, signal } = context;
  const limit = new AbortController();
  const abort = () => limit.abort(signal?.reason);
  if (signal?.aborted) abort();
  const aborted = new Promise<never>((_, reject) => {
    const fail = () => reject(new OperationAbortedError({ resource: name, cause: limit.signal.reason }));
    limit.signal.addEventListener('abort', fail, { once: true });
  });
  signal?.addEventListener('abort', abort, { once: true });
  try {
    const reading = Promise.race([read({ ...context, signal: limit.signal }), aborted]);
    if (limitSeconds === undefined || (await settlesWithin(reading, limitSeconds * 1000, clock)))
      return await reading;
    return { state: 'unknown', detail: `no response within ${timeoutSeconds} s` };
  } finally {
    limit.abort();
    signal?.removeEventListener('abort', abort);
  }
}
