import { describe, expect, test } from 'vitest';
import { RolloutError } from '../../src/ecs/index.js';
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
} from '../support/rollout-world.js';

interface Scenario {
  readonly make: (cloud: SimulatedCloud) => RolloutWorld;
  readonly arrange?: (cloud: SimulatedCloud) => void;
  /** What the service runs in the end. */
  readonly end: 'old' | 'new';
  /** The image of the definition with which it is run again, when that was edited meanwhile. */
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
const table: { scenario: string; points: number; right: number }[] = [];

describe.each(Object.entries(scenarios))('%s', (title, scenario) => {
  test('ends right, wherever the process stops, when it is run again', { timeout: 300_000 }, async () => {
    const undisturbed = await carryOut(scenario);
    expect(undisturbed).toMatchObject({
      ...(scenario.edited === undefined && { wrong: '' }),
      crashed: false,
    });

    const wrong: string[] = [];
    for (const kind of kinds) {
      for (let atCall = 1; atCall <= undisturbed.calls; atCall += 1) {
        const outcome = await carryOut(scenario, { kind, atCall });
        if (outcome.wrong !== '' || !outcome.crashed)
          wrong.push(`${kind} at call ${atCall} (${outcome.action}): ${outcome.wrong || 'no crash'}`);
      }
    }

    const points = undisturbed.calls * kinds.length;
    table.push({ scenario: title, points, right: points - wrong.length });
    expect(wrong).toEqual([]);
  });
});

test('the table of scenarios and points is complete', () => {
  const points = table.reduce((sum, row) => sum + row.points, 0);
  const right = table.reduce((sum, row) => sum + row.right, 0);
  const width = Math.max(...table.map(({ scenario }) => scenario.length));
  const lines = table.map((row) => `  ${row.scenario.padEnd(width)}  ${row.right} of ${row.points}`);
  // biome-ignore lint/suspicious/noConsole: the table is what this suite reports
  console.info(
    [
      'crash matrix of rollOut: points at which the process stopped, and ended right when it was run again',
      ...lines,
      `  in all: ${right} of ${points}`,
    ].join('\n'),
  );
  expect(table).toHaveLength(Object.keys(scenarios).length);
  expect(right).toBe(points);
});

/** Runs the rollout until it ends without a crash; gives what is wrong with the end. */
async function carryOut(scenario: Scenario, fault?: { kind: (typeof kinds)[number]; atCall: number }) {
  const cloud = new SimulatedCloud();
  const world = scenario.make(cloud);
  scenario.arrange?.(cloud);
  if (fault !== undefined) cloud.injectFault(fault);
  const first = await run(world, scenario);
  const action = cloud.calls[(fault?.atCall ?? 1) - 1]?.action;
  const calls = cloud.calls.length;
  // A process that has stopped does nothing more; its code goes on here, but every call fails, so nothing comes of it.
  const crashed = cloud.calls.some(({ outcome }) => outcome === new SimulatedCrash().name);
  cloud.restart();
  // Whoever starts the process again does it some time later.
  await cloud.clock.sleep(20_000);
  const last = crashed ? await run(edited(world, scenario), scenario) : first;
  await cloud.clock.sleep(300_000);
  return { action, calls, crashed, wrong: whatIsWrong(world, scenario, last) };
}

function edited(world: RolloutWorld, { edited: image }: Scenario): RolloutWorld {
  const { next } = world;
  if (image === undefined) return world;
  const containerDefinitions = next.containerDefinitions?.map((container) => ({ ...container, image }));
  return { ...world, next: { ...next, containerDefinitions } };
}

async function run({ tools, next }: RolloutWorld, { containerInstance }: Scenario) {
  try {
    const options = {
      ...(containerInstance !== undefined && { containerInstance }),
      idleSeconds: 5,
      limits: { serviceStableSeconds: 60 },
    };
    await tools.rollOut('blue', { taskDefinition: next }, options);
    return 'succeeded';
  } catch (error) {
    return error instanceof RolloutError ? 'failed' : 'broke';
  }
}

function whatIsWrong(world: RolloutWorld, { end, edited: image }: Scenario, last: string): string {
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

  /** A broken edit leaves the service on any definition that was good: the first one, when its update had been made. */
  function isWanted(): boolean {
    const definition = world.cloud.ecs
      .taskDefinitions('web')
      .find(({ taskDefinitionArn }) => taskDefinitionArn === seen);
    const runs = definition?.containerDefinitions?.[0]?.image;
    return end === 'new' ? runs === image : runs !== undefined && runs !== image;
  }
}
