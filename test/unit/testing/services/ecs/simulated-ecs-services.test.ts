import {
  CreateServiceCommand,
  type CreateServiceCommandInput,
  DeregisterTaskDefinitionCommand,
  DescribeServicesCommand,
  ListTasksCommand,
  type RegisterTaskDefinitionCommandInput,
  StopTaskCommand,
  UpdateServiceCommand,
  type UpdateServiceCommandInput,
} from '@aws-sdk/client-ecs';
import { DescribeTargetHealthCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { beforeEach, describe, expect, test } from 'vitest';
import { SimulatedCloud } from '../../../../../src/testing/index.js';

const web: RegisterTaskDefinitionCommandInput = {
  family: 'web',
  networkMode: 'awsvpc',
  requiresCompatibilities: ['FARGATE'],
  cpu: '256',
  memory: '512',
  containerDefinitions: [{ name: 'app', image: 'shop/web:1', portMappings: [{ containerPort: 8080 }] }],
};

const networkConfiguration = { awsvpcConfiguration: { subnets: ['subnet-1'] } };

let cloud: SimulatedCloud;
let groups: string[];

beforeEach(() => {
  cloud = new SimulatedCloud();
  const { ecs, elasticLoadBalancing } = cloud;
  ecs.addCluster('shop');
  ecs.addTaskDefinition(web);
  groups = ['public', 'internal'].map((name) => {
    const { arn } = elasticLoadBalancing.addTargetGroup({ name, targetType: 'ip', port: 8080 });
    const loadBalancerArn = elasticLoadBalancing.addLoadBalancer({ name }).arn;
    elasticLoadBalancing.addListener({
      loadBalancerArn,
      defaultActions: [{ Type: 'forward', TargetGroupArn: arn }],
    });
    return arn;
  });
});

const ecs = () => cloud.clients.ecs;
const service = () => cloud.ecs.service('shop', 'web');

const loadBalancers = () =>
  groups.map((targetGroupArn) => ({ targetGroupArn, containerName: 'app', containerPort: 8080 }));

function create(input: Partial<CreateServiceCommandInput> = {}) {
  return ecs().send(
    new CreateServiceCommand({
      cluster: 'shop',
      serviceName: 'web',
      taskDefinition: 'web',
      desiredCount: 2,
      launchType: 'FARGATE',
      networkConfiguration,
      ...input,
    }),
  );
}

function update(input: Partial<UpdateServiceCommandInput>) {
  return ecs().send(new UpdateServiceCommand({ cluster: 'shop', service: 'web', ...input }));
}

async function read() {
  const { services } = await ecs().send(
    new DescribeServicesCommand({ cluster: 'shop', services: ['web'], include: ['TAGS'] }),
  );
  return services?.[0];
}

/** Adds a service whose tasks run already. */
function addService(options: Partial<Parameters<typeof cloud.ecs.addService>[0]> = {}) {
  return cloud.ecs.addService({
    cluster: 'shop',
    name: 'web',
    desiredCount: 2,
    taskDefinition: 'web:1',
    settings: { networkConfiguration, loadBalancers: loadBalancers() },
    ...options,
  });
}

async function states(TargetGroupArn = groups[0]) {
  const { TargetHealthDescriptions = [] } = await cloud.clients.elasticLoadBalancing.send(
    new DescribeTargetHealthCommand({ TargetGroupArn }),
  );
  return TargetHealthDescriptions.map(({ TargetHealth }) => TargetHealth?.State).sort();
}

/** Returns the distinct stop reasons of the service's tasks. */
async function reasons() {
  const { taskArns = [] } = await ecs().send(
    new ListTasksCommand({ cluster: 'shop', serviceName: 'web', desiredStatus: 'STOPPED' }),
  );
  const stopped = cloud.ecs.tasks('shop').filter(({ taskArn = '' }) => taskArns.includes(taskArn));
  return [...new Set(stopped.map(({ stopCode, stoppedReason }) => `${stopCode}: ${stoppedReason}`))];
}

const messages = () => service().events.map(({ message }) => message);

describe('SimulatedEcs', () => {
  describe('CreateService', () => {
    test('creates a service whose tasks start and are registered', async () => {
      const created = await create({ loadBalancers: loadBalancers(), tags: [{ key: 'a', value: 'b' }] });
      await cloud.clock.sleep(180_000);

      expect(created.service).toMatchObject({
        status: 'ACTIVE',
        desiredCount: 2,
        runningCount: 0,
        launchType: 'FARGATE',
        platformVersion: 'LATEST',
        networkConfiguration,
        loadBalancers: loadBalancers(),
        tags: [{ key: 'a', value: 'b' }],
        deployments: [{ status: 'PRIMARY', rolloutState: 'IN_PROGRESS', launchType: 'FARGATE' }],
      });
      expect(await read()).toMatchObject({
        runningCount: 2,
        deployments: [{ rolloutState: 'COMPLETED' }],
        tags: [{ key: 'a', value: 'b' }],
      });
      expect(await states()).toEqual(['healthy', 'healthy']);
      expect(messages()[0]).toBe('(service web) has reached a steady state.');
    });

    test('shows ACTIVATING with several target groups', async () => {
      await create({ loadBalancers: loadBalancers() });
      const seen = new Set<string | undefined>();

      for (let look = 0; look < 6; look += 1) {
        seen.add(cloud.ecs.tasks('shop')[0]?.lastStatus);
        await cloud.clock.sleep(1_000);
      }

      expect([...seen]).toEqual(['PROVISIONING', 'PENDING', 'ACTIVATING', 'RUNNING']);
    });

    test('returns the same service for the same client token, and refuses another request', async () => {
      const { service: first } = await create({ clientToken: 'one' });

      const { service: second } = await create({ clientToken: 'one' });

      expect(second?.serviceArn).toBe(first?.serviceArn);
      await expect(create({ clientToken: 'one', desiredCount: 3 })).rejects.toMatchObject({
        name: 'InvalidParameterException',
        message: 'Creation of service was not idempotent.',
      });
      await expect(create()).rejects.toThrowError(/not idempotent/);
    });

    test('replaces a deleted service, and refuses one that is being deleted', async () => {
      const old = addService({ status: 'DRAINING' });
      const early = await create().catch((error: Error) => error.message);
      old.status = 'INACTIVE';

      await create();

      expect(early).toBe('Unable to Start a service that is still Draining.');
      expect((await read())?.status).toBe('ACTIVE');
    });

    test('has the launch type EC2 by default', async () => {
      cloud.ecs.addContainerInstance({ cluster: 'shop' });
      cloud.ecs.addTaskDefinition({
        family: 'worker',
        containerDefinitions: [{ name: 'app', image: 'x', memory: 64 }],
      });

      await create({
        taskDefinition: 'worker',
        launchType: undefined,
        networkConfiguration: undefined,
        deploymentController: { type: 'ECS' },
      });
      await cloud.clock.sleep(20_000);

      expect(await read()).toMatchObject({ launchType: 'EC2', runningCount: 2 });
    });

    test('creates a service with the deployment controller CODE_DEPLOY', async () => {
      await create({ deploymentController: { type: 'CODE_DEPLOY' } });
      await cloud.clock.sleep(30_000);

      expect(await read()).toMatchObject({
        deployments: [],
        taskSets: [{ status: 'PRIMARY', runningCount: 2 }],
      });
    });

    test.each<[string, () => Partial<CreateServiceCommandInput>, RegExp]>([
      ['no count', () => ({ desiredCount: undefined }), /Desired count is required/],
      ['a negative count', () => ({ desiredCount: -1 }), /cannot be negative/],
      ['no network', () => ({ networkConfiguration: undefined }), /must be provided/],
      [
        'two ways to launch',
        () => ({ capacityProviderStrategy: [{ capacityProvider: 'FARGATE' }] }),
        /both a launch type and capacity provider/,
      ],
      [
        'a target group that no load balancer forwards to',
        () => {
          const { arn } = cloud.elasticLoadBalancing.addTargetGroup({ name: 'alone', targetType: 'ip' });
          return { loadBalancers: [{ targetGroupArn: arn, containerName: 'app', containerPort: 8080 }] };
        },
        /does not have an associated load balancer/,
      ],
      [
        'an unknown container',
        () => ({ loadBalancers: [{ ...loadBalancers()[0], containerName: 'other' }] }),
        /container other does not exist/,
      ],
      [
        'an unknown port',
        () => ({ loadBalancers: [{ ...loadBalancers()[0], containerPort: 1 }] }),
        /did not have a container port 1 defined/,
      ],
      [
        'a target group of instances for tasks with addresses',
        () => {
          const { elasticLoadBalancing } = cloud;
          const { arn } = elasticLoadBalancing.addTargetGroup({ name: 'instances' });
          elasticLoadBalancing.addListener({
            loadBalancerArn: elasticLoadBalancing.addLoadBalancer({ name: 'other' }).arn,
            defaultActions: [{ Type: 'forward', TargetGroupArn: arn }],
          });
          return { loadBalancers: [{ targetGroupArn: arn, containerName: 'app', containerPort: 8080 }] };
        },
        /incompatible with the awsvpc network mode/,
      ],
      [
        'Fargate for a task that needs an instance',
        () => {
          cloud.ecs.addTaskDefinition({ ...web, family: 'worker', requiresCompatibilities: ['EC2'] });
          return { taskDefinition: 'worker' };
        },
        /does not support launch_type FARGATE/,
      ],
    ])('refuses %s', async (_, input, message) => {
      await expect(create(input())).rejects.toMatchObject({
        name: 'InvalidParameterException',
        message: expect.stringMatching(message),
      });
    });
  });

  describe('UpdateService', () => {
    test('replaces every task, and stops old ones only when new ones are healthy', async () => {
      addService();
      cloud.ecs.addTaskDefinition(web);
      await update({ taskDefinition: 'web:2' });
      const healthy: number[] = [];

      for (let look = 0; look < 60; look += 1) {
        healthy.push((await states()).filter((state) => state === 'healthy').length);
        await cloud.clock.sleep(5_000);
      }

      expect(Math.min(...healthy)).toBe(2);
      expect(await read()).toMatchObject({
        runningCount: 2,
        deployments: [
          { taskDefinition: expect.stringMatching(/web:2$/), rolloutState: 'COMPLETED', failedTasks: 0 },
        ],
      });
      expect(await reasons()).toEqual([
        expect.stringMatching(
          /^ServiceSchedulerInitiated: Scaling activity initiated by \(deployment ecs-svc\/.*\)$/,
        ),
      ]);
    });

    test('keeps a replaced task until its targets are drained', async () => {
      addService({ desiredCount: 1 });
      await update({ desiredCount: 0 });

      await cloud.clock.sleep(100_000);
      const draining = [cloud.ecs.tasks('shop')[0]?.lastStatus, await states()];
      await cloud.clock.sleep(300_000);

      expect(draining).toEqual(['DEACTIVATING', ['draining']]);
      expect([cloud.ecs.tasks('shop')[0]?.lastStatus, await states()]).toEqual(['STOPPED', []]);
    });

    test.each<[string, Partial<UpdateServiceCommandInput>, number]>([
      ['a count', { desiredCount: 3 }, 1],
      ['a grace period', { healthCheckGracePeriodSeconds: 60 }, 1],
      ['the same network', { networkConfiguration }, 1],
      ['another network', { networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-2'] } } }, 2],
      ['forceNewDeployment', { forceNewDeployment: true }, 2],
    ])('starts a deployment only when necessary: %s', async (_, input, deployments) => {
      addService();

      const { service: updated } = await update(input);

      expect(updated?.deployments).toHaveLength(deployments);
    });

    test('stores and returns settings', async () => {
      addService({ settings: { networkConfiguration } });

      await update({
        capacityProviderStrategy: [{ capacityProvider: 'FARGATE_SPOT', weight: 1 }],
        deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: true } },
        enableExecuteCommand: true,
      });
      await cloud.clock.sleep(60_000);

      const updated = await read();
      expect(updated).toMatchObject({
        capacityProviderStrategy: [{ capacityProvider: 'FARGATE_SPOT' }],
        deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: true } },
        enableExecuteCommand: true,
      });
      expect(updated).not.toHaveProperty('launchType');
      expect(cloud.ecs.tasks('shop').at(-1)).toMatchObject({
        capacityProviderName: 'FARGATE_SPOT',
        enableExecuteCommand: true,
      });
    });

    test('deregisters its tasks from the target groups that they were registered with', async () => {
      addService({ settings: { networkConfiguration, loadBalancers: loadBalancers().slice(0, 1) } });

      await update({ loadBalancers: loadBalancers().slice(1) });
      await cloud.clock.sleep(900_000);

      expect([await states(groups[0]), await states(groups[1])]).toEqual([[], ['healthy', 'healthy']]);
    });

    test('refuses a task definition that was deregistered', async () => {
      addService();
      const [definition] = cloud.ecs.taskDefinitions('web');
      await ecs().send(
        new DeregisterTaskDefinitionCommand({
          taskDefinition: definition?.taskDefinitionArn,
        }),
      );

      await expect(update({ taskDefinition: 'web:1' })).rejects.toThrowError(/inactive/);
    });
  });

  describe('a deployment that does not complete', () => {
    const withBreaker = { deploymentCircuitBreaker: { enable: true, rollback: true } };

    beforeEach(() => {
      cloud.ecs.addTaskDefinition(web);
    });

    async function rollOut(deploymentConfiguration?: CreateServiceCommandInput['deploymentConfiguration']) {
      addService({
        settings: { networkConfiguration, loadBalancers: loadBalancers(), deploymentConfiguration },
      });
      await update({ taskDefinition: 'web:2' });
      await cloud.clock.sleep(1_800_000);
    }

    test.each([
      ['tasks with an unknown image', { kind: 'imageNotFound' } as const, /^TaskFailedToStart: CannotPull/],
      ['tasks that exit', { kind: 'exits' } as const, /^EssentialContainerExited: Essential container/],
      [
        'targets that are never healthy',
        { kind: 'targetUnhealthy' } as const,
        /^ServiceSchedulerInitiated: Task failed ELB health checks in \(target-group arn:aws/,
      ],
      [
        'targets that are not healthy in one of the groups',
        { kind: 'targetUnhealthy', targetGroup: 'internal' } as const,
        /^ServiceSchedulerInitiated: Task failed ELB health checks in .*internal/,
      ],
    ])('because of %s is rolled back by the circuit breaker', async (_, failure, reason) => {
      cloud.ecs.failTasks({ taskDefinition: 'web:2' }, failure);

      await rollOut(withBreaker);

      expect(await read()).toMatchObject({
        taskDefinition: expect.stringMatching(/web:1$/),
        runningCount: 2,
        deployments: [{ rolloutState: 'COMPLETED' }],
      });
      expect((await reasons()).some((it) => reason.test(it))).toBe(true);
      expect(messages().some((it) => /rolling back to deployment/.test(it ?? ''))).toBe(true);
    });

    test('because of a lack of capacity is rolled back, too', async () => {
      cloud.ecs.failTasks({ taskDefinition: 'web:2' }, { kind: 'noCapacity' });

      await rollOut(withBreaker);

      expect((await read())?.taskDefinition).toMatch(/web:1$/);
      expect(messages()).toContainEqual(
        expect.stringMatching(/^\(service web\) was unable to place a task. Reason: Capacity is unavailable/),
      );
    });

    test('is FAILED without a rollback', async () => {
      cloud.ecs.failTasks({ taskDefinition: 'web:2' }, { kind: 'exits' });

      await rollOut({ deploymentCircuitBreaker: { enable: true, rollback: false } });

      expect((await read())?.deployments).toMatchObject([
        {
          status: 'PRIMARY',
          rolloutState: 'FAILED',
          rolloutStateReason: 'ECS deployment circuit breaker: tasks failed to start.',
          failedTasks: 3,
        },
        { status: 'ACTIVE', runningCount: 2 },
      ]);
    });

    test.each([
      ['is retried for ever without a circuit breaker', undefined],
      ['is not counted by the circuit breaker when its tasks run before they exit', withBreaker],
    ])('%s', async (_, configuration) => {
      cloud.ecs.failTasks({ taskDefinition: 'web:2', among: 'service' }, { kind: 'exits', afterSeconds: 20 });

      await rollOut(configuration);

      expect((await read())?.deployments).toMatchObject([
        { status: 'PRIMARY', rolloutState: 'IN_PROGRESS', failedTasks: 0 },
        { status: 'ACTIVE', runningCount: 2 },
      ]);
      expect((await states()).filter((state) => state === 'healthy')).toHaveLength(2);
    });

    test('completes after the failure has ended', async () => {
      const mend = cloud.ecs.failTasks({ taskDefinition: 'web:2' }, { kind: 'targetUnhealthy' });
      await rollOut();

      mend();
      await cloud.clock.sleep(600_000);

      expect(await read()).toMatchObject({
        runningCount: 2,
        deployments: [{ taskDefinition: expect.stringMatching(/web:2$/), rolloutState: 'COMPLETED' }],
      });
    });

    test('waits for container health, and replaces unhealthy tasks after the grace period', async () => {
      const [app = {}] = web.containerDefinitions ?? [];
      cloud.ecs.addTaskDefinition({
        ...web,
        containerDefinitions: [{ ...app, healthCheck: { command: ['CMD', 'true'], interval: 10 } }],
      });
      addService({ settings: { networkConfiguration, healthCheckGracePeriodSeconds: 120 } });
      const mend = cloud.ecs.failTasks({ taskDefinition: 'web:3' }, { kind: 'containerUnhealthy' });

      await update({ taskDefinition: 'web:3' });
      await cloud.clock.sleep(100_000);
      const inGrace = await reasons();
      await cloud.clock.sleep(60_000);
      const after = await reasons();
      mend();
      await cloud.clock.sleep(300_000);

      expect(inGrace).toEqual([]);
      expect(after).toEqual(['ServiceSchedulerInitiated: Task failed container health checks']);
      expect((await read())?.deployments).toMatchObject([{ rolloutState: 'COMPLETED', runningCount: 2 }]);
    });
  });

  describe('a stable service', () => {
    test('replaces a task after StopTask', async () => {
      addService();
      const [first] = cloud.ecs.tasks('shop');

      await ecs().send(new StopTaskCommand({ cluster: 'shop', task: first?.taskArn }));
      await cloud.clock.sleep(900_000);

      expect(await read()).toMatchObject({ runningCount: 2, deployments: [{ failedTasks: 0 }] });
      expect(await states()).toEqual(['healthy', 'healthy']);
    });

    test('replaces tasks whose targets become unhealthy', async () => {
      addService();
      const mend = cloud.ecs.failTasks({ taskDefinition: 'web:1' }, { kind: 'targetUnhealthy' });
      await cloud.clock.sleep(10_000);
      mend();
      await cloud.clock.sleep(900_000);

      expect(await reasons()).toEqual([expect.stringMatching(/Task failed ELB health checks/)]);
      expect(await states()).toEqual(['healthy', 'healthy']);
    });

    test('registers instances with the host ports of its tasks', async () => {
      const { elasticLoadBalancing } = cloud;
      cloud.ecs.addContainerInstance({ cluster: 'shop', ec2InstanceId: 'i-0123' });
      cloud.ecs.addTaskDefinition({
        family: 'worker',
        networkMode: 'bridge',
        containerDefinitions: [
          { name: 'app', image: 'x', memory: 64, portMappings: [{ containerPort: 80 }] },
        ],
      });
      const { arn } = elasticLoadBalancing.addTargetGroup({ name: 'instances' });
      elasticLoadBalancing.addListener({
        loadBalancerArn: elasticLoadBalancing.addLoadBalancer({ name: 'other' }).arn,
        defaultActions: [{ Type: 'forward', TargetGroupArn: arn }],
      });

      addService({
        taskDefinition: 'worker:1',
        settings: { loadBalancers: [{ targetGroupArn: arn, containerName: 'app', containerPort: 80 }] },
      });

      expect(elasticLoadBalancing.targetGroup(arn).targets).toEqual([
        { id: 'i-0123', port: 32_768 },
        { id: 'i-0123', port: 32_769 },
      ]);
      expect(await states(arn)).toEqual(['healthy', 'healthy']);
    });

    test('throws TypeError without an instance for its tasks', () => {
      cloud.ecs.addTaskDefinition({ ...web, family: 'worker', requiresCompatibilities: ['EC2'] });

      expect(() => addService({ taskDefinition: 'worker:1' })).toThrowError(
        /Cannot place the tasks of ECS service web/,
      );
    });

    test('copies its tags to its tasks with propagateTags', () => {
      const tags = [{ key: 'team', value: 'shop' }];

      addService({
        tags,
        settings: { networkConfiguration, propagateTags: 'SERVICE', enableECSManagedTags: true },
      });

      expect(cloud.ecs.tasks('shop')[0]?.tags).toEqual([
        ...tags,
        { key: 'aws:ecs:clusterName', value: 'shop' },
        { key: 'aws:ecs:serviceName', value: 'web' },
      ]);
    });
  });
});
