export type { ECSClient } from '@aws-sdk/client-ecs';
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
export type { TimeLeft } from '../core/time-left.js';
export type {
  AdvanceOptions,
  HeldAt,
  Outcome,
  Progress,
  Resumable,
  StateSummary,
} from '../resumable/types.js';
export type { RequestCounts } from '../traffic/judging/regression-options.js';
export type { CheckError } from '../traffic/shift/shift-events.js';
export type { CheckTally } from '../traffic/shift/shift-state.js';
export type {
  Check,
  CheckContext,
  CheckEvidence,
  CheckPolicy,
  CheckResult,
  TrafficWeights,
} from '../traffic/types.js';
export type { EcsPauseAction } from './change-deployment.js';
export { EcsPause, type EcsPauseProgress } from './ecs-pause.js';
export {
  type EcsPauseHandler,
  type EcsPauseHandlerOptions,
  type EcsPauseHandlerResult,
  ecsPauseHandler,
} from './ecs-pause-handler.js';
export type { EcsPauseEvent, EcsPauseEventTime } from './pause-events.js';
export type { EcsPauseState, PauseUnderWay } from './pause-state.js';
export type {
  EcsDeploymentClients,
  EcsPauseInfo,
  EcsPauseOptions,
  EcsPauseRequest,
  EcsPauseStage,
  EcsPauseStages,
  EcsPauseStep,
  EcsPauseWork,
} from './pause-types.js';
export { rollBackServiceDeployment } from './roll-back-service-deployment.js';
export { watchServiceDeployment } from './watch-service-deployment.js';
export type {
  EndedServiceDeployment,
  RollBackServiceDeploymentOptions,
  ServiceDeploymentReading,
  WatchServiceDeploymentOptions,
} from './watch-types.js';
