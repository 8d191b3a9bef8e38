import { isFailedCheck } from './change-fields.js';
import type { Sink } from './change-listeners.js';
import type { TelemetryMeter } from './open-telemetry-types.js';

/** Creates the sink of metrics. Names of checks and steps, reasons and IDs are no attributes: their number has no bound. */
export function metricsSink(meter: TelemetryMeter, name: string): Sink {
  const events = meter.createCounter('blue_green.events', { description: 'Events of changes' });
  const ends = meter.createCounter('blue_green.ends', { description: 'Ends and halts of changes' });
  const failedChecks = meter.createCounter('blue_green.failed_checks', {
    description: 'Evaluations that count against a change',
  });
  const duration = meter.createHistogram('blue_green.duration', {
    description: 'Time from the beginning of a change to its end',
    unit: 's',
  });
  const percent = meter.createGauge('blue_green.incoming_percent', {
    description: 'Share of the incoming stack',
    unit: '%',
  });
  return (fields) => {
    const { change, event, outcome, durationSeconds, incomingPercent } = fields;
    const common = { 'blue_green.change': change, 'blue_green.name': name };
    events.add(1, { ...common, 'blue_green.event': event });
    if (isFailedCheck(fields)) failedChecks.add(1, common);
    if (incomingPercent !== undefined) percent.record(incomingPercent, common);
    if (outcome === undefined) return;
    ends.add(1, { ...common, 'blue_green.outcome': outcome });
    if (durationSeconds !== undefined)
      duration.record(durationSeconds, { ...common, 'blue_green.outcome': outcome });
  };
}
