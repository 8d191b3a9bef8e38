import { GetApplicationRevisionCommand, GetDeploymentCommand } from '@aws-sdk/client-codedeploy';
import { describe, expect, test } from 'vitest';
import {
  AccessDeniedError,
  InvalidInputError,
  OperationAbortedError,
  ResourceNotFoundError,
  ResourceStateError,
  UnexpectedResponseError,
} from '../../../../src/core/errors.js';
import { codeDeployStatus } from '../../../../src/swap/switches/code-deploy-status.js';
import {
  type CodeDeploySwitchOptions,
  codeDeploySwitch,
} from '../../../../src/swap/switches/code-deploy-switch.js';
import type { SimulatedDeploymentGroupOptions } from '../../../../src/testing/index.js';
import { makeDeploymentWorld, registerTaskDefinition } from '../../../support/deployment-world.js';
import { createRecorder } from '../../../support/recorded-lines.js';

const boundBy = 'STACK';

function setUp(
  group: Partial<SimulatedDeploymentGroupOptions> = {},
  options: Partial<CodeDeploySwitchOptions> = {},
) {
  const world = makeDeploymentWorld(group);
  const { clients, service, listenerArn } = world;
  const all = { ...service, listenerArn, clients, ...options } as CodeDeploySwitchOptions;
  return { ...world, deployments: codeDeploySwitch(all) };
}

function ownerOf({ deploymentId }: { readonly deploymentId: string }) {
  return { kind: 'codeDeploy', id: deploymentId } as const;
}

describe('codeDeploySwitch: percentByStack', () => {
  test('returns 100 for the stack of the only task set, before any deployment', async () => {
    const { deployments } = setUp();

    expect(await deployments.percentByStack({ boundBy })).toEqual({ blue: 100, green: 0 });
  });

  test('follows the weights of a canary, and the rollback deployment', async () => {
    const { deployments, deploy, taskDefinitions, until } = setUp();
    const deployment = deploy(taskDefinitions.green);

    await until(() => deployment.replacementPercent === 10);
    expect(await deployments.percentByStack({ boundBy })).toEqual({ blue: 90, green: 10 });

    await until(() => deployment.replacementPercent === 100);
    expect(await deployments.percentByStack({ boundBy })).toEqual({ blue: 0, green: 100 });

    deployment.stop({ rollBack: true });
    await deployment.ended;
    await deployment.rollback?.ended;
    expect(await deployments.percentByStack({ boundBy })).toEqual({ blue: 100, green: 0 });
  });

  test('returns both shares for as long as a stopped deployment has left them', async () => {
    const { cloud, deployments, deploy, taskDefinitions, until } = setUp({ autoRollback: false });
    const deployment = deploy(taskDefinitions.green);
    await until(() => deployment.replacementPercent === 10);
    deployment.stop();
    await deployment.ended;
    await cloud.clock.sleep(86_400_000);

    expect(await deployments.percentByStack({ boundBy })).toEqual({ blue: 90, green: 10 });
  });

  test('returns the same stack throughout hotfixes, which change the target group', async () => {
    const { cloud, deployments, deploy, until, listenerArn, targetGroups } = setUp();
    const liveGroups: unknown[] = [];
    for (const version of ['2', '3', '4']) {
      const hotfix = deploy(registerTaskDefinition(cloud, { STACK: 'blue', VERSION: version }));
      await until(() => hotfix.replacementPercent === 10);
      expect(await deployments.percentByStack({ boundBy })).toEqual({ blue: 100, green: 0 });
      await hotfix.ended;
      expect(await deployments.percentByStack({ boundBy })).toEqual({ blue: 100, green: 0 });
      const weights = cloud.elasticLoadBalancing.weightsInForce(listenerArn);
      liveGroups.push(targetGroups.find((arn) => (weights[arn] ?? 0) > 0));
    }

    expect(liveGroups).toEqual([targetGroups[1], targetGroups[0], targetGroups[1]]);
  });

  test('follows swaps in both directions after an odd number of hotfixes', async () => {
    const { cloud, deployments, deploy, taskDefinitions } = setUp();
    await deploy(registerTaskDefinition(cloud, { STACK: 'blue', VERSION: '2' })).ended;
    await deploy(taskDefinitions.green).ended;
    expect(await deployments.percentByStack({ boundBy })).toEqual({ blue: 0, green: 100 });
    await deploy(registerTaskDefinition(cloud, { STACK: 'green', VERSION: '2' })).ended;
    await deploy(taskDefinitions.blue).ended;

    expect(await deployments.percentByStack({ boundBy })).toEqual({ blue: 100, green: 0 });
  });

  test('throws ResourceStateError when a person has moved the listener to the empty target group', async () => {
    const { cloud, deployments, deploy, taskDefinitions, listenerArn, targetGroups } = setUp();
    await deploy(taskDefinitions.green).ended;
    cloud.elasticLoadBalancing.changeActions(listenerArn, () => [
      {
        Type: 'forward',
        ForwardConfig: {
          TargetGroups: [
            { TargetGroupArn: targetGroups[0], Weight: 100 },
            { TargetGroupArn: targetGroups[1], Weight: 0 },
          ],
        },
      },
    ]);

    await expect(deployments.percentByStack({ boundBy })).rejects.toThrowError(ResourceStateError);
    await expect(deployments.percentByStack({ boundBy })).rejects.toThrowError(
      `Cannot determine which stack of service orders/web has the traffic: expected tasks of service orders/web behind each target group with traffic, got none behind ${targetGroups[0]}`,
    );
  });

  test('throws InvalidInputError without the environment variable', async () => {
    const { deployments } = setUp();

    await expect(deployments.percentByStack()).rejects.toThrowError(
      /boundBy: expected the name of an environment/,
    );
    await expect(deployments.percentByStack({ boundby: 'STACK' } as object)).rejects.toThrowError(
      /did you mean boundBy/,
    );
  });
});

