import { ECSClient } from '@aws-sdk/client-ecs';
import { EcsPause, type EcsPauseOptions, type EcsPauseStages } from '../../src/ecs-deployments/index.js';
import {
  SimulatedCloud,
  type SimulatedEcsDeploymentOptions,
  type SimulatedEcsPauseHook,
} from '../../src/testing/index.js';
import type { Check } from '../../src/traffic/index.js';

const service = { cluster: 'shop', service: 'web' };

/** A pause after the test traffic has moved, and one before each step of the production traffic. */
export const pauseHook: SimulatedEcsPauseHook = {
  targetType: 'PAUSE',
  stages: ['POST_TEST_TRAFFIC_SHIFT', 'PRE_PRODUCTION_TRAFFIC_SHIFT'],
};

export const passing: Check = {
  name: 'health',
  evaluate: async () => ({ outcome: 'pass', detail: 'well' }),
};

/** A check that fails as soon as the new revision has production traffic. */
export const failingAtCanary: Check = {
  name: 'health',
  evaluate: async ({ weights }) =>
    weights.green > 0
      ? { outcome: 'fail', detail: `5 % errors at ${weights.green} %` }
      : { outcome: 'pass', detail: 'well' },
};

export const undecidedAtCanary: Check = {
  name: 'health',
  evaluate: async ({ weights }) =>
    weights.green > 0 ? { outcome: 'inconclusive', detail: 'no data' } : { outcome: 'pass', detail: 'well' },
};

const policy = { initialDelaySeconds: 0 };

/** The same work at every stage that pauses. */
export function stagesWith(check: Check): EcsPauseStages {
  const work = { checks: [check], policy };
  return { POST_TEST_TRAFFIC_SHIFT: work, PRE_PRODUCTION_TRAFFIC_SHIFT: work };
}

/** A canary deployment of ECS with pauses, that has just started. */
export function makeEcsPauseWorld(
  options: SimulatedEcsDeploymentOptions = {},
  { cloud = new SimulatedCloud() } = {},
) {
  const deployment = cloud.ecsDeployments.start({
    service,
    strategy: { type: 'CANARY', canaryPercent: 10, canaryBakeTimeInMinutes: 5 },
    bakeTimeInMinutes: 2,
    hooks: [pauseHook],
    ...options,
  });
  return {
    cloud,
    clock: cloud.clock,
    deployment,
    serviceDeploymentArn: deployment.serviceDeploymentArn,
    /** A client whose failures reach the caller. */
    clientWithoutRetries: () =>
      cloud.connect(
        new ECSClient({
          region: 'eu-west-1',
          credentials: { accessKeyId: 'simulated', secretAccessKey: 'simulated' },
          maxAttempts: 1,
        }),
      ),
    pause: (stages: EcsPauseStages = stagesWith(passing), more: Partial<EcsPauseOptions> = {}) =>
      new EcsPause({
        stages,
        clock: cloud.clock,
        clients: { ecs: cloud.clients.ecs },
        ...more,
      } as EcsPauseOptions),
    /** Actions that changed something, oldest first. */
    changes: () =>
      cloud.calls
        .map(({ action }) => action)
        .filter((action) => /ContinueServiceDeployment|StopServiceDeployment/.test(action)),
    /** Waits until the deployment pauses with this share of the production traffic. */
    async untilPaused(percent: number): Promise<string> {
      for (let second = 0; second < 86_400; second += 1) {
        const [hook] = deployment.pauses;
        if (hook !== undefined && deployment.targetPercent.production === percent) return hook;
        await cloud.clock.sleep(1_000);
      }
      throw new Error(`The deployment does not pause at ${percent} %`);
    },
  };
}
