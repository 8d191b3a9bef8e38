export type { CodeDeployClient } from '@aws-sdk/client-codedeploy';
export type { CallOptions } from '../core/aws-call.js';
export type { ClientConfig, ClientOptions, IncompleteClients } from '../core/clients.js';
export type { Clock } from '../core/clock.js';
export type { LogData, Logger } from '../core/logger.js';
export type {
  IamCondition,
  IamResourceType,
  Permission,
  PermissionLimit,
  Reason,
} from '../core/permissions.js';
export type { IamPolicyDocument, IamPolicyStatement } from '../core/policy-document.js';
export type { WaitOptions } from '../core/poll-until.js';
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
export type { SwapEvent } from '../swap/engine/swap-events.js';
export type { AdoptResult } from '../swap/operate/adopt-stack.js';
export type { StepPreview } from '../swap/operate/preview-steps.js';
export type { HookTimePreview, PreviewTimes, WaitPreview } from '../swap/operate/preview-times.js';
export type { ResumeResult } from '../swap/operate/resume-swap.js';
export type { SwapPreview } from '../swap/operate/swap-preview.js';
export type { StepStatus, SwapStatus, UnderWayStatus } from '../swap/operate/swap-status.js';
export type { JsonValue } from '../swap/plan/step.js';
export type { PlanPhase } from '../swap/plan/swap-plan.js';
export type {
  EndedSwap,
  OrphanStep,
  StepRecord,
  SwapEnd,
  SwapOwner,
  SwapPhase,
} from '../swap/record/types.js';
export type { StackSwap } from '../swap/stack-swap.js';
export type {
  AdoptOptions,
  RequestRollBackOptions,
  ResumeOptions,
  SwapResult,
  SwapRunOptions,
} from '../swap/swap-method-options.js';
export type { SwapRequest, SwapState, SwapStateEnd } from '../swap/swap-state.js';
export type { TrafficPercents } from '../swap/switches/types.js';
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
export type { ShiftRequest } from '../traffic/shift/shift-request.js';
export type {
  CheckTally,
  SetupStage,
  SetupState,
  ShiftPhase,
  ShiftState,
  ThrottleState,
} from '../traffic/shift/shift-state.js';
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
export type {
  CheckEvidence,
  CheckResult,
  ShiftStep,
  ShiftStrategy,
  TargetSetup,
  TrafficWeights,
} from '../traffic/types.js';
export { codeDeployHook } from './codedeploy-hook.js';
export { codeDeploySwapHooks } from './codedeploy-swap-hooks.js';
export type { EcsHookDirection, EcsHookFunction, EcsHookInvocation } from './ecs-invocation.js';
export { ecsLifecycleHook } from './ecs-lifecycle-hook.js';
export {
  type DatabaseStarter,
  databaseStarted,
  type EcsReadyStepOptions,
  type EcsStepStack,
  type SubscriptionSwitch,
  subscriptionDisabled,
  subscriptionEnabled,
} from './ecs-ready-steps.js';
export type {
  EcsHookStep,
  EcsPollStep,
  EcsPollTimes,
  EcsRunStep,
  EcsShiftStep,
  EcsWaitForStep,
  EcsWaitStep,
} from './ecs-steps.js';
export { ecsSwapHook } from './ecs-swap-hook.js';
export type {
  EcsHookDirections,
  EcsHookEvent,
  EcsHookResponse,
  EcsHookStages,
  EcsHookWork,
  EcsLifecycleHookHandler,
  EcsLifecycleHookOptions,
  EcsLifecycleStage,
} from './ecs-types.js';
export type {
  CodeDeploySwapHookHandler,
  CodeDeploySwapHookResult,
  CodeDeploySwapHooks,
  CodeDeploySwapHooksOptions,
  EcsSwapHookHandler,
  EcsSwapHookOptions,
  SwapTickResult,
} from './swap-hook-types.js';
export type {
  CodeDeployHookClients,
  CodeDeployHookFunction,
  CodeDeployHookHandler,
  CodeDeployHookInvocation,
  CodeDeployHookOptions,
  CodeDeployHookResult,
  HookExecution,
  HookLambdaContext,
} from './types.js';
