export type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
export type { EventBridgeClient } from '@aws-sdk/client-eventbridge';
export type {
  AliasConfiguration,
  CreateEventSourceMappingRequest,
  EventSourceMappingConfiguration,
  LambdaClient,
} from '@aws-sdk/client-lambda';
export type { CallOptions } from '../core/aws-call.js';
export type { ClientConfig, ClientOptions, IncompleteClients } from '../core/clients.js';
export type { Clock } from '../core/clock.js';
export type { LogData, Logger } from '../core/logger.js';
export type { MatchOptions } from '../core/match-options.js';
export type { WaitOptions } from '../core/poll-until.js';
export type { StackPair, StackReference } from '../core/stack-reference.js';
export type { ToolOptions } from '../core/tool-options.js';
export { LambdaTools } from './lambda-tools.js';
export type {
  EventMappingMatchOptions,
  EventMappingOptions,
  EventMappingReport,
  EventMappingState,
  EventMappingSwitchOptions,
  EventRule,
  EventRuleOptions,
  EventRuleReport,
  EventSourceMappingParameters,
  LambdaMetricStatistics,
  LambdaStackOptions,
  LambdaToolsClients,
  LambdaToolsOptions,
  LatestLambdaMetrics,
  LatestMetric,
  ListedRule,
} from './types.js';
