export type { CallOptions } from '../core/aws-call.js';
export type { Clock } from '../core/clock.js';
export type { LogData, Logger } from '../core/logger.js';
export type { StackPair, StackReference } from '../core/stack-reference.js';
export type { RunResult, RunToEndOptions } from '../resumable/run-options.js';
export type {
  AdvanceOptions,
  HeldAt,
  Outcome,
  Progress,
  Resumable,
  StateSummary,
} from '../resumable/types.js';
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
export type { ResolvedShiftRequest, ShiftRequest } from '../traffic/shift/shift-request.js';
export type { DrivenShifter, ShiftRun } from '../traffic/shift/shift-run.js';
export type { CheckTally, ShiftPhase, ShiftState } from '../traffic/shift/shift-state.js';
export type {
  RollBackOptions,
  ShiftProgress,
  ShiftResult,
  ShiftToOptions,
} from '../traffic/shifter-options.js';
export type { BakeOptions } from '../traffic/strategies/all-at-once.js';
export type { CanaryOptions } from '../traffic/strategies/canary.js';
export type { CodeDeployConfigName } from '../traffic/strategies/codedeploy-config.js';
export type { ExponentialOptions } from '../traffic/strategies/exponential.js';
export type { LinearOptions } from '../traffic/strategies/linear.js';
export type { StrategyRequest, StrategyType } from '../traffic/strategies/strategy-request.js';
export type { TrafficShifter } from '../traffic/traffic-shifter.js';
export type { CheckResult, ShiftStep, ShiftStrategy, TrafficWeights } from '../traffic/types.js';
export type {
  ApprovalByToken,
  OwnTask,
  OwnTaskEvent,
  ShiftExecutionEnd,
  StateDefinition,
  StateMachineDefinition,
  StepFunctionsDefinitionOptions,
} from './definition-options.js';
export { stepFunctionsDefinition } from './step-functions-definition.js';
export { stepFunctionsHandler } from './step-functions-handler.js';
export type {
  ApprovalQuestion,
  MakeShifter,
  ShiftExecutionInput,
  ShiftExecutionState,
  StepFunctionsHandler,
  StepFunctionsHandlerOptions,
  StepFunctionsLambdaContext,
} from './types.js';
