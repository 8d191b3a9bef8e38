import { describe, expect, test } from 'vitest';
import { codeDeploySwitch } from '../../../../src/swap/switches/code-deploy-switch.js';
import { ecsSwitch } from '../../../../src/swap/switches/ecs-switch.js';
import { SimulatedCloud } from '../../../../src/testing/index.js';

const service = { cluster: 'orders', service: 'web' };

describe('SimulatedCloud.addWebService', () => {
  test.each([
    { deployedBy: 'ECS', createSwitch: ecsSwitch },
    { deployedBy: 'CODE_DEPLOY', createSwitch: codeDeploySwitch },
  ] as const)('gives the live stack the traffic: $deployedBy', async ({ deployedBy, createSwitch }) => {
    const cloud = new SimulatedCloud();
    const { listenerArn } = cloud.addWebService({ ...service, deployedBy, live: 'green', boundBy: 'COLOUR' });

    const percents = await createSwitch({ ...service, listenerArn, clients: cloud.clients }).percentByStack({
      boundBy: 'COLOUR',
    });

    expect(percents).toEqual({ blue: 0, green: 100 });
  });

  test('registers a task definition that is bound to a stack', () => {
    const cloud = new SimulatedCloud();
    const { register } = cloud.addWebService(service);

    expect(register('green')).toMatch(/task-definition\/web:2$/);
  });

  test('moves the traffic in a deployment of ECS', async () => {
    const cloud = new SimulatedCloud();
    const { register, rules, route } = cloud.addWebService(service);

    const { status } = await cloud.ecsDeployments.run({ service, taskDefinition: register('green') });

    expect(status).toBe('SUCCESSFUL');
    expect(cloud.elasticLoadBalancing.weightsInForce(rules?.production ?? '')).toMatchObject({
      [route.targetGroups[1]]: 100,
    });
  });
});
