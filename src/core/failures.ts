import { isThrottlingError, isTransientError } from '@smithy/core/retry';
import type { SdkError } from '@smithy/types';
import { ToolkitError } from './errors.js';

/**
 * How a failed call is handled.
 *
 * - `final`: the request is wrong, denied, or can never succeed. Stop and report AWS's own sentence.
 * - `passing`: a throttle, a fault of the service, a lost connection, or a 4xx that means "not now". Retry for a bounded time.
 * - `stale`: the request was based on an outdated read. Read again, then decide anew.
 */
export type FailureKind = 'final' | 'passing' | 'stale';

/** Names of errors by how they are handled, separated by spaces. A message decides where AWS uses one name for both. */
interface ServiceFailures {
  readonly final?: string;
  readonly passing?: string;
  readonly stale?: string;
  /** Final although the name is `passing`, when the message matches. */
  readonly finalMessages?: Readonly<Record<string, RegExp>>;
  /** Passing although the name would be final, when the message matches. */
  readonly passingMessages?: Readonly<Record<string, RegExp>>;
}

/**
 * Names that mean the same in every service. The SDK retries each `LimitExceededException` as a throttle, but most are
 * fixed quotas (its `THROTTLING_ERROR_CODES`, compared with the API references of November 2026).
 */
const anyService: ServiceFailures = {
  final: 'LimitExceededException',
  passing: `ConcurrentAccessException ConcurrentModificationException ConcurrentUpdateException ConflictException
    ExpiredToken ExpiredTokenException KMSThrottlingException KmsThrottled RequestExpired RequestInTheFuture
    RequestTimeTooSkewed ResourceConflict ResourceConflictException ResourceInUseException UpdateInProgressException`,
  stale: 'PreconditionFailedException',
  finalMessages: { ResourceConflictException: /already exist/i },
};

/** Exceptions of a service, by the prefix of its IAM actions; those of one operation by the whole action. */
const exceptions: Readonly<Record<string, ServiceFailures>> = {
  // A client token that was used for other content never becomes valid.
  'ecs:RunTask': { final: 'ConflictException' },
  codedeploy: { passing: 'DeploymentLimitExceededException' },
  // 500 table operations at the same time; the quota of tables has the same name.
  dynamodb: {
    passing: `BackupInUseException ContinuousBackupsUnavailableException LimitExceededException TableInUseException
      TransactionConflictException`,
    finalMessages: { LimitExceededException: /number of tables|table (count|limit)|maximum (table|number)/i },
  },
  // The call rate and concurrent operations, except where the message names a quota of the stream.
  kinesis: {
    passing: 'LimitExceededException',
    finalMessages: {
      LimitExceededException: /\b(consumers?|shards?)\b(?!.*\b(rate|concurrent|simultaneous))/i,
    },
  },
  lambda: {
    passingMessages: { InvalidParameterValueException: /alias with weights|cannot be assumed by lambda/i },
  },
  rds: {
    final: 'InvalidGlobalClusterStateFault',
    passing: 'InsufficientDBClusterCapacityFault InsufficientDBInstanceCapacityFault',
  },
  sns: { passing: 'StaleTagException' },
  sqs: { passing: 'OverLimit PurgeQueueInProgress QueueDeletedRecently' },
  states: { passing: 'ExecutionLimitExceeded' },
};

/**
 * State faults of RDS share one shape and grow in number: `InvalidDBClusterStateFault`, `InvalidDBShardGroupStateFault`, …
 * They pass, unless the message names a membership that only a person can end.
 */
const stateFault = /^Invalid\w*State(Fault)?$/;
const lastingState = /last instance of|global ?cluster|replica cluster|replication source/i;

/** A state may change; the others do not by themselves. */
const finalCodes = new Set(['ACCESS_DENIED', 'INVALID_INPUT', 'RESOURCE_NOT_FOUND']);

