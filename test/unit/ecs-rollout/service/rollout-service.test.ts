import type { Service } from '@aws-sdk/client-ecs';
import { describe, expect, test } from 'vitest';
import { presentDefinitions, requireRolled } from '../../../../src/ecs-rollout/service/rollout-service.js';

describe('presentDefinitions', () => {
  const primary = (rolloutState?: 'COMPLETED' | 'FAILED' | 'IN_PROGRESS') => ({
    status: 'PRIMARY',
    taskDefinition: 'web:2',
    ...(rolloutState && { rolloutState }),
  });
  const old = { status: 'ACTIVE', taskDefinition: 'web:1', rolloutState: 'COMPLETED' } as const;
  const failed = { status: 'ACTIVE', taskDefinition: 'web:0', rolloutState: 'FAILED' } as const;

  test.each<[string, Service, string]>([
    ['itself when its deployment is completed', { deployments: [primary('COMPLETED')] }, 'web:2'],
    ['itself without rollout states', { deployments: [primary(), old] }, 'web:2'],
    [
      'the completed one beside it while a deployment is in progress',
      { deployments: [primary('IN_PROGRESS'), failed, old] },
      'web:1',
    ],
    ['the completed one beside a failed deployment', { deployments: [primary('FAILED'), old] }, 'web:1'],
    ['any other one beside a failed deployment', { deployments: [primary('FAILED'), failed] }, 'web:0'],
    ['itself when it failed and is alone', { deployments: [primary('FAILED')] }, 'web:2'],
  ])('returns as the last good one %s', (_title, service, lastGood) => {
    expect(presentDefinitions(service)).toEqual({ primary: 'web:2', lastGood });
  });

  test('returns undefined for a service without a task definition', () => {
    expect(presentDefinitions({})).toBeUndefined();
    expect(presentDefinitions({ taskDefinition: 'web:1' })).toEqual({ primary: 'web:1', lastGood: 'web:1' });
  });
});

describe('requireRolled', () => {
  test.each<Service>([
    {},
    { deploymentController: { type: 'ECS' } },
    { deploymentConfiguration: { strategy: 'ROLLING' } },
  ])('accepts %j', (service) => {
    expect(() => requireRolled(service, 'shop/web')).not.toThrow();
  });

  test.each<Service>([
    { deploymentController: { type: 'CODE_DEPLOY' } },
    { deploymentController: { type: 'EXTERNAL' } },
    { deploymentConfiguration: { strategy: 'BLUE_GREEN' } },
  ])('throws ResourceStateError for %j', (service) => {
    expect(() => requireRolled(service, 'shop/web')).toThrowError(/is not rolled out by ECS task by task/);
  });
});
