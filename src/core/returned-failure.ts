import { describeValue } from './describe-value.js';
import { ResourceStateError } from './errors.js';

/** Statuses of a failure, in the spellings of CodeDeploy, Step Functions and their neighbours. */
const failedStatus = /^(fail(ed|ure)?|error)$/i;

/**
 * Throws when a user's function has returned a failure instead of throwing one: `false`, an object with a `hookStatus` other than
 * `SUCCEEDED`, or an object with a `status` such as `Failed`. Every other value is a success.
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
  const { hookStatus, status } = fieldsOf(returned);
  if (hookStatus !== undefined && !/^succeeded$/i.test(textOf(hookStatus)))
    return `the hookStatus ${textOf(hookStatus)}`;
  return typeof status === 'string' && failedStatus.test(status) ? `the status ${status}` : undefined;
}

/** Returns no fields for an object that cannot be read. */
function fieldsOf(value: { readonly hookStatus?: unknown; readonly status?: unknown }) {
  try {
    return { hookStatus: value.hookStatus, status: value.status };
  } catch {
    return { hookStatus: undefined, status: undefined };
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, 60) : describeValue(value);
}
