import { messageOf } from '../../core/describe-error.js';
import { ToolkitError } from '../../core/errors.js';
import { classifyFailure } from '../../core/failures.js';
import { partnerOf, type StackReference } from '../../core/stack-reference.js';
import { SwapInProgressError } from '../errors.js';
import type { SwapOwner, SwapRecordItem, SwapUnderWay } from '../record/types.js';
import type { DeploymentSwitch, OwnerStatus } from '../switches/types.js';
import { beginSwap, boundStack, isSameOwner } from './begin-swap.js';
import { completeOrphan } from './complete-orphans.js';
import { endWithOrphans } from './decide-retire.js';
import type { HookScope } from './decision.js';
import { readPercents } from './read-truth.js';
import { openSession, type PassResult, runPass } from './run-pass.js';
import type { SwapDependencies } from './swap-dependencies.js';

/** Settings of the swap of a deployment. */
export type DeploymentSwap = SwapDependencies & {
  readonly switch: DeploymentSwitch;
  readonly sameStack: 'refuse' | 'deployOnly';
};

/** Time that a caller has. */
export interface WakeTime {
  readonly signal: AbortSignal;
  /** Returns the seconds until the caller's time is over. */
  remainingSeconds(): number;
}

/** Result of a wake. */
export type WakeResult =
  /** The work of the scope is done. */
  | { readonly status: 'reached' }
  /** The record has a verdict against the deployment, or the swap was refused before it began. */
  | { readonly status: 'refused'; readonly reason: string }
  /** The swap has nothing to do with the deployment, or waits for AWS. Nothing was changed for it. */
  | { readonly status: 'unchanged'; readonly reason: string }
  /** The caller's time was over first. The next call is useful after the wait. */
  | { readonly status: 'unfinished'; readonly reason: string; readonly waitSeconds: number };

/** Seconds between two attempts after a failure that may pass, or while another process has the claim. */
const retrySeconds = 10;

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

/** A wait in seconds instead of a result. */
interface Pause {
  readonly wait: number;
  readonly reason: string;
}

/**
 * Repeats a read while it fails for now and the caller has time.
 *
 * @throws the last error.
 */
export async function retryRead<Result>(
  { clock }: SwapDependencies,
  { signal, remainingSeconds }: WakeTime,
  read: () => Promise<Result>,
): Promise<Result> {
  for (;;) {
    try {
      return await read();
    } catch (error) {
      const isOver = signal.aborted || retrySeconds >= remainingSeconds();
      if (isOver || classifyFailure(error) === 'final') throw error;
      await clock.sleep(retrySeconds * 1000, signal);
    }
  }
}

/** Longest pause that a caller waits for. */
interface MaxPause {
  /** @default any pause within the caller's time */
  readonly maxPauseSeconds?: number;
}

/** Repeats an attempt while it asks for a pause, or fails for now, until the caller's time is over. */
async function repeat(
  { clock, logger, application }: SwapDependencies,
  { signal, remainingSeconds, maxPauseSeconds = Number.POSITIVE_INFINITY }: WakeTime & MaxPause,
  attempt: () => Promise<WakeResult | Pause>,
): Promise<WakeResult> {
  for (;;) {
    const result = await attempt().catch((error: unknown): Pause => {
      if (signal.aborted || classifyFailure(error) === 'final') throw error;
      const reason = messageOf(error);
      logger.warn('Call of the swap failed and will be retried', { resource: application, error: reason });
      return { wait: retrySeconds, reason };
    });
    if ('status' in result) return result;
    if (result.wait >= remainingSeconds() || result.wait > maxPauseSeconds)
      return { status: 'unfinished', reason: result.reason, waitSeconds: result.wait };
    if (result.wait > 0) await clock.sleep(result.wait * 1000, signal);
  }
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

function sameStack({ sameStack: reaction }: DeploymentSwap, live: StackReference): WakeResult {
  const reason = `the revision is bound to the live stack ${live}`;
  return reaction === 'deployOnly'
    ? { status: 'unchanged', reason }
    : { status: 'refused', reason: `${reason}. Set sameStack: 'deployOnly' to allow such deployments` };
}

/** A refusal changes nothing, and a repeated call gets it again. */
function refusalOf(error: unknown): WakeResult {
  if (ToolkitError.isInstance(error) && ['SWAP_BINDING', 'SWAP_DRIFT'].includes(error.code)) {
    return { status: 'refused', reason: error.message };
  }
  throw error;
}

/** Ends the swap of an earlier deployment. Returns undefined when none is in the way. */
async function endEarlier(
  swap: DeploymentSwap,
  item: SwapRecordItem | undefined,
  owner: SwapOwner,
  time: WakeTime,
): Promise<WakeResult | Pause | undefined> {
  const earlier = item?.swap;
  if (earlier === undefined) return undefined;
  const { signal } = time;
  const status = await swap.switch.statusOf(earlier.owner, { signal });
  if (status.state === 'underWay') return { status: 'refused', reason: inTheWay(earlier, status.detail) };
  const steady = steadyStack(earlier, item?.live, status);
  if (steady !== undefined && (await boundStack(swap, owner, swap.boundBy ?? '', signal)) === steady) {
    return sameStack(swap, steady);
  }
  if (earlier.phase === 'halted') return { status: 'refused', reason: inTheWay(earlier, status.detail) };
  if (status.state === 'succeeded' && (await leaveRetire(swap, earlier, signal))) return undefined;
  swap.logger.info('Continues the swap of an earlier deployment', {
    resource: swap.application,
    swapId: earlier.id,
    owner: owner.id,
  });
  const pass = await runPass(swap, earlier.id, 'follow', time);
  if (pass.status === 'ended') return undefined;
  const until = pass.status === 'waiting' ? pass.until : swap.clock.now() + retrySeconds * 1000;
  const wait = Math.max(0, (until - swap.clock.now()) / 1000);
  return { wait, reason: inTheWay(pass.item?.swap ?? earlier, status.detail) };
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

function inTheWay({ id, phase, phaseSince, haltReason }: SwapUnderWay, detail: string): string {
  return new SwapInProgressError({
    resource: `swap ${id}`,
    swapId: id,
    phase,
    phaseSince,
    expected: 'no swap under way',
    actual: `${phase} since ${new Date(phaseSince).toISOString()} (${haltReason ?? detail})`,
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
