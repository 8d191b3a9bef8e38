import { RegisterScalableTargetCommand } from '@aws-sdk/client-application-auto-scaling';
import {
  DescribeServicesCommand,
  type DescribeServicesCommandInput,
  UpdateServiceCommand,
  type UpdateServiceCommandInput,
} from '@aws-sdk/client-ecs';
import { beforeEach, describe, expect, test } from 'vitest';
import { SimulatedCloud } from '../../../../../src/testing/index.js';

let cloud: SimulatedCloud;

beforeEach(() => {
  cloud = new SimulatedCloud();
  cloud.ecs.addService({ cluster: 'shop', name: 'web', desiredCount: 2, circuitBreaker: { rollback: true } });
  cloud.ecs.addTaskDefinition('web:2');
});

function update(input: Partial<UpdateServiceCommandInput>) {
  return cloud.clients.ecs.send(new UpdateServiceCommand({ cluster: 'shop', service: 'web', ...input }));
}

function read(input: Partial<DescribeServicesCommandInput> = {}) {
  return cloud.clients.ecs.send(
    new DescribeServicesCommand({ cluster: 'shop', services: ['web'], ...input }),
  );
}

async function readService() {
  const { services } = await read();
  return services?.[0];
}

const web = () => cloud.ecs.service('shop', 'web');

