export type { ApplicationSignalsClient } from '@aws-sdk/client-application-signals';
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
export type { CheckOptions, PerStack } from '../checks/check-options.js';
export type { RequestCounts } from '../judging/regression-options.js';
export type { Check, CheckContext, CheckEvidence, CheckResult, TrafficWeights } from '../types.js';
export { type BurnRateLimit, type SloBudgetClients, type SloBudgetOptions, sloBudget } from './slo-budget.js';
