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

/** A hook which forgets everything between two invocations, as Lambda may. */
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
  (await call(handler)).at(-1)?.answer.hookStatus;

/** The shares of green that were written. */
const written = () => target.writes.map(({ green }) => green);

function failCalls(from: number, count: number, fault: CallFault = { kind: 'throw' }) {
  for (let index = from; index < from + count; index += 1) target.faults.set(index, fault);
}

describe('A traffic shift in an ecsLifecycleHook', () => {
  test('goes through its steps, its waits are delays, and then the deployment goes on', async () => {
    const answers = await call(makeHandler());

    expect(answers.at(-1)?.answer).toEqual({ hookStatus: 'SUCCEEDED' });
    expect(written()).toEqual([10, 100]);
    expect(answers.map(({ answer }) => answer.callBackDelay)).toEqual([1, 60, 1, undefined]);
  });

  test('writes nothing that ECS was not told of before', async () => {
    const handler = makeHandler();
    let told = '';

    let answered = await handler(hookEvent(stage), makeContext(clock));
    while (answered.hookStatus === 'IN_PROGRESS') {
      const { hookDetails = {}, callBackDelay = 30 } = answered;
      await clock.sleep(callBackDelay * 1000);
      const before = written().length;
      told = JSON.stringify(hookDetails);
      answered = await handler(hookEvent(stage, { hookDetails }), makeContext(clock));
      for (const share of written().slice(before)) {
        expect(told).toContain(`\\"pendingWeights\\":{\\"blue\\":${100 - share},\\"green\\":${share}}`);
      }
    }

    expect(answered).toEqual({ hookStatus: 'SUCCEEDED' });
  });

  test('comes to the same end when ECS sends every event twice', async () => {
    const handler = makeHandler();
    const twice = async (event: unknown, context: ReturnType<typeof makeContext>) => {
      await handler(event, context);
      return handler(event, context);
    };

    const answers = await callUntilEnd(twice, hookEvent(stage), { clock });

    expect(answers.at(-1)?.answer).toEqual({ hookStatus: 'SUCCEEDED' });
    expect(new Set(written())).toEqual(new Set([10, 100]));
  });

  test('is rolled back on a bad check, and then the deployment is, too', async () => {
    clock.schedule(20, () => {
      isHealthy = false;
    });

    expect(await end(makeHandler())).toBe('FAILED');
    expect(written()).toEqual([10, 0]);
    expect(logger.error).toHaveBeenCalledExactlyOnceWith(
      'Answered ECS',
      expect.objectContaining({ step: 'shift', error: expect.stringContaining('was rolled back') }),
    );
  });

  test('halts when somebody else is at work, and leaves the weights alone', async () => {
    clock.schedule(20, () => target.repair({ blue: 50, green: 50 }));

    expect(await end(makeHandler())).toBe('FAILED');
    expect(target.rule.weights).toEqual({ blue: 50, green: 50 });
    expect(logger.error.mock.lastCall?.[1].error).toContain('The traffic shift has halted');
  });

  test('has nothing to do when the stack has all the traffic already', async () => {
    target = new FakeTarget({ clock, weights: { blue: 0, green: 100 } });

    expect((await call(makeHandler())).map(({ answer }) => answer)).toEqual([{ hookStatus: 'SUCCEEDED' }]);
  });

  test('is cut short by no Lambda: the next invocation takes it up', async () => {
    target.delaySeconds = 20;

    const answers = await call(makeHandler(), { timeoutSeconds: 30 });

    expect(answers.at(-1)?.answer).toEqual({ hookStatus: 'SUCCEEDED' });
    expect(target.rule.weights).toEqual({ blue: 0, green: 100 });
    expect(logger.warn).toHaveBeenCalledWith('Hook ran out of time', expect.anything());
  });

  describe('Errors', () => {
    test('are tried again', async () => {
      failCalls(1, 4);

      expect(await end(makeHandler())).toBe('SUCCEEDED');
      expect(logger.warn).toHaveBeenCalledTimes(4);
    });

    test('that stay turn the shift round', async () => {
      const handler = makeHandler({ maxAttempts: 3 });
      clock.schedule(5, () => failCalls(target.calls.length + 1, 3));

      expect(await end(handler)).toBe('FAILED');
      expect(target.rule.weights).toEqual({ blue: 100, green: 0 });
      expect(logger.error.mock.lastCall?.[1].error).toContain('The shift cannot proceed');
    });

    test('of any length turn it round with a reason that the hook details can hold', async () => {
      const isApproved = () => {
        throw new Error('x'.repeat(300_000));
      };
      const request = { ...canary, approvalPercents: [10] };
      const answers = await call(makeHandler({ maxAttempts: 1, request, isApproved }));
      const details = answers.map(({ answer }) => JSON.stringify(answer.hookDetails ?? {}).length);

      expect(logger.error.mock.lastCall?.[1].error).toContain('The shift cannot proceed: xxx');
      expect(Math.max(...details)).toBeLessThan(8192);
      expect(target.rule.weights).toEqual({ blue: 100, green: 0 });
    });

    test('on the way back are tried again for long: nothing else brings the traffic back', async () => {
      // The check fails, and then AWS for half an hour.
      clock.schedule(5, () => {
        isHealthy = false;
      });
      clock.schedule(40, () => failCalls(target.calls.length + 1, 1000));
      clock.schedule(1840, () => target.faults.clear());

      expect(await end(makeHandler())).toBe('FAILED');
      expect(written()[0]).toBe(10);
      expect(target.rule.weights).toEqual({ blue: 100, green: 0 });
    });

    test('that stay on the way back end it', async () => {
      clock.schedule(5, () => failCalls(target.calls.length + 1, 100));

      expect(await end(makeHandler())).toBe('FAILED');
      expect(target.rule.weights).toEqual({ blue: 90, green: 10 });
    });

    test('that stay at the beginning end it before anything is written', async () => {
      failCalls(1, 100);

      expect(await end(makeHandler())).toBe('FAILED');
      expect(written()).toEqual([]);
    });

    test('of a missing permission are not tried again', async () => {
      failCalls(1, 1, { kind: 'denied' });

      expect((await call(makeHandler())).map(({ answer }) => answer.hookStatus)).toEqual(['FAILED']);
    });
  });

  describe('In a rollback of ECS', () => {
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
    ])('errors for minutes turn nothing round: after %i s, %s', async (seconds) => {
      const calling = callBack();
      clock.schedule(seconds, () => failCalls(target.calls.length + 1, 1000));
      clock.schedule(seconds + 600, () => target.faults.clear());
      if (seconds === 0) failCalls(1, 1000);

      expect((await calling).at(-1)?.answer).toEqual({ hookStatus: 'SUCCEEDED' });
      expect(written()).toEqual([50, 0]);
    });

    test.each([
      ['errors that stay', {}, 1_000],
      ['the end of the time of the stage', { maxStageSeconds: 40 }, 0],
    ])('%s: the traffic stays where it is', async (_what, options, faults) => {
      const calling = callBack(options);
      clock.schedule(30, () => failCalls(target.calls.length + 1, faults));

      expect((await calling).at(-1)?.answer).toEqual({ hookStatus: 'FAILED' });
      expect(target.rule.weights).toEqual({ blue: 50, green: 50 });
    });
  });

  describe('The request', () => {
    test('may be asked for when the step begins, once', async () => {
      const request = vi.fn().mockResolvedValue(canary);

      expect(await end(makeHandler({ request }))).toBe('SUCCEEDED');
      expect(request).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ stage }));
    });

    test.each([{ ...canary, incoming: 'red' }, { ...canary, approvalPercents: [10] }, undefined])(
      'that is asked for and makes no sense fails the stage, and nothing is written: %j',
      async (request) => {
        const handler = makeHandler({ request: () => request as ShiftRequest });

        expect((await call(handler)).map(({ answer }) => answer.hookStatus)).toEqual(['FAILED']);
        expect(target.calls).toEqual([]);
      },
    );
  });

  describe('Approvals', () => {
    const request: ShiftRequest = { ...canary, approvalPercents: [0, 10] };

    test('are asked for while the shift waits', async () => {
      const approvedAt: Record<string, number> = { 0: clock.now() + 100_000, 10: clock.now() + 1_000_000 };
      const isApproved = vi.fn((percent: number) => clock.now() >= (approvedAt[percent] ?? 0));

      const answers = await call(makeHandler({ request, isApproved }));

      expect(answers.at(-1)?.answer).toEqual({ hookStatus: 'SUCCEEDED' });
      expect(answers.at(-1)?.after).toBeGreaterThan(1_000);
      expect(isApproved).toHaveBeenCalledWith(10, expect.objectContaining({ stage }));
    });

    test('that nobody gives end with the time of the stage, after the rollback', async () => {
      const isApproved = (percent: number) => percent === 0;

      const answers = await call(makeHandler({ request, isApproved }, { maxStageSeconds: 3_600 }));

      expect(answers.at(-1)?.answer).toEqual({ hookStatus: 'FAILED' });
      expect(answers.at(-1)?.after).toBeGreaterThanOrEqual(3_600);
      expect(answers.at(-1)?.after).toBeLessThan(3_660);
      expect(written()).toEqual([10, 0]);
    });

    test('that nobody can be asked for end with a rollback, not with the time of the stage', async () => {
      const isApproved = vi.fn((percent: number) => {
        if (percent === 10) throw new Error('No such table');
        return true;
      });

      const answers = await call(makeHandler({ request, isApproved }));

      expect(answers.at(-1)?.answer).toEqual({ hookStatus: 'FAILED' });
      expect(answers.at(-1)?.after).toBeLessThan(180);
      expect(isApproved.mock.calls.filter(([percent]) => percent === 10)).toHaveLength(5);
      expect(written()).toEqual([10, 0]);
      expect(logger.error.mock.lastCall?.[1].error).toContain('The shift cannot proceed: No such table');
    });

    test('that can be asked for now and then are waited for', async () => {
      let asked = 0;
      const isApproved = () => {
        asked += 1;
        if (asked % 4 > 0) throw new Error('Too many requests');
        return asked > 40;
      };

      expect(await end(makeHandler({ request, isApproved }))).toBe('SUCCEEDED');
      expect(written()).toEqual([10, 100]);
    });
  });

  test('does not begin when the time of the stage is over', async () => {
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

    const answers = await callUntilEnd(handler, hookEvent(stage), { clock });

    expect(answers.at(-1)?.answer).toEqual({ hookStatus: 'FAILED' });
    expect(target.calls).toEqual([]);
  });

  test('of 200 steps keeps less than 16 KB', async () => {
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

    expect(JSON.stringify(second?.answer).length).toBeLessThan(16_384);
    expect(JSON.stringify(second?.answer).length).toBeGreaterThan(4_096);
  });
});
