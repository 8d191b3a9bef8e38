import type { ShiftEvent, ShiftState } from 'aws-blue-green-toolkit/traffic';

/** A value, and its unit in CloudWatch. */
type Metric = readonly [value: number, unit: 'Count' | 'Percent' | 'Seconds'];

/**
 * Formats an event as a line in CloudWatch's embedded metric format. CloudWatch Logs extracts the metrics, and keeps the line.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function metricLine(shift: string, event: ShiftEvent, state: ShiftState): string {
  const metrics = metricsOf(event, state);
  return JSON.stringify({
    _aws: {
      Timestamp: event.at,
      CloudWatchMetrics: [
        {
          Namespace: 'TrafficShifts',
          Dimensions: [['Shift']],
          Metrics: Object.entries(metrics).map(([Name, [, Unit]]) => ({ Name, Unit })),
        },
      ],
    },
    Shift: shift,
    ...Object.fromEntries(Object.entries(metrics).map(([name, [value]]) => [name, value])),
    // Details for readers of the log, not metrics.
    event,
    incoming: state.incoming,
  });
}

/** Returns the count of the event, such as `RolledBack: 1`, and its other metrics. */
function metricsOf(event: ShiftEvent, state: ShiftState): Record<string, Metric> {
  const name = event.type.charAt(0).toUpperCase() + event.type.slice(1);
  const counted: Record<string, Metric> = { [name]: [1, 'Count'] };
  if (event.type === 'checkEvaluated') {
    const isBad = event.result.outcome === 'fail' || event.result.outcome === 'error';
    return { ...counted, BadChecks: [isBad && !event.dryRun ? 1 : 0, 'Count'] };
  }
  if ('weights' in event) counted['IncomingPercent'] = [event.weights[state.incoming], 'Percent'];
  if (event.type === 'succeeded' || event.type === 'rolledBack' || event.type === 'halted')
    counted['ShiftDuration'] = [(event.at - state.startedAt) / 1000, 'Seconds'];
  return counted;
}
