import { partnerOf } from '../../core/stack-reference.js';
import type { SwapEventPart } from '../input/swap-schema.js';
import type { RecordedSwap, SwapModel } from './swap-model.js';

/** List of the plan that has a step. */
export type StepList = 'prepare' | 'test' | 'switch' | 'retire';

/** Times of one step: milliseconds since 1970. */
export interface StepTimes {
  readonly name: string;
  readonly list: StepList;
  readonly stack: string | undefined;
  /** True when the change was made before the swap began. */
  readonly wasDone: boolean;
  readonly startedAt: number | undefined;
  readonly doneAt: number | undefined;
  readonly inEffectAt: number | undefined;
  readonly undoAt: number | undefined;
  readonly undoneAt: number | undefined;
  readonly failures: readonly StepFailure[];
}

/** Failure of a step. */
export interface StepFailure {
  /** Absent in a record of which the history is unknown. */
  readonly at: number | undefined;
  readonly failure: string;
  /** True for a failure of the undo: another one, or a person, started the rollback. */
  readonly isOfUndo: boolean;
}

interface PlannedName {
  readonly name: string;
  readonly list: StepList;
  readonly stack: string | undefined;
}

/** Returns the steps in the order of the plan. Without a record, those that have begun, in the order of their events. */
export function stepTimes({ history, recorded, incoming }: SwapModel): StepTimes[] {
  const planned = recorded === undefined ? [] : plannedNames(recorded);
  const known = new Set(planned.map(({ name }) => name));
  const begun = namesIn(history).filter(({ name }) => !known.has(name));
  return [...planned, ...begun].map((step) => {
    const stack = stackOf(step.stack, incoming);
    return { ...step, stack, ...timesOf(step.name, history, recorded) };
  });
}

/** A line of the plan is such as `prepare 1 · purge the queues · incoming · 0 s · deletes`. */
const planLine = /^(prepare|test|retire) \d+ · ([\s\S]*) · (incoming|outgoing) · [\d.e+-]+ s(?: · deletes)?$/;

function plannedNames({ plan }: RecordedSwap): PlannedName[] {
  return plan.flatMap((line) => {
    const [, list, name, stack] = planLine.exec(line) ?? [];
    const isKnown = list === 'prepare' || list === 'test' || list === 'retire';
    return isKnown && name !== undefined ? [{ name, list, stack }] : [];
  });
}

const lists: ReadonlyMap<string, StepList> = new Map([
  ['preparing', 'prepare'],
  ['testing', 'test'],
  ['switching', 'switch'],
  ['baking', 'switch'],
  ['retiring', 'retire'],
]);

/** A step belongs to the list of the phase in which it began. */
function namesIn(history: readonly SwapEventPart[]): PlannedName[] {
  const names = new Map<string, PlannedName>();
  let list: StepList = 'prepare';
  for (const event of history) {
    if (event.type === 'phaseChanged') list = lists.get(event.phase) ?? list;
    else if ('step' in event && !names.has(event.step))
      names.set(event.step, { name: event.step, list, stack: undefined });
  }
  return [...names.values()];
}

function stackOf(side: string | undefined, incoming: SwapModel['incoming']): string | undefined {
  if (side === undefined || incoming === undefined) return side;
  return side === 'incoming' ? incoming : partnerOf(incoming);
}

function timesOf(name: string, history: readonly SwapEventPart[], recorded: RecordedSwap | undefined) {
  const events = history.filter((event) => 'step' in event && event.step === name);
  const first = (type: SwapEventPart['type']) => events.find((event) => event.type === type)?.at;
  const steps = recorded?.steps ?? {};
  const record = Object.hasOwn(steps, name) ? steps[name] : undefined;
  const ofHistory = events.flatMap((event, index) =>
    event.type === 'stepFailed'
      ? [
          {
            at: event.at,
            failure: event.failure,
            isOfUndo: isAfterUndo(events.slice(0, index), event, record),
          },
        ]
      : [],
  );
  const ofRecord: StepFailure[] = [];
  if (record?.failure !== undefined) {
    // The undo of a step begins without the failure of its run.
    const isOfUndo = record.undoClaimedAt !== undefined;
    const at = isOfUndo ? record.undoAttemptedAt : (record.attemptedAt ?? record.claimedAt);
    ofRecord.push({ at, failure: record.failure, isOfUndo });
  }
  return {
    wasDone: record?.wasDone ?? first('stepSkipped') !== undefined,
    startedAt: record?.claimedAt ?? first('stepStarted'),
    doneAt: record?.doneAt ?? first('stepDone') ?? first('stepSkipped'),
    inEffectAt: record?.inEffectAt,
    undoAt: record?.undoClaimedAt ?? first('undoStarted'),
    undoneAt: record?.undoneAt ?? first('stepUndone'),
    failures: ofHistory.length > 0 ? ofHistory : ofRecord,
  };
}

/** True for a failure after the beginning of the undo. A part of a history can lack it, and the record has its time. */
function isAfterUndo(
  earlier: readonly SwapEventPart[],
  { at }: SwapEventPart,
  record: RecordedSwap['steps'][string] | undefined,
): boolean {
  const start = earlier.findLast(({ type }) => type === 'undoStarted' || type === 'stepStarted');
  if (start !== undefined) return start.type === 'undoStarted';
  return record?.undoClaimedAt !== undefined && record.undoClaimedAt <= at;
}
