export type { GlobalAcceleratorClient } from '@aws-sdk/client-global-accelerator';
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
  type GlobalAcceleratorStackOptions,
  GlobalAcceleratorTarget,
  type GlobalAcceleratorTargetClients,
  type GlobalAcceleratorTargetOptions,
} from './global-accelerator.js';
