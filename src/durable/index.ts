export { shiftDurably } from './shift-durably.js';
export type {
  ContinuedShift,
  DurableApprovalRequest,
  DurableRetryDecision,
  DurableSeconds,
  DurableShiftContext,
  DurableShifter,
  DurableShiftOptions,
  DurableShiftRequest,
  DurableShiftResult,
  DurableStep,
  DurableStepOptions,
} from './types.js';
