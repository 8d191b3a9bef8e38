import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { Feed } from '../../examples/whole-stack-swap/feed.js';
import type { Stack } from '../../examples/whole-stack-swap/stack.js';
import { runSwap, type SwapDocument, stepNames } from '../../examples/whole-stack-swap/swap.js';
import type { StackReference } from '../../src/core/index.js';
import { SimulatedCloud } from '../../src/testing/index.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const all = stepNames.map((name, index) => ({ number: index + 1, name }));

/** Output of `npm run -s demo -- …` in a terminal or pipeline. */
async function demo(...args: string[]): Promise<string> {
  const command = ['--import', 'tsx', 'examples/demo.ts', ...args];
  return (await promisify(execFile)(process.execPath, command, { cwd: root })).stdout;
}

function numbersAndNames({ steps }: SwapDocument) {
  return steps.map(({ number, name }) => ({ number, name }));
}

describe('whole-stack swap', () => {
  test('runs the fifteen steps in order and loses no message', async () => {
    const document = await runSwap({ scenario: 'swap' });

    expect(document.outcome).toBe('succeeded');
    expect(document.activeStack).toBe('green');
    expect(numbersAndNames(document)).toEqual(all);
    expect(document.messages.lost).toBe(0);
    expect(document.messages.published).toBeGreaterThan(500);
    expect(document.messages.consumedByActive).toBe(document.messages.published);
  });

  test('ends with green live and blue idle', async () => {
    const { before, after } = (await runSwap({ scenario: 'swap' })).cloud;

    expect(before.blue).toMatchObject({
      database: 'available',
      subscription: 'enabled',
      queueReader: 'Enabled',
    });
    expect(after.green).toMatchObject({
      database: 'available',
      readers: before.blue.readers,
      minimumReaders: 1,
      subscription: 'enabled',
      queueReader: 'Enabled',
      streamConsumer: 'ACTIVE',
      alarmActions: 'enabled',
    });
    expect(after.blue).toMatchObject({
      database: 'stopped',
      minimumReaders: 1,
      subscription: 'disabled',
      queueReader: 'Disabled',
      streamConsumer: 'none',
      alarmActions: 'disabled',
      sessionTable: 'none',
    });
  });

  test('records the virtual time and the calls of each step', async () => {
    const { steps } = await runSwap({ scenario: 'swap' });

    for (const [index, step] of steps.entries()) {
      expect(step.startedAt <= step.endedAt, step.name).toBe(true);
      expect((steps[index - 1]?.endedAt ?? '') <= step.startedAt, step.name).toBe(true);
      expect(step.awsCalls > 0, step.name).toBe(step.by !== 'CodeDeploy');
    }
  });

  test('returns the same document in every run', async () => {
    expect(await runSwap({ scenario: 'swap' })).toEqual(await runSwap({ scenario: 'swap' }));
  });
});

describe('whole-stack swap whose tests fail', () => {
  test('stops at step 8, with the old stack live and no message lost', async () => {
    const document = await runSwap({ scenario: 'failed-tests' });

    expect(document.outcome).toBe('rolledBack');
    expect(document.activeStack).toBe('blue');
    expect(numbersAndNames(document)).toEqual(all.slice(0, 8));
    expect(document.steps.at(-1)).toMatchObject({
      number: 8,
      outcome: 'failed',
      by: 'AfterAllowTestTraffic hook',
    });
    expect(document.messages).toMatchObject({ consumedByActive: document.messages.published, lost: 0 });
  });

  test('leaves the old stack unchanged and makes the incoming one idle again', async () => {
    const { before, after } = (await runSwap({ scenario: 'failed-tests' })).cloud;

    expect(after.blue).toEqual(before.blue);
    // SNS delivers for up to 15 more minutes, and readers are removed when they are not needed, not when the minimum falls.
    const { messagesWaiting: _waiting, readers: _readers, ...atRest } = before.green;
    expect(after.green).toMatchObject(atRest);
  });
});

