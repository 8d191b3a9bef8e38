import { describe, expect, test, vi } from 'vitest';
import { ResourceStateError } from '../../src/core/errors.js';
import { cloudWatchMetric } from '../../src/traffic/checks/cloudwatch-metric.js';
import type { ShiftState } from '../../src/traffic/shift/shift-state.js';
import type { TrafficShifterOptions } from '../../src/traffic/shifter-options.js';
import { allAtOnce } from '../../src/traffic/strategies/all-at-once.js';
import { linear } from '../../src/traffic/strategies/linear.js';
import { steps } from '../../src/traffic/strategies/steps.js';
import { TrafficShifter } from '../../src/traffic/traffic-shifter.js';
import type { Check } from '../../src/traffic/types.js';
import { setUpAppMeshRoute } from '../contract/app-mesh-route.js';
import { setUpListenerRules } from '../contract/load-balancers.js';
import type { TargetSetUp } from '../contract/traffic-target.js';

const allBlue = { blue: 100, green: 0 };
const tenths = linear({ stepPercent: 10, intervalSeconds: 60 });

/** Check that fails as soon as the incoming stack has this share. */
const failsFrom = (percent: number): Check => ({
  name: 'health',
  evaluate: async ({ weights }) =>
    weights.green >= percent
      ? { outcome: 'fail', detail: 'too many errors' }
      : { outcome: 'pass', detail: 'well' },
});

function makeShifter({ target, cloud }: TargetSetUp, options: Partial<TrafficShifterOptions> = {}) {
  return new TrafficShifter({ target, clock: cloud.clock, ...options });
}

/** Advances to the end, and returns every state, the newest last. */
async function statesOf(shifter: TrafficShifter, set: TargetSetUp): Promise<[ShiftState, ...ShiftState[]]> {
  const states: [ShiftState, ...ShiftState[]] = [
    await shifter.begin({ incoming: 'green', strategy: tenths }),
  ];
  for (let state = states[0], isDone = false; !isDone; ) {
    const progress = await shifter.advance(state);
    state = progress.state;
    isDone = progress.outcome !== undefined;
    states.push(state);
    if (!isDone) await set.cloud.clock.sleep(progress.waitSeconds * 1000);
  }
  return states;
}

const writesOf = ({ cloud }: TargetSetUp) =>
  cloud.calls.filter(({ action }) => /:(Modify|Update)/.test(action)).length;

