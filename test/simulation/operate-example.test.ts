import { beforeAll, describe, expect, test } from 'vitest';
import { failureOf, operate, usage } from '../../examples/operate/operate.js';
import { makeWorld, type World } from '../../examples/whole-stack-swap/world.js';

const logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

describe('operate, without a swap', () => {
  let world: World;

  beforeAll(() => {
    world = makeWorld({ testsPass: true, logger });
    world.feed.stop();
  });

  test('prints the live stack and the traffic', async () => {
    world.moveTraffic('blue');
    await operate(world.swap, ['adopt', 'blue', 'first', 'use']);

    expect(await operate(world.swap, ['status'])).toMatch(
      /^orders-production, now 2026-01-01T00:00:0\d\.\d{3}Z\. Recorded live: blue\. Traffic: blue 100 %, green 0 %\nNext: no swap is under way$/,
    );
  });

  test('prints the stack of the next revision, and the steps of the next swap', async () => {
    expect(await operate(world.swap, ['next'])).toBe('blue is live. Register the next revision for green.');
    expect(await operate(world.swap, ['preview'])).toMatch(/^From blue to green, with waits of 900 s/);
  });

  test('prints the usage for an unknown command, and rejects a command without a reason', async () => {
    expect(await operate(world.swap, ['nonsense'])).toBe(usage);
    expect(await operate(world.swap, [])).toBe(usage);
    await expect(operate(world.swap, ['roll-back'])).rejects.toThrow('A reason is missing');
    await expect(operate(world.swap, ['adopt', 'purple', 'x'])).rejects.toThrow('purple');
  });
});

describe('operate, during a deployment', { timeout: 60_000 }, () => {
  test('rolls the swap back, shows the way, and leaves no trace', async () => {
    const world = makeWorld({ testsPass: true, logger });
    const { cloud, swap } = world;
    const before = { blue: world.describe('blue'), green: world.describe('green') };
    const deployment = world.deploy(world.register('green'));
    while (world.describe('green').queueReader !== 'Enabled') await cloud.clock.sleep(10_000);

    const requested = await operate(swap, ['roll-back', 'orders', 'are', 'late']);
    expect(requested).toMatch(/^Requested/);
    expect(requested).toContain('Rolls back: orders are late');
    const refused = await operate(swap, ['next']).catch((error: unknown) => error);
    expect(refused).toMatchObject({ name: 'SwapInProgressError' });
    expect(failureOf(['next'], refused)).toMatch(/^Refused: next\. Nothing was changed\.\nAnother swap of/);
    expect(failureOf(['next'], new Error('no route'))).toBe('Failed: next.\nno route');

    // The hook answers Failed, or CodeDeploy stops the deployment first.
    expect(['Failed', 'Stopped']).toContain(await deployment.ended);
    while (world.isUnderWay()) await cloud.clock.sleep(30_000);
    expect(await operate(swap, ['status'])).toContain('Last swap: to green, rolledBack: orders are late');
    expect(await operate(swap, ['resume'])).toBe('idle: no swap is under way');
    expect(world.describe('blue')).toMatchObject({ ...before.blue, messagesWaiting: expect.any(Number) });
    expect(world.describe('green')).toMatchObject({ database: 'stopped', subscription: 'disabled' });
    world.feed.stop();
  });

  test('adopts a stack after a stop at 10 percent and a move of the traffic by hand', async () => {
    const world = makeWorld({ testsPass: true, logger, group: { autoRollback: false } });
    const { cloud, swap, percentOf } = world;
    const deployment = world.deploy(world.register('green'));
    while (percentOf('green') !== 10) await cloud.clock.sleep(1_000);
    deployment.stop({ rollBack: false });
    await deployment.ended;
    await cloud.clock.sleep(1_200_000);

    const status = await operate(swap, ['status']);
    expect(status).toContain('Recorded live: blue. Traffic: blue 90 %, green 10 %');
    expect(status).toMatch(/Swap \S+ to green: returningTraffic since/);
    expect(status).toContain('Next: waits for the blue stack to have all the traffic');
    await expect(operate(swap, ['adopt', 'green', 'x'])).rejects.toMatchObject({ name: 'SwapDriftError' });

    world.moveTraffic('green');
    const adopted = await operate(swap, ['adopt', 'green', 'the', 'new', 'version', 'is', 'good']);
    expect(adopted).toMatch(/^green is live\.\nNot undone: start database/);
    expect(await operate(swap, ['status'])).toContain(
      'Last swap: to green, abandoned: the new version is good',
    );
    world.feed.stop();
  });
});
