import { RdsBlueGreen } from '../../src/aurora/index.js';
import { runToEnd } from '../../src/resumable/run-to-end.js';
import { type DatabaseKind, makeBlueGreenWorld } from './blue-green-world.js';
import type { PermissionScenario } from './permission-scenarios.js';
import { actionsWithin } from './recorded-actions.js';

type World = ReturnType<typeof makeBlueGreenWorld>;

const name = 'orders-to-17';

/** Actions within one method, for a MySQL database, whose lag is a metric. */
function scenario(
  method: string,
  situation: string,
  use: (world: World) => Promise<unknown>,
): readonly PermissionScenario[] {
  return (['cluster', 'instance'] as const).map((kind: DatabaseKind) => ({
    method: `RdsBlueGreen.${method}`,
    situation: `${situation} (${kind})`,
    run: async () => {
      const world = makeBlueGreenWorld({ kind, engine: kind === 'cluster' ? 'aurora-mysql' : 'mysql' });
      const { actions } = await actionsWithin(world.cloud, RdsBlueGreen.prototype, method, () => use(world));
      return actions;
    },
  }));
}

async function created({ make, clock }: World): Promise<RdsBlueGreen> {
  const blueGreen = make();
  await blueGreen.createDeployment({ name });
  await clock.sleep(3_600_000);
  return blueGreen;
}

async function switchedOver(world: World): Promise<RdsBlueGreen> {
  const blueGreen = await created(world);
  await blueGreen.switchOver({ name });
  await world.clock.sleep(600_000);
  return blueGreen;
}

/** Rolls back until the end. */
async function rolledBack({ make, clock }: World, after: 'creation' | 'switchover'): Promise<void> {
  const blueGreen = make();
  let state = await blueGreen.begin({ name, switchOver: after === 'creation' ? 'no' : 'atOnce' });
  for (let call = 0; call < (after === 'creation' ? 3 : 100); call += 1) {
    const progress = await blueGreen.advance(state);
    state = progress.state;
    await clock.sleep(progress.waitSeconds * 1000);
  }
  for (;;) {
    const progress = await blueGreen.rollBack(state, 'by hand');
    if (progress.outcome !== undefined) return;
    state = progress.state;
    await clock.sleep(progress.waitSeconds * 1000);
  }
}

/** Scenarios of blue/green deployments of RDS. */
export const blueGreenPermissionScenarios: readonly PermissionScenario[] = [
  ...scenario('begin', 'a new run', ({ make }) => make().begin({ name })),
  ...scenario('advance', 'a whole run', ({ make, clock }) =>
    runToEnd(make(), { name, deleteDeployment: true }, { clock }),
  ),
  ...scenario('advance', 'a run whose time is over', ({ make, clock }) =>
    runToEnd(
      make(),
      { name, switchOver: 'afterApproval' },
      {
        clock,
        isApproved: () => false,
        rollBackAt: clock.now() + 7_200_000,
      },
    ),
  ),
  ...scenario('rollBack', 'during the creation', (world) => rolledBack(world, 'creation')),
  ...scenario('createDeployment', 'a new deployment', created),
  ...scenario('getDeployment', 'a new deployment', async (world) =>
    (await created(world)).getDeployment({ name }),
  ),
  ...scenario('readGuardrails', 'an available deployment', async (world) =>
    (await created(world)).readGuardrails({ name }),
  ),
  ...scenario('switchOver', 'an available deployment', switchedOver),
  ...scenario('deleteGreenEnvironment', 'an available deployment', async (world) =>
    (await created(world)).deleteGreenEnvironment({ name }),
  ),
  ...scenario('deleteCompletedDeployment', 'a completed switchover', async (world) =>
    (await switchedOver(world)).deleteCompletedDeployment({ name }),
  ),
];
