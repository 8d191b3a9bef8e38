import { ContinueServiceDeploymentCommand, StopServiceDeploymentCommand } from '@aws-sdk/client-ecs';
import { describe, expect, test } from 'vitest';
import type { EcsPauseEvent } from '../../../src/ecs-deployments/index.js';
import { runToEnd } from '../../../src/resumable/run-to-end.js';
import type { SimulatedEcsStrategy } from '../../../src/testing/index.js';
import {
  failingAtCanary,
  makeEcsPauseWorld,
  passing,
  pauseHook,
  stagesWith,
  undecidedAtCanary,
} from '../../support/ecs-pause-world.js';

type World = ReturnType<typeof makeEcsPauseWorld>;

function follow(world: World, stages = stagesWith(passing), options: { signal?: AbortSignal } = {}) {
  const { serviceDeploymentArn, clock } = world;
  return runToEnd(world.pause(stages), { serviceDeploymentArn }, { clock, ...options });
}

/** Leaves a pause open at its first evaluation. */
const undecidedByDefault = {
  name: 'health',
  evaluate: async () => ({ outcome: 'inconclusive', detail: 'no data' }) as const,
};

const answer = ({ cloud, serviceDeploymentArn }: World, hookId: string, action: 'CONTINUE' | 'ROLLBACK') =>
  cloud.clients.ecs.send(new ContinueServiceDeploymentCommand({ serviceDeploymentArn, hookId, action }));

const settledIn = (history: readonly EcsPauseEvent[]) =>
  history.flatMap((event) => (event.type === 'pauseSettled' ? [`${event.by} ${event.action}`] : []));