describe('whole-stack swap with failures', () => {
  test('succeeds although the old stack cannot be retired in time', async () => {
    const document = await runSwap({
      scenario: 'swap',
      changes: {
        setScene: ({ cloud }) =>
          // RDS does not stop a cluster that is being created.
          void cloud.rds.addReader('orders-blue', { identifier: 'never-ready', status: 'creating' }),
      },
    });

    expect(document).toMatchObject({ outcome: 'succeeded', activeStack: 'green', messages: { lost: 0 } });
    expect(document.steps.find(({ number }) => number === 13)).toMatchObject({ outcome: 'failed' });
    expect(document.cloud.after.blue).toMatchObject({ subscription: 'disabled', queueReader: 'Disabled' });
  });

  test.each([1, 2, 3, 4, 5])('makes the incoming stack idle again when step %i fails', async (failing) => {
    const { outcome, cloud, messages } = await runSwap({
      scenario: 'swap',
      changes: {
        changeStack: (stack) => ({
          ...stack,
          runStep: (number, name, work) =>
            stack.runStep(number, name, async () => {
              await work();
              if (number === failing) throw new Error('broken at the end');
            }),
        }),
      },
    });

    const { readers: _readers, messagesWaiting: _waiting, ...atRest } = cloud.before.green;
    expect(outcome).toBe('rolledBack');
    expect(cloud.after.blue).toEqual(cloud.before.blue);
    expect(cloud.after.green).toMatchObject(atRest);
    expect(messages.lost).toBe(0);
  });

  const testsThatSeeNothing = (stack: Stack): Stack => ({ ...stack, invoke: async () => {} });

  test('loses messages without the wait for the subscriptions', async () => {
    const changeStack = (stack: Stack): Stack => ({
      ...testsThatSeeNothing(stack),
      clock: { now: () => stack.clock.now(), sleep: async () => {} },
    });

    const { messages } = await runSwap({ scenario: 'swap', changes: { changeStack } });

    expect(messages.lost).toBeGreaterThan(0);
  });

  test('loses messages when the queue of the wrong stack is purged after the switch', async () => {
    const changeStack = (stack: Stack): Stack => {
      const purgeQueues: Stack['queues']['purgeQueues'] = (reference, options) =>
        stack.queues.purgeQueues(reference === 'blue' ? 'green' : reference, options);
      const waitForPurge = stack.queues.waitForPurge.bind(stack.queues);
      return { ...stack, queues: Object.assign(Object.create(stack.queues), { purgeQueues, waitForPurge }) };
    };

    const { messages } = await runSwap({ scenario: 'swap', changes: { changeStack } });

    expect(messages.lost).toBeGreaterThan(0);
  });

  test('shifts no traffic without the wait for the subscriptions', async () => {
    const changeStack = (stack: Stack): Stack => ({
      ...stack,
      clock: { now: () => stack.clock.now(), sleep: async () => {} },
    });

    const { outcome, messages } = await runSwap({ scenario: 'swap', changes: { changeStack } });

    expect({ outcome, lost: messages.lost }).toEqual({ outcome: 'rolledBack', lost: 0 });
  });
});

describe('count of messages', () => {
  test('counts a message as lost that neither the live stack of its time nor the last one has read', async () => {
    const cloud = new SimulatedCloud();
    const { arn } = cloud.sns.addTopic('orders');
    let active: StackReference = 'blue';
    const feed = new Feed(cloud, arn, () => active);
    await cloud.clock.sleep(12_000);
    active = 'green';
    await cloud.clock.sleep(12_000);

    feed.read(0, 'blue');
    feed.read(1, 'green');
    feed.read(2, 'blue');
    feed.stop();

    expect(feed.count('green')).toEqual({ published: 4, consumedByActive: 2, lost: 2 });
  });
});

// Each test starts a process that compiles and loads everything first.
describe('demo program', { timeout: 60_000 }, () => {
  test.each(['swap', 'failed-tests'] as const)('prints the document of %s', async (scenario) => {
    const printed: unknown = JSON.parse(await demo('--scenario', scenario, '--json'));

    expect(printed).toEqual(await runSwap({ scenario }));
    expect(Object.keys(printed as object)).toEqual(['outcome', 'activeStack', 'steps', 'messages', 'cloud']);
  });

  test('prints one line for each step when piped', async () => {
    const lines = (await demo()).split('\n');

    expect(lines.filter((line) => line.startsWith('✔'))).toHaveLength(15);
    expect(lines).toContainEqual(
      expect.stringMatching(/^Messages: \d+ published, \d+ read by the active stack, 0 lost$/),
    );
  });

  test('lists the scenarios for an unknown one', async () => {
    await expect(demo('--scenario', 'nonsense')).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Unknown scenario nonsense'),
    });
  });
});
