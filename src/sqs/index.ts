export { SqsTools } from './sqs-tools.js';
export type { PurgeQueuesOptions, SqsStackOptions, SqsToolsClients, SqsToolsOptions } from './types.js';
