import { describe, expect, test } from 'vitest';
import { codeDeploySwapHooks } from '../../src/hooks/codedeploy-swap-hooks.js';
import { makeCodeDeploySwapWorld } from '../support/codedeploy-swap-world.js';
import { registerTaskDefinition } from '../support/deployment-world.js';

const hour = 3_600_000;
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

describe('codeDeploySwapHooks › a good deployment', () => {
  test('prepares, tests, verifies, and retires only after the termination wait', async () => {
    const world = makeCodeDeploySwapWorld();
    const { cloud, deploy, taskDefinitions, calls, item } = world;
    const deployment = deploy(taskDefinitions.green);

    expect(await deployment.ended).toBe('Succeeded');
    expect(calls.filter(({ stack }) => stack === 'blue')).toEqual([]);
    await cloud.clock.sleep(hour);

    expect(world.state()).toEqual(allGreen);
    expect(calls.map(({ step, stack, percent }) => [step, stack, percent])).toEqual([
      ['start database', 'green', 0],
      ['enable subscription', 'green', 0],
      ['disable subscription', 'blue', 0],
      ['stop database', 'blue', 0],
    ]);
    expect(await item()).toMatchObject({
      live: 'green',
      ended: [{ end: 'succeeded', owner: { kind: 'codeDeploy' } }],
    });
  });

  test('names deploymentEnded as the caller of the next change while nothing calls it', async () => {
    const world = makeCodeDeploySwapWorld({ group: { terminationWaitSeconds: 3600 } });
    const { cloud, deploy, taskDefinitions, swap, hooks } = world;
    const calledBy = 'at the next call of deploymentEnded (its event or schedule) or with resume';
    if (hooks.current === undefined) throw new Error('The world has hooks');
    hooks.current = { ...hooks.current, deploymentEnded: () => Promise.reject(new Error('not deployed')) };
    const deployment = deploy(taskDefinitions.green);
    await cloud.clock.sleep(hour);
    const waiting = await swap.status();
    await deployment.ended;
    const ended = await swap.status();

    expect([waiting.swap?.phase, waiting.next]).toEqual([
      'baking',
      expect.stringMatching(
        /^waits for the end of the deployment .* or later, at the next call of deploymentEnded/,
      ),
    ]);
    expect([ended.swap?.phase, ended.next]).toEqual(['baking', `runs "disable subscription", ${calledBy}`]);
  });

  test('swaps back with the next deployment', async () => {
    const world = makeCodeDeploySwapWorld();
    const { cloud, deploy, taskDefinitions, item } = world;
    await deploy(taskDefinitions.green).ended;
    await cloud.clock.sleep(hour);
    expect(await deploy(taskDefinitions.blue).ended).toBe('Succeeded');
    await cloud.clock.sleep(hour);

    expect(world.state()).toEqual(allBlue);
    expect(await item()).toMatchObject({
      live: 'blue',
      ended: [{ incoming: 'green' }, { incoming: 'blue' }],
    });
  });

  test('leaves retire to the next swap when its deployment comes before the tick', async () => {
    const world = makeCodeDeploySwapWorld();
    const { cloud, deploy, taskDefinitions, item } = world;
    cloud.eventBridge.deliverEvents(() => []);
    await deploy(taskDefinitions.green).ended;
    expect(await deploy(taskDefinitions.blue).ended).toBe('Succeeded');
    await cloud.clock.sleep(hour);

    expect((await item())?.ended.map(({ end }) => end)).toEqual(['succeeded', 'succeeded']);
    expect(world.state()).toEqual(allBlue);
  });

  test('names the deployment that need not wait for retire, in next and in requestRollBack', async () => {
    const { cloud, deploy, taskDefinitions, swap } = makeCodeDeploySwapWorld();
    cloud.eventBridge.deliverEvents(() => []);
    await deploy(taskDefinitions.green).ended;

    await expect(swap.next()).rejects.toMatchObject({
      code: 'SWAP_IN_PROGRESS',
      remedy: expect.stringContaining(
        'A deployment for blue can begin now: its swap takes over the steps of retire',
      ),
    });
    await expect(swap.requestRollBack('late')).rejects.toMatchObject({
      code: 'SWAP_PAST_RETURN',
      remedy: expect.stringContaining(
        'bound to blue. It need not wait: its swap takes over the steps of retire',
      ),
    });
    expect(await deploy(taskDefinitions.blue).ended).toBe('Succeeded');
  });
});

