import { DescribeServicesCommand, type DescribeServicesCommandInput } from '@aws-sdk/client-ecs';
import {
  EcsRollout,
  type RollOutResult,
  RolloutError,
  type RolloutEvent,
} from '../../src/ecs-rollout/index.js';
import { SimulatedCloud, SimulatedCrash } from '../../src/testing/index.js';
import { adjustable } from './adjustable-clock.js';
import { checkOf, listenerOf } from './hostile-rollout-parts.js';
import { canaryTargets, RolloutObserver } from './rollout-observer.js';
import type { OutsideChange, RolloutSchedule, RunSchedule, WorldName } from './rollout-schedule.js';
import { canariesOf, fargateWorld, instanceWorld, type RolloutWorld, workerWorld } from './rollout-world.js';

/** The state of the service that a rollout must not lose. */
export interface ServiceState {
  readonly taskDefinition: string | undefined;
  readonly deployment: string | undefined;
  readonly isSettled: boolean;
  readonly enableECSManagedTags: boolean;
}

/** One run and its outcome. */
export interface DrivenRun {
  readonly world: RolloutWorld;
  readonly schedule: RunSchedule;
  readonly before: ServiceState;
  readonly after: ServiceState;
  /** The value that the run returned or threw. */
  readonly outcome: RollOutResult | RolloutError | undefined;
  /** `crashed` when the process ended in between, `broken` after any other error, `hanging` after four hours. */
  readonly end: 'succeeded' | 'failed' | 'crashed' | 'broken' | 'hanging';
  /** The error of a broken run. */
  readonly error: unknown;
  readonly events: readonly RolloutEvent[];
  /** The kinds of external changes that took place. */
  readonly outside: ReadonlySet<OutsideChange['kind']>;
  /** The canaries that run, and the targets of canaries. */
  readonly remaining: {
    readonly canaries: readonly { readonly name: string; readonly startedBy: string }[];
    readonly targets: readonly { readonly name: string }[];
  };
  readonly calls: number;
}

/** A finished schedule. The last run is undisturbed. */
export interface DrivenSchedule {
  readonly schedule: RolloutSchedule;
  readonly runs: readonly DrivenRun[];
  /** Violations during the runs. */
  readonly seen: readonly string[];
}

const hanging = Symbol('hanging');
const maxMilliseconds = 4 * 3_600_000;

const worlds: Readonly<Record<WorldName, typeof fargateWorld>> = {
  fargate: fargateWorld,
  instances: instanceWorld,
  worker: workerWorld,
};

const limits = {
  canaryRunningSeconds: 60,
  containerHealthSeconds: 60,
  targetHealthSeconds: 90,
  checksSeconds: 60,
  serviceStableSeconds: 120,
  rollbackSeconds: 120,
  drainingSeconds: 60,
  canaryStoppedSeconds: 60,
};

/** True when the tasks of a version fail in this schedule's world, service or canary. */
export function isFailing({ failure, world, healthCheck }: RolloutSchedule, version: 2 | 3): boolean {
  const kind = failure?.failure.kind;
  if (kind === undefined || version === 3) return false;
  if (kind === 'containerUnhealthy') return healthCheck;
  return kind !== 'targetUnhealthy' || world !== 'worker';
}

/** Runs a schedule, and then one undisturbed run. */
export async function driveSchedule(schedule: RolloutSchedule): Promise<DrivenSchedule> {
  const cloud = new SimulatedCloud();
  const { circuitBreaker, healthCheck, desiredCount } = schedule;
  const world = worlds[schedule.world](cloud, {
    isQuick: true,
    desiredCount,
    healthCheck,
    ...(circuitBreaker && { circuitBreaker: { rollback: true } }),
  });
  const { failure } = schedule;
  if (failure) cloud.ecs.failTasks({ image: 'web:2', among: failure.among }, failure.failure);
  const failingImage = failure?.among === 'service' && isFailing(schedule, 2) ? 'web:2' : undefined;
  const observer = new RolloutObserver(world, { failingImage });
  const losesTasks = schedule.runs.some(({ outside }) =>
    outside.some(({ kind }) => kind === 'stopServiceTask'),
  );
  const endWatch = losesTasks ? () => {} : cloud.clock.every(2, () => observer.observeCapacity());
  const runs: DrivenRun[] = [];
  for (const run of schedule.runs) {
    runs.push(await driveRun(world, run));
    cloud.restart();
    cloud.clearFaults();
    await cloud.clock.sleep(120_000);
  }
  runs.push(await driveRun(world, undisturbed(schedule.runs.at(-1)?.version ?? 2)));
  endWatch();
  return { schedule, runs, seen: [...observer.violations] };
}

