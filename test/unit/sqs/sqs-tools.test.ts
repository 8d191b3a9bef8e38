import { beforeEach, describe, expect, test, vi } from 'vitest';
import {
  AccessDeniedError,
  type Clock,
  InvalidInputError,
  OperationAbortedError,
  ResourceNotFoundError,
  UnexpectedResponseError,
  WaitTimeoutError,
} from '../../../src/core/index.js';
import { SqsTools } from '../../../src/sqs/index.js';
import { SimulatedCloud } from '../../../src/testing/index.js';
import { SettableClock } from '../../support/settable-clock.js';

let cloud: SimulatedCloud;

beforeEach(() => {
  cloud = new SimulatedCloud();
  cloud.sqs.addQueue({ name: 'blue' });
  cloud.sqs.addQueue({ name: 'green' });
});

function createTools(options: { blue?: string; green?: string; clock?: Clock } = {}) {
  return new SqsTools({
    blue: { queue: options.blue ?? 'blue' },
    green: { queue: options.green ?? 'green' },
    clients: cloud.clients,
    clock: options.clock ?? cloud.clock,
  });
}

function failWith(name: string, action: string, times = 1): void {
  const kind = Object.assign(new Error(`${name} of AWS`), { name, $metadata: { httpStatusCode: 400 } });
  cloud.injectFault({ kind, action, times });
}

