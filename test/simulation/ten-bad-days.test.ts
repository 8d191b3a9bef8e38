import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { failureOf, operate } from '../../examples/operate/operate.js';
import { callAws } from '../../src/core/aws-call.js';
import type { StackSwap } from '../../src/swap/stack-swap.js';
import { makeCodeDeploySwapWorld } from '../support/codedeploy-swap-world.js';
import { registerTaskDefinition } from '../support/deployment-world.js';
import { SwapWorld } from '../support/swap-world.js';

const guide = readFileSync(
  fileURLToPath(new URL('../../docs/guides/operate-a-swap.md', import.meta.url)),
  'utf8',
);

/** Texts of `Next` that the guide's table explains. The row for every other wait is not among them. */
const knownTexts = guide
  .slice(guide.indexOf('| `Next`'))
  .split('\n\n')[0]
  ?.split('\n')
  .slice(2)
  .flatMap((row) => [...(row.split(' | ')[0] ?? '').matchAll(/`([^`]+)`/g)].map(([, text = '']) => text))
  .filter((text) => text !== 'waits for …')
  .map((text) => new RegExp(`^${text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll('…', '.*')}$`));

/** Role of the functions of the swap. */
const role = 'arn:aws:sts::123456789012:assumed-role/orders-swap/session';

/** Fails as a tool does whose call AWS denies. */
function deny(action: string, resource: string): Promise<never> {
  const message = `User: ${role} is not authorized to perform: ${action} on resource: ${resource}`;
  return callAws({ action, resource }, () =>
    Promise.reject(
      Object.assign(new Error(message), { name: 'AccessDenied', $metadata: { httpStatusCode: 403 } }),
    ),
  );
}

/** Text that the script prints. */
const run = (swap: StackSwap, ...words: string[]) =>
  operate(swap, words).catch((error: unknown) => failureOf(words, error));

const status = (swap: StackSwap) => run(swap, 'status');

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

/** Days on which an operator reads what the script prints. */
const days: Record<string, { readonly arrange: () => Promise<string>; readonly shows: readonly string[] }> = {
  'a halted undo': {
    arrange: async () => {
      const world = new SwapWorld();
      const swap = await reach(world, 'testing');
      world.around = ({ kind, step }) => {
        return kind === 'undo' && step === 'start database'
          ? deny('rds:StopDBCluster', 'orders-green')
          : undefined;
      };
      await swap.requestRollBack('orders are late', { requestedBy: 'Kim' });
      await swap.resume();
      return status(swap);
    },
    shows: [
      'Rolls back (Kim): orders are late',
      `Halted: undo of step "start database" failed: Access to orders-green was denied. Allow the IAM action rds:StopDBCluster on it for ${role}`,
      'Next: halted: remove the cause, then resume',
    ],
  },
  'a stop without rollback': {
    arrange: async () => {
      const { deploy, taskDefinitions, cloud, mover, swap } = makeCodeDeploySwapWorld();
      const deployment = deploy(taskDefinitions.green);
      while ((await mover.percentByStack({ boundBy: 'STACK' })).green === 0) await cloud.clock.sleep(1_000);
      deployment.stop({ rollBack: false });
      await cloud.clock.sleep(1_800_000);
      return status(swap);
    },
    shows: [
      'ended: deployment d-',
      'Rolls back: deployment d-',
      'blue 90 %. The swap moves none any more: move all of it to blue, and the changes are undone',
    ],
  },
  'a hook that is stuck': {
    arrange: async () => {
      const { deploy, taskDefinitions, cloud, around, swap } = makeCodeDeploySwapWorld();
      around.call = () => new Promise(() => {});
      deploy(taskDefinitions.green);
      await cloud.clock.sleep(300_000);
      return status(swap);
    },
    shows: [
      'now 2026-01-01T00:05:00.000Z',
      'started     start database',
      'not begun   enable subscription, smoke test',
      'A process works on "start database". If it has died, another can take over from 2026-01-01T00:06:30.000Z on',
      'Next: waits for the hooks of the deployment: a tick answers beforeInstall from 2026-01-01T00:55:00.000Z on, with Failed unless its work is done',
    ],
  },
  'two deployments': {
    arrange: async () => {
      const { deploy, taskDefinitions, cloud, swap } = makeCodeDeploySwapWorld();
      deploy(taskDefinitions.green);
      await cloud.clock.sleep(120_000);
      return run(swap, 'preview');
    },
    shows: [
      'Refused: preview. Nothing was changed.',
      'Wait for its end or roll it back, then call again, or start the refused deployment again',
    ],
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
    shows: [
      'to green: halted in baking since',
      'Halted: the traffic was moved outside the swap',
      'Nothing of the blue stack is switched off yet. Move all traffic to green, then resume; or all to blue, then roll back',
      'not begun   disable subscription, stop database',
      'Next: halted: remove the cause, then resume',
    ],
  },
  'orphans after retire': {
    arrange: async () => {
      const world = new SwapWorld();
      world.around = ({ step }) => {
        return step === 'stop database' ? deny('rds:StopDBCluster', 'orders-blue') : undefined;
      };
      const swap = world.swap();
      await swap.run();
      return status(swap);
    },
    shows: [
      'Left: "stop database" of blue, because',
      `Allow the IAM action rds:StopDBCluster on it for ${role}`,
      'Next: completes "stop database" of the blue stack, with resume',
    ],
  },
  'a request past the return': {
    arrange: async () => {
      const world = new SwapWorld();
      const plan = world.plan();
      const deleteTable = world.step('delete table', { value: false, deletes: true });
      const swap = await reach(
        world,
        'retiring',
        world.swap({ ...plan, retire: [...(plan.retire ?? []), deleteTable] }),
      );
      return run(swap, 'roll-back', 'late');
    },
    shows: [
      'Refused: roll-back. Nothing was changed.',
      'cannot be rolled back any more',
      'blue is being switched off (done: "disable subscription"; left: "stop database", "delete table"; deletes data: "delete table")',
      'To return, wait for its end or resume it, then swap to blue',
    ],
  },
  'a newer version of the record': {
    arrange: async () => {
      const world = new SwapWorld();
      const swap = await reach(world, 'testing');
      world.record.item = { ...world.record.item, format: 2 } as never;
      return status(swap);
    },
    shows: ['Update aws-blue-green-toolkit here to the version that the other functions of the swap have'],
  },
  'a record table that is denied': {
    arrange: async () => {
      const { cloud, swap } = makeCodeDeploySwapWorld();
      cloud.injectFault({ kind: 'accessDenied', action: 'dynamodb:GetItem', times: 3 });
      return status(swap);
    },
    shows: [
      'Failed: status.',
      'Access to table stack-swaps was denied. Allow the IAM action dynamodb:GetItem on it for arn:aws:sts::123456789012:assumed-role/',
    ],
  },
  'a plan that was changed in the middle': {
    arrange: async () => {
      const world = new SwapWorld();
      await reach(world, 'testing');
      return status(world.swap({ ...world.plan(), test: [world.test('another test')] }));
    },
    shows: [
      'Next: cannot be determined here: ',
      'expected test 1 · smoke test, as recorded, got test 1 · another test in this process',
      'If only this checkout differs, use the one of the functions',
    ],
  },
  'a hotfix while a step of retire is left': {
    arrange: async () => {
      const { deploy, taskDefinitions, cloud, around, swap } = makeCodeDeploySwapWorld({
        plan: () => ({ sameStack: 'deployOnly' }),
      });
      around.call = ({ step }) =>
        step === 'stop database' ? deny('rds:StopDBCluster', 'orders-blue') : Promise.resolve();
      await deploy(taskDefinitions.green).ended;
      await cloud.clock.sleep(600_000);
      deploy(registerTaskDefinition(cloud, { STACK: 'green', VERSION: '2' }));
      await cloud.clock.sleep(60_000);
      return status(swap);
    },
    shows: [
      'Recorded live: green. Traffic: blue 0 %, green 100 %',
      'Next: waits for the end of another deployment of the group, then completes "stop database" of the blue stack, with resume or the next tick',
    ],
  },
};

describe.each(Object.entries(days))('status on a bad day: %s', (_name, { arrange, shows }) => {
  test('says what happened and what to do', async () => {
    const text = await arrange();

    for (const part of shows) expect(text).toContain(part);
    const next = /^Next: (.*)$/m.exec(text)?.[1];
    if (next !== undefined) expect(knownTexts?.filter((it) => it.test(next))).not.toEqual([]);
  });
});
