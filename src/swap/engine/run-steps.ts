import { messageOf } from '../../core/describe-error.js';
import { classifyFailure } from '../../core/failures.js';
import type { JsonValue } from '../plan/step.js';
import type { PlannedStep } from '../plan/swap-plan.js';
import type { StepRecord } from '../record/types.js';
import { conflictOf } from './claims.js';
import { hasUndoLook } from './decide-group.js';
import { endWithOrphans } from './decide-retire.js';
import type { ItemChange, SwapView } from './decision.js';
import type { RecordSession } from './record-session.js';
import type { CallOutcome, JsonObject, StepCalls } from './step-calls.js';
import {
  changeSteps,
  halt,
  recordDone,
  recordFailure,
  recordOf,
  recordUndone,
  requestRollback,
} from './transitions.js';

/** Process that runs steps. */
export interface StepRunner {
  readonly session: RecordSession;
  readonly calls: StepCalls;
  readonly view: SwapView;
  /** Signal of the caller. */
  readonly signal: AbortSignal;
  readonly now: () => number;
}

/** Runs steps side by side: claims them with one write, calls them, and writes each result. */
export async function runSteps(runner: StepRunner, steps: readonly PlannedStep[]): Promise<void> {
  const befores = await readBefores(runner, steps);
  if (befores === undefined) return;
  const { session, calls, signal } = runner;
  const claim = claimRun(steps, befores, runner.now());
  if (!(await session.update(claim, 'take'))) return;
  const forward = AbortSignal.any([signal, session.signal, session.rollbackSignal]);
  await callAll(runner, steps, {
    call: (step, swap) => calls.run(step, swap, forward),
    resultOf: (step, outcome) => runResult(step, outcome, runner),
  });
}

/** Undoes steps side by side. */
export async function undoSteps(runner: StepRunner, steps: readonly PlannedStep[]): Promise<void> {
  const { session, calls, signal } = runner;
  const now = runner.now();
  const claim = changeSteps(steps, ({ undoClaimedAt = now, failure: _, ...record }) => ({
    ...record,
    undoClaimedAt,
    undoAttempts: (record.undoAttempts ?? 0) + 1,
    undoAttemptedAt: now,
  }));
  if (!(await session.update(claim, 'take'))) return;
  const either = AbortSignal.any([signal, session.signal]);
  await callAll(runner, steps, {
    call: (step, swap) => calls.undo(step, swap, either),
    resultOf: (step, outcome) => undoResult(step, outcome, runner.now()),
  });
}

/** Reads the state before each first change. Returns undefined when one cannot be read: its failure is recorded. */
async function readBefores(
  { session, calls, view, now }: StepRunner,
  steps: readonly PlannedStep[],
): Promise<ReadonlyMap<string, JsonValue> | undefined> {
  const befores = new Map<string, JsonValue>();
  for (const step of steps) {
    // Nothing is undone in retire, and the traffic could move while the state is read.
    if (step.phase === 'retire' || recordOf(view.swap, step.name).claimedAt !== undefined) continue;
    try {
      const before = await calls.before(step, view.swap);
      if (before !== undefined) befores.set(step.name, before);
    } catch (error) {
      if (classifyFailure(error) !== 'final') throw error;
      const failure = `before of step "${step.name}" failed: ${messageOf(error)}`;
      const conclusion = giveUp(step, failure, { ...view, now: now() });
      await session.update(both(recordFailure(step, failure), conclusion));
      return undefined;
    }
  }
  return befores;
}

/** A request to roll back that came first wins: the condition of the write covers both. */
function claimRun(
  steps: readonly PlannedStep[],
  befores: ReadonlyMap<string, JsonValue>,
  now: number,
): ItemChange {
  const claim = changeSteps(steps, ({ claimedAt = now, failure: _, ...record }, name) => {
    const before = befores.get(name);
    return {
      ...record,
      ...(before !== undefined && { before }),
      claimedAt,
      attempts: (record.attempts ?? 0) + 1,
      attemptedAt: now,
    };
  });
  return (item) => (item.swap?.wanted === 'back' ? undefined : claim(item));
}

