import { randomUUID } from 'node:crypto';
import type { CallOptions } from '../../core/aws-call.js';
import type { StackReference } from '../../core/stack-reference.js';
import { SwapBindingError } from '../errors.js';
import type { SwapSettings } from '../swap-options.js';
import type { SwapRequest } from '../swap-state.js';
import { beginSwap } from './begin-swap.js';
import { continueEarlier } from './end-earlier.js';
import type { SwapEvent } from './swap-events.js';

/** Begins the swap of a driver. Where AWS moves the traffic, the swap of an earlier deployment is continued first. */
export async function startSwap(
  settings: SwapSettings,
  { owner = { kind: 'run', id: randomUUID() }, incoming }: SwapRequest,
  { signal }: CallOptions,
): Promise<{ readonly swapId: string; readonly events: readonly SwapEvent[] }> {
  const { application, switch: mover } = settings;
  if (mover.kind !== 'shift') {
    await continueEarlier({ ...settings, switch: mover }, owner, signal ?? new AbortController().signal);
  }
  const begun = await beginSwap(settings, { owner, incoming }, { signal });
  if (begun.status === 'sameStack') throw sameStackError(application, begun.live);
  return begun.status === 'begun'
    ? { swapId: begun.swap.id, events: begun.events }
    : { swapId: begun.swapId, events: [] };
}

function sameStackError(application: string, live: StackReference): SwapBindingError {
  return new SwapBindingError(`The revision is bound to the live stack of ${application}`, {
    resource: application,
    expected: `a revision for the idle stack`,
    actual: live,
    remedy: "Register it for the stack that swap.next() returns, or set sameStack: 'deployOnly' for hotfixes",
  });
}
