import type { RolloutEvent } from '../ecs-rollout/events.js';
import type { SwapEvent } from '../swap/engine/swap-events.js';
import type { ShiftEvent } from '../traffic/shift/shift-events.js';

/** Kind of change that an event belongs to. */
export type ChangeKind = 'shift' | 'rollout' | 'swap';

const shiftEvents: Readonly<Record<ShiftEvent['type'], true>> = {
  started: true,
  weightsWritten: true,
  weightsVerified: true,
  checkEvaluated: true,
  held: true,
  rollingBack: true,
  halted: true,
  rolledBack: true,
  succeeded: true,
};
const rolloutEvents: Readonly<Record<RolloutEvent['type'], true>> = {
  phaseStarted: true,
  leftoverFound: true,
  taskDefinitionReady: true,
  serviceCreated: true,
  featuresUntried: true,
  canaryStarted: true,
  canaryChanged: true,
  canaryRegistered: true,
  targetHealthChanged: true,
  checkEvaluated: true,
  serviceUpdated: true,
  serviceChanged: true,
  serviceStable: true,
  rollingBack: true,
  rolledBack: true,
  canaryDeregistered: true,
  canaryStopped: true,
  succeeded: true,
  failed: true,
};
const swapEvents: Readonly<Record<SwapEvent['type'], true>> = {
  started: true,
  phaseChanged: true,
  rollbackRequested: true,
  stepStarted: true,
  stepDone: true,
  stepSkipped: true,
  undoStarted: true,
  stepUndone: true,
  stepFailed: true,
  ended: true,
};

/** Types of events of each kind of change. An attribute of a metric has no other value. */
export const eventTypes: Readonly<Record<ChangeKind, readonly string[]>> = {
  shift: Object.keys(shiftEvents),
  rollout: Object.keys(rolloutEvents),
  swap: Object.keys(swapEvents),
};