describe('codeDeploySwitch: calls', () => {
  test('reads a task definition once, and everything that changes each time', async () => {
    const { cloud, deployments, deploy, taskDefinitions } = setUp();
    await deployments.percentByStack({ boundBy });
    const before = cloud.calls.length;

    await deployments.percentByStack({ boundBy });
    expect(cloud.calls.slice(before).map(({ action }) => action)).toEqual([
      'ecs:DescribeServices',
      'elasticloadbalancing:DescribeRules',
    ]);
    await deploy(taskDefinitions.green).ended;
    expect(await deployments.percentByStack({ boundBy })).toEqual({ blue: 0, green: 100 });
  });

  test('reads the group of a deployment once', async () => {
    const { cloud, deployments, deploy, taskDefinitions } = setUp();
    const owner = ownerOf(deploy(taskDefinitions.green));
    await deployments.statusOf(owner);
    const before = cloud.calls.length;

    await deployments.isAnotherUnderWay(owner);

    expect(cloud.calls.slice(before).map(({ action }) => action)).toEqual(['codedeploy:ListDeployments']);
  });
});

describe('codeDeploySwitch: bindingOf', () => {
  test.each(['green', 'blue'] as const)('returns the stack of the task definition: %s', async (stack) => {
    const { deployments, deploy, taskDefinitions } = setUp();
    const deployment = deploy(taskDefinitions[stack]);

    expect(await deployments.bindingOf(ownerOf(deployment), boundBy)).toEqual({
      stacks: [stack],
      revision: stack === 'blue' ? 'web:1' : 'web:2',
    });
  });

  test.each<[string, Readonly<Record<string, string>>[], string[]]>([
    ['none', [{}], []],
    ['none in a lower-case variable', [{ stack: 'blue' }], []],
    ['one of several containers', [{}, { STACK: 'green' }], ['green']],
    ['every container', [{ STACK: 'green' }, { STACK: 'green' }], ['green']],
    ['both', [{ STACK: 'green' }, { STACK: 'blue' }], ['blue', 'green']],
  ])('returns the stacks that the containers name: %s', async (_, containers, stacks) => {
    const { cloud, deployments, deploy } = setUp();
    const deployment = deploy(registerTaskDefinition(cloud, ...containers));

    expect(await deployments.bindingOf(ownerOf(deployment), boundBy)).toMatchObject({ stacks });
  });

  test('throws ResourceStateError for another value than a stack', async () => {
    const { cloud, deployments, deploy } = setUp();
    const deployment = deploy(registerTaskDefinition(cloud, { STACK: 'Green' }));

    await expect(deployments.bindingOf(ownerOf(deployment), boundBy)).rejects.toThrowError(
      'Container web of task definition web:3 does not name its stack: expected the environment variable STACK with the value blue or green, got "Green". Register',
    );
  });

  test('throws ResourceStateError for a secret, whose value ECS does not show', async () => {
    const { cloud, deployments, deploy } = setUp();
    const taskDefinition = cloud.ecs.addTaskDefinition({
      family: 'web',
      containerDefinitions: [
        { name: 'web', image: 'web', memory: 512, secrets: [{ name: 'STACK', valueFrom: 'arn:aws:ssm:x' }] },
      ],
    });
    const deployment = deploy(taskDefinition);

    await expect(deployments.bindingOf(ownerOf(deployment), boundBy)).rejects.toThrowError(/got a secret/);
  });

  test.each<[string, (taskDefinition: string) => string]>([
    [
      'JSON',
      (arn) => JSON.stringify({ Resources: [{ TargetService: { Properties: { TaskDefinition: arn } } }] }),
    ],
    [
      'YAML',
      (arn) =>
        `version: 0.0\nResources:\n  - TargetService:\n      Properties:\n        TaskDefinition: ${arn}\n`,
    ],
    ['its ARN alone', (arn) => arn],
    ['family:revision', () => 'web:2'],
  ])('takes the task definition from revisionOf for an AppSpec file in S3: %s', async (_, contentOf) => {
    const seen: object[] = [];
    const world = setUp(
      { revisionType: 'S3' },
      {
        revisionOf: async (location) => {
          seen.push(location);
          return contentOf(world.taskDefinitions.green);
        },
      },
    );
    const deployment = world.deploy(world.taskDefinitions.green);

    expect(await world.deployments.bindingOf(ownerOf(deployment), boundBy)).toMatchObject({
      stacks: ['green'],
    });
    expect(seen).toEqual([
      { deploymentId: deployment.deploymentId, bucket: 'orders-revisions', key: expect.any(String) },
    ]);
  });

  test.each([undefined, null, 7, '', 'TaskDefinition: *anchor', '{"Resources":[]}'])(
    'throws ResourceStateError when revisionOf returns %o',
    async (content) => {
      const { deployments, deploy, taskDefinitions } = setUp(
        { revisionType: 'S3' },
        { revisionOf: () => content as string },
      );
      const deployment = deploy(taskDefinitions.green);

      await expect(deployments.bindingOf(ownerOf(deployment), boundBy)).rejects.toThrowError(
        /^Cannot read the task definition of deployment d-/,
      );
    },
  );

  test('throws ResourceStateError for an AppSpec file in S3 without revisionOf', async () => {
    const { deployments, deploy, taskDefinitions } = setUp({ revisionType: 'S3' });
    const deployment = deploy(taskDefinitions.green);

    await expect(deployments.bindingOf(ownerOf(deployment), boundBy)).rejects.toThrowError(
      /expected an AppSpec file that CodeDeploy returns, got one in the S3 bucket orders-revisions. Read it in the option revisionOf/,
    );
  });

  test.each(['appSpecContent', 'string'] as const)(
    'reads the content that GetDeployment or GetApplicationRevision returns in %s',
    async (form) => {
      for (const operation of [GetDeploymentCommand, GetApplicationRevisionCommand]) {
        const { deployments, deploy, taskDefinitions, clients } = setUp();
        const owner = ownerOf(deploy(taskDefinitions.blue));
        const { codeDeploy } = clients;
        const send = codeDeploy.send.bind(codeDeploy) as (...given: unknown[]) => Promise<object>;
        const revision = { [form]: { content: `TaskDefinition: ${taskDefinitions.green}` } };
        codeDeploy.send = (async (...given: unknown[]) => {
          const response: { deploymentInfo?: object } = await send(...given);
          if (!(given[0] instanceof operation)) return response;
          const deploymentInfo = { ...response.deploymentInfo, revision };
          return operation === GetDeploymentCommand ? { deploymentInfo } : { revision };
        }) as never;

        expect(await deployments.bindingOf(owner, boundBy)).toMatchObject({ stacks: ['green'] });
      }
    },
  );

  test.each([
    ['GetApplicationRevisionCommand', {}, ResourceStateError],
    ['GetApplicationRevisionCommand', { revision: { gitHubLocation: {} } }, ResourceStateError],
    ['GetDeploymentGroupCommand', {}, UnexpectedResponseError],
    ['GetDeploymentGroupCommand', { deploymentGroupInfo: {} }, ResourceStateError],
    [
      'GetDeploymentGroupCommand',
      { deploymentGroupInfo: { ecsServices: [{ clusterName: 'orders', serviceName: 'web' }] } },
      ResourceStateError,
    ],
    ['GetDeploymentCommand', {}, UnexpectedResponseError],
    ['GetDeploymentCommand', { deploymentInfo: {} }, UnexpectedResponseError],
    ['GetDeploymentCommand', { deploymentInfo: { status: 'InProgress' } }, UnexpectedResponseError],
  ])('throws for an incomplete response of %s: %j', async (name, response, errorClass) => {
    const { deployments, deploy, taskDefinitions, clients } = setUp();
    const owner = ownerOf(deploy(taskDefinitions.green));
    const { codeDeploy } = clients;
    const send = codeDeploy.send.bind(codeDeploy) as (...given: unknown[]) => Promise<unknown>;
    codeDeploy.send = ((...given: unknown[]) =>
      given[0]?.constructor.name === name ? Promise.resolve(response) : send(...given)) as never;

    await expect(deployments.bindingOf(owner, boundBy)).rejects.toThrowError(errorClass);
  });

  test('passes the error of revisionOf', async () => {
    const failure = new Error('NoSuchKey');
    const { deployments, deploy, taskDefinitions } = setUp(
      { revisionType: 'S3' },
      { revisionOf: () => Promise.reject(failure) },
    );
    const deployment = deploy(taskDefinitions.green);

    await expect(deployments.bindingOf(ownerOf(deployment), boundBy)).rejects.toBe(failure);
  });

  test('throws ResourceStateError for a deployment of another service', async () => {
    const { deploy, taskDefinitions, clients, listenerArn } = setUp();
    const other = codeDeploySwitch({ cluster: 'orders', service: 'admin', listenerArn, clients });

    await expect(other.bindingOf(ownerOf(deploy(taskDefinitions.green)), boundBy)).rejects.toThrowError(
      'Deployment belongs to another service: expected service orders/admin, got orders/web',
    );
  });

  test('throws ResourceStateError when listenerArn is the test listener', async () => {
    const { deploy, taskDefinitions, clients, service, testListenerArn, listenerArn } = setUp();
    const other = codeDeploySwitch({ ...service, listenerArn: testListenerArn, clients });

    await expect(other.bindingOf(ownerOf(deploy(taskDefinitions.green)), boundBy)).rejects.toThrowError(
      `Deployment group has another production listener: expected ${testListenerArn}, got ${listenerArn}`,
    );
  });

  test('accepts the service and the cluster by ARN', async () => {
    const { cloud, deploy, taskDefinitions, clients, listenerArn, deployments } = setUp();
    const { serviceArn, clusterArn } = cloud.ecs.service('orders', 'web');
    const byArn = codeDeploySwitch({ cluster: clusterArn, service: serviceArn, listenerArn, clients });

    expect(await byArn.bindingOf(ownerOf(deploy(taskDefinitions.green)), boundBy)).toMatchObject({
      stacks: ['green'],
    });
    expect(await byArn.percentByStack({ boundBy })).toEqual({ blue: 100, green: 0 });
    expect(byArn.fingerprint).toBe(deployments.fingerprint);
  });

  test('throws ResourceNotFoundError for a deployment that does not exist', async () => {
    const { deployments } = setUp();
    const owner = { kind: 'codeDeploy', id: 'd-000000000' } as const;

    for (const call of [
      () => deployments.bindingOf(owner, boundBy),
      () => deployments.statusOf(owner),
      () => deployments.isAnotherUnderWay(owner),
      () => deployments.returnTraffic(owner, 'test'),
    ]) {
      await expect(call()).rejects.toThrowError(ResourceNotFoundError);
      await expect(call()).rejects.toThrowError('Deployment d-000000000 not found. Check the Region');
    }
  });
});

