import type { PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import type { ShiftEvent, ShiftState } from 'aws-blue-green-toolkit/traffic';

/** Maximum characters of a reason. EventBridge allows 256 KB in a request of ten entries. */
const maxReason = 4_000;

/** Bus and source of the events. */
export interface BusSettings {
  /** @default the account's default bus */
  readonly eventBusName?: string | undefined;
  /** @default 'traffic-shifts' */
  readonly source?: string | undefined;
}

/** Converts an event to an entry for EventBridge. Returns undefined for the events of each evaluation. */
export function busEntry(
  shift: string,
  event: ShiftEvent,
  state: ShiftState,
  { eventBusName, source = 'traffic-shifts' }: BusSettings = {},
): PutEventsRequestEntry | undefined {
  if (event.type === 'checkEvaluated' || event.type === 'held') return undefined;
  const { at, ...rest } = event;
  const reason = 'reason' in event ? { reason: event.reason.slice(0, maxReason) } : {};
  return {
    Source: source,
    DetailType: 'Traffic shift',
    Time: new Date(at),
    EventBusName: eventBusName,
    Detail: JSON.stringify({
      shift,
      incoming: state.incoming,
      ...rest,
      ...reason,
      startedAt: state.startedAt,
    }),
  };
}
