import { beforeEach, describe, expect, test, vi } from 'vitest';
import { ecsLifecycleStages } from '../../../../../src/core/ecs-lifecycle-stages.js';
import {
  type EcsHookLambdaEvent,
  SimulatedCloud,
  type SimulatedEcsDeploymentOptions,
  type SimulatedEcsHook,
} from '../../../../../src/testing/index.js';

let cloud: SimulatedCloud;

beforeEach(() => {
  cloud = new SimulatedCloud();
});

const succeeds = () => ({ hookStatus: 'SUCCEEDED' });

function run(options: SimulatedEcsDeploymentOptions) {
  return cloud.ecsDeployments.run(options);
}

/** A hook that records its events: the stage, and the target's percentages. */
function recordingHook(hook: Partial<SimulatedEcsHook> = {}) {
  const events: EcsHookLambdaEvent[] = [];
  const { handler = succeeds, ...rest } = hook;
  return {
    events,
    hook: {
      stages: ecsLifecycleStages,
      handler: (event, context) => {
        events.push(event);
        return handler(event, context);
      },
      ...rest,
    } satisfies SimulatedEcsHook,
  };
}

function stagesOf(events: readonly EcsHookLambdaEvent[]) {
  return events.map(({ lifecycleStage, executionDetails }) => {
    const {
      targetServiceRevisionArn: target,
      testTrafficWeights,
      productionTrafficWeights,
    } = executionDetails;
    const test = testTrafficWeights[target];
    const production = productionTrafficWeights[target];
    return [lifecycleStage, test === undefined ? '' : `test ${test}`, production ?? '']
      .filter((it) => it !== '')
      .join(' ');
  });
}

