import { ToolkitError } from './errors.js';
import { recordedCall } from './recorded-calls.js';

/**
 * Handling of a failed call.
 *
 * - `final`: the request is wrong, denied, or can never succeed. Stop and report AWS's own sentence.
 * - `passing`: a throttle, a fault of the service, a lost connection, or a 4xx that means "not now". Retry for a bounded time.
 * - `stale`: the request was based on an outdated read. Read again, then decide again.
 */
export type FailureKind = 'final' | 'passing' | 'stale';

/** Fields of an SDK error that decide its kind. */
interface AwsError {
  readonly name: string;
  readonly message: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly $retryable?: object;
}

/** Patterns of error names, and of messages where AWS uses one name for both kinds. The first match decides. */
type Rules = readonly (readonly [kind: FailureKind, name: RegExp, message?: RegExp])[];

/** Names of throttling errors: those that the SDK retries, except `LimitExceededException` (see `anyService`). */
const throttles =
  /throttl|^(TooManyRequests|BandwidthLimit|RequestLimit|SlowDown|PriorRequestNotComplete|ProvisionedThroughput)/i;

/**
 * Names that mean the same in every service. The SDK retries each `LimitExceededException` as a throttle, but most are
 * fixed quotas (compared with the API references of November 2026).
 */
const anyService: Rules = [
  // Thrown by the SDK before it sends anything, with no name of its own. Missing credentials can be those of a metadata service that
  // does not respond for a moment, so they pass.
  ['final', /^Error$/, /^Region is missing$/],
  ['final', /^LimitExceeded/],
  ['final', /^Resource(Conflict|InUse)/, /already exist/i],
  ['stale', /^PreconditionFailed/],
  ['passing', throttles],
  // Another change of the resource is under way, the credentials have just expired, or a clock is wrong.
  [
    'passing',
    /^(Concurrent\w+|(Resource|ReplicatedWrite)?Conflict|ResourceInUse|\w+InProgress|ExpiredToken|Request(Expired|InTheFuture|Time\w+))(Exception)?$/,
  ],
];

