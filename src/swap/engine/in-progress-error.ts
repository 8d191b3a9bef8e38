import { partnerOf } from '../../core/stack-reference.js';
import { SwapInProgressError } from '../errors.js';
import type { SwapUnderWay } from '../record/types.js';
import type { OwnerStatus } from '../switches/types.js';
import type { SwapDependencies } from './swap-dependencies.js';
import { isPastReturn } from './transitions.js';

/** Creates the error about a swap under way, with the status of its owner. */
export async function inProgressError(
  { application, switch: mover }: SwapDependencies,
  swap: SwapUnderWay,
  signal: AbortSignal | undefined,
): Promise<SwapInProgressError> {
  const { id, owner, incoming, phase, phaseSince, haltReason } = swap;
  const status = mover.kind === 'shift' ? undefined : await mover.statusOf(owner, { signal });
  const since = new Date(phaseSince).toISOString();
  const details = [status?.detail, haltReason].filter(Boolean).join('; ');
  return new SwapInProgressError({
    resource: application,
    swapId: id,
    phase,
    phaseSince,
    expected: 'no swap under way',
    actual: `swap ${id} of ${owner.id} to ${incoming}, ${phase} since ${since}${details && ` (${details})`}`,
    remedy: wayPast(swap, status),
  });
}

/** Names the commands that are possible now. A deployment that was refused does not begin by itself later. */
function wayPast(swap: SwapUnderWay, status: OwnerStatus | undefined): string {
  const { phase, wanted, incoming } = swap;
  const again =
    status === undefined ? 'then call again' : 'then call again, or start the refused deployment again';
  const isOver = isPastReturn(swap) || status?.state === 'succeeded';
  if (phase === 'halted') {
    const back = wanted === 'back' || isOver ? '' : ' or roll it back';
    return `Remove the cause of the halt, resume it${back}, ${again}`;
  }
  if (wanted === 'back') return `It rolls back: wait for its end, ${again}`;
  if (!isOver) return `Wait for its end or roll it back, ${again}`;
  const isLeaving = status?.state === 'succeeded' && (phase === 'baking' || phase === 'retiring');
  const begins = `. A deployment for ${partnerOf(incoming)} can begin now: its swap takes over the steps of retire`;
  return `Wait for its end, ${again}${isLeaving ? begins : ''}`;
}
