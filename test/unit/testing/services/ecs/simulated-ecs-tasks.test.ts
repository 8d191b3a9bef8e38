import {
  DeregisterTaskDefinitionCommand,
  DescribeContainerInstancesCommand,
  DescribeTasksCommand,
  ListContainerInstancesCommand,
  ListTagsForResourceCommand,
  ListTasksCommand,
  type ListTasksCommandInput,
  type RegisterTaskDefinitionCommandInput,
  RunTaskCommand,
  type RunTaskCommandInput,
  StartTaskCommand,
  type StartTaskCommandInput,
  StopTaskCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-ecs';
import { beforeEach, describe, expect, test } from 'vitest';
import { SimulatedCloud } from '../../../../../src/testing/index.js';

const fargate: RegisterTaskDefinitionCommandInput = {
  family: 'web',
  networkMode: 'awsvpc',
  requiresCompatibilities: ['FARGATE'],
  cpu: '256',
  memory: '512',
  containerDefinitions: [
    { name: 'app', image: 'shop/web:1', portMappings: [{ containerPort: 8080 }] },
    { name: 'helper', image: 'shop/helper:1', essential: false },
  ],
};

const bridge: RegisterTaskDefinitionCommandInput = {
  family: 'worker',
  networkMode: 'bridge',
  containerDefinitions: [
    { name: 'app', image: 'shop/worker:1', memory: 1024, portMappings: [{ containerPort: 80 }] },
  ],
};

const networkConfiguration = { awsvpcConfiguration: { subnets: ['subnet-1'] } };

let cloud: SimulatedCloud;

beforeEach(() => {
  cloud = new SimulatedCloud();
  cloud.ecs.addCluster('shop');
  cloud.ecs.addTaskDefinition(fargate);
  cloud.ecs.addTaskDefinition(bridge);
});

const ecs = () => cloud.clients.ecs;

function run(input: Partial<RunTaskCommandInput> = {}) {
  return ecs().send(
    new RunTaskCommand({
      cluster: 'shop',
      taskDefinition: 'web:1',
      launchType: 'FARGATE',
      networkConfiguration,
      ...input,
    }),
  );
}

const onEc2 = { launchType: 'EC2', taskDefinition: 'worker:1', networkConfiguration: undefined } as const;

async function runOne(input: Partial<RunTaskCommandInput> = {}): Promise<string> {
  const { tasks = [] } = await run(input);
  return tasks[0]?.taskArn ?? 'none';
}

function start(input: Partial<StartTaskCommandInput>) {
  return ecs().send(
    new StartTaskCommand({
      cluster: 'shop',
      taskDefinition: 'worker:1',
      containerInstances: undefined,
      ...input,
    }),
  );
}

function stop(task: string, reason?: string) {
  return ecs().send(new StopTaskCommand({ cluster: 'shop', task, reason }));
}

async function list(input: Partial<ListTasksCommandInput> = {}) {
  const { taskArns } = await ecs().send(new ListTasksCommand({ cluster: 'shop', ...input }));
  return taskArns;
}

async function describeTask(taskArn: string) {
  const { tasks } = await ecs().send(
    new DescribeTasksCommand({ cluster: 'shop', tasks: [taskArn], include: ['TAGS'] }),
  );
  return tasks?.[0];
}

async function statuses(taskArn: string, looks: number): Promise<string[]> {
  const seen: string[] = [];
  for (let look = 0; look < looks; look += 1) {
    seen.push((await describeTask(taskArn))?.lastStatus ?? 'MISSING');
    await cloud.clock.sleep(1_000);
  }
  return seen.filter((status, index) => status !== seen[index - 1]);
}

describe('SimulatedEcs', () => {
  describe('RunTask', () => {
    test('starts a task that gets an address, runs, and stops after StopTask', async () => {
      const taskArn = await runOne();

      const created = await describeTask(taskArn);
      const up = await statuses(taskArn, 8);
      const running = await describeTask(taskArn);
      await stop(taskArn, 'enough');
      const down = await statuses(taskArn, 15);

      expect(taskArn).toMatch(/^arn:aws:ecs:eu-west-1:123456789012:task\/shop\/[0-9a-f]{32}$/);
      expect(created?.attachments).toMatchObject([
        { status: 'PRECREATED', details: [{ name: 'subnetId', value: 'subnet-1' }] },
      ]);
      expect(up).toEqual(['PROVISIONING', 'PENDING', 'RUNNING']);
      expect(running).toMatchObject({
        desiredStatus: 'RUNNING',
        group: 'family:web',
        launchType: 'FARGATE',
        platformVersion: '1.4.0',
        healthStatus: 'UNKNOWN',
        attachments: [
          {
            type: 'ElasticNetworkInterface',
            status: 'ATTACHED',
            details: expect.arrayContaining([{ name: 'privateIPv4Address', value: '10.0.0.1' }]),
          },
        ],
        containers: [
          { name: 'app', lastStatus: 'RUNNING', networkInterfaces: [{ privateIpv4Address: '10.0.0.1' }] },
          { name: 'helper' },
        ],
      });
      expect(down).toEqual(['RUNNING', 'STOPPING', 'DEPROVISIONING', 'STOPPED']);
      expect(await describeTask(taskArn)).toMatchObject({
        stopCode: 'UserInitiated',
        stoppedReason: 'enough',
        containers: [{ exitCode: 143 }, { exitCode: 143 }],
        attachments: [{ status: 'DELETED' }],
      });
    });

    test('returns the tags of a task with include: TAGS', async () => {
      const tags = [{ key: 'rollout', value: 'one' }];
      const taskArn = await runOne({ tags, startedBy: 'me', group: 'canaries' });

      const { tasks } = await ecs().send(new DescribeTasksCommand({ cluster: 'shop', tasks: [taskArn] }));

      expect(tasks).toMatchObject([{ tags: [], startedBy: 'me', group: 'canaries' }]);
      expect((await describeTask(taskArn))?.tags).toEqual(tags);
    });

    test('copies the tags of the task definition with propagateTags', async () => {
      cloud.ecs.addTaskDefinition({
        ...fargate,
        tags: [
          { key: 'team', value: 'shop' },
          { key: 'rollout', value: 'none' },
        ],
      });

      const taskArn = await runOne({
        taskDefinition: 'web',
        propagateTags: 'TASK_DEFINITION',
        tags: [{ key: 'rollout', value: 'one' }],
      });

      expect((await describeTask(taskArn))?.tags).toEqual([
        { key: 'rollout', value: 'one' },
        { key: 'team', value: 'shop' },
      ]);
    });

    test('starts no second task for the same client token', async () => {
      const first = await runOne({ clientToken: 'token' });

      const second = await runOne({ clientToken: 'token' });

      expect(second).toBe(first);
      expect(cloud.ecs.tasks('shop')).toHaveLength(1);
      await expect(run({ clientToken: 'token', count: 2 })).rejects.toMatchObject({
        name: 'ConflictException',
        resourceIds: [first],
      });
    });

    test('starts a task by a capacity provider', async () => {
      const capacityProviderStrategy = [{ capacityProvider: 'FARGATE_SPOT', weight: 1 }];

      const taskArn = await runOne({ launchType: undefined, capacityProviderStrategy });

      expect(await describeTask(taskArn)).toMatchObject({
        launchType: 'FARGATE',
        capacityProviderName: 'FARGATE_SPOT',
      });
    });

    test.each<[string, Partial<RunTaskCommandInput>, string, RegExp]>([
      ['an unknown cluster', { cluster: 'shed' }, 'ClusterNotFoundException', /Cluster not found/],
      ['an unknown revision', { taskDefinition: 'web:9' }, 'ClientException', /Unable to describe/],
      ['no network', { networkConfiguration: undefined }, 'InvalidParameterException', /must be provided/],
      [
        'a network configuration for the mode bridge',
        { taskDefinition: 'worker:1', launchType: undefined },
        'InvalidParameterException',
        /not valid for the given networkMode/,
      ],
      [
        'Fargate for a task that needs an instance',
        { ...onEc2, launchType: 'FARGATE' },
        'InvalidParameterException',
        /does not support launch_type FARGATE/,
      ],
      [
        'two ways to launch',
        { capacityProviderStrategy: [{ capacityProvider: 'FARGATE' }] },
        'InvalidParameterException',
        /both a launch type and capacity provider/,
      ],
      ['more than ten tasks', { count: 11 }, 'InvalidParameterException', /Count/],
      ['an unknown platform', { platformVersion: '9.9.9' }, 'PlatformUnknownException', /platform/],
      ['a tag of AWS', { tags: [{ key: 'aws:x', value: '' }] }, 'InvalidParameterException', /aws:/],
      ['a long starter', { startedBy: 'x'.repeat(129) }, 'InvalidParameterException', /startedBy/],
      ['a starter with other characters', { startedBy: 'a b' }, 'InvalidParameterException', /startedBy/],
      ['the tags of a service', { propagateTags: 'SERVICE' }, 'InvalidParameterException', /SERVICE/],
      [
        'a placement strategy on Fargate',
        { placementStrategy: [{ type: 'random' }] },
        'InvalidParameterException',
        /Placement strategies are not supported/,
      ],
      [
        'placement constraints on Fargate',
        { placementConstraints: [{ type: 'distinctInstance' }] },
        'InvalidParameterException',
        /Placement constraints are not supported/,
      ],
      [
        'a platform version on EC2',
        { ...onEc2, platformVersion: '1.4.0' },
        'InvalidParameterException',
        /platform version must be null/,
      ],
      [
        'a volume that the task definition does not have',
        { volumeConfigurations: [{ name: 'data', managedEBSVolume: { roleArn: 'role', sizeInGiB: 1 } }] },
        'InvalidParameterException',
        /no volume data/,
      ],
      ['too many tags', { tags: Array(51).fill({ key: 'a' }) }, 'InvalidParameterException', /Tags/],
    ])('refuses %s', async (_, input, name, message) => {
      cloud.ecs.addContainerInstance({ cluster: 'shop' });

      await expect(run(input)).rejects.toMatchObject({ name, message: expect.stringMatching(message) });
    });

    test('refuses EC2 without an instance, and a task definition that was deregistered', async () => {
      await ecs().send(new DeregisterTaskDefinitionCommand({ taskDefinition: 'web:1' }));

      await expect(run(onEc2)).rejects.toThrowError(/No Container Instances were found/);
      await expect(run()).rejects.toThrowError(/TaskDefinition is inactive/);
    });

    test('returns a failure when Fargate has no capacity', async () => {
      const mend = cloud.ecs.failTasks({ taskDefinition: 'web' }, { kind: 'noCapacity' });

      const full = await run();
      mend();

      expect(full).toMatchObject({
        tasks: [],
        failures: [{ reason: expect.stringMatching(/^Capacity is unavailable/) }],
      });
      expect((await run()).failures).toEqual([]);
    });
  });

  describe('tasks on container instances', () => {
    test('use host ports, and leave the remaining resources', async () => {
      const { containerInstanceArn } = cloud.ecs.addContainerInstance({
        cluster: 'shop',
        ec2InstanceId: 'i-0123',
        memory: 2048,
      });

      await run({ ...onEc2, count: 2 });
      await cloud.clock.sleep(5_000);

      const bindings = cloud.ecs.tasks('shop').map(({ containers }) => containers?.[0]?.networkBindings);
      expect(bindings).toMatchObject([
        [{ containerPort: 80, hostPort: 32_768, bindIP: '0.0.0.0', protocol: 'tcp' }],
        [{ containerPort: 80, hostPort: 32_769 }],
      ]);
      expect(cloud.ecs.tasks('shop')).toMatchObject([
        { containerInstanceArn, launchType: 'EC2', lastStatus: 'RUNNING', attachments: [] },
        {},
      ]);
      const { containerInstances } = await ecs().send(
        new DescribeContainerInstancesCommand({
          cluster: 'shop',
          containerInstances: [containerInstanceArn],
        }),
      );
      expect(containerInstances).toMatchObject([
        {
          ec2InstanceId: 'i-0123',
          runningTasksCount: 2,
          pendingTasksCount: 0,
          remainingResources: [{}, { name: 'MEMORY', integerValue: 0 }, {}],
        },
      ]);
    });

    test('use host ports on the host network, without bindings', async () => {
      const { containerInstanceArn: arn } = cloud.ecs.addContainerInstance({ cluster: 'shop' });
      const taskDefinition = cloud.ecs.addTaskDefinition({
        family: 'agent',
        networkMode: 'host',
        containerDefinitions: [
          { name: 'app', image: 'agent', memory: 128, portMappings: [{ containerPort: 80 }] },
        ],
      });
      await run({ ...onEc2, taskDefinition });
      await cloud.clock.sleep(5_000);

      expect(cloud.ecs.tasks('shop')).toMatchObject([
        { lastStatus: 'RUNNING', containers: [{ networkBindings: [] }] },
      ]);
      expect((await run({ ...onEc2, taskDefinition })).failures).toEqual([{ arn, reason: 'RESOURCE:PORTS' }]);
    });

    test('are placed where there is room, and refused otherwise', async () => {
      const small = cloud.ecs.addContainerInstance({ cluster: 'shop', memory: 512 });
      const large = cloud.ecs.addContainerInstance({ cluster: 'shop', memory: 1024 });

      const { tasks, failures } = await run({ ...onEc2, count: 2 });

      expect(tasks).toMatchObject([{ containerInstanceArn: large.containerInstanceArn }]);
      expect(failures).toEqual([
        { arn: small.containerInstanceArn, reason: 'RESOURCE:MEMORY' },
        { arn: large.containerInstanceArn, reason: 'RESOURCE:MEMORY' },
      ]);
    });

    test('release their resources when they stop', async () => {
      cloud.ecs.addContainerInstance({ cluster: 'shop', memory: 1024 });
      const taskArn = await runOne(onEc2);
      await cloud.clock.sleep(5_000);

      await stop(taskArn);
      await cloud.clock.sleep(20_000);

      expect((await run(onEc2)).failures).toEqual([]);
    });

    test('are started on the given instances', async () => {
      cloud.ecs.addContainerInstance({ cluster: 'shop' });
      const { containerInstanceArn } = cloud.ecs.addContainerInstance({ cluster: 'shop' });

      const { tasks } = await start({ containerInstances: [containerInstanceArn.split('/').at(-1) ?? ''] });

      expect(tasks).toMatchObject([{ containerInstanceArn, launchType: 'EC2' }]);
    });

    test.each<[string, (instance: ReturnType<typeof cloud.ecs.addContainerInstance>) => void, string]>([
      [
        'its agent is disconnected',
        (instance) => {
          instance.agentConnected = false;
        },
        'AGENT',
      ],
      [
        'it drains',
        (instance) => {
          instance.status = 'DRAINING';
        },
        'INACTIVE',
      ],
      [
        'a test has set noCapacity',
        () => {
          cloud.ecs.failTasks({}, { kind: 'noCapacity', reason: 'RESOURCE:ENI' });
        },
        'RESOURCE:ENI',
      ],
    ])('are not started on an instance when %s', async (_, spoil, reason) => {
      const instance = cloud.ecs.addContainerInstance({ cluster: 'shop' });
      spoil(instance);
      const arn = instance.containerInstanceArn;

      const { tasks, failures } = await start({ containerInstances: [arn] });

      expect(tasks).toEqual([]);
      expect(failures).toEqual([{ arn, reason }]);
    });

    test('are not started without CPU, without a free port, or without an instance', async () => {
      const { containerInstanceArn: arn } = cloud.ecs.addContainerInstance({ cluster: 'shop', cpu: 128 });
      cloud.ecs.addTaskDefinition({
        ...bridge,
        family: 'host',
        networkMode: 'host',
        containerDefinitions: [
          { name: 'app', image: 'x', memoryReservation: 64, portMappings: [{ containerPort: 80 }] },
        ],
      });
      cloud.ecs.addTaskDefinition({ ...bridge, family: 'big', cpu: '256', memory: '128' });
      const on = (taskDefinition: string) => start({ taskDefinition, containerInstances: [arn] });

      await on('host:1');

      expect((await on('host:1')).failures).toEqual([{ arn, reason: 'RESOURCE:PORTS' }]);
      expect((await on('big:1')).failures).toEqual([{ arn, reason: 'RESOURCE:CPU' }]);
      expect((await start({ containerInstances: ['gone'] })).failures).toEqual([
        { arn: expect.stringMatching(/container-instance\/shop\/gone$/), reason: 'MISSING' },
      ]);
    });

    test('are started on one to ten instances', async () => {
      cloud.ecs.addContainerInstance({ cluster: 'shop' });

      await expect(start({ containerInstances: [] })).rejects.toThrowError(/cannot be empty/);
      await expect(start({ containerInstances: Array(11).fill('x') })).rejects.toThrowError(/more than 10/);
    });

    test('run on instances that are found by EC2 instance ID', async () => {
      cloud.ecs.addContainerInstance({ cluster: 'shop' });
      const wanted = cloud.ecs.addContainerInstance({ cluster: 'shop', ec2InstanceId: 'i-0123' });
      wanted.status = 'DRAINING';
      const find = async (filter?: string, status?: 'ACTIVE') => {
        const { containerInstanceArns } = await ecs().send(
          new ListContainerInstancesCommand({ cluster: 'shop', filter, status }),
        );
        return containerInstanceArns;
      };

      expect(await find('ec2InstanceId == i-0123')).toEqual([wanted.containerInstanceArn]);
      expect(await find()).toHaveLength(2);
      expect(await find(undefined, 'ACTIVE')).toHaveLength(1);
      await expect(find('memory > 3')).rejects.toMatchObject({ name: 'InvalidParameterException' });
    });
  });

  describe('failTasks', () => {
    test('stops a task whose image does not exist', async () => {
      cloud.ecs.failTasks({ image: 'shop/web:1' }, { kind: 'imageNotFound' });
      const taskArn = await runOne();

      const seen = await statuses(taskArn, 9);

      expect(seen).toEqual(['PROVISIONING', 'PENDING', 'DEPROVISIONING', 'STOPPED']);
      const task = await describeTask(taskArn);
      expect(task).toMatchObject({
        stopCode: 'TaskFailedToStart',
        stoppedReason: expect.stringMatching(/^CannotPullContainerError: .*shop\/web:1: not found$/),
        containers: [{ reason: task?.stoppedReason }, {}],
      });
      expect(task?.containers?.[0]).not.toHaveProperty('exitCode');
    });

    test.each([
      ['at once', { kind: 'exits' } as const, ['PROVISIONING', 'PENDING', 'DEPROVISIONING', 'STOPPED'], 1],
      [
        'after a while',
        { kind: 'exits', exitCode: 137, afterSeconds: 10 } as const,
        ['PROVISIONING', 'PENDING', 'RUNNING', 'DEPROVISIONING', 'STOPPED'],
        137,
      ],
    ])('an essential container that exits %s', async (_, failure, expected, exitCode) => {
      cloud.ecs.failTasks({ taskDefinition: 'web:1', among: 'standalone' }, failure);
      const taskArn = await runOne();

      expect(await statuses(taskArn, 20)).toEqual(expected);
      expect(await describeTask(taskArn)).toMatchObject({
        stopCode: 'EssentialContainerExited',
        stoppedReason: 'Essential container in task exited',
        containers: [{ exitCode }, { exitCode: 143 }],
      });
    });

    test('keeps a task PENDING, which can be stopped', async () => {
      const taskDefinition = cloud.ecs.taskDefinitions('web')[0]?.taskDefinitionArn ?? '';
      cloud.ecs.failTasks({ taskDefinition }, { kind: 'staysPending' });
      const taskArn = await runOne();

      await cloud.clock.sleep(3_600_000);
      const later = await describeTask(taskArn);
      await stop(taskArn);
      await cloud.clock.sleep(10_000);

      expect(later?.lastStatus).toBe('PENDING');
      expect(await describeTask(taskArn)).toMatchObject({
        lastStatus: 'STOPPED',
        stoppedReason: 'Task stopped by user',
      });
    });

    test('leaves the tasks of services unchanged when only standalone ones are selected', async () => {
      cloud.ecs.failTasks({ taskDefinition: 'web', among: 'service' }, { kind: 'exits' });
      const taskArn = await runOne();

      await cloud.clock.sleep(10_000);

      expect((await describeTask(taskArn))?.lastStatus).toBe('RUNNING');
    });
  });

  describe('the health of containers', () => {
    beforeEach(() => {
      const healthCheck = { command: ['CMD', 'true'], interval: 10, startPeriod: 5 };
      const [app = {}, ...others] = fargate.containerDefinitions ?? [];
      cloud.ecs.addTaskDefinition({
        ...fargate,
        family: 'checked',
        containerDefinitions: [{ ...app, healthCheck }, ...others],
      });
    });

    async function healthAfter(taskArn: string, seconds: number) {
      await cloud.clock.sleep(seconds * 1000);
      const task = await describeTask(taskArn);
      return [task?.healthStatus, ...(task?.containers?.map(({ healthStatus }) => healthStatus) ?? [])];
    }

    test('is known after the first check', async () => {
      const taskArn = await runOne({ taskDefinition: 'checked' });

      expect(await healthAfter(taskArn, 6)).toEqual(['UNKNOWN', 'UNKNOWN', 'UNKNOWN']);
      expect(await healthAfter(taskArn, 10)).toEqual(['HEALTHY', 'HEALTHY', 'UNKNOWN']);
    });

    test('is UNHEALTHY after failed checks, which does not stop a standalone task', async () => {
      cloud.ecs.failTasks({ taskDefinition: 'checked' }, { kind: 'containerUnhealthy' });
      const taskArn = await runOne({ taskDefinition: 'checked' });

      expect(await healthAfter(taskArn, 34)).toEqual(['UNKNOWN', 'UNKNOWN', 'UNKNOWN']);
      expect(await healthAfter(taskArn, 10)).toEqual(['UNHEALTHY', 'UNHEALTHY', 'UNKNOWN']);
      expect((await describeTask(taskArn))?.lastStatus).toBe('RUNNING');
    });
  });

  describe('StopTask', () => {
    test('leaves a stopping task unchanged', async () => {
      const taskArn = await runOne();
      await stop(taskArn, 'first');
      await cloud.clock.sleep(1_000);

      const { task } = await stop(taskArn, 'second');

      expect(task).toMatchObject({ desiredStatus: 'STOPPED', stoppedReason: 'first' });
    });

    test('finds a task by its ID, and not by that of another', async () => {
      const taskArn = await runOne();

      await stop(taskArn.slice(taskArn.lastIndexOf('/') + 1));

      expect(cloud.ecs.tasks('shop')).toMatchObject([{ desiredStatus: 'STOPPED' }]);
      await expect(stop('0'.repeat(32))).rejects.toMatchObject({
        name: 'InvalidParameterException',
        message: 'The referenced task was not found.',
      });
    });
  });

  describe('DescribeTasks', () => {
    test('omits a task an hour after its stop', async () => {
      const taskArn = await runOne();
      await stop(taskArn);
      await cloud.clock.sleep(3_590_000);
      const before = await describeTask(taskArn);
      await cloud.clock.sleep(60_000);

      const answer = await ecs().send(new DescribeTasksCommand({ cluster: 'shop', tasks: [taskArn] }));

      expect(before?.lastStatus).toBe('STOPPED');
      expect(answer).toMatchObject({ tasks: [], failures: [{ arn: taskArn, reason: 'MISSING' }] });
    });

    test('accepts one to a hundred tasks', async () => {
      const ask = (tasks: string[]) => ecs().send(new DescribeTasksCommand({ cluster: 'shop', tasks }));

      await expect(ask([])).rejects.toThrowError(/cannot be empty/);
      await expect(ask(Array(101).fill('x'))).rejects.toThrowError(/more than 100/);
    });
  });

  describe('ListTasks', () => {
    test('lists tasks by desired status', async () => {
      const taskArn = await runOne({ startedBy: 'canary' });
      await runOne();

      const before = await list({ startedBy: 'canary' });
      await stop(taskArn);

      expect(before).toEqual([taskArn]);
      expect(await list({ startedBy: 'canary' })).toEqual([]);
      expect(await list({ desiredStatus: 'STOPPED' })).toEqual([taskArn]);
    });

    test('filters by family, service, launch type and instance', async () => {
      const { containerInstanceArn } = cloud.ecs.addContainerInstance({ cluster: 'shop' });
      cloud.ecs.addService({
        cluster: 'shop',
        name: 'web',
        desiredCount: 2,
        taskDefinition: 'web:1',
        settings: { networkConfiguration },
      });
      const alone = await runOne();
      const worker = await runOne(onEc2);

      expect(await list({ family: 'web' })).toHaveLength(3);
      expect(await list({ serviceName: 'web' })).toHaveLength(2);
      expect(await list({ serviceName: 'web' })).not.toContain(alone);
      expect(await list({ launchType: 'EC2' })).toEqual([worker]);
      expect(await list({ containerInstance: containerInstanceArn })).toEqual([worker]);
    });

    test('returns pages', async () => {
      await run({ count: 3 });

      const first = await ecs().send(new ListTasksCommand({ cluster: 'shop', maxResults: 2 }));
      const second = await ecs().send(
        new ListTasksCommand({ cluster: 'shop', maxResults: 2, nextToken: first.nextToken }),
      );

      expect([first.taskArns?.length, second.taskArns?.length, second.nextToken]).toEqual([2, 1, undefined]);
    });

    test('refuses other filters beside startedBy, and an unknown service', async () => {
      await expect(list({ startedBy: 'me', family: 'web' })).rejects.toThrowError(/startedBy/);
      await expect(list({ serviceName: 'gone' })).rejects.toMatchObject({ name: 'ServiceNotFoundException' });
    });
  });

  describe('TagResource, UntagResource, ListTagsForResource', () => {
    test.each<[string, () => Promise<string>]>([
      ['a task', () => runOne()],
      [
        'a service',
        async () => cloud.ecs.addService({ cluster: 'shop', name: 'x', desiredCount: 0 }).serviceArn,
      ],
      ['a task definition', async () => cloud.ecs.taskDefinitions('web')[0]?.taskDefinitionArn ?? ''],
    ])('change the tags of %s', async (_, make) => {
      const resourceArn = await make();
      const read = async () =>
        (await ecs().send(new ListTagsForResourceCommand({ resourceArn }))).tags?.map(
          ({ key, value }) => `${key}=${value}`,
        );

      await ecs().send(new TagResourceCommand({ resourceArn, tags: [{ key: 'a', value: '1' }] }));
      await ecs().send(
        new TagResourceCommand({
          resourceArn,
          tags: [
            { key: 'a', value: '2' },
            { key: 'b', value: '3' },
          ],
        }),
      );
      const tagged = await read();
      await ecs().send(new UntagResourceCommand({ resourceArn, tagKeys: ['a'] }));

      expect(tagged).toEqual(['a=2', 'b=3']);
      expect(await read()).toEqual(['b=3']);
    });

    test('refuse an unknown resource', async () => {
      const request = new TagResourceCommand({ resourceArn: 'arn:aws:ecs:x', tags: [] });

      await expect(ecs().send(request)).rejects.toMatchObject({ name: 'InvalidParameterException' });
    });
  });
});