describe('TrafficShifter › faults of courier, a canary tool for ALB rules', () => {
  test('never raises the canary after a rollback in the same process', async () => {
    const set = setUpListenerRules(1)(allBlue);
    const shifter = makeShifter(set, { checks: [failsFrom(30)] });

    const { outcome } = await shifter.shiftTo('green', tenths);
    const calls = set.cloud.calls.length;
    await set.cloud.clock.sleep(86_400_000);

    expect(outcome).toBe('rolledBack');
    expect(set.cloud.calls).toHaveLength(calls);
    expect(await set.target.readWeights()).toEqual(allBlue);
  });

  test('halts a late call with an older state after a rollback', async () => {
    const set = setUpListenerRules(1)(allBlue);
    const shifter = makeShifter(set, { checks: [failsFrom(30)] });
    const states = await statesOf(shifter, set);
    expect(states.at(-1)?.phase).toBe('rolledBack');
    const writes = writesOf(set);

    for (const late of states.filter(({ phase, step }) => phase === 'shifting' && step >= 0)) {
      let state = late;
      for (let tick = 0; tick < 3; tick += 1) {
        const progress = await shifter.advance(state);
        state = progress.state;
        if (progress.outcome !== undefined) break;
        await set.cloud.clock.sleep(progress.waitSeconds * 1000);
      }
      expect(['halted', 'rollingBack', 'rolledBack']).toContain(state.phase);
      expect(await set.target.readWeights()).toEqual(allBlue);
    }
    expect(writesOf(set) - writes).toBeLessThanOrEqual(1);
  });

  test('waits for a write in progress before a rollback', async () => {
    const set = setUpListenerRules(1)(allBlue);
    const { target } = set;
    const controller = new AbortController();
    const write = target.writeWeights.bind(target);
    // The signal is aborted during a slow write of the load balancer.
    vi.spyOn(target, 'writeWeights').mockImplementationOnce(async (weights, options) => {
      controller.abort(new Error('Enough'));
      options?.signal?.throwIfAborted();
      await set.cloud.clock.sleep(5000);
      await write(weights, options);
    });

    const result = await makeShifter(set).shiftTo('green', tenths, { signal: controller.signal });
    await set.cloud.clock.sleep(60_000);

    expect(result).toMatchObject({ outcome: 'rolledBack', reason: 'Aborted: Enough' });
    expect(await target.readWeights()).toEqual(allBlue);
  });

  test('runs a rollout longer than 15 minutes with one call per Lambda invocation', async () => {
    const set = setUpListenerRules(1)(allBlue);
    const slow = linear({ stepPercent: 10, intervalSeconds: 3600, bakeSeconds: 3600 });
    let stored = JSON.stringify(await makeShifter(set).begin({ incoming: 'green', strategy: slow }));
    const begunAt = set.cloud.clock.now();

    for (let isDone = false; !isDone; ) {
      const { state, waitSeconds, outcome } = await makeShifter(set).advance(JSON.parse(stored));
      stored = JSON.stringify(state);
      isDone = outcome !== undefined;
      await set.cloud.clock.sleep(waitSeconds * 1000);
    }

    expect(JSON.parse(stored)).toMatchObject({ phase: 'succeeded' });
    expect(await set.target.readWeights()).toEqual({ blue: 0, green: 100 });
    expect(set.cloud.clock.now() - begunAt).toBe(10 * 3600_000);
  });
});

describe('TrafficShifter › faults of the Step Functions sample', () => {
  test('ends rolledBack only after the initial weights were read back', async () => {
    const set = setUpAppMeshRoute('httpRoute')(allBlue);
    const shifter = makeShifter(set);
    const { state } = await shifter.advance(await shifter.begin({ incoming: 'green', strategy: tenths }));
    expect(await set.target.readWeights()).toEqual({ blue: 90, green: 10 });

    const back = await shifter.rollBack(state, 'The smoke test failed');

    expect(await set.target.readWeights()).toEqual(allBlue);
    expect(back).toMatchObject({
      outcome: 'rolledBack',
      state: { phase: 'rolledBack', reason: 'The smoke test failed' },
    });
    expect(back.events.map(({ type }) => type)).toEqual([
      'rollingBack',
      'weightsWritten',
      'weightsVerified',
      'rolledBack',
    ]);
  });

  test('halts when AWS rejects the write of a rollback', async () => {
    const set = setUpAppMeshRoute('httpRoute')(allBlue);
    const shifter = makeShifter(set);
    const { state } = await shifter.advance(await shifter.begin({ incoming: 'green', strategy: tenths }));
    set.cloud.injectFault({ kind: 'accessDenied', action: 'appmesh:UpdateRoute', times: 100 });

    const { state: halted } = await shifter.rollBack(state, 'no');

    expect(halted).toMatchObject({
      phase: 'halted',
      haltedIn: 'rollingBack',
      reason: expect.stringContaining('appmesh:UpdateRoute'),
    });
    set.cloud.clearFaults();
    expect(await set.target.readWeights()).toEqual({ blue: 90, green: 10 });
    expect(await shifter.advance(halted)).toMatchObject({ state: { phase: 'rolledBack', reason: 'no' } });
  });

  test('accepts a strategy of any length as data', async () => {
    const set = setUpAppMeshRoute('httpRoute')(allBlue);
    const strategy = steps(
      [1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 100].map((percent) => ({ percent, holdSeconds: 7 })),
    );

    const { outcome, history } = await makeShifter(set).shiftTo('green', strategy);

    expect(outcome).toBe('succeeded');
    const verified = history.flatMap((it) => (it.type === 'weightsVerified' ? it.weights.green : []));
    expect(verified).toEqual(strategy.steps.map(({ percent }) => percent));
  });
});

