import { expect } from 'vitest';
import { makeCodeDeploySwapWorld } from './codedeploy-swap-world.js';

const hour = 3_600_000;

/** End state of a swap. */
const ends = {
  succeeded: {
    live: 'green',
    state: {
      'blue database': false,
      'blue subscription': false,
      'green database': true,
      'green subscription': true,
    },
  },
  rolledBack: {
    live: 'blue',
    state: {
      'blue database': true,
      'blue subscription': true,
      'green database': false,
      'green subscription': false,
    },
  },
} as const;

/** Deploys a swap whose process dies at one AWS call, and continues it with Lambda's retries and the tick. */
async function deployWithDeath(
  { testFails }: { readonly testFails: boolean },
  death: { readonly kind: 'killBefore' | 'killAfter'; readonly atCall: number } | undefined,
) {
  const world = makeCodeDeploySwapWorld({
    plan: ({ test }) => ({ test: [test('smoke test', testFails ? failForGood : () => {})] }),
  });
  const { cloud, deploy, taskDefinitions, item, calls } = world;
  const before = cloud.calls.length;
  if (death !== undefined) cloud.injectFault(death);
  const deployment = deploy(taskDefinitions.green);
  const status = await deployment.ended;
  await cloud.clock.sleep(3 * hour);
  const count = cloud.calls.length - before;
  return { status, item: await item(), state: world.state(), calls, count };
}

function failForGood(): never {
  throw Object.assign(new Error('no orders'), {
    name: 'ValidationException',
    $metadata: { httpStatusCode: 400 },
  });
}

/** Stops a swap at every nth AWS call, and expects all old or all new. Returns the number of runs. */
export async function stopAtCalls(testFails: boolean, every: number): Promise<number> {
  const whole = await deployWithDeath({ testFails }, undefined);
  // The last calls are those of ticks after the end.
  let runs = 0;
  for (let atCall = 1; atCall <= whole.count - 30; atCall += every) {
    for (const kind of ['killBefore', 'killAfter'] as const) {
      const { status, item, state, calls } = await deployWithDeath({ testFails }, { kind, atCall });
      runs += 1;
      const end = item?.ended.at(-1)?.end;
      const expected = end === 'succeeded' ? ends.succeeded : ends.rolledBack;
      const label = `${kind} at call ${atCall}: ${status}, ${end}`;
      expect([label, item?.swap?.phase, item?.live, state]).toEqual([
        label,
        undefined,
        expected.live,
        expected.state,
      ]);
      if (testFails) expect([label, end]).toEqual([label, 'rolledBack']);
      else expect([label, status, end]).toEqual([label, 'Succeeded', 'succeeded']);
      const underUsers = calls.filter(({ step, percent }) => /disable|stop/.test(step) && percent > 0);
      expect([label, underUsers]).toEqual([label, []]);
      if (end !== 'succeeded') {
        expect([label, calls.filter(({ stack }) => stack === 'blue')]).toEqual([label, []]);
      }
    }
  }
  return runs;
}
