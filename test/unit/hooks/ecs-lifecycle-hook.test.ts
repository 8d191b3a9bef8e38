import type { Handler } from 'aws-lambda';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { AuroraTools } from '../../../src/aurora/index.js';
import { InvalidInputError, ResourceStateError } from '../../../src/core/index.js';
import {
  type EcsHookEvent,
  type EcsHookInvocation,
  type EcsHookResponse,
  type EcsHookStages,
  type EcsLifecycleHookOptions,
  ecsLifecycleHook,
  type HookLambdaContext,
} from '../../../src/hooks/index.js';
import { SimulatedCloud, VirtualClock } from '../../../src/testing/index.js';
import { callUntilEnd, hookEvent, makeContext, makeLogger, weightsOf } from '../../support/ecs-hook.js';

let clock: VirtualClock;
let logger: ReturnType<typeof makeLogger>;

beforeEach(() => {
  clock = new VirtualClock();
  logger = makeLogger();
});

function makeHandler(stages: EcsHookStages, options: EcsLifecycleHookOptions = {}) {
  return ecsLifecycleHook(stages, { clock, logger, ...options });
}

const statuses = async (...args: Parameters<typeof callUntilEnd>) =>
  (await callUntilEnd(...args)).map(({ answer: { hookStatus, callBackDelay }, after }) =>
    callBackDelay === undefined ? `${after}: ${hookStatus}` : `${after}: ${hookStatus} ${callBackDelay}`,
  );

const lastError = () => logger.error.mock.lastCall?.[1].error as string | undefined;

