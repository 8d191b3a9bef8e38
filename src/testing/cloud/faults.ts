import * as v from 'valibot';
import { describeValue } from '../../core/describe-value.js';
import { invalidInput } from '../../core/errors.js';
import { nearestName } from '../../core/nearest-name.js';
import { positiveCount, seconds, strictObject } from '../../core/schemas.js';
import { parseInput } from '../../core/validate.js';
import { awsError } from './environment.js';

/**
 * Kinds of faults of a call:
 * - `throttle`: AWS refuses the call for now and changes nothing;
 * - `serverError`: AWS responds 500 and changes nothing;
 * - `timeout`: no response arrives and nothing changes;
 * - `lostResponse`: AWS makes the change, but the response does not arrive;
 * - `accessDenied`: the permission is missing;
 * - `staleRead`: AWS repeats its previous response to the same call; no effect on writes, or on the first such call;
 * - `crashBefore`, `crashAfter`: the calling process dies before or after the change: this call and every
 *   later one fails until `SimulatedCloud.restart`;
 * - `killBefore`, `killAfter`: the Lambda invocation that makes the call dies before or after the change, as one that runs
 *   out of memory does. Its calls never return, Lambda retries an asynchronous event, and other processes are unaffected.
 *   Outside of an invocation it is a crash.
 */
export type FaultKind =
  | 'throttle'
  | 'serverError'
  | 'timeout'
  | 'lostResponse'
  | 'accessDenied'
  | 'staleRead'
  | 'crashBefore'
  | 'crashAfter'
  | 'killBefore'
  | 'killAfter';

/**
 * The process that makes the call stands still for some seconds before the call reaches AWS, and so does its clock. Only
 * Lambda invocations can stand still.
 */
export interface SimulatedStall {
  /** Seconds until the process runs again. */
  readonly stallSeconds: number;
}

/** A fault, and the calls that it affects. */
export interface Fault {
  /** The kind of fault. An error of your own is thrown as it is, before any change. */
  readonly kind: FaultKind | Error | SimulatedStall;
  /**
   * The service's IAM prefix and the operation: `sqs:PurgeQueue`.
   * @default every operation
   */
  readonly action?: string;
  /**
   * The first matching call that fails, counted from 1 when the fault is set; the SDK's retries count.
   * @default 1
   */
  readonly atCall?: number;
  /**
   * Number of matching calls that fail, from `atCall` on.
   * @default 1
   */
  readonly times?: number;
}

const faultKinds: readonly FaultKind[] = [
  'throttle',
  'serverError',
  'timeout',
  'lostResponse',
  'accessDenied',
  'staleRead',
  'crashBefore',
  'crashAfter',
  'killBefore',
  'killAfter',
];

/** 0 is none, for a loop whose first pass has no fault. */
const times = v.pipe(
  v.number(),
  v.check(
    (value) => value >= 0 && (Number.isInteger(value) || value === Number.POSITIVE_INFINITY),
    'a whole number, or Infinity',
  ),
);

const faultSchema = strictObject({
  kind: v.union(
    [v.picklist(faultKinds), v.instance(Error), strictObject({ stallSeconds: seconds })],
    `an Error, { stallSeconds } or one of ${faultKinds.join(', ')}`,
  ),
  action: v.optional(v.string()),
  // Calls count from 1: a fault at call 0 would never apply.
  atCall: v.optional(positiveCount),
  times: v.optional(times),
});

/**
 * Checks a fault before it is set: a misspelt one would pass a test that it should fail.
 *
 * @throws InvalidInputError for an unknown kind, action or field.
 */
export function parseFault(fault: Fault, actions: readonly string[]): Fault {
  const parsed = parseInput('Fault', faultSchema, fault);
  const { action } = parsed;
  if (action === undefined || actions.includes(action)) return fault;
  const nearest = nearestName(action, actions);
  throw invalidInput('Fault', {
    field: 'action',
    expected: `a simulated operation${nearest === undefined ? '' : `, such as ${nearest}`}: SimulatedCloud does not simulate ${action}`,
    actual: describeValue(action),
  });
}

/** The calling process has died. A test catches this error and starts the process again. */
export class SimulatedCrash extends Error {
  /** Always `'SimulatedCrash'`. */
  override readonly name = 'SimulatedCrash';

  constructor() {
    super('Simulated crash of the calling process');
  }
}

/** The injected faults, and the number of calls that each has matched. */
export class FaultPlan {
  readonly #faults: { readonly fault: Fault; seen: number }[] = [];

  add(fault: Fault): void {
    this.#faults.push({ fault, seen: 0 });
  }

  clear(): void {
    this.#faults.length = 0;
  }

  /** Returns the fault of the next call of this operation, if any. Every matching fault counts the call. */
  next(action: string): Fault['kind'] | undefined {
    const due = this.#faults.filter((entry) => {
      if (entry.fault.action !== undefined && entry.fault.action !== action) return false;
      entry.seen += 1;
      const first = entry.fault.atCall ?? 1;
      return entry.seen >= first && entry.seen < first + (entry.fault.times ?? 1);
    });
    return due[0]?.fault.kind;
  }
}

/** Creates the error that a client throws when no response arrives. */
export function noResponse(): Error {
  return Object.assign(new Error('Connection timed out before a response arrived'), { name: 'TimeoutError' });
}

/** Names that differ from `AccessDeniedException`, by IAM prefix. */
const otherDeniedErrors: ReadonlyMap<string, string> = new Map([
  ['cloudwatch', 'AccessDenied'],
  ['rds', 'AccessDenied'],
  ['route53', 'AccessDenied'],
  ['sns', 'AuthorizationErrorException'],
]);

/** Caller that the messages name, as AWS does. */
const simulatedPrincipal = 'arn:aws:sts::123456789012:assumed-role/simulated/session';

/** Creates the error for a missing permission. */
export function accessDenied(action: string): Error {
  const [iamPrefix = ''] = action.split(':');
  const name = otherDeniedErrors.get(iamPrefix) ?? 'AccessDeniedException';
  return awsError(name, `User: ${simulatedPrincipal} is not authorized to perform: ${action}`, 403);
}
