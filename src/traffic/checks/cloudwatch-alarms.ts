import {
  CloudWatchClient,
  type CompositeAlarm,
  type DescribeAlarmsCommandOutput,
  type MetricAlarm,
  paginateDescribeAlarms,
} from '@aws-sdk/client-cloudwatch';
import * as v from 'valibot';
import { collectPages } from '../../core/aws-call.js';
import { type ClientOptions, resolveClients } from '../../core/clients.js';
import { mapConcurrently } from '../../core/map-concurrently.js';
import { nonEmptyString } from '../../core/schemas.js';
import { parseInput } from '../../core/validate.js';
import type { Check, CheckResult } from '../types.js';
import { type CheckOptions, checkFields, ofStack, type PerStack, perStack } from './check-options.js';
import type { CloudWatchCheckClients } from './read-metric-data.js';

/** How many alarms one call may name. */
const maxAlarms = 100;

/** How {@link cloudWatchAlarms} is made. */
export type CloudWatchAlarmsOptions = CheckOptions &
  ClientOptions<CloudWatchCheckClients> & {
    /** The names of metric and composite alarms; or those of each stack, of which the incoming one's are looked at. */
    readonly alarmNames: PerStack<readonly string[]>;
  };

const optionsSchema = v.object({
  ...checkFields,
  alarmNames: perStack(
    v.pipe(
      v.array(nonEmptyString),
      v.check((names) => names.length > 0, 'the name of an alarm'),
    ),
  ),
});

/**
 * The states of alarms: one in `ALARM` fails, and all have to be `OK` for a pass. An alarm that has too little data, cannot
 * be evaluated or does not exist makes it `inconclusive`.
 *
 * An alarm looks as far back as its own evaluation periods: it may stand at what was before the present weights. A
 * composite alarm is `OK` when its rule is false, also while the alarms that it names have no data; name those as well.
 *
 * @remarks IAM: cloudwatch:DescribeAlarms
 * @throws InvalidInputError when an option is missing or malformed.
 */
export function cloudWatchAlarms(options: CloudWatchAlarmsOptions): Check {
  const { name, dryRun, alarmNames } = parseInput('cloudWatchAlarms options', optionsSchema, options);
  const { cloudWatch } = resolveClients<CloudWatchCheckClients>(options, { cloudWatch: CloudWatchClient });
  return {
    name,
    dryRun,
    async evaluate({ incoming, signal }) {
      const names = [...new Set(ofStack<readonly string[]>(alarmNames, incoming))];
      const resource = `check ${name}`;
      const found = await mapConcurrently(batches(names), (batch) =>
        describe(cloudWatch, batch, { resource, signal }),
      );
      return judgeAlarms(names, found.flat());
    },
  };
}

/** The states of the named alarms to an outcome. */
export function judgeAlarms(
  names: readonly string[],
  alarms: readonly (MetricAlarm | CompositeAlarm)[],
): CheckResult {
  const states = names.map((name) => ({ name, state: stateOf(alarms.find((it) => it.AlarmName === name)) }));
  const ringing = states.filter(({ state }) => state === 'ALARM');
  if (ringing.length > 0) return { outcome: 'fail', detail: describeStates(ringing) };
  const unclear = states.filter(({ state }) => state !== 'OK');
  if (unclear.length > 0) return { outcome: 'inconclusive', detail: describeStates(unclear) };
  return { outcome: 'pass', detail: `${count(names.length)} OK` };
}

async function describe(
  cloudWatch: CloudWatchClient,
  names: string[],
  about: { resource: string; signal: AbortSignal | undefined },
): Promise<(MetricAlarm | CompositeAlarm)[]> {
  return collectPages(
    { action: 'cloudwatch:DescribeAlarms', ...about },
    (http) =>
      paginateDescribeAlarms(
        { client: cloudWatch, pageSize: maxAlarms, stopOnSameToken: true },
        { AlarmNames: names, AlarmTypes: ['MetricAlarm', 'CompositeAlarm'] },
        http,
      ),
    ({ MetricAlarms = [], CompositeAlarms = [] }: DescribeAlarmsCommandOutput) => [
      ...MetricAlarms,
      ...CompositeAlarms,
    ],
  );
}

/** An alarm keeps its last state while it cannot be evaluated, so that state says nothing. */
function stateOf(alarm: MetricAlarm | CompositeAlarm | undefined): string {
  if (alarm === undefined) return 'missing';
  if (alarm.StateValue === 'OK' && 'EvaluationState' in alarm && alarm.EvaluationState !== undefined) {
    return alarm.EvaluationState;
  }
  return alarm.StateValue ?? 'without a state';
}

function describeStates(states: readonly { name: string; state: string }[]): string {
  const list = states.map(({ name, state }) => `${name} is ${state}`).join(', ');
  return `${count(states.length)} not OK: ${list}`;
}

function count(alarms: number): string {
  return alarms === 1 ? '1 alarm is' : `${alarms} alarms are`;
}

function batches(names: readonly string[]): string[][] {
  return Array.from({ length: Math.ceil(names.length / maxAlarms) }, (_, index) =>
    names.slice(index * maxAlarms, (index + 1) * maxAlarms),
  );
}
