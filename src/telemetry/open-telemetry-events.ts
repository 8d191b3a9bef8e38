import * as v from 'valibot';
import { invalidInput } from '../core/errors.js';
import { strictObject } from '../core/schemas.js';
import { objectWith } from '../core/tool-options.js';
import { parseInput } from '../core/validate.js';
import { type ChangeListeners, listenersFor, type Sink } from './change-listeners.js';
import { changeName } from './change-name.js';
import { metricsSink } from './open-telemetry-metrics.js';
import { spanSink } from './open-telemetry-spans.js';
import type { TelemetryMeter, TelemetryTracer } from './open-telemetry-types.js';

/** Options of {@link openTelemetryEvents}. At least one of `tracer` and `meter` is required. */
export interface OpenTelemetryEventsOptions {
  /**
   * Name of the changed service, such as `orders-production`: the attribute `blue_green.name` of each metric. Do not put a release or a
   * deployment ID into it. At most 250 printable ASCII characters.
   */
  readonly name: string;
  /**
   * Tracer for one span for each change: `trace.getTracer('deployments')` of `@opentelemetry/api`.
   * @default no spans
   */
  readonly tracer?: TelemetryTracer | undefined;
  /**
   * Meter for the metrics: `metrics.getMeter('deployments')` of `@opentelemetry/api`.
   * @default no metrics
   */
  readonly meter?: TelemetryMeter | undefined;
}

const optionsSchema = strictObject({
  name: changeName,
  tracer: v.optional(objectWith<TelemetryTracer>('a tracer with the method', ['startSpan'])),
  meter: v.optional(
    objectWith<TelemetryMeter>('a meter with the methods', [
      'createCounter',
      'createHistogram',
      'createGauge',
    ]),
  ),
});

/**
 * Creates listeners that pass events to OpenTelemetry: one span for each change, with its events, and metrics. The package does not
 * depend on `@opentelemetry/api`; its tracer and meter fit.
 *
 * The span is created at the end of a change with the time of its beginning, so a process that stops leaves no open span. It has the
 * newest 128 events that this process has seen, and is a child of the span that is active then.
 *
 * @throws InvalidInputError for an option that is missing, unknown or malformed, and without a tracer and a meter.
 *
 * @example
 * ```ts
 * import { openTelemetryEvents, type TelemetryTracer } from 'aws-blue-green-toolkit/telemetry';
 * import { canary, type TrafficShifter } from 'aws-blue-green-toolkit/traffic';
 *
 * // tracer: trace.getTracer('deployments') of @opentelemetry/api
 * export async function shiftWithSpan(shifter: TrafficShifter, tracer: TelemetryTracer) {
 *   const telemetry = openTelemetryEvents({ name: 'orders-production', tracer });
 *   return shifter.shiftTo('green', canary({ percent: 10, holdSeconds: 300 }), {
 *     onEvent: telemetry.onShiftEvent,
 *   });
 * }
 * ```
 */
export function openTelemetryEvents(options: OpenTelemetryEventsOptions): ChangeListeners {
  const subject = 'openTelemetryEvents options';
  const { name, tracer, meter } = parseInput(subject, optionsSchema, options);
  if (tracer === undefined && meter === undefined)
    throw invalidInput(subject, { field: '', expected: 'a tracer or a meter', actual: 'neither' });
  const sinks = [
    ...(meter === undefined ? [] : [metricsSink(meter, name)]),
    ...(tracer === undefined ? [] : [spanSink(tracer, name)]),
  ];
  return listenersFor(inTurn(sinks));
}

/** Runs every sink, also after one that throws: a meter that fails does not cost the span. Throws the last error. */
function inTurn([sink, ...others]: readonly Sink[]): Sink {
  if (sink === undefined) return () => {};
  const rest = inTurn(others);
  return (fields, event) => {
    try {
      sink(fields, event);
    } finally {
      rest(fields, event);
    }
  };
}
