import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { silentLogger } from '../../src/core/logger.js';
import { type CodeDeployHookFunction, codeDeployHook } from '../../src/hooks/index.js';
import { type FaultKind, SimulatedCloud } from '../../src/testing/index.js';

type Clock = SimulatedCloud['clock'];

/** Behaviour of the function in the hook after `seconds`. */
const behaviours = {
  resolves: (clock, seconds) => () => clock.sleep(seconds * 1000),
  throws: (clock, seconds) => async () => {
    await clock.sleep(seconds * 1000);
    throw new Error('the tests failed');
  },
  throwsAtOnce: () => () => {
    throw undefined;
  },
  hangs: () => () => new Promise(() => {}),
  obeysTheSignal:
    (clock, seconds) =>
    ({ signal }) =>
      clock.sleep(seconds * 1000, signal),
  cleansUp:
    (clock, seconds) =>
    async ({ signal }) => {
      await clock.sleep(900_000, signal).catch(() => clock.sleep(seconds * 1000));
    },
} satisfies Record<string, (clock: Clock, seconds: number) => CodeDeployHookFunction>;

const situation = fc.record({
  behaviour: fc.constantFrom(...(Object.keys(behaviours) as (keyof typeof behaviours)[])),
  seconds: fc.integer({ min: 0, max: 1_200 }),
  timeoutSeconds: fc.integer({ min: 5, max: 900 }),
  deadlineMarginSeconds: fc.integer({ min: 1, max: 60 }),
  latencyMilliseconds: fc.constantFrom<number>(0, 50, 1_000, 9_000, 30_000),
  faults: fc.array(
    fc.record({
      kind: fc.constantFrom<FaultKind>('throttle', 'serverError', 'timeout', 'lostResponse'),
      atCall: fc.integer({ min: 1, max: 8 }),
      times: fc.constantFrom(1, 2, 3, Number.POSITIVE_INFINITY),
    }),
    { maxLength: 3 },
  ),
});

type Situation = typeof situation extends fc.Arbitrary<infer Value> ? Value : never;

/** Invokes a hook once. */
async function invokeOnce(it: Situation) {
  const cloud = new SimulatedCloud({ latencyMilliseconds: it.latencyMilliseconds });
  for (const fault of it.faults) cloud.injectFault(fault);
  const { clock, clients, codeDeploy } = cloud;
  const event = codeDeploy.openHookExecution();
  const start = clock.now();
  const deadline = start + it.timeoutSeconds * 1000;
  const handler = codeDeployHook(behaviours[it.behaviour](clock, it.seconds), {
    clients,
    clock,
    logger: silentLogger,
    deadlineMarginSeconds: it.deadlineMarginSeconds,
  });
  const handled = await handler(event, { getRemainingTimeInMillis: () => deadline - clock.now() }).then(
    (result) => ({ result, at: clock.now() }),
    (error: unknown) => ({ error, at: clock.now() }),
  );
  await clock.sleep(3_600_000);
  return { cloud, deadline, start, handled };
}

/** Calls that succeeded with a response before the hook stopped waiting. */
function confirmedInTime(cloud: SimulatedCloud, stoppedAt: number, { latencyMilliseconds }: Situation) {
  if (latencyMilliseconds > 1_000) return [];
  return cloud.calls.filter(({ outcome, at }) => outcome === 'ok' && at + latencyMilliseconds < stoppedAt);
}

