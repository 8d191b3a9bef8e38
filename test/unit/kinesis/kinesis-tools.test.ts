import { beforeEach, describe, expect, test, vi } from 'vitest';
import {
  AccessDeniedError,
  InvalidInputError,
  OperationAbortedError,
  ResourceNotFoundError,
  ResourceStateError,
  UnexpectedResponseError,
  WaitTimeoutError,
} from '../../../src/core/index.js';
import { KinesisTools } from '../../../src/kinesis/index.js';
import { SimulatedCloud } from '../../../src/testing/index.js';

let cloud: SimulatedCloud;
let streamArn: string;

beforeEach(() => {
  cloud = new SimulatedCloud();
  streamArn = cloud.kinesis.addStream({ name: 'orders' }).arn;
});

function makeTools({
  stream = streamArn,
  blue = 'blue',
  logger,
}: {
  stream?: string;
  blue?: string;
  logger?: Console;
} = {}) {
  return new KinesisTools({
    streamArn: stream,
    blue: { consumerName: blue },
    green: { consumerName: 'green' },
    clients: cloud.clients,
    clock: cloud.clock,
    logger,
  });
}

function statusOf(name: string): string {
  return cloud.kinesis.findConsumer(streamArn, name)?.status ?? 'none';
}

function failWith(name: string, action: string, times = 1): void {
  cloud.injectFault({ kind: Object.assign(new Error(name), { name }), action, times });
}

