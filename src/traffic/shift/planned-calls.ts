import type { ShiftRules } from './decision.js';
import type { ResolvedShiftRequest } from './shift-request.js';
import { setupPollSeconds } from './target-setup.js';

/**
 * Returns the maximum number of `advance` calls of a shift in which every call succeeds and every check passes: two for each
 * write (its weights become pending, then they are written), one for each evaluation of the checks, each guard and the end of a
 * hold, and two for each approval (one that waits for it, and one after it).
 */
export function plannedCalls(
  { strategy, approvalPercents }: ResolvedShiftRequest,
  rules: ShiftRules,
): number {
  return strategy.steps.reduce(
    (total, { holdSeconds }) => total + 2 + callsInHold(holdSeconds + rules.propagationSeconds(), rules),
    1 + 2 * approvalPercents.length + setupCalls(rules),
  );
}

/** A preparation is written, polled and read back; a completion begins, and is written and read back. */
function setupCalls({ hasSetup, maxSetupSeconds }: ShiftRules): number {
  return hasSetup ? 5 + Math.ceil(maxSetupSeconds / setupPollSeconds) : 0;
}

function callsInHold(holdSeconds: number, rules: ShiftRules): number {
  const { hasChecks, gates, policy } = rules;
  if (!hasChecks) return holdSeconds > 0 ? 1 + guardsIn(holdSeconds, rules) : 0;
  const { initialDelaySeconds, intervalSeconds, successThreshold } = policy;
  const inTime = Math.max(0, Math.floor((holdSeconds - initialDelaySeconds) / intervalSeconds) + 1);
  // Checks are evaluated for longer than the hold until they have passed; one more call follows.
  const evaluations = Math.max(inTime, gates.length > 0 ? successThreshold : 0);
  const before = guardsIn(evaluations > 0 ? initialDelaySeconds : holdSeconds, rules);
  return before + evaluations * (1 + guardsIn(intervalSeconds, rules)) + 1;
}

/** Guards within a time that ends with a call. Each evaluation of the checks is a guard as well. */
function guardsIn(seconds: number, { guardIntervalSeconds }: ShiftRules): number {
  return Math.max(0, Math.ceil(seconds / guardIntervalSeconds) - 1);
}
