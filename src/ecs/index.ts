export type { ApplicationAutoScalingClient } from '@aws-sdk/client-application-auto-scaling';
export type { ECSClient } from '@aws-sdk/client-ecs';
export type { CallOptions } from '../core/aws-call.js';
export type { ClientConfig, ClientOptions, IncompleteClients } from '../core/clients.js';
export type { Clock } from '../core/clock.js';
export type { ToolkitError } from '../core/errors.js';
export type { LogData, Logger } from '../core/logger.js';
export type { WaitOptions } from '../core/poll-until.js';
export type { StackPair, StackReference } from '../core/stack-reference.js';
export type { ToolOptions } from '../core/tool-options.js';
export { EcsTools } from './ecs-tools.js';
export type {
  EcsStackOptions,
  EcsToolsClients,
  EcsToolsOptions,
  EnableServiceOptions,
  ServiceCounts,
  ServiceStableOptions,
  StableService,
} from './types.js';
