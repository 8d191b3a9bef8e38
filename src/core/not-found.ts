import { isAwsError } from './aws-call.js';
import { ResourceNotFoundError } from './errors.js';

/** Resource that can be missing in a call, and the AWS error for it. */
export interface PossiblyMissing {
  readonly errorName: string;
  /** Kind of resource at the start of the message, such as `Listener rule`. */
  readonly kind: string;
  readonly resource: string;
  readonly remedy: string;
}

/**
 * Makes a call in which a resource can be missing.
 *
 * @throws ResourceNotFoundError with the remedy in place of the AWS error; every other error unchanged.
 */
export async function requireFound<T>(
  candidates: readonly PossiblyMissing[],
  send: () => Promise<T>,
): Promise<T> {
  try {
    return await send();
  } catch (error) {
    const missing = candidates.find(({ errorName }) => isAwsError(error, errorName));
    throw missing === undefined ? error : notFound(missing, error);
  }
}

/** Returns the response to a call, or undefined when it failed with one of these names because the resource does not exist. */
export async function unlessMissing<T>(
  response: Promise<T>,
  ...errorNames: readonly string[]
): Promise<T | undefined> {
  try {
    return await response;
  } catch (error) {
    if (isAwsError(error, ...errorNames)) return undefined;
    throw error;
  }
}

export function notFound(
  { kind, resource, remedy }: Omit<PossiblyMissing, 'errorName'>,
  cause?: unknown,
): ResourceNotFoundError {
  return new ResourceNotFoundError(`${kind} ${resource} not found`, { resource, remedy, cause });
}
