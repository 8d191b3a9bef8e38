import { decideLook } from './decide-forward.js';
import type { Decision, SwapView } from './decision.js';
import { watchSeconds } from './limits.js';
import { halt, recordSwitch, requestRollback } from './transitions.js';

/** Moves the traffic, or waits until AWS has moved it, and verifies that the incoming stack has all of it. */
export function decideSwitch(view: SwapView): Decision {
  const { rules, scope } = view;
  if (scope === 'gate') return decideGate(view);
  if (rules.kind === 'shift') return decideShift(view) ?? decideVerification(view);
  return decideVerification(view);
}

/** Before the first production traffic everything that was prepared must still hold. */
function decideGate(view: SwapView): Decision {
  return requirePrepared(view) ?? { action: 'reached' };
}

function requirePrepared(view: SwapView): Decision | undefined {
  return decideLook(view, 'prepare', (failure) => requestRollback(failure), false);
}

/** Advances the traffic shift of this process; undefined when it has succeeded. */
function decideShift(view: SwapView): Decision | undefined {
  const { swap, now } = view;
  const { shift, shiftOutcome, shiftDueAt = now } = swap;
  if (shiftOutcome === 'succeeded') return undefined;
  // Until here everything can be undone unseen by users, so it is verified once more.
  const lost = shift === undefined ? requirePrepared(view) : undefined;
  if (lost !== undefined) return lost;
  if (shiftDueAt > now) return { action: 'wait', until: shiftDueAt, detail: 'the traffic shift' };
  return { action: 'shift', direction: 'forward' };
}

function decideVerification({ swap, truth, scope, now }: SwapView): Decision {
  if (truth.percents === undefined) return { action: 'ask', question: 'traffic' };
  const percent = truth.percents[swap.incoming];
  if (percent === 100) return { action: 'write', change: recordSwitch(now) };
  const detail = `the ${swap.incoming} stack to have 100 % of the traffic, got ${percent} %`;
  // A deployment that has succeeded moves no more traffic: another change has taken some away.
  if (truth.owner?.state === 'succeeded') {
    return {
      action: 'write',
      change: halt(`deployment ${swap.owner.id} has succeeded; expected ${detail}`, now),
    };
  }
  if (scope === 'follow') return { action: 'leave', detail };
  return { action: 'wait', until: now + watchSeconds * 1000, detail };
}