describe('TrafficShifter › faults of the App Mesh pipeline', () => {
  test.each(['tcpRoute', 'httpRoute', 'http2Route', 'grpcRoute'])(
    'rolls back a %s to the outgoing version',
    async (kind) => {
      const set = setUpAppMeshRoute(kind)(allBlue);

      const result = await makeShifter(set, { checks: [failsFrom(50)] }).shiftTo('green', tenths);

      expect(result).toMatchObject({
        outcome: 'rolledBack',
        reason: 'The check health failed once: too many errors',
      });
      expect(await set.target.readWeights()).toEqual(allBlue);
    },
  );

  test.each(['tcpRoute', 'httpRoute', 'http2Route', 'grpcRoute'])(
    'keeps the whole specification of a %s in a shift and in a rollback',
    async (kind) => {
      const set = setUpAppMeshRoute(kind)(allBlue);
      const before = structuredClone(set.readRaw());

      await makeShifter(set, { checks: [failsFrom(50)] }).shiftTo('green', tenths);
      expect(set.withoutWeights(set.readRaw())).toEqual(set.withoutWeights(before));
      await makeShifter(set).shiftTo('green', tenths);
      expect(set.withoutWeights(set.readRaw())).toEqual(set.withoutWeights(before));
      expect(await set.target.readWeights()).toEqual({ blue: 0, green: 100 });
    },
  );

  // This package deletes no stack. Users decide by the outcome whether to delete one, so the outcome must be true.
  test('ends halted, never rolledBack, when the rollback fails', async () => {
    const set = setUpAppMeshRoute('httpRoute')(allBlue);
    const check: Check = {
      name: 'health',
      evaluate: async () => {
        set.cloud.injectFault({ kind: 'serverError', action: 'appmesh:UpdateRoute', times: 10_000 });
        return { outcome: 'fail', detail: 'too many errors' };
      },
    };

    const result = await makeShifter(set, { checks: [check] }).shiftTo('green', tenths);

    expect(result).toMatchObject({ outcome: 'halted', state: { haltedIn: 'rollingBack' } });
    expect(result.history.map(({ type }) => type)).not.toContain('rolledBack');
    set.cloud.clearFaults();
    expect(await set.target.readWeights()).toEqual({ blue: 90, green: 10 });
    // After a resume the rollback succeeds.
    expect((await makeShifter(set).advance(result.state)).state.phase).toBe('rolledBack');
    expect(await set.target.readWeights()).toEqual(allBlue);
  });

  test('holds the step without data, and then rolls back', async () => {
    const set = setUpAppMeshRoute('httpRoute')(allBlue);
    const check = cloudWatchMetric({
      name: 'errors',
      queries: [
        {
          Id: 'errors',
          MetricStat: {
            Metric: { Namespace: 'Shop', MetricName: 'Errors' },
            Period: 60,
            Stat: 'Sum',
          },
        },
      ],
      max: 0,
      windowSeconds: 300,
      clients: set.cloud.clients,
    });

    const result = await makeShifter(set, { checks: [check] }).shiftTo('green', tenths);

    expect(result).toMatchObject({ outcome: 'rolledBack' });
    expect(result.reason).toContain('inconclusive 5 times');
    expect(result.state.step).toBe(0);
    expect(await set.target.readWeights()).toEqual(allBlue);
  });

  test('shifts a first deployment to 100 % only on request, and only for a healthy stack', async () => {
    const set = setUpListenerRules(1)(allBlue);
    const unhealthy = makeShifter(set, { minimumHealthyCount: 3 });

    await expect(unhealthy.shiftTo('green', allAtOnce())).rejects.toThrowError(ResourceStateError);
    expect(await set.target.readWeights()).toEqual(allBlue);
    const { outcome } = await makeShifter(set).shiftTo('green', allAtOnce());

    expect(outcome).toBe('succeeded');
    expect(await set.target.readWeights()).toEqual({ blue: 0, green: 100 });
  });
});
