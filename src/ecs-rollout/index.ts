export type {
  CreateServiceCommandInput,
  ECSClient,
  RegisterTaskDefinitionCommandInput,
} from '@aws-sdk/client-ecs';
export type { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
export type { CallOptions } from '../core/aws-call.js';
export type { ClientConfig, ClientOptions, IncompleteClients } from '../core/clients.js';
export type { Clock } from '../core/clock.js';
export type { ToolkitError } from '../core/errors.js';
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
export type { RequestCounts } from '../traffic/judging/regression-options.js';
export type { CheckError } from '../traffic/shift/shift-events.js';
export type {
  Check,
  CheckContext,
  CheckEvidence,
  CheckPolicy,
  CheckResult,
  TrafficWeights,
} from '../traffic/types.js';
export { type LoadDefinitionsOptions, loadDefinitions } from './definitions/load-definitions.js';
export { EcsRollout } from './ecs-rollout.js';
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
} from './events.js';
export { RolloutError, type RolloutErrorDetails } from './rollout-error.js';
export type {
  EcsDefinitions,
  EcsRolloutClients,
  EcsRolloutOptions,
  LeftoverTarget,
  RolledService,
  RollOutInput,
  RollOutLimits,
  RollOutOptions,
  RollOutResult,
  RolloutLeftovers,
  ServiceInput,
  TaskDefinitionInput,
  UpOptions,
  UpResult,
} from './types.js';
