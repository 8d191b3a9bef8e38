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
  (await callUntilEnd(...args)).map(({ response: { hookStatus, callBackDelay }, after }) =>
    callBackDelay === undefined ? `${after}: ${hookStatus}` : `${after}: ${hookStatus} ${callBackDelay}`,
  );

const lastError = () => logger.error.mock.lastCall?.[1].error as string | undefined;

describe('ecsLifecycleHook', () => {
  describe('options', () => {
    const named = (name: string) => ({ name, run: () => {} });
    const request = { incoming: 'green', strategy: { type: 'allAtOnce' } } as const;
    const shifter = { begin: vi.fn(), advance: vi.fn(), rollBack: vi.fn() };

    test.each<[string, unknown, RegExp]>([
      ['a stage that ECS does not have', { PRE_SCALEUP: () => {} }, /PRE_SCALEUP/],
      ['work of a wrong type', { PRE_SCALE_UP: 7 }, /PRE_SCALE_UP/],
      ['an unknown direction', { PRE_SCALE_UP: { backward: () => {} } }, /PRE_SCALE_UP\.backward/],
      ['a step without a name', { PRE_SCALE_UP: [{ run: () => {} }] }, /PRE_SCALE_UP\[0\]\.name/],
      ['a step without work', { PRE_SCALE_UP: [{ name: 'one' }] }, /PRE_SCALE_UP\[0\]\.run/],
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
        'approvals without isApproved',
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
    ])('throws InvalidInputError for %s', (_what, stages, message) => {
      expect(() => makeHandler(stages as EcsHookStages)).toThrowError(
        expect.objectContaining({ name: 'InvalidInputError', message: expect.stringMatching(message) }),
      );
    });

    test.each([
      { deadlineMarginSeconds: 0.5 },
      { deadlineMarginSeconds: Number.NaN },
      { maxStageSeconds: 0 },
      { maxStageSeconds: Number.POSITIVE_INFINITY },
    ])('throws InvalidInputError for %j', (options) => {
      expect(() => makeHandler({}, options)).toThrowError(InvalidInputError);
    });

    test('are all optional, and return a handler that fits the types of Lambda', () => {
      const handler: Handler<EcsHookEvent, EcsHookResponse> = ecsLifecycleHook({});

      expect(handler).toBeTypeOf('function');
    });
  });

  describe('event', () => {
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
        'malformed weights',
        { ...event, executionDetails: { ...event.executionDetails, testTrafficWeights: { a: '1' } } },
        'executionDetails.testTrafficWeights.a',
      ],
      ['hook details that are no dictionary', { ...event, hookDetails: 'on' }, 'hookDetails'],
    ])('returns FAILED and logs one line for an event with %s', async (_what, malformed, field) => {
      const run = vi.fn();

      const response = await makeHandler({ PRE_SCALE_UP: run })(malformed, makeContext(clock));

      expect(response).toEqual({ hookStatus: 'FAILED' });
      expect(run).not.toHaveBeenCalled();
      expect(logger.error).toHaveBeenCalledExactlyOnceWith(
        'Sent response to ECS',
        expect.objectContaining({ error: expect.stringContaining(`Invalid ECS hook event: ${field}`) }),
      );
    });

    test('accepts additional and missing optional fields', async () => {
      const { serviceArn, targetServiceRevisionArn } = event.executionDetails;
      const other = {
        ...event,
        region: 'eu-west-1',
        executionDetails: { serviceArn, targetServiceRevisionArn },
      };

      const response = await makeHandler({ PRE_SCALE_UP: () => {} })(other, makeContext(clock));

      expect(response).toEqual({ hookStatus: 'SUCCEEDED' });
    });

    test.each([undefined, {}, { getRemainingTimeInMillis: () => Number.NaN }])(
      'returns FAILED for the Lambda context %j',
      async (context) => {
        const run = vi.fn();

        const response = await makeHandler({ PRE_SCALE_UP: run })(event, context as HookLambdaContext);

        expect(response).toEqual({ hookStatus: 'FAILED' });
        expect(run).not.toHaveBeenCalled();
      },
    );
  });

  describe('response', () => {
    test('is SUCCEEDED when the function resolves', async () => {
      const run = vi.fn();

      const response = await makeHandler({ PRE_SCALE_UP: run })(
        hookEvent('PRE_SCALE_UP'),
        makeContext(clock),
      );

      expect(response).toEqual({ hookStatus: 'SUCCEEDED' });
      expect(run).toHaveBeenCalledOnce();
    });

    test('is FAILED when the function throws, with the reason in the log', async () => {
      const error = new ResourceStateError('The schema is old', { resource: 'orders' });
      const handler = makeHandler({ PRE_SCALE_UP: () => Promise.reject(error) });

      const response = await handler(hookEvent('PRE_SCALE_UP'), makeContext(clock));

      expect(response).toEqual({ hookStatus: 'FAILED' });
      expect(logger.error).toHaveBeenCalledExactlyOnceWith(
        'Sent response to ECS',
        expect.objectContaining({ hookStatus: 'FAILED', error: 'ResourceStateError: The schema is old' }),
      );
    });

    test('is SUCCEEDED at a stage without work, and at an unknown stage', async () => {
      const handler = makeHandler({ PRE_SCALE_UP: () => {} });

      for (const stage of ['POST_SCALE_UP', 'PRE_CLEAN_UP']) {
        const response = await handler(hookEvent(stage), makeContext(clock));
        expect(response).toEqual({ hookStatus: 'SUCCEEDED' });
      }

      expect(logger.debug).toHaveBeenCalledTimes(2);
    });
  });

  describe('steps', () => {
    test('run one after the other, and wait without a Lambda', async () => {
      const done: string[] = [];
      const handler = makeHandler({
        PRE_SCALE_UP: [
          { name: 'first', run: () => void done.push('first') },
          { name: 'propagation', waitSeconds: 900 },
          { name: 'second', run: () => void done.push('second') },
        ],
      });

      const responses = await statuses(handler, hookEvent('PRE_SCALE_UP'), { clock });

      expect(responses).toEqual([
        '0: IN_PROGRESS 300',
        '300: IN_PROGRESS 300',
        '600: IN_PROGRESS 300',
        '900: SUCCEEDED',
      ]);
      expect(done).toEqual(['first', 'second']);
    });

    test('poll until the condition is met', async () => {
      const ready = clock.now() + 70_000;
      const handler = makeHandler({ PRE_SCALE_UP: [{ name: 'ready', isDone: () => clock.now() >= ready }] });

      const responses = await statuses(handler, hookEvent('PRE_SCALE_UP'), { clock });

      expect(responses).toEqual([
        '0: IN_PROGRESS 30',
        '30: IN_PROGRESS 30',
        '60: IN_PROGRESS 30',
        '90: SUCCEEDED',
      ]);
    });
  });

  describe('poll', () => {
    test('fails after maxWaitSeconds, with a last poll then', async () => {
      const polls: number[] = [];
      const start = clock.now();
      const isDone = () => {
        polls.push((clock.now() - start) / 1000);
        return false;
      };
      const handler = makeHandler({
        PRE_SCALE_UP: [{ name: 'ready', isDone, intervalSeconds: 40, maxWaitSeconds: 100 }],
      });

      const responses = await statuses(handler, hookEvent('PRE_SCALE_UP'), { clock });

      expect(responses.at(-1)).toBe('100: FAILED');
      expect(polls).toEqual([0, 40, 80, 100]);
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

    test('calls waitFor with maxWaitSeconds 0', async () => {
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

      const responses = await callUntilEnd(handler, hookEvent('PRE_SCALE_UP'), { clock: cloudClock });

      expect(responses.length).toBeGreaterThan(2);
      expect(responses.at(-1)?.response).toEqual({ hookStatus: 'SUCCEEDED' });
      expect(rds.cluster('orders-green').status).toBe('available');
    });

    test('fails when waitFor throws another error than a WaitTimeoutError', async () => {
      const error = new ResourceStateError('The cluster is being deleted', { resource: 'orders' });
      const handler = makeHandler({ PRE_SCALE_UP: [{ name: 'up', waitFor: () => Promise.reject(error) }] });

      expect(await statuses(handler, hookEvent('PRE_SCALE_UP'), { clock })).toEqual(['0: FAILED']);
    });
  });

  describe('Lambda deadline', () => {
    test('resumes a step in the next invocation without repeating the steps before it', async () => {
      const calls: string[] = [];
      const work = (name: string, seconds: number) => ({
        name,
        run: async ({ signal }: EcsHookInvocation) => {
          calls.push(name);
          if (calls.filter((it) => it === name).length < 3) await clock.sleep(seconds * 1000, signal);
        },
      });
      const handler = makeHandler({ PRE_SCALE_UP: [work('short', 1), work('long', 2_000)] });

      const responses = await statuses(handler, hookEvent('PRE_SCALE_UP'), { clock, timeoutSeconds: 60 });

      expect(responses).toEqual(['30: IN_PROGRESS 1', '61: IN_PROGRESS 1', '62: SUCCEEDED']);
      expect(calls).toEqual(['short', 'long', 'long', 'long']);
      expect(logger.warn).toHaveBeenCalledWith('Hook ran out of time', expect.anything());
      expect(logger.error).not.toHaveBeenCalled();
    });

    test('returns a response in time when a function ignores the signal', async () => {
      const handler = makeHandler({ PRE_SCALE_UP: () => new Promise(() => {}) });

      const [first] = await callUntilEnd(handler, hookEvent('PRE_SCALE_UP'), {
        clock,
        timeoutSeconds: 120,
        maxCalls: 1,
      });

      expect(first).toMatchObject({ response: { hookStatus: 'IN_PROGRESS', callBackDelay: 1 }, after: 105 });
    });

    test('does not count an interrupted step as done', async () => {
      const obeys = ({ signal }: EcsHookInvocation) => clock.sleep(3_600_000, signal).catch(() => {});
      const handler = makeHandler({ PRE_SCALE_UP: obeys });

      const responses = await statuses(handler, hookEvent('PRE_SCALE_UP'), { clock, maxCalls: 2 });

      expect(responses).toEqual(['870: IN_PROGRESS 1', '1741: IN_PROGRESS 1']);
    });

    test("returns FAILED when the stage's time is over", async () => {
      const handler = makeHandler({ PRE_SCALE_UP: () => new Promise(() => {}) }, { maxStageSeconds: 3_600 });

      const responses = await statuses(handler, hookEvent('PRE_SCALE_UP'), { clock });

      expect(responses.at(-1)).toMatch(/^\d+: FAILED$/);
      expect(clock.now() - Date.parse('2026-01-01T00:00:00Z')).toBeLessThan(3_600_000 + 900_000);
      expect(lastError()).toContain('was not ready after 3600 s: expected PRE_SCALE_UP to be done');
    });
  });

  describe('maxStageSeconds', () => {
    test('ends the stage exactly then', async () => {
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

      const responses = await statuses(handler, hookEvent('PRE_SCALE_UP'), { clock });

      expect(responses.at(-1)).toBe('82800: FAILED');
    });
  });

  describe('kept values and progress', () => {
    test('are available to later functions, across invocations', async () => {
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
          { name: 'read', isDone: ({ kept }) => seen.push(kept) > 0 },
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
    ])('throw InvalidInputError for %s', async (_what, value) => {
      const handler = makeHandler({ PRE_SCALE_UP: ({ keep }) => keep(value) });

      expect(await statuses(handler, hookEvent('PRE_SCALE_UP'), { clock })).toEqual(['0: FAILED']);
      expect(lastError()).toContain('Invalid value to keep');
    });

    test("are stored beside the hook's configuration, which functions see alone", async () => {
      const seen: unknown[] = [];
      const handler = makeHandler({
        PRE_SCALE_UP: [
          { name: 'a while', waitSeconds: 60 },
          { name: 'read', run: ({ hookDetails }) => void seen.push(hookDetails) },
        ],
      });
      const event = hookEvent('PRE_SCALE_UP', { hookDetails: { stack: 'green' } });

      const [first] = await callUntilEnd(handler, event, { clock });

      expect(first?.response.hookDetails).toEqual({
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
      return first?.response.hookDetails ?? {};
    }

    test.each([
      ['stage', { lifecycleStage: 'POST_SCALE_UP' }],
      ['execution', { executionId: 'f4fcae0f-9bec-41c6-ba87-0eaa0cef8af5' }],
    ])('are ignored when they belong to another %s', async (_what, difference) => {
      const hookDetails = await keptBy(hookEvent('PRE_SCALE_UP'));
      await clock.sleep(120_000);

      const event = { ...hookEvent('PRE_SCALE_UP'), hookDetails, ...difference };
      const response = await makeHandler(waits)(event, makeContext(clock));

      expect(response).toMatchObject({ hookStatus: 'IN_PROGRESS', callBackDelay: 60 });
    });

    test('are ignored when they belong to another stage, also in another version', async () => {
      const entry = 'aws-blue-green-toolkit';
      const kept = String((await keptBy(hookEvent('PRE_SCALE_UP')))[entry]);
      const hookDetails = { [entry]: kept.replace('"version":1', '"version":2') };

      const response = await makeHandler(waits)(
        hookEvent('POST_SCALE_UP', { hookDetails }),
        makeContext(clock),
      );

      expect(response.hookStatus).toBe('IN_PROGRESS');
    });

    test.each([
      ['an entry of another version', (text: string) => text.replace('"version":1', '"version":2')],
      ['an entry of another form', () => '{"version":1}'],
      ['an entry that is not JSON', (text: string) => text.slice(1)],
      ['an entry that is not a string', () => 7],
      ['a step that no longer exists', (text: string) => text.replace('a while', 'a long while')],
    ])('return FAILED for %s', async (_what, change) => {
      const entry = 'aws-blue-green-toolkit';
      const kept = await keptBy(hookEvent('PRE_SCALE_UP'));
      const hookDetails = { [entry]: change(String(kept[entry])) };

      const response = await makeHandler(waits)(
        hookEvent('PRE_SCALE_UP', { hookDetails }),
        makeContext(clock),
      );

      expect(response).toEqual({ hookStatus: 'FAILED' });
      expect(lastError()).toContain('hookDetails["aws-blue-green-toolkit"]');
    });

    test.each([undefined, null, {}, { 'aws-blue-green-toolkit': null }])(
      'are empty in the first invocation: %j',
      async (hookDetails) => {
        const response = await makeHandler(waits)(
          hookEvent('PRE_SCALE_UP', { hookDetails }),
          makeContext(clock),
        );

        expect(response.hookStatus).toBe('IN_PROGRESS');
      },
    );
  });

  describe('direction', () => {
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

    test('is forward at the other stages', async () => {
      const run = vi.fn();

      await makeHandler({ PRE_PRODUCTION_TRAFFIC_SHIFT: run })(
        hookEvent('PRE_PRODUCTION_TRAFFIC_SHIFT', { production: weightsOf(0) }),
        makeContext(clock),
      );

      expect(run).toHaveBeenCalledWith(expect.objectContaining({ direction: 'forward', targetPercent: 0 }));
    });

    test('selects the work: a function without a direction runs forward only', async () => {
      const run = vi.fn();
      const handler = makeHandler({ PRODUCTION_TRAFFIC_SHIFT: run });

      const response = await handler(
        hookEvent('PRODUCTION_TRAFFIC_SHIFT', { production: weightsOf(0) }),
        makeContext(clock),
      );

      expect(response).toEqual({ hookStatus: 'SUCCEEDED' });
      expect(run).not.toHaveBeenCalled();
    });

    test.each([
      ['PRODUCTION_TRAFFIC_SHIFT', 'executionDetails.productionTrafficWeights', 'Read the deployment'],
      ['TEST_TRAFFIC_SHIFT', 'executionDetails.testTrafficWeights', 'A service without a test listener'],
    ] as const)(
      'fails at %s when the weights are missing, with the field and the remedy',
      async (stage, field, remedy) => {
        const run = vi.fn();
        const handler = makeHandler({ [stage]: { forward: run, rollback: run } });

        const response = await handler(hookEvent(stage), makeContext(clock));

        expect(response).toEqual({ hookStatus: 'FAILED' });
        expect(run).not.toHaveBeenCalled();
        expect(lastError()).toMatch(/Cannot determine whether deployment \S+ is rolling back/);
        expect(lastError()).toContain(field);
        expect(lastError()).toContain(remedy);
        expect(lastError()).toContain('the direction `unknown`');
      },
    );

    test('runs the work for the direction unknown, as the message advises', async () => {
      const [run, unknown] = [vi.fn(), vi.fn()];
      const handler = makeHandler({ TEST_TRAFFIC_SHIFT: { forward: run, rollback: run, unknown } });

      const response = await handler(hookEvent('TEST_TRAFFIC_SHIFT'), makeContext(clock));

      expect(response).toEqual({ hookStatus: 'SUCCEEDED' });
      expect(unknown).toHaveBeenCalledOnce();
    });
  });
});
