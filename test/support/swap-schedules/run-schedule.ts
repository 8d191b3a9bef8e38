import { partnerOf } from '../../../src/core/stack-reference.js';
import { runAs, SimulatedProcess } from '../../../src/testing/cloud/simulated-process.js';
import type { SimulatedGroupDeployment } from '../../../src/testing/index.js';
import type { Ingredients } from './ingredients.js';
import { observe } from './observed-changes.js';
import type { Deliveries, ScheduledDeployment, SwapSchedule } from './schedule.js';
import { ScheduledWorld } from './scheduled-world.js';
import type { StackState } from './small-stacks.js';

/** Quarters of an hour after the last deployment in which everything has to end. */
const maxQuarters = 24;

/** A finished schedule. */
export interface FinishedSchedule {
  readonly schedule: SwapSchedule;
  readonly world: ScheduledWorld;
  readonly before: { readonly blue: StackState; readonly green: StackState };
  readonly help: Help | undefined;
}

/** State in which a swap waited for a person. */
export interface Help {
  readonly phase: 'returningTraffic' | 'halted';
  readonly reason: string;
  readonly blue: StackState;
  readonly green: StackState;
}

/** Runs a schedule until nothing moves any more. */
export async function runSchedule(schedule: SwapSchedule): Promise<FinishedSchedule> {
  const world = new ScheduledWorld(schedule);
  const { cloud, stacks, observed } = world;
  await cloud.clock.busy(() => world.loadModules());
  await stacks.begin();
  observed.changes.length = 0;
  const before = { blue: stacks.stateOf('blue'), green: stacks.stateOf('green') };
  for (const fault of schedule.faults) cloud.injectFault(fault);
  cloud.lambda.deliverEvents(inTurn(schedule.invocations, world.ingredients, 'invocations'));
  cloud.eventBridge.deliverEvents(inTurn(schedule.events, world.ingredients, 'events'));
  for (const planned of schedule.deployments) {
    await deploy(world, planned);
    await cloud.clock.sleep(planned.pauseSeconds * 1000);
  }
  await settle(world);
  world.ingredients.addFaults(cloud.metFaults);
  const help = await helpBy(world);
  return { schedule, world, before, help };
}

/** Deploys a revision, and waits for its end. */
async function deploy(
  world: ScheduledWorld,
  { kind, stop, rollBackAfterSeconds }: ScheduledDeployment,
): Promise<void> {
  const { cloud, deployment, ingredients, observed } = world;
  // While the traffic is split, a person deploys to the stack that had it.
  const live = world.live ?? observed.item?.live ?? 'blue';
  const isUnderWay = observed.item?.swap !== undefined;
  ingredients.add(
    `${kind === 'swap' ? 'revisions' : 'hotfixes'} ${isUnderWay ? 'during' : 'outside'} a swap`,
  );
  const started = deployment.deploy(deployment.taskDefinitions[kind === 'swap' ? partnerOf(live) : live]);
  world.deployments.push(started);
  if (stop !== undefined) cloud.clock.schedule(stop.afterSeconds, () => stopByPerson(started, stop, world));
  if (rollBackAfterSeconds !== undefined) {
    const ask = async () => {
      await world.createSwap().requestRollBack('orders are late');
      ingredients.add('requests to roll back');
    };
    cloud.clock.schedule(rollBackAfterSeconds, () =>
      runAs(new SimulatedProcess(), () => observe('a person', () => void ask().catch(() => {}))),
    );
  }
  await started.ended;
  const { rollback } = started;
  if (rollback === undefined) return;
  await rollback.ended;
  const hasHooks = world.hasInvokedFor(rollback.deploymentId);
  ingredients.add(`rollback deployments ${hasHooks ? 'with' : 'without'} hooks`);
}

function stopByPerson(
  deployment: SimulatedGroupDeployment,
  { rollBack }: NonNullable<ScheduledDeployment['stop']>,
  { ingredients }: ScheduledWorld,
): void {
  if (['Succeeded', 'Failed', 'Stopped'].includes(deployment.status)) return;
  if (rollBack === undefined) {
    ingredients.add('stops as the group decides');
    deployment.stop();
  } else {
    ingredients.add(`stops ${rollBack ? 'with' : 'without'} a rollback`);
    deployment.stop({ rollBack });
  }
}

/** Ends all disturbances, and waits until no swap and no orphan is left, or until a person is needed. */
async function settle({ cloud, observed }: ScheduledWorld): Promise<void> {
  await cloud.clock.sleep(900_000);
  cloud.clearFaults();
  cloud.lambda.deliverEvents(() => [0]);
  cloud.eventBridge.deliverEvents(() => [0]);
  for (let quarter = 0; quarter < maxQuarters; quarter += 1) {
    await cloud.clock.sleep(900_000);
    const { item } = observed;
    if (item?.swap?.phase === 'halted') return;
    if (item?.swap === undefined && (item?.orphans ?? []).length === 0) return;
  }
}

/**
 * Does what the swap waits for: returns the traffic of a stopped deployment, or resumes a swap that has halted. Adopts the incoming stack
 * when the tasks of the other one are gone.
 */
async function helpBy(world: ScheduledWorld): Promise<Help | undefined> {
  const { stacks, observed, cloud } = world;
  const { swap } = observed.item ?? {};
  if (swap?.phase !== 'returningTraffic' && swap?.phase !== 'halted') return undefined;
  const state = { blue: stacks.stateOf('blue'), green: stacks.stateOf('green') };
  const help = { phase: swap.phase, reason: swap.haltReason ?? swap.reason ?? '', ...state };
  const outgoing = partnerOf(swap.incoming);
  if (swap.phase === 'returningTraffic' && !world.hasTasks(outgoing)) {
    await observe('a person', () => world.createSwap().adopt(swap.incoming, { reason: 'no tasks are left' }));
    return help;
  }
  if (swap.phase === 'returningTraffic') world.giveAllTraffic(outgoing);
  await cloud.clock.sleep(60_000);
  await observe('a person', () => world.createSwap().resume());
  await cloud.clock.sleep(1_800_000);
  return help;
}

function inTurn(
  deliveries: Deliveries,
  ingredients: Ingredients,
  what: 'invocations' | 'events',
): () => readonly number[] {
  let next = 0;
  return () => {
    const delivery = deliveries[next] ?? [0];
    next += 1;
    if (delivery.length === 0) ingredients.add(`lost ${what}`);
    if (delivery.length > 1) ingredients.add(`duplicate ${what}`);
    if (delivery.length > 0 && !delivery.includes(0)) ingredients.add(`late ${what}`);
    return delivery;
  };
}
