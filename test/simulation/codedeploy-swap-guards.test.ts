import { describe, expect, test } from 'vitest';
import { codeDeploySwapHooks } from '../../src/hooks/codedeploy-swap-hooks.js';
import type { StackSwapOptions } from '../../src/swap/swap-options.js';
import { codeDeploySwitch } from '../../src/swap/switches/code-deploy-switch.js';
import { makeCodeDeploySwapWorld } from '../support/codedeploy-swap-world.js';

/** Hooks of another service that were given the application name of the world's service by mistake. */
function makeStranger(world: ReturnType<typeof makeCodeDeploySwapWorld>) {
  const { clients, listenerArn, makeSwap } = world;
  const mover = codeDeploySwitch({ cluster: 'orders', service: 'other', listenerArn, clients });
  const swap = makeSwap({
    switch: { ...pick(mover), percentByStack: async () => ({ blue: 0, green: 100 }) },
  });
  return { swap, hooks: codeDeploySwapHooks(swap, { clients }) };
}

function pick(mover: ReturnType<typeof codeDeploySwitch>) {
  const { kind, description, fingerprint, permissions } = mover;
  return {
    kind,
    description,
    fingerprint,
    permissions,
    bindingOf: mover.bindingOf.bind(mover),
    statusOf: mover.statusOf.bind(mover),
    isAnotherUnderWay: mover.isAnotherUnderWay.bind(mover),
    returnTraffic: mover.returnTraffic.bind(mover),
  };
}

const context = { getRemainingTimeInMillis: () => 300_000 };

describe('codeDeploySwapHooks › the record of another service', () => {
  test.each(['deploymentEnded', 'resume', 'requestRollBack', 'status', 'adopt'] as const)(
    'throws SwapBindingError from %s, and changes nothing',
    async (method) => {
      const world = makeCodeDeploySwapWorld();
      const { cloud, deploy, taskDefinitions, until, item, calls } = world;
      const deployment = deploy(taskDefinitions.green);
      await until(() => deployment.replacementPercent === 100);
      await cloud.clock.sleep(60_000);
      const before = await item();
      const { swap, hooks } = makeStranger(world);
      const call = {
        deploymentEnded: () => hooks.deploymentEnded({}, context),
        resume: () => swap.resume(),
        requestRollBack: () => swap.requestRollBack('late'),
        status: () => swap.status(),
        adopt: () => swap.adopt('green', { reason: 'wrong' }),
      };

      await expect(call[method]()).rejects.toMatchObject({ code: 'SWAP_BINDING' });

      expect(await item()).toEqual(before);
      expect(calls.filter(({ stack }) => stack === 'blue')).toEqual([]);
    },
  );
});

describe('codeDeploySwapHooks › late responses', () => {
  test('sends a recorded verdict that no invocation lived to send', async () => {
    const world = makeCodeDeploySwapWorld();
    const { cloud, deploy, taskDefinitions } = world;
    const action = 'codedeploy:PutLifecycleEventHookExecutionStatus';
    cloud.injectFault({ kind: 'killBefore', action, atCall: 1, times: 3 });

    expect(await deploy(taskDefinitions.green).ended).toBe('Succeeded');
  });

  test('fails the hook of a swap that began with another plan, and rolls back', async () => {
    const warmUp = { name: 'warm up', isDone: () => true, run: () => {}, undo: 'none' } as const;
    let deployHooks = () => {};
    let wider: Partial<StackSwapOptions> = {};
    const world = makeCodeDeploySwapWorld({
      plan: ({ step, test: testStep }) => {
        const prepare = [step('start database'), step('enable subscription')];
        wider = { prepare: [...prepare, warmUp] };
        return { prepare, test: [testStep('smoke test', () => deployHooks())] };
      },
    });
    const { cloud, clients, deploy, taskDefinitions, state, makeSwap, hooks, item } = world;
    const before = state();
    deployHooks = () => {
      hooks.current = codeDeploySwapHooks(makeSwap(wider), { clients });
    };

    expect(await deploy(taskDefinitions.green).ended).toBe('Failed');
    await cloud.clock.sleep(3_600_000);

    expect(state()).toEqual(before);
    expect(await item()).toMatchObject({ live: 'blue', ended: [{ end: 'rolledBack' }] });
  });
});

