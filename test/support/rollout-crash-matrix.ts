import { expect, test } from 'vitest';
import { RolloutError } from '../../src/ecs-rollout/index.js';
import { type FaultKind, SimulatedCloud, SimulatedCrash } from '../../src/testing/index.js';
import {
  canariesOf,
  fargateWorld,
  instanceWorld,
  nextOf,
  type RolloutWorld,
  stableDefinition,
  strayTargets,
  workerWorld,
} from './rollout-world.js';

/** A rollout that is stopped at each of its calls, and run again. */
interface Scenario {
  readonly make: (cloud: SimulatedCloud) => RolloutWorld;
  readonly arrange?: (cloud: SimulatedCloud) => void;
  /** The version that the service runs at the end. */
  readonly end: 'old' | 'new';
  /** The image of the edited definition of the second run, if any. */
  readonly edited?: string;
  readonly containerInstance?: string;
}

const quickFargate = (cloud: SimulatedCloud) => fargateWorld(cloud, { isQuick: true });
const quickInstances = (cloud: SimulatedCloud) => instanceWorld(cloud, { isQuick: true });
const quickWorker = (cloud: SimulatedCloud) => workerWorld(cloud, { isQuick: true });

const scenarios: Readonly<Record<string, Scenario>> = {
  'Fargate, two target groups': { make: quickFargate, end: 'new' },
  'EC2, a target group of instances': { make: quickInstances, end: 'new' },
  'EC2, on a given instance': {
    make: quickInstances,
    end: 'new',
    containerInstance: 'i-0000000000000000b',
  },
  'no load balancer': { make: quickWorker, end: 'new' },
  'canary that exits': {
    make: quickFargate,
    arrange: (cloud) => cloud.ecs.failTasks({ image: 'web:2' }, { kind: 'exits', afterSeconds: 3 }),
    end: 'old',
  },
  'service never stable': {
    make: quickFargate,
    arrange: (cloud) => cloud.ecs.failTasks({ image: 'web:2', among: 'service' }, { kind: 'exits' }),
    end: 'old',
  },
  'circuit breaker': {
    make: (cloud) => fargateWorld(cloud, { circuitBreaker: { rollback: true }, isQuick: true }),
    arrange: (cloud) => cloud.ecs.failTasks({ image: 'web:2', among: 'service' }, { kind: 'exits' }),
    end: 'old',
  },
  'definition edited meanwhile': { make: quickFargate, end: 'new', edited: 'web:3' },
  'definition broken meanwhile': {
    make: quickWorker,
    arrange: (cloud) => cloud.ecs.failTasks({ image: 'web:3', among: 'service' }, { kind: 'exits' }),
    end: 'old',
    edited: 'web:3',
  },
};

const kinds = ['crashBefore', 'crashAfter'] as const satisfies readonly FaultKind[];

/**
 * Declares the tests of the crash matrix: one for each scenario, and one that prints the table.
 *
 * @param every - stops the process at every call, every second call …
 */
export function testCrashMatrix(every: number): void {
  const table: { scenario: string; points: number; right: number }[] = [];

  test.each(Object.entries(scenarios))(
    'ends right after a crash and a second run: %s',
    async (title, scenario) => {
      const straight = await runScenario(scenario);
      expect(straight).toMatchObject({ ...(scenario.edited === undefined && { wrong: '' }), crashed: false });

      const wrong: string[] = [];
      let points = 0;
      for (let atCall = 1; atCall <= straight.calls; atCall += every) {
        for (const kind of kinds) {
          points += 1;
          const outcome = await runScenario(scenario, { kind, atCall });
          if (outcome.wrong !== '' || !outcome.crashed)
            wrong.push(`${kind} at call ${atCall} (${outcome.action}): ${outcome.wrong || 'no crash'}`);
        }
      }

      table.push({ scenario: title, points, right: points - wrong.length });
      expect(wrong).toEqual([]);
    },
  );

  test('ends right in every scenario of the crash matrix', () => {
    const points = table.reduce((sum, row) => sum + row.points, 0);
    const right = table.reduce((sum, row) => sum + row.right, 0);
    const width = Math.max(...table.map(({ scenario }) => scenario.length));
    const lines = table.map((row) => `  ${row.scenario.padEnd(width)}  ${row.right} of ${row.points}`);
    // biome-ignore lint/suspicious/noConsole: the table is the report of this suite
    console.info(
      [
        'crash matrix of rollOut: points of a crash after which a second run ended right',
        ...lines,
        `  in all: ${right} of ${points}`,
      ].join('\n'),
    );
    expect(table).toHaveLength(Object.keys(scenarios).length);
    expect(right).toBe(points);
  });
}

/** Runs the rollout until it ends without a crash. Returns the violation at the end, if any. */
async function runScenario(scenario: Scenario, fault?: { kind: (typeof kinds)[number]; atCall: number }) {
  const cloud = new SimulatedCloud();
  const world = scenario.make(cloud);
  scenario.arrange?.(cloud);
  if (fault !== undefined) cloud.injectFault(fault);
  const first = await run(world, scenario);
  const action = cloud.calls[(fault?.atCall ?? 1) - 1]?.action;
  const calls = cloud.calls.length;
  // The code of the crashed process continues here, but every call fails, so that it has no effect.
  const crashed = cloud.calls.some(({ outcome }) => outcome === new SimulatedCrash().name);
  cloud.restart();
  // The process is started again some time later.
  await cloud.clock.sleep(20_000);
  const last = crashed ? await run(edited(world, scenario), scenario) : first;
  await cloud.clock.sleep(300_000);
  return { action, calls, crashed, wrong: violationOf(world, scenario, last) };
}

function edited(world: RolloutWorld, { edited: image }: Scenario): RolloutWorld {
  const { next } = world;
  if (image === undefined) return world;
  const containerDefinitions = next.containerDefinitions?.map((container) => ({ ...container, image }));
  return { ...world, next: { ...next, containerDefinitions } };
}

async function run({ rollout, next }: RolloutWorld, { containerInstance }: Scenario) {
  try {
    const options = {
      ...(containerInstance !== undefined && { containerInstance }),
      idleSeconds: 5,
      limits: { serviceStableSeconds: 60 },
    };
    await rollout.rollOut({ taskDefinition: next }, options);
    return 'succeeded';
  } catch (error) {
    return error instanceof RolloutError ? 'failed' : 'broke';
  }
}

function violationOf(world: RolloutWorld, { end, edited: image }: Scenario, last: string): string {
  const outcome = end === 'new' ? 'succeeded' : 'failed';
  const seen = stableDefinition(world);
  const isRight = image === undefined ? seen === (end === 'new' ? nextOf(world) : world.before) : isWanted();
  return [
    canariesOf(world).length > 0 && 'a canary runs',
    strayTargets(world).length > 0 && `registered targets: ${strayTargets(world).join(', ')}`,
    !isRight && `the service runs ${seen}`,
    last !== outcome && `the run ${last}`,
    world.cloud.ecs.taskDefinitions('web').length > (image === undefined ? 3 : 4) &&
      'task definitions without end',
  ]
    .filter(Boolean)
    .join('; ');

  /** A broken edit leaves the service on any earlier good definition: on the first one when its update was made. */
  function isWanted(): boolean {
    const definition = world.cloud.ecs
      .taskDefinitions('web')
      .find(({ taskDefinitionArn }) => taskDefinitionArn === seen);
    const runs = definition?.containerDefinitions?.[0]?.image;
    return end === 'new' ? runs === image : runs !== undefined && runs !== image;
  }
}