describe('StackSwap › begin for a deployment', () => {
  test('throws SwapInProgressError while the deployment of another swap is under way', async () => {
    const { deploy, taskDefinitions, until, swap, calls } = makeCodeDeploySwapWorld();
    deploy(taskDefinitions.green);
    await until(() => calls.length === 2);

    await expect(swap.begin({ owner: { kind: 'codeDeploy', id: 'd-OTHER' } })).rejects.toMatchObject({
      code: 'SWAP_IN_PROGRESS',
      message: expect.stringMatching(/is InProgress/),
    });
    await expect(swap.run()).rejects.toMatchObject({ code: 'SWAP_PLAN' });
  });
});

describe('codeDeploySwapHooks › a failing deployment', () => {
  test('fails on a failing test, and undoes the changes when the deployment has ended', async () => {
    const world = makeCodeDeploySwapWorld({
      plan: ({ test: testStep }) => ({
        test: [
          testStep('smoke test', () => {
            throw Object.assign(new Error('no orders'), {
              name: 'ValidationException',
              $metadata: { httpStatusCode: 400 },
            });
          }),
        ],
      }),
    });
    const { cloud, deploy, taskDefinitions, calls, item } = world;
    const deployment = deploy(taskDefinitions.green);
    expect(await deployment.ended).toBe('Failed');
    await cloud.clock.sleep(hour);

    expect(world.state()).toEqual(allBlue);
    expect(calls.filter(({ stack }) => stack === 'blue')).toEqual([]);
    expect(await item()).toMatchObject({
      live: 'blue',
      ended: [{ end: 'rolledBack', reason: 'step "smoke test" failed: no orders' }],
    });
  });

  test.each([true, false])(
    'undoes nothing while a stopped deployment leaves traffic (rollback: %s)',
    async (rollBack) => {
      const world = makeCodeDeploySwapWorld();
      const { cloud, deploy, taskDefinitions, calls, until, item } = world;
      const deployment = deploy(taskDefinitions.green);
      await until(() => deployment.replacementPercent === 10);
      deployment.stop({ rollBack });
      await deployment.ended;
      await cloud.clock.sleep(hour);

      expect(calls.filter(({ kind, percent }) => kind === 'undo' && percent > 0)).toEqual([]);
      expect(calls.filter(({ stack }) => stack === 'blue')).toEqual([]);
      if (rollBack) {
        expect(world.state()).toEqual(allBlue);
        expect(await item()).toMatchObject({ live: 'blue', ended: [{ end: 'rolledBack' }] });
      } else {
        expect(world.state()).toMatchObject({ 'blue database': true, 'green database': true });
        expect(await item()).toMatchObject({ swap: { phase: 'returningTraffic' } });
      }
    },
  );

  test('reads traffic that a person has to return once in each tick', async () => {
    const { cloud, deploy, taskDefinitions, until, item } = makeCodeDeploySwapWorld();
    const deployment = deploy(taskDefinitions.green);
    await until(() => deployment.replacementPercent === 10);
    deployment.stop({ rollBack: false });
    await deployment.ended;
    await cloud.clock.sleep(hour);
    const before = cloud.calls.length;
    await cloud.clock.sleep(hour);

    expect(await item()).toMatchObject({ swap: { phase: 'returningTraffic' } });
    const reads = cloud.calls.slice(before).filter(({ action }) => action.endsWith(':DescribeRules'));
    expect(reads).toHaveLength(12);
  });

  test('asks CodeDeploy to return the traffic when a person requests it during the bake', async () => {
    const world = makeCodeDeploySwapWorld();
    const { cloud, deploy, taskDefinitions, until, swap, item } = world;
    const deployment = deploy(taskDefinitions.green);
    let phase: string | undefined;
    await until(() => deployment.replacementPercent === 100);
    while (phase !== 'baking') {
      await cloud.clock.sleep(5_000);
      phase = (await item())?.swap?.phase;
    }
    await swap.requestRollBack('orders are late');
    await deployment.ended;
    await cloud.clock.sleep(hour);

    expect(deployment.rollback?.status).toBe('Succeeded');
    expect(world.state()).toEqual(allBlue);
    expect(await item()).toMatchObject({ ended: [{ end: 'rolledBack', reason: 'orders are late' }] });
  });

  test('throws SwapPastReturnError for a request after the deployment has succeeded', async () => {
    const { cloud, deploy, taskDefinitions, swap } = makeCodeDeploySwapWorld();
    cloud.eventBridge.deliverEvents(() => []);
    await deploy(taskDefinitions.green).ended;

    await expect(swap.requestRollBack('late')).rejects.toMatchObject({ code: 'SWAP_PAST_RETURN' });
  });
});

