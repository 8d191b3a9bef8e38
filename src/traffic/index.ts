export {
  type AlbTargetGroup5xxRateOptions,
  type AlbTargetGroup5xxRateOptions,
  type AlbTargetGroupLatencyOptions,
  type AlbTargetGroupLatencyOptions,
  type AlbTargetGroupOptions,
  type AlbTargetGroupOptions,
  type AlbUnhealthyHostsOptions,
  type AlbUnhealthyHostsOptions,
  albTargetGroup5xxRate,
  albTargetGroup5xxRate,
  albTargetGroupLatency,
  albTargetGroupLatency,
  albUnhealthyHosts,
  albUnhealthyHosts,
} from './checks/alb-target-group.js';
export type {
  BoundOptions,
  BoundOptions,
  CheckOptions,
  CheckOptions,
  NoDataOutcome,
  NoDataOutcome,
  PerStack,
  PerStack,
} from './checks/check-options.js';
export {
  type CloudWatchAlarmsOptions,
  type CloudWatchAlarmsOptions,
  cloudWatchAlarms,
  cloudWatchAlarms,
} from './checks/cloudwatch-alarms.js';
export {
  type CloudWatchMetricOptions,
  type CloudWatchMetricOptions,
  cloudWatchMetric,
  cloudWatchMetric,
  type MissingDataOptions,
  type MissingDataOptions,
} from './checks/cloudwatch-metric.js';
export { customCheck, customCheck } from './checks/custom-check.js';
export {
  type DatadogMetricOptions,
  type DatadogMetricOptions,
  datadogMetric,
  datadogMetric,
  type SecretSource,
  type SecretSource,
} from './checks/datadog-metric.js';
export {
  type EcsAppMesh5xxOptions,
  type EcsAppMesh5xxOptions,
  ecsAppMesh5xx,
  ecsAppMesh5xx,
} from './checks/ecs-app-mesh-5xx.js';
export type { ErrorRateOptions, ErrorRateOptions } from './checks/error-rate.js';
export { type HttpCheckOptions, type HttpCheckOptions, httpCheck, httpCheck } from './checks/http-check.js';
export type { ComparisonBound } from './checks/judge-comparison.js';
export {
  type LambdaAliasErrorRateOptions,
  type LambdaAliasErrorRateOptions,
  lambdaAliasErrorRate,
  lambdaAliasErrorRate,
} from './checks/lambda-alias-error-rate.js';
export {
  type LambdaCheckClients,
  type LambdaCheckClients,
  type LambdaCheckEvent,
  type LambdaCheckEvent,
  type LambdaCheckOptions,
  type LambdaCheckOptions,
  lambdaCheck,
  lambdaCheck,
} from './checks/lambda-check.js';
export type { MetricWindowOptions, MetricWindowOptions } from './checks/metric-check.js';
export {
  type MetricComparisonOptions,
  type MetricComparisonOptions,
  metricComparison,
  metricComparison,
} from './checks/metric-comparison.js';
export type { CloudWatchCheckClients, CloudWatchCheckClients } from './checks/read-metric-data.js';
export type { CheckError, CheckTally } from './shift-state.js';
export { type ShiftEvent, type ShiftPhase, type ShiftState, shiftStateVersion } from './shift-state.js';
export type {
  BeginOptions,
  RollBackOptions,
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
export { steps } from './strategies/steps.js';
export { AlbListenerTarget, type AlbListenerTargetOptions } from './targets/alb-listener.js';
export { AlbListenerRuleTarget, type AlbListenerRuleTargetOptions } from './targets/alb-listener-rule.js';
export {
  AppMeshRouteTarget,
  type AppMeshRouteTargetClients,
  type AppMeshRouteTargetOptions,
  type AppMeshStackOptions,
} from './targets/app-mesh-route.js';
export type {
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
  CheckPolicy,
  CheckResult,
  ReadWeightsOptions,
  ShiftStep,
  ShiftStrategy,
  TargetHealth,
  TrafficTarget,
  TrafficWeights,
} from './types.js';
