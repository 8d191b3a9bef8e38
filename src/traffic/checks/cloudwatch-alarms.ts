import {
  AlarmType,
  type CloudWatchClient,
  type CompositeAlarm,
  type DescribeAlarmsCommandOutput,
  type LogAlarm,
  type MetricAlarm,
  paginateDescribeAlarms,
} from '@aws-sdk/client-cloudwatch';
import * as v from 'valibot';
import { collectPages } from '../../core/aws-call.js';
import type { ClientOptions } from '../../core/clients.js';
import { mapConcurrently } from '../../core/map-concurrently.js';
import { nonEmptyString, strictObject } from '../../core/schemas.js';
import { clientOptionsEntries } from '../../core/tool-options.js';
import { parseInput } from '../../core/validate.js';
import type { Check } from '../types.js';
import { incomingOf } from './check-context.js';
import {
  type CheckOptions,
  checkEntries,
  type NoDataOutcome,
  noDataOutcome,
  ofStack,
  type PerStack,
  perStack,
} from './check-options.js';
import { judgeAlarms } from './judge-alarms.js';
import { type CloudWatchCheckClients, cloudWatchOf } from './read-metric-data.js';

/** Alarms that one call may name. */
const maxAlarms = 100;

/** Options of {@link cloudWatchAlarms}. */
export type CloudWatchAlarmsOptions = CheckOptions &
  ClientOptions<CloudWatchCheckClients> & {
    /** The names of alarms of any type, or those of each stack. The check uses those of the incoming stack. */
    readonly alarmNames: PerStack<readonly string[]>;
    /**
     * The outcome of an alarm in `INSUFFICIENT_DATA`. A metric that is written only when there are errors leaves its alarm in
     * that state on a healthy stack: `'pass'` accepts it. It does not apply while an alarm warms up, cannot be evaluated or
     * does not exist.
     * @default 'inconclusive'
     */
    readonly noData?: NoDataOutcome | undefined;
  };

const optionsSchema = strictObject({
  ...checkEntries,
  ...clientOptionsEntries,
  alarmNames: perStack(
    v.pipe(
      v.array(nonEmptyString),
      v.check((names) => names.length > 0, 'the name of an alarm'),
    ),
  ),
  noData: noDataOutcome,
});

/**
 * The states of alarms: metric, composite and log alarms, by name. One in `ALARM` fails, and all have to be `OK` for a pass.
 * One in `INSUFFICIENT_DATA` has the outcome `noData`. One that warms up, cannot be evaluated or does not exist is
 * `inconclusive`.
 *
 * An alarm looks as far back as its own evaluation periods: its state may be that from before the present weights. A
 * composite alarm is `OK` when its rule is false, also while the alarms that it names have no data; name those as well.
 *
 * @remarks IAM: cloudwatch:DescribeAlarms
 * @throws InvalidInputError when an option is missing, unknown or malformed.
 */
export function cloudWatchAlarms(options: CloudWatchAlarmsOptions): Check {
  const settings = parseInput('cloudWatchAlarms options', optionsSchema, options);
  const { name, dryRun, alarmNames, noData } = settings;
  const cloudWatch = cloudWatchOf(settings);
  return {
    name,
    dryRun,
    async evaluate(context) {
      const names = [...new Set(ofStack<readonly string[]>(alarmNames, incomingOf(context)))];
      const about = { resource: `check ${name}`, signal: context.signal };
      const found = await mapConcurrently(batches(names), (batch) => describe(cloudWatch, batch, about));
      return judgeAlarms(names, found.flat(), { noData, now: context.now });
    },
  };
}

/** Asks for every type that the SDK knows: without a list, CloudWatch returns metric alarms alone. */
async function describe(
  cloudWatch: CloudWatchClient,
  names: string[],
  about: { resource: string; signal: AbortSignal | undefined },
): Promise<(MetricAlarm | CompositeAlarm | LogAlarm)[]> {
  return collectPages(
    { action: 'cloudwatch:DescribeAlarms', ...about },
    (http) =>
      paginateDescribeAlarms(
        { client: cloudWatch, pageSize: maxAlarms, stopOnSameToken: true },
        { AlarmNames: names, AlarmTypes: Object.values(AlarmType) },
        http,
      ),
    alarmsOf,
  );
}

/** The alarms of every list in a page: a newer type has a list of its own. */
function alarmsOf({
  $metadata: _,
  ...page
}: DescribeAlarmsCommandOutput): (MetricAlarm | CompositeAlarm | LogAlarm)[] {
  return Object.values(page).flatMap((list) => (Array.isArray(list) ? list : []));
}

function batches(names: readonly string[]): string[][] {
  return Array.from({ length: Math.ceil(names.length / maxAlarms) }, (_, index) =>
    names.slice(index * maxAlarms, (index + 1) * maxAlarms),
  );
}
