import { type DurableContext, withDurableExecution } from '@aws/durable-execution-sdk-js';
import { LocalDurableTestRunner, type TestResult } from '@aws/durable-execution-sdk-js-testing';
import type { DurableChangeContext } from '../../src/durable/index.js';
import type { SimulatedCloud, VirtualClock } from '../../src/testing/index.js';

/** Body of a durable function in a test. */
export type DurableWork<Event, Result> = (event: Event, context: DurableChangeContext) => Promise<Result>;

/** A durable function on the local engine of AWS's SDK. */
export interface DurableRunner<Event, Result> {
  readonly runner: LocalDurableTestRunner<Result>;
  run(event: Event): Promise<TestResult<Result>>;
}

const { setTimeout: realSetTimeout, clearTimeout: realClearTimeout } = globalThis;

/** Clock of the current test's cloud. */
let presentClock: VirtualClock | undefined;

/**
 * Sets up the local engine with timers on the cloud's virtual clock, so that a wait takes its seconds there. The engine's own
 * `skipTime` is unsuitable: it ends a wait at once, before the cloud has seen any of its time.
 */
export async function setUpRunners(): Promise<void> {
  await LocalDurableTestRunner.setupTestEnvironment();
  globalThis.setTimeout = virtualSetTimeout as typeof setTimeout;
  globalThis.clearTimeout = virtualClearTimeout as typeof clearTimeout;
}

/** Restores the real timers. */
export async function tearRunnersDown(): Promise<void> {
  globalThis.setTimeout = realSetTimeout;
  globalThis.clearTimeout = realClearTimeout;
  await LocalDurableTestRunner.teardownTestEnvironment();
}

/**
 * Creates a durable function. The virtual time stands still while the function runs, and passes within its
 * steps and while it is suspended.
 */
export function makeRunner<Event, Result>(
  { clock }: Pick<SimulatedCloud, 'clock'>,
  work: DurableWork<Event, Result>,
): DurableRunner<Event, Result> {
  presentClock = clock;
  const runner = new LocalDurableTestRunner<Result>({ handlerFunction: durableFunction({ clock }, work) });
  return { runner, run: (payload) => runner.run({ payload }) };
}

/** A durable function to register as one that others invoke. */
export function durableFunction<Event, Result>(
  { clock }: Pick<SimulatedCloud, 'clock'>,
  work: DurableWork<Event, Result>,
) {
  const handler = withDurableExecution((event: Event, context: DurableContext) =>
    work(event, inVirtualTime(context, clock)),
  );
  const busy: typeof handler = (event, context) => clock.busy(() => handler(event, context));
  return busy;
}

function inVirtualTime(context: DurableContext, clock: VirtualClock): DurableChangeContext {
  return {
    lambdaContext: context.lambdaContext,
    step: (name, run, options) => context.step(name, (step) => clock.idle(() => run(step)), options),
    wait: (name, duration) => context.wait(name, duration),
    createCallback: (name, options) => context.createCallback(name, options),
    invoke: (name, functionName, input) => context.invoke(name, functionName, input),
  };
}

/** A timer of the engine or of other code. From one second on it is virtual; a shorter one ends at once. */
function virtualSetTimeout(fire: () => void, milliseconds = 0): unknown {
  if (milliseconds < 1000 || presentClock === undefined) return realSetTimeout(fire, 0);
  const cancelled = new AbortController();
  // The engine counts real time, some of which has passed already.
  presentClock.sleep(Math.ceil(milliseconds / 1000) * 1000, cancelled.signal).then(fire, () => {});
  return cancelled;
}

function virtualClearTimeout(timer: unknown): void {
  if (timer instanceof AbortController) timer.abort();
  else realClearTimeout(timer as NodeJS.Timeout);
}
