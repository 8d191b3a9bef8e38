import * as v from 'valibot';
import { describeValue } from '../core/describe-value.js';
import { truncateReason } from '../traffic/shift/truncate-reason.js';

/** What came of asking for an approval. */
export type ApprovalAnswer =
  | { readonly isApproved: true }
  | { readonly isApproved: false; readonly reason: string };

const resultSchema = v.object({ approved: v.boolean(), reason: v.optional(v.string()) });

/**
 * Reads the result that a callback succeeded with. An empty one approves; one that says anything else than that it is
 * approved does not, because a button `Refuse` may be wired to the callback's success.
 */
export function readApproval(result: unknown): ApprovalAnswer {
  const text = typeof result === 'string' ? result : undefined;
  if (result === undefined || text?.trim() === '') return { isApproved: true };
  // A runtime with its own serializer gives the value itself.
  const parsed = v.safeParse(resultSchema, text === undefined ? result : fromJson(text));
  if (!parsed.success) return notApproved(`The answer was not understood: ${text ?? describeValue(result)}`);
  if (parsed.output.approved) return { isApproved: true };
  return notApproved(parsed.output.reason ?? 'Refused');
}

/** Reads the error that a callback failed with. */
export function readRefusal(error: unknown, timeoutSeconds: number): ApprovalAnswer {
  const { errorType, name, message } = (error ?? {}) as Partial<Record<string, unknown>>;
  // A bundler may have renamed the class, and with it the error.
  const isTimeout = [errorType, name].includes('CallbackTimeoutError');
  if (isTimeout) return notApproved(`Nobody answered within ${timeoutSeconds} s`);
  return notApproved(typeof message === 'string' && message !== '' ? message : 'Refused');
}

/** An answer may have 256 KB, and so may the result of a step: with the state beside it, it could not be kept. */
function notApproved(reason: string): ApprovalAnswer {
  return { isApproved: false, reason: truncateReason(reason) };
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
