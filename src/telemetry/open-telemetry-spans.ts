import { type ChangeEvent, type ChangeFields, isBeginning } from './change-fields.js';
import type { Sink } from './change-listeners.js';
import type { TelemetryAttributes, TelemetryTracer } from './open-telemetry-types.js';

/** OpenTelemetry's default limit of the events of a span. */
const maxEvents = 128;

/** Changes whose events are kept. A function that serves many of them sees the ends of most elsewhere. */
const maxChanges = 100;

/** OpenTelemetry's `SpanStatusCode.ERROR`. */
const errorStatus = 2;

/** Events of a change until its end. */
interface OpenChange {
  readonly since: number;
  readonly events: { readonly fields: ChangeFields; readonly at: number }[];
  dropped: number;
}

/** Creates the sink of spans. */
export function spanSink(tracer: TelemetryTracer, name: string): Sink {
  const open = new Map<string, OpenChange>();
  return (fields, event) => {
    const key = keyOf(fields);
    const change = isBeginning(fields) ? undefined : open.get(key);
    const current = remember(change ?? { since: event.at, events: [], dropped: 0 }, fields, event);
    open.set(key, current);
    // A swap that has halted can still continue. Its last event has its beginning.
    if (fields.outcome === undefined || (fields.change === 'swap' && fields.outcome === 'halted')) {
      dropOldest(open);
      return;
    }
    open.delete(key);
    writeSpan(tracer, name, current, fields, event.at);
  };
}

function remember(change: OpenChange, fields: ChangeFields, { at }: ChangeEvent): OpenChange {
  change.events.push({ fields, at });
  if (change.events.length > maxEvents) {
    change.events.shift();
    change.dropped += 1;
  }
  return change;
}

function dropOldest(open: Map<string, OpenChange>): void {
  const [oldest] = open.keys();
  if (open.size > maxChanges && oldest !== undefined) open.delete(oldest);
}

/** Shifts have no ID: those of one listener differ in their beginning. A listener has one rollout at a time. */
function keyOf({ change, swapId, startedAt }: ChangeFields): string {
  return `${change} ${change === 'swap' ? swapId : change === 'shift' ? startedAt : ''}`;
}

function writeSpan(
  tracer: TelemetryTracer,
  name: string,
  { since, events, dropped }: OpenChange,
  end: ChangeFields,
  endedAt: number,
): void {
  const span = tracer.startSpan(`blue_green ${end.change}`, {
    startTime: new Date(Math.min(end.startedAt ?? since, endedAt)),
    attributes: {
      'blue_green.name': name,
      ...attributesOf(end),
      ...(dropped > 0 && { 'blue_green.dropped_events': dropped }),
    },
  });
  for (const { fields, at } of events) span.addEvent(fields.event, attributesOf(fields), new Date(at));
  if (end.outcome !== 'succeeded')
    span.setStatus({ code: errorStatus, message: end.reason ?? String(end.outcome) });
  span.end(new Date(endedAt));
}

/** Converts `incomingPercent` to `blue_green.incoming_percent`. */
function attributesOf(fields: ChangeFields): TelemetryAttributes {
  return Object.fromEntries(
    Object.entries(fields).map(([field, value]) => [
      `blue_green.${field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`,
      value,
    ]),
  );
}
