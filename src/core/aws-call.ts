import { sdkRemedyOf } from './describe-error.js';
import {
  AccessDeniedError,
  OperationAbortedError,
  ResourceStateError,
  UnexpectedResponseError,
} from './errors.js';
import { recordCall } from './recorded-calls.js';

/** Options of every method. */
export interface CallOptions {
  /** Ends the operation early. Calls that AWS has already accepted stay in effect. */
  readonly signal?: AbortSignal | undefined;
}

/** One call to AWS, as named in errors. */
export interface AwsCall extends CallOptions {
  /** The IAM action that the call needs, such as `sqs:PurgeQueue`. */
  readonly action: string;
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
 * Makes one call to AWS.
 *
 * @throws AccessDeniedError, which names the IAM action, when a permission is missing.
 * @throws ResourceStateError when the client has no Region, OperationAbortedError after an abort. Every other error passes through as the SDK threw it.
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

/** Reads every page of a paginated operation. The paginator must be created with {@link callAws}'s send options. */
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

/** Returns a field that AWS always sends, although the SDK types it as optional. */
export function requireField<T>(value: T | undefined, field: string, { action, resource }: AwsCall): T {
  if (value === undefined) throw new UnexpectedResponseError({ action, resource, field });
  return value;
}

/** True when a caught value is an AWS error with one of these names. */
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
  if (isAwsError(error, ...deniedErrorNames)) {
    const principal = deniedPrincipal(error);
    return new AccessDeniedError({
      action: refusedAction(error) ?? action,
      resource,
      principal,
      cause: error,
    });
  }
  if (signal?.aborted && isAwsError(error, 'AbortError')) {
    return new OperationAbortedError({ resource, cause: signal.reason });
  }
  // Has no name of its own, as the SDK throws it before it sends anything.
  if (!isAwsError(error, 'Error')) return error;
  const { message } = error;
  const remedy = sdkRemedyOf(message);
  if (remedy === undefined) return error;
  return new ResourceStateError(`Cannot call ${action}: ${message}`, { resource, remedy, cause: error });
}

/** Most services name the caller: `User: arn:aws:sts::123456789012:assumed-role/swap/hook is not authorized to perform: …`. */
function deniedPrincipal({ message }: Error): string | undefined {
  return /(arn:[\w-]+:(?:iam|sts)::\d*:\S+) is not authorized/.exec(message)?.[1];
}

/** One call can need several actions: DeleteDBCluster with a final snapshot also needs `rds:CreateDBClusterSnapshot`. */
function refusedAction({ message }: Error): string | undefined {
  return /not authorized to perform:? ([a-z][\w-]*:[A-Z]\w*)/.exec(message)?.[1];
}
