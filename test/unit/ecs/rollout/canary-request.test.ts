import type { Service } from '@aws-sdk/client-ecs';
import { describe, expect, test } from 'vitest';
import { runTaskRequest, startTaskRequest } from '../../../../src/ecs/rollout/canary-request.js';

const identity = { rolloutId: 'shop/web', startedBy: 'canary/shop/web/0' };
const wish = { taskDefinition: 'web:2', previous: 'web:1', identity };
const ownTags = [
  { key: 'aws-blue-green-toolkit:rollout', value: 'shop/web' },
  { key: 'aws-blue-green-toolkit:previous-task-definition', value: 'web:1' },
];
const service: Service = { clusterArn: 'cluster', serviceName: 'web' };

describe('runTaskRequest', () => {
  test("takes the service's launch type, platform, network, placement and switches", () => {
    const request = runTaskRequest(
      {
        ...service,
        launchType: 'FARGATE',
        capacityProviderStrategy: [],
        platformVersion: 'LATEST',
        networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1'] } },
        placementConstraints: [{ type: 'distinctInstance' }],
        placementStrategy: [{ type: 'random' }],
        enableECSManagedTags: true,
        enableExecuteCommand: false,
      },
      wish,
      'token',
    );

    expect(request).toEqual({
      cluster: 'cluster',
      taskDefinition: 'web:2',
      startedBy: 'canary/shop/web/0',
      tags: ownTags,
      launchType: 'FARGATE',
      platformVersion: 'LATEST',
      networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1'] } },
      placementConstraints: [{ type: 'distinctInstance' }],
      placementStrategy: [{ type: 'random' }],
      enableECSManagedTags: true,
      enableExecuteCommand: false,
      count: 1,
      clientToken: 'token',
    });
  });

  test('takes the capacity providers, and then no launch type, which AWS would refuse beside them', () => {
    const capacityProviderStrategy = [{ capacityProvider: 'FARGATE_SPOT', weight: 1 }];

    const request = runTaskRequest(
      { ...service, launchType: 'FARGATE', capacityProviderStrategy },
      wish,
      't',
    );

    expect(request).toMatchObject({ capacityProviderStrategy });
    expect(request).not.toHaveProperty('launchType');
  });

  test("leaves the choice to the cluster's default strategy when the service does", () => {
    const request = runTaskRequest(service, wish, 't');

    expect(Object.keys(request).sort()).toEqual(
      ['clientToken', 'cluster', 'count', 'startedBy', 'tags', 'taskDefinition'].sort(),
    );
  });

  test("takes the service's tags, but none that AWS keeps for itself and none of its own", () => {
    const { tags } = runTaskRequest(
      {
        ...service,
        tags: [
          { key: 'team', value: 'shop' },
          { key: 'aws:cloudformation:stack-id', value: 'stack' },
          { key: 'aws-blue-green-toolkit:rollout', value: 'another' },
        ],
      },
      wish,
      't',
    );

    expect(tags).toEqual([...ownTags, { key: 'team', value: 'shop' }]);
  });

  test('has at most the 50 tags that a task may have, its own among them', () => {
    const tags = Array.from({ length: 50 }, (_, index) => ({ key: `tag-${index}`, value: '' }));

    const request = runTaskRequest({ ...service, tags }, wish, 't');

    expect(request.tags).toHaveLength(50);
    expect(request.tags?.slice(0, 2)).toEqual(ownTags);
  });

  test.each([
    ['TASK_DEFINITION', 'TASK_DEFINITION'],
    ['SERVICE', undefined],
    ['NONE', undefined],
  ] as const)('hands tags of the task definition down as the service does: %s', (propagateTags, expected) => {
    expect(runTaskRequest({ ...service, propagateTags }, wish, 't').propagateTags).toBe(expected);
  });

  test('takes the volumes that the deployment configures at launch', () => {
    const volumeConfigurations = [{ name: 'data', managedEBSVolume: { roleArn: 'role', sizeInGiB: 8 } }];

    const request = runTaskRequest(
      {
        ...service,
        deployments: [
          { status: 'ACTIVE', volumeConfigurations: [] },
          { status: 'PRIMARY', volumeConfigurations },
        ],
      },
      wish,
      't',
    );

    expect(request.volumeConfigurations).toEqual(volumeConfigurations);
  });
});

describe('startTaskRequest', () => {
  test('names the instance, and leaves out what only ECS itself can place by', () => {
    const request = startTaskRequest(
      { ...service, launchType: 'EC2', placementStrategy: [{ type: 'random' }] },
      wish,
      'instance',
    );

    expect(request).toEqual({
      cluster: 'cluster',
      taskDefinition: 'web:2',
      startedBy: 'canary/shop/web/0',
      tags: ownTags,
      containerInstances: ['instance'],
    });
  });
});
