import type { ListServiceDeploymentsCommand } from '@aws-sdk/client-ecs';
import { describe, expect, test } from 'vitest';
import {
  AccessDeniedError,
  InvalidInputError,
  OperationAbortedError,
  ResourceNotFoundError,
  ResourceStateError,
} from '../../../../src/core/errors.js';
import { ecsStatus } from '../../../../src/swap/switches/ecs-status.js';
import { type EcsSwitchOptions, ecsSwitch } from '../../../../src/swap/switches/ecs-switch.js';
import { registerTaskDefinition } from '../../../support/deployment-world.js';
import { makeEcsDeploymentWorld } from '../../../support/ecs-deployment-world.js';
import { createRecorder } from '../../../support/recorded-lines.js';

const boundBy = 'STACK';

function setUp(options: Partial<EcsSwitchOptions> = {}) {
  const world = makeEcsDeploymentWorld();
  const { clients, service, listenerArn } = world;
  const deployments = ecsSwitch({ ...service, listenerArn, clients, ...options } as EcsSwitchOptions);
  return { ...world, deployments };
}

function ownerOf({ serviceDeploymentArn }: { readonly serviceDeploymentArn: string }) {
  return { kind: 'ecs', id: serviceDeploymentArn } as const;
}

describe('ecsSwitch: percentByStack', () => {
  test('returns 100 for the stack of the only revision, before any deployment', async () => {
    const { deployments } = setUp();

    expect(await deployments.percentByStack({ boundBy })).toEqual({ blue: 100, green: 0 });
  });

  test('follows the production rule of a canary, and not the test rule in the same listener', async () => {
    const { cloud, deployments, deploy, taskDefinitions, until, rules, targetGroups } = setUp();
    const deployment = deploy(taskDefinitions.green);

    await until(() => deployment.targetPercent.test === 100);
    expect(cloud.elasticLoadBalancing.weightsInForce(rules.test)[targetGroups[1]]).toBe(100);
    expect(await deployments.percentByStack({ boundBy })).toEqual({ blue: 100, green: 0 });
    await until(() => deployment.targetPercent.production === 10);
    expect(await deployments.percentByStack({ boundBy })).toEqual({ blue: 90, green: 10 });
    await until(() => deployment.targetPercent.production === 100);
    expect(await deployments.percentByStack({ boundBy })).toEqual({ blue: 0, green: 100 });
    await deployment.ended;
    expect(await deployments.percentByStack({ boundBy })).toEqual({ blue: 0, green: 100 });
  });

  test('returns the outgoing stack after a rollback', async () => {
    const { deployments, deploy, taskDefinitions, until } = setUp();
    const deployment = deploy(taskDefinitions.green);
    await until(() => deployment.targetPercent.production === 10);
    deployment.stop();
    await deployment.ended;

    expect(await deployments.percentByStack({ boundBy })).toEqual({ blue: 100, green: 0 });
  });

  test('returns the same stack throughout hotfixes, and follows the next swap', async () => {
    const { cloud, deployments, deploy, taskDefinitions, until } = setUp();
    for (const version of ['2', '3', '4']) {
      const hotfix = deploy(registerTaskDefinition(cloud, { STACK: 'blue', VERSION: version }));
      await until(() => hotfix.targetPercent.production === 10);
      expect(await deployments.percentByStack({ boundBy })).toEqual({ blue: 100, green: 0 });
      await hotfix.ended;
    }
    expect(await deployments.percentByStack({ boundBy })).toEqual({ blue: 100, green: 0 });
    await deploy(taskDefinitions.green).ended;
    expect(await deployments.percentByStack({ boundBy })).toEqual({ blue: 0, green: 100 });
  });

  test('counts another rule of the listener that forwards to the service', async () => {
    const { cloud, deployments, deploy, taskDefinitions, listenerArn, targetGroups } = setUp();
    cloud.elasticLoadBalancing.addRule({
      listenerArn,
      priority: 3,
      conditions: [{ Field: 'path-pattern', Values: ['/old/*'] }],
      actions: [{ Type: 'forward', TargetGroupArn: targetGroups[0] }],
    });
    const deployment = deploy(taskDefinitions.green, { bakeTimeInMinutes: 60 });
    while (deployment.targetPercent.production < 100) await cloud.clock.sleep(1_000);

    expect(await deployments.percentByStack({ boundBy })).toEqual({ blue: 50, green: 50 });
  });

  test('reads a listener with more rules than a page', async () => {
    const { cloud, deployments, listenerArn } = setUp();
    for (let priority = 10; priority < 260; priority += 1)
      cloud.elasticLoadBalancing.addRule({
        listenerArn,
        priority,
        conditions: [{ Field: 'path-pattern', Values: [`/${priority}`] }],
        actions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '200' } }],
      });

    expect(await deployments.percentByStack({ boundBy })).toEqual({ blue: 100, green: 0 });
  });

  test('throws ResourceStateError when listenerArn is not the listener of the production rule', async () => {
    const { cloud, clients, service, targetGroups, rules } = setUp();
    const { arn: loadBalancerArn } = cloud.elasticLoadBalancing.loadBalancerOf(rules.production);
    const { arn } = cloud.elasticLoadBalancing.addListener({
      loadBalancerArn,
      port: 8080,
      protocol: 'HTTP',
      defaultActions: [{ Type: 'forward', TargetGroupArn: targetGroups[0] }],
    });
    const other = ecsSwitch({ ...service, listenerArn: arn, clients });

    await expect(other.percentByStack({ boundBy })).rejects.toThrowError(
      `expected the listener of the production rule ${rules.production}, got ${arn}`,
    );
  });
});

