import { setTimeout as realTime } from 'node:timers/promises';
import { beforeEach, expect, test } from 'vitest';
import { systemClock, withClockAdvice } from '../../src/core/clock.js';
import { safeClock } from '../../src/core/safe-clock.js';
import { withinInvocation } from '../../src/durable/within-invocation.js';
import { codeDeployHook, ecsLifecycleHook } from '../../src/hooks/index.js';
import { type CodeDeployHookEvent, SimulatedCloud, VirtualClock } from '../../src/testing/index.js';
import { hookEvent, makeContext, makeLogger } from '../support/ecs-hook.js';
import { SwapWorld } from '../support/swap-world.js';

const advice = /virtual clock does not see real I\/O \(fetch, timers, files\).*clock\.busy\(\.\.\.\)/;

/** Real I/O that is never seen by the clock. */
const unseen = () => new Promise<never>(() => {});

let cloud: SimulatedCloud;

beforeEach(() => {
  cloud = new SimulatedCloud();
});

const makeHook = (run: () => unknown) =>
  codeDeployHook(run, { clients: cloud.clients, clock: cloud.clock, logger: makeLogger() });

test('a CodeDeploy hook adds the advice to its time-out, and keeps its own remedy', async () => {
  const result = await makeHook(unseen)(cloud.codeDeploy.openHookExecution(), makeContext(cloud.clock));

  expect(result.reason).toMatch(/Raise the function's time-out/);
  expect(result.reason).toMatch(advice);
});

test('an ECS hook logs the advice', async () => {
  const logger = makeLogger();
  const handler = ecsLifecycleHook({ POST_SCALE_UP: unseen }, { clock: cloud.clock, logger });

  await handler(hookEvent('POST_SCALE_UP'), makeContext(cloud.clock));

  expect(JSON.stringify(logger.warn.mock.calls)).toMatch(advice);
});

test('a step of a durable function adds the advice', async () => {
  const lambdaContext = makeContext(cloud.clock);
  const work = (signal: AbortSignal | undefined) =>
    new Promise<never>((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));

  const running = withinInvocation(work, { lambdaContext } as never, cloud.clock);

  await expect(running).rejects.toThrowError(advice);
});

test('a step of a swap adds the advice', async () => {
  const world = new SwapWorld();
  const smoke = { name: 'smoke', run: unseen, undo: 'none' as const, maxWaitSeconds: 60 };

  const { outcome, reason } = await world.swap({ ...world.plan(), test: [smoke] }).run();

  expect([outcome, reason]).toEqual(['rolledBack', expect.stringMatching(advice)]);
});

test('a wrapped handler with real I/O succeeds', async () => {
  const hook = makeHook(() => realTime(20));
  const wrapped = (event: CodeDeployHookEvent, context: ReturnType<typeof makeContext>) =>
    cloud.clock.busy(() => hook(event, context));

  const { status } = await cloud.codeDeploy.runDeployment({ hooks: { AfterInstall: wrapped } });

  expect(status).toBe('Succeeded');
});

test('the clock of the machine has no advice, and a safe clock keeps that of its clock', () => {
  expect(withClockAdvice(systemClock)).toBeUndefined();
  expect(withClockAdvice(safeClock(systemClock), 'Wait')).toBe('Wait');
  expect(withClockAdvice(safeClock(new VirtualClock()), 'Wait')).toMatch(/^Wait\. On the simulator: /);
});
