export type { CallOptions } from '../core/aws-call.js';
export type { Clock } from '../core/clock.js';
export type { LogData, Logger } from '../core/logger.js';
export type { RunResult, RunToEndOptions } from './run-options.js';
export { runToEnd } from './run-to-end.js';
export type { AdvanceOptions, HeldAt, Outcome, Progress, Resumable, StateSummary } from './types.js';
