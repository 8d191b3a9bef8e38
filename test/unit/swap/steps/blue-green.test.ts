import { describe, expect, test } from 'vitest';
import { SwapPlanError } from '../../../../src/swap/errors.js';
import { InMemorySwapRecord, StackSwap, type SwapStep, shiftTraffic } from '../../../../src/swap/index.js';
import { createBlueGreen } from '../../../../src/swap/steps/create-blue-green.js';
import { switchOverBlueGreen } from '../../../../src/swap/steps/switch-over-blue-green.js';
import { allAtOnce } from '../../../../src/traffic/strategies/all-at-once.js';
import { TrafficShifter } from '../../../../src/traffic/traffic-shifter.js';
import { makeBlueGreenWorld } from '../../../support/blue-green-world.js';
import { FakeTarget } from '../../../support/fake-target.js';
import { stepContext } from '../../../support/step-context.js';

function arrange({ test: given = [] }: { readonly test?: readonly SwapStep[] } = {}) {
  const world = makeBlueGreenWorld({ engine: 'aurora-mysql' });
  const { clock, make } = world;
  const record = new InMemorySwapRecord();
  const target = new FakeTarget({ clock });
  const swap = (more: Partial<ConstructorParameters<typeof StackSwap>[0]> = {}) =>
    new StackSwap({
      application: 'orders',
      record,
      clock,
      prepare: [createBlueGreen(make(), { green: { engineVersion: '8.0.mysql_aurora.3.08.0' } })],
      test: given,
      switch: shiftTraffic(new TrafficShifter({ target, clock }), allAtOnce()),
      retire: [switchOverBlueGreen(make(), { switchoverTimeoutSeconds: 60 })],
      ...more,
    } as ConstructorParameters<typeof StackSwap>[0]);
  return { ...world, swap, before: world.read(), deployments: () => world.cloud.rds.blueGreenDeployments };
}

const failing: SwapStep = {
  name: 'smoke test',
  undo: 'none',
  run: () => Promise.reject(Object.assign(new Error('no orders'), { $metadata: { httpStatusCode: 400 } })),
};

describe('createBlueGreen and switchOverBlueGreen', () => {
  test('upgrade the database in retire, when the traffic has moved', async () => {
    const { cloud, swap, deployments } = arrange();

    const { outcome, state } = await swap().run();

    expect([outcome, state.ended?.orphans]).toEqual(['succeeded', []]);
    expect(cloud.rds.cluster('orders').settings.EngineVersion).toBe('8.0.mysql_aurora.3.08.0');
    expect(cloud.rds.hasCluster('orders-old1')).toBe(true);
    expect(deployments()).toMatchObject([{ status: 'SWITCHOVER_COMPLETED', switchovers: 1 }]);
  });

  test('leave nothing behind when the swap is rolled back', async () => {
    const { swap, read, before } = arrange({ test: [failing] });

    const { outcome } = await swap().run();

    expect([outcome, read()]).toEqual(['rolledBack', before]);
  });

  test('roll back at once when RDS cannot switch the deployment over', async () => {
    const { swap, read, before, clock, deployments } = arrange();
    const startedAt = clock.now();
    clock.every(60, () => {
      for (const deployment of deployments()) {
        if (deployment.status !== 'PROVISIONING' || clock.now() < startedAt + 600_000) continue;
        deployment.status = 'INVALID_CONFIGURATION';
        for (const { target } of deployment.members) target.status = 'available';
      }
    });

    const { outcome, reason } = await swap().run();

    expect([outcome, read()]).toEqual(['rolledBack', before]);
    expect(reason).toMatch(/cannot switch over: expected AVAILABLE, got INVALID_CONFIGURATION/);
    expect(clock.now() - startedAt).toBeLessThan(3_600_000);
  });

  test.each(['prepare', 'test'] as const)('refuse a plan with the switchover in %s', (phase) => {
    const { swap, make } = arrange();

    expect(() => swap({ [phase]: [switchOverBlueGreen(make())], retire: [] })).toThrow(SwapPlanError);
    expect(() => swap({ [phase]: [switchOverBlueGreen(make())], retire: [] })).toThrow(/cannot be undone/);
  });

  test('leave a cancelled switchover to a person, and find it done afterwards', async () => {
    const { swap, deployments, clock, make } = arrange();
    clock.every(60, () => {
      for (const deployment of deployments()) deployment.switchoverSeconds = 400;
    });

    const first = await swap().run();
    const resumed = await swap().resume();
    const [orphan] = (await swap().status()).orphans;

    expect(first.state.ended).toMatchObject({
      outcome: 'succeeded',
      orphans: ['switch over blue/green deployment'],
    });
    expect(orphan?.reason).toMatch(
      /ended without effect: expected SWITCHOVER_COMPLETED, got AVAILABLE \(Switch/,
    );
    expect(resumed.orphans).toHaveLength(1);
    const [deployment] = deployments();
    expect(deployment?.switchovers).toBe(1);

    await make().switchOver({ name: deployment?.name ?? '', switchoverTimeoutSeconds: 3600 });
    await clock.sleep(900_000);
    expect((await swap().resume()).orphans).toEqual([]);
    expect(deployment).toMatchObject({ status: 'SWITCHOVER_COMPLETED', switchovers: 2 });
  });

  test('wait for the guardrails, and start nothing before', async () => {
    const { swap, deployments, clock } = arrange();
    clock.every(60, () => {
      const isLate = clock.now() > Date.parse('2026-01-01T01:00:00Z');
      for (const deployment of deployments()) deployment.replicaLagSeconds = isLate ? 0 : 300;
    });

    const { outcome, state } = await swap().run();

    expect([outcome, state.ended?.orphans]).toEqual(['succeeded', []]);
    expect(deployments()).toMatchObject([{ switchovers: 1 }]);
  });

  test('find the switchover done although its deployment was deleted by hand', async () => {
    const { make, clock } = arrange();
    const step = switchOverBlueGreen(make(), { deploymentName: 'orders-to-17' });
    await make().createDeployment({ name: 'orders-to-17' });
    await clock.sleep(3_600_000);
    const memory = {};
    const context = { ...contextOf(clock), memory };
    await step.run(context);
    await clock.sleep(600_000);
    await make().deleteCompletedDeployment({ name: 'orders-to-17' });
    await clock.sleep(600_000);

    expect(await step.isDone?.({ ...contextOf(clock), memory })).toBe(true);
  });

  test('keep a deployment of the same name that another caller has created', async () => {
    const { swap, make, deployments } = arrange();
    await make().createDeployment({ name: 'orders-to-17', creationId: 'by-hand' });

    const { outcome, reason } = await swap({
      prepare: [createBlueGreen(make(), { deploymentName: 'orders-to-17' })],
    }).run();

    expect([outcome, reason]).toEqual(['rolledBack', expect.stringMatching(/belongs to another caller/)]);
    expect(deployments()).toHaveLength(1);
  });
});

function contextOf(clock: ReturnType<typeof arrange>['clock']) {
  return { ...stepContext(), clock, swapId: 'swap-1' };
}
