import { partnerOf } from '../../core/stack-reference.js';
import type { SwapPhase } from '../record/types.js';
import { decideBack } from './decide-back.js';
import { decidePrepare, decideTest } from './decide-forward.js';
import { decideBake, decideRetire } from './decide-retire.js';
import { decideSwitch } from './decide-switch.js';
import type { Decision, HookScope, SwapScope, SwapView } from './decision.js';
import { lateHookMilliseconds } from './limits.js';
import { halt, requestRollback } from './transitions.js';

/** Number of the phase on the way forward. */
const stages: Partial<Record<SwapPhase, number>> = {
  preparing: 0,
  testing: 1,
  switching: 2,
  baking: 3,
  retiring: 4,
};

/** Phase that ends the work of a hook's scope. */
const reachedAt: Record<HookScope, number> = {
  prepare: 1,
  effect: 2,
  test: 2,
  gate: 3,
  verify: 3,
};

/**
 * Decides the next action of a swap from its record and from what was read since the last change. A fact that is missing is asked
 * for first.
 */
export function decideNext(view: SwapView): Decision {
  const { swap, rules, scope, truth } = view;
  if (swap.phase === 'halted') return { action: 'leave', detail: `halted: ${swap.haltReason ?? 'unknown'}` };
  const isBack = swap.wanted === 'back';
  if (isHookScope(scope)) {
    if (isBack) return { action: 'leave', detail: `rolling back: ${swap.reason ?? 'unknown'}` };
    if ((stages[swap.phase] ?? 0) >= reachedAt[scope]) return { action: 'reached' };
  }
  if (rules.kind !== 'shift' && truth.owner === undefined) return { action: 'ask', question: 'owner' };
  if (isBack) return decideBack(view);
  if (truth.owner?.state === 'ended' && swap.phase !== 'retiring') {
    return { action: 'write', change: requestRollback(truth.owner.detail) };
  }
  return decideForward(view);
}

/** True for the scope of a lifecycle hook, which only moves forward. */
export function isHookScope(scope: SwapScope): scope is HookScope {
  return scope !== 'follow' && scope !== 'all';
}

function decideForward(view: SwapView): Decision {
  const { swap, scope } = view;
  switch (swap.phase) {
    case 'preparing':
    case 'testing':
      if (scope === 'follow') return leaveToHooks(view);
      if (scope === 'verify') return refuseEarlyTraffic(view);
      return swap.phase === 'preparing' ? decidePrepare(view) : decideTest(view);
    case 'switching':
      return decideSwitch(view);
    case 'baking':
      return decideBake(view);
    case 'retiring':
      return decideRetire(view);
    default:
      return { action: 'leave', detail: swap.phase };
  }
}

/** The hooks prepare and test. A deployment that has succeeded without them gave traffic to a stack that is not ready. */
function leaveToHooks({ swap, truth, now }: SwapView): Decision {
  if (truth.owner?.state !== 'succeeded')
    return { action: 'leave', detail: `the hooks of the deployment${lateTime(swap)}` };
  const { incoming, owner, phase } = swap;
  const reason =
    `deployment ${owner.id} has succeeded while the ${incoming} stack was ${phase}: its hooks did not run to their end. ` +
    `Check both stacks, then adopt the live one (${incoming}, or ${partnerOf(incoming)} after another deployment)`;
  return { action: 'write', change: halt(reason, now) };
}

/** The hook that waits for an answer, and the time from which a tick gives it. */
function lateTime({ hook, answers }: SwapView['swap']): string {
  if (hook === undefined || answers?.[hook.name] !== undefined) return '';
  const late = new Date(hook.since + lateHookMilliseconds).toISOString();
  return `: a tick answers ${hook.name} from ${late} on, with Failed unless its work is done`;
}

/** The traffic has moved although BeforeAllowTraffic has not agreed to it, such as in a revision that lacks this hook. */
function refuseEarlyTraffic({ swap }: SwapView): Decision {
  const { incoming, phase } = swap;
  const reason = `the ${incoming} stack got traffic while it was ${phase}: the hook before the traffic did not run`;
  return { action: 'write', change: requestRollback(reason) };
}
