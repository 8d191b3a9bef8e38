import * as v from 'valibot';

const failureSchema = v.object({ Error: v.optional(v.string()), Cause: v.optional(v.string()) });
const lambdaErrorSchema = v.object({ errorType: v.string(), errorMessage: v.string() });
const approvalSchema = v.object({ approval: failureSchema });
const answerSchema = v.object({ approved: v.boolean(), reason: v.optional(v.string()) });

/** Says in a line what a `Catch` of the state machine has caught. */
export function reasonOf(failure: unknown): string {
  const approval = v.safeParse(approvalSchema, failure);
  if (approval.success) return reasonOfApproval(approval.output.approval);
  const parsed = v.safeParse(failureSchema, failure);
  return `The shift cannot proceed: ${inOneLine(parsed.success ? parsed.output : {})}`;
}

/** Why the answer to an approval is none; nothing when it is one. */
export function refusalOf(answer: unknown): string | undefined {
  const parsed = v.safeParse(answerSchema, answer);
  if (!parsed.success) return 'Not approved: the answer does not say whether it is';
  const { approved, reason = 'refused' } = parsed.output;
  return approved ? undefined : `Not approved: ${reason}`;
}

function reasonOfApproval(failure: v.InferOutput<typeof failureSchema>): string {
  const isTimeout = failure.Error === 'States.Timeout' || failure.Error === 'States.HeartbeatTimeout';
  return `Not approved: ${isTimeout ? 'nobody has answered in time' : inOneLine(failure)}`;
}

function inOneLine({ Error: name = '', Cause: cause = '' }: v.InferOutput<typeof failureSchema>): string {
  const lambdaError = v.safeParse(lambdaErrorSchema, fromJson(cause));
  const said = lambdaError.success ? lambdaError.output.errorMessage : cause;
  return [name, said].filter((part) => part !== '').join(': ') || 'an error without a name';
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
