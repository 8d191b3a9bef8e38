import * as v from 'valibot';
import { throwIfAborted } from '../../core/aws-call.js';
import { messageOf } from '../../core/describe-error.js';
import { describeValue } from '../../core/describe-value.js';
import { UnexpectedResponseError } from '../../core/errors.js';
import { isThrottle } from '../../core/failures.js';
import { untilAborted } from '../../core/until-aborted.js';
import type { Check, CheckContext, CheckEvidence, CheckResult } from '../types.js';
import type { CheckEvaluation } from './tally-checks.js';

const finite = v.pipe(v.number(), v.finite());
const counts = v.object({ requests: finite, failures: finite });
const evidenceSchema = v.object({
  value: finite,
  required: finite,
  incoming: counts,
  outgoing: counts,
  ratioLowerBound: v.optional(finite),
});

/**
 * Evaluates all checks concurrently. A check that throws has the outcome `error` and does not affect the others.
 *
 * @throws OperationAbortedError as soon as the signal is aborted, also when a check ignores it.
 */
export async function evaluateChecks(
  checks: readonly Check[],
  context: CheckContext,
  resource: string,
): Promise<CheckEvaluation[]> {
  const { signal } = context;
  throwIfAborted({ signal, resource });
  const evaluations = Promise.all(checks.map((check) => evaluate(check, context)));
  const results = await untilAborted(evaluations, signal);
  // An error that a check threw because of the abort proves nothing about the stack.
  throwIfAborted({ signal, resource });
  return results ?? [];
}

async function evaluate(check: Check, context: CheckContext): Promise<CheckEvaluation> {
  const { name, dryRun = false } = check;
  try {
    // A copy for each check, so that a check cannot change the context of another.
    const result: unknown = await check.evaluate({ ...context, weights: { ...context.weights } });
    return { name, dryRun, result: parseResult(name, result) };
  } catch (error) {
    const result = { outcome: 'error', detail: messageOf(error) } as const;
    return { name, dryRun, result, ...(isThrottle(error) && { isThrottled: true }) };
  }
}

/** Validates the result, because a custom check can return anything. A missing outcome is never a pass. */
function parseResult(name: string, result: unknown): CheckResult {
  const { outcome, detail, value, undecided, evidence } = {
    ...(result as Partial<Record<keyof CheckResult, unknown>> | undefined),
  };
  const call = { action: 'evaluate', resource: `check ${name}` };
  if (outcome !== 'pass' && outcome !== 'fail' && outcome !== 'inconclusive') {
    const field = 'outcome: pass, fail or inconclusive';
    throw new UnexpectedResponseError({ ...call, field, actual: describeValue(outcome) });
  }
  if (undecided === true && outcome !== 'inconclusive') {
    const field = 'undecided: only with the outcome inconclusive';
    throw new UnexpectedResponseError({ ...call, field, actual: describeValue(outcome) });
  }
  const parsedEvidence = evidenceIn(evidence);
  return {
    outcome,
    detail: typeof detail === 'string' ? detail : describeValue(detail),
    ...(Number.isFinite(value) && { value: Number(value) }),
    ...(undecided === true && { undecided }),
    ...(parsedEvidence && { evidence: parsedEvidence }),
  };
}

/** Copies evidence whose numbers are finite, so that events and states stay JSON. Leaves out any other. */
function evidenceIn(given: unknown): CheckEvidence | undefined {
  const parsed = v.safeParse(evidenceSchema, given);
  if (!parsed.success) return undefined;
  const { ratioLowerBound, ...evidence } = parsed.output;
  return { ...evidence, ...(ratioLowerBound !== undefined && { ratioLowerBound }) };
}
