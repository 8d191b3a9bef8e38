import * as v from 'valibot';
import { describeValue } from '../core/describe-value.js';
import { fromJson } from '../core/from-json.js';
import { approvalAnswerSchema, expectedAnswer } from '../resumable/approval-answer.js';
import { truncateReason } from '../resumable/truncate-reason.js';

/** Answer to an approval request. */
export type ApprovalAnswer =
  | { readonly isApproved: true }
  | { readonly isApproved: false; readonly reason: string };

/**
 * Reads the result of a callback that succeeded. An empty result approves. Any other result approves only with
 * `approved: true`, because a button `Refuse` can be wired to the callback's success.
 */
export function readApproval(result: unknown): ApprovalAnswer {
  const text = typeof result === 'string' ? result : undefined;
  if (result === undefined || text?.trim() === '') return { isApproved: true };
  // A runtime with its own serializer passes the value itself.
  const parsed = v.safeParse(approvalAnswerSchema, text === undefined ? result : fromJson(text));
  if (!parsed.success) {
    const actual = text ?? describeValue(result);
    return notApproved(`${expectedAnswer}, got ${actual}`);
  }
  if (parsed.output.approved) return { isApproved: true };
  return notApproved(parsed.output.reason ?? 'Refused');
}

/** Reads the error of a callback that failed. */
export function readRefusal(error: unknown, timeoutSeconds: number): ApprovalAnswer {
  const { errorType, name, message } = (error ?? {}) as Partial<Record<string, unknown>>;
  // A bundler can rename the class, and with it the error.
  const isTimeout = [errorType, name].includes('CallbackTimeoutError');
  if (isTimeout) return notApproved(`no answer within ${timeoutSeconds} s`);
  return notApproved(typeof message === 'string' && message !== '' ? message : 'Refused');
}

/** Truncates the reason: an answer can have 256 KB, which is also the limit of a step's result, and the state is part of it. */
function notApproved(reason: string): ApprovalAnswer {
  return { isApproved: false, reason: truncateReason(reason) };
}
