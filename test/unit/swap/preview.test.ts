import { describe, expect, test } from 'vitest';
import { AccessDeniedError, ResourceNotFoundError } from '../../../src/core/errors.js';
import { ecsSwitch } from '../../../src/swap/switches/ecs-switch.js';
import { makeCodeDeploySwapWorld } from '../../support/codedeploy-swap-world.js';
import { makeEcsDeploymentWorld } from '../../support/ecs-deployment-world.js';
import { SwapWorld } from '../../support/swap-world.js';

const denied = new AccessDeniedError({
  action: 'rds:DescribeDBClusters',
  resource: 'cluster orders-green',
  cause: undefined,
});
const missing = new ResourceNotFoundError('DB cluster orders-green not found', { resource: 'orders-green' });
const throttle = Object.assign(new Error('slow down'), { name: 'ThrottlingException' });

const reject = (error: Error) => () => Promise.reject(error);

describe('StackSwap.preview', () => {
  test.each([
    ['a denied read', { isDone: reject(denied) }, 'cannot', denied.message],
    ['a missing resource', { isDone: reject(missing) }, 'cannot', missing.message],
    [
      'a state that is too large for the record',
      { before: () => 'x'.repeat(5_000) },
      'cannot',
      'stores too much',
    ],
    ['a state that is denied', { before: reject(denied) }, 'cannot', denied.message],
    ['a throttle', { isDone: reject(throttle) }, 'unknown', 'slow down'],
    [
      'an answer that is no boolean',
      { isDone: () => 'yes' as never },
      'unknown',
      'must return true or false',
    ],
  ])('says why a step cannot run: %s', async (_what, functions, action, detail) => {
    const world = new SwapWorld();
    const { steps, table } = await world
      .swap({ prepare: [world.step('start database', functions)], retire: [] })
      .preview();

    expect(steps[0]).toMatchObject({ name: 'start database', action });
    expect(steps[0]?.detail).toContain(detail);
    expect(table).toContain(detail);
    expect([world.calls, world.record.writes, world.target.writes]).toEqual([[], [], []]);
  });

  test('says that a step of retire runs on the incoming stack unless prepare leaves it as it is', async () => {
    const world = new SwapWorld();
    const { steps } = await world
      .swap({ retire: [world.step('scale in', { value: false, resource: 'readers', stack: 'incoming' })] })
      .preview();

    expect(steps.at(-1)).toMatchObject({ stack: 'green', action: 'run', detail: expect.any(String) });
  });

  test('names the waits and the earliest end', async () => {
    const world = new SwapWorld();
    const now = world.clock.now();
    const preview = await world.swap().preview();

    expect(preview.waits).toEqual([
      { waitsFor: 'changes of prepare to be in effect', seconds: 900 },
      { waitsFor: 'the holds of the traffic shift', seconds: 60 },
      { waitsFor: 'the bake', seconds: 120 },
    ]);
    expect(preview.earliestEnd).toBe(new Date(now + 1_080_000).toISOString());
    expect(preview.hooks).toEqual([]);
    expect((await world.swap().run()).outcome).toBe('succeeded');
    expect(world.clock.now()).toBeGreaterThanOrEqual(now + 1_080_000);
  });

  test('waits for the changes of an earlier swap before a deletion', async () => {
    const world = new SwapWorld();
    const disable = world.step('disable subscription', { value: false, propagationSeconds: 900 });
    await world.swap({ retire: [disable] }).run();
    const purge = world.test('purge queues', undefined, { deletes: true });
    const swap = world.swap({ prepare: [purge], retire: [] });
    const { waits } = await swap.preview();

    expect(waits[0]).toEqual({
      waitsFor: 'changes of an earlier swap to be in effect',
      seconds: expect.any(Number),
    });
    const before = world.clock.now();
    await swap.run();
    const purged = world.calls.find(({ step }) => step === 'purge queues');
    expect((purged?.at ?? 0) - before).toBeGreaterThanOrEqual(((waits[0]?.seconds ?? 0) - 1) * 1000);
  });

  test('returns a policy with the ARN of each kind of resource', async () => {
    const world = new SwapWorld();
    const permissions = [
      { action: 'rds:StartDBCluster', resources: ['dbCluster'] },
      { action: 'rds:DescribeDBInstances', resources: '*' },
    ] as const;
    const { policy } = await world
      .swap({ prepare: [world.step('start database', { permissions })] })
      .preview();

    expect(policy).toEqual({
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Action: ['rds:DescribeDBInstances'], Resource: ['*'] },
        {
          Effect: 'Allow',
          Action: ['rds:StartDBCluster'],
          Resource: ['arn:PARTITION:rds:REGION:ACCOUNT:cluster:CLUSTER'],
        },
      ],
    });
  });

  test('throws SwapInProgressError while a swap is under way', async () => {
    const world = new SwapWorld();
    await world.swap().begin({});

    await expect(world.swap().preview()).rejects.toMatchObject({ code: 'SWAP_IN_PROGRESS' });
  });

  test.each([
    [900, 1_800, ['yes', 'yes']],
    [900, 1_801, ['maybe', 'yes']],
    [5_400, 0, ['yes', 'maybe']],
    [5_401, 0, ['yes', 'no']],
  ])(
    'says whether the time of the hooks of CodeDeploy suffices: in effect after %d s, done after %d s',
    async (propagationSeconds, maxWaitSeconds, expected) => {
      const { makeSwap } = makeCodeDeploySwapWorld();
      const nothing = { undo: 'none', run: () => {} } as const;
      const prepare = [
        { ...nothing, name: 'start database', maxWaitSeconds: 900, isDone: () => false },
        { ...nothing, name: 'enable subscription', maxWaitSeconds, propagationSeconds },
        { ...nothing, name: 'already done', maxWaitSeconds: 9_000, isDone: () => true },
      ];
      const { hooks, times } = await makeSwap({ prepare }).preview();

      expect(hooks.map(({ suffices }) => suffices)).toEqual(expected);
      expect(hooks[0]).toMatchObject({ hooks: 'BeforeInstall', limitSeconds: 2_700, minSeconds: 0 });
      expect(times.filter((line) => line.startsWith('Time of'))).toHaveLength(2);
    },
  );

  test('has the stages of ECS, whose time is a day', async () => {
    const { service, listenerArn, clients } = makeEcsDeploymentWorld();
    const swap = new SwapWorld().swap({
      switch: ecsSwitch({ ...service, listenerArn, clients }),
      boundBy: 'STACK',
      bakeSeconds: undefined,
    });

    expect((await swap.preview()).hooks).toMatchObject([
      { hooks: 'PRE_SCALE_UP', limitSeconds: 86_400, suffices: 'yes' },
      { hooks: 'POST_SCALE_UP and POST_TEST_TRAFFIC_SHIFT', minSeconds: 900, suffices: 'yes' },
    ]);
  });
});
