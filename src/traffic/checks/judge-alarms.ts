import type { CompositeAlarm, LogAlarm, MetricAlarm } from '@aws-sdk/client-cloudwatch';
import type { CheckResult } from '../types.js';
import { describeTime, type NoDataOutcome } from './check-options.js';

type Alarm = MetricAlarm | CompositeAlarm | LogAlarm;

/** Rules that alarms are judged by. */
export interface AlarmRules {
  readonly noData: NoDataOutcome;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** State of an alarm: `OK`, `ALARM`, no data, or unknown with a reason. */
interface AlarmState {
  readonly name: string;
  readonly kind: 'ok' | 'alarm' | 'noData' | 'unknown';
  readonly description: string;
}

const missing = 'missing';

export function judgeAlarms(
  names: readonly string[],
  alarms: readonly Alarm[],
  { noData, now }: AlarmRules,
): CheckResult {
  const states = names.map((name) => stateOf(name, alarms, now));
  const of = (kind: AlarmState['kind']) => states.filter((it) => it.kind === kind);
  const [ringing, empty, unknown] = [of('alarm'), of('noData'), of('unknown')];
  if (ringing.length > 0) return { outcome: 'fail', detail: describe(ringing) };
  if (empty.length > 0 && noData === 'fail')
    return { outcome: 'fail', detail: `${describe(empty)}, which counts as fail here` };
  if (unknown.length > 0 || (empty.length > 0 && noData === 'inconclusive')) {
    const unclear = states.filter(
      ({ kind }) => kind === 'unknown' || (kind === 'noData' && noData === 'inconclusive'),
    );
    return { outcome: 'inconclusive', detail: describe(unclear) + adviceFor(unclear) };
  }
  const accepted = empty.length > 0 ? `; ${describe(empty)}, which counts as pass here` : '';
  return { outcome: 'pass', detail: `${count(of('ok').length)} OK${accepted}` };
}

function stateOf(name: string, alarms: readonly Alarm[], now: number): AlarmState {
  const alarm = alarms.find(({ AlarmName }) => AlarmName === name);
  if (alarm === undefined) return { name, kind: 'unknown', description: missing };
  const { StateValue: state } = alarm;
  if (state === 'ALARM') return { name, kind: 'alarm', description: state };
  // An alarm keeps its last state while it cannot be evaluated, so that state proves nothing.
  const evaluation = 'EvaluationState' in alarm ? alarm.EvaluationState : undefined;
  if (evaluation !== undefined) return { name, kind: 'unknown', description: evaluation };
  if (state === 'OK') return { name, kind: 'ok', description: state };
  if (state !== 'INSUFFICIENT_DATA')
    return { name, kind: 'unknown', description: state ?? 'without a state' };
  const end = endOfWarmUp(alarm);
  if (end !== undefined && end > now)
    return { name, kind: 'unknown', description: `${state} (warming up until ${describeTime(end)})` };
  // A composite alarm has no data. It is in this state until CloudWatch evaluates it.
  return { name, kind: 'AlarmRule' in alarm ? 'unknown' : 'noData', description: state };
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_WarmUpConfiguration.html */
function endOfWarmUp(alarm: Alarm): number | undefined {
  const minutes =
    'WarmUpConfiguration' in alarm ? alarm.WarmUpConfiguration?.WarmUpPeriodDurationInMinutes : undefined;
  const since = alarm.AlarmConfigurationUpdatedTimestamp?.getTime();
  return minutes === undefined || since === undefined ? undefined : since + minutes * 60_000;
}

/** Returns the remedies for the reasons in a list of alarms. */
function adviceFor(states: readonly AlarmState[]): string {
  const isEmpty = states.some(({ kind }) => kind === 'noData');
  const isMissing = states.some(({ description }) => description === missing);
  return [
    isEmpty &&
      ". A metric that is written only when something happens leaves its alarm without data: set noData: 'pass' on this check if that is healthy, or treat missing data as notBreaching in the alarm",
    isMissing &&
      '. Check alarmNames, and the Region and account of the client: no alarm has the missing name',
  ]
    .filter(Boolean)
    .join('');
}

function describe(states: readonly AlarmState[]): string {
  const list = states.map(({ name, description }) => `${name} is ${description}`).join(', ');
  return `${count(states.length)} not OK: ${list}`;
}

function count(alarms: number): string {
  return alarms === 1 ? '1 alarm is' : `${alarms} alarms are`;
}
