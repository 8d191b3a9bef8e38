import { describe, expect, test } from 'vitest';
import { silentLogger } from '../../src/core/logger.js';
import { runDurably } from '../../src/durable/index.js';
import { runToEnd } from '../../src/resumable/run-to-end.js';
import { stepFunctionsDefinition, stepFunctionsHandler } from '../../src/step-functions/index.js';
import type { SwapRequest } from '../../src/swap/swap-state.js';
import { DurableJournal } from '../support/durable-journal.js';
import { makeContext } from '../support/ecs-hook.js';
import { execute } from '../support/state-machine.js';
import { SwapWorld } from '../support/swap-world.js';

const functionArn = 'arn:aws:lambda:eu-west-1:123456789012:function:swap';
const request: SwapRequest = { owner: { kind: 'run', id: 'execution-1' } };

/** Ends of one swap in each driver. */
const drivers: Record<string, (world: SwapWorld, testFails: boolean) => Promise<unknown>> = {
  async runToEnd(world, testFails) {
    return (await runToEnd(swapOf(world, testFails), request, { clock: world.clock })).outcome;
  },
  async stepFunctionsHandler(world, testFails) {
    const { clock } = world;
    const handler = stepFunctionsHandler(() => swapOf(world, testFails), { clock, logger: silentLogger });
    const { output, status, error } = await execute(
      stepFunctionsDefinition({ functionArn }),
      { request },
      {
        clock,
        functions: {
          [functionArn]: (payload) => handler(JSON.parse(JSON.stringify(payload)), makeContext(clock)),
        },
      },
    );
    return status === 'SUCCEEDED' ? (output?.['outcome'] ?? 'succeeded') : error;
  },
  async runDurably(world, testFails) {
    const { clock } = world;
    const journal = new DurableJournal({ clock });
    const { outcome } = await journal.run((context) =>
      runDurably(context, swapOf(world, testFails), request, { clock, logger: silentLogger }),
    );
    return outcome;
  },
};

function swapOf(world: SwapWorld, testFails: boolean) {
  const fail = () => {
    throw Object.assign(new Error('no orders'), {
      name: 'ValidationException',
      $metadata: { httpStatusCode: 400 },
    });
  };
  return world.swap({ ...world.plan(), test: [world.test('smoke test', testFails ? fail : () => {})] });
}

describe.each(Object.entries(drivers))('StackSwap › in %s', (_name, run) => {
  test('succeeds', async () => {
    const world = new SwapWorld();

    expect(await run(world, false)).toBe('succeeded');
    expect(world.record.item).toMatchObject({ live: 'green', ended: [{ end: 'succeeded' }] });
    expect(world.state).toMatchObject({ 'green database': true, 'blue database': false });
  });

  test('rolls back when the test fails', async () => {
    const world = new SwapWorld();
    const before = world.state;

    expect(await run(world, true)).toMatch(/rolledBack|RolledBack/);
    expect(world.record.item).toMatchObject({ live: 'blue', ended: [{ end: 'rolledBack' }] });
    expect(world.state).toEqual(before);
  });
});
