import { describe, expect, test } from 'vitest';
import { EcsRollout, type RolloutEvent } from '../../src/ecs-rollout/index.js';
import { SimulatedCloud } from '../../src/testing/index.js';
import { adjustable } from '../support/adjustable-clock.js';
import { expectNothingLeft, fargateWorld } from '../support/rollout-world.js';

describe('EcsRollout › rollOut', () => {
  test.each(['observe', 'targetHealth', 'serviceStable', 'cleanUp'] as const)(
    'waits no longer when the clock is set back by two hours in the phase %s',
    async (phase) => {
      const cloud = new SimulatedCloud();
      const world = fargateWorld(cloud, { isQuick: true });
      const clock = adjustable(cloud.clock);
      const { clients } = cloud;
      const rollout = new EcsRollout({ cluster: 'shop', service: 'web', clients, clock });
      const contexts: number[] = [];
      const checks = [
        {
          name: 'errors',
          evaluate: async ({ now, weightsSince }: { now: number; weightsSince: number }) => {
            contexts.push(now - weightsSince);
            return { outcome: 'pass', detail: 'none' } as const;
          },
        },
      ];
      const startedAt = cloud.clock.now();
      const onEvent = (event: RolloutEvent) => {
        if (event.type !== 'phaseStarted' || event.phase !== phase) return;
        cloud.clock.schedule(3, () => clock.adjust(-7_200));
      };

      const result = await rollout.rollOut(
        { taskDefinition: world.next },
        { checks, observeSeconds: 120, policy: { initialDelaySeconds: 60 }, onEvent },
      );

      expect(result.service).toBe('updated');
      expect(cloud.clock.now() - startedAt).toBeLessThan(600_000);
      for (const elapsed of contexts) expect(elapsed).toBeGreaterThan(0);
      expectNothingLeft(world);
    },
  );
});
