import type { SimulatedEnvironment } from '../../cloud/environment.js';
import type { VirtualClock } from '../../cloud/virtual-clock.js';

/** Lambda runs a function that failed on an asynchronous event again after these pauses, and then gives up. */
const retryPausesSeconds = [60, 120] as const;

/** The Lambda context of a simulated invocation, as far as hooks need it. */
export interface SimulatedLambdaContext {
  /** The same in every attempt on one event. */
  readonly awsRequestId: string;
  /** Milliseconds of virtual time until the invocation is cut off. */
  getRemainingTimeInMillis(): number;
}

/** A Lambda that is invoked by an event, with its time-out. */
export interface SimulatedHookLambda<Event> {
  /** The function itself. */
  readonly handler: (event: Event, context: SimulatedLambdaContext) => unknown;
  /**
   * The function's time-out, 1 to 900.
   * @default 900
   */
  readonly timeoutSeconds?: number | undefined;
}

/** One attempt of a simulated Lambda on one event. */
export interface SimulatedInvocation {
  /** The virtual time in milliseconds since 1970. */
  readonly startedAt: number;
  /** The virtual time at which it returned, threw or was cut off. */
  endedAt?: number;
  /** The outcome so far. */
  outcome: 'running' | 'returned' | 'threw' | 'timedOut';
  /** The value that the handler returned or threw. */
  result?: unknown;
}

/**
 * Invokes a handler as Lambda does for an asynchronous event: cut off at its time-out, and run again up to two times
 * when it threw or was cut off. What a handler does after it was cut off cannot be kept from it here; its result is
 * ignored. The attempts appear in `invocations` as they begin.
 */
export async function invokeAsynchronously<Event>(
  environment: SimulatedEnvironment,
  lambda: SimulatedHookLambda<Event>,
  event: Event,
  invocations: SimulatedInvocation[],
): Promise<void> {
  const awsRequestId = environment.nextId();
  for (const pauseSeconds of [0, ...retryPausesSeconds]) {
    if (pauseSeconds > 0) await passed(environment.clock, pauseSeconds);
    const { outcome } = await invokeOnce(environment, lambda, event, invocations, awsRequestId);
    if (outcome === 'returned') return;
  }
}

/** One attempt, which is cut off at the time-out. It appears in `invocations` as it begins. */
export async function invokeOnce<Event>(
  { clock, nextId }: SimulatedEnvironment,
  { handler, timeoutSeconds = 900 }: SimulatedHookLambda<Event>,
  event: Event,
  invocations: SimulatedInvocation[],
  awsRequestId: string = nextId(),
): Promise<SimulatedInvocation> {
  const startedAt = clock.now();
  const invocation: SimulatedInvocation = { startedAt, outcome: 'running' };
  invocations.push(invocation);
  const context = {
    awsRequestId,
    getRemainingTimeInMillis: () => Math.max(0, startedAt + timeoutSeconds * 1000 - clock.now()),
  };
  const outcome = await outcomeOf(clock, timeoutSeconds, () => handler(structuredClone(event), context));
  return Object.assign(invocation, outcome, { endedAt: clock.now() });
}

function outcomeOf(
  clock: VirtualClock,
  timeoutSeconds: number,
  invoke: () => unknown,
): Promise<Pick<SimulatedInvocation, 'outcome' | 'result'>> {
  return new Promise((resolve) => {
    const cancel = clock.schedule(timeoutSeconds, () => resolve({ outcome: 'timedOut' }));
    const end = (outcome: 'returned' | 'threw') => (result: unknown) => {
      cancel();
      resolve({ outcome, result });
    };
    Promise.resolve().then(invoke).then(end('returned'), end('threw'));
  });
}

/** Waits without being a reason for the time to pass: a retry that nobody waits for stays pending. */
function passed(clock: VirtualClock, seconds: number): Promise<void> {
  return new Promise((resolve) => {
    clock.schedule(seconds, resolve);
  });
}
