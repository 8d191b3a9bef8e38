import type { CreateServiceCommandInput, RunTaskCommandInput } from '@aws-sdk/client-ecs';
import { beforeEach, describe, expect, test } from 'vitest';
import type { RolloutEvent, ServiceOnlyFeature } from '../../src/ecs-rollout/index.js';
import { EcsRollout } from '../../src/ecs-rollout/index.js';
import { SimulatedCloud } from '../../src/testing/index.js';
import { createRecorder } from '../support/recorded-lines.js';
import { canariesOf, failureOf } from '../support/rollout-world.js';

let cloud: SimulatedCloud;

beforeEach(() => {
  cloud = new SimulatedCloud();
});

const taskDefinition = (version: number) => ({
  family: 'web',
  networkMode: 'awsvpc' as const,
  requiresCompatibilities: ['FARGATE' as const],
  cpu: '256',
  memory: '512',
  containerDefinitions: [
    { name: 'app', image: `web:${version}`, portMappings: [{ containerPort: 8080, name: 'http' }] },
  ],
  volumes: [{ name: 'data', configuredAtLaunch: true }],
});

/** Creates the service with the rollout, so that the simulated ECS validates its settings. */
async function created(settings: Partial<CreateServiceCommandInput>) {
  const logger = createRecorder();
  cloud.ecs.addCluster('shop');
  const { clients, clock } = cloud;
  const rollout = new EcsRollout({ cluster: 'shop', service: 'web', clients, clock, logger });
  await rollout.up({
    service: {
      desiredCount: 1,
      launchType: 'FARGATE',
      networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1'] } },
      volumeConfigurations: [{ name: 'data', managedEBSVolume: { roleArn: role, sizeInGiB: 8 } }],
      ...settings,
    },
    taskDefinition: taskDefinition(1),
  });
  return { rollout, logger };
}

const role = 'arn:aws:iam::123456789012:role/ecs-infrastructure';
const options = { idleSeconds: 5 };

describe('EcsRollout › rollOut', () => {
  describe('of a service with features that a canary cannot have', () => {
    const features: [ServiceOnlyFeature, Partial<CreateServiceCommandInput>][] = [
      [
        'serviceConnect',
        {
          serviceConnectConfiguration: { enabled: true, namespace: 'shop', services: [{ portName: 'http' }] },
        },
      ],
      [
        'serviceRegistries',
        {
          serviceRegistries: [
            { registryArn: 'arn:aws:servicediscovery:eu-west-1:123456789012:service/srv-1' },
          ],
        },
      ],
      [
        'vpcLattice',
        {
          vpcLatticeConfigurations: [
            {
              roleArn: role,
              portName: 'http',
              targetGroupArn: 'arn:aws:vpc-lattice:eu-west-1:123456789012:targetgroup/tg-0123456789abcdef0',
            },
          ],
        },
      ],
    ];

    test.each(features)('warns once, and lists them in the result: %s', async (feature, settings) => {
      const { rollout, logger } = await created(settings);

      const result = await rollout.rollOut({ taskDefinition: taskDefinition(2) }, options);

      expect(result.untriedFeatures).toEqual([feature]);
      expect(result.history).toContainEqual({
        type: 'featuresUntried',
        features: [feature],
        at: expect.any(Number),
      });
      const warnings = logger.take().filter(({ level }) => level === 'warn');
      expect(warnings).toEqual([
        {
          level: 'warn',
          message: 'Left features of service untried',
          data: { resource: 'shop/web', type: 'featuresUntried', features: [feature] },
        },
      ]);
    });

    test.each(features)('lists them in the error when the canary fails: %s', async (feature, settings) => {
      const { rollout } = await created(settings);
      cloud.ecs.failTasks({ image: 'web:2' }, { kind: 'exits', afterSeconds: 2 });

      const failure = await failureOf(rollout.rollOut({ taskDefinition: taskDefinition(2) }, options));

      expect(failure.untriedFeatures).toEqual([feature]);
      expect(failure.message).toContain(
        `The canary ran without ${feature}, which ECS supports only for tasks of a service`,
      );
    });

    test('lists all of them', async () => {
      const { rollout } = await created(Object.assign({}, ...features.map(([, settings]) => settings)));

      const { untriedFeatures } = await rollout.rollOut({ taskDefinition: taskDefinition(2) }, options);

      expect(untriedFeatures).toEqual(['serviceConnect', 'serviceRegistries', 'vpcLattice']);
    });

    test('lists none for a service without, nor for Service Connect that is off', async () => {
      const { rollout, logger } = await created({ serviceConnectConfiguration: { enabled: false } });

      const { untriedFeatures, history } = await rollout.rollOut(
        { taskDefinition: taskDefinition(2) },
        options,
      );

      expect(untriedFeatures).toEqual([]);
      expect(history.map(({ type }: RolloutEvent) => type)).not.toContain('featuresUntried');
      expect(logger.take().filter(({ level }) => level === 'warn')).toEqual([]);
    });

    test('lists none when no canary runs', async () => {
      const [[, serviceConnect] = []] = features;
      const { rollout } = await created(serviceConnect ?? {});

      const { untriedFeatures } = await rollout.rollOut({ taskDefinition: taskDefinition(1) }, options);

      expect(untriedFeatures).toEqual([]);
    });
  });

  test('starts a canary of a service whose volumes have the tags of the service', async () => {
    const { rollout } = await created({
      tags: [{ key: 'team', value: 'shop' }],
      volumeConfigurations: [
        {
          name: 'data',
          managedEBSVolume: {
            roleArn: role,
            sizeInGiB: 8,
            tagSpecifications: [{ resourceType: 'volume', propagateTags: 'SERVICE' }],
          },
        },
      ],
    });

    await rollout.rollOut({ taskDefinition: taskDefinition(2) }, options);

    const run = cloud.calls.find(({ action }) => action === 'ecs:RunTask')?.input as RunTaskCommandInput;
    expect(run.volumeConfigurations?.[0]?.managedEBSVolume?.tagSpecifications).toEqual([
      { resourceType: 'volume', tags: [{ key: 'team', value: 'shop' }] },
    ]);
    expect(canariesOf({ cloud })).toEqual([]);
  });

  test.each(['SERVICE', 'TASK_DEFINITION', 'NONE'] as const)(
    'starts a canary of a service with propagateTags %s',
    async (propagateTags) => {
      const { rollout } = await created({ propagateTags, tags: [{ key: 'team', value: 'shop' }] });

      await expect(rollout.rollOut({ taskDefinition: taskDefinition(2) }, options)).resolves.toMatchObject({
        service: 'updated',
      });
    },
  );
});
