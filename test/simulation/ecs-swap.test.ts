import { describe, expect, test } from 'vitest';
import { ecsLifecycleStages } from '../../src/core/ecs-lifecycle-stages.js';
import { ecsSwapHook } from '../../src/hooks/ecs-swap-hook.js';
import type { EcsSwapHookOptions } from '../../src/hooks/swap-hook-types.js';
import { DynamoSwapRecord } from '../../src/swap/dynamo/dynamo-swap-record.js';
import type { SwapEvent } from '../../src/swap/engine/swap-events.js';
import type { StepContext, SwapStep } from '../../src/swap/plan/step.js';
import type { SwapRecordItem } from '../../src/swap/record/types.js';
import { StackSwap } from '../../src/swap/stack-swap.js';
import type { StackSwapOptions } from '../../src/swap/swap-options.js';
import { ecsSwitch } from '../../src/swap/switches/ecs-switch.js';
import type { SimulatedEcsHook } from '../../src/testing/index.js';
import { registerTaskDefinition } from '../support/deployment-world.js';
import { makeEcsDeploymentWorld } from '../support/ecs-deployment-world.js';
import { failingListeners } from '../support/failing-listeners.js';

const hour = 3_600_000;
function makeEcsSwapWorld(options: Partial<StackSwapOptions> = {}, hookOptions: EcsSwapHookOptions = {}) {
  const world = makeEcsDeploymentWorld();
  const { cloud, clients, service, listenerArn } = world;
  const { clock } = cloud;
  const on = new Map<string, boolean>();
  for (const name of ['database', 'subscription']) on.set(`blue ${name}`, true).set(`green ${name}`, false);
  const calls: {
    readonly step: string;
    readonly kind: string;
    readonly stack: string;
    readonly percent: number;
  }[] = [];
  cloud.dynamoDb.addTable({ name: 'stack-swaps', partitionKey: 'application' });
  const mover = ecsSwitch({ ...service, listenerArn, clients });
  const record = new DynamoSwapRecord({ tableName: 'stack-swaps', clients, clock });
  const step = (name: string, value: boolean, more: Partial<SwapStep> = {}): SwapStep => {
    const key = ({ stack }: StepContext) => `${stack} ${name.split(' ').at(-1)}`;
    const change = async (kind: string, context: StepContext, wanted: boolean) => {
      const percents = await mover.percentByStack({ boundBy: 'STACK' });
      calls.push({ step: name, kind, stack: context.stack, percent: percents[context.stack] });
      on.set(key(context), wanted);
    };
    return {
      name,
      isDone: (context) => on.get(key(context)) === value,
      before: (context) => on.get(key(context)) ?? false,
      run: (context) => change('run', context, value),
      undo: (context, before) => change('undo', context, before === true),
      ...more,
    };
  };
  const swap = new StackSwap({
    application: 'orders',
    record,
    clock,
    boundBy: 'STACK',
    switch: mover,
    prepare: [step('start database', true), step('enable subscription', true, { propagationSeconds: 900 })],
    test: [{ name: 'smoke test', undo: 'none', run: () => {} }],
    retire: [step('disable subscription', false), step('stop database', false)],
    ...options,
  });
  const handler = ecsSwapHook(swap, hookOptions);
  const hook: SimulatedEcsHook = {
    stages: ecsLifecycleStages,
    handler: (event, context) => handler(event, context),
  };
  const tick = cloud.lambda.addFunction({
    name: 'tick',
    timeoutSeconds: 900,
    handler: (event, context) => handler(event, context as never),
  });
  cloud.eventBridge.addRule({ name: 'tick', scheduleExpression: 'rate(5 minutes)', targets: [tick.arn] });
  return {
    ...world,
    swap,
    calls,
    mover,
    deploySwap: (taskDefinition: string) => world.deploy(taskDefinition, { hooks: [hook] }),
    state: () => Object.fromEntries(on),
    item: async () => (await record.read('orders')) as SwapRecordItem | undefined,
  };
}

const allBlue = {
  'blue database': true,
  'blue subscription': true,
  'green database': false,
  'green subscription': false,
};
const allGreen = {
  'blue database': false,
  'blue subscription': false,
  'green database': true,
  'green subscription': true,
};

describe('ecsSwapHook › onEvent', () => {
  test('passes every event of the swap, from its begin to its end', async () => {
    const events: SwapEvent[] = [];
    const { cloud, deploySwap, taskDefinitions, item } = makeEcsSwapWorld(
      {},
      { onEvent: (event) => events.push(event) },
    );
    expect((await deploySwap(taskDefinitions.green).ended).status).toBe('SUCCESSFUL');
    await cloud.clock.sleep(hour);

    const [ended] = (await item())?.ended ?? [];
    expect(events[0]).toMatchObject({ type: 'started', at: ended?.beganAt });
    expect(events.at(-1)).toMatchObject({
      type: 'ended',
      at: ended?.endedAt,
      beganAt: ended?.beganAt,
      end: 'succeeded',
    });
  });

  test.each(failingListeners)('deploys as before when the listener %s', async (_how, onEvent) => {
    const { cloud, deploySwap, taskDefinitions, state } = makeEcsSwapWorld({}, { onEvent });
    expect((await deploySwap(taskDefinitions.green).ended).status).toBe('SUCCESSFUL');
    await cloud.clock.sleep(hour);

    expect(state()).toEqual(allGreen);
  });
});

