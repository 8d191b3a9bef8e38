import type { Service } from '@aws-sdk/client-ecs';
import { describe, expect, test } from 'vitest';
import {
  groupsLeft,
  previousSettings,
  settingsOf,
} from '../../../../src/ecs-rollout/service/service-settings.js';

describe('settingsOf', () => {
  test('has the settings that an update can change, without the count and the names', () => {
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

  test('omits capacity providers that the service has already', () => {
    const present = { capacityProviderStrategy: [{ capacityProvider: 'FARGATE', weight: 0, base: 0 }] };

    expect(settingsOf({ capacityProviderStrategy: [{ capacityProvider: 'FARGATE' }] }, present)).toEqual({});
  });
});

describe('previousSettings', () => {
  test('returns the values of the service, of its deployment, or empty ones', () => {
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

    expect(previousSettings(service, changed)).toEqual({
      healthCheckGracePeriodSeconds: 7,
      volumeConfigurations: [{ name: 'data' }],
      placementConstraints: [],
      forceNewDeployment: true,
    });
  });

  const withConnect = { serviceConnectConfiguration: { enabled: true, namespace: 'shop' } };

  test('disables Service Connect for a service without', () => {
    expect(previousSettings({ deployments: [{ status: 'PRIMARY' }] }, withConnect)).toEqual({
      serviceConnectConfiguration: { enabled: false },
    });
  });

  test('returns the Service Connect configuration of the deployment', () => {
    const serviceConnectConfiguration = { enabled: true, namespace: 'former' };
    const deployments = [{ status: 'PRIMARY', serviceConnectConfiguration }];

    expect(previousSettings({ deployments }, withConnect)).toEqual({ serviceConnectConfiguration });
  });
});

describe('groupsLeft', () => {
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
      title: 'the group of another container',
      loadBalancers: [entry('a', 80, 'web'), entry('b', 81)],
      left: ['a'],
    },
    { title: 'all of them', loadBalancers: [], left: ['a', 'b'] },
  ])('returns $title', ({ loadBalancers, left }) => {
    expect([...groupsLeft(groups, { loadBalancers })]).toEqual(left);
  });
});
