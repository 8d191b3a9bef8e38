import { AlarmType, type DescribeAlarmsCommandOutput } from '@aws-sdk/client-cloudwatch';

/** An alarm as CloudWatch lists it, of any type. */
export interface ListedAlarm {
  readonly AlarmName?: string | undefined;
  readonly ActionsEnabled?: boolean | undefined;
}

/** All types in the SDK, because CloudWatch lists only the requested types. */
export const alarmTypes: readonly AlarmType[] = [
  ...new Set<AlarmType>(['MetricAlarm', 'CompositeAlarm', ...Object.values(AlarmType)]),
];

/** The alarms of all types on a page: each type has a list of its own, which is named after it. */
export function alarmsOf(page: DescribeAlarmsCommandOutput): ListedAlarm[] {
  return alarmTypes.flatMap((type): readonly ListedAlarm[] => page[`${type}s`] ?? []);
}
