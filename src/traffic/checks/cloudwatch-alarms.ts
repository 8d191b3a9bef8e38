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
import { chunksOf } from '../../core/chunks-of.js';
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
import { checkPermissions } from './permissions.js';
import { type CloudWatchCheckClients, cloudWatchOf } from './read-metric-data.js';

/** Maximum number of alarm names in one call. */
const maxAlarms = 100;

/** Options of {@link cloudWatchAlarms}. */
export type CloudWatchAlarmsOptions = CheckOptions &
  ClientOptions<CloudWatchCheckClients> & {
    /** Names of alarms of any type, or those of each stack. The check uses those of the incoming stack. */
    readonly alarmNames: PerStack<readonly string[]>;
    /**
     * Outcome of an alarm in `INSUFFICIENT_DATA`. A metric that is written only when there are errors leaves its alarm in that
     * state on a healthy stack: `'pass'` accepts it. The option does not apply while an alarm warms up, cannot be evaluated or
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
 * Checks the states of metric, composite and log alarms by name. An alarm in `ALARM` fails, and all must be `OK` for a pass. An
 * alarm in `INSUFFICIENT_DATA` has the outcome `noData`. An alarm that warms up, cannot be evaluated or does not exist is
 * `inconclusive`.
 *
 * An alarm covers its own evaluation periods, so its state can be from before the present weights. A composite alarm is `OK` when
 * its rule is false, even while the alarms in its rule have no data; name those as well.
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
    permissions: checkPermissions.cloudWatchAlarms,
    async evaluate(context) {
      const names = [...new Set(ofStack<readonly string[]>(alarmNames, incomingOf(context)))];
      const call = { resource: `check ${name}`, signal: context.signal };
      const found = await mapConcurrently(chunksOf(names, maxAlarms), (some) =>
        describe(cloudWatch, some, call),
      );
      return judgeAlarms(names, found.flat(), { noData, now: context.now });
    },
  };
}

/** Requests every type that the SDK knows: without a list, CloudWatch returns metric alarms only. */
async function describe(
  cloudWatch: CloudWatchClient,
  names: string[],
  call: { resource: string; signal: AbortSignal | undefined },
): Promise<(MetricAlarm | CompositeAlarm | LogAlarm)[]> {
  return collectPages(
    { action: 'cloudwatch:DescribeAlarms', ...call },
    (http) =>
      paginateDescribeAlarms(
        { client: cloudWatch, pageSize: maxAlarms, stopOnSameToken: true },
        { AlarmNames: names, AlarmTypes: Object.values(AlarmType) },
        http,
      ),
    alarmsOf,
  );
}

/** Returns the alarms of every list in a page, because a newer type has its own list. */
function alarmsOf({
  $metadata: _,
  ...page
}: DescribeAlarmsCommandOutput): (MetricAlarm | CompositeAlarm | LogAlarm)[] {
  return Object.values(page).flatMap((list) => (Array.isArray(list) ? list : []));
}
