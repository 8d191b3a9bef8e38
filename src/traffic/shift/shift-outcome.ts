import type { ShiftResult } from '../shifter-options.js';
import type { ShiftEvent } from './shift-events.js';
import type { ShiftState } from './shift-state.js';

/** Returns the events of a shift that has just begun. */
export function startEvents(state: ShiftState): ShiftEvent[] {
  const { startedAt: at, incoming, initialWeights: weights, strategy, phase } = state;
  const started: ShiftEvent = { at, type: 'started', incoming, weights, strategy: strategy.name };
  return phase === 'succeeded' ? [started, { at, type: 'succeeded', weights }] : [started];
}

/** Returns the result of an ended shift. One that has not ended counts as halted. */
export function outcomeOf(state: ShiftState): Omit<ShiftResult, 'history'> {
  const outcome = state.phase === 'succeeded' || state.phase === 'rolledBack' ? state.phase : 'halted';
  const reason = outcome === 'succeeded' ? undefined : state.reason;
  return { outcome, state, ...(reason !== undefined && { reason }) };
}
