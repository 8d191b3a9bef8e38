export type { ChangeListeners } from './change-listeners.js';
export { type EmfEventsOptions, emfEvents } from './emf-events.js';
export { type OpenTelemetryEventsOptions, openTelemetryEvents } from './open-telemetry-events.js';
export type {
  TelemetryAttributes,
  TelemetryCounter,
  TelemetryMeter,
  TelemetryRecorder,
  TelemetrySpan,
  TelemetryTracer,
} from './open-telemetry-types.js';
