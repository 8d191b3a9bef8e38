import { ResourceStateError } from '../../core/errors.js';
import { sleep } from '../../core/sleep.js';
import { partnerOf, type StackReference } from '../../core/stack-reference.js';
import { evaluateChecks } from '../../traffic/shift/evaluate-checks.js';
import type { CheckTally } from '../../traffic/shift/shift-state.js';
import {
  type ResolvedPolicy,
  reasonToRollBack,
  stillToPass,
  tally,
} from '../../traffic/shift/tally-checks.js';
import type { Check, CheckContext } from '../../traffic/types.js';
import type { Canary } from './canary.js';
import type { RolloutContext } from './context.js';
import { TargetWatch, timedOut } from './watch-canary.js';

/** The longest time between two looks at the canary, in seconds. */
const lookSeconds = 10;

/** How long the canary is watched, and what has to hold meanwhile. */
export interface Observation {
  /** The stack whose service is rolled. */
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
  const { clock } = context;
  const { checks, policy, observeSeconds, checksSeconds } = observation;
  const watch = new TargetWatch(context, canary);
  const gates = checks.filter(({ dryRun }) => dryRun !== true).map(({ name }) => name);
  const since = clock.now();
  const end = since + observeSeconds * 1000;
  let tallies: Readonly<Record<string, CheckTally>> = {};
  let next = since + policy.initialDelaySeconds * 1000;
  for (;;) {
    const now = clock.now();
    if (now >= next) {
      const evaluations = await evaluateChecks(
        checks,
        contextOf(context, observation.stack, since),
        context.resource,
      );
      for (const { name: check, dryRun, result } of evaluations)
        context.tell({ type: 'checkEvaluated', check, dryRun, result });
      tallies = tally(tallies, evaluations, now >= end);
      const reason = reasonToRollBack(tallies, evaluations, policy);
      if (reason !== undefined) throw failed(context, canary, reason);
      next = clock.now() + policy.intervalSeconds * 1000;
    }
    const waiting = stillToPass(tallies, gates, policy);
    if (clock.now() >= end && waiting.length === 0) return;
    if (clock.now() >= end + checksSeconds * 1000) {
      const actual = `no answer that would do of ${waiting.join(', ')}`;
      throw timedOut(context, { expected: 'checks that pass', actual, maxWaitSeconds: checksSeconds });
    }
    const until = clock.now() < end ? Math.min(next, end) : next;
    await sleep(clock, Math.max(0, Math.min(until - clock.now(), lookSeconds * 1000)), context);
    await watch.requireHealthy();
  }
}

/** The whole stack is rolled, so it has the whole weight; the canary's own share is the load balancer's business. */
function contextOf(
  { clock, logger, signal }: RolloutContext,
  incoming: StackReference,
  weightsSince: number,
): CheckContext {
  const outgoing = partnerOf(incoming);
  const weights = { blue: incoming === 'blue' ? 100 : 0, green: incoming === 'green' ? 100 : 0 };
  return { incoming, outgoing, weights, weightsSince, now: clock.now(), clock, logger, signal };
}

function failed({ resource }: RolloutContext, canary: Canary, reason: string): ResourceStateError {
  return new ResourceStateError(`The canary of ${resource} does not hold what is checked: ${reason}`, {
    resource: canary.taskArn,
  });
}
