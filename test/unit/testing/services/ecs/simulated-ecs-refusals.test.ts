import {
  CreateServiceCommand,
  type CreateServiceCommandInput,
  DescribeServicesCommand,
  type RegisterTaskDefinitionCommandInput,
  RunTaskCommand,
  StartTaskCommand,
  type TaskManagedEBSVolumeConfiguration,
  UpdateServiceCommand,
  type UpdateServiceCommandInput,
} from '@aws-sdk/client-ecs';
import { beforeEach, describe, expect, test } from 'vitest';
import { SimulatedCloud } from '../../../../../src/testing/index.js';

const web: RegisterTaskDefinitionCommandInput = {
  family: 'web',
  networkMode: 'awsvpc',
  requiresCompatibilities: ['EC2', 'FARGATE'],
  cpu: '256',
  memory: '512',
  containerDefinitions: [{ name: 'app', image: 'web:1', portMappings: [{ containerPort: 8080 }] }],
};
const networkConfiguration = { awsvpcConfiguration: { subnets: ['subnet-1'] } };

let cloud: SimulatedCloud;

beforeEach(() => {
  cloud = new SimulatedCloud();
  cloud.ecs.addContainerInstance({ cluster: 'shop' });
  cloud.ecs.addTaskDefinition(web);
});

const ecs = () => cloud.clients.ecs;

function create(input: Partial<CreateServiceCommandInput>) {
  const service = { cluster: 'shop', serviceName: 'web', taskDefinition: 'web', networkConfiguration };
  return ecs().send(new CreateServiceCommand({ ...service, ...input }));
}

function update(input: Partial<UpdateServiceCommandInput>) {
  return ecs().send(new UpdateServiceCommand({ cluster: 'shop', service: 'web', ...input }));
}

async function read() {
  const { services } = await ecs().send(new DescribeServicesCommand({ cluster: 'shop', services: ['web'] }));
  return services?.[0];
}

const refusal = (message: RegExp) => ({
  name: 'InvalidParameterException',
  message: expect.stringMatching(message),
});

function addTargetGroup(targetType: 'ip' | 'instance' = 'ip'): string {
  const { elasticLoadBalancing } = cloud;
  const { arn } = elasticLoadBalancing.addTargetGroup({
    name: `group-${targetType}`,
    targetType,
    port: 8080,
  });
  elasticLoadBalancing.addListener({
    loadBalancerArn: elasticLoadBalancing.addLoadBalancer({ name: `lb-${targetType}` }).arn,
    defaultActions: [{ Type: 'forward', TargetGroupArn: arn }],
  });
  return arn;
}

