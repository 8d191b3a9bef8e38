export type { ConsumerStatus, KinesisClient } from '@aws-sdk/client-kinesis';
export type { CallOptions } from '../core/aws-call.js';
export type { ClientConfig, ClientOptions, IncompleteClients } from '../core/clients.js';
export type { Clock } from '../core/clock.js';
export type { LogData, Logger } from '../core/logger.js';
export type { WaitOptions } from '../core/poll-until.js';
export type { StackPair, StackReference } from '../core/stack-reference.js';
export type { ToolOptions } from '../core/tool-options.js';
export { KinesisTools } from './kinesis-tools.js';
export type {
  ConsumerDescription,
  ConsumerEndState,
  KinesisStackOptions,
  KinesisToolsClients,
  KinesisToolsOptions,
} from './types.js';