describe('codeDeploySwapHooks › a deployment of the outgoing stack', () => {
  test.each([
    ['deployOnly', 'Succeeded'],
    ['refuse', 'Failed'],
  ] as const)(
    'responds at once while a stopped swap waits for its traffic (%s)',
    async (sameStack, status) => {
      const world = makeCodeDeploySwapWorld({ plan: () => ({ sameStack }) });
      const { cloud, deploy, taskDefinitions, until, calls, item } = world;
      const stopped = deploy(taskDefinitions.green);
      await until(() => stopped.replacementPercent === 10);
      stopped.stop({ rollBack: false });
      await stopped.ended;
      await cloud.clock.sleep(600_000);
      expect(await item()).toMatchObject({ swap: { phase: 'returningTraffic' } });

      const startedAt = cloud.clock.now();
      expect(await deploy(taskDefinitions.blue).ended).toBe(status);
      expect(cloud.clock.now() - startedAt).toBeLessThan(1_800_000);
      await cloud.clock.sleep(3_600_000);

      expect(calls.filter(({ kind, percent }) => kind === 'undo' && percent > 0)).toEqual([]);
      expect(calls.filter(({ stack }) => stack === 'blue')).toEqual([]);
      if (status === 'Succeeded') expect(world.state()).toMatchObject({ 'green database': false });
    },
  );
});

describe('codeDeploySwapHooks › a rollback', () => {
  test('asks CodeDeploy again soon after a request that was throttled', async () => {
    const world = makeCodeDeploySwapWorld();
    const { cloud, deploy, taskDefinitions, until, swap, hooks } = world;
    const deployment = deploy(taskDefinitions.green);
    await until(() => deployment.replacementPercent === 10);
    cloud.injectFault({ kind: 'throttle', action: 'codedeploy:StopDeployment', atCall: 1, times: 3 });
    await swap.requestRollBack('orders are late');
    const startedAt = cloud.clock.now();
    await hooks.current?.deploymentEnded({}, { getRemainingTimeInMillis: () => 840_000 });

    expect(deployment.status).toBe('Stopped');
    expect(cloud.clock.now() - startedAt).toBeLessThan(120_000);
  });
});

describe('codeDeploySwapHooks › a deployment that returns the traffic of a stopped one', () => {
  /** Stops a deployment that has moved all the traffic, before AfterAllowTraffic has seen it. */
  async function stopUnseen() {
    const world = makeCodeDeploySwapWorld({
      group: { autoRollback: false },
      plan: () => ({ sameStack: 'deployOnly' }),
    });
    const { deploy, hooks, taskDefinitions, until, item } = world;
    const { current } = hooks;
    if (current === undefined) throw new Error('The world has no hooks');
    hooks.current = { ...current, afterAllowTraffic: () => Promise.reject(new Error('out of memory')) };
    const first = deploy(taskDefinitions.green);
    await until(() => first.replacementPercent === 100);
    first.stop({ rollBack: false });
    await first.ended;
    hooks.current = current;
    expect((await item())?.swap).not.toHaveProperty('switchedAt');
    const second = deploy(taskDefinitions.blue);
    await until(() => second.replacementPercent === 100);
    return { ...world, second };
  }

  test('undoes nothing before the end of the deployment, which can be rolled back', async () => {
    const { cloud, second, state, mover, calls } = await stopUnseen();
    await cloud.clock.sleep(500_000);
    second.stop({ rollBack: true });
    await second.ended;
    await cloud.clock.sleep(3_600_000);

    expect(await mover.percentByStack({ boundBy: 'STACK' })).toEqual({ blue: 0, green: 100 });
    expect(state()).toMatchObject({ 'green database': true, 'green subscription': true });
    expect(calls.filter(({ kind }) => kind === 'undo')).toEqual([]);
  });

  test('undoes the changes after the end of the deployment', async () => {
    const { cloud, second, state, item } = await stopUnseen();
    expect(await second.ended).toBe('Succeeded');
    await cloud.clock.sleep(3_600_000);

    expect(state()).toMatchObject({ 'blue database': true, 'green database': false });
    expect(await item()).toMatchObject({ live: 'blue', ended: [{ end: 'rolledBack' }] });
  });

  test('undoes the changes for the next deployment of the same stack, which waits for them', async () => {
    const world = makeCodeDeploySwapWorld();
    const { cloud, deploy, hooks, taskDefinitions, state, item } = world;
    const { current } = hooks;
    if (current === undefined) throw new Error('The world has no hooks');
    hooks.current = { ...current, deploymentEnded: async () => ({ status: 'unchanged', reason: 'late' }) };
    const first = deploy(taskDefinitions.green);
    await cloud.clock.sleep(960_000);
    first.stop({ rollBack: true });
    await first.ended;
    await first.rollback?.ended;
    const second = deploy(taskDefinitions.green);
    expect(await second.ended).toBe('Succeeded');
    hooks.current = current;
    await cloud.clock.sleep(3_600_000);

    expect(await item()).toMatchObject({
      live: 'green',
      ended: [{ end: 'rolledBack' }, { end: 'succeeded' }],
    });
    expect(state()).toMatchObject({ 'green database': true, 'blue database': false });
  });
});
