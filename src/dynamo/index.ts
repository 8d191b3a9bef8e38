export type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
export type { ClientConfig, ClientOptions, IncompleteClients } from '../core/clients.js';
export type { Clock } from '../core/clock.js';
export type { LogData, Logger } from '../core/logger.js';
export type { WaitOptions } from '../core/poll-until.js';
export type { StackPair, StackReference } from '../core/stack-reference.js';
export type { ToolOptions } from '../core/tool-options.js';
export { DynamoTools } from './dynamo-tools.js';
export type {
  DeleteTableOptions,
  DeleteTableResult,
  DynamoStackOptions,
  DynamoToolsClients,
  DynamoToolsOptions,
  NamedBackup,
} from './types.js';
