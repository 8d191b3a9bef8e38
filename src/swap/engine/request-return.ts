import type { CallOptions } from '../../core/aws-call.js';
import { ResourceStateError } from '../../core/errors.js';
import { partnerOf, type StackReference } from '../../core/stack-reference.js';
import { truncateReason } from '../../resumable/truncate-reason.js';
import { SwapPastReturnError } from '../errors.js';
import { type PlannedStep, type SwapPlan, stepsIn } from '../plan/swap-plan.js';
import type { EndedSwap, SwapOwner, SwapRecordItem, SwapUnderWay } from '../record/types.js';
import { isSameOwner } from './begin-swap.js';
import type { RecordSession } from './record-session.js';
import { openSession } from './run-pass.js';
import type { SwapDependencies } from './swap-dependencies.js';
import type { SwapEvent } from './swap-events.js';
import { changeSwap, isPastReturn, recordOf } from './transitions.js';

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
  dependencies: SwapDependencies,
  session: RecordSession,
  { reason, requestedBy }: ReturnRequest,
): Promise<void> {
  const now = dependencies.clock.now();
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
  if (swap === undefined) throw endedError(dependencies.application, session.item?.ended.at(-1));
  if (isPastReturn(swap)) throw pastReturnError(dependencies, swap);
}

async function requireReturnable(
  dependencies: SwapDependencies,
  swap: SwapUnderWay,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (isPastReturn(swap)) throw pastReturnError(dependencies, swap);
  const { switch: mover } = dependencies;
  if (mover.kind === 'shift') return;
  const owner = await mover.statusOf(swap.owner, { signal });
  if (owner.state === 'succeeded') throw pastReturnError(dependencies, swap, owner.detail);
}

/** Creates the error about a swap whose outgoing stack is, or will be, switched off. */
function pastReturnError(
  { application, plan, switch: mover }: SwapDependencies,
  swap: SwapUnderWay,
  detail?: string,
): SwapPastReturnError {
  const outgoing = partnerOf(swap.incoming);
  const phase = swap.haltedIn === undefined ? swap.phase : `halted in ${swap.haltedIn}`;
  const off = isPastReturn(swap) ? `: ${outgoing} is being switched off (${retireState(plan, swap)})` : '';
  return new SwapPastReturnError(`The swap of ${application} cannot be rolled back any more`, {
    resource: application,
    expected: `a swap that still can return the traffic to ${outgoing}`,
    actual: `phase ${phase}${off}${detail === undefined ? '' : `; ${detail}`}`,
    remedy: wayBack(outgoing, swap, mover.kind),
  });
}

function wayBack(
  outgoing: StackReference,
  { phase }: SwapUnderWay,
  kind: 'codeDeploy' | 'ecs' | 'shift',
): string {
  if (phase === 'halted') return `To return, remove the cause of the halt, resume, then swap to ${outgoing}`;
  if (kind === 'shift') return `To return, wait for its end or resume it, then swap to ${outgoing}`;
  const deploy = `To return, deploy the old version again, bound to ${outgoing}`;
  return phase === 'baking' || phase === 'retiring'
    ? `${deploy}. It need not wait: its swap takes over the steps of retire`
    : deploy;
}

/** Lists the steps of `retire`. */
function retireState(plan: SwapPlan, swap: SwapUnderWay): string {
  const steps = stepsIn(plan, 'retire');
  const isDone = ({ name }: PlannedStep) => recordOf(swap, name).doneAt !== undefined;
  const lists = {
    done: steps.filter(isDone),
    left: steps.filter((step) => !isDone(step)),
    'deletes data': steps.filter(({ deletes }) => deletes),
  };
  return Object.entries(lists)
    .map(([title, list]) => `${title}: ${list.map(({ name }) => `"${name}"`).join(', ') || 'none'}`)
    .join('; ');
}

/** Creates the error about a swap that has ended. */
function endedError(application: string, line: EndedSwap | undefined): SwapPastReturnError {
  return new SwapPastReturnError(`The swap of ${application} cannot be rolled back any more`, {
    resource: application,
    expected: 'a swap under way',
    actual: line === undefined ? 'none' : `one to ${line.incoming} that has ended: ${line.end}`,
    remedy: line?.end === 'succeeded' ? `To return, begin a swap to ${partnerOf(line.incoming)}` : undefined,
  });
}

function noSwapError(
  { application }: SwapDependencies,
  item: SwapRecordItem | undefined,
  swapId: string | undefined,
): Error {
  const line = swapId === undefined ? item?.ended.at(-1) : item?.ended.findLast(({ id }) => id === swapId);
  if (line?.end === 'succeeded') return endedError(application, line);
  return new ResourceStateError(`No swap of ${application} is under way`, {
    resource: application,
    expected: swapId ?? 'a swap under way',
    actual: line === undefined ? 'none' : `a swap that was ${line.end}`,
  });
}
