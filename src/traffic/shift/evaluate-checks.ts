import { throwIfAborted } from '../../core/aws-call.js';
import { messageOf } from '../../core/describe-error.js';
import type { Check, CheckContext, CheckResult } from '../types.js';
import type { CheckEvaluation } from './tally-checks.js';

/**
 * Evaluates all checks side by side. One that throws is an error of its own, and keeps no other from its result.
 *
 * @throws OperationAbortedError as soon as the signal is aborted, also when a check does not heed it.
 */
export async function evaluateChecks(
  checks: readonly Check[],
  context: CheckContext,
  resource: string,
): Promise<CheckEvaluation[]> {
  const { signal } = context;
  throwIfAborted({ signal, resource });
  const evaluations = Promise.all(checks.map((check) => evaluate(check, context)));
  const results = await untilAborted(evaluations, signal);
  // What a check threw because of the abort says nothing about the stack.
  throwIfAborted({ signal, resource });
  return results ?? [];
}

async function evaluate(check: Check, context: CheckContext): Promise<CheckEvaluation> {
  const { name, dryRun = false } = check;
  try {
    return { name, dryRun, result: requireOutcome(await check.evaluate(context)) };
  } catch (error) {
    const detail = messageOf(error);
    return { name, dryRun, result: { outcome: 'error', detail } };
  }
}

/** A check of the user's own may answer anything; what is no outcome is never taken for a pass. */
function requireOutcome(result: CheckResult): CheckResult {
  if (['pass', 'fail', 'inconclusive'].includes(result?.outcome)) return result;
  throw new TypeError(
    `The check gave no outcome: expected pass, fail or inconclusive, got ${JSON.stringify(result?.outcome)}`,
  );
}

async function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T | undefined> {
  if (signal === undefined) return work;
  let stop = () => {};
  const aborted = new Promise<undefined>((resolve) => {
    stop = () => resolve(undefined);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