// Hundreds of situations take long on a busy machine.
describe('codeDeployHook › responses', { timeout: 60_000 }, () => {
  test('sends exactly one response before the Lambda ends, unless every call failed', async () => {
    await fc.assert(
      fc.asyncProperty(situation, async (it) => {
        const { cloud, deadline, handled } = await invokeOnce(it);
        const { responses: answers } = cloud.codeDeploy;

        expect(handled.at).toBeLessThanOrEqual(deadline);
        expect(cloud.calls.length).toBeGreaterThan(0);
        if ('result' in handled) {
          expect(answers).toMatchObject([{ status: handled.result.status }]);
          expect(answers[0]?.at).toBeLessThanOrEqual(deadline);
        } else {
          // A call that outlasts its attempt can take effect without a response; no call takes effect twice.
          expect(answers.length).toBeLessThanOrEqual(1);
          expect(confirmedInTime(cloud, handled.at, it)).toEqual([]);
        }
      }),
      { numRuns: 200 },
    );
  });

  test('sends the response despite up to six failing calls', async () => {
    const bounded = situation.map((it) => ({
      ...it,
      latencyMilliseconds: 0,
      timeoutSeconds: Math.max(10, it.timeoutSeconds),
      deadlineMarginSeconds: Math.max(5, it.deadlineMarginSeconds),
      faults: it.faults.slice(0, 2).map((fault) => ({ ...fault, times: Math.min(fault.times, 3) })),
    }));
    await fc.assert(
      fc.asyncProperty(bounded, async (it) => {
        const { cloud, handled } = await invokeOnce(it);

        expect(handled).toHaveProperty('result');
        expect(cloud.codeDeploy.responses).toHaveLength(1);
      }),
      { numRuns: 100 },
    );
  });

  test('responds Succeeded only if the function resolved before the abort', async () => {
    await fc.assert(
      fc.asyncProperty(situation, async (it) => {
        const { cloud } = await invokeOnce({ ...it, faults: [], latencyMilliseconds: 0 });
        const margin = Math.min(it.deadlineMarginSeconds, it.timeoutSeconds / 2);
        const canResolve = it.behaviour === 'resolves' || it.behaviour === 'obeysTheSignal';
        const inTime = it.seconds < it.timeoutSeconds - margin;
        fc.pre(it.seconds !== it.timeoutSeconds - margin);

        expect(cloud.codeDeploy.responses).toMatchObject([
          { status: canResolve && inTime ? 'Succeeded' : 'Failed' },
        ]);
      }),
      { numRuns: 100 },
    );
  });
});

describe('codeDeployHook in a deployment', () => {
  const hook = (cloud: SimulatedCloud, run: CodeDeployHookFunction) =>
    codeDeployHook(run, { clients: cloud.clients, clock: cloud.clock, logger: silentLogger });

  test('continues the deployment when the function resolves', async () => {
    const cloud = new SimulatedCloud();

    const result = await cloud.codeDeploy.runDeployment({
      hooks: { AfterAllowTestTraffic: hook(cloud, () => cloud.clock.sleep(60_000)) },
    });

    expect(result).toMatchObject({ status: 'Succeeded', traffic: { production: 'replacement' } });
  });

  test('rolls the deployment back without a retry when the function throws', async () => {
    const cloud = new SimulatedCloud();

    const result = await cloud.codeDeploy.runDeployment({
      hooks: { AfterAllowTestTraffic: hook(cloud, () => Promise.reject(new Error('the tests failed'))) },
    });

    expect(result).toMatchObject({ status: 'Failed', traffic: { production: 'original', test: 'original' } });
    expect(result.lifecycleEvents.at(-2)?.invocations).toMatchObject([{ outcome: 'returned' }]);
  });

  test('rolls the deployment back within minutes, not after an hour, when the function hangs', async () => {
    const cloud = new SimulatedCloud();

    const result = await cloud.codeDeploy.runDeployment({
      hooks: { BeforeInstall: { handler: hook(cloud, () => new Promise(() => {})), timeoutSeconds: 120 } },
    });

    await cloud.clock.sleep(3_600_000);
    const [event] = result.lifecycleEvents;
    expect(event).toMatchObject({ status: 'Failed', invocations: [{ outcome: 'returned' }] });
    expect((event?.endedAt ?? 0) - (event?.startedAt ?? 0)).toBe(105_000);
  });

  test("responds in Lambda's retry when no response was confirmed before", async () => {
    const cloud = new SimulatedCloud();
    cloud.injectFault({ kind: 'accessDenied', times: 2 });

    const result = await cloud.codeDeploy.runDeployment({
      hooks: { BeforeInstall: hook(cloud, () => {}) },
    });

    expect(result.status).toBe('Succeeded');
    expect(result.lifecycleEvents[0]?.invocations.map(({ outcome }) => outcome)).toEqual([
      'threw',
      'threw',
      'returned',
    ]);
  });

  test("responds in Lambda's retry after a crash", async () => {
    const cloud = new SimulatedCloud();
    cloud.injectFault({ kind: 'crashBefore' });
    cloud.clock.schedule(30, () => cloud.restart());

    const result = await cloud.codeDeploy.runDeployment({
      hooks: { BeforeInstall: hook(cloud, () => {}) },
    });

    expect(result.status).toBe('Succeeded');
  });
});
