import { awsError } from './environment.js';

/**
 * What can go wrong with a call:
 * - `throttle`: refused for now, nothing happened;
 * - `serverError`: answered 500, nothing happened;
 * - `timeout`: no answer, nothing happened;
 * - `lostResponse`: the change was made, but the answer did not arrive;
 * - `accessDenied`: the permission is missing;
 * - `staleRead`: the answer that the same call got the last time; a call that reads nothing, or that is new, passes;
 * - `crashBefore`, `crashAfter`: the calling process dies before or after the change was made: this call and every
 *   later one fails until `SimulatedCloud.restart`.
 */
export type FaultKind =
  | 'throttle'
  | 'serverError'
  | 'timeout'
  | 'lostResponse'
  | 'accessDenied'
  | 'staleRead'
  | 'crashBefore'
  | 'crashAfter';

/** A fault, and which calls it befalls. */
export interface Fault {
  /** What goes wrong; an error of your own is thrown as it is, before any change. */
  readonly kind: FaultKind | Error;
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
   * How many matching calls fail from there on.
   * @default 1
   */
  readonly times?: number;
}

/** The calling process has died: a test catches this and starts again. */
export class SimulatedCrash extends Error {
  /** Always `'SimulatedCrash'`. */
  override readonly name = 'SimulatedCrash';

  constructor() {
    super('The process that makes the calls has stopped here');
  }
}

/** The faults that are set, and the calls that they have seen. */
export class FaultPlan {
  readonly #faults: { readonly fault: Fault; seen: number }[] = [];

  add(fault: Fault): void {
    this.#faults.push({ fault, seen: 0 });
  }

  clear(): void {
    this.#faults.length = 0;
  }

  /** The fault that befalls the next call of this operation, if any. Every matching fault counts the call. */
  next(action: string): FaultKind | Error | undefined {
    const due = this.#faults.filter((entry) => {
      if (entry.fault.action !== undefined && entry.fault.action !== action) return false;
      entry.seen += 1;
      const first = entry.fault.atCall ?? 1;
      return entry.seen >= first && entry.seen < first + (entry.fault.times ?? 1);
    });
    return due[0]?.fault.kind;
  }
}

/** The error that a client sees when no answer comes. */
export function noResponse(): Error {
  return Object.assign(new Error('Connection timed out before an answer came'), { name: 'TimeoutError' });
}

/** Most services agree on the name of this error. */
const otherDeniedErrors: ReadonlyMap<string, string> = new Map([
  ['cloudwatch', 'AccessDenied'],
  ['rds', 'AccessDenied'],
  ['sns', 'AuthorizationErrorException'],
]);

/** The error of a refused permission. */
export function accessDenied(action: string): Error {
  const [iamPrefix = ''] = action.split(':');
  const name = otherDeniedErrors.get(iamPrefix) ?? 'AccessDeniedException';
  return awsError(name, `User is not authorized to perform: ${action}`, 403);
}
