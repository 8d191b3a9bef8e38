import {
  DescribeScalableTargetsCommand,
  type DescribeScalableTargetsCommandInput,
  ListTagsForResourceCommand,
  paginateDescribeScalableTargets,
  RegisterScalableTargetCommand,
  type RegisterScalableTargetCommandInput,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-application-auto-scaling';
import { beforeEach, describe, expect, test } from 'vitest';
import { SimulatedCloud } from '../../../../../src/testing/index.js';

const resourceId = 'service/shop/web';
const dimension = 'ecs:service:DesiredCount';

let cloud: SimulatedCloud;

beforeEach(() => {
  cloud = new SimulatedCloud();
  for (const name of ['web', 'new']) cloud.ecs.addService({ cluster: 'shop', name, desiredCount: 2 });
  addTarget();
});

function addTarget(name = resourceId) {
  return cloud.applicationAutoScaling.addTarget({
    namespace: 'ecs',
    resourceId: name,
    dimension,
    minCapacity: 2,
    maxCapacity: 4,
  });
}

function describeTargets(input: Partial<DescribeScalableTargetsCommandInput> = {}) {
  return cloud.clients.applicationAutoScaling.send(
    new DescribeScalableTargetsCommand({ ServiceNamespace: 'ecs', ...input }),
  );
}

function register(input: Partial<RegisterScalableTargetCommandInput> = {}) {
  return cloud.clients.applicationAutoScaling.send(
    new RegisterScalableTargetCommand({
      ServiceNamespace: 'ecs',
      ResourceId: resourceId,
      ScalableDimension: dimension,
      ...input,
    }),
  );
}

/** A resource whose capacity is only a number. */
function manageCapacity(capacity: number | undefined) {
  const resource = { capacity };
  cloud.applicationAutoScaling.manage('ecs', {
    getCapacity: (id) => (id === resourceId ? resource.capacity : undefined),
    setCapacity: (_, wanted) => {
      resource.capacity = wanted;
    },
  });
  return resource;
}

const target = () => cloud.applicationAutoScaling.target('ecs', resourceId);

describe('SimulatedApplicationAutoScaling', () => {
  describe('DescribeScalableTargets', () => {
    test('returns a target', async () => {
      const { ScalableTargets } = await describeTargets({ ResourceIds: [resourceId] });

      expect(ScalableTargets).toMatchObject([
        {
          ServiceNamespace: 'ecs',
          ResourceId: resourceId,
          ScalableDimension: dimension,
          MinCapacity: 2,
          MaxCapacity: 4,
          ScalableTargetARN: expect.stringMatching(/^arn:aws:application-autoscaling:/),
          SuspendedState: {
            DynamicScalingInSuspended: false,
            DynamicScalingOutSuspended: false,
            ScheduledScalingSuspended: false,
          },
        },
      ]);
    });

    test.each<[string, Partial<DescribeScalableTargetsCommandInput>]>([
      ['namespace', { ServiceNamespace: 'rds' }],
      ['resource', { ResourceIds: ['service/shop/other'] }],
      ['dimension', { ScalableDimension: 'rds:cluster:ReadReplicaCount' }],
    ])('returns nothing for another %s', async (_, input) => {
      expect((await describeTargets(input)).ScalableTargets).toEqual([]);
    });

    test('returns pages', async () => {
      for (let number = 1; number <= 120; number += 1) addTarget(`service/shop/${number}`);

      const sizes: (number | undefined)[] = [];
      const { applicationAutoScaling: client } = cloud.clients;
      for await (const page of paginateDescribeScalableTargets({ client }, { ServiceNamespace: 'ecs' })) {
        sizes.push(page.ScalableTargets?.length);
      }

      expect(sizes).toEqual([50, 50, 21]);
    });

    test.each<[string, Partial<DescribeScalableTargetsCommandInput>]>([
      ['no namespace', { ServiceNamespace: undefined }],
      ['a page that is too large', { MaxResults: 51 }],
      ['a page without items', { MaxResults: 0 }],
      ['an unknown token', { NextToken: 'nonsense' }],
    ])('refuses %s', async (_, input) => {
      await expect(describeTargets(input)).rejects.toMatchObject({ name: 'ValidationException' });
    });
  });

  describe('RegisterScalableTarget', () => {
    test('creates a target', async () => {
      await register({ ResourceId: 'service/shop/new', MinCapacity: 1, MaxCapacity: 3 });

      expect(cloud.applicationAutoScaling.target('ecs', 'service/shop/new')).toMatchObject({
        minCapacity: 1,
        maxCapacity: 3,
      });
    });

    test('changes only the given members', async () => {
      await register({ MinCapacity: 3 });
      await register({ SuspendedState: { ScheduledScalingSuspended: true } });

      expect(target()).toMatchObject({
        minCapacity: 3,
        maxCapacity: 4,
        suspendedState: { DynamicScalingOutSuspended: false, ScheduledScalingSuspended: true },
      });
    });

    test.each<[string, Partial<RegisterScalableTargetCommandInput>]>([
      ['a minimum above the maximum', { MinCapacity: 5 }],
      ['a new target without bounds', { ResourceId: 'service/shop/new' }],
      ['a new target without a maximum', { ResourceId: 'service/shop/new', MinCapacity: 1 }],
      ['no resource', { ResourceId: undefined }],
      ['no dimension', { ScalableDimension: undefined }],
      ['a dimension of another service', { ScalableDimension: 'rds:cluster:ReadReplicaCount' }],
      ['a dimension that no service has', { ScalableDimension: 'ecs:service:Memory' as never }],
      [
        'a cluster that does not exist',
        {
          ServiceNamespace: 'rds',
          ScalableDimension: 'rds:cluster:ReadReplicaCount',
          ...{ ResourceId: 'cluster:gone', MinCapacity: 1, MaxCapacity: 3 },
        },
      ],
      ['a negative minimum', { MinCapacity: -3 }],
      ['negative bounds', { MinCapacity: -3, MaxCapacity: -1 }],
      ['a resource that does not exist', { ResourceId: 'service/shop/gone', MinCapacity: 1, MaxCapacity: 3 }],
    ])('refuses %s', async (_, input) => {
      await expect(register(input)).rejects.toMatchObject({ name: 'ValidationException' });
    });
  });

  describe('scaling', () => {
    test.each([
      ['raises a capacity below the minimum', 0, 2],
      ['lowers a capacity above the maximum', 9, 4],
      ['leaves a capacity within the bounds', 3, 3],
    ])('%s, a minute later', async (_, before, after) => {
      const resource = manageCapacity(before);
      cloud.applicationAutoScaling.reevaluate('ecs', resourceId);

      await cloud.clock.sleep(59_999);
      const meanwhile = resource.capacity;
      await cloud.clock.sleep(2);

      expect([meanwhile, resource.capacity]).toEqual([before, after]);
    });

    test.each([
      ['raise', 0, { DynamicScalingOutSuspended: true }],
      ['lower', 9, { DynamicScalingInSuspended: true }],
    ])('does not %s the capacity while that is suspended', async (_, capacity, SuspendedState) => {
      const resource = manageCapacity(capacity);

      await register({ SuspendedState });

      await cloud.clock.sleep(600_000);
      expect(resource.capacity).toBe(capacity);
    });

    test('corrects the capacity after a resume', async () => {
      const resource = manageCapacity(0);
      await register({ SuspendedState: { DynamicScalingOutSuspended: true } });
      await cloud.clock.sleep(600_000);

      await register({ SuspendedState: { DynamicScalingOutSuspended: false } });

      await cloud.clock.sleep(60_001);
      expect(resource.capacity).toBe(2);
    });

    test.each([
      ['that was deleted', () => manageCapacity(undefined)],
      ['of a service that is not simulated', () => undefined],
    ])('leaves a resource %s unchanged', async (_, arrange) => {
      const resource = arrange();
      cloud.applicationAutoScaling.reevaluate('ecs', resourceId);
      cloud.applicationAutoScaling.reevaluate('ecs', 'service/shop/without-target');

      await cloud.clock.sleep(60_001);

      expect(resource?.capacity).toBeUndefined();
    });
  });

  describe('tags', () => {
    async function arnOfTarget() {
      const { ScalableTargets } = await describeTargets();
      return ScalableTargets?.[0]?.ScalableTargetARN;
    }

    const client = () => cloud.clients.applicationAutoScaling;
    const tag = (ResourceARN: string | undefined, Tags: Record<string, string>) =>
      client().send(new TagResourceCommand({ ResourceARN, Tags }));
    const untag = (ResourceARN: string | undefined, ...TagKeys: string[]) =>
      client().send(new UntagResourceCommand({ ResourceARN, TagKeys }));

    test('are added, replaced, listed and removed', async () => {
      const arn = await arnOfTarget();
      await tag(arn, { team: 'shop', stage: 'test' });
      await tag(arn, { stage: 'live' });
      await untag(arn, 'team', 'unknown');

      const { Tags } = await client().send(new ListTagsForResourceCommand({ ResourceARN: arn }));

      expect(Tags).toEqual({ stage: 'live' });
    });

    test('are fifty at most', async () => {
      const tags = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`tag-${index}`, '']));
      const arn = await arnOfTarget();
      await tag(arn, tags);

      await expect(tag(arn, { one: 'more' })).rejects.toMatchObject({ name: 'TooManyTagsException' });
      await expect(tag(arn, { 'tag-0': 'changed' })).resolves.toBeDefined();
    });

    test('require an existing target', async () => {
      const gone = 'arn:aws:application-autoscaling:eu-west-1:123456789012:scalable-target/gone';

      await expect(tag(gone, { a: 'b' })).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
      await expect(untag(undefined, 'a')).rejects.toMatchObject({ name: 'ValidationException' });
    });
  });

  test('throws TypeError for an unknown target', () => {
    expect(() => cloud.applicationAutoScaling.target('ecs', 'service/shop/gone')).toThrowError(
      /has no scalable target ecs service\/shop\/gone/,
    );
  });
});