describe('EcsPause of a whole deployment', () => {
  test.each<[string, SimulatedEcsStrategy, number]>([
    ['blue/green', { type: 'BLUE_GREEN' }, 2],
    ['canary', { type: 'CANARY', canaryPercent: 10, canaryBakeTimeInMinutes: 5 }, 3],
    ['linear', { type: 'LINEAR', stepPercent: 25, stepBakeTimeInMinutes: 2 }, 5],
  ])('continues a good %s deployment at every pause', async (_name, strategy, pauses) => {
    const world = makeEcsPauseWorld({ strategy });

    const { outcome, history } = await follow(world);

    expect(outcome).toBe('succeeded');
    expect((await world.deployment.ended).status).toBe('SUCCESSFUL');
    const ended = history.flatMap((event) => (event.type === 'pauseEnded' ? [event.hookId] : []));
    expect(new Set(ended).size).toBe(pauses);
    expect(world.changes()).toHaveLength(pauses);
  });

  test('rolls a bad canary back at its pause, and names the check', async () => {
    const world = makeEcsPauseWorld();

    const { outcome, reason } = await follow(world, stagesWith(failingAtCanary));

    expect([outcome, reason]).toEqual(['rolledBack', 'The check health failed once: 5 % errors at 10 %']);
    const { status, targetPercent, stages } = await world.deployment.ended;
    expect([status, targetPercent]).toEqual(['ROLLBACK_SUCCESSFUL', { test: 0, production: 0 }]);
    expect(Math.max(...stages.map(({ productionPercent }) => productionPercent))).toBe(10);
  });

  test('rolls back before a pause expires whose checks have not passed, although ECS would continue it', async () => {
    const world = makeEcsPauseWorld({
      hooks: [{ ...pauseHook, timeoutInMinutes: 30, timeoutAction: 'CONTINUE' }],
    });
    const stages = stagesWith(undecidedAtCanary);
    const patient = { checks: [undecidedAtCanary], policy: { inconclusiveThreshold: 1_000 } };

    const { outcome, reason } = await follow(world, { ...stages, PRE_PRODUCTION_TRAFFIC_SHIFT: patient });

    expect(outcome).toBe('rolledBack');
    expect(reason).toMatch(/^The work of pause \S+ is not done, and the pause expires at 2026-01-01T/);
  });

  test.each([
    [600, 900],
    [900, 600],
    [1_200, 3_600],
  ])(
    'rolls back in time when checks are %i s apart, and readings %i s',
    async (checkInterval, intervalSeconds) => {
      const world = makeEcsPauseWorld({
        hooks: [{ ...pauseHook, timeoutInMinutes: 16, timeoutAction: 'CONTINUE' }],
      });
      const policy = { inconclusiveThreshold: 1_000, initialDelaySeconds: 0, intervalSeconds: checkInterval };
      const patient = { checks: [undecidedByDefault], policy };
      const pause = world.pause({ POST_TEST_TRAFFIC_SHIFT: patient }, { intervalSeconds });
      await world.untilPaused(0);

      const request = { serviceDeploymentArn: world.serviceDeploymentArn };
      const { outcome } = await runToEnd(pause, request, { clock: world.clock });

      expect(outcome).toBe('rolledBack');
      expect((await world.deployment.ended).status).toBe('ROLLBACK_SUCCESSFUL');
    },
  );

  test('aborts a step that hangs, and rolls back before the pause expires', async () => {
    const world = makeEcsPauseWorld({
      hooks: [{ ...pauseHook, timeoutInMinutes: 10, timeoutAction: 'CONTINUE' }],
    });
    let isAborted = false;
    const hang = {
      name: 'hang',
      run: (_pause: unknown, { signal }: { signal?: AbortSignal | undefined }) =>
        new Promise(() => signal?.addEventListener('abort', () => (isAborted = true))),
    };

    const { outcome } = await follow(world, { POST_TEST_TRAFFIC_SHIFT: { steps: [hang] } });

    expect([outcome, isAborted]).toEqual(['rolledBack', true]);
  });

  test.each([
    ['ROLLBACK', 'active'],
    ['ROLLBACK', 'ofStage'],
    ['CONTINUE', 'active'],
    ['CONTINUE', 'ofStage'],
  ] as const)(
    'responds nothing to a pause that expired with %s while no process ran (hooks listed: %s)',
    async (timeoutAction, listedHooks) => {
      const world = makeEcsPauseWorld({
        hooks: [
          { targetType: 'PAUSE', stages: ['POST_TEST_TRAFFIC_SHIFT'], timeoutInMinutes: 5, timeoutAction },
        ],
        listedHooks,
      });
      const { clock, serviceDeploymentArn } = world;
      const pause = world.pause(stagesWith(undecidedByDefault), { intervalSeconds: 1 });
      await world.untilPaused(0);
      const waiting = await pause.advance(await pause.begin({ serviceDeploymentArn }));
      expect(waiting.state.pause?.timeoutAction).toBe(timeoutAction);
      await clock.sleep(302_000);

      const { state, events } = await pause.advance(waiting.state);

      expect(settledIn(events)).toEqual([`expiry ${timeoutAction}`]);
      expect(world.changes()).toEqual([]);
      const isRolledBack = timeoutAction === 'ROLLBACK';
      expect(state.rollbackReason !== undefined).toBe(isRolledBack);
      if (isRolledBack)
        expect(state.rollbackReason).toMatch(/^Pause \S+ expired, and ECS rolled the deployment back/);
    },
  );

  test('responds nothing to a pause that expires during the checks', async () => {
    const world = makeEcsPauseWorld({
      hooks: [{ targetType: 'PAUSE', stages: ['POST_TEST_TRAFFIC_SHIFT'], timeoutInMinutes: 2 }],
    });
    const { clock, serviceDeploymentArn } = world;
    const slow = {
      name: 'slow',
      evaluate: async () => {
        await clock.sleep(130_000);
        return { outcome: 'pass', detail: 'well' } as const;
      },
    };
    const pause = world.pause(stagesWith(slow), { expiryMarginSeconds: 0 });

    const { outcome, reason } = await runToEnd(pause, { serviceDeploymentArn }, { clock });

    expect(outcome).toBe('rolledBack');
    expect(reason).toContain('expires');
    expect(world.changes()).not.toContain('ecs:ContinueServiceDeployment');
  });

  test.each(['active', 'ofStage'] as const)(
    'accepts a pause that a person continues during the checks (hooks listed: %s)',
    async (listedHooks) => {
      const world = makeEcsPauseWorld({ listedHooks });
      const isAnswered = new Set<string>();
      const slow = {
        name: 'health',
        evaluate: async () => {
          const [hookId] = world.deployment.pauses;
          if (hookId !== undefined && !isAnswered.has(hookId)) {
            isAnswered.add(hookId);
            await answer(world, hookId, 'CONTINUE');
          }
          return { outcome: 'pass', detail: 'well' } as const;
        },
      };

      const { outcome, history } = await follow(world, stagesWith(slow));

      expect(outcome).toBe('succeeded');
      expect(history.filter(({ type }) => type === 'pauseEnded')).toEqual([]);
      expect(settledIn(history)).toHaveLength(3);
      expect(world.changes()).toHaveLength(3);
    },
  );

  test('follows the rollback of a person at a pause', async () => {
    const world = makeEcsPauseWorld({ listedHooks: 'ofStage' });
    const run = follow(world, stagesWith(undecidedAtCanary));

    const hookId = await world.untilPaused(10);
    await world.clock.sleep(30_000);
    await answer(world, hookId, 'ROLLBACK');

    const { outcome, reason, history } = await run;
    expect(outcome).toBe('rolledBack');
    expect(reason).toBe('The deployment was rolled back outside this run');
    expect(settledIn(history)).toEqual(['other ROLLBACK']);
    expect(world.changes().filter((action) => action === 'ecs:ContinueServiceDeployment')).toHaveLength(3);
  });

  test('follows a deployment that is stopped during its bake', async () => {
    const world = makeEcsPauseWorld();
    const { serviceDeploymentArn } = world;
    const run = follow(world);
    while (world.deployment.targetPercent.production < 100) await world.clock.sleep(1_000);

    await world.cloud.clients.ecs.send(new StopServiceDeploymentCommand({ serviceDeploymentArn }));

    expect(await run).toMatchObject({
      outcome: 'rolledBack',
      reason: 'The deployment was rolled back outside this run: Stopped by the user.',
    });
  });

  test.each(['the alarm orders-5xx triggered', 'the circuit breaker triggered'])(
    'names the cause of a rollback by ECS: %s',
    async (cause) => {
      const world = makeEcsPauseWorld({ alarmNames: ['orders-5xx', 'orders-latency'] });
      const run = follow(world);
      while (world.deployment.targetPercent.production < 10) await world.clock.sleep(1_000);

      if (cause.includes('alarm')) world.deployment.triggerAlarms('orders-5xx');
      else world.deployment.tripCircuitBreaker();

      const { outcome, reason } = await run;
      expect(outcome).toBe('rolledBack');
      expect(reason).toContain(`ECS rolled the deployment back: ${cause}`);
    },
  );

  test('rolls back after an abort: at a pause with its response, and otherwise by a stop', async () => {
    for (const percent of [10, 100]) {
      const world = makeEcsPauseWorld();
      const controller = new AbortController();
      const run = follow(world, stagesWith(percent === 10 ? undecidedAtCanary : passing), {
        signal: controller.signal,
      });
      if (percent === 10) await world.untilPaused(10);
      while (world.deployment.targetPercent.production < percent) await world.clock.sleep(1_000);
      await world.clock.sleep(20_000);

      controller.abort(new Error('Enough'));

      expect(await run).toMatchObject({ outcome: 'rolledBack', reason: 'Aborted: Enough' });
      expect((await world.deployment.ended).targetPercent).toEqual({ test: 0, production: 0 });
      const last = world.changes().at(-1);
      expect(last).toBe(percent === 10 ? 'ecs:ContinueServiceDeployment' : 'ecs:StopServiceDeployment');
    }
  });

  test('leaves the pauses of a stage without work to a person', async () => {
    const world = makeEcsPauseWorld();
    const work = { checks: [passing], policy: { initialDelaySeconds: 0 } };
    const run = follow(world, { PRE_PRODUCTION_TRAFFIC_SHIFT: work });
    const hookId = await world.untilPaused(0);
    await world.clock.sleep(3_600_000);
    expect(world.deployment.pauses).toEqual([hookId]);

    await answer(world, hookId, 'CONTINUE');

    const { outcome, history } = await run;
    expect(outcome).toBe('succeeded');
    expect(history.filter(({ type }) => type === 'pauseLeft')).toMatchObject([
      { hookId, stage: 'POST_TEST_TRAFFIC_SHIFT' },
    ]);
  });

  test('rolls back when a step fails again and again', async () => {
    const world = makeEcsPauseWorld();
    let attempts = 0;
    const step = {
      name: 'smoke test',
      run: () => {
        attempts += 1;
        throw new Error('status 500');
      },
    };

    const { outcome, reason } = await follow(world, { POST_TEST_TRAFFIC_SHIFT: { steps: [step] } });

    expect([outcome, attempts]).toEqual(['rolledBack', 5]);
    expect(reason).toContain('status 500');
  });

  test.each(['haltSignal', 'signal'] as const)(
    'ends at once when %s is aborted during a step that ignores it',
    async (name) => {
      const world = makeEcsPauseWorld();
      const controller = new AbortController();
      const hang = {
        name: 'hang',
        run: () => {
          queueMicrotask(() => controller.abort(new Error('cancelled')));
          return new Promise(() => {});
        },
      };
      const pause = world.pause({ POST_TEST_TRAFFIC_SHIFT: { steps: [hang] } });
      await world.untilPaused(0);
      const start = world.clock.now();

      const { serviceDeploymentArn, clock } = world;
      const run = runToEnd(pause, { serviceDeploymentArn }, { clock, [name]: controller.signal });
      const { outcome, reason, history } = await run;

      expect([outcome, reason]).toEqual([
        name === 'signal' ? 'rolledBack' : 'halted',
        expect.stringContaining('cancelled'),
      ]);
      const end = history.find(({ type }) => type === (name === 'signal' ? 'rollingBack' : 'ended'));
      expect(end?.at).toBe(start);
    },
  );

  test('keeps its state small, whatever the length of a reason', async () => {
    const long = 'x'.repeat(300_000);
    const world = makeEcsPauseWorld();
    const endless = { name: 'health', evaluate: async () => ({ outcome: 'fail', detail: long }) as const };
    const failed = await follow(world, stagesWith(endless));
    const pause = world.pause();
    const begun = await pause.begin({ serviceDeploymentArn: makeEcsPauseWorld().serviceDeploymentArn });
    const byHand = await pause.rollBack(begun, long);

    for (const state of [failed.state, byHand.state, pause.halt(begun, long).state])
      expect(JSON.stringify(state).length).toBeLessThan(3_000);
    expect(failed.reason).toHaveLength(1_000);
  });

  test.each([
    ['ecs:DescribeServiceDeployments', 40],
    ['ecs:ContinueServiceDeployment', 40],
  ])('waits while AWS throttles %s, and rolls no good deployment back', async (action, times) => {
    const world = makeEcsPauseWorld();
    world.cloud.injectFault({ kind: 'throttle', action, times });

    const { outcome } = await follow(world);

    expect(outcome).toBe('succeeded');
    expect((await world.deployment.ended).status).toBe('SUCCESSFUL');
    expect(world.changes()).not.toContain('ecs:StopServiceDeployment');
  });

  test('rolls back when AWS throttles for too long', async () => {
    const world = makeEcsPauseWorld();
    const action = 'ecs:ContinueServiceDeployment';
    world.cloud.injectFault({ kind: 'throttle', action, times: 130 });

    const { outcome, reason } = await follow(world);

    expect([outcome, reason]).toEqual(['rolledBack', expect.stringContaining('Rate exceeded')]);
  });

  test('stops the deployment when its role may not respond to pauses', async () => {
    const world = makeEcsPauseWorld();
    world.cloud.injectFault({ kind: 'accessDenied', action: 'ecs:ContinueServiceDeployment', times: 100 });

    const { outcome, reason } = await follow(world);

    expect(outcome).toBe('rolledBack');
    expect(reason).toContain('Allow the IAM action ecs:ContinueServiceDeployment');
    expect(world.changes().at(-1)).toBe('ecs:StopServiceDeployment');
  });

  test('has half of a pause of one minute for its checks', async () => {
    const world = makeEcsPauseWorld({ hooks: [{ ...pauseHook, timeoutInMinutes: 1 }] });

    expect((await follow(world)).outcome).toBe('succeeded');
  });

  test('evaluates on time after the clock was set back by a day', async () => {
    const world = makeEcsPauseWorld();
    let offset = 0;
    const clock = {
      now: () => world.clock.now() - offset,
      sleep: (milliseconds: number, signal?: AbortSignal) => world.clock.sleep(milliseconds, signal),
    };
    const stages = { POST_TEST_TRAFFIC_SHIFT: { checks: [passing] }, PRE_PRODUCTION_TRAFFIC_SHIFT: {} };
    const run = runToEnd(
      world.pause(stages, { clock }),
      { serviceDeploymentArn: world.serviceDeploymentArn },
      { clock },
    );
    await world.untilPaused(0);
    await world.clock.sleep(20_000);
    offset = 86_400_000;

    expect((await run).outcome).toBe('succeeded');
    expect(world.clock.now() - Date.parse('2026-01-01T00:00:00Z')).toBeLessThan(3_600_000);
  });

  test('responds to each of two pauses of one stage', async () => {
    const world = makeEcsPauseWorld({ strategy: { type: 'BLUE_GREEN' }, hooks: [pauseHook, pauseHook] });

    const { outcome, history } = await follow(world);

    expect(outcome).toBe('succeeded');
    expect(history.filter(({ type }) => type === 'pauseEnded')).toHaveLength(4);
  });

  test('halts when another deployment has replaced this one', async () => {
    const world = makeEcsPauseWorld();
    const run = follow(world, stagesWith(undecidedAtCanary));
    await world.untilPaused(10);

    world.cloud.ecsDeployments.start({ service: { cluster: 'shop', service: 'web' } });

    const { outcome, reason } = await run;
    expect(outcome).toBe('halted');
    expect(reason).toContain('The deployment ended as STOPPED');
  });
});

describe('two runners of one deployment', () => {
  test('respond once to each pause', async () => {
    const world = makeEcsPauseWorld();

    const results = await Promise.all([follow(world), follow(world)]);

    expect(results.map(({ outcome }) => outcome)).toEqual(['succeeded', 'succeeded']);
    const responses = results.flatMap(({ history }) => history.filter(({ type }) => type === 'pauseEnded'));
    expect(responses).toHaveLength(3);
  });
});
