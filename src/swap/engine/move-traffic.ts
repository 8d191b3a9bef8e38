import type { SwapUnderWay } from '../record/types.js';
import type { ShiftAdvance, ShiftSwitch } from '../switches/types.js';
import type { ItemChange } from './decision.js';
import { readItem } from './record-calls.js';
import type { StepRunner } from './run-steps.js';
import { both, requireClaim } from './run-steps.js';
import type { SwapDependencies } from './swap-dependencies.js';
import { changeSwap, halt, requestRollback } from './transitions.js';

/** Advances the traffic shift of this process by one call, forward or back, and stores its state. */
export async function moveTraffic(
  dependencies: SwapDependencies,
  { session, view, signal, now }: StepRunner,
  direction: 'forward' | 'back',
): Promise<void> {
  const { switch: mover } = dependencies;
  if (mover.kind !== 'shift') return;
  const { shift } = view.swap;
  if (shift === undefined) return beginShift(dependencies, mover, { session, view, signal });
  const claim = changeSwap((swap) => (swap.wanted === direction ? swap : undefined));
  if (!(await session.update(claim, 'take'))) return;
  await requireClaim(session);
  const options = { signal: AbortSignal.any([signal, session.signal]) };
  const result =
    direction === 'forward'
      ? await mover.advance(shift, options)
      : await mover.rollBack(shift, view.swap.reason ?? 'The swap is rolled back', options);
  await session.update(resultOf(result, direction, now()), 'release');
}

/** The first state only has readings in it, so no claim is needed. */
async function beginShift(
  dependencies: SwapDependencies,
  mover: ShiftSwitch,
  { session, view, signal }: Pick<StepRunner, 'session' | 'view' | 'signal'>,
): Promise<void> {
  const shift = await mover.begin(view.swap.incoming, { signal }).catch(async (error: unknown) => {
    if (!(await hasBegunShift(dependencies, view.swap))) throw error;
    return undefined;
  });
  if (shift === undefined) return;
  await session.update(changeSwap((swap) => (swap.wanted === 'back' ? undefined : { ...swap, shift })));
}

/** True when another process has begun the shift meanwhile. The traffic that it has moved is no error. */
async function hasBegunShift(dependencies: SwapDependencies, { id }: SwapUnderWay): Promise<boolean> {
  const swap = (await readItem(dependencies))?.swap;
  return swap?.id !== id || swap.shift !== undefined;
}

function resultOf(
  { state, waitSeconds, outcome, reason }: ShiftAdvance,
  direction: 'forward' | 'back',
  now: number,
): ItemChange {
  const stored = changeSwap((swap) => ({
    ...swap,
    shift: state,
    // A request to roll back that came meanwhile must not wait for the hold.
    ...(swap.wanted === direction && { shiftDueAt: now + waitSeconds * 1000 }),
    ...(outcome !== undefined && outcome !== 'halted' && { shiftOutcome: outcome }),
  }));
  const detail = reason === undefined ? '' : `: ${reason}`;
  if (outcome === 'halted') return both(stored, halt(`the traffic shift halted${detail}`, now));
  if (outcome === 'rolledBack' && direction === 'forward') {
    return both(stored, requestRollback(`the traffic shift was rolled back${detail}`, 'traffic shift'));
  }
  return stored;
}

/** Asks AWS to return the traffic. */
export async function requestReturn(
  { switch: mover }: SwapDependencies,
  { session, view, signal, now }: StepRunner,
): Promise<void> {
  if (mover.kind === 'shift') return;
  const claim = changeSwap((swap) => ({ ...swap, returnRequestedAt: now() }));
  if (!(await session.update(claim, 'take'))) return;
  await requireClaim(session);
  const options = { signal: AbortSignal.any([signal, session.signal]) };
  try {
    await mover.returnTraffic(view.swap.owner, view.swap.reason ?? 'The swap is rolled back', options);
  } catch (error) {
    // Users are on the wrong stack: the next attempt must not wait as long as after a request that AWS has accepted.
    const forget = changeSwap(({ returnRequestedAt: _, ...swap }) => swap);
    await session.update(forget, 'release').catch(() => false);
    throw error;
  }
  await session.release();
}
