import { ElapsedTime } from '../../core/elapsed-time.js';
import { ResourceStateError, WaitTimeoutError } from '../../core/errors.js';
import { settlesWithin } from '../../core/settles-within.js';
import { partnerOf, type StackReference } from '../../core/stack-reference.js';
import type { ResolvedPolicy } from '../../traffic/shift/check-policy.js';
import { evaluateChecks } from '../../traffic/shift/evaluate-checks.js';
import type { CheckTally } from '../../traffic/shift/shift-state.js';
import {
  type CheckEvaluation,
  pendingChecks,
  reasonToRollBack,
  tally,
} from '../../traffic/shift/tally-checks.js';
import type { Check, CheckContext } from '../../traffic/types.js';
import type { RolloutContext } from '../rollout-context.js';
import type { Canary } from './canary.js';
import { TargetWatch } from './target-watch.js';

/** The longest time between two readings of the canary, in seconds. */
const readingSeconds = 10;

/** Duration and checks of an observation. */
export interface Observation {
  /** The stack of the service. */
  readonly stack: StackReference;
  readonly checks: readonly Check[];
  readonly policy: ResolvedPolicy;
  readonly observeSeconds: number;
  /** Seconds after `observeSeconds` that checks may take to pass. */
  readonly checksSeconds: number;
}

/**
 * Watches a canary that takes traffic until its time is over and every check has passed, by the rules of a traffic shift.
 *
 * @throws ResourceStateError when a check fails, or the canary does not stay healthy; WaitTimeoutError
 */
export async function observeChecks(
  context: RolloutContext,
  canary: Canary,
  observation: Observation,
): Promise<void> {
  const { checks, policy, observeSeconds, checksSeconds } = observation;
  const watch = new TargetWatch(context, canary);
  const gates = checks.filter(({ dryRun }) => dryRun !== true).map(({ name }) => name);
  const elapsed = new ElapsedTime(context.clock);
  let tallies: Readonly<Record<string, CheckTally>> = {};
  let lastResult = '';
  let isHealthy = true;
  let next = policy.initialDelaySeconds;
  for (;;) {
    if (elapsed.seconds >= next) {
      const isOvertime = elapsed.seconds >= observeSeconds;
      const evaluations = await evaluate(context, observation, elapsed);
      tallies = tally(tallies, evaluations, isOvertime);
      const reason = reasonToRollBack(tallies, evaluations, policy);
      if (reason !== undefined) throw checkFailed(context, canary, reason);
      lastResult = describeResults(evaluations);
      next = elapsed.seconds + policy.intervalSeconds;
    }
    const waiting = pendingChecks(tallies, gates, policy);
    const isOver = elapsed.seconds >= observeSeconds;
    if (isOver && waiting.length === 0 && isHealthy) return;
    if (waiting.length > 0 && elapsed.seconds >= observeSeconds + checksSeconds) {
      const actual = `no pass of ${waiting.join(', ')}${lastResult && ` (${lastResult})`}`;
      throw notPassed(context, { actual, maxWaitSeconds: checksSeconds });
    }
    const until = isOver ? next : Math.min(next, observeSeconds);
    await elapsed.sleepSeconds(Math.max(0, Math.min(until - elapsed.seconds, readingSeconds)), context);
    isHealthy = await watch.isStillHealthy();
  }
}

async function evaluate(
  context: RolloutContext,
  { checks, stack, observeSeconds, checksSeconds }: Observation,
  elapsed: ElapsedTime,
): Promise<CheckEvaluation[]> {
  const evaluation = evaluateChecks(checks, contextOf(context, stack, elapsed), context.resource);
  const left = observeSeconds + checksSeconds - elapsed.seconds;
  if (!(await settlesWithin(evaluation, Math.max(0, left) * 1000, context.clock))) {
    const actual = `no result of ${checks.map(({ name }) => name).join(', ')}`;
    throw notPassed(context, { actual, maxWaitSeconds: checksSeconds });
  }
  const evaluations = await evaluation;
  for (const { name: check, dryRun, result } of evaluations)
    context.emit({ type: 'checkEvaluated', check, dryRun, result });
  return evaluations;
}

/** The rollout replaces the whole stack, so it has the weight 100. The load balancer decides the canary's own share. */
function contextOf(
  { clock, logger, signal }: RolloutContext,
  incoming: StackReference,
  elapsed: ElapsedTime,
): CheckContext {
  const outgoing = partnerOf(incoming);
  const weights = { blue: incoming === 'blue' ? 100 : 0, green: incoming === 'green' ? 100 : 0 };
  const now = clock.now();
  // Also right when the clock was set back meanwhile.
  const weightsSince = now - elapsed.milliseconds;
  return { incoming, outgoing, weights, weightsSince, startedAt: weightsSince, now, clock, logger, signal };
}

function checkFailed({ resource }: RolloutContext, canary: Canary, reason: string): ResourceStateError {
  return new ResourceStateError(`Canary check failed on ${resource}: ${reason}`, {
    resource: canary.taskArn,
  });
}

function notPassed(
  { resource }: RolloutContext,
  details: { readonly actual: string; readonly maxWaitSeconds: number },
): WaitTimeoutError {
  return new WaitTimeoutError({
    resource: `Canary of ${resource}`,
    expected: 'checks that pass',
    ...details,
  });
}

function describeResults(evaluations: readonly CheckEvaluation[]): string {
  return evaluations.map(({ name, result }) => `${name}: ${result.outcome}, ${result.detail}`).join('; ');
}
