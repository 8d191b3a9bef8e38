/** Value of an attribute. */
export type TelemetryAttributes = Record<string, string | number | boolean>;

/** The part of OpenTelemetry's `Span` that is used. */
export interface TelemetrySpan {
  /** Adds an event. */
  addEvent(name: string, attributes?: TelemetryAttributes, time?: Date): unknown;
  /** Sets the status; code 2 is an error. */
  setStatus(status: { code: number; message?: string }): unknown;
  /** Ends the span. */
  end(time?: Date): void;
}

/** The part of OpenTelemetry's `Tracer` that is used. That of `@opentelemetry/api` fits. */
export interface TelemetryTracer {
  /** Starts a span, as a child of the active one. */
  startSpan(name: string, options?: { startTime?: Date; attributes?: TelemetryAttributes }): TelemetrySpan;
}

/** The part of OpenTelemetry's `Counter` that is used. */
export interface TelemetryCounter {
  /** Adds a value. */
  add(value: number, attributes?: TelemetryAttributes): void;
}

/** The part of OpenTelemetry's `Histogram` and `Gauge` that is used. */
export interface TelemetryRecorder {
  /** Records a value. */
  record(value: number, attributes?: TelemetryAttributes): void;
}

/** The part of OpenTelemetry's `Meter` that is used. That of `@opentelemetry/api` 1.9 and later fits. */
export interface TelemetryMeter {
  /** Creates a counter. */
  createCounter(name: string, options?: { description?: string; unit?: string }): TelemetryCounter;
  /** Creates a histogram. */
  createHistogram(name: string, options?: { description?: string; unit?: string }): TelemetryRecorder;
  /** Creates a gauge. */
  createGauge(name: string, options?: { description?: string; unit?: string }): TelemetryRecorder;
}
