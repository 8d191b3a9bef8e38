import { ToolkitError } from '../../core/errors.js';
import type { SwapOwner, SwapRecordItem } from '../record/types.js';
import { beginSwap, isSameOwner } from './begin-swap.js';
import { completeOrphan } from './complete-orphans.js';
import type { HookScope } from './decision.js';
import { type DeploymentSwap, endEarlier, sameStack } from './end-earlier.js';
import { openSession, type PassResult, runPass } from './run-pass.js';
import type { SwapDependencies } from './swap-dependencies.js';
import { type MaxPause, type Pause, repeat, type WakeResult, type WakeTime } from './wake-loop.js';

/**
 * Carries out one scope of the swap of a deployment, and begins the swap first where the scope may. The loop of every hook: reads the
 * record and the deployment, decides, acts, and waits while the caller has time. A failure that may pass is retried.
 */
export async function wakeForOwner(
  swap: DeploymentSwap,
  owner: SwapOwner,
  scope: HookScope,
  time: WakeTime & MaxPause & { readonly onSwap?: (swapId: string) => Promise<void> },
): Promise<WakeResult> {
  return repeat(swap, time, async () => {
    const swapId = await swapOf(swap, owner, time).catch(refusalOf);
    if (typeof swapId !== 'string') return swapId;
    await time.onSwap?.(swapId);
    return resultOf(swap, await runPass(swap, swapId, scope, time), swapId);
  });
}

/**
 * Continues whatever is under way behind the hooks: the rollback, the bake, retire, and the steps that an ended swap has left. The
 * record and AWS decide; an event only triggers the call.
 */
export async function wakeForTick(swap: SwapDependencies, time: WakeTime): Promise<WakeResult> {
  // A longer wait is for AWS, and the next tick reads the deployment again.
  return repeat(
    swap,
    { ...time, remainingSeconds: () => time.remainingSeconds(), maxPauseSeconds: 45 },
    async () => {
      const { item } = await openSession(swap, []);
      if (item?.swap !== undefined) {
        const pass = await runPass(swap, item.swap.id, 'follow', time);
        if (pass.status === 'ended') return { wait: 0, reason: 'the swap has ended' };
        return resultOf(swap, pass, item.swap.id);
      }
      const orphan = await completeOrphan(swap, time);
      if (orphan.status === 'completed') return { wait: 0, reason: 'the next step' };
      return orphan.status === 'none'
        ? { status: 'unchanged', reason: 'nothing is under way' }
        : { status: 'unchanged', reason: `step "${orphan.step}": ${orphan.detail}` };
    },
  );
}

function resultOf({ clock }: SwapDependencies, pass: PassResult, swapId: string): WakeResult | Pause {
  switch (pass.status) {
    case 'reached':
      return { status: 'reached' };
    case 'waiting':
      return { wait: Math.max(0, (pass.until - clock.now()) / 1000), reason: pass.detail };
    case 'left': {
      const swap = pass.item?.swap;
      const isVerdict = swap?.wanted === 'back' || swap?.phase === 'halted';
      return { status: isVerdict ? 'refused' : 'unchanged', reason: pass.detail };
    }
    case 'ended':
      return endOf(pass.item, swapId);
  }
}

function endOf(item: SwapRecordItem | undefined, swapId: string): WakeResult {
  const line = item?.ended.findLast(({ id }) => id === swapId);
  if (line?.end === 'succeeded') return { status: 'reached' };
  return { status: 'refused', reason: `the swap was ${line?.end ?? 'ended'}: ${line?.reason ?? 'unknown'}` };
}

/** Returns the ID of the owner's swap, which begins now where it has not. */
async function swapOf(
  swap: DeploymentSwap,
  owner: SwapOwner,
  time: WakeTime,
): Promise<string | WakeResult | Pause> {
  const { item } = await openSession(swap, []);
  if (item?.swap !== undefined && isSameOwner(item.swap.owner, owner)) return item.swap.id;
  const ended = item?.ended.findLast((it) => isSameOwner(it.owner, owner));
  if (ended !== undefined) return endOf(item, ended.id);
  const earlier = await endEarlier(swap, item, owner, time);
  if (earlier !== undefined) return earlier;
  return begin(swap, owner, time);
}

async function begin(
  swap: DeploymentSwap,
  owner: SwapOwner,
  { signal }: WakeTime,
): Promise<string | WakeResult> {
  const begun = await beginSwap(swap, { owner }, { signal });
  if (begun.status === 'ended') return endOf((await openSession(swap, [])).item, begun.swapId);
  if (begun.status === 'begun') return begun.swap.id;
  return sameStack(swap, begun.live);
}

/** A refusal changes nothing, and a repeated call gets it again. */
function refusalOf(error: unknown): WakeResult {
  if (ToolkitError.isInstance(error) && ['SWAP_BINDING', 'SWAP_DRIFT'].includes(error.code)) {
    return { status: 'refused', reason: error.message };
  }
  throw error;
}
