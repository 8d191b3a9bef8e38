import type { CallOptions } from '../../core/aws-call.js';
import { partnerOf } from '../../core/stack-reference.js';
import { type PlannedStep, stepsIn } from '../plan/swap-plan.js';
import type { OrphanStep, StepRecord, SwapRecordItem, SwapUnderWay } from '../record/types.js';
import { conflictOf } from './claims.js';
import type { ItemChange } from './decision.js';
import { readPercents } from './read-truth.js';
import type { RecordSession } from './record-session.js';
import { openSession } from './run-pass.js';
import { StepCalls } from './step-calls.js';
import type { SwapDependencies } from './swap-dependencies.js';
import type { SwapEvent } from './swap-events.js';
import { withPending } from './transitions.js';

/** Result of one attempt to complete the first orphan. */
export type OrphanResult =
  /** No orphan is left, or a swap is under way that takes them over. */
  | { readonly status: 'none' }
  | { readonly status: 'completed'; readonly step: string }
  | { readonly status: 'blocked'; readonly step: string; readonly detail: string };

/**
 * Completes the first step of `retire` that an ended swap has left. It runs only while the other stack has all the traffic and no
 * deployment is under way.
 *
 * @throws errors of the record and the switch; SwapConflictError while another process has the claim.
 */
export async function completeOrphan(
  dependencies: SwapDependencies,
  { signal = new AbortController().signal }: CallOptions = {},
): Promise<OrphanResult> {
  const events: SwapEvent[] = [];
  const session = await openSession(dependencies, events);
  const [orphan] = session.item?.orphans ?? [];
  if (session.item === undefined || session.item.swap !== undefined || orphan === undefined) {
    return { status: 'none' };
  }
  if (session.otherClaimUntil() !== undefined)
    throw conflictOf('Another process has the claim', session.item.application);
  const step = stepsIn(dependencies.plan, 'retire').find(({ name }) => name === orphan.step);
  if (step === undefined) return blocked(orphan, 'the plan has no such step any more');
  try {
    return await complete(dependencies, session, { orphan, step, signal });
  } finally {
    await session.release();
  }
}

function blocked({ step }: OrphanStep, detail: string): OrphanResult {
  return { status: 'blocked', step, detail };
}

/** Returns the reason why the orphan must not run now. */
async function obstacleOf(
  dependencies: SwapDependencies,
  { owner, stack }: OrphanStep,
  { side }: PlannedStep,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { switch: mover } = dependencies;
  if (mover.kind !== 'shift' && (await mover.isAnotherUnderWay(owner, { signal }))) {
    return 'another deployment is under way';
  }
  const percents = await readPercents(dependencies, signal);
  const live = side === 'incoming' ? stack : partnerOf(stack);
  if (percents[live] === 100 && percents[partnerOf(live)] === 0) return undefined;
  return `expected 100 % for ${live}, got ${percents[live]} % (${partnerOf(live)}: ${percents[partnerOf(live)]} %)`;
}

interface OrphanCall {
  readonly orphan: OrphanStep;
  readonly step: PlannedStep;
  readonly signal: AbortSignal;
}

async function complete(
  dependencies: SwapDependencies,
  session: RecordSession,
  { orphan, step, signal }: OrphanCall,
): Promise<OrphanResult> {
  const { application, clock, logger } = dependencies;
  const swap = swapOf(orphan, step);
  const calls = new StepCalls({ application, clock, logger, signal });
  const completed = (): OrphanResult => {
    const { stack } = orphan;
    logger.info('Completed step of ended swap', { resource: application, step: orphan.step, stack });
    return { status: 'completed', step: orphan.step };
  };
  const answer = step.source.isDone === undefined ? false : await calls.look(step, swap, 'done');
  if (typeof answer === 'object') return blocked(orphan, answer.failure);
  if (answer) {
    await session.update(dropOrphan(orphan, step, clock.now()));
    return completed();
  }
  const { claimedAt, ranAt } = orphan.record ?? {};
  if (ranAt !== undefined && clock.now() < ranAt + step.maxWaitSeconds * 1000) {
    return blocked(orphan, 'not done yet');
  }
  if (!step.repeatable && claimedAt !== undefined) {
    return blocked(orphan, `it must not run again: ${orphan.reason}`);
  }
  // Read last, because the traffic can move during a look.
  const obstacle = await obstacleOf(dependencies, orphan, step, signal);
  if (obstacle !== undefined) return blocked(orphan, obstacle);
  if (!(await session.update(claimOrphan(orphan, clock.now()), 'take'))) return { status: 'none' };
  if (!session.mayStartChange()) throw conflictOf('The claim ends too soon for a change', application);
  const claimed = session.item?.orphans.find((it) => isSame(it, orphan)) ?? orphan;
  const outcome = await calls.run(step, swapOf(claimed, step), AbortSignal.any([signal, session.signal]));
  if (outcome.status === 'returned' && outcome.isVerified) {
    await session.update(dropOrphan(orphan, step, clock.now()), 'release');
    return completed();
  }
  if (outcome.status === 'returned') {
    const { memory } = outcome;
    await session.update(changeOrphan(orphan, { ranAt: clock.now(), memory }), 'release');
  }
  const failure = outcome.status === 'failed' ? outcome.failure : 'not done yet';
  logger.warn('Could not complete step of ended swap', { resource: application, step: orphan.step, failure });
  return blocked(orphan, failure);
}

/** The orphan's own swap, as its steps see it. */
function swapOf({ swapId, owner, stack, record }: OrphanStep, { name, side }: PlannedStep): SwapUnderWay {
  return {
    id: swapId,
    owner,
    incoming: side === 'incoming' ? stack : partnerOf(stack),
    phase: 'retiring',
    beganAt: 0,
    phaseSince: 0,
    wanted: 'forward',
    plan: [],
    steps: record === undefined ? {} : { [name]: record },
  };
}

function isSame(one: OrphanStep, other: OrphanStep): boolean {
  return one.swapId === other.swapId && one.step === other.step;
}

function dropOrphan(orphan: OrphanStep, { name, propagationSeconds }: PlannedStep, now: number): ItemChange {
  return (item) => {
    if (!has(item, orphan)) return undefined;
    const rest = { ...item, orphans: item.orphans.filter((it) => !isSame(it, orphan)) };
    return withPending(rest, { [name]: now + propagationSeconds * 1000 }, now);
  };
}

/** A swap that begins meanwhile takes the orphan over. */
function claimOrphan(orphan: OrphanStep, now: number): ItemChange {
  const { claimedAt = now, attempts = 0 } = orphan.record ?? {};
  const claim = changeOrphan(orphan, { claimedAt, attempts: attempts + 1, attemptedAt: now });
  return (item) => (item.swap === undefined ? claim(item) : undefined);
}

/** The next attempt only looks while the change is on its way: a repeated purge would never be done. */
function changeOrphan(orphan: OrphanStep, record: StepRecord): ItemChange {
  const changed = (it: OrphanStep) => ({ ...it, record: { ...it.record, ...record } });
  return (item) =>
    has(item, orphan)
      ? { ...item, orphans: item.orphans.map((it) => (isSame(it, orphan) ? changed(it) : it)) }
      : undefined;
}

function has({ orphans }: SwapRecordItem, orphan: OrphanStep): boolean {
  return orphans.some((it) => isSame(it, orphan));
}
