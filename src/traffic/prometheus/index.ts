export type { AwsCredentialIdentity, AwsCredentialIdentityProvider } from '@smithy/types';
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
export type { BoundOptions, CheckOptions, PerStack } from '../checks/check-options.js';
export type { SecretSource } from '../checks/datadog-metric.js';
export type { RequestCounts } from '../judging/regression-options.js';
export type { Check, CheckContext, CheckEvidence, CheckResult, TrafficWeights } from '../types.js';
export { type PrometheusQueryOptions, prometheusQuery } from './prometheus-query.js';
export type { SigV4Options } from './sign-request.js';
