export { DynamoTools } from './dynamo-tools.js';
export type {
  DeleteTableOptions,
  DeleteTableResult,
  DynamoStackOptions,
  DynamoToolsClients,
  DynamoToolsOptions,
} from './types.js';