/** The IAM action of the call in which an SDK error was thrown; the error itself stays as the SDK threw it. */
const actions = new WeakMap<object, string>();

/** Records the call in which an error was thrown, so that its service is known when the error is classified. */
export function recordAction(error: unknown, action: string): void {
  if (typeof error === 'object' && error !== null) actions.set(error, action);
}

/**
 * Classifies anything that was thrown: by service and error name; otherwise a 4xx is final, and everything else passes.
 *
 * Sources: the API reference of each service, and the rules of the SDK's own retries.
 */
export function classifyFailure(error: unknown): FailureKind {
  if (typeof error !== 'object' || error === null) return 'passing';
  const read = () =>
    ToolkitError.isInstance(error) ? kindOfToolkitError(error) : kindOfAwsError(error as SdkError);
  return readOr('passing', read);
}

/** True when AWS refused a call only because of its rate. */
export function isThrottle(error: unknown): boolean {
  if (classifyFailure(error) !== 'passing' || !(error instanceof Error)) return false;
  return readOr(false, () => isThrottlingError(error as SdkError));
}

/**
 * True when AWS refused a call for now: because of its rate, a conflict with another change, or a limit on simultaneous
 * operations. False for a fault of the service or the network, which the SDK has retried already, and after which nobody
 * knows whether the call took effect.
 */
export function isRefusedForNow(error: unknown): boolean {
  if (classifyFailure(error) !== 'passing' || !(error instanceof Error)) return false;
  return readOr(false, () => listedKind(error as SdkError) === 'passing') || isThrottle(error);
}

/** An error may have properties that cannot be read. */
function readOr<T>(otherwise: T, read: () => T): T {
  try {
    return read();
  } catch {
    return otherwise;
  }
}

function kindOfToolkitError(error: ToolkitError): FailureKind {
  if (finalCodes.has(error.code)) return 'final';
  if (!('errors' in error && Array.isArray(error.errors))) return 'passing';
  const kinds: FailureKind[] = error.errors.map(classifyFailure);
  return kinds.find((kind) => kind === 'final') ?? kinds.find((kind) => kind === 'stale') ?? 'passing';
}

function kindOfAwsError(error: SdkError): FailureKind {
  const status = error.$metadata?.httpStatusCode ?? 0;
  // Also of an error whose name is that of a quota.
  if (status === 429) return 'passing';
  const listed = listedKind(error);
  if (listed !== undefined) return listed;
  if (isThrottlingError(error) || isTransientError(error)) return 'passing';
  return status >= 400 && status < 500 ? 'final' : 'passing';
}

/** The kind of an error that is in the table. */
function listedKind(error: SdkError): FailureKind | undefined {
  const { name, message } = error;
  const action = actions.get(error) ?? '';
  const service = action.slice(0, Math.max(0, action.indexOf(':')));
  for (const key of [action, service]) {
    const kind = Object.hasOwn(exceptions, key) ? kindIn(exceptions[key], name, message) : undefined;
    if (kind !== undefined) return kind;
  }
  if (service === 'rds' && stateFault.test(name)) return lastingState.test(message) ? 'final' : 'passing';
  return kindIn(anyService, name, message);
}

function kindIn(
  failures: ServiceFailures | undefined,
  name: string,
  message: string,
): FailureKind | undefined {
  if (failures === undefined) return undefined;
  const { final = '', passing = '', stale = '', finalMessages = {}, passingMessages = {} } = failures;
  if (Object.hasOwn(finalMessages, name) && finalMessages[name]?.test(message)) return 'final';
  if (Object.hasOwn(passingMessages, name) && passingMessages[name]?.test(message)) return 'passing';
  if (isListed(name, final)) return 'final';
  if (isListed(name, stale)) return 'stale';
  return isListed(name, passing) ? 'passing' : undefined;
}

function isListed(name: string, list: string): boolean {
  return list.split(/\s+/).includes(name);
}
