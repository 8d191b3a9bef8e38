export type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
export type { CallOptions } from '../core/aws-call.js';
export type { ClientConfig, ClientOptions, IncompleteClients } from '../core/clients.js';
export type { Clock } from '../core/clock.js';
export type { LogData, Logger } from '../core/logger.js';
export type { MatchOptions } from '../core/match-options.js';
export type { StackPair, StackReference } from '../core/stack-reference.js';
export type { ToolOptions } from '../core/tool-options.js';
export { CloudWatchTools } from './cloudwatch-tools.js';
export type {
  AlarmActionsOptions,
  AlarmActionsReport,
  AlarmMuting,
  CloudWatchStackOptions,
  CloudWatchToolsClients,
  CloudWatchToolsOptions,
  ListMutedAlarmsOptions,
  MuteAlarmsOptions,
  StackAlarm,
} from './types.js';
