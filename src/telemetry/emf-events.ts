import * as v from 'valibot';
import { functionOf, strictObject } from '../core/schemas.js';
import { parseInput } from '../core/validate.js';
import type { ChangeEvent, ChangeFields } from './change-fields.js';
import { type ChangeListeners, listenersFor } from './change-listeners.js';
import { changeName } from './change-name.js';
import { type MetricName, metricsOf, metricUnits } from './emf-metrics.js';

/** Options of {@link emfEvents}. */
export interface EmfEventsOptions {
  /**
   * Name of the changed service, such as `orders-production`: the value of the dimension `Name`. CloudWatch bills each name as metrics of
   * its own, so do not put a release or a deployment ID into it. At most 250 printable ASCII characters.
   */
  readonly name: string;
  /**
   * Namespace of the metrics: letters, digits, and `. - _ / # :`. It cannot begin with `AWS/`.
   * @default 'BlueGreen'
   */
  readonly namespace?: string | undefined;
  /**
   * Writes one line. `console.log` does not work in Lambda with the text log format, which writes a time before the line.
   * @default the standard output
   */
  readonly write?: ((line: string) => void) | undefined;
}

const optionsSchema = strictObject({
  name: changeName,
  namespace: v.optional(
    v.pipe(
      v.string(),
      v.check(
        (value) => /^(?!AWS\/|:)[\w.\-/#:]{1,255}$/.test(value),
        'a namespace of CloudWatch: 1 to 255 letters, digits or . - _ / # : that does not begin with AWS/',
      ),
    ),
    'BlueGreen',
  ),
  write: v.optional(functionOf<(line: string) => void>()),
});

/**
 * Creates listeners that write events as metrics in CloudWatch's embedded metric format. CloudWatch Logs extracts the metrics from
 * the standard output of a Lambda function; elsewhere the CloudWatch agent does. There is no call of AWS.
 *
 * Each event that has a metric is one line of JSON with the stable fields of the event. The dimensions are `Change` and `Name`, and no
 * other, so the number of metrics does not grow with the number of changes.
 *
 * @throws InvalidInputError for an option that is missing, unknown or malformed.
 *
 * @example
 * ```ts
 * import { emfEvents } from 'aws-blue-green-toolkit/telemetry';
 * import { canary, type TrafficShifter } from 'aws-blue-green-toolkit/traffic';
 *
 * const metrics = emfEvents({ name: 'orders-production', namespace: 'Deployments' });
 *
 * export async function shiftWithMetrics(shifter: TrafficShifter) {
 *   return shifter.shiftTo('green', canary({ percent: 10, holdSeconds: 300 }), {
 *     onEvent: metrics.onShiftEvent,
 *   });
 * }
 * ```
 */
export function emfEvents(options: EmfEventsOptions): ChangeListeners {
  const { name, namespace, write = writeToOutput } = parseInput('emfEvents options', optionsSchema, options);
  return listenersFor((fields, event) => {
    const metrics = metricsOf(fields);
    if (Object.keys(metrics).length > 0) write(lineOf({ name, namespace }, metrics, fields, event));
  });
}

function writeToOutput(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html */
function lineOf(
  { name, namespace }: { readonly name: string; readonly namespace: string },
  metrics: Readonly<Partial<Record<MetricName, number>>>,
  { change, ...fields }: ChangeFields,
  { at }: ChangeEvent,
): string {
  const names = Object.keys(metrics) as MetricName[];
  return JSON.stringify({
    _aws: {
      // The format takes whole milliseconds only. A clock of your own can have fractions.
      Timestamp: Math.floor(at),
      CloudWatchMetrics: [
        {
          Namespace: namespace,
          Dimensions: [['Change', 'Name']],
          Metrics: names.map((Name) => ({ Name, Unit: metricUnits[Name] })),
        },
      ],
    },
    Change: change,
    Name: name,
    ...metrics,
    ...fields,
  });
}
