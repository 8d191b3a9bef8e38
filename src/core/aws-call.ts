import { AccessDeniedError, OperationAbortedError, UnexpectedResponseError } from './errors.js';
import { recordCall } from './recorded-calls.js';

/** What every method takes last. */
export interface CallOptions {
  /** Ends the operation early; calls that AWS has already accepted stay in force. */
  readonly signal?: AbortSignal | undefined;
}

/** One call to AWS, as errors tell it. */
export interface AwsCall extends CallOptions {
  /** The IAM action that the call needs, such as `sqs:PurgeQueue`. */
  readonly action: string;
  /** What the call is about. */
  readonly resource: string;
}

interface SendOptions {
  abortSignal?: AbortSignal;
}

const deniedErrorNames = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'AuthorizationError',
  'AuthorizationErrorException',
  'ForbiddenException',
  'NotAuthorized',
  'UnauthorizedOperation',
]);

/**
 * Makes one call to AWS: a refused permission becomes an {@link AccessDeniedError} that names the IAM action, an abort
 * becomes an {@link OperationAbortedError}, every other error passes through as the SDK threw it.
 */
export async function callAws<T>(call: AwsCall, send: (options: SendOptions) => Promise<T>): Promise<T> {
  throwIfAborted(call);
  try {
    return await send(call.signal ? { abortSignal: call.signal } : {});
  } catch (error) {
    recordCall(error, call);
    throw explain(error, call);
  }
}

/** Reads every page of a paginated operation. The paginator has to be made with {@link callAws}'s send options. */
export async function collectPages<Page, Item>(
  call: AwsCall,
  pages: (options: SendOptions) => AsyncIterable<Page>,
  itemsOf: (page: Page) => readonly Item[] | undefined,
): Promise<Item[]> {
  return callAws(call, async (options) => {
    const items: Item[] = [];
    for await (const page of pages(options)) {
      items.push(...(itemsOf(page) ?? []));
      throwIfAborted(call);
    }
    return items;
  });
}

/** A field of an answer that AWS always fills, though the SDK's types cannot say so. */
export function requireField<T>(value: T | undefined, field: string, { action, resource }: AwsCall): T {
  if (value === undefined) throw new UnexpectedResponseError({ action, resource, field });
  return value;
}

/** Whether a caught value is the AWS error of one of these names. */
export function isAwsError(error: unknown, ...names: readonly string[]): error is Error {
  return error instanceof Error && names.includes(error.name);
}

/** Throws an {@link OperationAbortedError} when the signal has been aborted. */
export function throwIfAborted({
  signal,
  resource,
}: {
  signal?: AbortSignal | undefined;
  resource: string;
}): void {
  if (signal?.aborted) throw new OperationAbortedError({ resource, cause: signal.reason });
}

function explain(error: unknown, { action, resource, signal }: AwsCall): unknown {
  if (isAwsError(error, ...deniedErrorNames))
    return new AccessDeniedError({ action: refusedAction(error) ?? action, resource, cause: error });
  if (signal?.aborted && isAwsError(error, 'AbortError')) {
    return new OperationAbortedError({ resource, cause: signal.reason });
  }
  return error;
}

/** One call may need several actions: DeleteDBCluster with a final snapshot also needs `rds:CreateDBClusterSnapshot`. */
function refusedAction({ message }: Error): string | undefined {
  return /not authorized to perform:? ([a-z][\w-]*:[A-Z]\w*)/.exec(message)?.[1];
}
