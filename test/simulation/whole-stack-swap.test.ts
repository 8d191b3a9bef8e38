import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { PurgeQueueCommand } from '@aws-sdk/client-sqs';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { Feed } from '../../examples/whole-stack-swap/feed.js';
import { type Scenario, scenarios } from '../../examples/whole-stack-swap/scenarios.js';
import { stepNames } from '../../examples/whole-stack-swap/step-names.js';
import { runSwap, type SwapDocument } from '../../examples/whole-stack-swap/swap.js';
import type { World } from '../../examples/whole-stack-swap/world.js';
import type { StackReference } from '../../src/core/index.js';
import { settingsKey } from '../../src/swap/swap-options.js';
import { type Fault, SimulatedCloud } from '../../src/testing/index.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** CodeDeploy destroys the old task set before the swap retires what was behind it. */
const order = [1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 10, 11, 12, 13, 14];
const all = order.map((number) => ({ number, name: stepNames[number - 1] }));
const preparedAndTested = all.slice(0, 8);

/** Output of `npm run -s demo -- …` in a terminal or pipeline. */
async function demo(...args: string[]): Promise<string> {
  const command = ['--import', 'tsx', 'examples/demo.ts', ...args];
  return (await promisify(execFile)(process.execPath, command, { cwd: root })).stdout;
}

const documents = new Map<Scenario, Promise<SwapDocument>>();

/** Returns the document of a scenario, from its first run. */
function documentOf(scenario: Scenario): Promise<SwapDocument> {
  const document = documents.get(scenario) ?? runSwap({ scenario });
  documents.set(scenario, document);
  return document;
}

function numbersAndNames({ steps }: SwapDocument) {
  return steps.map(({ number, name }) => ({ number, name }));
}

/** Expects that the swap has changed nothing. Messages and readers are left: SNS delivers for 15 more minutes, and readers are removed when they are not needed. */
function expectNoTrace({ cloud: { before, after } }: SwapDocument): void {
  const { messagesWaiting: _waiting, readers: _readers, ...idle } = before.green;
  expect(after.blue).toEqual(before.blue);
  expect(after.green).toMatchObject(idle);
}

const live = {
  database: 'available',
  minimumReaders: 1,
  subscription: 'enabled',
  queueReader: 'Enabled',
  streamConsumer: 'ACTIVE',
  alarmActions: 'enabled',
};

const retired = {
  database: 'stopped',
  minimumReaders: 1,
  subscription: 'disabled',
  queueReader: 'Disabled',
  streamConsumer: 'none',
  alarmActions: 'disabled',
  sessionTable: 'none',
};

describe('whole-stack swap', () => {
  test('runs the fifteen steps and loses no message', async () => {
    const document = await documentOf('swap');

    expect(document.outcome).toBe('succeeded');
    expect(document.activeStack).toBe('green');
    expect(numbersAndNames(document)).toEqual(all);
    expect(document.messages.lost).toBe(0);
    expect(document.messages.published).toBeGreaterThan(500);
    expect(document.messages.consumedByActive).toBe(document.messages.published);
  });

  test('ends with green live and blue idle', async () => {
    const { before, after } = (await documentOf('swap')).cloud;

    expect(before.blue).toMatchObject({
      database: 'available',
      subscription: 'enabled',
      queueReader: 'Enabled',
    });
    expect(after.green).toMatchObject({ ...live, readers: before.blue.readers });
    expect(after.blue).toMatchObject(retired);
  });

  test('records the virtual time and the calls of each step', async () => {
    const { steps } = await documentOf('swap');

    for (const [index, step] of steps.entries()) {
      expect(step.startedAt <= step.endedAt, step.name).toBe(true);
      expect((steps[index - 1]?.endedAt ?? '') <= step.startedAt, step.name).toBe(true);
      expect(step.awsCalls > 0, step.name).toBe(step.by !== 'CodeDeploy');
    }
  });

  test('returns the same document in every run', async () => {
    expect(await runSwap({ scenario: 'swap' })).toEqual(await documentOf('swap'));
  });
});

