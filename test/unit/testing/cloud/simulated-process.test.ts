import { PutLifecycleEventHookExecutionStatusCommand } from '@aws-sdk/client-codedeploy';
import { PurgeQueueCommand } from '@aws-sdk/client-sqs';
import { beforeEach, describe, expect, test } from 'vitest';
import { SimulatedProcess } from '../../../../src/testing/cloud/simulated-process.js';
import { type CodeDeployHookEvent, randomDeliveries, SimulatedCloud } from '../../../../src/testing/index.js';

let cloud: SimulatedCloud;
let log: string[];

beforeEach(() => {
  cloud = new SimulatedCloud();
  cloud.sqs.addQueue({ name: 'orders' });
  log = [];
});

const startedAt = Date.parse('2026-01-01T00:00:00Z');
const seconds = (now = cloud.clock.now()) => (now - startedAt) / 1000;

async function succeed(event: CodeDeployHookEvent) {
  await cloud.clients.codeDeploy.send(
    new PutLifecycleEventHookExecutionStatusCommand({
      deploymentId: event.DeploymentId,
      lifecycleEventHookExecutionId: event.LifecycleEventHookExecutionId,
      status: 'Succeeded',
    }),
  );
}

/** Purges a queue, waits 10 s and responds. */
async function hook(event: CodeDeployHookEvent) {
  log.push(`${seconds()} begins`);
  await cloud.clients.sqs
    .send(new PurgeQueueCommand({ QueueUrl: cloud.sqs.queue('orders').url }))
    .catch(() => {});
  log.push(`${seconds()} purged`);
  await cloud.clock.sleep(10_000);
  await succeed(event).catch((error: Error) => log.push(error.name));
  log.push(`${seconds()} ends`);
}

async function deploy() {
  const { status, lifecycleEvents } = await cloud.codeDeploy.runDeployment({
    hooks: { BeforeInstall: hook },
  });
  await cloud.clock.sleep(4 * 3_600_000);
  return { status, outcomes: lifecycleEvents[0]?.invocations.map(({ outcome }) => outcome) };
}

describe('faults of a Lambda invocation', () => {
  test.each([
    ['killBefore', 'sqs:PurgeQueue', ['0 begins', '60 begins', '60 purged', '70 ends']],
    ['killAfter', 'sqs:PurgeQueue', ['0 begins', '60 begins', '60 purged', '70 ends']],
  ] as const)('%s at %s ends the invocation, which Lambda retries', async (kind, action, expected) => {
    cloud.injectFault({ kind, action });

    expect(await deploy()).toEqual({ status: 'Succeeded', outcomes: ['killed', 'returned'] });
    expect(log).toEqual(expected);
  });

  test('killAfter makes the change, and killBefore does not', async () => {
    for (const [kind, statuses] of [
      ['killBefore', 1],
      ['killAfter', 1],
    ] as const) {
      cloud = new SimulatedCloud();
      cloud.sqs.addQueue({ name: 'orders' });
      cloud.injectFault({ kind, action: 'codedeploy:PutLifecycleEventHookExecutionStatus' });
      log = [];
      await deploy();
      expect(cloud.codeDeploy.responses).toHaveLength(statuses);
      expect(log.includes('LifecycleEventAlreadyCompletedException')).toBe(kind === 'killAfter');
    }
  });

  test('leaves other processes unaffected, unlike a crash', async () => {
    cloud.injectFault({ kind: 'killBefore', action: 'sqs:PurgeQueue' });
    const deployment = deploy();
    await cloud.clock.sleep(5_000);

    await cloud.clients.sqs.send(new PurgeQueueCommand({ QueueUrl: cloud.sqs.queue('orders').url }));
    expect((await deployment).status).toBe('Succeeded');
  });

  test('is a crash outside of an invocation', async () => {
    cloud.injectFault({ kind: 'killBefore' });
    const call = cloud.clients.sqs.send(new PurgeQueueCommand({ QueueUrl: cloud.sqs.queue('orders').url }));

    await expect(call).rejects.toMatchObject({ name: 'SimulatedCrash' });
  });

  test('stands still with its clock and its timers, and sends its call late', async () => {
    cloud.injectFault({ kind: { stallSeconds: 120 }, action: 'sqs:PurgeQueue' });

    expect((await deploy()).status).toBe('Succeeded');
    expect(log).toEqual(['0 begins', '0 purged', '10 ends']);
    expect(cloud.calls.map(({ at }) => seconds(at))).toEqual([120, 130]);
  });

  test('has a clock that never goes back, also for code that runs beside a call that stands still', () => {
    const process = new SimulatedProcess();
    const clock = (now: number) => now - process.clockLag(now);
    process.stall(1_000, 100);
    process.stall(1_050, 100);

    expect([900, 1_000, 1_100, 1_150, 1_200].map(clock)).toEqual([900, 1_000, 1_000, 1_000, 1_050]);
  });

  test('refuses to let a test itself stand still', async () => {
    cloud.injectFault({ kind: { stallSeconds: 1 } });
    const call = cloud.clients.sqs.send(new PurgeQueueCommand({ QueueUrl: cloud.sqs.queue('orders').url }));

    await expect(call).rejects.toThrowError(/stallSeconds/);
  });

  test('has no effect after its time-out', async () => {
    let isLate = false;
    await cloud.codeDeploy.runDeployment({
      hooks: {
        BeforeInstall: {
          timeoutSeconds: 5,
          handler: async (event) => {
            await cloud.clock.sleep(10_000);
            await succeed(event);
            isLate = true;
          },
        },
      },
    });

    expect(isLate).toBe(false);
    expect(cloud.codeDeploy.responses).toEqual([]);
  });
});

