import { ContinueServiceDeploymentCommand } from '@aws-sdk/client-ecs';
import { silentLogger } from '../../src/core/logger.js';
import { EcsPause, ecsPauseHandler } from '../../src/ecs-deployments/index.js';
import { runToEnd } from '../../src/resumable/run-to-end.js';
import { SimulatedCloud } from '../../src/testing/index.js';
import { sloBudget } from '../../src/traffic/application-signals/index.js';
import { prometheusQuery } from '../../src/traffic/prometheus/index.js';
import { checkContext } from './check-context.js';
import { failingAtCanary, makeEcsPauseWorld, passing, stagesWith } from './ecs-pause-world.js';
import type { PermissionScenario } from './permission-scenarios.js';
import { actionsWithin, recordedActions } from './recorded-actions.js';

/** Actions within one method of a pause. */
async function withinPause(
  method: string,
  use: (world: ReturnType<typeof makeEcsPauseWorld>) => Promise<unknown>,
) {
  const world = makeEcsPauseWorld();
  return (await actionsWithin(world.cloud, EcsPause.prototype, method, () => use(world))).actions;
}

const handlerContext = { getRemainingTimeInMillis: () => 900_000 };

function eventOf({ serviceDeploymentArn }: { readonly serviceDeploymentArn: string }, hookId: string) {
  return {
    source: 'aws.ecs',
    'detail-type': 'ECS Hook State Change',
    detail: {
      eventName: 'HOOK_AWAITING_ACTION',
      hookId,
      hookType: 'PAUSE',
      lifecycleStage: 'POST_TEST_TRAFFIC_SHIFT',
      serviceDeploymentArn,
    },
  };
}

/** Scenarios of pauses, and of the checks with a subpath of their own. */
export const ecsDeploymentPermissionScenarios: readonly PermissionScenario[] = [
  {
    method: 'EcsPause.begin',
    situation: 'a new deployment',
    run: () =>
      withinPause('begin', ({ pause, serviceDeploymentArn }) => pause().begin({ serviceDeploymentArn })),
  },
  {
    method: 'EcsPause.advance',
    situation: 'a bad canary',
    run: () =>
      withinPause('advance', ({ pause, serviceDeploymentArn, clock }) =>
        runToEnd(pause(stagesWith(failingAtCanary)), { serviceDeploymentArn }, { clock }),
      ),
  },
  {
    method: 'EcsPause.advance',
    situation: 'a deployment whose time is over',
    run: () =>
      withinPause('advance', ({ pause, serviceDeploymentArn, clock }) =>
        runToEnd(pause(), { serviceDeploymentArn }, { clock, rollBackAt: clock.now() }),
      ),
  },
  {
    method: 'EcsPause.rollBack',
    situation: 'between two pauses',
    run: () =>
      withinPause('rollBack', async ({ pause, serviceDeploymentArn }) => {
        const run = pause();
        await run.rollBack(await run.begin({ serviceDeploymentArn }), 'by hand');
      }),
  },
  {
    method: 'EcsPause.rollBack',
    situation: 'at a pause',
    run: () =>
      withinPause('rollBack', async ({ pause, serviceDeploymentArn, untilPaused }) => {
        const run = pause();
        const hookId = await untilPaused(0);
        await run.rollBack(await run.begin({ serviceDeploymentArn, hookId }), 'by hand');
      }),
  },
  {
    method: 'ecsPauseHandler',
    situation: 'a pause, and a step that fails while another caller continues it',
    run: async () => {
      const world = makeEcsPauseWorld();
      const { cloud, clock } = world;
      const options = { clock, logger: silentLogger };
      const hookId = await world.untilPaused(0);
      cloud.injectFault({
        kind: Object.assign(new Error('Not now'), { name: 'InvalidParameterException' }),
        action: 'ecs:ContinueServiceDeployment',
        times: 6,
      });
      const event = eventOf(world, hookId);
      await ecsPauseHandler(world.pause(stagesWith(passing)), options)(event, handlerContext).catch(() => {});
      const other = makeEcsPauseWorld();
      const otherHook = await other.untilPaused(0);
      let attempts = 0;
      const step = {
        name: 'step',
        run: async ({ serviceDeploymentArn }: { readonly serviceDeploymentArn: string }) => {
          attempts += 1;
          const command = new ContinueServiceDeploymentCommand({ serviceDeploymentArn, hookId: otherHook });
          if (attempts === 5) await other.cloud.clients.ecs.send(command);
          throw new Error('broken');
        },
      };
      const stages = { POST_TEST_TRAFFIC_SHIFT: { steps: [step] } };
      const otherOptions = { clock: other.clock, logger: silentLogger };
      await ecsPauseHandler(other.pause(stages), otherOptions)(eventOf(other, otherHook), handlerContext);
      return [...new Set([...recordedActions(cloud), ...recordedActions(other.cloud)])];
    },
  },
  {
    method: 'sloBudget',
    situation: 'a burn rate',
    run: async () => {
      const cloud = new SimulatedCloud();
      const check = sloBudget({
        name: 'budget',
        objectives: ['availability'],
        burnRate: { max: 1 },
        clients: { applicationSignals: cloud.clients.applicationSignals },
      });
      await check.evaluate(checkContext(cloud));
      return recordedActions(cloud);
    },
  },
  {
    method: 'prometheusQuery',
    situation: 'Amazon Managed Service for Prometheus, whose requests name the service in their signature',
    run: async () => {
      const actions: string[] = [];
      const check = prometheusQuery({
        name: 'errors',
        address: 'https://aps-workspaces.eu-west-1.amazonaws.com/workspaces/ws-1',
        query: 'vector(0)',
        max: 0,
        windowSeconds: 60,
        sigV4: { region: 'eu-west-1', credentials: { accessKeyId: 'AKID', secretAccessKey: 'secret' } },
        fetch: async (url, init) => {
          const scope = new Headers(init?.headers).get('authorization')?.split('/')[3];
          if (String(url).includes('/api/v1/query?')) actions.push(`${scope}:QueryMetrics`);
          return new Response(
            JSON.stringify({ status: 'success', data: { resultType: 'scalar', result: [0, '0'] } }),
          );
        },
      });
      await check.evaluate(checkContext(new SimulatedCloud()));
      return actions;
    },
  },
];
