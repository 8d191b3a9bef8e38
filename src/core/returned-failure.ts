import { describeValue } from './describe-value.js';
import { ResourceStateError } from './errors.js';

/** Statuses of a failure, in the spellings of CodeDeploy, Step Functions and their neighbours. */
const failedStatus = /^(fail(ed|ure)?|error)$/i;

/** Outcomes of shifts, swaps, rollouts, watched deployments and checks after which the new stack has not passed. */
const failedOutcome = /^(rolledBack|halted|fail(ed)?|rollbackFailed|stopped|abandoned|inconclusive)$/;

/**
 * Throws when a user's function has returned a failure instead of throwing one: `false`, an object with a `hookStatus` other than
 * `SUCCEEDED`, an object with a `status` such as `Failed`, or the result of a shift that was rolled back, by its `outcome`. Every
 * other value is a success.
 *
 * @param subject - the function in the message, such as `Function of step "smoke test"`.
 * @throws ResourceStateError with the returned failure.
 */
export function throwIfReturnedFailure(returned: unknown, subject: string): void {
  const failure = failureIn(returned);
  if (failure === undefined) return;
  const wait = /IN_PROGRESS/i.test(failure)
    ? '. To wait in an ECS hook, use a step with isDone or waitFor'
    : '';
  throw new ResourceStateError(`${subject} returned ${failure}`, {
    resource: subject,
    remedy: `Throw an error with the reason instead${wait}`,
  });
}

/** Returns the failure as text, or undefined for a success. */
function failureIn(returned: unknown): string | undefined {
  if (returned === false) return 'false';
  if (typeof returned !== 'object' || returned === null) return undefined;
  const { hookStatus, status, outcome } = fieldsOf(returned);
  if (hookStatus !== undefined && !/^succeeded$/i.test(textOf(hookStatus)))
    return `the hookStatus ${textOf(hookStatus)}`;
  if (typeof outcome === 'string' && failedOutcome.test(outcome)) return `the outcome ${outcome}`;
  return typeof status === 'string' && failedStatus.test(status) ? `the status ${status}` : undefined;
}

/** Returns no fields for an object that cannot be read. */
function fieldsOf(value: { readonly [field in 'hookStatus' | 'status' | 'outcome']?: unknown }) {
  try {
    return { hookStatus: value.hookStatus, status: value.status, outcome: value.outcome };
  } catch {
    return {};
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, 60) : describeValue(value);
}
