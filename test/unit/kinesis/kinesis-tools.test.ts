import type { ConsumerStatus } from '@aws-sdk/client-kinesis';
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

function createTools({
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

function failWith(name: string, action: string, times = 1, message = name): void {
  const kind = Object.assign(new Error(message), { name, $metadata: { httpStatusCode: 400 } });
  cloud.injectFault({ kind, action, times });
}

const deregistrations = () =>
  cloud.calls.filter(({ action }) => action === 'kinesis:DeregisterStreamConsumer').length;

describe('KinesisTools', () => {
  describe('constructor', () => {
    test('throws InvalidInputError that names every wrong option', () => {
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

    test.each(['orders', 'arn:', 'arn:aws:kinesis:eu-west-1:123456789012:stream/'])(
      'throws InvalidInputError for the stream ARN %j',
      (stream) => {
        expect(() => createTools({ stream })).toThrowError(InvalidInputError);
      },
    );

    test('throws InvalidInputError when both stacks share a consumer', () => {
      expect(() => createTools({ blue: 'green' })).toThrowError(InvalidInputError);
    });
  });

  describe('registerConsumer', () => {
    test('registers the consumer of the stack and returns its description', async () => {
      const consumer = await createTools().registerConsumer('blue');

      expect(consumer).toEqual({
        consumerName: 'blue',
        consumerArn: cloud.kinesis.findConsumer(streamArn, 'blue')?.arn,
        status: 'CREATING',
      });
      expect(statusOf('green')).toBe('none');
    });

    test('returns an existing consumer as it is', async () => {
      const { arn } = cloud.kinesis.addConsumer({ streamArn, name: 'blue' });
      const logger = { ...console, info: vi.fn() };

      const consumer = await createTools({ logger }).registerConsumer('blue');

      expect(consumer).toEqual({ consumerName: 'blue', consumerArn: arn, status: 'ACTIVE' });
      expect(logger.info).not.toHaveBeenCalled();
    });

    test('returns the consumer that another process has registered meanwhile', async () => {
      cloud.clock.schedule(0, () => void cloud.kinesis.addConsumer({ streamArn, name: 'blue' }));
      failWith('ResourceInUseException', 'kinesis:RegisterStreamConsumer');

      const consumer = await createTools().registerConsumer('blue');

      expect(consumer.status).toBe('ACTIVE');
    });

    test('waits until a consumer that is being deleted is gone, and registers it again', async () => {
      const { arn } = cloud.kinesis.addConsumer({ streamArn, name: 'blue' });
      const logger = { ...console, info: vi.fn() };
      const tools = createTools({ logger });
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

    test('registers a consumer again that a stale read still shows', async () => {
      const tools = createTools();
      const { consumerArn: former } = await tools.registerConsumer('blue');
      await tools.waitForConsumerState('blue', 'ACTIVE');
      await tools.deregisterConsumer('blue');
      cloud.injectFault({ kind: 'staleRead', action: 'kinesis:DescribeStreamConsumer' });

      const { consumerArn } = await tools.registerConsumer('blue');

      expect(consumerArn).not.toBe(former);
      await tools.waitForConsumerState('blue', 'ACTIVE');
    });

    test('throws WaitTimeoutError when the consumer stays DELETING', async () => {
      cloud.kinesis.addConsumer({ streamArn, name: 'blue', status: 'DELETING' });

      const registration = createTools().registerConsumer('blue', { maxWaitSeconds: 20 });

      await expect(registration).rejects.toThrowError(WaitTimeoutError);
      await expect(registration).rejects.toMatchObject({ maxWaitSeconds: 20, actual: 'DELETING' });
    });

    test('waits while as many consumers are being created as Kinesis allows', async () => {
      for (let index = 0; index < 5; index += 1) {
        const consumer = cloud.kinesis.addConsumer({ streamArn, name: `${index}`, status: 'CREATING' });
        cloud.clock.schedule(60, () => {
          consumer.status = 'ACTIVE';
        });
      }

      await createTools().registerConsumer('blue');

      expect(statusOf('blue')).toBe('CREATING');
    });

    test.each([
      ['ResourceInUseException', 'the stream is UPDATING'],
      ['LimitExceededException', 'Rate exceeded'],
      ['LimitExceededException', 'too many concurrent requests'],
    ])('retries while Kinesis refuses with %s: %s', async (name, message) => {
      failWith(name, 'kinesis:RegisterStreamConsumer', 6, message);

      await createTools().registerConsumer('blue');

      expect(statusOf('blue')).toBe('CREATING');
    });

    test('waits for a consumer in an unknown state', async () => {
      const consumer = cloud.kinesis.addConsumer({ streamArn, name: 'blue' });
      consumer.status = 'A_STATE_OF_TOMORROW' as ConsumerStatus;
      const registration = createTools().registerConsumer('blue', { maxWaitSeconds: 20 });

      await expect(registration).rejects.toMatchObject({
        name: 'WaitTimeoutError',
        actual: 'A_STATE_OF_TOMORROW',
      });
    });

    test('throws WaitTimeoutError when the stream stays in use', async () => {
      failWith('ResourceInUseException', 'kinesis:RegisterStreamConsumer', Number.POSITIVE_INFINITY);

      const registration = createTools().registerConsumer('blue');

      await expect(registration).rejects.toMatchObject({
        name: 'WaitTimeoutError',
        actual: 'no such consumer (ResourceInUseException)',
        cause: expect.objectContaining({ name: 'ResourceInUseException' }),
      });
    });

    test('throws ResourceNotFoundError when the stream does not exist', async () => {
      const registration = createTools({ stream: `${streamArn}-typo` }).registerConsumer('blue');

      await expect(registration).rejects.toThrowError(ResourceNotFoundError);
      await expect(registration).rejects.toMatchObject({ resource: `${streamArn}-typo` });
    });

    test('throws ResourceStateError at once when the stream has all its consumers', async () => {
      for (let index = 0; index < 20; index += 1)
        cloud.kinesis.addConsumer({ streamArn, name: `other-${index}` });

      const registration = createTools().registerConsumer('blue');

      await expect(registration).rejects.toThrowError(ResourceStateError);
      await expect(registration).rejects.toMatchObject({
        resource: streamArn,
        actual: expect.stringContaining('20 consumers'),
        remedy: expect.any(String),
      });
      expect(cloud.clock.now()).toBe(Date.parse('2026-01-01T00:00:00Z'));
    });

    test('throws AccessDeniedError with the IAM action when a permission is missing', async () => {
      cloud.injectFault({ kind: 'accessDenied', action: 'kinesis:RegisterStreamConsumer' });

      const registration = createTools().registerConsumer('blue');

      await expect(registration).rejects.toThrowError(AccessDeniedError);
      await expect(registration).rejects.toMatchObject({ action: 'kinesis:RegisterStreamConsumer' });
    });

    test('throws UnexpectedResponseError when the response has no consumer', async () => {
      vi.spyOn(cloud.kinesis.operations, 'RegisterStreamConsumer').mockReturnValue({ Consumer: undefined });

      await expect(createTools().registerConsumer('blue')).rejects.toThrowError(UnexpectedResponseError);
    });
  });

  describe('deregisterConsumer', () => {
    test('deregisters the consumer of the stack and no other', async () => {
      for (const name of ['blue', 'green']) cloud.kinesis.addConsumer({ streamArn, name });

      await createTools().deregisterConsumer('blue');

      expect([statusOf('blue'), statusOf('green')]).toEqual(['DELETING', 'ACTIVE']);
    });

    test('succeeds when the consumer is being deleted or not registered', async () => {
      cloud.kinesis.addConsumer({ streamArn, name: 'blue' });
      const logger = { ...console, info: vi.fn() };
      const tools = createTools({ logger });
      await tools.deregisterConsumer('blue');

      await tools.deregisterConsumer('blue');
      await cloud.clock.sleep(60_000);
      await tools.deregisterConsumer('blue');

      expect(statusOf('blue')).toBe('none');
      expect(logger.info).toHaveBeenCalledTimes(1);
    });

    test('deregisters a consumer that no read shows yet', async () => {
      const tools = createTools();
      await tools.registerConsumer('blue');
      failWith('ResourceNotFoundException', 'kinesis:DescribeStreamConsumer');

      await tools.deregisterConsumer('blue');

      await tools.waitForConsumerState('blue', 'DELETED');
      expect(statusOf('blue')).toBe('none');
    });

    test('succeeds when another process has deregistered the consumer', async () => {
      const tools = createTools();
      await tools.registerConsumer('blue');
      await createTools().deregisterConsumer('blue');
      await tools.waitForConsumerState('blue', 'DELETED');

      await tools.deregisterConsumer('blue');

      expect(statusOf('blue')).toBe('none');
    });

    test('succeeds when the consumer is gone between the read and the call', async () => {
      cloud.kinesis.addConsumer({ streamArn, name: 'blue' });
      failWith('ResourceNotFoundException', 'kinesis:DeregisterStreamConsumer');

      await expect(createTools().deregisterConsumer('blue')).resolves.toBeUndefined();
    });

    test('waits for a consumer that is being created when Kinesis refuses', async () => {
      const tools = createTools();
      await tools.registerConsumer('blue');

      await tools.deregisterConsumer('blue');

      expect(statusOf('blue')).toBe('DELETING');
      // One for each state: CREATING, then ACTIVE.
      expect(deregistrations()).toBe(2);
    });

    test('retries while Kinesis refuses because of a limit that frees itself', async () => {
      cloud.kinesis.addConsumer({ streamArn, name: 'blue' });
      failWith(
        'LimitExceededException',
        'kinesis:DeregisterStreamConsumer',
        6,
        'too many concurrent requests',
      );

      await createTools().deregisterConsumer('blue');

      expect(statusOf('blue')).toBe('DELETING');
    });

    test('deregisters the newer of two consumers when a stale read shows the older one', async () => {
      const tools = createTools();
      await tools.registerConsumer('blue');
      await tools.waitForConsumerState('blue', 'ACTIVE');
      await tools.deregisterConsumer('blue');
      await tools.waitForConsumerState('blue', 'DELETED');
      await tools.registerConsumer('blue');
      await cloud.clock.sleep(60_000);
      cloud.injectFault({ kind: 'staleRead', action: 'kinesis:DescribeStreamConsumer' });

      await tools.deregisterConsumer('blue');

      expect(statusOf('blue')).toBe('DELETING');
    });

    test('throws WaitTimeoutError when Kinesis keeps refusing', async () => {
      cloud.kinesis.addConsumer({ streamArn, name: 'blue', status: 'CREATING' });

      const deregistration = createTools().deregisterConsumer('blue', { maxWaitSeconds: 20 });

      await expect(deregistration).rejects.toMatchObject({
        name: 'WaitTimeoutError',
        actual: 'CREATING (Consumer blue is not in ACTIVE status)',
        cause: expect.objectContaining({ name: 'ResourceInUseException' }),
      });
      expect(deregistrations()).toBe(1);
    });

    test('throws AccessDeniedError with the IAM action when a permission is missing', async () => {
      cloud.kinesis.addConsumer({ streamArn, name: 'blue' });
      cloud.injectFault({ kind: 'accessDenied', action: 'kinesis:DeregisterStreamConsumer' });

      await expect(createTools().deregisterConsumer('blue')).rejects.toMatchObject({
        name: 'AccessDeniedError',
        action: 'kinesis:DeregisterStreamConsumer',
      });
    });
  });

  describe('describeConsumer', () => {
    test('returns the description, or undefined when the consumer is not registered', async () => {
      const { arn } = cloud.kinesis.addConsumer({ streamArn, name: 'blue' });

      const consumers = [
        await createTools().describeConsumer('blue'),
        await createTools().describeConsumer('green'),
      ];

      expect(consumers).toEqual([{ consumerName: 'blue', consumerArn: arn, status: 'ACTIVE' }, undefined]);
    });

    test('throws AccessDeniedError instead of reporting a missing consumer', async () => {
      cloud.injectFault({ kind: 'accessDenied' });

      await expect(createTools().describeConsumer('blue')).rejects.toThrowError(AccessDeniedError);
    });
  });

  describe('waitForConsumerState', () => {
    test('waits until the consumer can read', async () => {
      const tools = createTools();
      await tools.registerConsumer('blue');

      await tools.waitForConsumerState('blue', 'ACTIVE');

      expect(statusOf('blue')).toBe('ACTIVE');
    });

    test('waits until the consumer is gone', async () => {
      cloud.kinesis.addConsumer({ streamArn, name: 'blue' });
      const tools = createTools();
      await tools.deregisterConsumer('blue');

      await tools.waitForConsumerState('blue', 'DELETED');

      expect(statusOf('blue')).toBe('none');
    });

    test('throws ResourceStateError when ACTIVE is wanted and the consumer is being deleted', async () => {
      cloud.kinesis.addConsumer({ streamArn, name: 'blue', status: 'DELETING' });

      const wait = createTools().waitForConsumerState('blue', 'ACTIVE');

      await expect(wait).rejects.toThrowError(ResourceStateError);
    });

    test('throws WaitTimeoutError with the last state', async () => {
      const wait = createTools().waitForConsumerState('blue', 'ACTIVE', { maxWaitSeconds: 10 });

      await expect(wait).rejects.toThrowError(WaitTimeoutError);
      await expect(wait).rejects.toMatchObject({
        expected: 'the consumer ACTIVE',
        actual: 'no such consumer',
      });
    });

    test('throws InvalidInputError for an unknown end state', async () => {
      // @ts-expect-error there is no such state
      const wait = createTools().waitForConsumerState('blue', 'CREATING');

      await expect(wait).rejects.toThrowError(InvalidInputError);
    });

    test('throws OperationAbortedError when the signal is aborted', async () => {
      const controller = new AbortController();
      cloud.clock.schedule(10, () => controller.abort(new Error('the deadline is near')));

      const wait = createTools().waitForConsumerState('blue', 'ACTIVE', { signal: controller.signal });

      await expect(wait).rejects.toThrowError(OperationAbortedError);
    });
  });
});