describe('ecsSwitch: bindingOf', () => {
  test.each(['green', 'blue'] as const)('returns the stack of the target revision: %s', async (stack) => {
    const { deployments, deploy, taskDefinitions } = setUp();
    const deployment = deploy(taskDefinitions[stack]);

    expect(await deployments.bindingOf(ownerOf(deployment), boundBy)).toEqual({
      stacks: [stack],
      revision: stack === 'blue' ? 'web:1' : 'web:2',
    });
  });

  test('returns the new revision during a rollback', async () => {
    const { deployments, deploy, taskDefinitions, until } = setUp();
    const deployment = deploy(taskDefinitions.green);
    await until(() => deployment.targetPercent.production === 10);
    deployment.stop();

    expect(await deployments.bindingOf(ownerOf(deployment), boundBy)).toMatchObject({ stacks: ['green'] });
  });

  test('throws ResourceStateError for a deployment of another service', async () => {
    const { clients, deploy, taskDefinitions, listenerArn } = setUp();
    const other = ecsSwitch({ cluster: 'orders', service: 'admin', listenerArn, clients });

    await expect(other.bindingOf(ownerOf(deploy(taskDefinitions.green)), boundBy)).rejects.toThrowError(
      'Deployment belongs to another service: expected service orders/admin, got orders/web',
    );
  });

  test('throws ResourceNotFoundError when the task definition is gone', async () => {
    const { deployments, deploy } = setUp();
    const deployment = deploy('gone:1');

    await expect(deployments.bindingOf(ownerOf(deployment), boundBy)).rejects.toThrowError(
      'Task definition gone:1 not found. Keep the task definitions of both stacks registered',
    );
  });

  test('throws ResourceNotFoundError for a deployment that does not exist', async () => {
    const { deployments } = setUp();
    const owner = { kind: 'ecs', id: 'arn:aws:ecs:eu-west-1:123456789012:service-deployment/a/b/c' } as const;

    for (const call of [
      deployments.bindingOf(owner, boundBy),
      deployments.statusOf(owner),
      deployments.returnTraffic(owner, 'test'),
    ])
      await expect(call).rejects.toThrowError(ResourceNotFoundError);
  });
});

describe('ecsSwitch: statusOf', () => {
  test('follows a deployment to its success', async () => {
    const { deployments, deploy, taskDefinitions, until } = setUp();
    const deployment = deploy(taskDefinitions.green);
    const owner = ownerOf(deployment);

    await until(() => deployment.lifecycleStage === 'SCALE_UP');
    expect(await deployments.statusOf(owner)).toEqual({
      state: 'underWay',
      detail: `service deployment ${owner.id} is IN_PROGRESS in the stage SCALE_UP`,
    });
    await until(() => deployment.targetPercent.production === 100);
    expect(await deployments.statusOf(owner)).toMatchObject({ state: 'underWay' });
    await deployment.ended;
    expect(await deployments.statusOf(owner)).toMatchObject({ state: 'succeeded' });
  });

  test.each([
    ['PENDING', 'underWay'],
    ['IN_PROGRESS', 'underWay'],
    ['STOP_REQUESTED', 'ended, returning'],
    ['ROLLBACK_REQUESTED', 'ended, returning'],
    ['ROLLBACK_IN_PROGRESS', 'ended, returning'],
    ['SUCCESSFUL', 'succeeded'],
    ['STOPPED', 'ended'],
    ['ROLLBACK_SUCCESSFUL', 'ended'],
    ['ROLLBACK_FAILED', 'ended'],
    ['PAUSED_BY_QUOTA', 'underWay'],
  ])('of %s is %s', (status, expected) => {
    const found = ecsStatus({
      serviceDeploymentArn: 'arn',
      status: status as 'PENDING',
      statusReason: 'because',
    });

    const isReturning = found.state === 'ended' && found.isReturning;
    expect(`${found.state}${isReturning ? ', returning' : ''}`).toBe(expected);
    expect(found.detail).toBe(`service deployment arn is ${status} (because)`);
  });
});

