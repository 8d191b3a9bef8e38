import * as v from 'valibot';
import { fromJson } from '../core/from-json.js';
import { approvalAnswerSchema, expectedAnswer } from '../resumable/approval-answer.js';

const failureSchema = v.object({ Error: v.optional(v.string()), Cause: v.optional(v.string()) });
const lambdaErrorSchema = v.object({ errorType: v.string(), errorMessage: v.string() });
const approvalSchema = v.object({ approval: failureSchema });

/** Describes an error that a `Catch` of the state machine has caught, in one line. */
export function reasonOf(failure: unknown): string {
  const approval = v.safeParse(approvalSchema, failure);
  if (approval.success) return reasonOfApproval(approval.output.approval);
  const parsed = v.safeParse(failureSchema, failure);
  return `The change cannot proceed: ${inOneLine(parsed.success ? parsed.output : {})}`;
}

/** Returns the reason of a refused approval. Returns undefined when the answer approves. */
export function refusalOf(answer: unknown): string | undefined {
  const parsed = v.safeParse(approvalAnswerSchema, answer);
  if (!parsed.success) return `Not approved: ${expectedAnswer}`;
  const { approved, reason = 'refused' } = parsed.output;
  return approved ? undefined : `Not approved: ${reason}`;
}

function reasonOfApproval(failure: v.InferOutput<typeof failureSchema>): string {
  const isTimeout = failure.Error === 'States.Timeout' || failure.Error === 'States.HeartbeatTimeout';
  return `Not approved: ${isTimeout ? 'no answer in time' : inOneLine(failure)}`;
}

function inOneLine({ Error: name = '', Cause: cause = '' }: v.InferOutput<typeof failureSchema>): string {
  const lambdaError = v.safeParse(lambdaErrorSchema, fromJson(cause));
  const message = lambdaError.success ? lambdaError.output.errorMessage : cause;
  return [name, message].filter((part) => part !== '').join(': ') || 'an error without a name';
}
