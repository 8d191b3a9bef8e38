import { describe, expect, test } from 'vitest';
import { silentLogger } from '../../src/core/logger.js';
import { type EcsHookStages, type EcsLifecycleHookOptions, ecsLifecycleHook } from '../../src/hooks/index.js';
import {
  type EcsHookStageName,
  type FaultKind,
  SimulatedCloud,
  type SimulatedEcsDeploymentOptions,
  type SimulatedEcsHook,
} from '../../src/testing/index.js';
import { EcsSwapWorld, type StackSeen } from '../support/ecs-swap-world.js';

type Handler = SimulatedEcsHook['handler'];

const serving: StackSeen = {
  database: 'available',
  subscription: 'enabled',
  queueReader: 'Enabled',
  reports: 100,
};
const atRest: StackSeen = {
  database: 'stopped',
  subscription: 'disabled',
  queueReader: 'Disabled',
  reports: 0,
};

/** The deployed hook of a world. Created for each invocation, because Lambda may not keep its state. */
function hookOf(world: EcsSwapWorld, wrap: (handler: Handler) => Handler = (it) => it): SimulatedEcsHook {
  const { clock } = world.cloud;
  return {
    stages: Object.keys(world.stages()) as EcsHookStageName[],
    handler: wrap((event, context) =>
      ecsLifecycleHook(world.stages(), { clock, logger: silentLogger })(event, context),
    ),
  };
}

async function swap(
  world: EcsSwapWorld,
  { hook = hookOf(world), ...options }: SimulatedEcsDeploymentOptions & { hook?: SimulatedEcsHook } = {},
) {
  const { status, stages } = await world.cloud.ecsDeployments.run({ hooks: [hook], ...options });
  // Changes can take a while.
  await world.cloud.clock.sleep(1_800_000);
  return { status, stages, blue: world.see('blue'), green: world.see('green') };
}

const swapped = { status: 'SUCCESSFUL', blue: atRest, green: serving };
const rolledBack = { status: 'ROLLBACK_SUCCESSFUL', blue: serving, green: atRest };

describe('whole stack swapped by ECS', () => {
  test('moves from blue to green through the stages without a waiting Lambda', async () => {
    const world = new EcsSwapWorld();

    const result = await swap(world);

    expect(result).toMatchObject(swapped);
    const invocations = result.stages.flatMap(({ hooks }) => hooks.flatMap((hook) => hook.invocations));
    const lengths = invocations.map(
      ({ startedAt, endedAt = Number.POSITIVE_INFINITY }) => endedAt - startedAt,
    );
    expect(Math.max(...lengths)).toBeLessThan(5_000);
    const [preScaleUp] = result.stages;
    expect((preScaleUp?.endedAt ?? 0) - (preScaleUp?.startedAt ?? 0)).toBeGreaterThan(900_000);
  });

  test('rolls the traffic and the resources back when its checks fail', async () => {
    const world = new EcsSwapWorld();
    world.reportsAreGood = false;

    const result = await swap(world);

    expect(result).toMatchObject(rolledBack);
    expect(result.stages.find(({ status }) => status === 'FAILED')?.name).toBe('POST_TEST_TRAFFIC_SHIFT');
  });

  test('rolls back when the deployment is stopped during a shift', async () => {
    const world = new EcsSwapWorld();
    const alarm = new AbortController();
    const watch = world.cloud.clock.every(5, () => {
      if (world.see('green').reports === 10) alarm.abort();
    });

    const result = await swap(world, { rollBackWhen: alarm.signal });
    watch();

    expect(alarm.signal.aborted).toBe(true);
    expect(result).toMatchObject(rolledBack);
  });

  test('reaches the same end when each event arrives twice', async () => {
    const world = new EcsSwapWorld();
    const twice =
      (handler: Handler): Handler =>
      async (event, context) => {
        await handler(event, context);
        return handler(event, context);
      };

    expect(await swap(world, { hook: hookOf(world, twice) })).toMatchObject(swapped);
  });

  test.each(['BLUE_GREEN', 'LINEAR', 'CANARY'] as const)('reaches the same end with %s', async (type) => {
    const world = new EcsSwapWorld();

    expect(await swap(world, { strategy: { type } })).toMatchObject(swapped);
  });
});

// Hundreds of deployments take long on a busy machine.
describe('faults of AWS', { timeout: 180_000 }, () => {
  test.each<[FaultKind, number]>([
    ['lostResponse', 1],
    ['throttle', 2],
    ['serverError', 5],
    ['timeout', 5],
  ])('leave the end unchanged: %s, at every call or one in %i', async (kind, stride) => {
    const calls = await callsOfSwap();

    for (let atCall = 1; atCall <= calls; atCall += stride) {
      const world = new EcsSwapWorld();
      world.cloud.injectFault({ kind, atCall });
      expect(await swap(world), `at call ${atCall}`).toMatchObject(swapped);
    }
  });

  test.each<[FaultKind, number]>([
    ['crashAfter', 1],
    ['crashBefore', 2],
  ])('that end a Lambda roll the swap back completely: %s', async (kind, stride) => {
    const calls = await callsOfSwap();
    const failedAt = new Set<string | undefined>();

    for (let atCall = 1; atCall <= calls; atCall += stride) {
      const world = new EcsSwapWorld();
      world.cloud.injectFault({ kind, atCall });
      const { stages, ...end } = await swap(world, { hook: hookOf(world, dies(world.cloud)) });
      const failed = stages.find(({ status }) => status === 'FAILED')?.name;
      failedAt.add(failed);
      // ECS runs no rollback hook before the test traffic is shifted, and no user is affected then.
      const isEarly = failed === 'PRE_SCALE_UP' || failed === 'POST_SCALE_UP';
      const expected = isEarly ? { ...rolledBack, green: { reports: 0 } } : rolledBack;
      expect(end, `at call ${atCall}`).toMatchObject(expected);
    }

    expect([...failedAt]).toEqual([
      'PRE_SCALE_UP',
      'POST_SCALE_UP',
      'POST_TEST_TRAFFIC_SHIFT',
      'POST_PRODUCTION_TRAFFIC_SHIFT',
    ]);
  });
});

