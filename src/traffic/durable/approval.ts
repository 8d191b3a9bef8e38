import * as v from 'valibot';

/** What came of asking for an approval. */
export type ApprovalAnswer =
  | { readonly isApproved: true }
  | { readonly isApproved: false; readonly reason: string };

const resultSchema = v.object({ approved: v.boolean(), reason: v.optional(v.string()) });

/**
 * Reads the result that a callback succeeded with. An empty one approves; one that says anything else than that it is
 * approved does not, because a button `Refuse` may be wired to the callback's success.
 */
export function readApproval(result: string | undefined): ApprovalAnswer {
  if (result === undefined || result.trim() === '') return { isApproved: true };
  const parsed = v.safeParse(resultSchema, fromJson(result));
  if (!parsed.success) return { isApproved: false, reason: `The answer was not understood: ${result}` };
  if (parsed.output.approved) return { isApproved: true };
  return { isApproved: false, reason: parsed.output.reason ?? 'Refused' };
}

/** Reads the error that a callback failed with. */
export function readRefusal(error: unknown, timeoutSeconds: number): ApprovalAnswer {
  const { errorType, name, message } = (error ?? {}) as Partial<Record<string, unknown>>;
  // A bundler may have renamed the class, and with it the error.
  const isTimeout = [errorType, name].includes('CallbackTimeoutError');
  if (isTimeout) return { isApproved: false, reason: `Nobody answered within ${timeoutSeconds} s` };
  return { isApproved: false, reason: typeof message === 'string' && message !== '' ? message : 'Refused' };
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
