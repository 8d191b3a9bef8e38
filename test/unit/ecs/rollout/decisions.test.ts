import type { Service } from '@aws-sdk/client-ecs';
import { describe, expect, test } from 'vitest';
import { identityOf, isCanaryOf, previousOf } from '../../../../src/ecs/rollout/canary-identity.js';
import { presentDefinitions, requireRolled } from '../../../../src/ecs/rollout/rollout-service.js';
import { formerSettings, groupsLeft, settingsOf } from '../../../../src/ecs/rollout/service-settings.js';
import { isRefusal } from '../../../../src/ecs/rollout/service-update.js';
import {
  describeStop,
  explainStop,
  hasStopped,
  isStopping,
} from '../../../../src/ecs/rollout/stopped-task.js';
import { familyOf } from '../../../../src/ecs/rollout/task-definitions.js';

const arns = {
  clusterArn: 'arn:aws:ecs:eu-west-1:123456789012:cluster/shop',
  serviceArn: 'arn:aws:ecs:eu-west-1:123456789012:service/shop/web',
};

describe('identityOf', () => {
  test('is the same for every run, and tells services apart', () => {
    const other = { ...arns, serviceArn: `${arns.serviceArn}-2` };

    expect(identityOf(arns)).toEqual(identityOf(arns));
    expect(identityOf(arns).rolloutId).toBe('shop/web');
    expect(identityOf(other).startedBy).not.toBe(identityOf(arns).startedBy);
    expect(identityOf(arns, 'release 7')).toEqual({ ...identityOf(arns), rolloutId: 'release 7' });
  });

  test('keeps to what AWS allows, also for the longest names', () => {
    const name = 'x'.repeat(255);
    const { startedBy, rolloutId } = identityOf({ clusterArn: `a/${name}`, serviceArn: `a/${name}/${name}` });

    expect(startedBy).toMatch(/^[\w/-]{1,128}$/);
    expect(rolloutId.length).toBeLessThanOrEqual(256);
  });

  test('is that of a task only when both its origin and its tag are', () => {
    const identity = identityOf(arns);
    const tags = [
      { key: 'aws-blue-green-toolkit:rollout', value: 'shop/web' },
      { key: 'aws-blue-green-toolkit:previous-task-definition', value: 'web:1' },
    ];
    const { startedBy } = identity;

    expect(isCanaryOf(identity, { startedBy, tags })).toBe(true);
    expect(isCanaryOf(identity, { startedBy })).toBe(false);
    expect(isCanaryOf(identity, { startedBy: 'somebody', tags })).toBe(false);
    expect(isCanaryOf(identityOf(arns, 'other'), { startedBy, tags })).toBe(false);
    expect(previousOf({ tags })).toBe('web:1');
  });
});

describe('presentDefinitions', () => {
  const primary = (rolloutState?: 'COMPLETED' | 'FAILED' | 'IN_PROGRESS') => ({
    status: 'PRIMARY',
    taskDefinition: 'web:2',
    ...(rolloutState && { rolloutState }),
  });
  const old = { status: 'ACTIVE', taskDefinition: 'web:1', rolloutState: 'COMPLETED' } as const;
  const failed = { status: 'ACTIVE', taskDefinition: 'web:0', rolloutState: 'FAILED' } as const;

  test.each<[string, Service, string]>([
    ['a settled service: what it runs', { deployments: [primary('COMPLETED')] }, 'web:2'],
    ['without rollout states: what it runs', { deployments: [primary(), old] }, 'web:2'],
    [
      'under way: the completed one beside it',
      { deployments: [primary('IN_PROGRESS'), failed, old] },
      'web:1',
    ],
    ['failed: the completed one beside it', { deployments: [primary('FAILED'), old] }, 'web:1'],
    ['failed: any other one', { deployments: [primary('FAILED'), failed] }, 'web:0'],
    ['failed and alone: itself', { deployments: [primary('FAILED')] }, 'web:2'],
  ])('%s', (_title, service, lastGood) => {
    expect(presentDefinitions(service)).toEqual({ primary: 'web:2', lastGood });
  });

  test('knows nothing of a service without a task definition', () => {
    expect(presentDefinitions({})).toBeUndefined();
    expect(presentDefinitions({ taskDefinition: 'web:1' })).toEqual({ primary: 'web:1', lastGood: 'web:1' });
  });
});

describe('requireRolled', () => {
  test.each<Service>([
    {},
    { deploymentController: { type: 'ECS' } },
    { deploymentConfiguration: { strategy: 'ROLLING' } },
  ])('lets %j pass', (service) => {
    expect(() => requireRolled(service, 'shop/web')).not.toThrow();
  });

  test.each<Service>([
    { deploymentController: { type: 'CODE_DEPLOY' } },
    { deploymentController: { type: 'EXTERNAL' } },
    { deploymentConfiguration: { strategy: 'BLUE_GREEN' } },
  ])('refuses %j', (service) => {
    expect(() => requireRolled(service, 'shop/web')).toThrowError(/is not rolled out by ECS task by task/);
  });
});