describe('codeDeploySwitch: statusOf', () => {
  test('follows a deployment to its success', async () => {
    const { deployments, deploy, taskDefinitions, until } = setUp();
    const deployment = deploy(taskDefinitions.green);
    const owner = ownerOf(deployment);

    expect(await deployments.statusOf(owner)).toMatchObject({ state: 'underWay' });
    // The bake is the termination wait: CodeDeploy can still return the traffic.
    await until(() => deployment.replacementPercent === 100);
    expect(await deployments.statusOf(owner)).toMatchObject({ state: 'underWay' });
    await deployment.ended;
    expect(await deployments.statusOf(owner)).toEqual({
      state: 'succeeded',
      detail: `deployment ${deployment.deploymentId} is Succeeded`,
    });
  });

  test('is returning until the rollback deployment has ended, which is a rollback itself', async () => {
    const { deployments, deploy, taskDefinitions, until } = setUp();
    const deployment = deploy(taskDefinitions.green);
    await until(() => deployment.replacementPercent === 10);
    deployment.stop({ rollBack: true });
    await deployment.ended;
    const { rollback } = deployment;
    if (rollback === undefined) return expect.unreachable('no rollback deployment');

    expect(await deployments.statusOf(ownerOf(deployment))).toMatchObject({
      state: 'ended',
      isReturning: true,
    });
    expect(await deployments.statusOf(ownerOf(rollback))).toMatchObject({
      state: 'underWay',
      isRollback: true,
    });
    await rollback.ended;
    expect(await deployments.statusOf(ownerOf(deployment))).toMatchObject({
      state: 'ended',
      isReturning: false,
    });
    expect(await deployments.statusOf(ownerOf(rollback))).toMatchObject({
      state: 'succeeded',
      isRollback: true,
    });
  });

  test('has ended without a return after a stop without a rollback', async () => {
    const { deployments, deploy, taskDefinitions, until } = setUp({ autoRollback: false });
    const deployment = deploy(taskDefinitions.green);
    await until(() => deployment.replacementPercent === 10);
    deployment.stop();
    await deployment.ended;

    expect(await deployments.statusOf(ownerOf(deployment))).toEqual({
      state: 'ended',
      isReturning: false,
      detail: `deployment ${deployment.deploymentId} is Stopped (MANUAL_STOP: The deployment was stopped by a user)`,
    });
  });

  const base = { deploymentId: 'd-1' };
  const rolledBack = { rollbackInfo: { rollbackDeploymentId: 'd-2' } };
  test.each([
    [{ status: 'Created' }, undefined, 'underWay'],
    [{ status: 'Queued' }, undefined, 'underWay'],
    [{ status: 'Ready' }, undefined, 'underWay'],
    [{ status: 'Baking' }, undefined, 'underWay'],
    [{ status: 'Paused' }, undefined, 'underWay'],
    [{ status: 'Succeeded' }, undefined, 'succeeded'],
    [{ status: 'Succeeded', ...rolledBack }, { status: 'InProgress' }, 'ended, returning'],
    [{ status: 'Succeeded', ...rolledBack }, { status: 'Succeeded' }, 'ended'],
    [{ status: 'Failed' }, undefined, 'ended'],
    [{ status: 'Failed', ...rolledBack }, { status: 'Paused' }, 'ended, returning'],
    [{ status: 'Stopped', ...rolledBack }, { status: 'Failed' }, 'ended'],
    [{ status: 'Stopped', ...rolledBack }, { status: 'Stopped' }, 'ended'],
  ])('of %j with the rollback %j is %s', (info, rollback, expected) => {
    const status = codeDeployStatus(
      { ...base, ...info } as object,
      rollback && ({ deploymentId: 'd-2', ...rollback } as object),
    );

    const isReturning = status.state === 'ended' && status.isReturning;
    expect(`${status.state}${isReturning ? ', returning' : ''}`).toBe(expected);
    expect(status.detail).toContain(`deployment d-1 is ${info.status}`);
    if (rollback) expect(status.detail).toContain(`its rollback deployment d-2 is ${rollback.status}`);
  });
});

