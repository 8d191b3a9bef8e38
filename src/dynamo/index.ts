export { DynamoTools } from './dynamo-tools.js';
export type {
  DeleteTableOptions,
  DeleteTableResult,
  DynamoStackOptions,
  DynamoToolsClients,
  DynamoToolsOptions,
  NamedBackup,
} from './types.js';
