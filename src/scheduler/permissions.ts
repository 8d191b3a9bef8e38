import type { MethodPermissions } from '../core/permissions.js';

const list = { action: 'scheduler:ListSchedules', resources: '*' } as const;

const switchOver = [
  list,
  { action: 'scheduler:GetSchedule', resources: ['schedule'] },
  { action: 'scheduler:UpdateSchedule', resources: ['schedule'] },
  {
    action: 'iam:PassRole',
    resources: ['scheduleRole'],
    only: { operator: 'StringEquals', key: 'iam:PassedToService', values: ['scheduler.amazonaws.com'] },
    notCalled: {
      why: 'EventBridge Scheduler validates it within `UpdateSchedule`, for the execution role of the schedule',
      source: 'https://docs.aws.amazon.com/scheduler/latest/UserGuide/security_iam_id-based-policies.html',
    },
  },
] as const;

/** IAM permissions of the methods of `SchedulerTools`. */
export const schedulerPermissions = {
  'SchedulerTools.disableSchedules': switchOver,
  'SchedulerTools.enableSchedules': switchOver,
  'SchedulerTools.listSchedules': [list],
} as const satisfies MethodPermissions;
