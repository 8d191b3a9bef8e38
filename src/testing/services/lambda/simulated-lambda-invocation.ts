import type { SimulatedEnvironment } from '../../cloud/environment.js';
import type { VirtualClock } from '../../cloud/virtual-clock.js';

/** Seconds before Lambda's two retries of a failed asynchronous invocation. */
const retryPausesSeconds = [60, 120] as const;

/** The part of the Lambda context that hooks need. */
export interface SimulatedLambdaContext {
  /** The same in every attempt on one event. */
  readonly awsRequestId: string;
  /** Milliseconds of virtual time until the time-out. */
  getRemainingTimeInMillis(): number;
}

/** A Lambda function with its time-out. */
export interface SimulatedHookLambda<Event> {
  /** The function itself. */
  readonly handler: (event: Event, context: SimulatedLambdaContext) => unknown;
  /**
   * The function's time-out, 1 to 900.
   * @default 900
   */
  readonly timeoutSeconds?: number | undefined;
}

/** One attempt of a simulated Lambda function on one event. */
export interface SimulatedInvocation {
  /** The virtual time in milliseconds since 1970. */
  readonly startedAt: number;
  /** The virtual time at which it returned, threw or timed out, in milliseconds since 1970. */
  endedAt?: number;
  /** The outcome so far. */
  outcome: 'running' | 'returned' | 'threw' | 'timedOut';
  /** The returned or thrown value. */
  result?: unknown;
}

/**
 * Invokes a handler as Lambda does for an asynchronous event: with a time-out, and with up to two retries after an error or
 * a time-out. A handler continues after its time-out here, and its result is ignored. The attempts appear in `invocations`
 * as they begin.
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

/** Runs one attempt until its end or its time-out. It appears in `invocations` as it begins. */
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

/** Waits without making time pass: a retry stays pending until another sleep is awaited. */
function passed(clock: VirtualClock, seconds: number): Promise<void> {
  return new Promise((resolve) => {
    clock.schedule(seconds, resolve);
  });
}
