import type { LogData, Logger } from '../../core/logger.js';
import type { TrafficWeights } from '../types.js';
import { describeWeights } from '../weights.js';
import type { ShiftEvent } from './shift-events.js';
import type { ShiftState } from './shift-state.js';

/** What is known of a write besides its event. */
export interface WriteTimes {
  /** The weights before. */
  readonly from: TrafficWeights;
  /** Milliseconds until the service had accepted the write. */
  readonly durationMs: number;
}

/** Logs an event of a shift. */
export function logShiftEvent(
  logger: Logger,
  event: ShiftEvent,
  context: { readonly resource: string; readonly state: ShiftState; readonly write?: WriteTimes | undefined },
): void {
  const { type, at: _at, ...rest } = event;
  // A logger may keep, or change, what it is given.
  const data: LogData = { resource: context.resource, ...structuredClone(rest), ...extraOf(event, context) };
  if (type === 'checkEvaluated') logger.debug('Evaluated check', data);
  // Told at each look, for as long as it lasts: nothing has changed.
  else if (type === 'held') logger.debug('Traffic shift: held', data);
  else if (type === 'rollingBack' || type === 'halted') logger.warn(`Traffic shift: ${type}`, data);
  else logger.info(`Traffic shift: ${type}`, data);
}

/** What an event does not tell by itself: a write's change and its time, and the whole shift's time at its end. */
function extraOf(
  event: ShiftEvent,
  { state, write }: { readonly state: ShiftState; readonly write?: WriteTimes | undefined },
): LogData {
  switch (event.type) {
    case 'weightsWritten':
      return write === undefined
        ? {}
        : {
            from: describeWeights(write.from),
            to: describeWeights(event.weights),
            durationMs: write.durationMs,
          };
    case 'halted':
    case 'rolledBack':
    case 'succeeded':
      return { durationMs: Math.max(0, event.at - state.startedAt) };
    default:
      return {};
  }
}