function undisturbed(version: 2 | 3): RunSchedule {
  return {
    version,
    faults: [],
    abortAfterSeconds: undefined,
    checks: [],
    listener: 'listens',
    outside: [],
    clockChange: undefined,
    onAbort: 'rollBack',
    onUnstable: 'rollBack',
    updatesSettings: false,
    placesCanary: false,
  };
}

/** Repeats the reads of earlier runs, so that no stale read is older than the next run. */
async function refreshReadings({ clients, calls }: SimulatedCloud): Promise<void> {
  const readings = calls.filter(({ action }) => action === 'ecs:DescribeServices');
  const inputs = new Map(readings.map(({ input }) => [JSON.stringify(input), input]));
  for (const input of inputs.values())
    await clients.ecs.send(new DescribeServicesCommand(input as DescribeServicesCommandInput));
}

async function driveRun(world: RolloutWorld, schedule: RunSchedule): Promise<DrivenRun> {
  const { cloud } = world;
  await refreshReadings(cloud);
  const before = stateOf(world);
  const calls = cloud.calls.length;
  const events: RolloutEvent[] = [];
  const outside = new Set<OutsideChange['kind']>();
  for (const fault of schedule.faults) cloud.injectFault(fault);
  const clock = adjustable(cloud.clock);
  const controller = new AbortController();
  const { abortAfterSeconds, clockChange } = schedule;
  const cancels = [
    ...(abortAfterSeconds === undefined
      ? []
      : [cloud.clock.schedule(abortAfterSeconds, () => controller.abort(new Error('Enough')))]),
    ...(clockChange === undefined
      ? []
      : [cloud.clock.schedule(clockChange.afterSeconds, () => clock.adjust(clockChange.bySeconds))]),
    ...schedule.outside.map(({ afterSeconds, kind }) =>
      cloud.clock.schedule(afterSeconds, () => {
        outside.add(kind);
        changes[kind](world);
      }),
    ),
  ];
  const rollout = new EcsRollout({ cluster: 'shop', service: 'web', clients: cloud.clients, clock });
  const carriedOut = rollout.rollOut(inputOf(world, schedule), {
    ...optionsOf(world, schedule),
    limits,
    idleSeconds: 5,
    signal: controller.signal,
    onEvent: listenerOf(schedule.listener, (event) => events.push(event)),
  });
  const settled = await settlementOf(cloud, carriedOut);
  for (const cancel of cancels) cancel();
  const crashed = cloud.calls.slice(calls).some(({ outcome }) => outcome === new SimulatedCrash().name);
  const outcome = settled instanceof RolloutError || isResult(settled) ? settled : undefined;
  return {
    world,
    schedule,
    before,
    after: stateOf(world),
    outcome,
    end: crashed ? 'crashed' : endOf(settled),
    error: outcome === undefined ? settled : undefined,
    events,
    outside,
    remaining: {
      canaries: canariesOf(world).map(({ taskArn = '', startedBy = '' }) => ({ name: taskArn, startedBy })),
      targets: canaryTargets(world).map((name) => ({ name })),
    },
    calls: cloud.calls.length - calls,
  };
}