describe('Function: ecsLifecycleHook', () => {
  describe('Options', () => {
    const named = (name: string) => ({ name, run: () => {} });
    const request = { incoming: 'green', strategy: { type: 'allAtOnce' } } as const;
    const shifter = { begin: vi.fn(), advance: vi.fn(), rollBack: vi.fn() };

    test.each<[string, unknown, RegExp]>([
      ['a stage that ECS does not have', { PRE_SCALEUP: () => {} }, /PRE_SCALEUP/],
      ['work that is none', { PRE_SCALE_UP: 7 }, /PRE_SCALE_UP/],
      ['an unknown direction', { PRE_SCALE_UP: { backward: () => {} } }, /PRE_SCALE_UP\.backward/],
      ['a step without a name', { PRE_SCALE_UP: [{ run: () => {} }] }, /PRE_SCALE_UP\[0\]\.name/],
      ['a step that does nothing', { PRE_SCALE_UP: [{ name: 'one' }] }, /PRE_SCALE_UP\[0\]\.run/],
      ['a step of two kinds', { PRE_SCALE_UP: [{ ...named('one'), waitSeconds: 1 }] }, /PRE_SCALE_UP\[0\]/],
      [
        'a negative wait',
        { PRE_SCALE_UP: [{ name: 'one', waitSeconds: -1 }] },
        /PRE_SCALE_UP\[0\]\.waitSeconds/,
      ],
      [
        'an interval of no time',
        { PRE_SCALE_UP: [{ name: 'one', isDone: () => true, intervalSeconds: 0 }] },
        /PRE_SCALE_UP\[0\]\.intervalSeconds/,
      ],
      ['two steps of one name', { PRE_SCALE_UP: [named('one'), [named('one')]] }, /steps whose names differ/],
      [
        'a request that is malformed',
        { PRE_SCALE_UP: [{ name: 'shift', shifter, request: { ...request, incoming: 'red' } }] },
        /request of "shift" at PRE_SCALE_UP.*incoming/,
      ],
      [
        'approvals that nobody gives',
        { PRE_SCALE_UP: [{ name: 'shift', shifter, request: { ...request, approvalPercents: [0] } }] },
        /isApproved/,
      ],
      [
        'a strategy that is too long for the hook details',
        {
          PRE_SCALE_UP: [
            {
              name: 'shift',
              shifter,
              request: { ...request, strategy: { type: 'linear', stepPercent: 0.4, intervalSeconds: 60 } },
            },
          ],
        },
        /at most 200 steps/,
      ],
    ])('refuse %s', (_what, stages, message) => {
      expect(() => makeHandler(stages as EcsHookStages)).toThrowError(
        expect.objectContaining({ name: 'InvalidInputError', message: expect.stringMatching(message) }),
      );
    });

    test.each([
      { deadlineMarginSeconds: 0.5 },
      { deadlineMarginSeconds: Number.NaN },
      { maxStageSeconds: 0 },
      { maxStageSeconds: Number.POSITIVE_INFINITY },
    ])('refuse %j', (options) => {
      expect(() => makeHandler({}, options)).toThrowError(InvalidInputError);
    });

    test('are all optional, and give a handler that fits the types of Lambda', () => {
      const handler: Handler<EcsHookEvent, EcsHookResponse> = ecsLifecycleHook({});

      expect(handler).toBeTypeOf('function');
    });
  });

  describe('The event', () => {
    const event = hookEvent('PRE_SCALE_UP');

    test.each<[string, unknown, string]>([
      ['nothing', undefined, ''],
      ['text', 'PRE_SCALE_UP', ''],
      ['no execution ID', { ...event, executionId: undefined }, 'executionId'],
      ['no stage', { ...event, lifecycleStage: '' }, 'lifecycleStage'],
      ['no deployment', { ...event, resourceArn: 7 }, 'resourceArn'],
      ['no details', { ...event, executionDetails: null }, 'executionDetails'],
      [
        'no target revision',
        { ...event, executionDetails: { ...event.executionDetails, targetServiceRevisionArn: undefined } },
        'executionDetails.targetServiceRevisionArn',
      ],
      [
        'weights that are none',
        { ...event, executionDetails: { ...event.executionDetails, testTrafficWeights: { a: '1' } } },
        'executionDetails.testTrafficWeights.a',
      ],
      ['hook details that are no dictionary', { ...event, hookDetails: 'on' }, 'hookDetails'],
    ])('is answered FAILED when it has %s, and one line says so', async (_what, malformed, field) => {
      const run = vi.fn();

      const answer = await makeHandler({ PRE_SCALE_UP: run })(malformed, makeContext(clock));

      expect(answer).toEqual({ hookStatus: 'FAILED' });
      expect(run).not.toHaveBeenCalled();
      expect(logger.error).toHaveBeenCalledExactlyOnceWith(
        'Answered ECS',
        expect.objectContaining({ error: expect.stringContaining(`Invalid ECS hook event: ${field}`) }),
      );
    });

    test('may carry more than today, and less', async () => {
      const { serviceArn, targetServiceRevisionArn } = event.executionDetails;
      const other = {
        ...event,
        region: 'eu-west-1',
        executionDetails: { serviceArn, targetServiceRevisionArn },
      };

      const answer = await makeHandler({ PRE_SCALE_UP: () => {} })(other, makeContext(clock));

      expect(answer).toEqual({ hookStatus: 'SUCCEEDED' });
    });

    test.each([undefined, {}, { getRemainingTimeInMillis: () => Number.NaN }])(
      'comes with a Lambda context that tells the time, or is answered FAILED: %j',
      async (context) => {
        const run = vi.fn();

        const answer = await makeHandler({ PRE_SCALE_UP: run })(event, context as HookLambdaContext);

        expect(answer).toEqual({ hookStatus: 'FAILED' });
        expect(run).not.toHaveBeenCalled();
      },
    );
  });

  describe('The answer', () => {
    test('is SUCCEEDED when the function resolves', async () => {
      const run = vi.fn();

      const answer = await makeHandler({ PRE_SCALE_UP: run })(hookEvent('PRE_SCALE_UP'), makeContext(clock));

      expect(answer).toEqual({ hookStatus: 'SUCCEEDED' });
      expect(run).toHaveBeenCalledOnce();
    });

    test('is FAILED when it throws, and the log says why', async () => {
      const error = new ResourceStateError('The schema is old', { resource: 'orders' });
      const handler = makeHandler({ PRE_SCALE_UP: () => Promise.reject(error) });

      const answer = await handler(hookEvent('PRE_SCALE_UP'), makeContext(clock));

      expect(answer).toEqual({ hookStatus: 'FAILED' });
      expect(logger.error).toHaveBeenCalledExactlyOnceWith(
        'Answered ECS',
        expect.objectContaining({ hookStatus: 'FAILED', error: 'ResourceStateError: The schema is old' }),
      );
    });

    test('is SUCCEEDED at a stage without work, and at one that nobody knows', async () => {
      const handler = makeHandler({ PRE_SCALE_UP: () => {} });

      for (const stage of ['POST_SCALE_UP', 'PRE_CLEAN_UP']) {
        const answer = await handler(hookEvent(stage), makeContext(clock));
        expect(answer).toEqual({ hookStatus: 'SUCCEEDED' });
      }

      expect(logger.debug).toHaveBeenCalledTimes(2);
    });
  });

  describe('Steps', () => {
    test('are taken one after the other, waits without a Lambda', async () => {
      const done: string[] = [];
      const handler = makeHandler({
        PRE_SCALE_UP: [
          { name: 'first', run: () => void done.push('first') },
          { name: 'propagation', waitSeconds: 900 },
          { name: 'second', run: () => void done.push('second') },
        ],
      });

      const answers = await statuses(handler, hookEvent('PRE_SCALE_UP'), { clock });

      expect(answers).toEqual([
        '0: IN_PROGRESS 300',
        '300: IN_PROGRESS 300',
        '600: IN_PROGRESS 300',
        '900: SUCCEEDED',
      ]);
      expect(done).toEqual(['first', 'second']);
    });

    test('that are polled are looked at until they are so', async () => {
      const ready = clock.now() + 70_000;
      const handler = makeHandler({ PRE_SCALE_UP: [{ name: 'ready', isDone: () => clock.now() >= ready }] });

      const answers = await statuses(handler, hookEvent('PRE_SCALE_UP'), { clock });

      expect(answers).toEqual([
        '0: IN_PROGRESS 30',
        '30: IN_PROGRESS 30',
        '60: IN_PROGRESS 30',
        '90: SUCCEEDED',
      ]);
    });
  });

  describe('A poll', () => {
    test('gives up after its time, with a last look then', async () => {
      const looks: number[] = [];
      const start = clock.now();
      const isDone = () => {
        looks.push((clock.now() - start) / 1000);
        return false;
      };
      const handler = makeHandler({
        PRE_SCALE_UP: [{ name: 'ready', isDone, intervalSeconds: 40, maxWaitSeconds: 100 }],
      });

      const answers = await statuses(handler, hookEvent('PRE_SCALE_UP'), { clock });

      expect(answers.at(-1)).toBe('100: FAILED');
      expect(looks).toEqual([0, 40, 80, 100]);
      expect(lastError()).toBe(
        'WaitTimeoutError: ready was not ready after 100 s: expected the step to be done',
      );
    });

    test('fails the deployment when it throws', async () => {
      const handler = makeHandler({
        PRE_SCALE_UP: [{ name: 'ready', isDone: () => Promise.reject(new Error('gone')) }],
      });

      expect(await statuses(handler, hookEvent('PRE_SCALE_UP'), { clock })).toEqual(['0: FAILED']);
    });

    test('is made of a method that waits, which is given no time of its own', async () => {
      const { rds, clients, clock: cloudClock } = new SimulatedCloud();
      rds.addCluster({ name: 'orders-green', status: 'stopped' });
      const aurora = new AuroraTools({
        blue: { clusterIdentifier: 'orders-blue' },
        green: { clusterIdentifier: 'orders-green' },
        minimumReaderCount: 1,
        clients,
        clock: cloudClock,
      });
      await aurora.startDatabase('green');
      const handler = makeHandler(
        {
          PRE_SCALE_UP: [
            { name: 'up', waitFor: (once) => aurora.waitForClusterState('green', 'available', once) },
          ],
        },
        { clock: cloudClock },
      );

      const answers = await callUntilEnd(handler, hookEvent('PRE_SCALE_UP'), { clock: cloudClock });

      expect(answers.length).toBeGreaterThan(2);
      expect(answers.at(-1)?.answer).toEqual({ hookStatus: 'SUCCEEDED' });
      expect(rds.cluster('orders-green').status).toBe('available');
    });

    test('made of a method that waits fails when what it waits for cannot come', async () => {
      const error = new ResourceStateError('The cluster is being deleted', { resource: 'orders' });
      const handler = makeHandler({ PRE_SCALE_UP: [{ name: 'up', waitFor: () => Promise.reject(error) }] });

      expect(await statuses(handler, hookEvent('PRE_SCALE_UP'), { clock })).toEqual(['0: FAILED']);
    });
  });

  describe("The Lambda's deadline", () => {
    test('makes a step go on in the next invocation, which does not repeat the steps before it', async () => {
      const calls: string[] = [];
      const work = (name: string, seconds: number) => ({
        name,
        run: async ({ signal }: EcsHookInvocation) => {
          calls.push(name);
          if (calls.filter((it) => it === name).length < 3) await clock.sleep(seconds * 1000, signal);
        },
      });
      const handler = makeHandler({ PRE_SCALE_UP: [work('short', 1), work('long', 2_000)] });

      const answers = await statuses(handler, hookEvent('PRE_SCALE_UP'), { clock, timeoutSeconds: 60 });

      expect(answers).toEqual(['30: IN_PROGRESS 1', '61: IN_PROGRESS 1', '62: SUCCEEDED']);
      expect(calls).toEqual(['short', 'long', 'long', 'long']);
      expect(logger.warn).toHaveBeenCalledWith('Hook ran out of time', expect.anything());
      expect(logger.error).not.toHaveBeenCalled();
    });

    test('is kept by the answer also when a function does not obey the signal', async () => {
      const handler = makeHandler({ PRE_SCALE_UP: () => new Promise(() => {}) });

      const [first] = await callUntilEnd(handler, hookEvent('PRE_SCALE_UP'), {
        clock,
        timeoutSeconds: 120,
        maxCalls: 1,
      });

      expect(first).toMatchObject({ answer: { hookStatus: 'IN_PROGRESS', callBackDelay: 1 }, after: 105 });
    });

    test('does not let a step that was cut short pass for done', async () => {
      const obeys = ({ signal }: EcsHookInvocation) => clock.sleep(3_600_000, signal).catch(() => {});
      const handler = makeHandler({ PRE_SCALE_UP: obeys });

      const answers = await statuses(handler, hookEvent('PRE_SCALE_UP'), { clock, maxCalls: 2 });

      expect(answers).toEqual(['870: IN_PROGRESS 1', '1741: IN_PROGRESS 1']);
    });

    test('cannot keep a stage for ever: its own time ends with FAILED', async () => {
      const handler = makeHandler({ PRE_SCALE_UP: () => new Promise(() => {}) }, { maxStageSeconds: 3_600 });

      const answers = await statuses(handler, hookEvent('PRE_SCALE_UP'), { clock });

      expect(answers.at(-1)).toMatch(/^\d+: FAILED$/);
      expect(clock.now() - Date.parse('2026-01-01T00:00:00Z')).toBeLessThan(3_600_000 + 900_000);
      expect(lastError()).toContain('was not ready after 3600 s: expected PRE_SCALE_UP to be done');
    });
  });

  describe('The time of a stage', () => {
    test('ends it exactly then', async () => {
      const handler = makeHandler(
        { PRE_SCALE_UP: [{ name: 'propagation', waitSeconds: 900 }] },
        { maxStageSeconds: 100 },
      );

      expect(await statuses(handler, hookEvent('PRE_SCALE_UP'), { clock })).toEqual([
        '0: IN_PROGRESS 100',
        '100: FAILED',
      ]);
    });

    test('is 23 hours by default', async () => {
      const handler = makeHandler({
        PRE_SCALE_UP: [
          { name: 'ready', isDone: () => false, maxWaitSeconds: 1_000_000, intervalSeconds: 300 },
        ],
      });

      const answers = await statuses(handler, hookEvent('PRE_SCALE_UP'), { clock });

      expect(answers.at(-1)).toBe('82800: FAILED');
    });
  });

  describe('What is kept', () => {
    test('is there for later functions, across invocations', async () => {
      const seen: unknown[] = [];
      const handler = makeHandler({
        PRE_SCALE_UP: [
          {
            name: 'start the tests',
            run: (invocation) => {
              invocation.keep({ testRun: 'run-7' });
              seen.push(invocation.kept);
            },
          },
          { name: 'a while', waitSeconds: 60 },
          { name: 'look', isDone: ({ kept }) => seen.push(kept) > 0 },
        ],
      });

      await callUntilEnd(handler, hookEvent('PRE_SCALE_UP'), { clock });

      expect(seen).toEqual([{ testRun: 'run-7' }, { testRun: 'run-7' }]);
    });

    test.each([
      ['undefined', undefined],
      ['a circle', Object.assign([] as unknown[], { 0: globalThis })],
      ['a bigint', 7n],
      ['a page of text', 'x'.repeat(5_000)],
    ])('has to be a little JSON: %s is refused', async (_what, value) => {
      const handler = makeHandler({ PRE_SCALE_UP: ({ keep }) => keep(value) });

      expect(await statuses(handler, hookEvent('PRE_SCALE_UP'), { clock })).toEqual(['0: FAILED']);
      expect(lastError()).toContain('Invalid value to keep');
    });

    test('travels beside the configuration of the hook, which functions see alone', async () => {
      const seen: unknown[] = [];
      const handler = makeHandler({
        PRE_SCALE_UP: [
          { name: 'a while', waitSeconds: 60 },
          { name: 'look', run: ({ hookDetails }) => void seen.push(hookDetails) },
        ],
      });
      const event = hookEvent('PRE_SCALE_UP', { hookDetails: { stack: 'green' } });

      const [first] = await callUntilEnd(handler, event, { clock });

      expect(first?.answer.hookDetails).toEqual({
        stack: 'green',
        'aws-blue-green-toolkit': expect.stringContaining('"step":"a while"'),
      });
      expect(seen).toEqual([{ stack: 'green' }]);
    });

    const waits: EcsHookStages = {
      PRE_SCALE_UP: [{ name: 'a while', waitSeconds: 60 }],
      POST_SCALE_UP: [{ name: 'a while', waitSeconds: 60 }],
    };

    async function keptBy(event: EcsHookEvent) {
      const [first] = await callUntilEnd(makeHandler(waits), event, { clock, maxCalls: 1 });
      return first?.answer.hookDetails ?? {};
    }

    test.each([
      ['stage', { lifecycleStage: 'POST_SCALE_UP' }],
      ['execution', { executionId: 'f4fcae0f-9bec-41c6-ba87-0eaa0cef8af5' }],
    ])('by another %s is left aside', async (_what, difference) => {
      const hookDetails = await keptBy(hookEvent('PRE_SCALE_UP'));
      await clock.sleep(120_000);

      const event = { ...hookEvent('PRE_SCALE_UP'), hookDetails, ...difference };
      const answer = await makeHandler(waits)(event, makeContext(clock));

      expect(answer).toMatchObject({ hookStatus: 'IN_PROGRESS', callBackDelay: 60 });
    });

    test('by another stage is left aside, though another version has left it', async () => {
      const entry = 'aws-blue-green-toolkit';
      const kept = String((await keptBy(hookEvent('PRE_SCALE_UP')))[entry]);
      const hookDetails = { [entry]: kept.replace('"version":1', '"version":2') };

      const answer = await makeHandler(waits)(
        hookEvent('POST_SCALE_UP', { hookDetails }),
        makeContext(clock),
      );

      expect(answer.hookStatus).toBe('IN_PROGRESS');
    });

    test.each([
      ['by another version', (text: string) => text.replace('"version":1', '"version":2')],
      ['of another form', () => '{"version":1}'],
      ['that is no JSON', (text: string) => text.slice(1)],
      ['that is no text', () => 7],
      ['about a step that is not there any more', (text: string) => text.replace('a while', 'a long while')],
    ])('%s is not guessed at: FAILED', async (_what, change) => {
      const entry = 'aws-blue-green-toolkit';
      const kept = await keptBy(hookEvent('PRE_SCALE_UP'));
      const hookDetails = { [entry]: change(String(kept[entry])) };

      const answer = await makeHandler(waits)(hookEvent('PRE_SCALE_UP', { hookDetails }), makeContext(clock));

      expect(answer).toEqual({ hookStatus: 'FAILED' });
      expect(lastError()).toContain('hookDetails["aws-blue-green-toolkit"]');
    });

    test.each([undefined, null, {}, { 'aws-blue-green-toolkit': null }])(
      'is nothing in the first invocation: %j',
      async (hookDetails) => {
        const answer = await makeHandler(waits)(
          hookEvent('PRE_SCALE_UP', { hookDetails }),
          makeContext(clock),
        );

        expect(answer.hookStatus).toBe('IN_PROGRESS');
      },
    );
  });

  describe('The direction', () => {
    test.each([
      ['TEST_TRAFFIC_SHIFT', { test: weightsOf(100) }, 'forward'],
      ['TEST_TRAFFIC_SHIFT', { test: weightsOf(0) }, 'rollback'],
      ['TEST_TRAFFIC_SHIFT', { production: weightsOf(100) }, 'unknown'],
      ['PRODUCTION_TRAFFIC_SHIFT', { production: weightsOf(12.5) }, 'forward'],
      ['PRODUCTION_TRAFFIC_SHIFT', { production: weightsOf(0) }, 'rollback'],
      ['PRODUCTION_TRAFFIC_SHIFT', {}, 'unknown'],
    ])('at %s with %j is %s', async (stage, weights, direction) => {
      const seen: EcsHookInvocation[] = [];
      const see = (invocation: EcsHookInvocation) => void seen.push(invocation);
      const work = { forward: see, rollback: see, unknown: see };
      const handler = makeHandler({ TEST_TRAFFIC_SHIFT: work, PRODUCTION_TRAFFIC_SHIFT: work });

      await handler(hookEvent(stage, weights), makeContext(clock));

      expect(seen).toMatchObject([{ direction }]);
    });

    test('is always forward at the other stages', async () => {
      const run = vi.fn();

      await makeHandler({ PRE_PRODUCTION_TRAFFIC_SHIFT: run })(
        hookEvent('PRE_PRODUCTION_TRAFFIC_SHIFT', { production: weightsOf(0) }),
        makeContext(clock),
      );

      expect(run).toHaveBeenCalledWith(expect.objectContaining({ direction: 'forward', targetPercent: 0 }));
    });

    test('decides on the work: a function alone is for the way forward', async () => {
      const run = vi.fn();
      const handler = makeHandler({ PRODUCTION_TRAFFIC_SHIFT: run });

      const answer = await handler(
        hookEvent('PRODUCTION_TRAFFIC_SHIFT', { production: weightsOf(0) }),
        makeContext(clock),
      );

      expect(answer).toEqual({ hookStatus: 'SUCCEEDED' });
      expect(run).not.toHaveBeenCalled();
    });

    test.each([
      ['PRODUCTION_TRAFFIC_SHIFT', 'executionDetails.productionTrafficWeights', 'Read the deployment'],
      ['TEST_TRAFFIC_SHIFT', 'executionDetails.testTrafficWeights', 'A service without a test listener'],
    ] as const)('fails at %s when its weights are missing, and says why', async (stage, field, remedy) => {
      const run = vi.fn();
      const handler = makeHandler({ [stage]: { forward: run, rollback: run } });

      const answer = await handler(hookEvent(stage), makeContext(clock));

      expect(answer).toEqual({ hookStatus: 'FAILED' });
      expect(run).not.toHaveBeenCalled();
      expect(lastError()).toMatch(/Cannot determine whether deployment \S+ is rolling back/);
      expect(lastError()).toContain(field);
      expect(lastError()).toContain(remedy);
      expect(lastError()).toContain('the direction `unknown`');
    });

    test('runs the work for the direction unknown, as the message advises', async () => {
      const [run, unknown] = [vi.fn(), vi.fn()];
      const handler = makeHandler({ TEST_TRAFFIC_SHIFT: { forward: run, rollback: run, unknown } });

      const answer = await handler(hookEvent('TEST_TRAFFIC_SHIFT'), makeContext(clock));

      expect(answer).toEqual({ hookStatus: 'SUCCEEDED' });
      expect(unknown).toHaveBeenCalledOnce();
    });
  });
});
