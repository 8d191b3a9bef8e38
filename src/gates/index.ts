export type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
export type { LambdaClient } from '@aws-sdk/client-lambda';
export type { RDSClient } from '@aws-sdk/client-rds';
export type { RDSDataClient } from '@aws-sdk/client-rds-data';
export type { SQSClient } from '@aws-sdk/client-sqs';
export type { SSMClient } from '@aws-sdk/client-ssm';
export type { ClientConfig, ClientOptions, IncompleteClients } from '../core/clients.js';
export type { Clock } from '../core/clock.js';
export type { LogData, Logger } from '../core/logger.js';
export type {
  IamCondition,
  IamResourceType,
  Permission,
  PermissionLimit,
  Reason,
} from '../core/permissions.js';
export type { StackPair, StackReference } from '../core/stack-reference.js';
export type { CheckOptions, PerStack } from '../traffic/checks/check-options.js';
export type { HttpCheckOptions } from '../traffic/checks/http-check.js';
export type { RequestCounts } from '../traffic/judging/regression-options.js';
export type { Check, CheckContext, CheckEvidence, CheckResult, TrafficWeights } from '../traffic/types.js';
export {
  type ChangeCalendarOpenClients,
  type ChangeCalendarOpenOptions,
  changeCalendarOpen,
} from './change-calendar-open.js';
export { type FunctionReadyClients, type FunctionReadyOptions, functionReady } from './function-ready.js';
export type { GateOptions, StackGateOptions } from './gate-options.js';
export { type HttpHealthyOptions, httpHealthy } from './http-healthy.js';
export { type QueueDrainedClients, type QueueDrainedOptions, queueDrained } from './queue-drained.js';
export { type ReplicaLagClients, type ReplicaLagOptions, replicaLag } from './replica-lag.js';
export {
  type DataApiDatabase,
  type RowParityClients,
  type RowParityOptions,
  rowParity,
} from './row-parity.js';
export {
  type StreamCaughtUpClients,
  type StreamCaughtUpOptions,
  streamCaughtUp,
} from './stream-caught-up.js';
