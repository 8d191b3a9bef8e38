import type { MethodPermissions } from '../core/permissions.js';

/** Permissions of the shifter. It makes no AWS call itself: `permissions()` returns those of its target and its checks. */
export const shifterPermissions = {
  'TrafficShifter.advance': [],
  'TrafficShifter.begin': [],
  'TrafficShifter.getWeights': [],
  'TrafficShifter.rollBack': [],
  'TrafficShifter.shiftTo': [],
} as const satisfies MethodPermissions;