describe('ecsSwitch: isAnotherUnderWay', () => {
  test('is true for a deployment that has superseded this one', async () => {
    const { deployments, deploy, taskDefinitions, until } = setUp();
    const first = deploy(taskDefinitions.green);
    expect(await deployments.isAnotherUnderWay(ownerOf(first))).toBe(false);

    await until(() => first.targetPercent.production === 10);
    const second = deploy(taskDefinitions.green);
    await first.ended;
    expect(await deployments.isAnotherUnderWay(ownerOf(first))).toBe(true);
    expect(await deployments.isAnotherUnderWay(ownerOf(second))).toBe(false);

    await second.ended;
    expect(await deployments.isAnotherUnderWay(ownerOf(first))).toBe(false);
  });

  test.each(['PENDING', 'IN_PROGRESS', 'STOP_REQUESTED', 'ROLLBACK_IN_PROGRESS', 'PAUSED_BY_QUOTA'])(
    'is true for a deployment that is %s on the last page',
    async (status) => {
      const { clients, deployments } = setUp();
      const brief = (serviceDeploymentArn: string, given: string) => ({
        serviceDeploymentArn,
        status: given,
      });
      const pages = [
        { serviceDeployments: [brief('own', 'IN_PROGRESS'), brief('a', 'STOPPED')], nextToken: 'page-2' },
        { serviceDeployments: [], nextToken: 'page-3' },
        { serviceDeployments: [brief('b', 'SUCCESSFUL'), brief('c', status)] },
      ];
      const inputs: unknown[] = [];
      clients.ecs.send = (async (command: ListServiceDeploymentsCommand) => {
        inputs.push(command.input);
        return pages.shift();
      }) as never;

      expect(await deployments.isAnotherUnderWay({ kind: 'ecs', id: 'own' })).toBe(true);
      expect(inputs).toMatchObject([{ service: 'web' }, { nextToken: 'page-2' }, { nextToken: 'page-3' }]);
    },
  );
});

describe('ecsSwitch: returnTraffic', () => {
  test('rolls the deployment back, and writes no weights itself', async () => {
    const logger = createRecorder();
    const { cloud, deployments, deploy, taskDefinitions, until } = setUp({ logger });
    const deployment = deploy(taskDefinitions.green);
    await until(() => deployment.targetPercent.production === 10);

    await deployments.returnTraffic(ownerOf(deployment), 'orders are late');

    expect(await deployments.statusOf(ownerOf(deployment))).toMatchObject({
      state: 'ended',
      isReturning: true,
    });
    expect(await deployment.ended).toMatchObject({ status: 'ROLLBACK_SUCCESSFUL' });
    expect(await deployments.percentByStack({ boundBy })).toEqual({ blue: 100, green: 0 });
    expect(cloud.calls.filter(({ action }) => /Modify|Update|Put/.test(action))).toEqual([]);
    expect(logger.take()).toMatchObject([
      { level: 'info', message: 'Requested rollback of deployment', data: { reason: 'orders are late' } },
    ]);
  });

  test('succeeds twice, and after the end', async () => {
    const { deployments, deploy, taskDefinitions, until } = setUp();
    const deployment = deploy(taskDefinitions.green);
    await until(() => deployment.targetPercent.production === 10);

    await deployments.returnTraffic(ownerOf(deployment), 'test');
    await deployments.returnTraffic(ownerOf(deployment), 'test');
    await deployment.ended;
    await deployments.returnTraffic(ownerOf(deployment), 'test');

    expect(deployment.status).toBe('ROLLBACK_SUCCESSFUL');
  });

  test.each(['ConflictException', 'ClientException', 'InvalidParameterException'])(
    'throws %s while the deployment is under way',
    async (name) => {
      const { cloud, deployments, deploy, taskDefinitions } = setUp();
      const owner = ownerOf(deploy(taskDefinitions.green));
      const refusal = Object.assign(new Error('Not now'), { name, $metadata: { httpStatusCode: 400 } });
      cloud.injectFault({ kind: refusal, action: 'ecs:StopServiceDeployment' });

      await expect(deployments.returnTraffic(owner, 'test')).rejects.toBe(refusal);
    },
  );
});

