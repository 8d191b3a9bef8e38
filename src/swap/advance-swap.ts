import type { CallOptions } from '../core/aws-call.js';
import type { Progress } from '../resumable/types.js';
import { requestReturnOf } from './engine/request-return.js';
import { runPass } from './engine/run-pass.js';
import type { SwapEvent } from './engine/swap-events.js';
import { SwapPastReturnError } from './errors.js';
import type { SwapSettings } from './swap-options.js';
import { progressOf } from './swap-progress.js';
import type { SwapState } from './swap-state.js';

/** Progress of a driver. */
type SwapProgress = Progress<SwapState, SwapEvent>;

/** Runs one pass over a swap. From `rollBackAt` on, the swap rolls back first where it still can. */
export async function advanceSwap(
  settings: SwapSettings,
  state: SwapState,
  { signal, rollBackAt }: CallOptions & { readonly rollBackAt?: number | undefined },
): Promise<SwapProgress> {
  if (rollBackAt !== undefined && settings.clock.now() >= rollBackAt) {
    await requestLateRollback(settings, state, rollBackAt);
  }
  return pass(settings, state, { signal });
}

/** Requests that a swap rolls back, and runs one pass over it. */
export async function rollBackSwap(
  settings: SwapSettings,
  state: SwapState,
  reason: string,
  { signal }: CallOptions,
): Promise<SwapProgress> {
  const events = await requestReturnOf(settings, { swapId: state.swapId, reason, signal });
  const progress = await pass(settings, state, { signal });
  return { ...progress, events: [...events, ...progress.events] };
}

async function requestLateRollback(
  settings: SwapSettings,
  { swapId }: SwapState,
  rollBackAt: number,
): Promise<void> {
  const reason = `Not succeeded by ${new Date(rollBackAt).toISOString()}`;
  try {
    await requestReturnOf(settings, { swapId, reason });
  } catch (error) {
    // After the traffic has moved for good the swap can only continue.
    if (!(error instanceof SwapPastReturnError)) throw error;
  }
}

async function pass(
  settings: SwapSettings,
  state: SwapState,
  { signal }: CallOptions,
): Promise<SwapProgress> {
  const { rules, clock } = settings;
  const scope = rules.kind === 'shift' ? 'all' : 'follow';
  return progressOf(await runPass(settings, state.swapId, scope, { signal }), state, clock.now());
}
