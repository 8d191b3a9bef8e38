export type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
export type { CallOptions } from '../../core/aws-call.js';
export type { ClientConfig, ClientOptions, IncompleteClients } from '../../core/clients.js';
export type { Clock } from '../../core/clock.js';
export type {
  IamCondition,
  IamResourceType,
  Permission,
  PermissionLimit,
  Reason,
} from '../../core/permissions.js';
export type { StackReference } from '../../core/stack-reference.js';
export type { JsonValue } from '../plan/step.js';
export type {
  EndedSwap,
  OrphanStep,
  StepRecord,
  SwapClaim,
  SwapEnd,
  SwapOwner,
  SwapPhase,
  SwapRecord,
  SwapRecordItem,
  SwapUnderWay,
  SwapWriteResult,
} from '../record/types.js';
export {
  DynamoSwapRecord,
  type DynamoSwapRecordClients,
  type DynamoSwapRecordOptions,
} from './dynamo-swap-record.js';