describe('settingsOf', () => {
  test('takes what an update can change, and neither the count nor the names', () => {
    const wanted = {
      serviceName: 'web',
      cluster: 'shop',
      taskDefinition: 'web',
      desiredCount: 4,
      launchType: 'FARGATE',
      healthCheckGracePeriodSeconds: 0,
      tags: [{ key: 'a', value: 'b' }],
    } as const;

    const settings = settingsOf({ ...wanted, tags: [...wanted.tags] }, {});

    expect(settings).toEqual({ healthCheckGracePeriodSeconds: 0 });
  });

  test('forces the deployment that other capacity providers need', () => {
    const capacityProviderStrategy = [{ capacityProvider: 'FARGATE' }];

    expect(settingsOf({ capacityProviderStrategy }, {})).toEqual({
      capacityProviderStrategy,
      forceNewDeployment: true,
    });
  });

  test('starts no task anew for the capacity providers that the service has already', () => {
    const present = { capacityProviderStrategy: [{ capacityProvider: 'FARGATE', weight: 0, base: 0 }] };

    expect(settingsOf({ capacityProviderStrategy: [{ capacityProvider: 'FARGATE' }] }, present)).toEqual({});
  });

  test('are put back as they were: from the service, from its deployment, or emptied', () => {
    const service: Service = {
      healthCheckGracePeriodSeconds: 7,
      deployments: [{ status: 'PRIMARY', volumeConfigurations: [{ name: 'data' }] }],
    };
    const changed = {
      healthCheckGracePeriodSeconds: 9,
      volumeConfigurations: [],
      placementConstraints: [{ type: 'distinctInstance' as const }],
      platformVersion: '1.4.0',
      forceNewDeployment: true,
    };

    expect(formerSettings(service, changed)).toEqual({
      healthCheckGracePeriodSeconds: 7,
      volumeConfigurations: [{ name: 'data' }],
      placementConstraints: [],
      forceNewDeployment: true,
    });
  });
});

describe('Service Connect', () => {
  const changed = { serviceConnectConfiguration: { enabled: true, namespace: 'shop' } };

  test('is ended by a rollback to a service without', () => {
    expect(formerSettings({ deployments: [{ status: 'PRIMARY' }] }, changed)).toEqual({
      serviceConnectConfiguration: { enabled: false },
    });
  });

  test('is put back as the deployment before had it', () => {
    const serviceConnectConfiguration = { enabled: true, namespace: 'former' };
    const deployments = [{ status: 'PRIMARY', serviceConnectConfiguration }];

    expect(formerSettings({ deployments }, changed)).toEqual({ serviceConnectConfiguration });
  });
});

describe('the target groups that new settings leave', () => {
  const group = (name: string, containerPort: number) => ({
    targetGroupArn: name,
    containerName: 'app',
    containerPort,
    targetType: 'ip',
    isIpv6: false,
  });
  const entry = (targetGroupArn: string, containerPort: number, containerName = 'app') => ({
    targetGroupArn,
    containerName,
    containerPort,
  });
  const groups = [group('a', 80), group('b', 81)];

  test.each([
    { title: 'none when load balancers are not among them', loadBalancers: undefined, left: [] },
    { title: 'none when they are the same', loadBalancers: [entry('b', 81), entry('a', 80)], left: [] },
    { title: 'the one that is not named any more', loadBalancers: [entry('a', 80)], left: ['b'] },
    { title: 'one with another port', loadBalancers: [entry('a', 82), entry('b', 81)], left: ['a'] },
    {
      title: 'one with another container',
      loadBalancers: [entry('a', 80, 'web'), entry('b', 81)],
      left: ['a'],
    },
    { title: 'all of them', loadBalancers: [], left: ['a', 'b'] },
  ])('$title', ({ loadBalancers, left }) => {
    expect([...groupsLeft(groups, { loadBalancers })]).toEqual(left);
  });
});

describe('a stopped task', () => {
  const task = {
    lastStatus: 'STOPPED',
    desiredStatus: 'STOPPED',
    stoppedReason: 'Essential container in task exited',
    containers: [
      { name: 'app', exitCode: 137, reason: 'OutOfMemoryError: Container killed due to memory usage' },
      { name: 'side', exitCode: 0 },
      { name: 'late' },
    ],
  };

  test("tells its own reason, its containers' and their exit codes", () => {
    expect(explainStop(task)).toEqual({
      stoppedReason:
        'Essential container in task exited; app: OutOfMemoryError: Container killed due to memory usage',
      exitCodes: { app: 137, side: 0 },
    });
    expect(describeStop(explainStop(task))).toMatch(/; app exited with 137; side exited with 0$/);
  });

  test.each([
    [{ stopCode: 'TaskFailedToStart' } as const, 'TaskFailedToStart'],
    [{}, 'ECS tells no reason'],
  ])('%j', (stopped, stoppedReason) => {
    expect(explainStop(stopped)).toEqual({ stoppedReason, exitCodes: {} });
  });

  test.each([
    [{ lastStatus: 'RUNNING', desiredStatus: 'RUNNING' }, false, false],
    [{ lastStatus: 'RUNNING', desiredStatus: 'STOPPED' }, true, false],
    [{ lastStatus: 'STOPPED', desiredStatus: 'STOPPED' }, true, true],
    [{ lastStatus: 'DELETED', desiredStatus: 'RUNNING' }, true, true],
  ])('%j', (seen, stopping, stopped) => {
    expect([isStopping(seen), hasStopped(seen)]).toEqual([stopping, stopped]);
  });
});

describe('familyOf', () => {
  test.each([
    ['arn:aws:ecs:eu-west-1:123456789012:task-definition/web:7', 'web'],
    ['web:7', 'web'],
    ['web', 'web'],
  ])('%s', (taskDefinition, family) => {
    expect(familyOf(taskDefinition)).toBe(family);
  });
});

describe('isRefusal', () => {
  test('tells what has certainly changed nothing from what may have', () => {
    const named = (name: string) => Object.assign(new Error('no'), { name });

    expect(isRefusal(named('InvalidParameterException'))).toBe(true);
    expect(isRefusal(named('TimeoutError'))).toBe(false);
    expect(isRefusal(named('ThrottlingException'))).toBe(false);
  });
});