describe('Class: KinesisTools', () => {
  describe('Method: constructor', () => {
    test('names every option that is wrong', () => {
      const options = {
        blue: { consumerName: '' },
        green: { consumerName: 'green' },
        clients: cloud.clients,
      };

      // @ts-expect-error the stream is missing
      expect(() => new KinesisTools(options)).toThrowError(
        expect.objectContaining({
          name: 'InvalidInputError',
          problems: [
            expect.objectContaining({ field: 'streamArn' }),
            expect.objectContaining({ field: 'blue.consumerName' }),
          ],
        }),
      );
    });

    test('refuses a pair that shares a consumer', () => {
      expect(() => makeTools({ blue: 'green' })).toThrowError(InvalidInputError);
    });
  });

  describe('Method: registerConsumer', () => {
    test('registers the consumer of the stack, and gives its description', async () => {
      const consumer = await makeTools().registerConsumer('blue');

      expect(consumer).toEqual({
        consumerName: 'blue',
        consumerArn: cloud.kinesis.findConsumer(streamArn, 'blue')?.arn,
        status: 'CREATING',
      });
      expect(statusOf('green')).toBe('none');
    });

    test('gives an existing consumer back as it is', async () => {
      const { arn } = cloud.kinesis.addConsumer({ streamArn, name: 'blue' });
      const logger = { ...console, info: vi.fn() };

      const consumer = await makeTools({ logger }).registerConsumer('blue');

      expect(consumer).toEqual({ consumerName: 'blue', consumerArn: arn, status: 'ACTIVE' });
      expect(logger.info).not.toHaveBeenCalled();
    });

    test('gives the consumer that somebody else has registered meanwhile', async () => {
      cloud.clock.schedule(0, () => void cloud.kinesis.addConsumer({ streamArn, name: 'blue' }));
      failWith('ResourceInUseException', 'kinesis:RegisterStreamConsumer');

      const consumer = await makeTools().registerConsumer('blue');

      expect(consumer.status).toBe('ACTIVE');
    });

    test('waits until a consumer that is being deleted is gone, and registers it anew', async () => {
      const { arn } = cloud.kinesis.addConsumer({ streamArn, name: 'blue' });
      const logger = { ...console, info: vi.fn() };
      const tools = makeTools({ logger });
      await tools.deregisterConsumer('blue');

      const consumer = await tools.registerConsumer('blue');

      expect(consumer.consumerArn).not.toBe(arn);
      expect(statusOf('blue')).toBe('CREATING');
      expect(logger.info.mock.calls).toEqual([
        [
          'Deregistered stream consumer',
          { resource: 'blue', stream: streamArn, from: 'ACTIVE', durationMs: 0 },
        ],
        ['Registered stream consumer', { resource: 'blue', stream: streamArn, durationMs: 30_000 }],
      ]);
    });

    test('does not give back a consumer that it has just deregistered', async () => {
      const tools = makeTools();
      const { consumerArn: former } = await tools.registerConsumer('blue');
      await tools.waitForConsumerState('blue', 'ACTIVE');
      await tools.deregisterConsumer('blue');
      cloud.injectFault({ kind: 'staleRead', action: 'kinesis:DescribeStreamConsumer' });

      const { consumerArn } = await tools.registerConsumer('blue');

      expect(consumerArn).not.toBe(former);
      await tools.waitForConsumerState('blue', 'ACTIVE');
    });

    test('gives up when the consumer stays DELETING', async () => {
      cloud.kinesis.addConsumer({ streamArn, name: 'blue', status: 'DELETING' });

      const registration = makeTools().registerConsumer('blue', { maxWaitSeconds: 20 });

      await expect(registration).rejects.toThrowError(WaitTimeoutError);
      await expect(registration).rejects.toMatchObject({ maxWaitSeconds: 20, actual: 'DELETING' });
    });

    test('gives up when the stream stays in use', async () => {
      failWith('ResourceInUseException', 'kinesis:RegisterStreamConsumer', Number.POSITIVE_INFINITY);

      const registration = makeTools().registerConsumer('blue');

      await expect(registration).rejects.toMatchObject({
        name: 'WaitTimeoutError',
        actual: 'no such consumer (ResourceInUseException)',
      });
    });

    test('says that the stream does not exist', async () => {
      const registration = makeTools({ stream: `${streamArn}-typo` }).registerConsumer('blue');

      await expect(registration).rejects.toThrowError(ResourceNotFoundError);
      await expect(registration).rejects.toMatchObject({ resource: `${streamArn}-typo` });
    });

    test('says that the stream can have no further consumer', async () => {
      for (let index = 0; index < 20; index += 1)
        cloud.kinesis.addConsumer({ streamArn, name: `other-${index}` });

      const registration = makeTools().registerConsumer('blue');

      await expect(registration).rejects.toThrowError(ResourceStateError);
      await expect(registration).rejects.toMatchObject({ resource: streamArn, remedy: expect.any(String) });
    });

    test('fails at once and names the IAM action when a permission is missing', async () => {
      cloud.injectFault({ kind: 'accessDenied', action: 'kinesis:RegisterStreamConsumer' });

      const registration = makeTools().registerConsumer('blue');

      await expect(registration).rejects.toThrowError(AccessDeniedError);
      await expect(registration).rejects.toMatchObject({ action: 'kinesis:RegisterStreamConsumer' });
    });

    test('does not make up what the answer leaves out', async () => {
      vi.spyOn(cloud.kinesis.operations, 'RegisterStreamConsumer').mockReturnValue({ Consumer: undefined });

      await expect(makeTools().registerConsumer('blue')).rejects.toThrowError(UnexpectedResponseError);
    });
  });

  describe('Method: deregisterConsumer', () => {
    test('takes the consumer of the stack off the stream, and no other', async () => {
      for (const name of ['blue', 'green']) cloud.kinesis.addConsumer({ streamArn, name });

      await makeTools().deregisterConsumer('blue');

      expect([statusOf('blue'), statusOf('green')]).toEqual(['DELETING', 'ACTIVE']);
    });

    test('succeeds when the consumer is being deleted or not registered', async () => {
      cloud.kinesis.addConsumer({ streamArn, name: 'blue' });
      const logger = { ...console, info: vi.fn() };
      const tools = makeTools({ logger });
      await tools.deregisterConsumer('blue');

      await tools.deregisterConsumer('blue');
      await cloud.clock.sleep(60_000);
      await tools.deregisterConsumer('blue');

      expect(statusOf('blue')).toBe('none');
      expect(logger.info).toHaveBeenCalledTimes(1);
    });

    test('takes off a consumer that it has registered, although it cannot be seen yet', async () => {
      const tools = makeTools();
      await tools.registerConsumer('blue');
      failWith('ResourceNotFoundException', 'kinesis:DescribeStreamConsumer');

      await tools.deregisterConsumer('blue');

      await tools.waitForConsumerState('blue', 'DELETED');
      expect(statusOf('blue')).toBe('none');
    });

    test('succeeds when somebody else has deregistered a consumer that it has registered', async () => {
      const tools = makeTools();
      await tools.registerConsumer('blue');
      await makeTools().deregisterConsumer('blue');
      await tools.waitForConsumerState('blue', 'DELETED');

      await tools.deregisterConsumer('blue');

      expect(statusOf('blue')).toBe('none');
    });

    test('succeeds when the consumer goes between the look and the call', async () => {
      cloud.kinesis.addConsumer({ streamArn, name: 'blue' });
      failWith('ResourceNotFoundException', 'kinesis:DeregisterStreamConsumer');

      await expect(makeTools().deregisterConsumer('blue')).resolves.toBeUndefined();
    });

    test('waits for a consumer that is being created when Kinesis refuses', async () => {
      const tools = makeTools();
      await tools.registerConsumer('blue');

      await tools.deregisterConsumer('blue');

      expect(statusOf('blue')).toBe('DELETING');
    });

    test('gives up when Kinesis keeps refusing', async () => {
      cloud.kinesis.addConsumer({ streamArn, name: 'blue', status: 'CREATING' });

      const deregistration = makeTools().deregisterConsumer('blue', { maxWaitSeconds: 20 });

      await expect(deregistration).rejects.toMatchObject({
        name: 'WaitTimeoutError',
        actual: 'CREATING (Consumer blue is not in ACTIVE status)',
      });
    });

    test('fails at once and names the IAM action when a permission is missing', async () => {
      cloud.kinesis.addConsumer({ streamArn, name: 'blue' });
      cloud.injectFault({ kind: 'accessDenied', action: 'kinesis:DeregisterStreamConsumer' });

      await expect(makeTools().deregisterConsumer('blue')).rejects.toMatchObject({
        name: 'AccessDeniedError',
        action: 'kinesis:DeregisterStreamConsumer',
      });
    });
  });

  describe('Method: describeConsumer', () => {
    test('gives the description, or nothing when the consumer is not registered', async () => {
      const { arn } = cloud.kinesis.addConsumer({ streamArn, name: 'blue' });

      const consumers = [
        await makeTools().describeConsumer('blue'),
        await makeTools().describeConsumer('green'),
      ];

      expect(consumers).toEqual([{ consumerName: 'blue', consumerArn: arn, status: 'ACTIVE' }, undefined]);
    });

    test('does not take a denied permission for a missing consumer', async () => {
      cloud.injectFault({ kind: 'accessDenied' });

      await expect(makeTools().describeConsumer('blue')).rejects.toThrowError(AccessDeniedError);
    });
  });

  describe('Method: waitForConsumerState', () => {
    test('waits until the consumer can read', async () => {
      const tools = makeTools();
      await tools.registerConsumer('blue');

      await tools.waitForConsumerState('blue', 'ACTIVE');

      expect(statusOf('blue')).toBe('ACTIVE');
    });

    test('waits until the consumer is gone', async () => {
      cloud.kinesis.addConsumer({ streamArn, name: 'blue' });
      const tools = makeTools();
      await tools.deregisterConsumer('blue');

      await tools.waitForConsumerState('blue', 'DELETED');

      expect(statusOf('blue')).toBe('none');
    });

    test('does not wait for a consumer that is being deleted to become ACTIVE', async () => {
      cloud.kinesis.addConsumer({ streamArn, name: 'blue', status: 'DELETING' });

      const wait = makeTools().waitForConsumerState('blue', 'ACTIVE');

      await expect(wait).rejects.toThrowError(ResourceStateError);
    });

    test('gives up with what it saw', async () => {
      const wait = makeTools().waitForConsumerState('blue', 'ACTIVE', { maxWaitSeconds: 10 });

      await expect(wait).rejects.toThrowError(WaitTimeoutError);
      await expect(wait).rejects.toMatchObject({
        expected: 'the consumer ACTIVE',
        actual: 'no such consumer',
      });
    });

    test('refuses a state that it does not know', async () => {
      // @ts-expect-error there is no such state
      const wait = makeTools().waitForConsumerState('blue', 'CREATING');

      await expect(wait).rejects.toThrowError(InvalidInputError);
    });

    test('ends when the signal is aborted', async () => {
      const controller = new AbortController();
      cloud.clock.schedule(10, () => controller.abort(new Error('the deadline is near')));

      const wait = makeTools().waitForConsumerState('blue', 'ACTIVE', { signal: controller.signal });

      await expect(wait).rejects.toThrowError(OperationAbortedError);
    });
  });
});
