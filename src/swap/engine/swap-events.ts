import type { StackReference } from '../../core/stack-reference.js';
import type { SwapEnd, SwapPhase, SwapRecordItem, SwapUnderWay } from '../record/types.js';
import { recordOf } from './transitions.js';

/** Event of a swap. `at` is a time in milliseconds since 1970. */
export type SwapEvent = {
  /** Time of the event: milliseconds since 1970. */
  readonly at: number;
  /** ID of the swap. */
  readonly swapId: string;
} & (
  | {
      /** Kind of event. */
      readonly type: 'started';
      /** Stack that comes into use. */
      readonly incoming: StackReference;
      /** Deployment or run that the swap belongs to. */
      readonly owner: string;
    }
  | {
      /** Kind of event. */
      readonly type: 'phaseChanged';
      /** Phase of the swap. */
      readonly phase: SwapPhase;
      /** Reason of the rollback or halt. */
      readonly reason?: string;
    }
  | {
      /** Kind of event. */
      readonly type: 'rollbackRequested';
      /** Reason of the rollback or halt. */
      readonly reason: string;
      /** Person or process that asked for the rollback. */
      readonly requestedBy?: string;
    }
  | {
      /** Kind of event. */
      readonly type: 'stepStarted' | 'stepDone' | 'stepSkipped';
      /** Name of the step. */
      readonly step: string;
    }
  | {
      /** Kind of event. */
      readonly type: 'undoStarted' | 'stepUndone';
      /** Name of the step. */
      readonly step: string;
    }
  | {
      /** Kind of event. */
      readonly type: 'stepFailed';
      /** Name of the step. */
      readonly step: string;
      /** Failure of the step. */
      readonly failure: string;
    }
  | {
      /** Kind of event. */
      readonly type: 'ended';
      /** Time at which the swap began: milliseconds since 1970. */
      readonly beganAt: number;
      /** End of the swap. */
      readonly end: SwapEnd;
      /** Reason of the rollback or halt. */
      readonly reason?: string;
      /** Names of the steps of `retire` that are left. */
      readonly orphans: readonly string[];
    }
);

/** Event without its time and its swap. */
type Fact = SwapEvent extends infer Event
  ? Event extends SwapEvent
    ? Omit<Event, 'at' | 'swapId'>
    : never
  : never;

/** Returns the events between two items of the same application. */
export function eventsBetween(
  before: SwapRecordItem | undefined,
  after: SwapRecordItem,
  at: number,
): readonly SwapEvent[] {
  const events: SwapEvent[] = [];
  const add = (swapId: string, facts: readonly Fact[]) => {
    events.push(...facts.map((fact) => ({ at, swapId, ...fact }) as SwapEvent));
  };
  const previous = before?.swap;
  const current = after.swap;
  if (previous !== undefined && previous.id !== current?.id) add(previous.id, endFacts(previous.id, after));
  if (current !== undefined) {
    const isNew = previous?.id !== current.id;
    add(current.id, isNew ? startFacts(current) : swapFacts(previous, current));
  }
  return events;
}

function startFacts({ incoming, owner, phase }: SwapUnderWay): Fact[] {
  return [
    { type: 'started', incoming, owner: owner.id },
    { type: 'phaseChanged', phase },
  ];
}

function swapFacts(before: SwapUnderWay, after: SwapUnderWay): Fact[] {
  const facts = Object.keys(after.steps).flatMap((name) => stepFacts(name, before, after));
  const { phase, reason, haltReason, requestedBy } = after;
  if (before.wanted !== after.wanted && after.wanted === 'back') {
    facts.push({
      type: 'rollbackRequested',
      reason: reason ?? 'unknown',
      ...(requestedBy !== undefined && { requestedBy }),
    });
  }
  if (before.phase !== phase) {
    facts.push({ type: 'phaseChanged', phase, ...(haltReason !== undefined && { reason: haltReason }) });
  }
  return facts;
}

function stepFacts(step: string, swapBefore: SwapUnderWay, swapAfter: SwapUnderWay): Fact[] {
  const before = recordOf(swapBefore, step);
  const after = recordOf(swapAfter, step);
  const facts: Fact[] = [];
  if ((after.attempts ?? 0) > (before.attempts ?? 0)) facts.push({ type: 'stepStarted', step });
  if ((after.undoAttempts ?? 0) > (before.undoAttempts ?? 0)) facts.push({ type: 'undoStarted', step });
  if (after.failure !== undefined && after.failure !== before.failure) {
    facts.push({ type: 'stepFailed', step, failure: after.failure });
  }
  if (after.doneAt !== undefined && before.doneAt === undefined) {
    facts.push({ type: after.claimedAt === undefined ? 'stepSkipped' : 'stepDone', step });
  }
  if (after.undoneAt !== undefined && before.undoneAt === undefined) facts.push({ type: 'stepUndone', step });
  return facts;
}

function endFacts(swapId: string, after: SwapRecordItem): Fact[] {
  const line = after.ended.findLast(({ id }) => id === swapId);
  if (line === undefined) return [];
  const orphans = after.orphans.filter((it) => it.swapId === swapId).map(({ step }) => step);
  const { beganAt, end, reason } = line;
  return [{ type: 'ended', beganAt, end, orphans, ...(reason !== undefined && { reason }) }];
}

const lines: Record<SwapEvent['type'], string> = {
  started: 'Started swap',
  phaseChanged: 'Changed phase of swap',
  rollbackRequested: 'Requested rollback of swap',
  stepStarted: 'Started step of swap',
  stepDone: 'Completed step of swap',
  stepSkipped: 'Skipped step of swap',
  stepFailed: 'Step of swap failed',
  undoStarted: 'Started undo of step of swap',
  stepUndone: 'Undid step of swap',
  ended: 'Ended swap',
};

/** Returns the log line of an event. */
export function lineOf({ type }: SwapEvent): string {
  return lines[type];
}
