import { describe, expect, test } from 'vitest';
import {
  rollBackServiceDeployment,
  type ServiceDeploymentReading,
  type WatchServiceDeploymentOptions,
  watchServiceDeployment,
} from '../../../src/ecs-deployments/index.js';
import { makeEcsPauseWorld } from '../../support/ecs-pause-world.js';

function setUp(options: Parameters<typeof makeEcsPauseWorld>[0] = {}) {
  const world = makeEcsPauseWorld({ hooks: [], alarmNames: ['orders-5xx', 'orders-latency'], ...options });
  const { serviceDeploymentArn, clock, cloud } = world;
  const common = { serviceDeploymentArn, clock, clients: { ecs: cloud.clients.ecs } };
  return {
    ...world,
    common,
    untilPercent: async (percent: number) => {
      while (world.deployment.targetPercent.production < percent) await clock.sleep(1_000);
    },
  };
}

describe('watchServiceDeployment', () => {
  test('returns the success of a deployment, after each change', async () => {
    const { common, deployment } = setUp();
    const readings: ServiceDeploymentReading[] = [];

    const end = await watchServiceDeployment({ ...common, onChange: (reading) => readings.push(reading) });

    expect(end).toMatchObject({ outcome: 'succeeded', status: 'SUCCESSFUL', triggeredAlarms: [] });
    expect('reason' in end).toBe(false);
    expect((await deployment.ended).status).toBe('SUCCESSFUL');
    const shares = readings.map(({ productionPercent }) => productionPercent);
    expect([...new Set(shares)]).toEqual([0, 10, 100]);
    expect(readings.map(({ stage }) => stage)).toContain('BAKE_TIME');
  });

  test('distinguishes a rollback by an alarm from a success, and names the alarm', async () => {
    const { common, deployment, untilPercent } = setUp();
    const watch = watchServiceDeployment(common);
    await untilPercent(10);

    deployment.triggerAlarms('orders-5xx');

    expect(await watch).toMatchObject({
      outcome: 'rolledBack',
      status: 'ROLLBACK_SUCCESSFUL',
      productionPercent: 0,
      triggeredAlarms: ['orders-5xx'],
      isCircuitBroken: false,
      reason: expect.stringContaining('the alarm orders-5xx triggered'),
    });
  });

  test('names the circuit breaker', async () => {
    const { common, deployment, untilPercent } = setUp();
    const watch = watchServiceDeployment(common);
    await untilPercent(10);

    deployment.tripCircuitBreaker();

    expect(await watch).toMatchObject({ outcome: 'rolledBack', isCircuitBroken: true });
  });

  test('reports a rollback that ECS could not finish, and a deployment that was replaced', async () => {
    const failing = setUp({
      hooks: [
        {
          stages: ['PRODUCTION_TRAFFIC_SHIFT', 'TEST_TRAFFIC_SHIFT'],
          handler: (event) => {
            const weights = Object.values(event.executionDetails.productionTrafficWeights);
            return { hookStatus: weights[0] === 100 || weights[0] === 0 ? 'FAILED' : 'SUCCEEDED' };
          },
        },
      ],
    });
    const replaced = setUp();
    const watch = watchServiceDeployment(replaced.common);
    await replaced.untilPercent(10);
    replaced.cloud.ecsDeployments.start({ service: { cluster: 'shop', service: 'web' } });

    expect(await watchServiceDeployment(failing.common)).toMatchObject({ outcome: 'rollbackFailed' });
    expect(await watch).toMatchObject({ outcome: 'stopped' });
  });

  test('requests a rollback when it is asked to, at once, and watches it to its end', async () => {
    const { common, untilPercent, changes, clock } = setUp();
    const controller = new AbortController();
    const watch = watchServiceDeployment({
      ...common,
      intervalSeconds: 3600,
      rollBackSignal: controller.signal,
    });
    await untilPercent(10);
    const requestedAt = clock.now();

    controller.abort();

    expect(await watch).toMatchObject({ outcome: 'rolledBack' });
    expect(changes()).toEqual(['ecs:StopServiceDeployment']);
    expect(clock.now() - requestedAt).toBeLessThanOrEqual(3_600_000);
  });

  test.each(['throttle', 'serverError', 'lostResponse', 'timeout'] as const)(
    'outlasts failures that pass while it requests a rollback: %s',
    async (kind) => {
      const { common, cloud, deployment } = setUp();
      const controller = new AbortController();
      controller.abort();
      cloud.injectFault({ kind, times: 7 });

      const end = await watchServiceDeployment({ ...common, rollBackSignal: controller.signal });

      expect(end.outcome).toBe('rolledBack');
      expect((await deployment.ended).status).toBe('ROLLBACK_SUCCESSFUL');
    },
  );

  test('throws WaitTimeoutError with the state, and leaves the deployment alone', async () => {
    const { common, changes } = setUp();

    await expect(watchServiceDeployment({ ...common, maxWaitSeconds: 60 })).rejects.toMatchObject({
      name: 'WaitTimeoutError',
      actual: 'IN_PROGRESS in the stage SCALE_UP',
    });
    expect(changes()).toEqual([]);
  });

  test('throws OperationAbortedError when it is cancelled, and leaves the deployment alone', async () => {
    const { common, changes, clock, deployment } = setUp();
    const controller = new AbortController();
    const watch = watchServiceDeployment({ ...common, signal: controller.signal });
    clock.schedule(100, () => controller.abort(new Error('Enough')));

    await expect(watch).rejects.toMatchObject({ name: 'OperationAbortedError' });
    expect(changes()).toEqual([]);
    expect((await deployment.ended).status).toBe('SUCCESSFUL');
  });

  test('throws ResourceNotFoundError for an unknown deployment', async () => {
    const { common } = setUp();
    const serviceDeploymentArn = `${common.serviceDeploymentArn}0`;

    await expect(watchServiceDeployment({ ...common, serviceDeploymentArn })).rejects.toMatchObject({
      name: 'ResourceNotFoundError',
    });
  });

  test.each([
    [{ serviceDeploymentArn: 'web' }],
    [{ maxWaitSeconds: Number.NaN }],
    [{ intervalSeconds: 0 }],
    [{ intervallSeconds: 5 }],
    [{ rollBackSignal: {} }],
    [{ onChange: 5 }],
  ])('throws InvalidInputError for %j', async (wrong) => {
    const { common, cloud } = setUp();

    const options = { ...common, ...wrong } as WatchServiceDeploymentOptions;

    await expect(watchServiceDeployment(options)).rejects.toMatchObject({
      name: 'InvalidInputError',
      problems: [expect.objectContaining({ field: Object.keys(wrong)[0] })],
    });
    expect(cloud.calls).toEqual([]);
  });
});

describe('rollBackServiceDeployment', () => {
  test('requests a rollback once, and accepts one that is under way or done', async () => {
    const { common, deployment, changes } = setUp();

    await rollBackServiceDeployment(common);
    await rollBackServiceDeployment(common);
    expect((await deployment.ended).status).toBe('ROLLBACK_SUCCESSFUL');
    await rollBackServiceDeployment(common);

    expect(changes()).toEqual(['ecs:StopServiceDeployment']);
  });

  test('throws ResourceStateError after a success', async () => {
    const { common, deployment } = setUp();
    await deployment.ended;

    await expect(rollBackServiceDeployment(common)).rejects.toMatchObject({
      name: 'ResourceStateError',
      actual: 'SUCCESSFUL',
    });
  });
});
