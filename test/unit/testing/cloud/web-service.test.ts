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

  test.each<[options: object | undefined, message: string]>([
    [undefined, 'expected an object, got nothing'],
    [{}, 'cluster: expected a value, got nothing; service: expected a value, got nothing'],
    [{ ...service, lives: 'green' }, 'lives: unknown option; did you mean live?'],
    [{ ...service, live: 'gren' }, 'live: expected "blue" or "green", got "gren"'],
    [{ ...service, deployedBy: 'CODEDEPLOY' }, 'deployedBy: expected "ECS" or "CODE_DEPLOY"'],
    [{ ...service, boundBy: '' }, 'boundBy: expected a string that is not empty'],
    [{ ...service, desiredCount: -1 }, 'desiredCount: expected a whole number, 0 or more, got -1'],
    [{ ...service, desiredCount: Number.NaN }, 'desiredCount: expected a number, got NaN'],
    [{ ...service, cluster: 5 }, 'cluster: expected a string, got 5'],
  ])('throws InvalidInputError and creates nothing for %j', (options, message) => {
    const cloud = new SimulatedCloud();

    expect(() => cloud.addWebService(options as never)).toThrowError(
      expect.objectContaining({ name: 'InvalidInputError', message: expect.stringContaining(message) }),
    );
    expect(cloud.ecs.taskDefinitions()).toEqual([]);
  });

  test('throws InvalidInputError when a task definition is registered for an unknown stack', () => {
    const { register } = new SimulatedCloud().addWebService(service);

    expect(() => register('gren' as never)).toThrowError('expected "blue" or "green", got "gren"');
  });

  test('names resources of its own partition and account only', () => {
    const cloud = new SimulatedCloud({
      partition: 'aws-cn',
      region: 'cn-north-1',
      accountId: '210987654321',
    });
    const web = cloud.addWebService(service);

    const all = JSON.stringify([web, cloud.ecs.service('orders', 'web')]);
    expect(all.match(/arn:[^"]*/g)?.filter((arn) => !/^arn:aws-cn:.*:210987654321:/.test(arn))).toEqual([]);
  });
});