describe('codeDeploySwitch: isAnotherUnderWay', () => {
  test('is true for a rollback deployment, and for the next deployment', async () => {
    const { deployments, deploy, taskDefinitions, until } = setUp();
    const first = deploy(taskDefinitions.green);
    expect(await deployments.isAnotherUnderWay(ownerOf(first))).toBe(false);

    await until(() => first.replacementPercent === 10);
    first.stop({ rollBack: true });
    await first.ended;
    expect(await deployments.isAnotherUnderWay(ownerOf(first))).toBe(true);

    await first.rollback?.ended;
    expect(await deployments.isAnotherUnderWay(ownerOf(first))).toBe(false);

    const second = deploy(taskDefinitions.green);
    expect(await deployments.isAnotherUnderWay(ownerOf(first))).toBe(true);
    expect(await deployments.isAnotherUnderWay(ownerOf(second))).toBe(false);
  });

  test('is true for a deployment on the last page', async () => {
    const { deployments, deploy, taskDefinitions, clients } = setUp();
    const owner = ownerOf(deploy(taskDefinitions.green));
    const { codeDeploy } = clients;
    const send = codeDeploy.send.bind(codeDeploy) as (...given: unknown[]) => Promise<unknown>;
    const pages = [
      { deployments: [owner.id], nextToken: 'page-2' },
      { deployments: [], nextToken: 'page-3' },
      { deployments: ['d-999999999'] },
    ];
    codeDeploy.send = ((...given: unknown[]) =>
      given[0] instanceof GetDeploymentCommand ? send(...given) : Promise.resolve(pages.shift())) as never;

    expect(await deployments.isAnotherUnderWay(owner)).toBe(true);
    expect(pages).toEqual([]);
  });
});

