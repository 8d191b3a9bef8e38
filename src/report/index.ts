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
export type { Outcome } from '../resumable/types.js';
export type { SwapEvent } from '../swap/engine/swap-events.js';
export type { StepStatus, SwapStatus, UnderWayStatus } from '../swap/operate/swap-status.js';
export type { JsonValue } from '../swap/plan/step.js';
export type {
  EndedSwap,
  OrphanStep,
  StepRecord,
  SwapClaim,
  SwapEnd,
  SwapOwner,
  SwapPhase,
  SwapRecordItem,
  SwapUnderWay,
} from '../swap/record/types.js';
export type { SwapState, SwapStateEnd } from '../swap/swap-state.js';
export type { TrafficPercents } from '../swap/switches/types.js';
export type { RequestCounts } from '../traffic/judging/regression-options.js';
export type {
  InjectedRehearsal,
  NotRehearsed,
  Rehearsal,
  RehearsalCost,
  RehearsalCounts,
  RehearsalQuantiles,
  RehearsedCheck,
  RehearsedShift,
  RehearsedStop,
} from '../traffic/rehearsal/rehearsal-types.js';
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
export { renderReport } from './render-report.js';
export type { ReportInput, RolloutReport, ShiftReport, SwapReport } from './report-input.js';
