import type { PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import type { ShiftEvent, ShiftState } from 'aws-blue-green-toolkit/traffic';

/** EventBridge takes 256 KB in a request of ten entries; a reason can quote whatever a check has said. */
const maxReason = 4_000;

/** Which bus the events go to, and as whose. */
export interface BusSettings {
  /** @default the account's default bus */
  readonly eventBusName?: string | undefined;
  /** @default 'traffic-shifts' */
  readonly source?: string | undefined;
}

/** An event as EventBridge takes it, unless it is one of those that come at each look at the checks. */
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
