export type { Route53Client, RRType } from '@aws-sdk/client-route-53';
export type { CallOptions } from '../../core/aws-call.js';
export type { ClientConfig, ClientOptions, IncompleteClients } from '../../core/clients.js';
export type { Clock } from '../../core/clock.js';
export type { LogData, Logger } from '../../core/logger.js';
export type {
  IamCondition,
  IamResourceType,
  Permission,
  PermissionLimit,
  Reason,
} from '../../core/permissions.js';
export type { StackPair, StackReference } from '../../core/stack-reference.js';
export type { ToolOptions } from '../../core/tool-options.js';
export type {
  ReadWeightsOptions,
  SetupChange,
  SetupProgress,
  TargetHealth,
  TargetSetup,
  TrafficTarget,
  TrafficWeights,
  WriteWeightsOptions,
} from '../types.js';
export {
  type Route53StackOptions,
  type Route53TargetClients,
  Route53WeightedRecordTarget,
  type Route53WeightedRecordTargetOptions,
} from './route-53-weighted-record.js';
