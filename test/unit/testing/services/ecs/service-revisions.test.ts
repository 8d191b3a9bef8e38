import { DescribeServiceRevisionsCommand, DescribeServicesCommand } from '@aws-sdk/client-ecs';
import { describe, expect, test } from 'vitest';
import { makeEcsDeploymentWorld } from '../../../../support/ecs-deployment-world.js';

function setUp() {
  const world = makeEcsDeploymentWorld();
  const { cloud, service, rules, targetGroups } = world;
  const { ecs } = cloud.clients;
  return {
    ...world,
    async revisions() {
      const command = new DescribeServicesCommand({ cluster: service.cluster, services: [service.service] });
      const { services = [] } = await ecs.send(command);
      const arns = services[0]?.currentServiceRevisions?.map(({ arn = '' }) => arn) ?? [];
      const { serviceRevisions = [] } = await ecs.send(
        new DescribeServiceRevisionsCommand({ serviceRevisionArns: arns }),
      );
      return serviceRevisions.map(({ taskDefinition, resolvedConfiguration }) => ({
        taskDefinition,
        targetGroup: targetGroups.indexOf(
          resolvedConfiguration?.loadBalancers?.[0]?.targetGroupArn ?? 'none',
        ),
        rule: resolvedConfiguration?.loadBalancers?.[0]?.productionListenerRule,
      }));
    },
    weights: (rule: 'production' | 'test') => {
      const found = cloud.elasticLoadBalancing.weightsInForce(rules[rule]);
      return targetGroups.map((arn) => found[arn] ?? 0);
    },
  };
}

describe('Service revisions of a service with two target groups', () => {
  test('begin with one in the first target group', async () => {
    const { revisions, taskDefinitions, rules } = setUp();

    const first = { taskDefinition: taskDefinitions.blue, targetGroup: 0, rule: rules.production };
    expect(await revisions()).toEqual([first]);
    expect(await revisions()).toEqual([first]);
  });

  test('are two during a deployment, and change the target group with each one', async () => {
    const { revisions, deploy, taskDefinitions, weights, until } = setUp();
    const deployment = deploy(taskDefinitions.green);

    await until(() => deployment.targetPercent.production === 10);
    expect(await revisions()).toMatchObject([
      { taskDefinition: taskDefinitions.blue, targetGroup: 0 },
      { taskDefinition: taskDefinitions.green, targetGroup: 1 },
    ]);
    expect([weights('production'), weights('test')]).toEqual([
      [90, 10],
      [0, 100],
    ]);
    await deployment.ended;
    expect(await revisions()).toMatchObject([{ taskDefinition: taskDefinitions.green, targetGroup: 1 }]);
    expect(weights('production')).toEqual([0, 100]);

    await deploy(taskDefinitions.blue).ended;
    expect(await revisions()).toMatchObject([{ taskDefinition: taskDefinitions.blue, targetGroup: 0 }]);
    expect(weights('production')).toEqual([100, 0]);
  });

  test('are the ones before after a rollback', async () => {
    const { revisions, deploy, taskDefinitions, weights, until } = setUp();
    const deployment = deploy(taskDefinitions.green);
    await until(() => deployment.targetPercent.production === 10);
    deployment.stop();
    await deployment.ended;

    expect(await revisions()).toMatchObject([{ taskDefinition: taskDefinitions.blue, targetGroup: 0 }]);
    expect([weights('production'), weights('test')]).toEqual([
      [100, 0],
      [100, 0],
    ]);
  });

  test('are of the deployment that superseded another one', async () => {
    const { revisions, deploy, taskDefinitions, weights, until } = setUp();
    const first = deploy(taskDefinitions.green);
    await until(() => first.targetPercent.production === 10);
    const second = deploy(taskDefinitions.green);
    await first.ended;

    expect(weights('production')).toEqual([100, 0]);
    await second.ended;
    expect(await revisions()).toMatchObject([{ taskDefinition: taskDefinitions.green, targetGroup: 1 }]);
    expect(weights('production')).toEqual([0, 100]);
  });
});

describe('DescribeServices', () => {
  test('shows no revisions of a service with one target group', async () => {
    const { cloud } = setUp();
    cloud.ecs.addService({ cluster: 'orders', name: 'plain', desiredCount: 1 });

    const { services } = await cloud.clients.ecs.send(
      new DescribeServicesCommand({ cluster: 'orders', services: ['plain'] }),
    );

    expect(services?.[0]?.currentServiceRevisions).toBeUndefined();
  });
});
