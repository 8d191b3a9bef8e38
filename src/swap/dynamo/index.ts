export type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
export type { CallOptions } from '../../core/aws-call.js';
export type { ClientConfig, ClientOptions, IncompleteClients } from '../../core/clients.js';
export type { Clock } from '../../core/clock.js';
export {
  DynamoSwapRecord,
  type DynamoSwapRecordClients,
  type DynamoSwapRecordOptions,
} from './dynamo-swap-record.js';