describe('SqsTools', () => {
  describe('constructor', () => {
    test('throws InvalidInputError that names every wrong option', () => {
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

    test('throws InvalidInputError when both stacks share a queue', () => {
      expect(() => createTools({ green: 'blue' })).toThrowError(InvalidInputError);
    });

    test('throws InvalidInputError for a name and the URL that ends in it, and accepts two such URLs', () => {
      const { url } = cloud.sqs.queue('blue');

      expect(() => createTools({ green: url })).toThrowError(InvalidInputError);
      expect(() => createTools({ blue: url, green: 'blue' })).toThrowError(InvalidInputError);
      expect(() =>
        createTools({ blue: url, green: url.replace('123456789012', '210987654321') }),
      ).not.toThrow();
    });
  });

  describe('constructor with a URL', () => {
    test.each(['https://', 'https://user:secret@sqs.eu-west-1.amazonaws.com/123456789012/orders'])(
      'throws InvalidInputError for %s, and keeps the password out of the message',
      (blue) => {
        expect(() => createTools({ blue })).toThrowError(InvalidInputError);
        expect(() => createTools({ blue })).not.toThrowError(/secret/);
      },
    );
  });

  describe('purgeQueues', () => {
    test.each(['RequestThrottled', 'OverLimit', 'KmsThrottled'])(
      'retries while SQS refuses the purge with %s',
      async (name) => {
        cloud.sqs.send('blue', 'an order');
        failWith(name, 'sqs:PurgeQueue', 4);

        await createTools().purgeQueues('blue');

        await cloud.clock.sleep(60_000);
        expect(cloud.sqs.queue('blue').messages).toEqual([]);
      },
    );

    test('throws a refusal that cannot pass at once', async () => {
      failWith('KmsDisabled', 'sqs:PurgeQueue', Number.POSITIVE_INFINITY);
      const start = cloud.clock.now();

      await expect(createTools().purgeQueues('blue')).rejects.toMatchObject({ name: 'KmsDisabled' });

      expect(cloud.clock.now()).toBe(start);
    });

    test.each(['orders', 'orders-dlq'])(
      'names the refused queue %s, and purges the other one',
      async (refused) => {
        const urls = ['orders', 'orders-dlq'].map((name) => cloud.sqs.addQueue({ name }).url);
        for (const name of ['orders', 'orders-dlq']) cloud.sqs.send(name, 'an order');
        const { url } = cloud.sqs.queue(refused);
        // Calls run side by side in the order of the queues.
        const kind = Object.assign(new Error('Refused'), {
          name: 'KmsDisabled',
          $metadata: { httpStatusCode: 400 },
        });
        cloud.injectFault({ kind, action: 'sqs:PurgeQueue', atCall: urls.indexOf(url) + 1 });
        const { clients, clock } = cloud;
        const blue = { queue: 'orders', deadLetterQueue: 'orders-dlq' };
        const tools = new SqsTools({ blue, green: { queue: 'green' }, clients, clock });

        await expect(tools.purgeQueues('blue')).rejects.toMatchObject({
          name: 'MultipleFailuresError',
          resource: url,
          message: expect.stringContaining(`${url}: KmsDisabled: Refused`),
        });

        await clock.sleep(60_000);
        const left = ['orders', 'orders-dlq'].filter((name) => cloud.sqs.queue(name).messages.length > 0);
        expect(left).toEqual([refused]);
      },
    );

    test('accepts a queue URL', async () => {
      cloud.sqs.send('blue', 'an order');

      await createTools({ blue: cloud.sqs.queue('blue').url }).purgeQueues('blue');

      await cloud.clock.sleep(60_000);
      expect(cloud.sqs.queue('blue').messages).toEqual([]);
    });

    test('purges a queue of another partition, whose URLs end differently', async () => {
      cloud = new SimulatedCloud({ partition: 'aws-cn', region: 'cn-north-1' });
      cloud.sqs.addQueue({ name: 'blue' });
      cloud.sqs.send('blue', 'an order');

      await createTools().purgeQueues('blue');

      await cloud.clock.sleep(60_000);
      expect(cloud.sqs.queue('blue').messages).toEqual([]);
    });

    test('leaves messages that were sent after a purge in progress', async () => {
      await createTools().purgeQueues('blue');
      await cloud.clock.sleep(30_000);

      await createTools().purgeQueues('blue');

      await cloud.clock.sleep(31_000);
      cloud.sqs.send('blue', 'a late order');
      await cloud.clock.sleep(60_000);
      expect(cloud.sqs.queue('blue').messages).toHaveLength(1);
    });

    test('purges again after a purge in progress with purgeAgain', async () => {
      await createTools().purgeQueues('blue');
      await cloud.clock.sleep(30_000);

      const purged = createTools().purgeQueues('blue', { purgeAgain: true });

      await cloud.clock.sleep(31_000);
      cloud.sqs.send('blue', 'a late order');
      await purged;
      await cloud.clock.sleep(60_000);
      expect(cloud.sqs.queue('blue').messages).toEqual([]);
    });

    test('throws ResourceNotFoundError for a missing queue, given by name or URL', async () => {
      const url = cloud.sqs.queue('blue').url.replace(/blue$/, 'missing');
      for (const blue of ['missing', url]) {
        const purge = createTools({ blue }).purgeQueues('blue');

        await expect(purge).rejects.toThrowError(ResourceNotFoundError);
        await expect(purge).rejects.toMatchObject({ resource: blue, remedy: expect.any(String) });
      }
    });

    test('throws AccessDeniedError with the IAM action when a permission is missing', async () => {
      cloud.injectFault({ kind: 'accessDenied', action: 'sqs:PurgeQueue', times: Number.POSITIVE_INFINITY });

      const purge = createTools().purgeQueues('blue');

      await expect(purge).rejects.toThrowError(AccessDeniedError);
      await expect(purge).rejects.toMatchObject({ action: 'sqs:PurgeQueue' });
    });
  });

  describe('waitForPurge', () => {
    test('reads the URL of a queue once', async () => {
      const tools = createTools();
      await tools.purgeQueues('blue');

      await tools.waitForPurge('blue');

      expect(cloud.calls.map(({ action }) => action)).toEqual([
        'sqs:GetQueueUrl',
        'sqs:PurgeQueue',
        'sqs:GetQueueAttributes',
      ]);
    });

    test('waits for the whole minute even when the queue is empty before', async () => {
      const tools = createTools();
      await tools.purgeQueues('blue');
      const start = cloud.clock.now();

      await tools.waitForPurge('blue');

      expect(cloud.clock.now() - start).toBe(60_000);
    });

    test.each([
      ['after a purge of its own on the same day', true],
      ['without a purge of its own on the same day', false],
    ])('waits for the purge of another process a day after its own, %s', async (_, purgesItself) => {
      const tools = createTools();
      await tools.purgeQueues('blue');
      await tools.waitForPurge('blue');
      await cloud.clock.sleep(86_400_000);
      await createTools().purgeQueues('blue');
      if (purgesItself) await tools.purgeQueues('blue');
      const start = cloud.clock.now();

      await tools.waitForPurge('blue');

      expect(cloud.clock.now() - start).toBe(60_000);
    });

    test('waits 60 s when another process began a purge soon after its own', async () => {
      const tools = createTools();
      await tools.purgeQueues('blue');
      await cloud.clock.sleep(100_000);
      await createTools().purgeQueues('blue');
      await tools.purgeQueues('blue');
      const start = cloud.clock.now();

      await tools.waitForPurge('blue');

      expect(cloud.clock.now() - start).toBe(60_000);
    });

    test('returns at once when its own purge ended minutes ago', async () => {
      const tools = createTools();
      await tools.purgeQueues('blue');
      await cloud.clock.sleep(600_000);
      const start = cloud.clock.now();

      await tools.waitForPurge('blue');

      expect(cloud.clock.now()).toBe(start);
    });

    test('waits no longer than a minute when the clock is set back', async () => {
      const clock = new SettableClock(cloud.clock);
      const tools = createTools({ clock });
      await tools.purgeQueues('blue');
      cloud.clock.schedule(30, () => clock.setBack(7200));
      const start = cloud.clock.now();

      await tools.waitForPurge('blue');

      expect(cloud.clock.now() - start).toBe(60_000);
    });

    test('throws WaitTimeoutError when maxWaitSeconds ends before the minute of the purge', async () => {
      const tools = createTools();
      await tools.purgeQueues('blue');

      const wait = tools.waitForPurge('blue', { maxWaitSeconds: 30 });

      await expect(wait).rejects.toThrowError(WaitTimeoutError);
    });

    test('waits no longer than maxWaitSeconds when the clock is set back', async () => {
      const clock = new SettableClock(cloud.clock);
      cloud.sqs.send('blue', 'an order');
      cloud.clock.schedule(30, () => clock.setBack(7200));
      const start = cloud.clock.now();

      const wait = createTools({ clock }).waitForPurge('blue', { maxWaitSeconds: 100 });

      await expect(wait).rejects.toThrowError(WaitTimeoutError);
      expect(cloud.clock.now() - start).toBeLessThanOrEqual(105_000);
    });

    test('throws UnexpectedResponseError for a count that is no number', async () => {
      vi.spyOn(cloud.sqs.operations, 'GetQueueAttributes').mockReturnValue({
        Attributes: {
          ApproximateNumberOfMessages: 'many',
          ApproximateNumberOfMessagesNotVisible: '0',
          ApproximateNumberOfMessagesDelayed: '0',
        },
      });

      await expect(createTools().waitForPurge('blue')).rejects.toThrowError(UnexpectedResponseError);
    });

    test('throws WaitTimeoutError with the number of messages when messages keep coming', async () => {
      const stop = cloud.clock.every(1, () => cloud.sqs.send('blue', 'an order'));

      const wait = createTools().waitForPurge('blue', { maxWaitSeconds: 100 });

      await expect(wait).rejects.toThrowError(WaitTimeoutError);
      await expect(wait).rejects.toMatchObject({
        maxWaitSeconds: 100,
        actual: expect.stringMatching(/^\d+ messages$/),
      });
      stop();
    });

    test('throws OperationAbortedError when it is aborted while waiting for two queues', async () => {
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

    test('throws OperationAbortedError when the signal is aborted', async () => {
      const controller = new AbortController();
      cloud.clock.schedule(10, () => controller.abort(new Error('the deadline is near')));

      const wait = createTools().waitForPurge('blue', { signal: controller.signal });

      await expect(wait).rejects.toThrowError(OperationAbortedError);
      await expect(wait).rejects.toMatchObject({ cause: new Error('the deadline is near') });
    });
  });
});