describe('SimulatedLambda.deliverEvents', () => {
  test('delivers an event twice, the second time hours later', async () => {
    cloud.lambda.deliverEvents((_event, number) => (number === 1 ? [0, 7_200] : [0]));

    expect(await deploy()).toEqual({ status: 'Succeeded', outcomes: ['returned', 'returned'] });
    expect(log).toEqual([
      '0 begins',
      '0 purged',
      '10 ends',
      '7200 begins',
      '7200 purged',
      'LifecycleEventAlreadyCompletedException',
      '7210 ends',
    ]);
  });

  test('drops an event', async () => {
    cloud.lambda.deliverEvents(() => []);

    expect(await deploy()).toEqual({ status: 'Failed', outcomes: [] });
  });

  test('kills the first attempt after some seconds', async () => {
    cloud.lambda.deliverEvents(() => ({ killAfterSeconds: 5 }));

    expect(await deploy()).toEqual({ status: 'Succeeded', outcomes: ['killed', 'returned'] });
    expect(cloud.codeDeploy.responses).toHaveLength(1);
  });
});

describe('randomDeliveries', () => {
  const options = { duplicatePercent: 20, lostPercent: 10, maxDelaySeconds: 60 };
  const thousand = (seed: number) => {
    const next = randomDeliveries({ seed, ...options });
    return Array.from({ length: 1_000 }, next);
  };

  test('returns the same deliveries for the same seed only', () => {
    expect(thousand(7)).toEqual(thousand(7));
    expect(thousand(7)).not.toEqual(thousand(8));
  });

  test.each<[options: object, message: string]>([
    [{}, 'seed: expected a value, got nothing'],
    [{ seed: 1, lostPercents: 100 }, 'lostPercents: unknown option; did you mean lostPercent?'],
    [{ seed: 1, lostPercent: 500 }, 'lostPercent: expected 0 to 100 percent, got 500'],
    [{ seed: 1, maxDelaySeconds: -4 }, 'maxDelaySeconds: expected a number of seconds'],
  ])('throws InvalidInputError for %j', (invalid, message) => {
    expect(() => randomDeliveries(invalid as never)).toThrowError(message);
  });

  test('loses, repeats and delays events as often as wanted', () => {
    const all = thousand(1);
    const lost = all.filter(({ length }) => length === 0).length;
    const duplicates = all.filter(({ length }) => length === 2).length;

    expect(lost).toBeGreaterThan(70);
    expect(lost).toBeLessThan(130);
    expect(duplicates).toBeGreaterThan(140);
    expect(duplicates).toBeLessThan(220);
    expect(Math.max(...all.map(([first = 0]) => first))).toBeLessThanOrEqual(60);
  });
});

describe('killAfter', () => {
  test('ends an invocation whose call is refused, and is a crash outside of one', async () => {
    cloud.injectFault({ kind: 'killAfter', action: 'sqs:PurgeQueue' });
    const purge = () =>
      cloud.clients.sqs.send(new PurgeQueueCommand({ QueueUrl: cloud.sqs.queue('orders').url }));
    await expect(purge()).rejects.toMatchObject({ name: 'SimulatedCrash' });
    cloud.restart();
    cloud.injectFault({ kind: 'killAfter', action: 'sqs:PurgeQueue' });

    expect((await deploy()).outcomes).toEqual(['killed', 'returned']); // a second purge within 60 s is refused
  });
});
