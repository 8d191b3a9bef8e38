import { beforeEach, describe, expect, test, vi } from 'vitest';
import { ResourceStateError } from '../../../src/core/index.js';
import {
  type EcsHookInvocation,
  type EcsHookStages,
  type EcsLifecycleHookOptions,
  ecsLifecycleHook,
} from '../../../src/hooks/index.js';
import { VirtualClock } from '../../../src/testing/index.js';
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

describe('Function: ecsLifecycleHook', () => {
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
  });
});
