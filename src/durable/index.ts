export type { CallOptions } from '../core/aws-call.js';
export type { Clock } from '../core/clock.js';
export type { LogData, Logger } from '../core/logger.js';
export type { RunResult } from '../resumable/run-options.js';
export type {
  AdvanceOptions,
  HeldAt,
  Outcome,
  Progress,
  Resumable,
  StateSummary,
} from '../resumable/types.js';
export { runDurably } from './run-durably.js';
export type {
  ContinuedChange,
  DurableApprovalRequest,
  DurableChangeContext,
  DurableOptions,
  DurableRequest,
  DurableResult,
  DurableRetryDecision,
  DurableSeconds,
  DurableStep,
  DurableStepOptions,
} from './types.js';
