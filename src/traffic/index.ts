export type { AppMeshClient } from '@aws-sdk/client-app-mesh';
export type { CloudWatchClient, MetricDataQuery } from '@aws-sdk/client-cloudwatch';
export type { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
export type { LambdaClient } from '@aws-sdk/client-lambda';
export type { VPCLatticeClient } from '@aws-sdk/client-vpc-lattice';
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
export type { ToolOptions } from '../core/tool-options.js';
export type { RunResult, RunToEndOptions } from '../resumable/run-options.js';
export type {
  AdvanceOptions,
  HeldAt,
  Outcome,
  Progress,
  Resumable,
  StateSummary,
} from '../resumable/types.js';
export {
  type AlbTargetGroup5xxRateOptions,
  type AlbTargetGroupLatencyOptions,
  type AlbTargetGroupOptions,
  type AlbUnhealthyHostsOptions,
  albTargetGroup5xxRate,
  albTargetGroupLatency,
  albUnhealthyHosts,
} from './checks/alb-target-group.js';
export type { BoundOptions, CheckOptions, NoDataOutcome, PerStack } from './checks/check-options.js';
export { type CloudWatchAlarmsOptions, cloudWatchAlarms } from './checks/cloudwatch-alarms.js';
export {
  type CloudWatchMetricOptions,
  cloudWatchMetric,
  type MissingDataOptions,
} from './checks/cloudwatch-metric.js';
export { customCheck } from './checks/custom-check.js';
export { type DatadogMetricOptions, datadogMetric, type SecretSource } from './checks/datadog-metric.js';
export { type EcsAppMesh5xxOptions, ecsAppMesh5xx } from './checks/ecs-app-mesh-5xx.js';
export type { ErrorRateOptions } from './checks/error-rate.js';
export { type HttpCheckOptions, httpCheck } from './checks/http-check.js';
export type { ComparisonBound } from './checks/judge-comparison.js';
export { type LambdaAliasErrorRateOptions, lambdaAliasErrorRate } from './checks/lambda-alias-error-rate.js';
export {
  type LambdaCheckClients,
  type LambdaCheckEvent,
  type LambdaCheckOptions,
  lambdaCheck,
} from './checks/lambda-check.js';
export type { MetricWindowOptions } from './checks/metric-check.js';
export { type MetricComparisonOptions, metricComparison } from './checks/metric-comparison.js';
export type { CloudWatchCheckClients } from './checks/read-metric-data.js';
export {
  type AlbErrorRateRegressionOptions,
  type AlbRegressionOptions,
  type AlbSlowRequestRegressionOptions,
  albErrorRateRegression,
  albSlowRequestRegression,
} from './checks/regression/alb-regressions.js';
export {
  type ApiGatewayErrorRateRegressionOptions,
  type ApiGatewayStage,
  apiGatewayErrorRateRegression,
} from './checks/regression/api-gateway-regression.js';
export {
  type AppMeshErrorRateRegressionOptions,
  appMeshErrorRateRegression,
} from './checks/regression/app-mesh-regression.js';
export {
  type CountFunction,
  type CountRange,
  type CountSource,
  countsFrom,
  type PeriodCount,
} from './checks/regression/count-source.js';
export {
  type ErrorRateRegressionOptions,
  errorRateRegression,
  type RegressionCounts,
  type RegressionQueries,
} from './checks/regression/error-rate-regression.js';
export {
  type LambdaAliasErrorRateRegressionOptions,
  lambdaAliasErrorRateRegression,
} from './checks/regression/lambda-alias-regression.js';
export {
  type LatticeErrorRateRegressionOptions,
  latticeErrorRateRegression,
} from './checks/regression/lattice-regression.js';
export type {
  RegressionCheckOptions,
  RegressionPeriodOptions,
} from './checks/regression/regression-check.js';
export { judgeRegression, type RegressionVerdict } from './judging/judge-regression.js';
export type { RegressionOptions, RegressionPeriod, RequestCounts } from './judging/regression-options.js';
export type { RegressionSums } from './judging/request-sums.js';
export type {
  InjectedRegression,
  InjectedRehearsal,
  NotRehearsed,
  Rehearsal,
  RehearsalCost,
  RehearsalCounts,
  RehearsalOptions,
  RehearsalPlan,
  RehearsalProgress,
  RehearsalQuantiles,
  RehearsalSettings,
  RehearsedCheck,
  RehearsedShift,
  RehearsedStop,
} from './rehearsal/rehearsal-types.js';
export { estimateRehearsal, rehearse } from './rehearsal/rehearse.js';
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
} from './shift/shift-events.js';
export type { ResolvedShiftRequest, ShiftRequest } from './shift/shift-request.js';
export {
  type CheckTally,
  type SetupStage,
  type SetupState,
  type ShiftPhase,
  type ShiftState,
  shiftStateVersion,
  type ThrottleState,
} from './shift/shift-state.js';
export type {
  RollBackOptions,
  RollbackSteps,
  ShiftProgress,
  ShiftResult,
  ShiftToOptions,
  TrafficShifterOptions,
} from './shifter-options.js';
export { allAtOnce, type BakeOptions } from './strategies/all-at-once.js';
export { type CanaryOptions, canary } from './strategies/canary.js';
export { type CodeDeployConfigName, codeDeployConfig } from './strategies/codedeploy-config.js';
export { type ExponentialOptions, exponential } from './strategies/exponential.js';
export { type LinearOptions, linear } from './strategies/linear.js';
export { type StepsOptions, steps } from './strategies/steps.js';
export type { StrategyRequest, StrategyType } from './strategies/strategy-request.js';
export { AlbListenerTarget, type AlbListenerTargetOptions } from './targets/alb-listener.js';
export { AlbListenerRuleTarget, type AlbListenerRuleTargetOptions } from './targets/alb-listener-rule.js';
export {
  AppMeshRouteTarget,
  type AppMeshRouteTargetClients,
  type AppMeshRouteTargetOptions,
  type AppMeshStackOptions,
} from './targets/app-mesh-route.js';
export { CompositeTarget, type CompositeTargetOptions } from './targets/composite.js';
export type {
  AlbSetupOptions,
  AlbStackOptions,
  AlbTargetClients,
  AlbTargetOptions,
} from './targets/elastic-load-balancing.js';
export {
  type LambdaAliasStackOptions,
  LambdaAliasTarget,
  type LambdaAliasTargetClients,
  type LambdaAliasTargetOptions,
} from './targets/lambda-alias.js';
export {
  VpcLatticeRuleTarget,
  type VpcLatticeRuleTargetOptions,
  type VpcLatticeStackOptions,
  type VpcLatticeTargetClients,
} from './targets/vpc-lattice-rule.js';
export { TrafficShifter } from './traffic-shifter.js';
export type {
  Check,
  CheckContext,
  CheckEvidence,
  CheckPolicy,
  CheckResult,
  ReadWeightsOptions,
  SetupChange,
  SetupProgress,
  ShiftStep,
  ShiftStrategy,
  TargetHealth,
  TargetSetup,
  TrafficTarget,
  TrafficWeights,
  WriteWeightsOptions,
} from './types.js';
