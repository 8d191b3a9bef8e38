export type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
export type { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
export type { StartExecutionCommand } from '@aws-sdk/client-sfn';
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
export type { StackPair, StackReference } from '../core/stack-reference.js';
export type { runDurably } from '../durable/run-durably.js';
export type {
  ContinuedChange,
  DurableApprovalRequest,
  DurableChangeContext,
  DurableOptions,
  DurableRequest,
  DurableResult,
  DurableRetryDecision,
  DurableSeconds,
  DurableStep,
  DurableStepOptions,
} from '../durable/types.js';
export type { RunResult, RunToEndOptions } from '../resumable/run-options.js';
export type {
  AdvanceOptions,
  HeldAt,
  Outcome,
  Progress,
  Resumable,
  StateSummary,
} from '../resumable/types.js';
export type { stepFunctionsHandler } from '../step-functions/step-functions-handler.js';
export type {
  ApprovalQuestion,
  ExecutionInput,
  ExecutionState,
  MakeResumable,
  StepFunctionsHandler,
  StepFunctionsHandlerOptions,
  StepFunctionsLambdaContext,
} from '../step-functions/types.js';
export type { SecretSource } from '../traffic/checks/datadog-metric.js';
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
export type { ResolvedShiftRequest, ShiftRequest } from '../traffic/shift/shift-request.js';
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
export { managedListenerRuleHandler } from './handler.js';
export type {
  CustomResourceContext,
  DatadogKeys,
  Delegate,
  DurableListenerRuleHandler,
  DurableListenerRuleOptions,
  ExecutionStarter,
  ListenerRuleOptions,
  ManagedListenerRuleClients,
  ManagedListenerRuleHandler,
  ManagedListenerRuleOptions,
  ManagedListenerRuleResult,
} from './types.js';
