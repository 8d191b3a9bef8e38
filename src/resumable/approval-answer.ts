import * as v from 'valibot';

/** An answer to an approval request: `{ "approved": true }`, or `false` with a reason. */
export const approvalAnswerSchema = v.object({ approved: v.boolean(), reason: v.optional(v.string()) });

/** The form of an answer, for the reason of a rollback. */
export const expectedAnswer = 'expected an answer with approved: true or false';
