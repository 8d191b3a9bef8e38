import type { SimulatedCloud } from '../../../src/testing/index.js';
import { pickBy, randomOf } from '../overlapping-requests/schedule.js';
import { goodSchedule } from '../swap-schedules/schedule.js';
import { ScheduledWorld } from '../swap-schedules/scheduled-world.js';
import { endOf, violationsOfChange } from '../swap-schedules/violations.js';

/** Services whose calls are slow. */
const slow = [
  'dynamoDb',
  'codeDeploy',
  'elasticLoadBalancing',
  'ecs',
  'sns',
  'sqs',
  'lambda',
  'cloudWatch',
] as const;

/** Options of a deployment whose hooks run side by side. */
interface DuplicateHooks {
  readonly seed: number;
  /** Returns the number of invocations of an event, which are counted from 1. */
  readonly invocations: (event: number) => number;
  /** Maximum seconds between two invocations of one event. */
  readonly maxSeconds: number;
}

/**
 * Runs a healthy deployment whose every event is delivered several times, at almost the same time, over calls that take different times.
 * Returns what was wrong: a response `Failed`, changes beside the claim of another invocation, repeated steps, changes under users.
 */
export async function violationsOfDuplicates({
  seed,
  invocations,
  maxSeconds,
}: DuplicateHooks): Promise<string[]> {
  const random = randomOf(seed);
  const pick = pickBy(random);
  const world = new ScheduledWorld({ ...goodSchedule(seed), migrates: true });
  const { cloud, stacks, observed, deployment } = world;
  await cloud.clock.busy(() => world.loadModules());
  await stacks.begin();
  observed.changes.length = 0;
  delayCalls(cloud, () => pick(0, 0, 0, 0.1, 0.5, 2, 7));
  cloud.lambda.deliverEvents((_event, number) =>
    Array.from({ length: invocations(number) }, (_, index) => (index === 0 ? 0 : random() * maxSeconds)),
  );
  const started = deployment.deploy(deployment.taskDefinitions.green);
  world.deployments.push(started);
  const status = await started.ended;
  await cloud.clock.sleep(3_600_000);
  const end = endOf(world);
  return [
    ...(status === 'Succeeded' ? [] : [`the deployment is ${status}`]),
    ...(end === 'succeeded' ? [] : [`the swap is ${end}`]),
    ...(stacks.migrations === 1 ? [] : [`"migrate schema" was called ${stacks.migrations} times`]),
    ...observed.changes.flatMap(violationsOfChange),
  ];
}

/** Lets each call take some seconds, before and after its effect. */
function delayCalls(cloud: SimulatedCloud, seconds: () => number): void {
  for (const service of slow) {
    const operations: Record<string, ((input: never) => unknown) | undefined> = cloud[service].operations;
    for (const [name, perform] of Object.entries(operations)) {
      operations[name] = async (input) => {
        await cloud.clock.sleep(seconds() * 1000);
        const output = perform?.(input);
        await cloud.clock.sleep(seconds() * 1000);
        return output;
      };
    }
  }
}
