import { partnerOf } from '../../../src/core/stack-reference.js';
import { runAs, SimulatedProcess } from '../../../src/testing/cloud/simulated-process.js';
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
  cloud.lambda.deliverEvents(inTurn(schedule.invocations));
  cloud.eventBridge.deliverEvents(inTurn(schedule.events));
  for (const planned of schedule.deployments) {
    await deploy(world, planned);
    await cloud.clock.sleep(planned.pauseSeconds * 1000);
  }
  await settle(world);
  const help = await helpBy(world);
  return { schedule, world, before, help };
}

/** Deploys a revision, and waits for its end. */
async function deploy(
  world: ScheduledWorld,
  { kind, stop, rollBackAfterSeconds }: ScheduledDeployment,
): Promise<void> {
  const { cloud, deployment, live } = world;
  if (live === undefined) return;
  const started = deployment.deploy(deployment.taskDefinitions[kind === 'swap' ? partnerOf(live) : live]);
  world.deployments.push(started);
  if (stop !== undefined) {
    const { afterSeconds, rollBack } = stop;
    started.stopAfter(afterSeconds, rollBack === undefined ? {} : { rollBack });
  }
  if (rollBackAfterSeconds !== undefined) {
    const ask = () => world.createSwap().requestRollBack('orders are late');
    cloud.clock.schedule(rollBackAfterSeconds, () =>
      runAs(new SimulatedProcess(), () => observe('a person', () => void ask().catch(() => {}))),
    );
  }
  await started.ended;
  await started.rollback?.ended;
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

function inTurn(deliveries: Deliveries): () => readonly number[] {
  let next = 0;
  return () => {
    const delivery = deliveries[next] ?? [0];
    next += 1;
    return delivery;
  };
}
