import { UpdateServiceCommand } from '@aws-sdk/client-ecs';
import { loadDefinitions, RolloutError, type RolloutEvent } from 'aws-blue-green-toolkit/ecs-rollout';
import { countLeftovers, countRunningTasks, failedTasks, type LeftoverCounts, stateOf } from './observe.js';
import { runCommand } from './rollout.js';
import type { RolloutCommand, RolloutView } from './views.js';
import { definitionFolder, imageOf, makeWorld, type World } from './world.js';

/** The scenarios of the demo. */
export const rolloutScenarios = ['ecs-rollout', 'ecs-rollout-broken'] as const;

/** One of the {@link rolloutScenarios}. */
export type RolloutScenario = (typeof rolloutScenarios)[number];

/** The result of a run of the demo. Every `at` is virtual time in ISO 8601. */
export interface RolloutDocument {
  readonly outcome: 'succeeded' | 'failed';
  /** The reason of the failure, and the state of the service. */
  readonly reason?: string;
  readonly startedAt: string;
  readonly endedAt: string;
  /** The commands: the service was created, then the next version was rolled out. */
  readonly commands: readonly CommandRun[];
  readonly service: {
    /** True when it runs one version, and is stable. */
    readonly intact: boolean;
    readonly taskDefinitionBefore: string;
    readonly taskDefinitionAfter: string;
    /** The fewest tasks of the service that ran at any time of the rollout. */
    readonly fewestTasksRunning: number;
    readonly desiredCount: number;
  };
  readonly failedTasks: {
    /** Canaries that stopped by themselves. */
    readonly canaries: number;
    /** Tasks of the service that did. */
    readonly ofService: number;
    /** Tasks of the service that do within ten minutes when it gets the same version without a canary. */
    readonly ofServiceWithoutCanary: number;
  };
  /** The rest of the canary after the rollout. */
  readonly leftovers: LeftoverCounts;
  readonly awsCallsByAction: Readonly<Record<string, number>>;
}

/** One command of the script. */
export interface CommandRun {
  readonly command: RolloutCommand;
  readonly startedAt: string;
  readonly endedAt: string;
  readonly awsCalls: number;
  readonly events: readonly EventAt[];
}

/** A {@link RolloutEvent} with its time in ISO 8601. */
export type EventAt = DistributiveOmit<RolloutEvent, 'at'> & { readonly at: string };

type DistributiveOmit<Type, Key extends PropertyKey> = Type extends unknown ? Omit<Type, Key> : never;

const steadySeconds = 300;
const withoutCanarySeconds = 600;

/** Creates the simulated service in its first version, waits some minutes, and rolls the second one out. */
export async function runRollout({
  scenario,
  viewOf = () => undefined,
  onTick,
}: {
  readonly scenario: RolloutScenario;
  /** The view of a command. */
  readonly viewOf?: (command: RolloutCommand) => RolloutView | undefined;
  /** Called every few virtual seconds; the virtual time stands still meanwhile. */
  readonly onTick?: () => Promise<void>;
}): Promise<RolloutDocument> {
  const world = makeScenario(scenario);
  const { clock } = world.cloud;
  const startedAt = clock.now();
  const stopTicking = onTick ? clock.every(5, () => clock.busy(onTick)) : () => {};

  const created = await runRecorded(world, { command: 'up', version: '1', view: viewOf('up') });
  await clock.sleep(steadySeconds * 1000);
  const before = stateOf(world);
  const tasks = countRunningTasks(world);
  const rolled = await runRecorded(world, { command: 'rollout', version: '2', view: viewOf('rollout') });
  stopTicking();

  const { canaries, ofService } = failedTasks(world);
  return {
    outcome: rolled.error === undefined ? 'succeeded' : 'failed',
    ...(rolled.error && { reason: rolled.error.message }),
    startedAt: iso(startedAt),
    endedAt: iso(clock.now()),
    commands: [created.run, rolled.run],
    service: {
      intact: rolled.error?.serviceIntact ?? true,
      taskDefinitionBefore: before.taskDefinition,
      taskDefinitionAfter: stateOf(world).taskDefinition,
      desiredCount: before.desiredCount,
      fewestTasksRunning: tasks.fewest(),
    },
    failedTasks: {
      canaries,
      ofService,
      ofServiceWithoutCanary: await failuresWithoutCanary(scenario),
    },
    leftovers: countLeftovers(world, rolled.error?.leftovers),
    awsCallsByAction: rolled.awsCallsByAction,
  };
}

function makeScenario(scenario: RolloutScenario): World {
  const world = makeWorld();
  // The second version needs a setting that does not exist: it exits as soon as it is started.
  if (scenario === 'ecs-rollout-broken')
    world.cloud.ecs.failTasks({ image: imageOf('2') }, { kind: 'exits', exitCode: 1 });
  return world;
}

/** Runs the script as in a shell, and records its events and calls. */
async function runRecorded(
  { cloud, environment }: World,
  {
    command,
    version,
    view,
  }: {
    readonly command: RolloutCommand;
    readonly version: string;
    readonly view?: RolloutView | undefined;
  },
) {
  const { clients, clock } = cloud;
  const events: EventAt[] = [];
  const startedAt = clock.now();
  const callsBefore = cloud.calls.length;
  const error = await runCommand([command, definitionFolder], {
    clients,
    clock,
    env: environment(version),
    view: {
      event(event) {
        events.push({ ...event, at: iso(event.at) });
        view?.event(event);
      },
      close: async () => view?.close(),
    },
  }).then(
    () => undefined,
    (thrown: unknown) => {
      if (thrown instanceof RolloutError) return thrown;
      throw thrown;
    },
  );
  const actions = cloud.calls.slice(callsBefore).map(({ action }) => action);
  const run: CommandRun = {
    command,
    startedAt: iso(startedAt),
    endedAt: iso(clock.now()),
    awsCalls: actions.length,
    events,
  };
  return { error, run, awsCallsByAction: countEach(actions) };
}

/** Counts the failed tasks of the same version without a canary. */
async function failuresWithoutCanary(scenario: RolloutScenario): Promise<number> {
  const world = makeScenario(scenario);
  const { cloud, environment } = world;
  await runRecorded(world, { command: 'up', version: '1' });
  await cloud.clock.sleep(steadySeconds * 1000);
  const { taskDefinition } = await loadDefinitions(definitionFolder, { env: environment('2') });
  const command = new UpdateServiceCommand({
    cluster: 'shop',
    service: 'web',
    taskDefinition: cloud.ecs.addTaskDefinition(taskDefinition),
  });
  await cloud.clients.ecs.send(command);
  await cloud.clock.sleep(withoutCanarySeconds * 1000);
  return failedTasks(world).ofService;
}

function countEach(actions: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const action of [...actions].sort()) counts[action] = (counts[action] ?? 0) + 1;
  return counts;
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
