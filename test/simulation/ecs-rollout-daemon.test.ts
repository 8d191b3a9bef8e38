import { beforeEach, describe, expect, test } from 'vitest';
import { EcsRollout } from '../../src/ecs-rollout/index.js';
import { SimulatedCloud } from '../../src/testing/index.js';
import { failureOf } from '../support/rollout-world.js';

let cloud: SimulatedCloud;
let rollout: EcsRollout;

beforeEach(() => {
  cloud = new SimulatedCloud();
  for (const name of ['a', 'b', 'c'])
    cloud.ecs.addContainerInstance({ cluster: 'shop', ec2InstanceId: `i-0000000000000000${name}` });
  const { clients, clock } = cloud;
  rollout = new EcsRollout({ cluster: 'shop', service: 'agent', desiredCount: 5, clients, clock });
});

const taskDefinition = (version: number) => ({
  family: 'agent',
  networkMode: 'bridge' as const,
  containerDefinitions: [{ name: 'agent', image: `agent:${version}`, memory: 128 }],
});

const service = { launchType: 'EC2' as const, schedulingStrategy: 'DAEMON' as const };
const options = { idleSeconds: 5 };
const writes = () =>
  cloud.calls.map(({ action }) => action).filter((action) => !/^ecs:(Describe|List)/.test(action));

function up(minimumHealthyPercent?: number) {
  const deploymentConfiguration =
    minimumHealthyPercent === undefined ? {} : { deploymentConfiguration: { minimumHealthyPercent } };
  return rollout.up({
    service: { ...service, ...deploymentConfiguration },
    taskDefinition: taskDefinition(1),
  });
}

describe('EcsRollout of a daemon', () => {
  test.each([undefined, 0, 50])('replaces every task with a minimum of %s percent', async (percent) => {
    await up(percent);

    await rollout.rollOut({ taskDefinition: taskDefinition(2) }, options);

    expect(cloud.ecs.service('shop', 'agent').deployments).toMatchObject([
      { runningCount: 3, taskDefinition: expect.stringMatching(/agent:2$/) },
    ]);
  });

  test.each([100, 67])('refuses a minimum of %d percent before it changes anything', async (percent) => {
    await up(percent);
    const before = writes().length;

    const failure = await failureOf(rollout.rollOut({ taskDefinition: taskDefinition(2) }, options));

    expect(failure.cause).toMatchObject({ name: 'ResourceStateError', actual: `${percent} %` });
    expect(writes()).toHaveLength(before);
  });

  test('rolls out with settings that lower the minimum', async () => {
    await up(100);
    const settings = { ...service, deploymentConfiguration: { minimumHealthyPercent: 0 } };

    await rollout.rollOut(
      { taskDefinition: taskDefinition(2), service: settings },
      { ...options, updateSettings: true },
    );

    expect(cloud.ecs.service('shop', 'agent').deployments).toMatchObject([
      { runningCount: 3, taskDefinition: expect.stringMatching(/agent:2$/) },
    ]);
  });

  test('refuses a count in the definition before it creates anything', async () => {
    const creation = rollout.up({
      service: { ...service, desiredCount: 3 },
      taskDefinition: taskDefinition(1),
    });

    await expect(creation).rejects.toMatchObject({
      name: 'InvalidInputError',
      problems: [expect.objectContaining({ field: 'service.desiredCount' })],
    });
    expect(cloud.calls).toEqual([]);
  });
});
