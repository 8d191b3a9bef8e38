import type { MethodPermissions } from '../core/permissions.js';

const describe = {
  action: 'cloudwatch:DescribeAlarms',
  resources: '*',
  because: {
    why: 'with less, CloudWatch responds without the composite alarms',
    source: 'https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html',
  },
} as const;

const listMuteRules = { action: 'cloudwatch:ListAlarmMuteRules', resources: '*' } as const;

/** The permissions of the methods of `CloudWatchTools`. */
export const cloudWatchPermissions = {
  'CloudWatchTools.disableAlarmsActions': [
    describe,
    { action: 'cloudwatch:DisableAlarmActions', resources: ['alarm'] },
  ],
  'CloudWatchTools.enableAlarmsActions': [
    describe,
    { action: 'cloudwatch:EnableAlarmActions', resources: ['alarm'] },
  ],
  'CloudWatchTools.listAlarms': [describe],
  'CloudWatchTools.listMutedAlarms': [
    listMuteRules,
    { action: 'cloudwatch:GetAlarmMuteRule', resources: ['alarmMuteRule'] },
  ],
  'CloudWatchTools.muteAlarms': [
    describe,
    { action: 'cloudwatch:PutAlarmMuteRule', resources: ['alarm', 'alarmMuteRule'] },
  ],
  'CloudWatchTools.unmuteAlarms': [
    listMuteRules,
    { action: 'cloudwatch:DeleteAlarmMuteRule', resources: ['alarmMuteRule'] },
  ],
} as const satisfies MethodPermissions;
