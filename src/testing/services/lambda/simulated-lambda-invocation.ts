import type { SimulatedEnvironment } from '../../cloud/environment.js';
import { runAs, SimulatedProcess } from '../../cloud/simulated-process.js';
import type { VirtualClock } from '../../cloud/virtual-clock.js';
import { planOf } from './lambda-delivery.js';

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
  /** The virtual time at which it returned, threw, timed out or was killed, in milliseconds since 1970. */
  endedAt?: number;
  /** The outcome so far. */
  outcome: 'running' | 'returned' | 'threw' | 'timedOut' | 'killed';
  /** The returned or thrown value. */
  result?: unknown;
}

/**
 * Invokes a handler as Lambda does for an asynchronous event: at the times of the delivery plan, with a time-out, and with
 * up to two retries after an error, a time-out or the death of the process. The code of a dead process continues here, but
 * its calls never return, and its result is ignored. The attempts appear in `invocations` as they begin.
 */
export async function invokeAsynchronously<Event>(
  environment: SimulatedEnvironment,
  lambda: SimulatedHookLambda<Event>,
  event: Event,
  invocations: SimulatedInvocation[],
): Promise<void> {
  const awsRequestId = environment.nextId();
  const { afterSeconds, killAfterSeconds } = planOf(environment.lambdaDelivery.plan(structuredClone(event)));
  await Promise.all(
    afterSeconds.map(async (seconds) => {
      if (seconds > 0) await passed(environment.clock, seconds);
      const attempt = { awsRequestId, killAfterSeconds };
      await invokeWithRetries(environment, lambda, event, invocations, attempt);
    }),
  );
}

/** Facts about one attempt. */
interface Attempt {
  /** The same in every attempt on one event. */
  readonly awsRequestId: string;
  readonly killAfterSeconds?: number | undefined;
}

async function invokeWithRetries<Event>(
  environment: SimulatedEnvironment,
  lambda: SimulatedHookLambda<Event>,
  event: Event,
  invocations: SimulatedInvocation[],
  { awsRequestId, killAfterSeconds }: Attempt,
): Promise<void> {
  for (const pauseSeconds of [0, ...retryPausesSeconds]) {
    if (pauseSeconds > 0) await passed(environment.clock, pauseSeconds);
    const attempt = { awsRequestId, ...(pauseSeconds === 0 && { killAfterSeconds }) };
    const { outcome } = await invokeOnce(environment, lambda, event, invocations, attempt);
    if (outcome === 'returned') return;
  }
}

/** Runs one attempt until its end, its time-out or its death. It appears in `invocations` as it begins. */
export async function invokeOnce<Event>(
  { clock, nextId }: SimulatedEnvironment,
  { handler, timeoutSeconds = 900 }: SimulatedHookLambda<Event>,
  event: Event,
  invocations: SimulatedInvocation[],
  { awsRequestId, killAfterSeconds }: Attempt = { awsRequestId: nextId() },
): Promise<SimulatedInvocation> {
  const startedAt = clock.now();
  const invocation: SimulatedInvocation = { startedAt, outcome: 'running' };
  invocations.push(invocation);
  const context = {
    awsRequestId,
    getRemainingTimeInMillis: () => Math.max(0, startedAt + timeoutSeconds * 1000 - clock.now()),
  };
  const process = new SimulatedProcess();
  if (killAfterSeconds !== undefined) clock.schedule(killAfterSeconds, () => process.die());
  const outcome = await outcomeOf(clock, { timeoutSeconds, process }, () =>
    handler(structuredClone(event), context),
  );
  return Object.assign(invocation, outcome, { endedAt: clock.now() });
}

function outcomeOf(
  clock: VirtualClock,
  { timeoutSeconds, process }: { timeoutSeconds: number; process: SimulatedProcess },
  invoke: () => unknown,
): Promise<Pick<SimulatedInvocation, 'outcome' | 'result'>> {
  return new Promise((resolve) => {
    const cancel = clock.schedule(timeoutSeconds, () => {
      resolve({ outcome: 'timedOut' });
      process.die();
    });
    const end = (outcome: 'returned' | 'threw' | 'killed') => (result: unknown) => {
      cancel();
      resolve({ outcome, result });
    };
    process.died.addEventListener('abort', () => end('killed')(new Error('Runtime exited: signal: killed')));
    const code = Promise.resolve().then(() => runAs(process, invoke));
    code.then(end('returned'), end('threw'));
  });
}

/** Waits without making time pass: a retry stays pending until another sleep is awaited. */
function passed(clock: VirtualClock, seconds: number): Promise<void> {
  return new Promise((resolve) => {
    clock.schedule(seconds, resolve);
  });
}