describe('codeDeploySwapHooks › binding', () => {
  test.each(['refuse', 'deployOnly'] as const)(
    'a hotfix of the live stack with sameStack: %s',
    async (sameStack) => {
      const world = makeCodeDeploySwapWorld({ plan: () => ({ sameStack }) });
      const { cloud, deploy, calls, item } = world;
      const hotfix = registerTaskDefinition(cloud, { STACK: 'blue', VERSION: '2' });

      expect(await deploy(hotfix).ended).toBe(sameStack === 'refuse' ? 'Failed' : 'Succeeded');
      await cloud.clock.sleep(hour);

      expect(calls).toEqual([]);
      expect(world.state()).toEqual(allBlue);
      expect((await item())?.swap).toBeUndefined();
    },
  );

  test.each([[[{}]], [[{ STACK: 'blue' }, { STACK: 'green' }]]])(
    'refuses a revision bound to %j',
    async (containers) => {
      const world = makeCodeDeploySwapWorld();
      const { cloud, deploy, calls } = world;

      expect(await deploy(registerTaskDefinition(cloud, ...containers)).ended).toBe('Failed');
      expect(calls).toEqual([]);
    },
  );
});

describe('codeDeploySwapHooks › bad days', () => {
  test.each(['killBefore', 'killAfter'] as const)(
    'continues after a process that died (%s) at a write of the record',
    async (kind) => {
      const world = makeCodeDeploySwapWorld();
      const { cloud, deploy, taskDefinitions, item } = world;
      cloud.injectFault({ kind, action: 'dynamodb:PutItem', atCall: 4 });
      expect(await deploy(taskDefinitions.green).ended).toBe('Succeeded');
      await cloud.clock.sleep(hour);

      expect(world.state()).toEqual(allGreen);
      expect(await item()).toMatchObject({ live: 'green' });
    },
  );

  test('responds once to duplicate events, and changes nothing after the end', async () => {
    const world = makeCodeDeploySwapWorld();
    const { cloud, deploy, taskDefinitions, calls } = world;
    cloud.lambda.deliverEvents(() => [0, 5, 7_200]);

    expect(await deploy(taskDefinitions.green).ended).toBe('Succeeded');
    await cloud.clock.sleep(4 * hour);

    expect(calls).toHaveLength(4);
    expect(world.state()).toEqual(allGreen);
  });

  test.each([false, true])(
    'changes nothing in the hooks of a rollback deployment (hooksInRollback: %s)',
    async (hooksInRollback) => {
      const world = makeCodeDeploySwapWorld({ group: { hooksInRollback } });
      const { cloud, deploy, taskDefinitions, until } = world;
      const deployment = deploy(taskDefinitions.green);
      await until(() => deployment.replacementPercent === 10);
      deployment.stop({ rollBack: true });
      await deployment.ended;
      await cloud.clock.sleep(2 * hour);

      expect(deployment.rollback?.status).toBe('Succeeded');
      expect(world.state()).toEqual(allBlue);
    },
  );

  test('gives the response of a hook whose every invocation died, 5 minutes before the hour ends', async () => {
    const world = makeCodeDeploySwapWorld();
    const { cloud, deploy, taskDefinitions, item } = world;
    // The first call reads the live stack; the next ones belong to the first step.
    const action = 'elasticloadbalancing:DescribeRules';
    cloud.injectFault({ kind: 'killBefore', action, atCall: 2, times: 3 });
    const startedAt = cloud.clock.now();
    const deployment = deploy(taskDefinitions.green);
    expect(await deployment.ended).toBe('Failed');
    expect(cloud.clock.now() - startedAt).toBeLessThan(hour);
    await cloud.clock.sleep(hour);

    expect(world.state()).toEqual(allBlue);
    expect(await item()).toMatchObject({ ended: [{ end: 'rolledBack' }] });
  });
});

describe('codeDeploySwapHooks', () => {
  test('throws SwapPlanError, with the step, for a propagation time that the hooks cannot wait for', () => {
    const { makeSwap, clients } = Object.assign(makeCodeDeploySwapWorld());
    const slow = makeSwap({
      prepare: [{ name: 'move DNS', run: () => {}, undo: 'none', propagationSeconds: 86_400 }],
    });

    expect(() => codeDeploySwapHooks(slow, { clients })).toThrowError(/"move DNS".*5400 s, got 86400 s/);
  });

  test('throws InvalidInputError for an unknown option', () => {
    const { swap, clients } = makeCodeDeploySwapWorld();

    expect(() => codeDeploySwapHooks(swap, { clients, loger: console } as never)).toThrowError(
      /unknown option/,
    );
    expect(() => codeDeploySwapHooks({} as never)).toThrowError(/a StackSwap/);
  });
});