describe('codeDeploySwitch: returnTraffic', () => {
  test('rolls the deployment back although the group does not, and writes no weights', async () => {
    const logger = createRecorder();
    const { cloud, deployments, deploy, taskDefinitions, until } = setUp({ autoRollback: false }, { logger });
    const deployment = deploy(taskDefinitions.green);
    await until(() => deployment.replacementPercent === 10);

    await deployments.returnTraffic(ownerOf(deployment), 'orders are late');
    await deployment.ended;
    await deployment.rollback?.ended;

    expect(await deployments.percentByStack({ boundBy })).toEqual({ blue: 100, green: 0 });
    expect(cloud.calls.filter(({ action }) => /Modify|Update|Put/.test(action))).toEqual([]);
    expect(logger.take()).toEqual([
      expect.objectContaining({
        level: 'info',
        message: 'Requested rollback of deployment',
        data: { resource: `deployment ${deployment.deploymentId}`, reason: 'orders are late' },
      }),
    ]);
  });

  test('succeeds twice, and after the end', async () => {
    const { deployments, deploy, taskDefinitions, until } = setUp();
    const deployment = deploy(taskDefinitions.green);
    await until(() => deployment.replacementPercent === 10);

    await deployments.returnTraffic(ownerOf(deployment), 'test');
    await deployments.returnTraffic(ownerOf(deployment), 'test');
    await deployment.ended;
    await deployment.rollback?.ended;
    await deployments.returnTraffic(ownerOf(deployment), 'test');

    expect(deployment.status).toBe('Stopped');
  });
});

