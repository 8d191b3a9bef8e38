import type { MethodPermissions } from '../core/permissions.js';

/** Permissions of a rehearsal, and of the shifter, which makes no AWS call itself: `permissions()` returns those of its target and its checks. */
export const shifterPermissions = {
  'TrafficShifter.advance': [],
  'TrafficShifter.begin': [],
  'TrafficShifter.getWeights': [],
  'TrafficShifter.rollBack': [],
  'TrafficShifter.shiftTo': [],
  rehearse: [{ action: 'cloudwatch:GetMetricData', resources: '*' }],
} as const satisfies MethodPermissions;
