import { beforeEach, describe, expect, test } from 'vitest';
import type { RolloutEvent } from '../../src/ecs-rollout/index.js';
import { SimulatedCloud } from '../../src/testing/index.js';
import {
  canariesOf,
  failureOf,
  fargateWorld,
  instanceWorld,
  type RolloutWorld,
  strayTargets,
  workerWorld,
} from '../support/rollout-world.js';

let cloud: SimulatedCloud;

beforeEach(() => {
  cloud = new SimulatedCloud();
});

const forEver = Number.POSITIVE_INFINITY;
const countOf = (action: string) => cloud.calls.filter((call) => call.action === action).length;

describe('RolloutError › leftovers', () => {
  const taskArns = (world: RolloutWorld) => canariesOf(world).map(({ taskArn }) => taskArn);

  test('contains the canary of an earlier run that cannot be stopped', async () => {
    const world = fargateWorld(cloud, { isQuick: true });
    cloud.injectFault({ kind: 'crashAfter', action: 'ecs:RunTask' });
    await failureOf(world.rollout.rollOut({ taskDefinition: world.next }));
    cloud.restart();
    cloud.clearFaults();
    await cloud.clock.sleep(120_000);
    cloud.injectFault({ kind: 'accessDenied', action: 'ecs:StopTask', times: forEver });

    const failure = await failureOf(world.rollout.rollOut({ taskDefinition: world.next }));

    expect(canariesOf(world)).toHaveLength(1);
    expect(failure).toMatchObject({ phase: 'prepare', service: 'unchanged' });
    expect(failure.leftovers.tasks).toEqual(taskArns(world));
    expect(failure.message).toContain(`Canaries that may still run: ${taskArns(world)[0]}`);
    expect(countOf('ecs:RunTask')).toBe(1);
  });

  test('has the canary of an earlier run that cannot be described', async () => {
    const world = fargateWorld(cloud, { isQuick: true });
    cloud.injectFault({ kind: 'crashAfter', action: 'ecs:RunTask' });
    await failureOf(world.rollout.rollOut({ taskDefinition: world.next }));
    cloud.restart();
    cloud.clearFaults();
    cloud.injectFault({ kind: 'accessDenied', action: 'ecs:DescribeTasks', times: forEver });

    const failure = await failureOf(world.rollout.rollOut({ taskDefinition: world.next }));

    expect(canariesOf(world)).toHaveLength(1);
    expect(failure).toMatchObject({ phase: 'prepare', service: 'unchanged' });
    expect(failure.leftovers.tasks).toEqual(taskArns(world));
  });

  test('contains every canary of earlier runs when one of them cannot be stopped', async () => {
    const world = workerWorld(cloud, { isQuick: true });
    for (let run = 0; run < 2; run += 1) {
      cloud.injectFault({ kind: 'accessDenied', action: 'ecs:StopTask', times: forEver });
      cloud.injectFault({ kind: 'accessDenied', action: 'ecs:ListTasks', times: run === 0 ? 0 : 1 });
      await failureOf(
        world.rollout.rollOut({ taskDefinition: world.next }, { rolloutId: `run ${run}`, idleSeconds: 5 }),
      );
      cloud.clearFaults();
    }
    cloud.injectFault({ kind: 'accessDenied', action: 'ecs:StopTask', times: forEver });

    const failure = await failureOf(
      world.rollout.rollOut({ taskDefinition: world.next }, { rolloutId: 'run 0' }),
    );

    expect(failure.leftovers.tasks).toHaveLength(1);
    expect(taskArns(world)).toEqual(expect.arrayContaining([...failure.leftovers.tasks]));
  });

  test('contains the one canary that cannot be stopped when a repeated start has started several', async () => {
    const world = instanceWorld(cloud, { isQuick: true });
    cloud.injectFault({ kind: 'lostResponse', action: 'ecs:StartTask', times: 2 });
    cloud.injectFault({ kind: 'accessDenied', action: 'ecs:StopTask' });
    const options = { containerInstance: 'i-0000000000000000b' };

    const failure = await failureOf(world.rollout.rollOut({ taskDefinition: world.next }, options));

    expect(countOf('ecs:StartTask')).toBe(3);
    expect(taskArns(world)).toHaveLength(1);
    expect(failure.leftovers.tasks).toEqual(taskArns(world));
    expect(failure).toMatchObject({ phase: 'cleanUp', service: 'updated' });
  });

  test('contains the canary and the targets that could not be deregistered', async () => {
    const world = fargateWorld(cloud, { isQuick: true });
    cloud.injectFault({
      kind: 'accessDenied',
      action: 'elasticloadbalancing:DeregisterTargets',
      times: forEver,
    });

    const failure = await failureOf(world.rollout.rollOut({ taskDefinition: world.next }));

    expect(failure).toMatchObject({ phase: 'cleanUp', service: 'updated' });
    expect(failure.leftovers.tasks).toEqual(taskArns(world));
    const targets = failure.leftovers.targets.map(({ targetId, port }) => `${targetId}:${port}`);
    expect(targets).toEqual(strayTargets(world));
    expect(failure.leftovers.problems).toEqual([expect.stringContaining('could not be cleaned up')]);
  });

  test('contains only the target that could not be deregistered', async () => {
    const world = fargateWorld(cloud, { isQuick: true });
    cloud.injectFault({
      kind: 'accessDenied',
      action: 'elasticloadbalancing:DeregisterTargets',
      atCall: 2,
      times: forEver,
    });

    const failure = await failureOf(world.rollout.rollOut({ taskDefinition: world.next }));

    expect(failure.leftovers.targets).toHaveLength(1);
    expect(strayTargets(world)).toHaveLength(1);
  });

  test('contains the startedBy of a canary whose ARN is unknown', async () => {
    const world = fargateWorld(cloud, { isQuick: true });
    cloud.injectFault({ kind: 'lostResponse', action: 'ecs:RunTask', times: 3 });
    const onEvent = (event: RolloutEvent) => {
      if (event.type === 'phaseStarted' && event.phase === 'startCanary')
        cloud.injectFault({ kind: 'accessDenied', action: 'ecs:ListTasks', times: forEver });
    };

    const failure = await failureOf(world.rollout.rollOut({ taskDefinition: world.next }, { onEvent }));

    const [canary] = canariesOf(world);
    expect(failure.leftovers.problems).toContain(`A task with startedBy ${canary?.startedBy} may run`);
  });
});
