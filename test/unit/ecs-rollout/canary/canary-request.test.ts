import type { EBSTagSpecification, Service } from '@aws-sdk/client-ecs';
import { describe, expect, test } from 'vitest';
import { runTaskRequest, startTaskRequest } from '../../../../src/ecs-rollout/canary/canary-request.js';

const identity = { rolloutId: 'shop/web', startedBy: 'canary/shop/web/0' };
const spec = { taskDefinition: 'web:2', previous: 'web:1', identity };
const ownTags = [
  { key: 'aws-blue-green-toolkit:rollout', value: 'shop/web' },
  { key: 'aws-blue-green-toolkit:previous-task-definition', value: 'web:1' },
];
const service: Service = { clusterArn: 'cluster', serviceName: 'web' };

describe('runTaskRequest', () => {
  test("has the service's launch type, platform, network, placement and switches", () => {
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
      spec,
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

  test('has the capacity providers, without the launch type, which AWS refuses beside them', () => {
    const capacityProviderStrategy = [{ capacityProvider: 'FARGATE_SPOT', weight: 1 }];

    const request = runTaskRequest(
      { ...service, launchType: 'FARGATE', capacityProviderStrategy },
      spec,
      't',
    );

    expect(request).toMatchObject({ capacityProviderStrategy });
    expect(request).not.toHaveProperty('launchType');
  });

  test("has neither for a service with the cluster's default strategy", () => {
    const request = runTaskRequest(service, spec, 't');

    expect(Object.keys(request).sort()).toEqual(
      ['clientToken', 'cluster', 'count', 'startedBy', 'tags', 'taskDefinition'].sort(),
    );
  });

  test("has the service's tags, without reserved ones and without its own", () => {
    const { tags } = runTaskRequest(
      {
        ...service,
        tags: [
          { key: 'team', value: 'shop' },
          { key: 'aws:cloudformation:stack-id', value: 'stack' },
          { key: 'aws-blue-green-toolkit:rollout', value: 'another' },
        ],
      },
      spec,
      't',
    );

    expect(tags).toEqual([...ownTags, { key: 'team', value: 'shop' }]);
  });

  test('has at most 50 tags, including its own', () => {
    const tags = Array.from({ length: 50 }, (_, index) => ({ key: `tag-${index}`, value: '' }));

    const request = runTaskRequest({ ...service, tags }, spec, 't');

    expect(request.tags).toHaveLength(50);
    expect(request.tags?.slice(0, 2)).toEqual(ownTags);
  });

  test.each([
    ['TASK_DEFINITION', 'TASK_DEFINITION'],
    ['SERVICE', undefined],
    ['NONE', undefined],
  ] as const)('hands tags of the task definition down as the service does: %s', (propagateTags, expected) => {
    expect(runTaskRequest({ ...service, propagateTags }, spec, 't').propagateTags).toBe(expected);
  });

  test('has the volumes that the deployment configures at launch', () => {
    const volumeConfigurations = [{ name: 'data', managedEBSVolume: { roleArn: 'role', sizeInGiB: 8 } }];

    const request = runTaskRequest(
      {
        ...service,
        deployments: [
          { status: 'ACTIVE', volumeConfigurations: [] },
          { status: 'PRIMARY', volumeConfigurations },
        ],
      },
      spec,
      't',
    );

    expect(request.volumeConfigurations).toEqual(volumeConfigurations);
  });

  describe('with a volume whose tags come from the service', () => {
    const volumeOf = (specification: EBSTagSpecification) => [
      {
        name: 'data',
        managedEBSVolume: { roleArn: 'role', sizeInGiB: 8, tagSpecifications: [specification] },
      },
    ];
    const requestFor = (specification: EBSTagSpecification, tags: Service['tags']) =>
      runTaskRequest(
        {
          ...service,
          tags,
          deployments: [{ status: 'PRIMARY', volumeConfigurations: volumeOf(specification) }],
        },
        spec,
        't',
      );

    test('copies the tags that a volume supports', () => {
      const request = requestFor(
        { resourceType: 'volume', propagateTags: 'SERVICE', tags: [{ key: 'team', value: 'data' }] },
        [
          { key: 'team', value: 'shop' },
          { key: 'cost', value: '7' },
          { key: 'aws:cloudformation:stack-id', value: 'stack' },
          { key: 'AmazonECSManaged', value: 'true' },
        ],
      );

      const tags = [
        { key: 'team', value: 'data' },
        { key: 'cost', value: '7' },
      ];
      expect(request.volumeConfigurations).toEqual(volumeOf({ resourceType: 'volume', tags }));
    });

    test('copies at most the 48 tags that ECS leaves free', () => {
      const tags = Array.from({ length: 50 }, (_, index) => ({ key: `tag-${index}`, value: '' }));

      const request = requestFor({ resourceType: 'volume', propagateTags: 'SERVICE' }, tags);

      const [volume] = request.volumeConfigurations ?? [];
      expect(volume?.managedEBSVolume?.tagSpecifications?.[0]?.tags).toEqual(tags.slice(0, 48));
    });

    test.each(['TASK_DEFINITION', 'NONE', undefined] as const)('leaves %s as it is', (propagateTags) => {
      const specification = { resourceType: 'volume', ...(propagateTags && { propagateTags }) } as const;

      const request = requestFor(specification, [{ key: 'team', value: 'shop' }]);

      expect(request.volumeConfigurations).toEqual(volumeOf(specification));
    });

    test('keeps a volume without settings', () => {
      const deployments = [{ status: 'PRIMARY', volumeConfigurations: [{ name: 'data' }] }];

      const request = startTaskRequest({ ...service, deployments }, spec, 'instance');

      expect(request.volumeConfigurations).toEqual([{ name: 'data' }]);
    });
  });
});

describe('startTaskRequest', () => {
  test('has the instance, without launch type and placement strategy', () => {
    const request = startTaskRequest(
      { ...service, launchType: 'EC2', placementStrategy: [{ type: 'random' }] },
      spec,
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