describe('codeDeploySwitch', () => {
  test('declares the permissions of its calls', async () => {
    const { cloud, deployments, deploy, taskDefinitions } = setUp();
    const owner = ownerOf(deploy(taskDefinitions.green));
    await deployments.percentByStack({ boundBy });
    await deployments.bindingOf(owner, boundBy);
    await deployments.isAnotherUnderWay(owner);
    await deployments.returnTraffic(owner, 'test');

    expect(deployments.permissions.map(({ action }) => action).toSorted()).toEqual(
      [...new Set(cloud.calls.map(({ action }) => action))].toSorted(),
    );
  });

  test.each(['throttle', 'serverError', 'timeout'] as const)(
    'survives one fault of each call: %s',
    async (kind) => {
      const { cloud, deployments, deploy, taskDefinitions } = setUp();
      const owner = ownerOf(deploy(taskDefinitions.green));
      for (const { action } of deployments.permissions) cloud.injectFault({ kind, action });

      expect(await deployments.percentByStack({ boundBy })).toEqual({ blue: 100, green: 0 });
      expect(await deployments.bindingOf(owner, boundBy)).toMatchObject({ stacks: ['green'] });
      expect(await deployments.isAnotherUnderWay(owner)).toBe(false);
      await deployments.returnTraffic(owner, 'test');
    },
  );

  test('throws AccessDeniedError with the action of each call', async () => {
    const { deployments } = setUp();
    for (const { action } of deployments.permissions) {
      const { cloud, deployments: denied, deploy, taskDefinitions } = setUp();
      const owner = ownerOf(deploy(taskDefinitions.green));
      cloud.injectFault({ kind: 'accessDenied', action, times: Number.POSITIVE_INFINITY });
      const everything = async () => {
        await denied.percentByStack({ boundBy });
        await denied.bindingOf(owner, boundBy);
        await denied.isAnotherUnderWay(owner);
        await denied.returnTraffic(owner, 'test');
      };

      const error: unknown = await everything().catch((it: unknown) => it);
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

  test.each([
    { kind: 'ecs', id: 'd-1' },
    { kind: 'run', id: 'd-1' },
    { kind: 'codeDeploy', id: '' },
    null,
    'd-1',
  ])('throws InvalidInputError for the owner %j', async (owner) => {
    const { deployments } = setUp();
    const given = owner as { kind: 'codeDeploy'; id: string };

    for (const call of [
      deployments.bindingOf(given, boundBy),
      deployments.statusOf(given),
      deployments.isAnotherUnderWay(given),
      deployments.returnTraffic(given, 'test'),
    ])
      await expect(call).rejects.toThrowError(InvalidInputError);
  });

  test.each([
    [{}, 'listenerArn: expected'],
    [{ cluster: '' }, 'cluster: expected a string that is not empty'],
    [{ listener: 'x' }, 'listener: unknown option; did you mean listenerArn?'],
    [{ listenerArn: 'arn:aws:elasticloadbalancing:x:1:listener-rule/app/a/b/c/d' }, 'the ARN of a listener'],
    [{ revisionOf: 'x' }, 'revisionOf: expected a function'],
    [{ clients: { codeDeploy: {} } }, 'clients.codeDeploy: expected an SDK client'],
    [{ logger: {} }, 'logger: expected a logger'],
  ])('throws InvalidInputError for the options %j', (options, problem) => {
    const all = {
      cluster: 'orders',
      service: 'web',
      listenerArn: Object.keys(options).length ? 'arn' : undefined,
      ...options,
    };

    expect(() => codeDeploySwitch(all as CodeDeploySwitchOptions)).toThrowError(problem);
  });
});