async function settlementOf(cloud: SimulatedCloud, rollout: Promise<RollOutResult>): Promise<unknown> {
  const controller = new AbortController();
  const { signal } = controller;
  const tooLong = cloud.clock.sleep(maxMilliseconds, signal).then(
    () => hanging,
    () => hanging,
  );
  const settled = await Promise.race([rollout.catch((error: unknown) => error), tooLong]);
  controller.abort();
  return settled;
}

function endOf(settled: unknown): DrivenRun['end'] {
  if (settled === hanging) return 'hanging';
  if (settled instanceof RolloutError) return 'failed';
  return isResult(settled) ? 'succeeded' : 'broken';
}

function isResult(settled: unknown): settled is RollOutResult {
  return typeof settled === 'object' && settled !== null && 'taskDefinitionAfter' in settled;
}

function inputOf({ next }: RolloutWorld, { version, updatesSettings }: RunSchedule) {
  const containerDefinitions = next.containerDefinitions?.map((container) => ({
    ...container,
    image: `web:${version}`,
  }));
  const taskDefinition = { ...next, containerDefinitions };
  return updatesSettings ? { taskDefinition, service: { enableECSManagedTags: true } } : { taskDefinition };
}

function optionsOf({ cloud }: RolloutWorld, schedule: RunSchedule) {
  const { checks, onAbort, onUnstable, updatesSettings, placesCanary } = schedule;
  const hasInstances = cloud.ecs.operations.ListContainerInstances({ cluster: 'shop' }).containerInstanceArns
    ?.length;
  return {
    onAbort,
    onUnstable,
    ...(updatesSettings && { updateSettings: true }),
    ...(placesCanary && hasInstances && { containerInstance: 'i-0000000000000000b' }),
    ...(checks.length > 0 && {
      checks: checks.map(checkOf),
      observeSeconds: 30,
      policy: { intervalSeconds: 10, errorThreshold: 2 },
    }),
  };
}

function stateOf({ cloud }: RolloutWorld): ServiceState {
  const { deployments, settings, desiredCount } = cloud.ecs.service('shop', 'web');
  const [primary] = deployments;
  return {
    taskDefinition: primary?.taskDefinition,
    deployment: primary?.id,
    isSettled: deployments.length === 1 && primary?.runningCount === desiredCount,
    enableECSManagedTags: settings.enableECSManagedTags ?? false,
  };
}

const changes: Readonly<Record<OutsideChange['kind'], (world: RolloutWorld) => void>> = {
  scale: ({ cloud }) => {
    const { desiredCount } = cloud.ecs.service('shop', 'web');
    cloud.ecs.operations.UpdateService({ cluster: 'shop', service: 'web', desiredCount: desiredCount + 1 });
  },
  update: ({ cloud, next }) => {
    const containerDefinitions = next.containerDefinitions?.map((it) => ({ ...it, image: 'web:outside' }));
    const taskDefinition = cloud.ecs.addTaskDefinition({ ...next, family: 'other', containerDefinitions });
    cloud.ecs.operations.UpdateService({ cluster: 'shop', service: 'web', taskDefinition });
  },
  stopServiceTask: ({ cloud }) => {
    const own = cloud.ecs
      .tasks('shop')
      .find((it) => it.group === 'service:web' && it.lastStatus === 'RUNNING');
    if (own) cloud.ecs.operations.StopTask({ cluster: 'shop', task: own.taskArn });
  },
  stopCanary: (world) => {
    const [canary] = canariesOf(world);
    if (canary) world.cloud.ecs.operations.StopTask({ cluster: 'shop', task: canary.taskArn });
  },
  deregisterCanary: (world) => {
    const { cloud, targetGroupArns } = world;
    const [canary] = canariesOf(world);
    const addresses = (canary?.attachments ?? []).flatMap(({ details = [] }) =>
      details.map(({ value }) => value),
    );
    for (const arn of targetGroupArns)
      for (const { id, port } of cloud.elasticLoadBalancing.targetGroups.group(arn).targets)
        if (addresses.includes(id))
          cloud.elasticLoadBalancing.operations.DeregisterTargets({
            TargetGroupArn: arn,
            Targets: [{ Id: id, Port: port }],
          });
  },
};
