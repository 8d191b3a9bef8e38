import { EventFeed } from '../core/event-feed.js';
import { functionOf } from '../core/schemas.js';
import { timeLeftOf } from '../core/time-left.js';
import type { DeploymentSwap } from '../swap/engine/end-earlier.js';
import type { SwapEvent } from '../swap/engine/swap-events.js';
import type { EcsSwapHookOptions } from './swap-hook-types.js';

/** Listener of the hooks of a swap. */
type SwapListener = NonNullable<EcsSwapHookOptions['onEvent']>;

/** Schema of a listener. */
export const swapListener = functionOf<SwapListener>();

/** A swap with the feed of its events. */
export type WatchedSwap = DeploymentSwap & { readonly feed: EventFeed<SwapEvent> };

/** Passes the events of a swap to a listener, whatever call of a hook writes them. */
export function watchSwap(swap: DeploymentSwap, onEvent: SwapListener | undefined): WatchedSwap {
  const { application: resource, clock, logger } = swap;
  return { ...swap, feed: new EventFeed({ onEvent, subject: 'swap', resource, clock, logger }) };
}

/** Runs an invocation, and waits for the promises of the listener afterwards: Lambda freezes a function that has returned. */
export async function runWatched<Result>(
  { feed, clock }: WatchedSwap,
  context: unknown,
  invocation: () => Promise<Result>,
): Promise<Result> {
  const left = timeLeftOf(context, clock);
  try {
    return await invocation();
  } finally {
    await feed.settled(left.getRemainingTimeInMillis());
  }
}
