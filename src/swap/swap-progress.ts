import { ResourceNotFoundError } from '../core/errors.js';
import type { Outcome, Progress } from '../resumable/types.js';
import type { PassResult } from './engine/run-pass.js';
import type { SwapEvent } from './engine/swap-events.js';
import type { SwapEnd, SwapRecordItem } from './record/types.js';
import type { SwapState, SwapStateEnd } from './swap-state.js';

/** Seconds between two calls while AWS, or a hook, is at work. */
const idleSeconds = 60;

/** A swap that a person has ended by hand needs a look at its stacks. */
function outcomeOf(end: SwapEnd): Outcome {
  return end === 'succeeded' || end === 'rolledBack' ? end : 'halted';
}

/** Converts a pass to the progress of a driver. */
export function progressOf(pass: PassResult, state: SwapState, now: number): Progress<SwapState, SwapEvent> {
  const { item, events } = pass;
  const ended = pass.status === 'ended' ? endOf(item, state) : haltOf(item);
  const next: SwapState = { ...baseOf(state), ...rollbackOf(item, state, ended), ...(ended && { ended }) };
  const waitSeconds = pass.status === 'waiting' ? Math.max(0, (pass.until - now) / 1000) : idleSeconds;
  return {
    state: next,
    waitSeconds: ended === undefined ? waitSeconds : 0,
    events,
    ...(ended && { outcome: ended.outcome }),
  };
}

function baseOf({ version, application, swapId }: SwapState): SwapState {
  return { version, application, swapId };
}

function rollbackOf(
  item: SwapRecordItem | undefined,
  { swapId, rollback }: SwapState,
  ended: SwapStateEnd | undefined,
): Pick<SwapState, 'rollback'> {
  const swap = item?.swap?.id === swapId ? item.swap : undefined;
  if (swap?.wanted === 'back') return { rollback: swap.reason ?? 'unknown' };
  if (ended?.outcome === 'rolledBack') return { rollback: ended.reason ?? rollback ?? 'unknown' };
  return {};
}

function haltOf(item: SwapRecordItem | undefined): SwapStateEnd | undefined {
  if (item?.swap?.phase !== 'halted') return undefined;
  return { outcome: 'halted', reason: item.swap.haltReason ?? 'unknown', orphans: [] };
}

/** @throws ResourceNotFoundError for a swap that the record does not know. */
function endOf(item: SwapRecordItem | undefined, { application, swapId }: SwapState): SwapStateEnd {
  const line = item?.ended.findLast(({ id }) => id === swapId);
  if (line === undefined) {
    throw new ResourceNotFoundError(`Swap ${swapId} of ${application} not found in the record`, {
      resource: application,
      expected: swapId,
      actual: item?.swap?.id ?? 'no swap under way',
      remedy: 'Read the status of the application. The record keeps the last 50 swaps',
    });
  }
  const orphans = item?.orphans.filter((it) => it.swapId === swapId).map(({ step }) => step) ?? [];
  const { end, reason } = line;
  return { outcome: outcomeOf(end), orphans, ...(reason !== undefined && { reason }) };
}
