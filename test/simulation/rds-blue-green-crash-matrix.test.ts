import { describe, expect, test } from 'vitest';
import type { BlueGreenRequest } from '../../src/aurora/index.js';
import { runToEnd } from '../../src/resumable/run-to-end.js';
import type { FaultKind } from '../../src/testing/index.js';
import { type DatabaseKind, makeBlueGreenWorld } from '../support/blue-green-world.js';

interface Scenario {
  readonly name: string;
  readonly kind: DatabaseKind;
  readonly request: BlueGreenRequest;
  /** Status of the deployment soon after its creation. */
  readonly failure?: string;
  readonly outcome: 'succeeded' | 'rolledBack';
}

const request: BlueGreenRequest = {
  name: 'orders-to-17',
  green: { engineVersion: '17.4' },
  deleteDeployment: true,
};

const scenarios: readonly Scenario[] = [
  { name: 'a cluster', kind: 'cluster', request, outcome: 'succeeded' },
  { name: 'an instance', kind: 'instance', request, outcome: 'succeeded' },
  {
    name: 'a cluster that RDS cannot switch over',
    kind: 'cluster',
    request,
    failure: 'INVALID_CONFIGURATION',
    outcome: 'rolledBack',
  },
];

function setUp({ kind, failure }: Scenario) {
  const world = makeBlueGreenWorld({ kind, engine: kind === 'cluster' ? 'aurora-mysql' : 'mysql' });
  const { clock, cloud } = world;
  if (failure !== undefined)
    clock.every(60, () => {
      for (const deployment of cloud.rds.blueGreenDeployments) {
        const isReplicating = deployment.tasks.some(({ status }) => status === 'COMPLETED');
        if (deployment.status !== 'PROVISIONING' || !isReplicating) continue;
        deployment.status = failure;
        for (const { target } of deployment.members) target.status = 'available';
      }
    });
  return { ...world, before: world.read(), make: () => world.make({ intervalSeconds: 240 }) };
}

type World = ReturnType<typeof setUp>;

/** Drives a run with a stored state, as a driver does. A process that dies is replaced by another one after 20 seconds. */
async function drive({ make, cloud, clock }: World, given: BlueGreenRequest): Promise<string | undefined> {
  let stored: string | undefined;
  let isBack = false;
  for (let call = 0; call < 300; call += 1) {
    try {
      if (stored === undefined) stored = JSON.stringify(await make().begin(given));
      const state = make().parseState(JSON.parse(stored));
      const progress = isBack ? await make().rollBack(state, 'cannot proceed') : await make().advance(state);
      stored = JSON.stringify(progress.state);
      if (progress.outcome !== undefined) return progress.outcome;
      await clock.sleep(progress.waitSeconds * 1000);
    } catch (error) {
      isBack ||= error instanceof Error && error.name === 'BlueGreenDeploymentError';
      await clock.sleep(20_000);
      cloud.restart();
    }
  }
  throw new Error('The run does not end');
}

const isOnce = (actions: readonly string[], action: string) =>
  actions.filter((it) => it === `rds:${action}`).length === 1;

describe.each(scenarios)('RdsBlueGreen of $name', (scenario) => {
  async function usual() {
    const world = setUp(scenario);
    expect(await drive(world, scenario.request)).toBe(scenario.outcome);
    return { calls: world.cloud.calls.length, end: world.read(), world };
  }

  test('leaves nothing behind, and the databases of others unchanged', async () => {
    const { end, world } = await usual();
    const others = ({ databases }: typeof end) => databases.filter(([name]) => name === 'invoices');

    expect(end.deployments).toEqual([]);
    expect(others(end)).toEqual(others(world.before));
    if (scenario.outcome === 'rolledBack') expect(end).toEqual(world.before);
    else expect(isOnce(world.changes(), 'SwitchoverBlueGreenDeployment')).toBe(true);
  });

  test.each(['crashBefore', 'crashAfter'] as const satisfies readonly FaultKind[])(
    'reaches the same end when the process dies at any call: %s',
    async (kind) => {
      const { calls, end } = await usual();
      for (let atCall = 1; atCall <= calls; atCall += 1) {
        const world = setUp(scenario);
        world.cloud.injectFault({ kind, atCall });

        const outcome = await drive(world, scenario.request);

        expect([atCall, outcome, world.read()]).toEqual([atCall, scenario.outcome, end]);
      }
    },
    60_000,
  );

  test.each(['lostResponse', 'throttle', 'serverError', 'timeout', 'staleRead'] as const)(
    'reaches the same end when any call ends with %s, with and without retries of the SDK',
    async (kind) => {
      const { calls, end } = await usual();
      // A driver does not repeat `begin`, which makes the first call.
      for (let atCall = 2; atCall <= calls; atCall += 1) {
        for (const times of [1, 3]) {
          const world = setUp(scenario);
          const { clock } = world;
          world.cloud.injectFault({ kind, atCall, times });

          const { outcome, reason } = await runToEnd(world.make(), scenario.request, { clock });

          expect([atCall, times, outcome, world.read()], reason).toEqual([
            atCall,
            times,
            scenario.outcome,
            end,
          ]);
        }
      }
    },
    60_000,
  );

  test('reaches the same end when every state is lost, and the request is run again', async () => {
    const { calls, end } = await usual();
    for (let atCall = 1; atCall <= calls; atCall += 3) {
      const world = setUp(scenario);
      world.cloud.injectFault({ kind: 'crashAfter', atCall });
      const { clock } = world;
      await runToEnd(world.make(), scenario.request, { clock }).catch(() => undefined);
      world.cloud.restart();
      const before = world.read();
      if (scenario.outcome === 'rolledBack' || before.deployments.length === 0) continue;

      const { outcome } = await runToEnd(world.make(), scenario.request, { clock });

      expect([atCall, outcome, world.read()]).toEqual([atCall, 'succeeded', end]);
    }
  }, 60_000);
});
