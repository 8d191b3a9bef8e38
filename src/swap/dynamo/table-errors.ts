import { isAwsError } from '../../core/aws-call.js';
import { messageOf } from '../../core/describe-error.js';
import { ResourceNotFoundError, ResourceStateError, ToolkitError } from '../../core/errors.js';
import { classifyFailure, isThrottle } from '../../core/failures.js';

/** One call to the table of the records. */
export interface RecordAccess {
  readonly tableName: string;
  readonly application: string;
  readonly verb: 'read' | 'written';
}

/** Returns the error that explains why a record was not read or written. Other errors are returned unchanged. */
export function explainTableError(cause: unknown, { tableName, application, verb }: RecordAccess): unknown {
  if (ToolkitError.isInstance(cause)) return cause;
  const resource = `table ${tableName}`;
  if (isAwsError(cause, 'ResourceNotFoundException')) {
    return new ResourceNotFoundError(`Table ${tableName} of the swap records not found`, {
      resource,
      remedy: `Create it with the partition key application (string) and no sort key, or correct tableName, the Region and the account of the client`,
      cause,
    });
  }
  if (isAwsError(cause, 'ValidationException') && /\bkey\b/i.test(cause.message)) {
    return new ResourceStateError(`Table ${tableName} cannot hold swap records`, {
      resource,
      expected: 'the partition key application (string) and no sort key',
      actual: `another key: ${cause.message}`,
      remedy: 'Create a table of its own for the swap records',
      cause,
    });
  }
  if (classifyFailure(cause) !== 'passing') return cause;
  const was = verb === 'read' ? 'was not read' : 'may not have been written';
  return new ResourceStateError(`Swap record of ${application} ${was}`, {
    resource,
    expected: 'a response of DynamoDB',
    actual: messageOf(cause),
    remedy: isThrottle(cause)
      ? `Use on-demand capacity for table ${tableName}, or raise its capacity; the call can be repeated`
      : `Check the network path to DynamoDB, such as its VPC endpoint, and the Region; the call can be repeated`,
    cause,
  });
}
