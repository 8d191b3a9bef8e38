import { describe, expect, test } from 'vitest';
import { ResourceNotFoundError, UnexpectedResponseError } from '../../../../src/core/errors.js';
import { type DeployedStackOptions, deployedStack } from '../../../../src/swap/switches/deployed-stack.js';
import { makeDeploymentWorld } from '../../../support/deployment-world.js';
import { makeEcsDeploymentWorld } from '../../../support/ecs-deployment-world.js';

const boundBy = 'STACK';

const alternating = {
  targetGroupArn: 'first',
  advancedConfiguration: { alternateTargetGroupArn: 'second' },
};

/** A probe of a service with one revision of green, whose listener forwards to the second target group. */
function probeOfRevision(configuration: object) {
  const { service, listenerArn, clients, taskDefinitions } = makeEcsDeploymentWorld();
  const revision = {
    serviceRevisionArn: 'revision/1',
    taskDefinition: taskDefinitions.green,
    ...configuration,
  };
  const forward = { Type: 'forward', TargetGroupArn: 'second' };
  const responses: Readonly<Record<string, object>> = {
    DescribeServicesCommand: { services: [{ currentServiceRevisions: [{ arn: 'revision/1' }] }] },
    DescribeServiceRevisionsCommand: { serviceRevisions: [revision] },
    DescribeRulesCommand: { Rules: [{ RuleArn: 'rule', IsDefault: true, Actions: [forward] }] },
  };
  for (const client of [clients.ecs, clients.elasticLoadBalancing]) {
    const send = client.send.bind(client) as (command: object, ...rest: unknown[]) => Promise<unknown>;
    client.send = ((command: object, ...rest: unknown[]) =>
      Promise.resolve(responses[command.constructor.name] ?? send(command, ...rest))) as never;
  }
  return deployedStack({ ...service, listenerArn, clients, boundBy });
}

