export type { CodeDeployClient } from '@aws-sdk/client-codedeploy';
export type { ECSClient } from '@aws-sdk/client-ecs';
export type { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
export type { LambdaClient } from '@aws-sdk/client-lambda';
export type {
  BlueGreenDeploymentState,
  BlueGreenName,
  BlueGreenReading,
  CreateBlueGreenOptions,
  DeleteBlueGreenOptions,
  GetBlueGreenOptions,
  GreenSettings,
  SwitchOverOptions,
  SwitchoverLimits,
} from '../aurora/blue-green/types.js';
export type {
  CreateDatabaseOptions,
  DatabaseCreationState,
  DatabaseSource,
  DeleteCreatedDatabaseOptions,
  SnapshotSource,
} from '../aurora/creation-types.js';
export type {
  DatabaseDomain,
  DatabaseRole,
  DatabaseSettings,
  EnhancedMonitoring,
  PerformanceInsights,
  ServerlessScaling,
} from '../aurora/database-settings.js';
export type { CallOptions } from '../core/aws-call.js';
export type { ClientConfig, ClientOptions, IncompleteClients } from '../core/clients.js';
export type { Clock } from '../core/clock.js';
export type { ToolkitError, ToolkitErrorDetails } from '../core/errors.js';
export type { LogData, Logger } from '../core/logger.js';
export type { MatchOptions } from '../core/match-options.js';
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
  Check,
  CheckContext,
  CheckEvidence,
  CheckResult,
  ShiftStep,
  ShiftStrategy,
  TargetSetup,
  TrafficWeights,
} from '../traffic/types.js';
export type { SwapEvent } from './engine/swap-events.js';
export {
  SwapBindingError,
  SwapConflictError,
  SwapDriftError,
  type SwapErrorDetails,
  SwapInProgressError,
  SwapPastReturnError,
  SwapPlanError,
} from './errors.js';
export type { AdoptResult } from './operate/adopt-stack.js';
export type { StepPreview } from './operate/preview-steps.js';
export type { HookTimePreview, PreviewTimes, WaitPreview } from './operate/preview-times.js';
export type { ResumeResult } from './operate/resume-swap.js';
export type { SwapPreview } from './operate/swap-preview.js';
export type { StepStatus, SwapStatus, UnderWayStatus } from './operate/swap-status.js';
export { parallel } from './plan/parallel.js';
export type { JsonValue, ParallelSteps, StepContext, StepList, SwapSide, SwapStep } from './plan/step.js';
export type { PlanPhase } from './plan/swap-plan.js';
export { InMemorySwapRecord, type InMemorySwapRecordOptions } from './record/in-memory-swap-record.js';
export type {
  EndedSwap,
  OrphanStep,
  StepRecord,
  SwapClaim,
  SwapEnd,
  SwapOwner,
  SwapPhase,
  SwapRecord,
  SwapRecordItem,
  SwapUnderWay,
  SwapWriteResult,
} from './record/types.js';
export { StackSwap } from './stack-swap.js';
export type { AlarmSwitchOptions, SwapAlarms } from './steps/alarms.js';
export type { SwapBlueGreen } from './steps/blue-green.js';
export { check } from './steps/check.js';
export type { SwapConsumers } from './steps/consumers.js';
export { type CreateBlueGreenStepOptions, createBlueGreen } from './steps/create-blue-green.js';
export { createDatabase } from './steps/create-database.js';
export type { CreateDatabaseStepOptions, SwapDatabaseCreation } from './steps/database-creation.js';
export type { SwapDatabasePower } from './steps/database-power.js';
export {
  type DeleteDatabaseStepOptions,
  deleteDatabase,
  type SwapDatabaseDeletion,
} from './steps/delete-database.js';
export { type DeleteTableStepOptions, deleteTable, type SwapTables } from './steps/delete-table.js';
export { deregisterConsumer } from './steps/deregister-consumer.js';
export { disableAlarms } from './steps/disable-alarms.js';
export { disableEventMapping } from './steps/disable-event-mapping.js';
export { disableRule } from './steps/disable-rule.js';
export { disableSchedules } from './steps/disable-schedules.js';
export { disableService } from './steps/disable-service.js';
export { disableSubscription } from './steps/disable-subscription.js';
export { enableAlarms } from './steps/enable-alarms.js';
export { enableEventMapping } from './steps/enable-event-mapping.js';
export { enableRule } from './steps/enable-rule.js';
export { enableSchedules } from './steps/enable-schedules.js';
export { enableService } from './steps/enable-service.js';
export { enableSubscription } from './steps/enable-subscription.js';
export type { MappingSwitchOptions, SwapEventMappings } from './steps/event-mappings.js';
export type { RuleSwitchOptions, SwapEventRule, SwapEventRules } from './steps/event-rules.js';
export type { SwapFunction, SwapFunctionEvent } from './steps/function-invoker.js';
export {
  type InvokeFunctionClients,
  type InvokeFunctionOptions,
  invokeFunction,
} from './steps/invoke-function.js';
export {
  type MuteAlarmsStepOptions,
  type MuteSwitchOptions,
  muteAlarms,
  type SwapAlarmMuting,
} from './steps/mute-alarms.js';
export { purgeQueues, type SwapQueues } from './steps/purge-queues.js';
export type { SwapReaderBounds, SwapReaderScaling } from './steps/reader-scaling.js';
export { registerConsumer } from './steps/register-consumer.js';
export { type SwapReaderScaleIn, scaleInReaders } from './steps/scale-in-readers.js';
export { type SwapReaderScaleOut, scaleOutReaders } from './steps/scale-out-readers.js';
export type { ScheduleStepSwitchOptions, SwapSchedules } from './steps/schedules.js';
export type { SwapServiceCounts, SwapServices } from './steps/services.js';
export { startDatabase } from './steps/start-database.js';
export { startOrCreateDatabase } from './steps/start-or-create-database.js';
export { StepFailedError } from './steps/step-failed-error.js';
export type { MatchStepOptions, StepOptions } from './steps/step-options.js';
export { stopDatabase } from './steps/stop-database.js';
export type { SubscriptionSwitchOptions, SwapSubscriptions } from './steps/subscriptions.js';
export {
  type SwitchOverBlueGreenStepOptions,
  switchOverBlueGreen,
} from './steps/switch-over-blue-green.js';
export type {
  AdoptOptions,
  RequestRollBackOptions,
  ResumeOptions,
  SwapResult,
  SwapRunOptions,
} from './swap-method-options.js';
export type { StackSwapOptions } from './swap-options.js';
export type { SwapRequest, SwapState, SwapStateEnd } from './swap-state.js';
export type { AppSpecLocation, RevisionOf } from './switches/code-deploy-deployments.js';
export { type CodeDeploySwitchOptions, codeDeploySwitch } from './switches/code-deploy-switch.js';
export {
  type DeployedStackOptions,
  deployedStack,
  type ProbedServiceOptions,
} from './switches/deployed-stack.js';
export { type EcsSwitchOptions, ecsSwitch } from './switches/ecs-switch.js';
export { shiftTraffic } from './switches/shift-traffic.js';
export type { CodeDeploySwitchClients, ProbeClients } from './switches/switch-clients.js';
export type {
  DeploymentSwitch,
  OwnerState,
  OwnerStatus,
  ProbeOptions,
  RevisionBinding,
  ShiftAdvance,
  ShiftSwitch,
  SwapSwitch,
  TrafficPercents,
  TrafficProbe,
} from './switches/types.js';
