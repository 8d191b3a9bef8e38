import type { LogData, Logger } from '../../core/logger.js';
import type { TrafficWeights } from '../types.js';
import { describeWeights } from '../weights.js';
import type { ShiftEvent } from './shift-events.js';
import type { ShiftState } from './shift-state.js';

/** Details of a write that its event does not have. */
export interface WriteTimes {
  /** Weights before the write. */
  readonly from: TrafficWeights;
  /** Milliseconds until the service had accepted the write. */
  readonly durationMs: number;
}

const messages: Readonly<Record<ShiftEvent['type'], string>> = {
  started: 'Started shift',
  weightsWritten: 'Wrote weights of shift',
  weightsVerified: 'Verified weights of shift',
  checkEvaluated: 'Evaluated check',
  held: 'Held shift',
  rollingBack: 'Started rollback of shift',
  halted: 'Halted shift',
  rolledBack: 'Rolled back shift',
  succeeded: 'Completed shift',
};

export function logShiftEvent(
  logger: Logger,
  event: ShiftEvent,
  context: { readonly resource: string; readonly state: ShiftState; readonly write?: WriteTimes | undefined },
): void {
  const { type, at: _at, ...rest } = event;
  // A copy, because a logger may keep or change its argument.
  const data: LogData = { resource: context.resource, ...structuredClone(rest), ...extraOf(event, context) };
  const message = messages[type];
  // `held` is emitted at each evaluation, and nothing has changed.
  if (type === 'checkEvaluated' || type === 'held') logger.debug(message, data);
  else if (type === 'rollingBack' || type === 'halted') logger.warn(message, data);
  else logger.info(message, data);
}

/** Returns fields that the event lacks: the previous weights and the duration of a write, and the duration of an ended shift. */
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