describe('deployedStack', () => {
  test.each([
    ['CodeDeploy', makeDeploymentWorld],
    ['ECS', makeEcsDeploymentWorld],
  ])('returns the live stack of a service that %s deploys', async (_, makeWorld) => {
    const { service, listenerArn, clients, taskDefinitions, deploy } = makeWorld();
    const probe = deployedStack({ ...service, listenerArn, clients, boundBy });

    expect(await probe.percentByStack()).toEqual({ blue: 100, green: 0 });
    await deploy(taskDefinitions.green).ended;
    expect(await probe.percentByStack()).toEqual({ blue: 0, green: 100 });
    expect(probe.description).toBe('Deployed stack of service orders/web');
  });

  test.each([
    ['CodeDeploy', makeDeploymentWorld, ['ecs:DescribeServiceRevisions']],
    ['ECS', makeEcsDeploymentWorld, []],
  ])('declares the permissions of its calls: %s', async (_, makeWorld, unused) => {
    const { cloud, service, listenerArn, clients } = makeWorld();
    const probe = deployedStack({ ...service, listenerArn, clients, boundBy });
    await probe.percentByStack();

    const called = [...new Set(cloud.calls.map(({ action }) => action)), ...unused].toSorted();
    expect(probe.permissions.map(({ action }) => action).toSorted()).toEqual(called);
  });

  test('prefers the variable of the swap to its own', async () => {
    const { service, listenerArn, clients } = makeDeploymentWorld();
    const probe = deployedStack({ ...service, listenerArn, clients, boundBy: 'OTHER' });

    expect(await probe.percentByStack({ boundBy })).toEqual({ blue: 100, green: 0 });
    await expect(probe.percentByStack()).rejects.toThrowError(/one stack in OTHER.*bound to none/);
  });

  test.each<[string, Partial<DeployedStackOptions>, string]>([
    ['cluster', { cluster: 'missing' }, 'Cluster of service missing/web not found'],
    ['service', { service: 'missing' }, 'Service orders/missing not found. Correct cluster and service'],
    [
      'listener',
      { listenerArn: 'arn:x:listener/app/missing' },
      'Listener arn:x:listener/app/missing not found',
    ],
  ])('throws ResourceNotFoundError for a missing %s', async (_, options, message) => {
    const { service, listenerArn, clients } = makeDeploymentWorld();
    const probe = deployedStack({
      ...service,
      listenerArn,
      clients,
      boundBy,
      ...options,
    } as DeployedStackOptions);

    await expect(probe.percentByStack()).rejects.toThrowError(ResourceNotFoundError);
    await expect(probe.percentByStack()).rejects.toThrowError(message);
  });

  test('throws ResourceNotFoundError when ECS does not show the revision', async () => {
    const { service, listenerArn, clients } = makeEcsDeploymentWorld();
    const { ecs } = clients;
    const send = ecs.send.bind(ecs) as (command: object, ...rest: unknown[]) => Promise<unknown>;
    ecs.send = ((command: object, ...rest: unknown[]) =>
      command.constructor.name === 'DescribeServiceRevisionsCommand'
        ? Promise.resolve({ serviceRevisions: [], failures: [{ reason: 'MISSING' }] })
        : send(command, ...rest)) as never;
    const probe = deployedStack({ ...service, listenerArn, clients, boundBy });

    await expect(probe.percentByStack()).rejects.toThrowError(
      /Service revision \w+ of service orders\/web not found/,
    );
  });

  test.each([
    ['DescribeServicesCommand', { services: [{ status: 'ACTIVE' }] }],
    ['DescribeServicesCommand', { services: [{ status: 'ACTIVE', currentServiceRevisions: [{}] }] }],
    ['DescribeServicesCommand', { services: [{ deploymentController: { type: 'CODE_DEPLOY' } }] }],
    [
      'DescribeServicesCommand',
      { services: [{ deploymentController: { type: 'CODE_DEPLOY' }, taskSets: [{}] }] },
    ],
    ['DescribeTaskDefinitionCommand', {}],
    ['DescribeRulesCommand', { Rules: [] }],
    ['DescribeRulesCommand', { Rules: [{ IsDefault: true }] }],
    ['DescribeRulesCommand', { Rules: [{ IsDefault: true, RuleArn: 'r', Actions: [{ Type: 'forward' }] }] }],
    [
      'DescribeRulesCommand',
      {
        Rules: [
          {
            IsDefault: true,
            RuleArn: 'r',
            Actions: [
              {
                Type: 'forward',
                ForwardConfig: { TargetGroups: [{ TargetGroupArn: 'a' }, { TargetGroupArn: 'b' }] },
              },
            ],
          },
        ],
      },
    ],
  ])('throws UnexpectedResponseError for an incomplete response of %s: %j', async (name, response) => {
    const { service, listenerArn, clients } = makeDeploymentWorld();
    for (const client of [clients.ecs, clients.elasticLoadBalancing]) {
      const send = client.send.bind(client) as (command: object, ...rest: unknown[]) => Promise<unknown>;
      client.send = ((command: object, ...rest: unknown[]) =>
        command.constructor.name === name ? Promise.resolve(response) : send(command, ...rest)) as never;
    }
    const probe = deployedStack({ ...service, listenerArn, clients, boundBy });

    await expect(probe.percentByStack()).rejects.toThrowError(UnexpectedResponseError);
  });

  test.each<[string, object, object]>([
    [
      'the resolved target group of two',
      {
        loadBalancers: [alternating],
        resolvedConfiguration: { loadBalancers: [{ targetGroupArn: 'second' }] },
      },
      { blue: 0, green: 100 },
    ],
    [
      'the only target group of a rolling deployment',
      { loadBalancers: [{ targetGroupArn: 'second' }] },
      { blue: 0, green: 100 },
    ],
  ])('takes %s', async (_, configuration, percents) => {
    const probe = probeOfRevision(configuration);

    expect(await probe.percentByStack()).toEqual(percents);
  });

  test.each<[string, object, string]>([
    [
      'without a resolved one of two target groups',
      { loadBalancers: [alternating] },
      'the field resolvedConfiguration.loadBalancers',
    ],
    [
      'without a target group',
      {},
      'expected service revisions with a target group, got service revision 1 without a target group',
    ],
    ['of Service Connect', { loadBalancers: [{ containerName: 'web' }] }, 'without a target group'],
  ])('throws for a revision %s', async (_, configuration, message) => {
    await expect(probeOfRevision(configuration).percentByStack()).rejects.toThrowError(message);
  });

  test('creates missing clients from the configuration on first use', async () => {
    const { service, listenerArn, clients } = makeDeploymentWorld();
    const { elasticLoadBalancing } = clients;
    const clientConfig = {
      region: 'eu-west-1',
      maxAttempts: 1,
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
      requestHandler: { handle: () => Promise.reject(new Error('sent by its own client')) },
    };
    const probe = deployedStack({
      ...service,
      listenerArn,
      boundBy,
      clients: { elasticLoadBalancing },
      clientConfig,
    });

    await expect(probe.percentByStack()).rejects.toThrowError('sent by its own client');
  });

  test('throws InvalidInputError for a configuration when every client is ready', () => {
    const { service, listenerArn, clients } = makeDeploymentWorld();
    const all = { ...service, listenerArn, clients, clientConfig: {} } as unknown as DeployedStackOptions;

    expect(() => deployedStack(all)).toThrowError(/clientConfig: expected nothing/);
  });
});
