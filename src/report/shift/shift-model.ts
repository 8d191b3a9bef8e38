import type { StackReference } from '../../core/stack-reference.js';
import { spanOf, type TimeSpan } from '../chart/scale.js';
import type { Evaluation, ShiftEventPart, ShiftPart } from '../input/shift-schema.js';

/** Weights since a time. */
export interface WeightsSince {
  readonly at: number;
  readonly blue: number;
  readonly green: number;
}

/** Facts of a shift, from its history and its state. */
export interface ShiftModel {
  readonly history: readonly ShiftEventPart[];
  readonly state: ShiftPart['state'];
  /** Absent in a history without its beginning. */
  readonly incoming: StackReference | undefined;
  readonly strategy: string | undefined;
  readonly startedAt: number;
  readonly span: TimeSpan;
  /** False without an event and a state: `startedAt` and `span` mean nothing then. */
  readonly hasTimes: boolean;
  readonly phase: 'shifting' | 'rollingBack' | 'succeeded' | 'rolledBack' | 'halted';
  readonly reason: string | undefined;
  readonly weights: readonly WeightsSince[];
  readonly evaluations: readonly Evaluation[];
}

/** Returns the facts of a shift. */
export function shiftModel({ history = [], state, outcome, reason }: ShiftPart): ShiftModel {
  const started = history.find((event) => event.type === 'started');
  const times = [...history.map(({ at }) => at), ...(state ? [state.startedAt, state.readAt] : [])];
  const span = spanOf(times);
  return {
    history,
    state,
    incoming: state?.incoming ?? started?.incoming,
    strategy: state?.strategy.name ?? started?.strategy,
    startedAt: state?.startedAt ?? span.from,
    span,
    hasTimes: times.length > 0,
    phase: outcome ?? state?.phase ?? phaseOf(history),
    reason: reason ?? reasonIn(history) ?? state?.reason,
    weights: weightsOf(history, state),
    evaluations: history.filter((event) => event.type === 'checkEvaluated'),
  };
}

function phaseOf(history: readonly ShiftEventPart[]): ShiftModel['phase'] {
  const last = history.findLast(({ type }) => ends.includes(type));
  const type = last?.type;
  if (type === 'succeeded' || type === 'rolledBack' || type === 'halted' || type === 'rollingBack')
    return type;
  return 'shifting';
}

const ends = ['succeeded', 'rolledBack', 'halted', 'rollingBack'];

function reasonIn(history: readonly ShiftEventPart[]): string | undefined {
  for (const event of history.toReversed()) {
    if (event.type === 'halted' || event.type === 'rolledBack' || event.type === 'rollingBack')
      return event.reason;
  }
  return undefined;
}

/** Returns the weights that were read back. A state has the first and the last ones only. */
function weightsOf(history: readonly ShiftEventPart[], state: ShiftPart['state']): WeightsSince[] {
  const read = weightsRead(history);
  const known = state
    ? [
        { at: state.startedAt, ...state.initialWeights },
        { at: state.verifiedAt, ...state.verifiedWeights },
      ]
    : [];
  return withoutRepeats(read.length > 0 ? read : known);
}

/** Returns the weights of the events that read them back. */
export function weightsRead(history: readonly ShiftEventPart[]): WeightsSince[] {
  return history.flatMap((event) =>
    event.type === 'started' ||
    event.type === 'weightsVerified' ||
    event.type === 'rolledBack' ||
    event.type === 'succeeded'
      ? [{ at: event.at, ...event.weights }]
      : [],
  );
}

function withoutRepeats(weights: readonly WeightsSince[]): WeightsSince[] {
  return weights.filter(({ blue, green }, index) => {
    const before = weights[index - 1];
    return before === undefined || before.blue !== blue || before.green !== green;
  });
}
