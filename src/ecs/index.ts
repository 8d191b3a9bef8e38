export { type LoadDefinitionsOptions, loadDefinitions } from './definitions/load-definitions.js';
export { EcsTools } from './ecs-tools.js';
export type {
  CanaryChanged,
  CanaryDeregistered,
  CanaryRegistered,
  CanaryStarted,
  CanaryStopped,
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
  ServiceRolledBack,
  ServiceRollingBack,
  ServiceStable,
  ServiceUpdated,
  TargetHealthChanged,
  TaskDefinitionReady,
} from './rollout/events.js';
export { RolloutError, type RolloutErrorDetails } from './rollout/rollout-error.js';
export type {
  EcsDefinitions,
  RolledService,
  RollOutInput,
  RollOutLimits,
  RollOutOptions,
  RollOutResult,
  ServiceInput,
  TaskDefinitionInput,
  UpOptions,
  UpResult,
} from './rollout/types.js';
export type {
  EcsStackOptions,
  EcsToolsClients,
  EcsToolsOptions,
  ServiceStableOptions,
  StableService,
} from './types.js';
