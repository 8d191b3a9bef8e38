import { beforeEach, describe, expect, test, vi } from 'vitest';
import {
  type EcsLifecycleHookOptions,
  type EcsShiftStep,
  ecsLifecycleHook,
} from '../../../src/hooks/index.js';
import { VirtualClock } from '../../../src/testing/index.js';
import { customCheck, type ShiftRequest, TrafficShifter } from '../../../src/traffic/index.js';
import { callUntilEnd, hookEvent, makeContext, makeLogger, weightsOf } from '../../support/ecs-hook.js';
import { type CallFault, FakeTarget } from '../../support/fake-target.js';

const stage = 'POST_TEST_TRAFFIC_SHIFT';
const canary: ShiftRequest = {
  incoming: 'green',
  strategy: { type: 'canary', percent: 10, holdSeconds: 60 },
};

let clock: VirtualClock;
let target: FakeTarget;
let logger: ReturnType<typeof makeLogger>;
let isHealthy: boolean;

beforeEach(() => {
  clock = new VirtualClock();
  target = new FakeTarget({ clock });
  logger = makeLogger();
  isHealthy = true;
});

/** Creates a hook without memory between two invocations, as in Lambda. */
function makeHandler(step: Partial<EcsShiftStep> = {}, options: EcsLifecycleHookOptions = {}) {
  const checks = [
    customCheck('healthy', () => ({ outcome: isHealthy ? 'pass' : 'fail', detail: 'as the test says' })),
  ];
  const policy = { intervalSeconds: 30, initialDelaySeconds: 0 };
  return (event: unknown, context: ReturnType<typeof makeContext>) => {
    const shifter = new TrafficShifter({ target, clock, checks, policy });
    return ecsLifecycleHook(
      { [stage]: [{ name: 'shift', shifter, request: canary, ...step }] },
      { clock, logger, ...options },
    )(event, context);
  };
}

const call = (handler: ReturnType<typeof makeHandler>, options: { timeoutSeconds?: number } = {}) =>
  callUntilEnd(handler, hookEvent(stage), { clock, ...options });

const end = async (handler: ReturnType<typeof makeHandler>) =>
  (await call(handler)).at(-1)?.response.hookStatus;

/** Shares of green that were written. */
const written = () => target.writes.map(({ green }) => green);

function failCalls(from: number, count: number, fault: CallFault = { kind: 'throw' }) {
  for (let index = from; index < from + count; index += 1) target.faults.set(index, fault);
}

