import { isAwsError } from '../../core/aws-call.js';
import { ResourceNotFoundError } from '../../core/errors.js';

/** A resource that a call may find missing, and the AWS error that says so. */
export interface PossiblyMissing {
  readonly errorName: string;
  /** The kind of resource that begins the message: `Listener rule`. */
  readonly kind: string;
  readonly resource: string;
  readonly remedy: string;
}

/**
 * Makes a call in which a resource may be missing.
 *
 * @throws ResourceNotFoundError with the remedy in place of AWS's own error; every other error as it is.
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

/** The error for a resource that is missing. */
export function notFound(
  { kind, resource, remedy }: Omit<PossiblyMissing, 'errorName'>,
  cause?: unknown,
): ResourceNotFoundError {
  return new ResourceNotFoundError(`${kind} ${resource} not found`, { resource, remedy, cause });
}
