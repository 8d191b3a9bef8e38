import { GetDeploymentGroupCommand } from '@aws-sdk/client-codedeploy';
import { DescribeServicesCommand } from '@aws-sdk/client-ecs';
import { describe, expect, test } from 'vitest';
import { makeDeploymentWorld } from '../../../../support/deployment-world.js';

describe('A deployment group with a route', () => {
  test('shows its listeners and target groups', async () => {
    const { clients, listenerArn, testListenerArn } = makeDeploymentWorld();

    const { deploymentGroupInfo } = await clients.codeDeploy.send(
      new GetDeploymentGroupCommand({ applicationName: 'orders', deploymentGroupName: 'web' }),
    );

    expect(deploymentGroupInfo?.loadBalancerInfo?.targetGroupPairInfoList).toEqual([
      {
        targetGroups: [{ name: 'web-one' }, { name: 'web-two' }],
        prodTrafficRoute: { listenerArns: [listenerArn] },
        testTrafficRoute: { listenerArns: [testListenerArn] },
      },
    ]);
  });

  test('has its task set behind the first target group before any deployment', async () => {
    const { clients, targetGroups } = makeDeploymentWorld();

    const { services } = await clients.ecs.send(
      new DescribeServicesCommand({ cluster: 'orders', services: ['web'] }),
    );

    expect(services?.[0]?.taskSets).toMatchObject([{ loadBalancers: [{ targetGroupArn: targetGroups[0] }] }]);
  });
});
