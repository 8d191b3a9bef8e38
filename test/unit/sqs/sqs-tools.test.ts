import { beforeEach, describe, expect, test } from 'vitest';
import {
  AccessDeniedError,
  InvalidInputError,
  OperationAbortedError,
  ResourceNotFoundError,
  WaitTimeoutError,
} from '../../../src/core/index.js';
import { SqsTools } from '../../../src/sqs/index.js';
import { SimulatedCloud } from '../../../src/testing/index.js';

let cloud: SimulatedCloud;

beforeEach(() => {
  cloud = new SimulatedCloud();
  cloud.sqs.addQueue({ name: 'blue' });
  cloud.sqs.addQueue({ name: 'green' });
});

function makeTools(options: { blue?: string; green?: string } = {}) {
  return new SqsTools({
    blue: { queue: options.blue ?? 'blue' },
    green: { queue: options.green ?? 'green' },
    clients: cloud.clients,
    clock: cloud.clock,
  });
}

describe('Class: SqsTools', () => {
  describe('Method: constructor', () => {
    test('names every option that is wrong', () => {
      const options = { blue: { queue: '' }, green: {}, clients: cloud.clients };

      // @ts-expect-error the queue of green is missing
      expect(() => new SqsTools(options)).toThrowError(
        expect.objectContaining({
          name: 'InvalidInputError',
          problems: [
            { field: 'blue.queue', expected: 'a string that is not empty', actual: 'an empty string' },
            { field: 'green.queue', expected: 'a value', actual: 'nothing' },
          ],
        }),
      );
    });

    test('refuses a pair that shares a queue', () => {
      expect(() => makeTools({ green: 'blue' })).toThrowError(InvalidInputError);
    });

    test('refuses a name and the URL that ends in it, and takes two URLs that do', () => {
      const { url } = cloud.sqs.queue('blue');

      expect(() => makeTools({ green: url })).toThrowError(InvalidInputError);
      expect(() => makeTools({ blue: url, green: 'blue' })).toThrowError(InvalidInputError);
      expect(() =>
        makeTools({ blue: url, green: url.replace('123456789012', '210987654321') }),
      ).not.toThrow();
    });
  });

  describe('Method: purgeQueues', () => {
    test('takes a queue URL as it is', async () => {
      cloud.sqs.send('blue', 'an order');

      await makeTools({ blue: cloud.sqs.queue('blue').url }).purgeQueues('blue');

      await cloud.clock.sleep(60_000);
      expect(cloud.sqs.queue('blue').messages).toEqual([]);
    });

    test('works in another partition, whose URLs end differently', async () => {
      cloud = new SimulatedCloud({ partition: 'aws-cn', region: 'cn-north-1' });
      cloud.sqs.addQueue({ name: 'blue' });
      cloud.sqs.send('blue', 'an order');

      await makeTools().purgeQueues('blue');

      await cloud.clock.sleep(60_000);
      expect(cloud.sqs.queue('blue').messages).toEqual([]);
    });

    test('leaves messages that came after a purge already in progress', async () => {
      await makeTools().purgeQueues('blue');
      await cloud.clock.sleep(30_000);

      await makeTools().purgeQueues('blue');

      await cloud.clock.sleep(31_000);
      cloud.sqs.send('blue', 'a late order');
      await cloud.clock.sleep(60_000);
      expect(cloud.sqs.queue('blue').messages).toHaveLength(1);
    });

    test('purges again after a purge in progress, when told to', async () => {
      await makeTools().purgeQueues('blue');
      await cloud.clock.sleep(30_000);

      const purged = makeTools().purgeQueues('blue', { purgeAgain: true });

      await cloud.clock.sleep(31_000);
      cloud.sqs.send('blue', 'a late order');
      await purged;
      await cloud.clock.sleep(60_000);
      expect(cloud.sqs.queue('blue').messages).toEqual([]);
    });

    test('says which queue does not exist, by its name and by its URL', async () => {
      const url = cloud.sqs.queue('blue').url.replace(/blue$/, 'missing');
      for (const blue of ['missing', url]) {
        const purge = makeTools({ blue }).purgeQueues('blue');

        await expect(purge).rejects.toThrowError(ResourceNotFoundError);
        await expect(purge).rejects.toMatchObject({ resource: blue, remedy: expect.any(String) });
      }
    });

    test('fails at once and names the IAM action when a permission is missing', async () => {
      cloud.injectFault({ kind: 'accessDenied', action: 'sqs:PurgeQueue', times: Number.POSITIVE_INFINITY });

      const purge = makeTools().purgeQueues('blue');

      await expect(purge).rejects.toThrowError(AccessDeniedError);
      await expect(purge).rejects.toMatchObject({ action: 'sqs:PurgeQueue' });
    });
  });

  describe('Method: waitForPurge', () => {
    test('asks for the URL of a queue only once, since the same name keeps it', async () => {
      const tools = makeTools();
      await tools.purgeQueues('blue');

      await tools.waitForPurge('blue');

      expect(cloud.calls.map(({ action }) => action)).toEqual([
        'sqs:GetQueueUrl',
        'sqs:PurgeQueue',
        'sqs:GetQueueAttributes',
      ]);
    });

    test('waits out the minute even when the queue reads empty before', async () => {
      const tools = makeTools();
      await tools.purgeQueues('blue');
      const start = cloud.clock.now();

      await tools.waitForPurge('blue');

      expect(cloud.clock.now() - start).toBe(60_000);
    });

    test.each([['and has asked for one itself'], ['and has not asked']])(
      'waits out the purge of another process, a day after its own, %s',
      async (title) => {
        const tools = makeTools();
        await tools.purgeQueues('blue');
        await tools.waitForPurge('blue');
        await cloud.clock.sleep(86_400_000);
        await makeTools().purgeQueues('blue');
        if (title.endsWith('itself')) await tools.purgeQueues('blue');
        const start = cloud.clock.now();

        await tools.waitForPurge('blue');

        expect(cloud.clock.now() - start).toBe(60_000);
      },
    );

    test('waits out what is left of a purge that another process began soon after its own', async () => {
      const tools = makeTools();
      await tools.purgeQueues('blue');
      await cloud.clock.sleep(100_000);
      await makeTools().purgeQueues('blue');
      await tools.purgeQueues('blue');
      const start = cloud.clock.now();

      await tools.waitForPurge('blue');

      expect(cloud.clock.now() - start).toBe(60_000);
    });

    test('does not wait for its own purge once more that was over some minutes ago', async () => {
      const tools = makeTools();
      await tools.purgeQueues('blue');
      await cloud.clock.sleep(600_000);
      const start = cloud.clock.now();

      await tools.waitForPurge('blue');

      expect(cloud.clock.now()).toBe(start);
    });

    test('gives up with what it saw when messages keep coming', async () => {
      const stop = cloud.clock.every(1, () => cloud.sqs.send('blue', 'an order'));

      const wait = makeTools().waitForPurge('blue', { maxWaitSeconds: 100 });

      await expect(wait).rejects.toThrowError(WaitTimeoutError);
      await expect(wait).rejects.toMatchObject({
        maxWaitSeconds: 100,
        actual: expect.stringMatching(/^\d+ messages$/),
      });
      stop();
    });

    test('tells an abort as such when it waits for two queues', async () => {
      cloud.sqs.addQueue({ name: 'blue-dlq' });
      const tools = new SqsTools({
        blue: { queue: 'blue', deadLetterQueue: 'blue-dlq' },
        green: { queue: 'green' },
        clients: cloud.clients,
        clock: cloud.clock,
      });
      const controller = new AbortController();
      cloud.clock.schedule(10, () => controller.abort(new Error('the deadline is near')));

      await expect(tools.waitForPurge('blue', { signal: controller.signal })).rejects.toThrowError(
        OperationAbortedError,
      );
    });

    test('ends when the signal is aborted', async () => {
      const controller = new AbortController();
      cloud.clock.schedule(10, () => controller.abort(new Error('the deadline is near')));

      const wait = makeTools().waitForPurge('blue', { signal: controller.signal });

      await expect(wait).rejects.toThrowError(OperationAbortedError);
      await expect(wait).rejects.toMatchObject({ cause: new Error('the deadline is near') });
    });
  });
});
