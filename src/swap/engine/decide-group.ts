import { retrySeconds } from '../../resumable/retry-seconds.js';
import type { PlannedStep, StepGroup } from '../plan/swap-plan.js';
import type { StepRecord, SwapUnderWay } from '../record/types.js';
import type { StepAnswer } from './decision.js';
import { maxRunAttempts, maxUndoAttempts } from './limits.js';
import { recordOf } from './transitions.js';

/** Need of one step. */
export type StepNeed =
  | { readonly need: 'nothing' }
  /** A look at the change. */
  | { readonly need: 'look' }
  /** A record of a change that was seen. */
  | { readonly need: 'record' }
  /** A call of `run` or `undo`. */
  | { readonly need: 'call' }
  | { readonly need: 'wait'; readonly until: number }
  /** The step cannot be completed. */
  | { readonly need: 'person'; readonly failure: string };

/** Needs of a group of steps, by kind. */
export interface GroupNeeds {
  readonly look: readonly PlannedStep[];
  readonly record: readonly PlannedStep[];
  readonly call: readonly PlannedStep[];
  readonly failed: readonly { readonly step: PlannedStep; readonly failure: string }[];
  /** Earliest time at which a waiting step is due. */
  readonly waitUntil: number | undefined;
}

/** Facts for the decision about one step. */
export interface StepFacts {
  readonly record: StepRecord;
  readonly answer: StepAnswer | undefined;
  readonly now: number;
  /** Time since which the group has been due. */
  readonly since: number;
}

/** Collects the needs of a group; undefined when it is complete. */
export function needsOf(
  group: StepGroup,
  swap: SwapUnderWay,
  needOf: (step: PlannedStep, record: StepRecord) => StepNeed,
): GroupNeeds | undefined {
  const needs = group.map((step) => ({ step, ...needOf(step, recordOf(swap, step.name)) }));
  if (needs.every(({ need }) => need === 'nothing')) return undefined;
  const withNeed = (wanted: StepNeed['need']) =>
    needs.filter(({ need }) => need === wanted).map(({ step }) => step);
  const waits = needs.flatMap((it) => (it.need === 'wait' ? [it.until] : []));
  return {
    look: withNeed('look'),
    record: withNeed('record'),
    call: withNeed('call'),
    failed: needs.flatMap((it) => (it.need === 'person' ? [{ step: it.step, failure: it.failure }] : [])),
    waitUntil: waits.length === 0 ? undefined : Math.min(...waits),
  };
}

/** Decides about a step on the way forward. */
export function forwardNeed(step: PlannedStep, facts: StepFacts): StepNeed {
  const { record } = facts;
  if (record.doneAt !== undefined) return { need: 'nothing' };
  if (record.claimedAt === undefined) return needBeforeRun(step, facts);
  if (record.ranAt === undefined) return needAfterUnknownRun(step, facts);
  return needAfterCall(step, facts, {
    hasLook: step.source.isDone !== undefined,
    deadline: record.ranAt + step.maxWaitSeconds * 1000,
    failure: `step "${step.name}" was not done after ${step.maxWaitSeconds} s`,
  });
}

/** A test has to pass in this swap, so an earlier pass does not count. */
function needBeforeRun(step: PlannedStep, { answer, now, since }: StepFacts): StepNeed {
  if (step.phase === 'test' || step.source.isDone === undefined || answer === false) return { need: 'call' };
  if (answer === undefined) return { need: 'look' };
  if (answer === true) return { need: 'record' };
  if (answer.isFinal || now >= since + step.maxWaitSeconds * 1000) {
    return { need: 'person', failure: `step "${step.name}" could not be read: ${answer.failure}` };
  }
  return { need: 'wait', until: now + step.intervalSeconds * 1000 };
}

/** The process stopped during `run`, or `run` failed. Its effect is unknown until a look shows it. */
function needAfterUnknownRun(step: PlannedStep, { record, answer, now }: StepFacts): StepNeed {
  const { attempts = 1, attemptedAt = now, failure } = record;
  const hasLook = step.source.isDone !== undefined;
  if (hasLook && answer === undefined) return { need: 'look' };
  if (answer === true) return { need: 'record' };
  if (!step.repeatable) {
    if (hasLook && failure === undefined && now < attemptedAt + step.maxWaitSeconds * 1000) {
      return { need: 'wait', until: now + step.intervalSeconds * 1000 };
    }
    const outcome = failure === undefined ? 'has an unknown outcome' : `failed: ${failure}`;
    return { need: 'person', failure: `step "${step.name}" ${outcome}, and must not run again` };
  }
  if (attempts >= maxRunAttempts) {
    return {
      need: 'person',
      failure: `step "${step.name}" failed ${attempts} times: ${failure ?? 'the process stopped each time'}`,
    };
  }
  const pause = failure === undefined ? 0 : retrySeconds(attempts, { isRollingBack: false });
  return dueAt(attemptedAt + pause * 1000, now);
}

/** Decides about a step in a rollback. A step that this swap has not changed needs nothing. */
export function backNeed(step: PlannedStep, facts: StepFacts): StepNeed {
  const { record, now } = facts;
  if (!isChanged(record) || record.undoneAt !== undefined || step.source.undo === 'none') {
    return { need: 'nothing' };
  }
  if (record.undoRanAt === undefined) {
    const { undoAttempts = 0, undoAttemptedAt = now, failure } = record;
    if (undoAttempts >= maxUndoAttempts) {
      return {
        need: 'person',
        failure: `undo of step "${step.name}" failed ${undoAttempts} times: ${failure ?? 'the process stopped each time'}`,
      };
    }
    const isRetry = undoAttempts > 0 && failure !== undefined;
    const pause = isRetry ? retrySeconds(undoAttempts, { isRollingBack: true }) : 0;
    return dueAt(undoAttemptedAt + pause * 1000, now);
  }
  return needAfterCall(step, facts, {
    hasLook: hasUndoLook(step),
    deadline: record.undoRanAt + step.undoMaxWaitSeconds * 1000,
    failure: `step "${step.name}" was not undone after ${step.undoMaxWaitSeconds} s`,
  });
}

/** True for a step that this swap may have changed, and that was not as wanted before the swap. */
export function isChanged({ claimedAt, wasDone = false }: StepRecord): boolean {
  return claimedAt !== undefined && !wasDone;
}

/** True when the undo of a step can be verified. */
export function hasUndoLook({ source }: PlannedStep): boolean {
  return source.isUndone !== undefined || source.isDone !== undefined;
}

function needAfterCall(
  step: PlannedStep,
  { answer, now }: StepFacts,
  { hasLook, deadline, failure }: { hasLook: boolean; deadline: number; failure: string },
): StepNeed {
  if (!hasLook || answer === true) return { need: 'record' };
  if (answer === undefined) return { need: 'look' };
  if (answer !== false && answer.isFinal) {
    return { need: 'person', failure: `step "${step.name}" could not be read: ${answer.failure}` };
  }
  if (now < deadline) return { need: 'wait', until: Math.min(deadline, now + step.intervalSeconds * 1000) };
  const cause = answer === false ? '' : `: ${answer.failure}`;
  return { need: 'person', failure: `${failure}${cause}` };
}

function dueAt(at: number, now: number): StepNeed {
  return at <= now ? { need: 'call' } : { need: 'wait', until: at };
}