describe('ecsSwitch', () => {
  const everything = async ({ deployments, deploy, taskDefinitions }: ReturnType<typeof setUp>) => {
    const owner = ownerOf(deploy(taskDefinitions.green));
    await deployments.percentByStack({ boundBy });
    await deployments.bindingOf(owner, boundBy);
    await deployments.isAnotherUnderWay(owner);
    await deployments.returnTraffic(owner, 'test');
  };

  test('declares the permissions of its calls', async () => {
    const world = setUp();
    await everything(world);

    expect(world.deployments.permissions.map(({ action }) => action).toSorted()).toEqual(
      [...new Set(world.cloud.calls.map(({ action }) => action))].toSorted(),
    );
  });

  test.each(['throttle', 'serverError', 'timeout'] as const)(
    'survives one fault of each call: %s',
    async (kind) => {
      const world = setUp();
      for (const { action } of world.deployments.permissions) world.cloud.injectFault({ kind, action });

      await everything(world);

      expect(await world.deployments.percentByStack({ boundBy })).toEqual({ blue: 100, green: 0 });
    },
  );

  test('throws AccessDeniedError with the action of each call', async () => {
    for (const { action } of setUp().deployments.permissions) {
      const world = setUp();
      world.cloud.injectFault({ kind: 'accessDenied', action, times: Number.POSITIVE_INFINITY });

      const error: unknown = await everything(world).catch((it: unknown) => it);
      expect(error).toBeInstanceOf(AccessDeniedError);
      expect(error).toMatchObject({ action });
    }
  });

  test('throws OperationAbortedError after an abort', async () => {
    const { deployments, deploy, taskDefinitions } = setUp();
    const owner = ownerOf(deploy(taskDefinitions.green));
    const signal = AbortSignal.abort();

    for (const call of [
      deployments.percentByStack({ boundBy, signal }),
      deployments.bindingOf(owner, boundBy, { signal }),
      deployments.statusOf(owner, { signal }),
      deployments.isAnotherUnderWay(owner, { signal }),
      deployments.returnTraffic(owner, 'test', { signal }),
    ])
      await expect(call).rejects.toThrowError(OperationAbortedError);
  });

  test('throws InvalidInputError for the owner of another kind', async () => {
    const { deployments } = setUp();
    const owner = { kind: 'codeDeploy', id: 'd-1' } as const;

    await expect(deployments.statusOf(owner)).rejects.toThrowError(InvalidInputError);
    await expect(deployments.statusOf(owner)).rejects.toThrowError('kind: expected "ecs", got "codeDeploy"');
  });

  test.each([
    [{ cluster: '' }, 'cluster: expected a string that is not empty'],
    [{ revisionOf: () => '' }, 'revisionOf: unknown option'],
    [{ clients: { ecs: {} } }, 'clients.ecs: expected an SDK client'],
    [{ clients: { ecs: 1, elasticLoadBalancing: 2 } }, 'clients.ecs: expected an SDK client'],
  ])('throws InvalidInputError for the options %j', (options, problem) => {
    const all = { cluster: 'orders', service: 'web', listenerArn: 'arn', ...options };

    expect(() => ecsSwitch(all as never)).toThrowError(problem);
  });

  test('throws ResourceStateError, not a guess, for a service without a load balancer', async () => {
    const { cloud, clients, listenerArn } = setUp();
    cloud.ecs.addService({
      cluster: 'orders',
      name: 'plain',
      desiredCount: 1,
      deploymentController: 'CODE_DEPLOY',
    });
    const plain = ecsSwitch({ cluster: 'orders', service: 'plain', listenerArn, clients });

    await expect(plain.percentByStack({ boundBy })).rejects.toThrowError(ResourceStateError);
    await expect(plain.percentByStack({ boundBy })).rejects.toThrowError(
      /^Service orders\/plain does not show where its traffic goes: expected task sets with a target group/,
    );
  });
});