describe('SimulatedEcs', () => {
  describe('a daemon', () => {
    test('runs one task on each container instance, and stops the old one first', async () => {
      cloud.ecs.addContainerInstance({ cluster: 'shop' });

      await create({ schedulingStrategy: 'DAEMON', launchType: 'EC2' });
      await cloud.clock.sleep(60_000);

      expect(await read()).toMatchObject({
        schedulingStrategy: 'DAEMON',
        desiredCount: 2,
        runningCount: 2,
        deploymentConfiguration: { maximumPercent: 100, minimumHealthyPercent: 0 },
      });
    });

    test.each<[string, Partial<CreateServiceCommandInput>, RegExp]>([
      ['Fargate', { launchType: 'FARGATE' }, /FARGATE/],
      [
        'capacity providers',
        { capacityProviderStrategy: [{ capacityProvider: 'asg' }] },
        /capacity provider/,
      ],
      ['a placement strategy', { placementStrategy: [{ type: 'random' }] }, /placement strategy/],
      ['CodeDeploy', { deploymentController: { type: 'CODE_DEPLOY' } }, /CODE_DEPLOY/],
      ['an external controller', { deploymentController: { type: 'EXTERNAL' } }, /EXTERNAL/],
      ['a desired count', { desiredCount: 2 }, /desired count/],
      ['a desired count of 0', { desiredCount: 0 }, /desired count/],
      [
        'more than one task an instance',
        { deploymentConfiguration: { maximumPercent: 200 } },
        /maximumPercent/,
      ],
      [
        'volumes',
        { volumeConfigurations: [{ name: 'data', managedEBSVolume: { roleArn: 'role', sizeInGiB: 1 } }] },
        /volume/,
      ],
      ['rebalancing', { availabilityZoneRebalancing: 'ENABLED' }, /rebalancing/],
    ])('is refused with %s', async (_, input, message) => {
      await expect(create({ schedulingStrategy: 'DAEMON', ...input })).rejects.toMatchObject(
        refusal(message),
      );
      await expect(create({ schedulingStrategy: 'DAEMON' })).resolves.toBeDefined();
    });

    test.each<[string, Partial<UpdateServiceCommandInput>, RegExp]>([
      ['a desired count', { desiredCount: 1 }, /desired count/],
      [
        'more than one task an instance',
        { deploymentConfiguration: { maximumPercent: 150 } },
        /maximumPercent/,
      ],
      [
        'capacity providers',
        { capacityProviderStrategy: [{ capacityProvider: 'asg' }] },
        /capacity provider/,
      ],
      ['a placement strategy', { placementStrategy: [{ type: 'random' }] }, /placement strategy/],
    ])('cannot be updated to %s', async (_, input, message) => {
      await create({ schedulingStrategy: 'DAEMON' });

      await expect(update(input)).rejects.toMatchObject(refusal(message));
      await expect(update({ deploymentConfiguration: { maximumPercent: 100 } })).resolves.toBeDefined();
    });
  });

  describe('CreateService', () => {
    test.each<[string, Partial<CreateServiceCommandInput>, RegExp]>([
      [
        'a placement strategy on Fargate',
        { placementStrategy: [{ type: 'random' }] },
        /Placement strategies/,
      ],
      [
        'placement constraints on Fargate',
        { placementConstraints: [{ type: 'distinctInstance' }] },
        /Placement constraints/,
      ],
      ['a platform version on EC2', { launchType: 'EC2', platformVersion: '1.4.0' }, /platform version/],
      [
        'a circuit breaker with CodeDeploy',
        {
          deploymentController: { type: 'CODE_DEPLOY' },
          deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: true } },
        },
        /circuit breaker/,
      ],
      [
        'two service registries',
        { serviceRegistries: [{ registryArn: 'a' }, { registryArn: 'b' }] },
        /registry/,
      ],
      [
        'rebalancing with a maximumPercent of 100',
        { availabilityZoneRebalancing: 'ENABLED', deploymentConfiguration: { maximumPercent: 100 } },
        /rebalancing/,
      ],
      ['a tag of AWS', { tags: [{ key: 'aws:x', value: '' }] }, /aws:/],
    ])('refuses %s', async (_, input, message) => {
      await expect(create({ desiredCount: 1, launchType: 'FARGATE', ...input })).rejects.toMatchObject(
        refusal(message),
      );
    });

    test('refuses a target group whose targets have another kind of address', async () => {
      cloud.ecs.addTaskDefinition({
        ...web,
        family: 'bridge',
        networkMode: 'bridge',
        requiresCompatibilities: [],
      });
      const loadBalancers = [
        { targetGroupArn: addTargetGroup('ip'), containerName: 'app', containerPort: 8080 },
      ];

      const creation = create({
        taskDefinition: 'bridge',
        desiredCount: 1,
        networkConfiguration: undefined,
        loadBalancers,
      });

      await expect(creation).rejects.toMatchObject(refusal(/target type ip.*incompatible with the bridge/));
    });
  });

  describe('a task definition that is not registered', () => {
    test.each(['typo:9', 'typo', 'web:9', 'arn:aws:ecs:eu-west-1:123456789012:task-definition/web:9'])(
      'is refused by every operation (%s)',
      async (taskDefinition) => {
        await create({ desiredCount: 1, launchType: 'FARGATE' });
        const expected = { name: 'ClientException', message: 'Unable to describe task definition.' };
        const task = { cluster: 'shop', taskDefinition, networkConfiguration };

        await expect(update({ taskDefinition })).rejects.toMatchObject(expected);
        await expect(create({ serviceName: 'api', desiredCount: 1, taskDefinition })).rejects.toMatchObject(
          expected,
        );
        await expect(ecs().send(new RunTaskCommand(task))).rejects.toMatchObject(expected);
        await expect(
          ecs().send(new StartTaskCommand({ ...task, containerInstances: ['any'] })),
        ).rejects.toMatchObject(expected);
        expect(await read()).toMatchObject({ deployments: [{ status: 'PRIMARY' }] });
      },
    );

    test('is also refused when a test has given only the name of the one before', async () => {
      cloud.ecs.addService({ cluster: 'shop', name: 'named', desiredCount: 1 });

      await expect(update({ service: 'named', taskDefinition: 'named:2' })).rejects.toThrowError(/Unable/);
      await expect(update({ service: 'named', taskDefinition: 'named:1' })).resolves.toBeDefined();
    });
  });

  describe('UpdateService of a service behind a target group', () => {
    beforeEach(async () => {
      const loadBalancers = [{ targetGroupArn: addTargetGroup(), containerName: 'app', containerPort: 8080 }];
      await create({ desiredCount: 1, launchType: 'FARGATE', loadBalancers });
    });

    const withContainer = (container: object) =>
      cloud.ecs.addTaskDefinition({
        ...web,
        containerDefinitions: [{ name: 'app', image: 'web:2', ...container }],
      });

    test.each<[string, () => string, RegExp]>([
      [
        'without its container',
        () => withContainer({ name: 'api', portMappings: [{ containerPort: 8080 }] }),
        /container app does not exist/,
      ],
      [
        'without its port',
        () => withContainer({ portMappings: [{ containerPort: 9090 }] }),
        /container port 8080/,
      ],
      [
        'for EC2 only',
        () => cloud.ecs.addTaskDefinition({ ...web, requiresCompatibilities: ['EC2'] }),
        /does not support launch_type FARGATE/,
      ],
      [
        'without the network mode awsvpc',
        () =>
          cloud.ecs.addTaskDefinition({ ...web, networkMode: 'bridge', requiresCompatibilities: ['EC2'] }),
        /does not support launch_type FARGATE/,
      ],
    ])('refuses a task definition %s', async (_, register, message) => {
      const taskDefinition = register();

      await expect(update({ taskDefinition })).rejects.toMatchObject(refusal(message));
      expect((await read())?.deployments).toHaveLength(1);
    });

    test('accepts one with another image', async () => {
      const taskDefinition = withContainer({ portMappings: [{ containerPort: 8080 }] });

      await expect(update({ taskDefinition })).resolves.toBeDefined();
    });
  });

  describe('volumes that are configured at launch', () => {
    const volumesOf = (settings: Partial<TaskManagedEBSVolumeConfiguration> = {}, name = 'data') => [
      { name, managedEBSVolume: { roleArn: 'role', sizeInGiB: 10, ...settings } },
    ];
    const tagged = (propagateTags: 'SERVICE' | 'TASK_DEFINITION' | 'NONE') =>
      volumesOf({ tagSpecifications: [{ resourceType: 'volume', propagateTags }] });

    beforeEach(() => {
      cloud.ecs.addTaskDefinition({ ...web, volumes: [{ name: 'data', configuredAtLaunch: true }] });
    });

    const run = (volumeConfigurations: CreateServiceCommandInput['volumeConfigurations']) =>
      ecs().send(
        new RunTaskCommand({
          cluster: 'shop',
          taskDefinition: 'web:2',
          launchType: 'FARGATE',
          networkConfiguration,
          volumeConfigurations,
        }),
      );
    const createWith = (volumeConfigurations: CreateServiceCommandInput['volumeConfigurations']) =>
      create({ taskDefinition: 'web:2', desiredCount: 1, launchType: 'FARGATE', volumeConfigurations });

    test.each<[string, ReturnType<typeof volumesOf> | undefined, RegExp]>([
      ['none', undefined, /data is configured at launch/],
      ['another name', volumesOf({}, 'other'), /no volume other/],
      ['two', [...volumesOf(), ...volumesOf()], /more than one volume/],
      ['no size', volumesOf({ sizeInGiB: undefined }), /neither a size nor a snapshot/],
      ['no role', volumesOf({ roleArn: '' }), /no roleArn/],
      [
        'a tag of ECS',
        volumesOf({
          tagSpecifications: [{ resourceType: 'volume', tags: [{ key: 'AmazonECSManaged', value: '' }] }],
        }),
        /AmazonECSManaged is reserved/,
      ],
    ])('are refused: %s', async (_, volumes, message) => {
      await expect(run(volumes)).rejects.toMatchObject(refusal(message));
      await expect(createWith(volumes)).rejects.toMatchObject(refusal(message));
    });

    test('take their tags from a service, but not for a task without one', async () => {
      await expect(run(tagged('SERVICE'))).rejects.toMatchObject(refusal(/SERVICE/));
      await expect(run(tagged('TASK_DEFINITION'))).resolves.toMatchObject({ failures: [] });
      await expect(run(tagged('NONE'))).resolves.toMatchObject({ failures: [] });
      await expect(createWith(tagged('SERVICE'))).resolves.toBeDefined();
    });

    test('are shown with the deployment, not with the service', async () => {
      await createWith(volumesOf());

      const service = await read();

      expect(service?.deployments).toMatchObject([{ volumeConfigurations: volumesOf() }]);
      expect(service).not.toHaveProperty('volumeConfigurations');
    });

    test('start a deployment when they change', async () => {
      await createWith(volumesOf());

      await update({ volumeConfigurations: volumesOf() });
      expect((await read())?.deployments).toHaveLength(1);
      await update({ volumeConfigurations: volumesOf({ sizeInGiB: 20 }) });
      expect((await read())?.deployments).toHaveLength(2);
    });
  });

  test('shows Service Connect and VPC Lattice with the deployment', async () => {
    const serviceConnectConfiguration = { enabled: true, namespace: 'shop' };
    const vpcLatticeConfigurations = [{ roleArn: 'role', targetGroupArn: 'group', portName: 'http' }];
    await create({ desiredCount: 1, serviceConnectConfiguration, vpcLatticeConfigurations });

    const service = await read();

    expect(service?.deployments).toMatchObject([{ serviceConnectConfiguration, vpcLatticeConfigurations }]);
    expect(service).not.toHaveProperty('serviceConnectConfiguration');
  });
});