describe('SimulatedEcs', () => {
  describe('DescribeServices', () => {
    test('finds services by name and by ARN, and lists the missing ones', async () => {
      const { serviceArn, clusterArn } = web();

      const answer = await read({ cluster: clusterArn, services: [serviceArn, 'web', 'gone'] });

      expect(answer.services).toMatchObject([{ serviceName: 'web' }, { serviceName: 'web' }]);
      expect(answer.failures).toEqual([
        { arn: expect.stringMatching(/service\/shop\/gone$/), reason: 'MISSING' },
      ]);
    });

    test.each([
      ['an unknown cluster', { cluster: 'shed' }, 'ClusterNotFoundException'],
      ['no cluster, which is the one named default', { cluster: undefined }, 'ClusterNotFoundException'],
      ['no service', { services: [] }, 'InvalidParameterException'],
      ['more than ten services', { services: Array(11).fill('web') }, 'InvalidParameterException'],
    ])('refuses %s', async (_, input, name) => {
      await expect(read(input)).rejects.toMatchObject({ name });
    });
  });

  describe('UpdateService', () => {
    test('starts tasks one by one', async () => {
      await update({ desiredCount: 4 });

      const counts: (number | undefined)[] = [];
      for (let look = 0; look < 4; look += 1) {
        counts.push((await readService())?.runningCount);
        await cloud.clock.sleep(5_000);
      }
      expect(counts).toEqual([2, 3, 4, 4]);
    });

    test('follows a count that changes while tasks start', async () => {
      await update({ desiredCount: 9 });
      await cloud.clock.sleep(10_000);

      await update({ desiredCount: 0 });

      await cloud.clock.sleep(60_000);
      expect(await readService()).toMatchObject({ desiredCount: 0, runningCount: 0, pendingCount: 0 });
    });

    test('keeps enough tasks during the rollout of a new task definition', async () => {
      await update({ taskDefinition: 'web:2' });

      const seen: number[] = [];
      for (let look = 0; look < 6; look += 1) {
        seen.push((await readService())?.runningCount ?? 0);
        await cloud.clock.sleep(5_000);
      }
      expect(Math.min(...seen)).toBeGreaterThanOrEqual(2);
      expect(web().deployments).toMatchObject([
        { taskDefinition: expect.stringMatching(/web:2$/), rolloutState: 'COMPLETED', runningCount: 2 },
      ]);
    });

    test('keeps its deployment when the task definition is the same', async () => {
      const [before] = web().deployments;

      await update({ taskDefinition: 'web:1', desiredCount: 2 });

      expect(web().deployments).toEqual([before]);
    });

    test('rolls a task definition back whose tasks do not start', async () => {
      cloud.ecs.breakTaskDefinition('web:2');
      await update({ taskDefinition: 'web:2' });

      await cloud.clock.sleep(16_000);
      const during = structuredClone(web().deployments);
      await cloud.clock.sleep(60_000);

      expect(during).toMatchObject([
        {
          status: 'PRIMARY',
          rolloutState: 'IN_PROGRESS',
          rolloutStateReason: expect.stringMatching(/rolling back/),
        },
        { status: 'ACTIVE', rolloutState: 'FAILED', failedTasks: 3 },
        { status: 'ACTIVE', rolloutState: 'COMPLETED' },
      ]);
      expect(web().deployments).toMatchObject([
        { taskDefinition: expect.stringMatching(/web:1$/), rolloutState: 'COMPLETED', runningCount: 2 },
      ]);
    });

    test('keeps the old tasks when a failed rollout is not rolled back', async () => {
      cloud.ecs.addService({
        cluster: 'shop',
        name: 'api',
        desiredCount: 2,
        circuitBreaker: { rollback: false },
      });
      cloud.ecs.breakTaskDefinition('api:2');

      await update({ service: 'api', taskDefinition: 'api:2' });

      await cloud.clock.sleep(600_000);
      expect(cloud.ecs.service('shop', 'api').deployments).toMatchObject([
        { status: 'PRIMARY', rolloutState: 'FAILED', runningCount: 0 },
        { status: 'ACTIVE', runningCount: 2 },
      ]);
    });

    test('retries for ever without a circuit breaker', async () => {
      cloud.ecs.addService({ cluster: 'shop', name: 'api', desiredCount: 1 });
      cloud.ecs.breakTaskDefinition('api:2');

      await update({ service: 'api', taskDefinition: 'api:2' });

      await cloud.clock.sleep(601_000);
      expect(cloud.ecs.service('shop', 'api').deployments).toMatchObject([
        { rolloutState: 'IN_PROGRESS', failedTasks: 120 },
        { status: 'ACTIVE', runningCount: 1 },
      ]);
    });

    test.each([
      ['an unknown service', { service: 'gone' }, 'ServiceNotFoundException'],
      ['an unknown cluster', { cluster: 'shed' }, 'ClusterNotFoundException'],
      ['a negative count', { desiredCount: -1 }, 'InvalidParameterException'],
      ['a count for a daemon', { service: 'agent', desiredCount: 1 }, 'InvalidParameterException'],
      [
        'a task definition for a CodeDeploy service',
        { service: 'cd', taskDefinition: 'cd:2' },
        'InvalidParameterException',
      ],
      ['a service being deleted', { service: 'going', desiredCount: 1 }, 'ServiceNotActiveException'],
      ['an unknown family', { taskDefinition: 'typo' }, 'ClientException'],
      ['a revision of an unknown family', { taskDefinition: 'typo:9' }, 'ClientException'],
      ['an unknown revision', { taskDefinition: 'web:9' }, 'ClientException'],
      ['no service', { service: undefined }, 'ValidationException'],
    ])('refuses %s', async (_, input, name) => {
      cloud.ecs.addService({ cluster: 'shop', name: 'agent', desiredCount: 1, schedulingStrategy: 'DAEMON' });
      cloud.ecs.addService({
        cluster: 'shop',
        name: 'cd',
        desiredCount: 1,
        deploymentController: 'CODE_DEPLOY',
      });
      cloud.ecs.addService({ cluster: 'shop', name: 'going', desiredCount: 0, status: 'DRAINING' });

      await expect(update(input as Partial<UpdateServiceCommandInput>)).rejects.toMatchObject({ name });
    });
  });

  describe('under Application Auto Scaling', () => {
    const target = {
      namespace: 'ecs',
      resourceId: 'service/shop/web',
      dimension: 'ecs:service:DesiredCount',
      minCapacity: 2,
      maxCapacity: 4,
    } as const;

    test('gets its tasks back after a minute', async () => {
      cloud.applicationAutoScaling.addTarget(target);

      await update({ desiredCount: 0 });

      await cloud.clock.sleep(59_000);
      expect(web().desiredCount).toBe(0);
      await cloud.clock.sleep(60_000);
      expect(await readService()).toMatchObject({ desiredCount: 2, runningCount: 2 });
    });

    test.each([
      [
        'a service that does not exist',
        'service/shop/gone',
        /ECS service doesn't exist: service\/shop\/gone/,
      ],
      ['a service in an unknown cluster', 'service/shed/web', /ECS service doesn't exist/],
      ['a deleted service', 'service/shop/deleted', /ECS service doesn't exist/],
      ['a daemon', 'service/shop/agent', /daemon/],
      ['an invalid resource ID', 'web', /ECS service doesn't exist/],
    ])('cannot be registered for %s', async (_, resourceId, message) => {
      cloud.ecs.addService({ cluster: 'shop', name: 'agent', desiredCount: 1, schedulingStrategy: 'DAEMON' });
      cloud.ecs.addService({ cluster: 'shop', name: 'deleted', desiredCount: 0, status: 'INACTIVE' });

      const registration = cloud.clients.applicationAutoScaling.send(
        new RegisterScalableTargetCommand({
          ServiceNamespace: 'ecs',
          ResourceId: resourceId,
          ScalableDimension: 'ecs:service:DesiredCount',
          MinCapacity: 1,
          MaxCapacity: 2,
        }),
      );

      await expect(registration).rejects.toMatchObject({
        name: 'ValidationException',
        message: expect.stringMatching(message),
      });
    });

    test('stays without tasks while scaling is suspended', async () => {
      const suspendedState = { DynamicScalingOutSuspended: true };
      cloud.applicationAutoScaling.addTarget({ ...target, suspendedState });

      await update({ desiredCount: 0 });

      await cloud.clock.sleep(600_000);
      expect(web().desiredCount).toBe(0);
    });

    test('gets no tasks when it is inactive or missing', async () => {
      web().status = 'INACTIVE';
      web().desiredCount = 0;
      for (const resourceId of ['service/shop/web', 'service/shop/gone']) {
        cloud.applicationAutoScaling.addTarget({ ...target, resourceId });
        cloud.applicationAutoScaling.reevaluate('ecs', resourceId);
      }

      await cloud.clock.sleep(600_000);

      expect(web().desiredCount).toBe(0);
    });
  });

  describe('with task sets of CodeDeploy', () => {
    beforeEach(() => {
      cloud.ecs.addService({
        cluster: 'shop',
        name: 'cd',
        desiredCount: 2,
        deploymentController: 'CODE_DEPLOY',
      });
    });

    const service = () => cloud.ecs.service('shop', 'cd');

    async function readTaskSets() {
      const { services } = await read({ services: ['cd'] });
      return services?.[0]?.taskSets;
    }

    test('has a PRIMARY task set and no deployments', async () => {
      const { services } = await read({ services: ['cd'] });

      expect(services).toMatchObject([
        {
          deployments: [],
          taskSets: [{ status: 'PRIMARY', runningCount: 2, stabilityStatus: 'STEADY_STATE' }],
        },
      ]);
    });

    test('replaces the PRIMARY task set', async () => {
      const [old] = service().taskSets;
      const added = cloud.ecs.createTaskSet(service(), { taskDefinition: 'cd:2', externalId: 'd-1' });
      const created = await readTaskSets();
      await cloud.clock.sleep(30_000);
      const running = await readTaskSets();
      cloud.ecs.setPrimaryTaskSet(service(), added.id);
      cloud.ecs.deleteTaskSet(service(), old?.id ?? '');
      await cloud.clock.sleep(5_000);
      const draining = await readTaskSets();
      await cloud.clock.sleep(30_000);

      expect(created).toMatchObject([
        { status: 'PRIMARY' },
        {
          status: 'ACTIVE',
          externalId: 'd-1',
          runningCount: 0,
          pendingCount: 2,
          stabilityStatus: 'STABILIZING',
        },
      ]);
      expect(running).toMatchObject([{}, { runningCount: 2, stabilityStatus: 'STEADY_STATE' }]);
      expect(draining).toMatchObject([{ status: 'DRAINING', runningCount: 1 }, { status: 'PRIMARY' }]);
      expect(service().taskSets).toEqual([added]);
    });

    test('does not start broken tasks', async () => {
      cloud.ecs.breakTaskDefinition('cd:2');

      const added = cloud.ecs.createTaskSet(service(), { taskDefinition: 'cd:2' });

      await cloud.clock.sleep(60_000);
      expect(added.runningCount).toBe(0);
    });

    test('throws TypeError for an unknown task set', () => {
      expect(() => cloud.ecs.setPrimaryTaskSet(service(), 'other')).toThrowError(/has no task set other/);
    });
  });

  test('throws TypeError for an unknown service', () => {
    expect(() => cloud.ecs.service('shop', 'gone')).toThrowError(/has no ECS service shop\/gone/);
  });
});