describe('ecsLifecycleHook › shift step', () => {
  test('waits by callBackDelay between its steps, and succeeds', async () => {
    const responses = await call(makeHandler());

    expect(responses.at(-1)?.response).toEqual({ hookStatus: 'SUCCEEDED' });
    expect(written()).toEqual([10, 100]);
    expect(responses.map(({ response }) => response.callBackDelay)).toEqual([1, 30, 30, 1, undefined]);
  });

  test('writes only weights that a response has stored before', async () => {
    const handler = makeHandler();
    let stored = '';

    let response = await handler(hookEvent(stage), makeContext(clock));
    while (response.hookStatus === 'IN_PROGRESS') {
      const { hookDetails = {}, callBackDelay = 30 } = response;
      await clock.sleep(callBackDelay * 1000);
      const before = written().length;
      stored = JSON.stringify(hookDetails);
      response = await handler(hookEvent(stage, { hookDetails }), makeContext(clock));
      for (const share of written().slice(before)) {
        expect(stored).toContain(`\\"pendingWeights\\":{\\"blue\\":${100 - share},\\"green\\":${share}}`);
      }
    }

    expect(response).toEqual({ hookStatus: 'SUCCEEDED' });
  });

  test('reaches the same end when ECS sends every event twice', async () => {
    const handler = makeHandler();
    const twice = async (event: unknown, context: ReturnType<typeof makeContext>) => {
      await handler(event, context);
      return handler(event, context);
    };

    const responses = await callUntilEnd(twice, hookEvent(stage), { clock });

    expect(responses.at(-1)?.response).toEqual({ hookStatus: 'SUCCEEDED' });
    expect(new Set(written())).toEqual(new Set([10, 100]));
  });

  test('rolls back on a failed check, and fails the deployment', async () => {
    clock.schedule(20, () => {
      isHealthy = false;
    });

    expect(await end(makeHandler())).toBe('FAILED');
    expect(written()).toEqual([10, 0]);
    expect(logger.error).toHaveBeenCalledExactlyOnceWith(
      'Sent response to ECS',
      expect.objectContaining({ step: 'shift', error: expect.stringContaining('was rolled back') }),
    );
  });

  test('halts on drift, and leaves the weights unchanged', async () => {
    clock.schedule(20, () => target.repair({ blue: 50, green: 50 }));

    expect(await end(makeHandler())).toBe('FAILED');
    expect(target.rule.weights).toEqual({ blue: 50, green: 50 });
    expect(logger.error.mock.lastCall?.[1].error).toContain('The traffic shift has halted');
  });

  test('writes nothing when the stack has all the traffic already', async () => {
    target = new FakeTarget({ clock, weights: { blue: 0, green: 100 } });

    expect((await call(makeHandler())).map(({ response }) => response)).toEqual([
      { hookStatus: 'SUCCEEDED' },
    ]);
  });

  test("resumes in the next invocation when the Lambda's time ends", async () => {
    target.delaySeconds = 20;

    const responses = await call(makeHandler(), { timeoutSeconds: 30 });

    expect(responses.at(-1)?.response).toEqual({ hookStatus: 'SUCCEEDED' });
    expect(target.rule.weights).toEqual({ blue: 0, green: 100 });
    expect(logger.warn).toHaveBeenCalledWith('Hook ran out of time', expect.anything());
  });

  describe('errors', () => {
    test('are retried', async () => {
      failCalls(1, 4);

      expect(await end(makeHandler())).toBe('SUCCEEDED');
      expect(logger.warn).toHaveBeenCalledTimes(4);
    });

    test('roll the shift back after maxAttempts', async () => {
      const handler = makeHandler({ maxAttempts: 3 });
      clock.schedule(5, () => failCalls(target.calls.length + 1, 3));

      expect(await end(handler)).toBe('FAILED');
      expect(target.rule.weights).toEqual({ blue: 100, green: 0 });
      expect(logger.error.mock.lastCall?.[1].error).toContain('The shift cannot proceed');
    });

    test('of any length roll back with a truncated reason', async () => {
      const isApproved = () => {
        throw new Error('x'.repeat(300_000));
      };
      const request = { ...canary, approvalPercents: [10] };
      const responses = await call(makeHandler({ maxAttempts: 1, request, isApproved }));
      const details = responses.map(({ response }) => JSON.stringify(response.hookDetails ?? {}).length);

      expect(logger.error.mock.lastCall?.[1].error).toContain('The shift cannot proceed: xxx');
      expect(Math.max(...details)).toBeLessThan(8192);
      expect(target.rule.weights).toEqual({ blue: 100, green: 0 });
    });

    test('during a rollback are retried for half an hour', async () => {
      // First the check fails, then AWS for half an hour.
      clock.schedule(5, () => {
        isHealthy = false;
      });
      clock.schedule(40, () => failCalls(target.calls.length + 1, 1000));
      clock.schedule(1840, () => target.faults.clear());

      expect(await end(makeHandler())).toBe('FAILED');
      expect(written()[0]).toBe(10);
      expect(target.rule.weights).toEqual({ blue: 100, green: 0 });
    });

    test('that persist during a rollback end it', async () => {
      clock.schedule(5, () => failCalls(target.calls.length + 1, 100));

      expect(await end(makeHandler())).toBe('FAILED');
      expect(target.rule.weights).toEqual({ blue: 90, green: 10 });
    });

    test('that persist at the beginning fail the stage before any write', async () => {
      failCalls(1, 100);

      expect(await end(makeHandler())).toBe('FAILED');
      expect(written()).toEqual([]);
    });

    test('of a missing permission are not retried', async () => {
      failCalls(1, 1, { kind: 'denied' });

      expect((await call(makeHandler())).map(({ response }) => response.hookStatus)).toEqual(['FAILED']);
    });
  });

  describe('rollback of ECS', () => {
    const back: ShiftRequest = {
      incoming: 'blue',
      strategy: { type: 'linear', stepPercent: 50, intervalSeconds: 60 },
      acceptLiveWeights: true,
    };

    function callBack(options: EcsLifecycleHookOptions = {}) {
      target = new FakeTarget({ clock, weights: { blue: 0, green: 100 } });
      const shifter = new TrafficShifter({ target, clock });
      const rollback = [{ name: 'back', shifter, request: back }];
      const handler = ecsLifecycleHook({ TEST_TRAFFIC_SHIFT: { rollback } }, { clock, logger, ...options });
      return callUntilEnd(handler, hookEvent('TEST_TRAFFIC_SHIFT', { test: weightsOf(0) }), { clock });
    }

    test.each([
      [0, 'before it begins'],
      [30, 'half-way'],
    ])('is not rolled back on errors for minutes: after %i s, %s', async (seconds) => {
      const calling = callBack();
      clock.schedule(seconds, () => failCalls(target.calls.length + 1, 1000));
      clock.schedule(seconds + 600, () => target.faults.clear());
      if (seconds === 0) failCalls(1, 1000);

      expect((await calling).at(-1)?.response).toEqual({ hookStatus: 'SUCCEEDED' });
      expect(written()).toEqual([50, 0]);
    });

    test.each([
      ['errors that stay', {}, 1_000],
      ['the end of the time of the stage', { maxStageSeconds: 40 }, 0],
    ])('leaves the traffic unchanged after %s', async (_what, options, faults) => {
      const calling = callBack(options);
      clock.schedule(30, () => failCalls(target.calls.length + 1, faults));

      expect((await calling).at(-1)?.response).toEqual({ hookStatus: 'FAILED' });
      expect(target.rule.weights).toEqual({ blue: 50, green: 50 });
    });
  });

  describe('request', () => {
    test('is called once, when the step begins', async () => {
      const request = vi.fn().mockResolvedValue(canary);

      expect(await end(makeHandler({ request }))).toBe('SUCCEEDED');
      expect(request).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ stage }));
    });

    test.each([{ ...canary, incoming: 'red' }, { ...canary, approvalPercents: [10] }, undefined])(
      'fails the stage and writes nothing for the request %j',
      async (request) => {
        const handler = makeHandler({ request: () => request as ShiftRequest });

        expect((await call(handler)).map(({ response }) => response.hookStatus)).toEqual(['FAILED']);
        expect(target.calls).toEqual([]);
      },
    );
  });

  describe('approvals', () => {
    const request: ShiftRequest = { ...canary, approvalPercents: [0, 10] };

    test('are requested while the shift waits', async () => {
      const approvedAt: Record<string, number> = { 0: clock.now() + 100_000, 10: clock.now() + 1_000_000 };
      const isApproved = vi.fn((percent: number) => clock.now() >= (approvedAt[percent] ?? 0));

      const responses = await call(makeHandler({ request, isApproved }));

      expect(responses.at(-1)?.response).toEqual({ hookStatus: 'SUCCEEDED' });
      expect(responses.at(-1)?.after).toBeGreaterThan(1_000);
      expect(isApproved).toHaveBeenCalledWith(10, expect.objectContaining({ stage }));
    });

    test('that are missing end with maxStageSeconds, after a rollback', async () => {
      const isApproved = (percent: number) => percent === 0;

      const responses = await call(makeHandler({ request, isApproved }, { maxStageSeconds: 3_600 }));

      expect(responses.at(-1)?.response).toEqual({ hookStatus: 'FAILED' });
      expect(responses.at(-1)?.after).toBeGreaterThanOrEqual(3_600);
      expect(responses.at(-1)?.after).toBeLessThan(3_660);
      expect(written()).toEqual([10, 0]);
    });

    test('roll the shift back when isApproved always throws', async () => {
      const isApproved = vi.fn((percent: number) => {
        if (percent === 10) throw new Error('No such table');
        return true;
      });

      const responses = await call(makeHandler({ request, isApproved }));

      expect(responses.at(-1)?.response).toEqual({ hookStatus: 'FAILED' });
      expect(responses.at(-1)?.after).toBeLessThan(180);
      expect(isApproved.mock.calls.filter(([percent]) => percent === 10)).toHaveLength(5);
      expect(written()).toEqual([10, 0]);
      expect(logger.error.mock.lastCall?.[1].error).toContain('The shift cannot proceed: No such table');
    });

    test('are awaited when isApproved throws now and then', async () => {
      let calls = 0;
      const isApproved = () => {
        calls += 1;
        if (calls % 4 > 0) throw new Error('Too many requests');
        return calls > 40;
      };

      expect(await end(makeHandler({ request, isApproved }))).toBe('SUCCEEDED');
      expect(written()).toEqual([10, 100]);
    });
  });

  test("does not begin when the stage's time is over", async () => {
    const shifter = new TrafficShifter({ target, clock });
    const handler = ecsLifecycleHook(
      {
        [stage]: [
          { name: 'a while', waitSeconds: 100 },
          { name: 'shift', shifter, request: canary },
        ],
      },
      { clock, logger, maxStageSeconds: 100 },
    );

    const responses = await callUntilEnd(handler, hookEvent(stage), { clock });

    expect(responses.at(-1)?.response).toEqual({ hookStatus: 'FAILED' });
    expect(target.calls).toEqual([]);
  });

  test('stores 200 steps in less than 16 KB', async () => {
    const strategy = {
      name: 'long',
      steps: Array.from({ length: 200 }, (_, i) => ({ percent: (i + 1) / 2, holdSeconds: 300 })),
    };

    const [, second] = await callUntilEnd(
      makeHandler({ request: { ...canary, strategy } }),
      hookEvent(stage),
      {
        clock,
        maxCalls: 2,
      },
    );

    expect(JSON.stringify(second?.response).length).toBeLessThan(16_384);
    expect(JSON.stringify(second?.response).length).toBeGreaterThan(4_096);
  });
});
