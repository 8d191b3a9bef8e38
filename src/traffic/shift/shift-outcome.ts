import type { Outcome, StateSummary } from '../../resumable/types.js';
import type { ShiftEvent } from './shift-events.js';
import type { ShiftState } from './shift-state.js';

/** Returns the events of a shift that has just begun. */
export function startEvents(state: ShiftState): ShiftEvent[] {
  const { startedAt: at, incoming, initialWeights: weights, strategy, phase } = state;
  const started: ShiftEvent = { at, type: 'started', incoming, weights, strategy: strategy.name };
  return phase === 'succeeded' ? [started, { at, type: 'succeeded', weights }] : [started];
}

/** Returns the end of a shift; undefined while it is in progress. */
export function outcomeOf({ phase }: ShiftState): Outcome | undefined {
  return phase === 'succeeded' || phase === 'rolledBack' || phase === 'halted' ? phase : undefined;
}

/** True when nothing more happens by itself. A halted shift has ended too, until it is resumed. */
export function hasEnded(state: ShiftState): boolean {
  return outcomeOf(state) !== undefined;
}

export function summarizeShift(state: ShiftState): StateSummary {
  const { phase, haltedIn, incoming, verifiedWeights, reason } = state;
  const incomingPercent = verifiedWeights[incoming];
  const outcome = outcomeOf(state);
  return {
    isRollingBack: phase === 'rollingBack' || haltedIn === 'rollingBack',
    isComplete:
      (phase === 'succeeded' && incomingPercent === 100) || (phase === 'rolledBack' && incomingPercent === 0),
    mayHaveSucceeded: mayHaveSucceeded(state),
    ...(outcome && { outcome }),
    ...(phase !== 'succeeded' && reason !== undefined && { reason }),
    details: { phase, incoming, incomingPercent },
  };
}

/** True when the state includes the weights of the last step, written or pending. Earlier weights would be drift after a success. */
function mayHaveSucceeded({ phase, step, strategy, pendingWeights }: ShiftState): boolean {
  const reached = pendingWeights === undefined ? step : step + 1;
  return phase === 'shifting' && reached >= strategy.steps.length - 1;
}