/** Exceptions of a service, by the prefix of its IAM actions; those of one operation by the whole action. */
const exceptions: Readonly<Record<string, Rules>> = {
  // A service that was just created is not visible yet.
  'application-autoscaling': [['passing', /^Validation/, /service doesn't exist/i]],
  ecs: [
    // Another revision of the task definition's family is being registered.
    ['passing', /^Client/, /too many concurrent attempts/i],
    // The contents of a cluster are still being removed.
    ['passing', /^ClusterContains/],
    // A service of the same name is draining, or a role was just created.
    ['passing', /^(Client|InvalidParameter)/, /still draining|unable to assume the service.linked role/i],
  ],
  // A client token that was used for other content never becomes valid.
  'ecs:RunTask': [['final', /^Conflict/]],
  codedeploy: [['passing', /^DeploymentLimit/]],
  // 500 table operations at the same time; the quota of tables has the same name.
  dynamodb: [
    ['final', /^LimitExceeded/, /number of tables|table (count|limit)/i],
    ['passing', /^(LimitExceeded|BackupInUse|TableInUse|ContinuousBackups|TransactionConflict)/],
  ],
  // The call rate and concurrent operations, such as 5 consumers in creation, except where the message names a quota of the stream.
  kinesis: [
    [
      'passing',
      /^LimitExceeded/,
      /\b(rate|concurrent|simultaneous|at the same time|being created|CREATING)/i,
    ],
    ['final', /^LimitExceeded/, /\b(consumer|shard)s?\b/i],
    ['passing', /^LimitExceeded/],
  ],
  lambda: [['passing', /^InvalidParameterValue/, /alias with weights|cannot be assumed by lambda/i]],
  // RDS adds state faults named `Invalid…State(Fault)`. They pass, unless the message names a membership (a global cluster, a replica)
  // that a person must end, or a setting that is missing (https://github.com/cloudposse/terraform-aws-rds-cluster/pull/181).
  rds: [
    [
      'final',
      /^Invalid\w*State(Fault)?$/,
      /last instance of|global ?cluster|replica cluster|replication source|serverless v2 scaling configuration/i,
    ],
    ['final', /^InvalidGlobalCluster/],
    ['passing', /^(Invalid\w*State|Insufficient\w+Capacity)(Fault)?$/],
  ],
  // An Aurora Serverless cluster is waking up, or the cluster is being changed.
  'rds-data': [['passing', /^(DatabaseResuming|InvalidResourceState)/]],
  // A deletion must repeat the current values. Another refused batch, such as one of protected records, never succeeds. The SDK has
  // no name for a response in the older format.
  route53: [
    [
      'stale',
      /^(InvalidChangeBatch|Unknown)$/,
      /do not match the current values|but it (was not found|already exists)/i,
    ],
  ],
  sns: [['passing', /^StaleTag/]],
  sqs: [['passing', /^(OverLimit|QueueDeletedRecently)$/]],
  states: [['passing', /^ExecutionLimit/]],
};

/** Codes of final toolkit errors. The cause of a `RESOURCE_STATE` decides its kind, so it is not listed. */
const finalCodes =
  /^(ACCESS_DENIED|BLUE_GREEN_DEPLOYMENT|INVALID_INPUT|RESOURCE_NOT_FOUND|STEP_FAILED|SWAP_(BINDING|DRIFT|PLAN|PAST_RETURN))$/;

/**
 * Classifies a thrown value by service and error name. An error that no rule names is final for a 4xx, and passing for everything
 * else.
 *
 * Sources: the API reference of each service, and the rules of the SDK's own retries.
 */
export function classifyFailure(error: unknown): FailureKind {
  return (
    ifReadable(error, (it) => (ToolkitError.isInstance(it) ? kindOfToolkitError(it) : kindOfAwsError(it))) ??
    'passing'
  );
}

/** True for an error that AWS returned, other than one of this process, the network or this package. */
export function isAwsResponse(error: unknown): boolean {
  return (ifReadable(error, statusOf) ?? 0) > 0;
}

/** True when AWS refused a call only because of its rate. */
export function isThrottle(error: unknown): boolean {
  return ifReadable(error, (it) => statusOf(it) === 429 || throttles.test(it.name)) === true;
}

/**
 * True when AWS refused a call for now: because of its rate, a conflict with another change, or a limit on simultaneous
 * operations. False for a fault of the service or the network: the SDK has already retried it, and the call may have taken
 * effect.
 */
export function isRefusedForNow(error: unknown): boolean {
  return isThrottle(error) || ifReadable(error, listedKind) === 'passing';
}

/** True when AWS refused a call for now, throttles excluded: the limiter that all calls of a rate share handles those. */
export function isConflict(error: unknown): boolean {
  return isRefusedForNow(error) && !isThrottle(error);
}

function kindOfToolkitError(error: ToolkitError): FailureKind {
  if (finalCodes.test(error.code)) return 'final';
  const errors: readonly unknown[] = 'errors' in error && Array.isArray(error.errors) ? error.errors : [];
  // A state error that was caused by an AWS refusal passes only when the refusal does.
  const refusal = error.code === 'RESOURCE_STATE' && error.cause !== undefined ? [error.cause] : [];
  const kinds = [...errors, ...refusal].map(classifyFailure);
  return (['final', 'stale'] as const).find((kind) => kinds.includes(kind)) ?? 'passing';
}

function kindOfAwsError(error: AwsError): FailureKind {
  const status = statusOf(error);
  // Checked first, because a 429 can carry the name of a quota error.
  if (status === 429) return 'passing';
  const isRefused = status >= 400 && status < 500 && !error.$retryable && !/^RequestTimeout/.test(error.name);
  return listedKind(error) ?? (isRefused ? 'final' : 'passing');
}

/** Returns the kind of an error that is in the table. */
function listedKind(error: AwsError): FailureKind | undefined {
  const { name, message } = error;
  const action = recordedCall(error)?.action ?? '';
  const rules = [action, action.replace(/:.*/, '')].flatMap((key) =>
    Object.hasOwn(exceptions, key) ? exceptions[key] : [],
  ) as Rules;
  return [...rules, ...anyService].find(
    (rule) => rule[1].test(name) && (rule[2]?.test(message) ?? true),
  )?.[0];
}

function statusOf({ $metadata }: AwsError): number {
  return $metadata?.httpStatusCode ?? 0;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** Returns undefined for a value that is not an object, or whose properties cannot be read. */
function ifReadable<T>(error: unknown, read: (error: AwsError) => T): T | undefined {
  try {
    return isObject(error) ? read(error as AwsError) : undefined;
  } catch {
    return undefined;
  }
}
