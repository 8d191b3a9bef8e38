import type { ShiftRules } from '../../../src/traffic/shift/decision.js';
import { type ShiftState, shiftStateVersion } from '../../../src/traffic/shift/shift-state.js';
import type { TrafficWeights } from '../../../src/traffic/types.js';

/** Time of {@link aState}, at which its weights were verified. */
export const startAt = 1_000_000;

/** Returns weights with this share for green, the incoming stack. */
export function green(percent: number): TrafficWeights {
  return { blue: 100 - percent, green: percent };
}

/** Creates the state of a shift to green that holds 10 % since {@link startAt}, with 50 % and 100 % to follow. */
export function aState(changes: Partial<ShiftState> = {}): ShiftState {
  return {
    version: shiftStateVersion,
    phase: 'shifting',
    incoming: 'green',
    strategy: {
      name: 'three steps',
      steps: [
        { percent: 10, holdSeconds: 60 },
        { percent: 50, holdSeconds: 120 },
        { percent: 100, holdSeconds: 300 },
      ],
    },
    initialWeights: green(0),
    verifiedWeights: green(10),
    verifiedAt: startAt,
    readAt: startAt,
    step: 0,
    unverifiedWrites: 0,
    nextCheckAt: startAt + 30_000,
    tallies: {},
    startedAt: startAt - 5000,
    ...changes,
  };
}

/** Creates the rules of a shifter without checks. */
export function rules(changes: Partial<ShiftRules> = {}): ShiftRules {
  return {
    policy: {
      intervalSeconds: 20,
      initialDelaySeconds: 30,
      failureThreshold: 1,
      inconclusiveThreshold: 2,
      errorThreshold: 2,
      successThreshold: 1,
    },
    gates: [],
    hasChecks: false,
    rollback: 'atOnce',
    guardIntervalSeconds: 3600,
    maxUnverifiedWrites: 3,
    visibleAfterSeconds: 30,
    maxSetupSeconds: 900,
    hasSetup: false,
    nearestWeights: (weights) => weights,
    propagationSeconds: () => 0,
    ...changes,
  };
}

/** Creates the rules of a shifter with one check. */
export function rulesWithCheck(changes: Partial<ShiftRules> = {}): ShiftRules {
  return rules({ gates: ['errors'], hasChecks: true, ...changes });
}
