import type { MethodPermissions } from '../core/permissions.js';

/** Permissions of the shifter, which makes no AWS call itself: add those of its target and its checks. And of a rehearsal. */
export const shifterPermissions = {
  'TrafficShifter.advance': [],
  'TrafficShifter.begin': [],
  'TrafficShifter.getWeights': [],
  'TrafficShifter.rollBack': [],
  'TrafficShifter.shiftTo': [],
  rehearse: [{ action: 'cloudwatch:GetMetricData', resources: '*' }],
} as const satisfies MethodPermissions;
