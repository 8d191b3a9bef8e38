export type { StackPair, StackReference } from '../core/stack-reference.js';
export type {
  CanaryChanged,
  CanaryDeregistered,
  CanaryRegistered,
  CanaryStarted,
  CanaryStopped,
  FeaturesUntried,
  LeftoverFound,
  RolloutCheckEvaluated,
  RolloutEvent,
  RolloutEventTime,
  RolloutFailed,
  RolloutPhase,
  RolloutPhaseStarted,
  RolloutSucceeded,
  ServiceChanged,
  ServiceCreated,
  ServiceOnlyFeature,
  ServiceRolledBack,
  ServiceRollingBack,
  ServiceStable,
  ServiceUpdated,
  TargetHealthChanged,
  TaskDefinitionReady,
} from '../ecs-rollout/events.js';
export type { SwapEvent } from '../swap/engine/swap-events.js';
export type { SwapEnd, SwapPhase } from '../swap/record/types.js';
export type { RequestCounts } from '../traffic/judging/regression-options.js';
export type {
  CheckError,
  CheckEvaluated,
  RollbackStarted,
  ShiftEvent,
  ShiftEventTime,
  ShiftHalted,
  ShiftRolledBack,
  ShiftStarted,
  ShiftSucceeded,
  WeightsHeld,
  WeightsVerified,
  WeightsWritten,
} from '../traffic/shift/shift-events.js';
export type {
  CheckTally,
  SetupStage,
  SetupState,
  ShiftPhase,
  ShiftState,
  ThrottleState,
} from '../traffic/shift/shift-state.js';
export type {
  CheckEvidence,
  CheckResult,
  ShiftStep,
  ShiftStrategy,
  TargetSetup,
  TrafficWeights,
} from '../traffic/types.js';
export type { ChangeListeners } from './change-listeners.js';
export { type EmfEventsOptions, emfEvents } from './emf-events.js';
export { type OpenTelemetryEventsOptions, openTelemetryEvents } from './open-telemetry-events.js';
export type {
  TelemetryAttributes,
  TelemetryCounter,
  TelemetryMeter,
  TelemetryRecorder,
  TelemetrySpan,
  TelemetryTracer,
} from './open-telemetry-types.js';