describe('ecsSwapHook', () => {
  test('prepares, tests, verifies, and retires after the bake of ECS', async () => {
    const { cloud, deploySwap, taskDefinitions, calls, state, item } = makeEcsSwapWorld();
    const deployment = deploySwap(taskDefinitions.green);
    expect((await deployment.ended).status).toBe('SUCCESSFUL');
    expect(calls.filter(({ stack }) => stack === 'blue')).toEqual([]);
    await cloud.clock.sleep(hour);

    expect(state()).toEqual(allGreen);
    expect(calls.map(({ step, percent }) => [step, percent])).toEqual([
      ['start database', 0],
      ['enable subscription', 0],
      ['disable subscription', 0],
      ['stop database', 0],
    ]);
    expect(await item()).toMatchObject({
      live: 'green',
      ended: [{ end: 'succeeded', owner: { kind: 'ecs' } }],
    });
  });

  test('fails on a failing test, and undoes the changes when ECS has rolled back', async () => {
    const run = () => {
      throw Object.assign(new Error('no orders'), {
        name: 'ValidationException',
        $metadata: { httpStatusCode: 400 },
      });
    };
    const { cloud, deploySwap, taskDefinitions, calls, state, item } = makeEcsSwapWorld({
      test: [{ name: 'smoke test', undo: 'none', run }],
    });
    expect((await deploySwap(taskDefinitions.green).ended).status).toBe('ROLLBACK_SUCCESSFUL');
    await cloud.clock.sleep(hour);

    expect(state()).toEqual(allBlue);
    expect(calls.filter(({ stack }) => stack === 'blue')).toEqual([]);
    expect(await item()).toMatchObject({
      live: 'blue',
      ended: [{ end: 'rolledBack', reason: 'step "smoke test" failed: no orders' }],
    });
  });

  test('undoes nothing before ECS has returned the traffic of a stopped deployment', async () => {
    const { cloud, deploySwap, taskDefinitions, calls, state, until, item } = makeEcsSwapWorld();
    const deployment = deploySwap(taskDefinitions.green);
    await until(() => deployment.targetPercent.production === 10);
    deployment.stop();
    await deployment.ended;
    await cloud.clock.sleep(hour);

    expect(state()).toEqual(allBlue);
    expect(calls.filter(({ kind, percent }) => kind === 'undo' && percent > 0)).toEqual([]);
    expect(await item()).toMatchObject({ live: 'blue', ended: [{ end: 'rolledBack' }] });
  });

  test('asks ECS to return the traffic when a person requests it during the bake', async () => {
    const { cloud, deploySwap, taskDefinitions, state, swap, item } = makeEcsSwapWorld();
    const deployment = deploySwap(taskDefinitions.green);
    for (let phase: string | undefined; phase !== 'baking'; phase = (await item())?.swap?.phase) {
      await cloud.clock.sleep(5_000);
    }
    await swap.requestRollBack('orders are late');
    expect((await deployment.ended).status).toBe('ROLLBACK_SUCCESSFUL');
    await cloud.clock.sleep(hour);

    expect(state()).toEqual(allBlue);
    expect(await item()).toMatchObject({ ended: [{ end: 'rolledBack', reason: 'orders are late' }] });
  });

  test.each(['refuse', 'deployOnly'] as const)(
    'a hotfix of the live stack with sameStack: %s',
    async (sameStack) => {
      const { cloud, deploySwap, calls, state, item } = makeEcsSwapWorld({ sameStack });
      const hotfix = registerTaskDefinition(cloud, { STACK: 'blue', VERSION: '2' });

      expect((await deploySwap(hotfix).ended).status).toBe(
        sameStack === 'refuse' ? 'ROLLBACK_SUCCESSFUL' : 'SUCCESSFUL',
      );
      await cloud.clock.sleep(hour);

      expect([calls, state(), (await item())?.swap]).toEqual([[], allBlue, undefined]);
    },
  );

  test('throws InvalidInputError and SwapPlanError for what is no swap of ECS', () => {
    expect(() => ecsSwapHook({} as never)).toThrowError(/a StackSwap/);
    expect(() => ecsSwapHook(makeEcsSwapWorld().swap, { margin: 1 } as never)).toThrowError(/unknown option/);
  });
});