describe('whole-stack swap without a database of the incoming stack', () => {
  test('creates the database, deletes the old one, and loses no message', async () => {
    const document = await documentOf('created-database');

    expect(document).toMatchObject({ outcome: 'succeeded', activeStack: 'green', messages: { lost: 0 } });
    expect(document.messages.consumedByActive).toBe(document.messages.published);
    expect(document.messages.published).toBeGreaterThan(500);
    const started = all.filter(({ number }) => number !== 2 && number !== 10);
    expect(numbersAndNames(document)).toEqual(started);
    const { before, after } = document.cloud;
    expect(before.green).toMatchObject({ database: 'none', readers: 0 });
    expect(after.green).toMatchObject({ ...live, minimumReaders: 0, readers: 1 });
    expect(after.blue).toMatchObject({ ...retired, database: 'none' });
  });

  test('leaves no trace when a step after the creation fails', async () => {
    let world: World | undefined;
    const setScene = (it: World) => {
      world = it;
      it.cloud.injectFault({ kind: 'accessDenied', action: 'sns:SetSubscriptionAttributes', times: 1 });
    };
    const document = await runSwap({ scenario: 'created-database', changes: { setScene } });

    expect(document).toMatchObject({ outcome: 'rolledBack', activeStack: 'blue', messages: { lost: 0 } });
    expectNoTrace(document);
    expect(world?.cloud.rds.snapshots).toEqual([]);
  });
});

describe('whole-stack swap whose tests fail', () => {
  test('stops at step 8, with the old stack live and no message lost', async () => {
    const document = await documentOf('failed-tests');

    expect(document.outcome).toBe('rolledBack');
    expect(document.activeStack).toBe('blue');
    expect(numbersAndNames(document)).toEqual(preparedAndTested);
    expect(document.steps.at(-1)).toMatchObject({
      number: 8,
      outcome: 'failed',
      by: 'AfterAllowTestTraffic hook',
    });
    expect(document.messages).toMatchObject({ consumedByActive: document.messages.published, lost: 0 });
  });

  test('leaves the old stack unchanged and makes the incoming one idle again', async () => {
    expectNoTrace(await documentOf('failed-tests'));
  });
});

describe('whole-stack swap on a bad day', () => {
  test('continues a killed hook where it was', async () => {
    const document = await documentOf('killed-hook');

    expect(document).toMatchObject({ outcome: 'succeeded', activeStack: 'green', messages: { lost: 0 } });
    expect(numbersAndNames(document)).toEqual(all);
    expect(document.cloud.after).toMatchObject({ green: live, blue: retired });
  });

  test('deploys a second revision for the same stack as a hotfix', async () => {
    const document = await documentOf('two-deployments');

    expect(document).toMatchObject({ outcome: 'succeeded', activeStack: 'green', messages: { lost: 0 } });
    expect(document.cloud.after).toMatchObject({ green: live, blue: retired });
    const numbers = document.steps.map(({ number }) => number);
    for (const number of order) {
      expect(numbers.filter((it) => it === number)).toHaveLength([6, 7, 9, 15].includes(number) ? 2 : 1);
    }
  });

  test('switches nothing off while both stacks have users, and undoes everything afterwards', async () => {
    const states: unknown[] = [];
    const setScene = ({ cloud, percentOf, describe: describeStack }: World) =>
      void cloud.clock.every(60, () => {
        if (percentOf('green') === 10) states.push([describeStack('blue'), describeStack('green')]);
      });

    const document = await runSwap({ scenario: 'stopped-at-ten-percent', changes: { setScene } });

    expect(states.length).toBeGreaterThan(25);
    for (const state of states)
      expect(state).toMatchObject([
        { ...live, minimumReaders: 2 },
        { ...live, minimumReaders: 3 },
      ]);
    expect(document).toMatchObject({ outcome: 'rolledBack', activeStack: 'blue', messages: { lost: 0 } });
    expectNoTrace(document);
  });

  test('lets a hotfix of the live stack pass, and changes nothing else', async () => {
    const document = await documentOf('hotfix');

    expect(document).toMatchObject({ outcome: 'succeeded', activeStack: 'blue', messages: { lost: 0 } });
    expect(document.steps.map(({ number }) => number)).toEqual([6, 7, 9, 15]);
    expect(document.cloud.after).toEqual(document.cloud.before);
  });

  test('previews every step without a change', async () => {
    let world: World | undefined;
    const setScene = (it: World) => {
      world = it;
    };
    const warnings: string[] = [];
    const onWarning = ({ name }: Error) => void warnings.push(name);
    process.on('warning', onWarning);
    const { outcome, preview, cloud, steps } = await runSwap({ scenario: 'preview', changes: { setScene } });
    process.off('warning', onWarning);

    expect({ outcome, steps }).toEqual({ outcome: 'previewed', steps: [] });
    expect(preview).toMatchObject({ live: 'blue', incoming: 'green', waitSeconds: 900 });
    const actions = preview?.steps.map(({ action }) => action);
    expect(actions).not.toContain('unknown');
    expect(actions).not.toContain('cannot');
    expect(preview?.hooks.map(({ hooks, suffices }) => [hooks, suffices])).toEqual([
      ['BeforeInstall', 'maybe'],
      ['AfterInstall and AfterAllowTestTraffic', 'yes'],
    ]);
    expect(JSON.parse(JSON.stringify(preview))).toEqual(preview);
    const guide = readFileSync(`${root}/docs/guides/stack-swap.md`, 'utf8');
    expect(guide).toContain([preview?.table, '', ...(preview?.times ?? [])].join('\n'));
    expect(preview?.table.split('\n')).toHaveLength(1 + (preview?.steps.length ?? 0));
    expect(cloud.after).toEqual(cloud.before);
    const changes = world?.cloud.calls.filter(({ action }) => !/:(Describe|Get|List)/.test(action));
    expect(changes).toEqual([]);
    // Node warns of more than 10 listeners on one signal.
    expect(warnings).not.toContain('MaxListenersExceededWarning');
  });
});

