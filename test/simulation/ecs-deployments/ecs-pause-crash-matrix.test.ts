import { describe, expect, test } from 'vitest';
import { runToEnd } from '../../../src/resumable/run-to-end.js';
import type { FaultKind } from '../../../src/testing/cloud/faults.js';
import type { Check } from '../../../src/traffic/index.js';
import { failingAtCanary, makeEcsPauseWorld, passing, stagesWith } from '../../support/ecs-pause-world.js';

const scenarios: readonly { name: string; check: Check; status: string; production: number }[] = [
  { name: 'good', check: passing, status: 'SUCCESSFUL', production: 100 },
  { name: 'bad', check: failingAtCanary, status: 'ROLLBACK_SUCCESSFUL', production: 0 },
];

function setUp(check: Check) {
  const world = makeEcsPauseWorld({
    strategy: { type: 'CANARY', canaryPercent: 10, canaryBakeTimeInMinutes: 2 },
    bakeTimeInMinutes: 1,
    scaleUpSeconds: 30,
  });
  const make = () => world.pause(stagesWith(check), { intervalSeconds: 60 });
  return { ...world, make };
}

type World = ReturnType<typeof setUp>;

/** Drives the run with a stored state. A process that dies is replaced by another one after 20 seconds. */
async function drive({ make, cloud, clock, serviceDeploymentArn }: World): Promise<string | undefined> {
  let stored = JSON.stringify(await make().begin({ serviceDeploymentArn }));
  for (let call = 0; call < 300; call += 1) {
    try {
      const progress = await make().advance(JSON.parse(stored));
      stored = JSON.stringify(progress.state);
      if (progress.outcome !== undefined) return progress.outcome;
      await clock.sleep(progress.waitSeconds * 1000);
    } catch {
      await clock.sleep(20_000);
      cloud.restart();
    }
  }
  throw new Error('The run does not end');
}

async function callsOf(check: Check): Promise<number> {
  const world = setUp(check);
  await drive(world);
  return world.cloud.calls.length;
}

const responsesOf = ({ changes }: World) =>
  changes().filter((action) => action === 'ecs:ContinueServiceDeployment').length;

describe.each(scenarios)('EcsPause of a $name canary', ({ check, status, production }) => {
  test.each(['crashBefore', 'crashAfter'] as const satisfies readonly FaultKind[])(
    'reaches the same end when the process dies at any call: %s',
    async (kind) => {
      const calls = await callsOf(check);
      expect(calls).toBeGreaterThan(8);
      for (let atCall = 1; atCall <= calls; atCall += 1) {
        const world = setUp(check);
        world.cloud.injectFault({ kind, atCall });

        await drive(world);

        const end = await world.deployment.ended;
        expect([atCall, end.status, end.targetPercent.production]).toEqual([atCall, status, production]);
      }
    },
  );

  test.each(['lostResponse', 'throttle', 'serverError', 'timeout', 'staleRead'] as const)(
    'reaches the same end when any call ends with %s, with and without retries of the SDK',
    async (kind) => {
      const calls = await callsOf(check);
      for (let atCall = 1; atCall <= calls; atCall += 1) {
        for (const times of [1, 3]) {
          const world = setUp(check);
          const { serviceDeploymentArn, clock } = world;
          world.cloud.injectFault({ kind, atCall, times });

          const { outcome } = await runToEnd(world.make(), { serviceDeploymentArn }, { clock });

          const end = await world.deployment.ended;
          expect([atCall, times, end.status, end.targetPercent.production]).toEqual([
            atCall,
            times,
            status,
            production,
          ]);
          expect(outcome).toBe(production === 100 ? 'succeeded' : 'rolledBack');
        }
      }
    },
  );

  test('responds once to each pause without a fault', async () => {
    const world = setUp(check);

    await drive(world);

    expect(responsesOf(world)).toBe(3);
  });
});
