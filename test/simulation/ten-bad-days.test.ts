import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { operate } from '../../examples/operate/operate.js';
import type { StackSwap } from '../../src/swap/stack-swap.js';
import { makeCodeDeploySwapWorld } from '../support/codedeploy-swap-world.js';
import { SwapWorld } from '../support/swap-world.js';

const guide = readFileSync(
  fileURLToPath(new URL('../../docs/guides/stack-swap.md', import.meta.url)),
  'utf8',
);

/** First words of `Next` that the guide's table explains. */
const knownBeginnings = [
  ...guide.slice(guide.indexOf('| `Next`')).matchAll(/^\| `([^`]+)`(?:, `([^`]+)`)?/gm),
]
  .flatMap(([, one = '', other = '']) => [one, other])
  .filter((it) => it !== '' && it !== 'Next')
  .map((it) => it.split('…')[0]?.trim() ?? '');

const denied = () =>
  Object.assign(new Error('not authorized'), {
    name: 'AccessDeniedException',
    $metadata: { httpStatusCode: 403 },
  });

const status = (swap: StackSwap) => operate(swap, ['status']);

/** Advances a swap until its phase. */
async function reach(world: SwapWorld, phase: string, swap = world.swap()): Promise<StackSwap> {
  let state = await swap.begin({});
  while (world.record.item?.swap !== undefined && world.record.item.swap.phase !== phase) {
    const progress = await swap.advance(state);
    state = progress.state;
    await world.clock.sleep(progress.waitSeconds * 1000);
  }
  return swap;
}

/** Days on which an operator reads a status. */
const days: Record<string, { readonly arrange: () => Promise<string>; readonly shows: readonly string[] }> = {
  'a halted undo': {
    arrange: async () => {
      const world = new SwapWorld();
      const swap = await reach(world, 'testing');
      world.around = ({ kind, step }) => {
        if (kind === 'undo' && step === 'start database') throw denied();
      };
      await swap.requestRollBack('orders are late', { requestedBy: 'Kim' });
      await swap.resume();
      return status(swap);
    },
    shows: [
      'Rolls back (Kim): orders are late',
      'Halted: undo of step "start database" failed',
      'Next: halted',
    ],
  },
  'a stop without rollback': {
    arrange: async () => {
      const { deploy, taskDefinitions, cloud, mover, swap } = makeCodeDeploySwapWorld({
        group: { trafficRouting: { type: 'canary', percent: 10, intervalMinutes: 5 } } as object,
      });
      const deployment = deploy(taskDefinitions.green);
      while ((await mover.percentByStack({ boundBy: 'STACK' })).green === 0) await cloud.clock.sleep(1_000);
      deployment.stop({ rollBack: false });
      await cloud.clock.sleep(1_800_000);
      return status(swap);
    },
    shows: ['ended: deployment'],
  },
  'a hook that is stuck': {
    arrange: async () => {
      const { deploy, taskDefinitions, cloud, around, swap } = makeCodeDeploySwapWorld();
      around.call = () => new Promise(() => {});
      deploy(taskDefinitions.green);
      await cloud.clock.sleep(300_000);
      return status(swap);
    },
    shows: ['started     start database', 'A process works on it'],
  },
  'two deployments': {
    arrange: async () => {
      const { deploy, taskDefinitions, cloud, swap } = makeCodeDeploySwapWorld();
      deploy(taskDefinitions.green);
      await cloud.clock.sleep(120_000);
      return operate(swap, ['preview']).catch((error: Error) => error.message);
    },
    shows: ['Wait for its end, roll it back with requestRollBack, or resume it'],
  },
  'a listener that was moved by hand': {
    arrange: async () => {
      const world = new SwapWorld();
      const swap = await reach(world, 'baking');
      world.target.externalWrite({ blue: 50, green: 50 });
      await world.clock.sleep(600_000);
      await swap.resume();
      return status(swap);
    },
    shows: ['Halted: the traffic was moved outside the swap', 'Next: halted'],
  },
  'orphans after retire': {
    arrange: async () => {
      const world = new SwapWorld();
      world.around = ({ step }) => {
        if (step === 'stop database') throw denied();
      };
      const swap = world.swap();
      await swap.run();
      return status(swap);
    },
    shows: ['Left: "stop database" of blue, because', 'Next: completes "stop database" of the blue stack'],
  },
  'a request past the return': {
    arrange: async () => {
      const world = new SwapWorld();
      const swap = await reach(world, 'retiring');
      return operate(swap, ['roll-back', 'late']).catch((error: Error) => error.message);
    },
    shows: ['cannot be rolled back any more', 'Begin a new swap to the other stack'],
  },
  'a newer version of the record': {
    arrange: async () => {
      const world = new SwapWorld();
      const swap = await reach(world, 'testing');
      world.record.item = { ...world.record.item, format: 2 } as never;
      return status(swap).catch((error: Error) => error.message);
    },
    shows: ['2'],
  },
  'a record table that is denied': {
    arrange: async () => {
      const { cloud, swap } = makeCodeDeploySwapWorld();
      cloud.injectFault({ kind: 'accessDenied', action: 'dynamodb:GetItem', times: 3 });
      return status(swap).catch((error: Error) => error.message);
    },
    shows: ['stack-swaps', 'Allow the IAM action dynamodb:GetItem'],
  },
  'a plan that was changed in the middle': {
    arrange: async () => {
      const world = new SwapWorld();
      await reach(world, 'testing');
      return status(world.swap({ ...world.plan(), test: [world.test('another test')] }));
    },
    shows: [
      'Next: unknown: ',
      'began with another plan',
      'Deploy the former plan again, or roll the swap back',
    ],
  },
};

describe.each(Object.entries(days))('status on a bad day: %s', (_name, { arrange, shows }) => {
  test('says what happened and what to do', async () => {
    const text = await arrange();

    for (const part of shows) expect(text).toContain(part);
    const next = /^Next: (.*)$/m.exec(text)?.[1];
    if (next !== undefined) expect(knownBeginnings.filter((it) => next.startsWith(it))).not.toEqual([]);
  });
});
