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
import { withPending } from './transitions.js';

/** Result of one attempt to complete the first orphan. */
export type OrphanResult =
  /** No orphan is left, or a swap is under way that takes them over. */
  | { readonly status: 'none' }
  | { readonly status: 'completed'; readonly step: string }
  | { readonly status: 'blocked'; readonly step: string; readonly detail: string };

/**
 * Completes the first step of `retire` that an ended swap has left. It runs only while the other stack has all the traffic and no
 * deployment is under way. A step that is found done is recorded with the claim of the next one.
 *
 * @throws errors of the record and the switch; SwapConflictError while another process has the claim.
 */
export async function completeOrphan(
  dependencies: SwapDependencies,
  { signal = new AbortController().signal }: CallOptions = {},
): Promise<OrphanResult> {
  const session = await openSession(dependencies, []);
  if (firstOrphan(session) === undefined) return { status: 'none' };
  if (session.otherClaimUntil() !== undefined)
    throw conflictOf('Another process has the claim', dependencies.application);
  let completed: OrphanResult = { status: 'none' };
  try {
    for (let orphan = firstOrphan(session); orphan !== undefined; orphan = firstOrphan(session)) {
      const result = await completeOne(dependencies, session, orphan, signal);
      if (result.status !== 'seen') {
        await session.writeNotes();
        return result.status === 'blocked' && completed.status === 'completed' ? completed : result;
      }
      completed = { status: 'completed', step: result.step };
    }
    await session.writeNotes();
    return completed;
  } finally {
    await session.release();
  }
}

/** A swap that is under way takes the orphans over. */
function firstOrphan({ item }: RecordSession): OrphanStep | undefined {
  return item?.swap === undefined ? item?.orphans[0] : undefined;
}

/** A step that is done already is only noted. */
type StepResult = OrphanResult | { readonly status: 'seen'; readonly step: string };

async function completeOne(
  dependencies: SwapDependencies,
  session: RecordSession,
  orphan: OrphanStep,
  signal: AbortSignal,
): Promise<StepResult> {
  const step = stepsIn(dependencies.plan, 'retire').find(({ name }) => name === orphan.step);
  if (step === undefined) return blocked(orphan, 'the plan has no such step any more');
  const { application, clock, logger } = dependencies;
  const calls = new StepCalls({ application, clock, logger, signal });
  const isDone =
    step.source.isDone === undefined ? false : await calls.look(step, swapOf(orphan, step), 'done');
  if (typeof isDone === 'object') return blocked(orphan, isDone.failure);
  if (isDone) {
    session.note(dropOrphan(orphan, step, clock.now()));
    logCompleted(dependencies, orphan);
    return { status: 'seen', step: orphan.step };
  }
  // Read last, because the traffic can move during a look.
  const obstacle =
    obstacleInRecord(orphan, step, clock.now()) ?? (await obstacleOf(dependencies, orphan, step, signal));
  if (obstacle !== undefined) return blocked(orphan, obstacle);
  return run(dependencies, session, calls, { orphan, step, signal });
}

function logCompleted({ application, logger }: SwapDependencies, { step, stack }: OrphanStep): void {
  logger.info('Completed step of ended swap', { resource: application, step, stack });
}

function blocked({ step }: OrphanStep, detail: string): OrphanResult & { status: 'blocked' } {
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

/** Returns the reason why an orphan that is not done must not run now. */
function obstacleInRecord(
  { record, reason }: OrphanStep,
  { maxWaitSeconds, repeatable }: PlannedStep,
  now: number,
): string | undefined {
  const { claimedAt, ranAt } = record ?? {};
  if (ranAt !== undefined && now < ranAt + maxWaitSeconds * 1000) return 'not done yet';
  return !repeatable && claimedAt !== undefined ? `it must not run again: ${reason}` : undefined;
}

async function run(
  dependencies: SwapDependencies,
  session: RecordSession,
  calls: StepCalls,
  { orphan, step, signal }: OrphanCall,
): Promise<OrphanResult> {
  const { application, clock, logger } = dependencies;
  if (!(await session.update(claimOrphan(orphan, clock.now()), 'take'))) return { status: 'none' };
  if (!session.mayStartChange()) throw conflictOf('The claim ends too soon for a change', application);
  const claimed = session.item?.orphans.find((it) => isSame(it, orphan)) ?? orphan;
  const outcome = await calls.run(step, swapOf(claimed, step), AbortSignal.any([signal, session.signal]));
  if (outcome.status === 'returned' && outcome.isVerified) {
    await session.update(dropOrphan(orphan, step, clock.now()), 'release');
    logCompleted(dependencies, orphan);
    return { status: 'completed', step: orphan.step };
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

/** The next attempt only reads while the change is on its way: a repeated purge would never be done. */
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
