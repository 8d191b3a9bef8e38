export type { SNSClient } from '@aws-sdk/client-sns';
export type { CallOptions } from '../core/aws-call.js';
export type { ClientConfig, ClientOptions, IncompleteClients } from '../core/clients.js';
export type { Clock } from '../core/clock.js';
export type { LogData, Logger } from '../core/logger.js';
export type { StackPair, StackReference } from '../core/stack-reference.js';
export type { ToolOptions } from '../core/tool-options.js';
export { disabledMarker } from './filter-policy.js';
export { SnsTools } from './sns-tools.js';
export type {
  SnsStackOptions,
  SnsToolsClients,
  SnsToolsOptions,
  SubscriptionDescription,
  SubscriptionOptions,
  SubscriptionState,
} from './types.js';
