import type {
  TelemetryAttributes,
  TelemetryMeter,
  TelemetryTracer,
} from '../../src/telemetry/open-telemetry-types.js';

/** A span as it was ended. */
export interface RecordedSpan {
  readonly name: string;
  readonly startedAt: number | undefined;
  readonly attributes: TelemetryAttributes | undefined;
  readonly events: { readonly name: string; readonly at: number; readonly attributes: TelemetryAttributes }[];
  status?: { readonly code: number; readonly message?: string };
  endedAt?: number;
}

/** A tracer that keeps its spans. */
export function createTracer(): TelemetryTracer & { readonly spans: RecordedSpan[] } {
  const spans: RecordedSpan[] = [];
  return {
    spans,
    startSpan: (name, { startTime, attributes } = {}) => {
      const span: RecordedSpan = { name, startedAt: startTime?.getTime(), attributes, events: [] };
      spans.push(span);
      return {
        addEvent: (event, eventAttributes = {}, time) =>
          span.events.push({ name: event, at: time?.getTime() ?? 0, attributes: eventAttributes }),
        setStatus: (status) => {
          span.status = status;
        },
        end: (time) => {
          span.endedAt = time?.getTime() ?? 0;
        },
      };
    },
  };
}

/** A value of a metric. */
export interface RecordedValue {
  readonly name: string;
  readonly value: number;
  readonly attributes: TelemetryAttributes;
}

/** A meter that keeps its values. */
export function createMeter(): TelemetryMeter & { readonly values: RecordedValue[] } {
  const values: RecordedValue[] = [];
  const keep =
    (name: string) =>
    (value: number, attributes: TelemetryAttributes = {}) =>
      void values.push({ name, value, attributes });
  return {
    values,
    createCounter: (name) => ({ add: keep(name) }),
    createHistogram: (name) => ({ record: keep(name) }),
    createGauge: (name) => ({ record: keep(name) }),
  };
}
