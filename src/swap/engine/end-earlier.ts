import { partnerOf, type StackReference } from '../../core/stack-reference.js';
import { SwapInProgressError } from '../errors.js';
import type { SwapOwner, SwapRecordItem, SwapUnderWay } from '../record/types.js';
import type { DeploymentSwitch, OwnerStatus } from '../switches/types.js';
import { boundStack, isSameOwner } from './begin-swap.js';
import { endWithOrphans } from './decide-retire.js';
import { readPercents } from './read-truth.js';
import { openSession, runPass } from './run-pass.js';
import type { SwapDependencies } from './swap-dependencies.js';
import { type Pause, retrySeconds, type WakeResult, type WakeTime } from './wake-loop.js';

/** Settings of the swap of a deployment. */
export type DeploymentSwap = SwapDependencies & {
  readonly switch: DeploymentSwitch;
  readonly sameStack: 'refuse' | 'deployOnly';
};

/** Next step after a refusal: the deployment has failed and does not wait. */
const refusedRemedy = 'This deployment fails. Start it again after the end of that swap';

/** Ends the swap of an earlier deployment. Returns undefined when none is in the way. */
export async function endEarlier(
  swap: DeploymentSwap,
  item: SwapRecordItem | undefined,
  owner: SwapOwner,
  time: WakeTime,
): Promise<WakeResult | Pause | undefined> {
  const earlier = item?.swap;
  if (earlier === undefined) return undefined;
  const { signal } = time;
  const status = await swap.switch.statusOf(earlier.owner, { signal });
  if (status.state === 'underWay')
    return { status: 'refused', reason: inTheWay(earlier, status.detail, refusedRemedy) };
  const steady = steadyStack(earlier, item?.live, status);
  if (steady !== undefined && (await boundStack(swap, owner, swap.boundBy ?? '', signal)) === steady) {
    return sameStack(swap, steady);
  }
  if (earlier.phase === 'halted')
    return { status: 'refused', reason: inTheWay(earlier, status.detail, refusedRemedy) };
  if (status.state === 'succeeded' && (await leaveRetire(swap, earlier, signal))) return undefined;
  swap.logger.info('Continues the swap of an earlier deployment', {
    resource: swap.application,
    swapId: earlier.id,
    owner: owner.id,
  });
  const pass = await runPass(swap, earlier.id, 'follow', { signal, caller: owner });
  if (pass.status === 'ended') return undefined;
  const until = pass.status === 'waiting' ? pass.until : swap.clock.now() + retrySeconds * 1000;
  const wait = Math.max(0, (until - swap.clock.now()) / 1000);
  return { wait, reason: inTheWay(pass.item?.swap ?? earlier, status.detail) };
}

/** Ends the swap of an earlier deployment as far as that goes without a wait. */
export async function continueEarlier(
  swap: DeploymentSwap,
  owner: SwapOwner,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    const { item } = await openSession(swap, []);
    if (item?.swap === undefined || isSameOwner(item.swap.owner, owner)) return;
    const time = { signal, remainingSeconds: () => 0 };
    const result = await endEarlier(swap, item, owner, time);
    if (result === undefined || 'status' in result || result.wait > 0) return;
  }
}

/** Returns the reaction to a revision of the live stack. */
export function sameStack({ sameStack: reaction }: DeploymentSwap, live: StackReference): WakeResult {
  const reason = `the revision is bound to the live stack ${live}`;
  return reaction === 'deployOnly'
    ? { status: 'unchanged', reason }
    : { status: 'refused', reason: `${reason}. Set sameStack: 'deployOnly' to allow such deployments` };
}

/**
 * Returns the stack that an earlier swap leaves on in any case. A deployment of it must not wait for the swap: it can be the one that
 * returns the traffic for which the swap waits, after a deployment that was stopped without a rollback.
 */
function steadyStack(
  { wanted, incoming }: SwapUnderWay,
  live: StackReference | undefined,
  { state }: OwnerStatus,
): StackReference | undefined {
  if (wanted === 'back' || state === 'ended') return partnerOf(incoming);
  return live === incoming ? incoming : undefined;
}

function inTheWay(
  { id, phase, phaseSince, haltReason }: SwapUnderWay,
  detail: string,
  remedy?: string,
): string {
  return new SwapInProgressError({
    resource: `swap ${id}`,
    swapId: id,
    phase,
    phaseSince,
    expected: 'no swap under way',
    actual: `${phase} since ${new Date(phaseSince).toISOString()} (${haltReason ?? detail})`,
    remedy,
  }).message;
}

/**
 * Leaves the steps of `retire` to the next swap, which prepares the same stack. They could not run anyway: the caller's own deployment
 * is under way. Returns false when the swap is not there yet, or when the traffic is not where it left it.
 */
async function leaveRetire(
  swap: DeploymentSwap,
  { id, phase, incoming }: SwapUnderWay,
  signal: AbortSignal,
): Promise<boolean> {
  if (phase !== 'baking' && phase !== 'retiring') return false;
  const percents = await readPercents(swap, signal);
  if (percents[incoming] !== 100 || percents[partnerOf(incoming)] !== 0) return false;
  const session = await openSession(swap, []);
  const now = swap.clock.now();
  const { plan, rules } = swap;
  return session.update((item) => {
    if (item.swap?.id !== id || item.swap.wanted === 'back') return undefined;
    const view = {
      item,
      swap: item.swap,
      plan,
      rules,
      scope: 'follow',
      truth: { answers: {} },
      now,
    } as const;
    return endWithOrphans(view, 'left to the next swap')(item);
  });
}