describe('Lambda time-outs', () => {
  test.each([900, 60, 20, 6])('reach the same end with %i s', async (timeoutSeconds) => {
    const world = new EcsSwapWorld();
    world.cloud.elasticLoadBalancing.propagationSeconds = 3;

    expect(await swap(world, { hook: { ...hookOf(world), timeoutSeconds } })).toMatchObject(swapped);
  });

  test('resume in the next invocation when a step takes longer, without repeating the steps before it', async () => {
    const { ecsDeployments, clock } = new SimulatedCloud();
    const ran: string[] = [];
    let left = 100;
    const hook = makeHook(clock, {
      PRE_SCALE_UP: [
        { name: 'short', run: () => void ran.push('short') },
        {
          name: 'long',
          run: async ({ signal }) => {
            ran.push('long');
            for (; left > 0; left -= 1) await clock.sleep(1_000, signal);
          },
        },
      ],
    });

    const { status, stages } = await ecsDeployments.run({ hooks: [{ ...hook, timeoutSeconds: 60 }] });

    expect(status).toBe('SUCCESSFUL');
    expect(ran).toEqual(['short', 'long', 'long', 'long', 'long']);
    expect(stages[0]?.hooks[0]?.invocations.every(({ outcome }) => outcome === 'returned')).toBe(true);
  });

  test("fail a step that hangs at the end of maxStageSeconds, before ECS's own time-out", async () => {
    const { ecsDeployments, clock } = new SimulatedCloud();
    const hook = makeHook(clock, { PRE_SCALE_UP: () => new Promise(() => {}) }, { maxStageSeconds: 3_000 });

    const { status, stages } = await ecsDeployments.run({ hooks: [{ ...hook, timeoutInMinutes: 70 }] });

    expect(status).toBe('ROLLBACK_SUCCESSFUL');
    expect(stages[0]?.hooks).toMatchObject([{ status: 'FAILED', reason: 'The hook responded FAILED' }]);
  });
});

describe('hook details', () => {
  test('are separate for each hook of a deployment', async () => {
    const { ecsDeployments, clock } = new SimulatedCloud();
    const start = clock.now();
    const done = new Map<string, number>();
    const hook = (name: string, waitSeconds: number) =>
      makeHook(clock, {
        PRE_SCALE_UP: [
          { name: 'a while', waitSeconds },
          { name: 'done', run: () => void done.set(name, (clock.now() - start) / 1000) },
        ],
      });

    const { status } = await ecsDeployments.run({ hooks: [hook('one', 90), hook('other', 700)] });

    expect(status).toBe('SUCCESSFUL');
    expect(Object.fromEntries(done)).toEqual({ one: 90, other: 700 });
  });

  test.each([
    { type: 'LINEAR', stepPercent: 25, stepBakeTimeInMinutes: 0 },
    { type: 'CANARY', canaryPercent: 10, canaryBakeTimeInMinutes: 0 },
  ] as const)('belong to one step of the traffic: %j', async (strategy) => {
    const { ecsDeployments, clock } = new SimulatedCloud();
    const percents: unknown[] = [];
    const hook = makeHook(clock, {
      PRE_PRODUCTION_TRAFFIC_SHIFT: [{ name: 'a while', waitSeconds: 400 }],
      PRODUCTION_TRAFFIC_SHIFT: [
        { name: 'a while', waitSeconds: 200 },
        { name: 'done', run: ({ targetPercent }) => void percents.push(targetPercent) },
      ],
    });

    const { stages } = await ecsDeployments.run({ hooks: [hook], strategy });

    const lengths = (name: string) =>
      stages.filter((it) => it.name === name).map(({ startedAt, endedAt }) => (endedAt - startedAt) / 1000);
    expect(new Set(lengths('PRE_PRODUCTION_TRAFFIC_SHIFT'))).toEqual(new Set([400]));
    expect(new Set(lengths('PRODUCTION_TRAFFIC_SHIFT'))).toEqual(new Set([210]));
    expect(percents).toEqual(strategy.type === 'LINEAR' ? [25, 50, 75, 100] : [10, 100]);
  });
});

function makeHook(
  clock: SimulatedCloud['clock'],
  stages: EcsHookStages,
  options: EcsLifecycleHookOptions = {},
): SimulatedEcsHook {
  return {
    stages: Object.keys(stages) as EcsHookStageName[],
    handler: ecsLifecycleHook(stages, { clock, logger: silentLogger, ...options }),
  };
}

async function callsOfSwap(): Promise<number> {
  const world = new EcsSwapWorld();
  await swap(world);
  return world.cloud.calls.length;
}

/** The response of a dead process is lost; the next invocation is a new one. */
function dies(cloud: SimulatedCloud) {
  return (handler: Handler): Handler =>
    async (event, context) => {
      const callsBefore = cloud.calls.length;
      const answer = await handler(event, context);
      if (cloud.calls.slice(callsBefore).every(({ outcome }) => outcome !== 'SimulatedCrash')) return answer;
      cloud.restart();
      throw new Error('Runtime exited');
    };
}
