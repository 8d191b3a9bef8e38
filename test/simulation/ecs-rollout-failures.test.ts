import { beforeEach, describe, expect, test } from 'vitest';
import type { RollOutOptions, RolloutEvent } from '../../src/ecs-rollout/index.js';
import { SimulatedCloud } from '../../src/testing/index.js';
import {
  canariesOf,
  expectNothingLeft,
  failureOf,
  fargateWorld,
  noLeftovers,
  stableDefinition,
} from '../support/rollout-world.js';

let cloud: SimulatedCloud;

beforeEach(() => {
  cloud = new SimulatedCloud();
});

const forEver = Number.POSITIVE_INFINITY;
const named = (name: string, message: string, httpStatusCode = 400) =>
  Object.assign(new Error(message), { name, $metadata: { httpStatusCode } });

/** Acts at the first event of a type. */
function at(type: RolloutEvent['type'], act: () => void): Pick<RollOutOptions, 'onEvent'> {
  let isDone = false;
  return {
    onEvent: (event) => {
      if (event.type !== type || isDone) return;
      isDone = true;
      act();
    },
  };
}

describe('EcsRollout › rollOut › after a final refusal', () => {
  test.each([
    ['ecs:RegisterTaskDefinition', 'registerTaskDefinition'],
    ['ecs:RunTask', 'startCanary'],
    ['elasticloadbalancing:RegisterTargets', 'targetHealth'],
    ['elasticloadbalancing:DescribeTargetHealth', 'targetHealth'],
    ['ecs:UpdateService', 'updateService'],
  ] as const)('of %s', async (action, phase) => {
    const world = fargateWorld(cloud, { isQuick: true });
    const kind = named('NewlyInventedException', 'The moon is in the wrong house');
    cloud.injectFault({ kind, action, times: phase === 'targetHealth' ? 2 : 1 });

    const failure = await failureOf(world.rollout.rollOut({ taskDefinition: world.next }));

    expect(failure).toMatchObject({ phase, service: 'unchanged', leftovers: noLeftovers });
    expect(failure.message).toContain('The moon is in the wrong house');
    expect(stableDefinition(world)).toBe(world.before);
    expectNothingLeft(world);
  });

  test('rolls the service back when it can no longer be read', async () => {
    const world = fargateWorld(cloud, { isQuick: true });
    const kind = named('NewlyInventedException', 'No more reading');
    const startedAt = cloud.clock.now();

    const failure = await failureOf(
      world.rollout.rollOut(
        { taskDefinition: world.next },
        at('serviceUpdated', () => cloud.injectFault({ kind, action: 'ecs:DescribeServices' })),
      ),
    );

    expect(failure).toMatchObject({ phase: 'serviceStable', service: 'rolledBack' });
    expect(cloud.clock.now() - startedAt).toBeLessThan(300_000);
    expect(stableDefinition(world)).toBe(world.before);
  });
});

describe('EcsRollout › rollOut › after a failure that may pass', () => {
  test.each<[string, string, Error]>([
    [
      'another registration',
      'ecs:RegisterTaskDefinition',
      named(
        'ClientException',
        'Too many concurrent attempts to create a new revision of the specified family.',
      ),
    ],
    ['a conflict', 'ecs:UpdateService', named('UpdateInProgressException', 'busy')],
    ['a throttle', 'ecs:RunTask', named('ThrottlingException', 'Rate exceeded')],
    ['a busy load balancer', 'elasticloadbalancing:RegisterTargets', named('ResourceInUseException', 'busy')],
  ])('repeats the call: %s', async (_, action, kind) => {
    const world = fargateWorld(cloud, { isQuick: true });
    cloud.injectFault({ kind, action, times: 4 });

    await expect(world.rollout.rollOut({ taskDefinition: world.next })).resolves.toMatchObject({
      service: 'updated',
    });

    expect(canariesOf(world)).toEqual([]);
    expectNothingLeft(world);
  });

  test.each([
    ['canaryStarted', 'ecs:DescribeTasks'],
    ['canaryRegistered', 'elasticloadbalancing:DescribeTargetHealth'],
    ['serviceUpdated', 'ecs:DescribeServices'],
  ] as const)('for minutes, within the limit of the phase (%s)', async (type, action) => {
    const world = fargateWorld(cloud, { isQuick: true });
    const outage = () => {
      cloud.injectFault({ kind: 'serverError', action, times: forEver });
      cloud.clock.schedule(240, () => cloud.clearFaults());
    };

    const result = await world.rollout.rollOut({ taskDefinition: world.next }, at(type, outage));

    expect(result.service).toBe('updated');
    expectNothingLeft(world);
  });

  test('fails at the limit with the last failure as the cause', async () => {
    const world = fargateWorld(cloud, { isQuick: true });
    const kind = named('InternalError', 'The service is on fire', 500);

    const failure = await failureOf(
      world.rollout.rollOut(
        { taskDefinition: world.next },
        {
          limits: { canaryRunningSeconds: 60 },
          ...at('canaryStarted', () => {
            cloud.injectFault({ kind, action: 'ecs:DescribeTasks', times: forEver });
            cloud.clock.schedule(200, () => cloud.clearFaults());
          }),
        },
      ),
    );

    expect(failure).toMatchObject({ phase: 'startCanary', service: 'unchanged', leftovers: noLeftovers });
    expect(failure.message).toMatch(
      /not ready after 60 s: expected a running task, got no response: .*on fire/,
    );
    expect(failure.cause).toMatchObject({ name: 'WaitTimeoutError', cause: { message: kind.message } });
    expectNothingLeft(world);
  });
});