interface StepCallKind {
  readonly call: (step: PlannedStep, swap: SwapView['swap']) => Promise<CallOutcome>;
  readonly resultOf: (step: PlannedStep, outcome: CallOutcome) => StepResult;
}

/** Changes of the record after one call. */
interface StepResult {
  readonly change: ItemChange;
  /** Change after the last call of the group. */
  readonly conclusion?: ItemChange;
}

/** The write of the last result releases the claim. */
async function callAll(
  { session }: StepRunner,
  steps: readonly PlannedStep[],
  { call, resultOf }: StepCallKind,
): Promise<void> {
  const { swap } = session.item ?? {};
  if (swap === undefined) return;
  let open = steps.length;
  let conclude: ItemChange = (item) => item;
  const errors: unknown[] = [];
  const callOne = async (step: PlannedStep) => {
    await requireClaim(session);
    const outcome = await call(step, swap);
    open -= 1;
    const { change, conclusion } = resultOf(step, outcome);
    if (conclusion !== undefined) conclude = both(conclude, conclusion);
    if (open === 0) await session.update(both(change, conclude), 'release');
    else await session.update(change);
  };
  await Promise.all(
    steps.map((step) =>
      callOne(step).catch((error: unknown) => {
        errors.push(error);
      }),
    ),
  );
  if (errors.length > 0) throw errors[0];
}

/** No change starts in the last part of a claim: the claim is renewed first. */
export async function requireClaim(session: RecordSession): Promise<void> {
  if (session.mayStartChange()) return;
  await session.update((item) => item);
  if (!session.mayStartChange()) {
    throw conflictOf('The claim ends too soon for a change', session.item?.application ?? 'unknown');
  }
}

function runResult(step: PlannedStep, outcome: CallOutcome, { view, now }: StepRunner): StepResult {
  if (outcome.status === 'aborted') return { change: (item) => item };
  if (outcome.status === 'failed') {
    const change = recordFailure(step, outcome.failure);
    if (!outcome.isFinal && step.repeatable) return { change };
    const failure = `step "${step.name}" failed: ${outcome.failure}`;
    return { change, conclusion: giveUp(step, failure, { ...view, now: now() }) };
  }
  const ran = returned(step, outcome.memory, { ranAt: now() });
  return { change: outcome.isVerified ? both(ran, recordDone([step], now())) : ran };
}

function undoResult(step: PlannedStep, outcome: CallOutcome, now: number): StepResult {
  if (outcome.status === 'aborted') return { change: (item) => item };
  if (outcome.status === 'failed') {
    const reason = `undo of step "${step.name}" failed: ${outcome.failure}`;
    const change = recordFailure(step, outcome.failure);
    return outcome.isFinal ? { change, conclusion: halt(reason, now) } : { change };
  }
  const undone = returned(step, outcome.memory, { undoRanAt: now });
  const isUndone = outcome.isVerified || !hasUndoLook(step);
  return { change: isUndone ? both(undone, recordUndone([step], now)) : undone };
}

/** Returns the change that follows from a step that cannot be completed. */
function giveUp(step: PlannedStep, failure: string, view: SwapView): ItemChange {
  if (step.phase !== 'retire') return requestRollback(failure);
  // The orphans are those of the newest record, because other steps of the group can have ended meanwhile.
  return (item) => item.swap && endWithOrphans({ ...view, item, swap: item.swap }, failure)(item);
}

function returned(step: PlannedStep, memory: JsonObject, times: Partial<StepRecord>): ItemChange {
  const isEmpty = Object.keys(memory).length === 0;
  return changeSteps([step], ({ memory: _, failure: __, ...record }) => ({
    ...record,
    ...times,
    ...(!isEmpty && { memory }),
  }));
}

/** Combines two changes. The second one counts only when it applies. */
export function both(first: ItemChange, second: ItemChange): ItemChange {
  return (item) => {
    const changed = first(item);
    return changed && (second(changed) ?? changed);
  };
}
