import type { MethodPermissions } from '../core/permissions.js';

/** A shifter makes no calls by itself: add those of its target and of its checks. */
export const shifterPermissions = {
  'TrafficShifter.advance': [],
  'TrafficShifter.begin': [],
  'TrafficShifter.getWeights': [],
  'TrafficShifter.rollBack': [],
  'TrafficShifter.shiftTo': [],
} as const satisfies MethodPermissions;