describe('whole-stack swap with failures', () => {
  test('succeeds although the old stack cannot be retired, and names what is left', async () => {
    let world: World | undefined;
    const document = await runSwap({
      scenario: 'swap',
      changes: {
        setScene: (it) => {
          world = it;
          const table = { action: 'dynamodb:DeleteTable', times: 1 } as const;
          it.cloud.injectFault({ kind: 'accessDenied', ...table });
        },
      },
    });

    expect(document).toMatchObject({ outcome: 'succeeded', activeStack: 'green', messages: { lost: 0 } });
    expect(document.steps.filter(({ number }) => number === 13).map(({ outcome }) => outcome)).toEqual([
      'failed',
      'done',
    ]);
    expect(document.cloud.after).toMatchObject({ green: live, blue: retired });
    expect(await world?.swap.status()).toMatchObject({ live: 'green', orphans: [] });
  });

  test.each<[number, Fault]>([
    [1, { kind: 'accessDenied', action: 'rds:StartDBCluster', times: 1 }],
    [2, { kind: 'accessDenied', action: 'application-autoscaling:RegisterScalableTarget', times: 1 }],
    [3, { kind: 'accessDenied', action: 'lambda:Invoke', times: 1 }],
    [4, { kind: 'accessDenied', action: 'sns:SetSubscriptionAttributes', times: 1 }],
    [5, { kind: 'accessDenied', action: 'lambda:UpdateEventSourceMapping', times: 1 }],
  ])('makes the incoming stack idle again when step %i fails', async (failing, fault) => {
    const setScene = ({ cloud }: World) => cloud.injectFault(fault);
    const document = await runSwap({ scenario: 'swap', changes: { setScene } });

    expect(document).toMatchObject({ outcome: 'rolledBack', activeStack: 'blue', messages: { lost: 0 } });
    expect(document.steps.at(-1)).toMatchObject({ number: failing, outcome: 'failed' });
    expectNoTrace(document);
  });

  const changesOfSteps = [
    'rds:StartDBCluster',
    'application-autoscaling:RegisterScalableTarget',
    'sqs:PurgeQueue',
    'sns:SetSubscriptionAttributes',
    'lambda:UpdateEventSourceMapping',
  ];
  const kinds: readonly Fault[] = [
    { kind: 'throttle', times: 3 },
    { kind: 'lostResponse', times: 3 },
    { kind: 'killAfter' },
  ];

  test.each(
    changesOfSteps.flatMap((action) => kinds.map((fault) => [action, { ...fault, action }] as const)),
  )('undoes everything when the tests fail after a fault of %s (%o)', async (_action, fault) => {
    const setScene = ({ cloud }: World) => cloud.injectFault(fault);
    const document = await runSwap({ scenario: 'failed-tests', changes: { setScene } });

    expect(document).toMatchObject({ outcome: 'rolledBack', activeStack: 'blue', messages: { lost: 0 } });
    expectNoTrace(document);
  });

  /** Makes the swap treat the subscriptions as in effect at once. */
  const withoutWait = ({ swap }: World) => {
    for (const step of swap[settingsKey].plan.prepare.flat()) Object.assign(step, { propagationSeconds: 0 });
  };
  const testThatSeesNothing = ({ cloud }: World) =>
    void cloud.lambda.addFunction({ name: 'orders-smoke-test' });

  test('shifts no traffic without the wait for the subscriptions', async () => {
    const { outcome, messages } = await runSwap({
      scenario: 'swap',
      changes: { setScene: withoutWait },
    });

    expect({ outcome, lost: messages.lost }).toEqual({ outcome: 'rolledBack', lost: 0 });
  });

  test('loses messages without the wait for the subscriptions', async () => {
    const setScene = (world: World) => {
      withoutWait(world);
      testThatSeesNothing(world);
    };

    const { messages } = await runSwap({ scenario: 'swap', changes: { setScene } });

    expect(messages.lost).toBeGreaterThan(0);
  });

  test('loses messages when the queue of the live stack is purged', async () => {
    const setScene = ({ cloud, percentOf }: World) => {
      let isPurged = false;
      cloud.clock.every(60, async () => {
        if (percentOf('green') < 100 || isPurged) return;
        isPurged = true;
        await cloud.clients.sqs.send(
          new PurgeQueueCommand({ QueueUrl: cloud.sqs.queue('orders-green').url }),
        );
      });
    };

    const { messages } = await runSwap({ scenario: 'swap', changes: { setScene } });

    expect(messages.lost).toBeGreaterThan(0);
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

describe('plan.ts and hooks.ts', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  test('have at most 80 lines of code together', () => {
    const lines = ['plan.ts', 'hooks.ts'].flatMap((file) =>
      readFileSync(`${root}/examples/whole-stack-swap/${file}`, 'utf8').split('\n'),
    );

    expect(lines.filter((line) => !/^\s*(\/\/|\/?\*|$)/.test(line)).length).toBeLessThanOrEqual(80);
  });

  test('export the six handlers with the ARNs of the environment', async () => {
    const topic = 'arn:aws:sns:eu-west-1:111111111111:orders';
    vi.stubEnv('BLUE_SUBSCRIPTION_ARN', `${topic}:11111111-1111-4111-8111-111111111111`);
    vi.stubEnv('GREEN_SUBSCRIPTION_ARN', `${topic}:22222222-2222-4222-8222-222222222222`);
    vi.stubEnv('STREAM_ARN', 'arn:aws:kinesis:eu-west-1:111111111111:stream/orders');
    vi.stubEnv(
      'LISTENER_ARN',
      'arn:aws:elasticloadbalancing:eu-west-1:111111111111:listener/app/orders/0123456789abcdef/0123456789abcdef',
    );

    const hooks = await import('../../examples/whole-stack-swap/hooks.js');

    expect(Object.values(hooks).map((it) => typeof it)).toEqual(Array(6).fill('function'));
  });
});

// Each test starts a process that compiles and loads everything first.
describe('demo program', { timeout: 60_000 }, () => {
  test.each(['swap', 'failed-tests'] as const)('prints the document of %s', async (scenario) => {
    const printed: unknown = JSON.parse(await demo('--scenario', scenario, '--json'));

    expect(printed).toEqual(await documentOf(scenario));
    expect(Object.keys(printed as object)).toEqual(['outcome', 'activeStack', 'steps', 'messages', 'cloud']);
  });

  test('prints one line for each step when piped', async () => {
    const lines = (await demo()).split('\n');

    expect(lines.filter((line) => line.startsWith('✔'))).toHaveLength(15);
    expect(lines).toContainEqual(
      expect.stringMatching(/^Messages: \d+ published, \d+ read by the active stack, 0 lost$/),
    );
  });

  test('prints the table of a preview', async () => {
    expect(await demo('--scenario', 'preview')).toMatch(/prepare +start database +green +would run/);
  });

  test('lists the scenarios for an unknown one', async () => {
    await expect(demo('--scenario', 'nonsense')).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining(
        `Unknown scenario nonsense\nUsage: npm run demo -- [--scenario ${scenarios.join(' | ')}`,
      ),
    });
  });
});