describe('SimulatedEcsDeployments', () => {
  describe('Stages', () => {
    test("run in ECS order in a blue/green deployment, with ECS's weights", async () => {
      const { events, hook } = recordingHook();

      const result = await run({ hooks: [hook], isReconciled: true, bakeTimeInMinutes: 5 });

      expect(result).toMatchObject({
        status: 'SUCCESSFUL',
        targetPercent: { test: 100, production: 100 },
      });
      expect(result.stages.map(({ name }) => name)).toEqual([
        'RECONCILE_SERVICE',
        'PRE_SCALE_UP',
        'SCALE_UP',
        'POST_SCALE_UP',
        'TEST_TRAFFIC_SHIFT',
        'POST_TEST_TRAFFIC_SHIFT',
        'PRE_PRODUCTION_TRAFFIC_SHIFT',
        'PRODUCTION_TRAFFIC_SHIFT',
        'POST_PRODUCTION_TRAFFIC_SHIFT',
        'BAKE_TIME',
        'CLEAN_UP',
      ]);
      expect(stagesOf(events)).toEqual([
        'RECONCILE_SERVICE',
        'PRE_SCALE_UP',
        'POST_SCALE_UP',
        'TEST_TRAFFIC_SHIFT test 100',
        'POST_TEST_TRAFFIC_SHIFT',
        'PRE_PRODUCTION_TRAFFIC_SHIFT 0',
        'PRODUCTION_TRAFFIC_SHIFT 100',
        'POST_PRODUCTION_TRAFFIC_SHIFT',
      ]);
    });

    test.each([
      [{ type: 'LINEAR', stepPercent: 40, stepBakeTimeInMinutes: 1 }, ['0', '40', '40', '80', '80', '100']],
      [{ type: 'CANARY', canaryPercent: 2.5 }, ['0', '2.5', '2.5', '100']],
      [{ type: 'CANARY', canaryPercent: 100 }, ['0', '100']],
      [{ type: 'BLUE_GREEN' }, ['0', '100']],
    ] as const)('around the production traffic come once for each step of %j', async (strategy, percents) => {
      const { events, hook } = recordingHook({
        stages: ['PRE_PRODUCTION_TRAFFIC_SHIFT', 'PRODUCTION_TRAFFIC_SHIFT'],
      });

      await run({ strategy, hooks: [hook] });

      expect(stagesOf(events).map((it) => it.split(' ')[1])).toEqual(percents);
    });

    test('wait for the bake time of each step except the last', async () => {
      const start = cloud.clock.now();

      await run({ strategy: { type: 'LINEAR', stepPercent: 50, stepBakeTimeInMinutes: 30 } });

      const fixedSeconds = 120 + 10 + 2 * 10 + 60;
      expect((cloud.clock.now() - start) / 1000).toBe(fixedSeconds + 30 * 60);
    });

    test.each([
      { type: 'LINEAR', stepPercent: 2 },
      { type: 'CANARY', canaryPercent: 0 },
    ] as const)('of a strategy that ECS refuses do not come: %j', async (strategy) => {
      await expect(run({ strategy })).rejects.toThrow(TypeError);
    });

    test('call the listener at their start and end', async () => {
      const onStage = vi.fn();

      await run({ onStage });

      expect(onStage).toHaveBeenCalledWith('PRE_SCALE_UP', 'started', Date.parse('2026-01-01T00:00:00Z'));
      expect(onStage).toHaveBeenLastCalledWith('CLEAN_UP', 'succeeded', cloud.clock.now());
    });
  });

  describe('Hooks', () => {
    test('are called again after their delay, by default 30 s, with the same execution ID', async () => {
      const answers = [
        { hookStatus: 'IN_PROGRESS' },
        { hookStatus: 'IN_PROGRESS', callBackDelay: 100 },
        { hookStatus: 'SUCCEEDED' },
      ];
      const { events, hook } = recordingHook({ stages: ['PRE_SCALE_UP'], handler: () => answers.shift() });

      const { stages } = await run({ hooks: [hook] });

      const [stage] = stages;
      expect(stage).toMatchObject({ status: 'SUCCEEDED', hooks: [{ hook: 0, status: 'SUCCEEDED' }] });
      expect((stage?.endedAt ?? 0) - (stage?.startedAt ?? 0)).toBe(130_000);
      expect(new Set(events.map(({ executionId }) => executionId)).size).toBe(1);
    });

    test('receive their configuration and the details of their own responses in this deployment', async () => {
      const answers = [
        { hookStatus: 'IN_PROGRESS', callBackDelay: 1, hookDetails: { attempt: 1 } },
        { hookStatus: 'SUCCEEDED', hookDetails: { attempt: 2 } },
      ];
      const one = recordingHook({
        stages: ['PRE_SCALE_UP', 'POST_SCALE_UP'],
        hookDetails: { bucket: 'approvals' },
        handler: () => answers.shift() ?? succeeds(),
      });
      const other = recordingHook({ stages: ['PRE_SCALE_UP', 'POST_SCALE_UP'] });

      await run({ hooks: [one.hook, other.hook] });
      await run({ hooks: [one.hook] });

      expect(one.events.map(({ hookDetails }) => hookDetails)).toEqual([
        { bucket: 'approvals' },
        { bucket: 'approvals', attempt: 1 },
        { bucket: 'approvals', attempt: 1 },
        { bucket: 'approvals' },
        { bucket: 'approvals' },
      ]);
      expect(other.events.map(({ hookDetails }) => hookDetails)).toEqual([undefined, undefined]);
    });

    test.each([
      ['throws', () => Promise.reject(new Error('no')), 'The Lambda function threw'],
      ['hangs', () => new Promise(() => {}), 'The Lambda function timedOut'],
      ['responds FAILED', () => ({ hookStatus: 'FAILED' }), 'The hook responded FAILED'],
      ['returns nothing', () => undefined, 'The response is no object'],
      ['returns an array', () => [], 'The response is no object'],
      ['returns an unknown status', () => ({ hookStatus: 'Succeeded' }), 'Unknown status Succeeded'],
      [
        'returns an invalid delay',
        () => ({ hookStatus: 'IN_PROGRESS', callBackDelay: 0.5 }),
        'Invalid callBackDelay 0.5',
      ],
      [
        'returns details that are no object',
        () => ({ hookStatus: 'IN_PROGRESS', hookDetails: 'on' }),
        'The hookDetails are no object',
      ],
    ])('roll the deployment back without another call: one that %s', async (_what, handler, reason) => {
      const { events, hook } = recordingHook({ stages: ['PRE_SCALE_UP'], handler });

      const result = await run({ hooks: [hook] });

      expect(result).toMatchObject({
        status: 'ROLLBACK_SUCCESSFUL',
        stages: [{ name: 'PRE_SCALE_UP', status: 'FAILED', hooks: [{ status: 'FAILED', reason }] }],
      });
      expect(events).toHaveLength(1);
    });

    test.each([
      ['ROLLBACK', 'ROLLBACK_SUCCESSFUL'],
      ['CONTINUE', 'SUCCESSFUL'],
    ] as const)('that is never done ends with its time-out: %s', async (timeoutAction, status) => {
      const { hook } = recordingHook({
        stages: ['PRE_SCALE_UP'],
        handler: () => ({ hookStatus: 'IN_PROGRESS' }),
        timeoutInMinutes: 10,
        timeoutAction,
      });

      const result = await run({ hooks: [hook] });

      const [stage] = result.stages;
      expect(result.status).toBe(status);
      expect(stage?.hooks).toMatchObject([{ status: 'TIMED_OUT' }]);
      expect((stage?.endedAt ?? 0) - (stage?.startedAt ?? 0)).toBe(600_000);
    });

    test('are not called again after another one of their stage has failed', async () => {
      const slow = recordingHook({
        stages: ['PRE_SCALE_UP'],
        handler: () => ({ hookStatus: 'IN_PROGRESS', callBackDelay: 300 }),
      });
      const bad = recordingHook({ stages: ['PRE_SCALE_UP'], handler: () => ({ hookStatus: 'FAILED' }) });

      const { stages } = await run({ hooks: [slow.hook, bad.hook] });

      expect(stages[0]?.hooks).toMatchObject([
        { hook: 1, status: 'FAILED' },
        { hook: 0, status: 'ABANDONED' },
      ]);
      expect(slow.events).toHaveLength(1);
    });
  });

  describe('Rollbacks', () => {
    test('run the two traffic shifts again, with the target revision at 0', async () => {
      const { events, hook } = recordingHook({
        handler: ({ lifecycleStage }) => ({
          hookStatus: lifecycleStage === 'POST_PRODUCTION_TRAFFIC_SHIFT' ? 'FAILED' : 'SUCCEEDED',
        }),
      });

      const result = await run({ hooks: [hook] });

      expect(result).toMatchObject({
        status: 'ROLLBACK_SUCCESSFUL',
        targetPercent: { test: 0, production: 0 },
      });
      expect(stagesOf(events).slice(-2)).toEqual(['PRODUCTION_TRAFFIC_SHIFT 0', 'TEST_TRAFFIC_SHIFT test 0']);
      expect(new Set(events.map((it) => it.executionDetails.targetServiceRevisionArn)).size).toBe(1);
    });

    test('return the traffic even when a hook fails', async () => {
      const { hook } = recordingHook({
        stages: ['TEST_TRAFFIC_SHIFT', 'POST_TEST_TRAFFIC_SHIFT'],
        handler: ({ executionDetails: { testTrafficWeights, targetServiceRevisionArn } }) => ({
          hookStatus: testTrafficWeights[targetServiceRevisionArn] === 100 ? 'SUCCEEDED' : 'FAILED',
        }),
      });

      const result = await run({ hooks: [hook] });

      expect(result).toMatchObject({
        status: 'ROLLBACK_FAILED',
        targetPercent: { test: 0, production: 0 },
      });
    });

    test.each([
      [60, 'SCALE_UP'],
      [600, 'BAKE_TIME'],
    ])('start on an abort after %i s', async (seconds, stage) => {
      const alarm = new AbortController();
      cloud.clock.schedule(seconds, () => alarm.abort());

      const result = await run({ rollBackWhen: alarm.signal, bakeTimeInMinutes: 60 });

      expect(result.status).toBe('ROLLBACK_SUCCESSFUL');
      expect(result.stages.find(({ status }) => status === 'FAILED')?.name).toBe(stage);
      expect(cloud.ecsDeployments.targetPercent).toEqual({ test: 0, production: 0 });
    });

    test('do not call a hook again that waits for its delay', async () => {
      const alarm = new AbortController();
      cloud.clock.schedule(60, () => alarm.abort());
      const { events, hook } = recordingHook({
        stages: ['PRE_SCALE_UP'],
        handler: () => ({ hookStatus: 'IN_PROGRESS', callBackDelay: 300 }),
      });

      const result = await run({ hooks: [hook], rollBackWhen: alarm.signal });

      expect(result.stages[0]?.hooks).toMatchObject([{ status: 'ABANDONED' }]);
      expect(events).toHaveLength(1);
    });
  });
});
