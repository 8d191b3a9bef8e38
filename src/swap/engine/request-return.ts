import type { CallOptions } from '../../core/aws-call.js';
import { ResourceStateError } from '../../core/errors.js';
import { truncateReason } from '../../resumable/truncate-reason.js';
import { SwapPastReturnError } from '../errors.js';
import type { SwapOwner, SwapRecordItem, SwapUnderWay } from '../record/types.js';
import { isSameOwner } from './begin-swap.js';
import type { RecordSession } from './record-session.js';
import { openSession } from './run-pass.js';
import type { SwapDependencies } from './swap-dependencies.js';
import type { SwapEvent } from './swap-events.js';
import { changeSwap, isPastReturn } from './transitions.js';

/** Request to roll a swap back. */
export interface ReturnRequest extends CallOptions {
  /** @default the swap under way */
  readonly swapId?: string | undefined;
  readonly reason: string;
  readonly requestedBy?: string | undefined;
}

/**
 * Writes the request to roll back into the record, beside the claim of any process. Returns the events of the write.
 *
 * @throws SwapPastReturnError when the swap cannot roll back any more; ResourceStateError when none is under way.
 */
export async function requestReturnOf(
  dependencies: SwapDependencies,
  request: ReturnRequest,
): Promise<readonly SwapEvent[]> {
  const events: SwapEvent[] = [];
  const session = await openSession(dependencies, events);
  const { swapId, signal } = request;
  const swap = session.item?.swap;
  if (swap === undefined || (swapId !== undefined && swap.id !== swapId)) {
    if (isRolledBack(session.item, swapId)) return [];
    throw noSwapError(dependencies, session.item, swapId);
  }
  if (swap.wanted === 'forward') await requireReturnable(dependencies, swap, signal);
  await writeRequest(dependencies, session, request);
  return events;
}

/** Requests that the swap of a deployment rolls back, when it is under way. Returns false when it is not. */
export async function requestOwnReturn(
  dependencies: SwapDependencies,
  owner: SwapOwner,
  reason: string,
): Promise<boolean> {
  const session = await openSession(dependencies, []);
  const { swap } = session.item ?? {};
  if (swap === undefined || !isSameOwner(swap.owner, owner)) return false;
  await writeRequest(dependencies, session, { reason, requestedBy: owner.id });
  return true;
}

function isRolledBack(item: SwapRecordItem | undefined, swapId: string | undefined): boolean {
  return item?.ended.findLast(({ id }) => id === swapId)?.end === 'rolledBack';
}

async function writeRequest(
  { application, clock }: SwapDependencies,
  session: RecordSession,
  { reason, requestedBy }: ReturnRequest,
): Promise<void> {
  const now = clock.now();
  const change = changeSwap(({ haltedIn, haltReason: _, ...swap }) => {
    if (swap.wanted === 'back' || isPastReturn({ ...swap, ...(haltedIn && { haltedIn }) })) return undefined;
    // A person's request also ends a halt on the way forward.
    const isHalted = swap.phase === 'halted' && haltedIn !== undefined;
    return {
      ...swap,
      ...(isHalted && { phase: haltedIn, phaseSince: now }),
      wanted: 'back',
      reason: truncateReason(reason),
      ...(requestedBy !== undefined && { requestedBy }),
    };
  });
  if (await session.update(change, 'beside')) return;
  const swap = session.item?.swap;
  if (swap === undefined || isPastReturn(swap)) throw pastReturnError(application, swap);
}

async function requireReturnable(
  { application, switch: mover }: SwapDependencies,
  swap: SwapUnderWay,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (isPastReturn(swap)) throw pastReturnError(application, swap);
  if (mover.kind === 'shift') return;
  const owner = await mover.statusOf(swap.owner, { signal });
  if (owner.state === 'succeeded') throw pastReturnError(application, swap, owner.detail);
}

function pastReturnError(application: string, swap: SwapUnderWay | undefined, detail?: string) {
  return new SwapPastReturnError(`The swap of ${application} cannot be rolled back any more`, {
    resource: application,
    expected: 'a swap whose outgoing stack is still on',
    actual: detail ?? (swap === undefined ? 'a swap that has ended' : `phase ${swap.haltedIn ?? swap.phase}`),
    remedy: 'Begin a new swap to the other stack',
  });
}

function noSwapError(
  { application }: SwapDependencies,
  item: SwapRecordItem | undefined,
  swapId: string | undefined,
): Error {
  const line = swapId === undefined ? item?.ended.at(-1) : item?.ended.findLast(({ id }) => id === swapId);
  if (line?.end === 'succeeded') return pastReturnError(application, undefined);
  return new ResourceStateError(`No swap of ${application} is under way`, {
    resource: application,
    expected: swapId ?? 'a swap under way',
    actual: line === undefined ? 'none' : `a swap that was ${line.end}`,
  });
}
