import { LambdaClient, ListEventSourceMappingsCommand } from '@aws-sdk/client-lambda';
import {
  GetQueueAttributesCommand,
  ListQueuesCommand,
  PurgeQueueCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { beforeEach, describe, expect, test } from 'vitest';
import { type FaultKind, SimulatedCloud } from '../../../../src/testing/index.js';

let cloud: SimulatedCloud;
let impatient: SQSClient;

beforeEach(() => {
  cloud = new SimulatedCloud();
  cloud.sqs.addQueue({ name: 'orders' });
  // Without retries each fault reaches the test.
  impatient = cloud.connect(createClient({ maxAttempts: 1 }));
});

function createClient(config: { maxAttempts?: number } = {}) {
  return new SQSClient({
    region: 'eu-west-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 's' },
    ...config,
  });
}

class TracedClient {
  readonly #client: SQSClient;

  constructor(client: SQSClient) {
    this.#client = client;
  }

  get config() {
    return this.#client.config;
  }

  get middlewareStack() {
    return this.#client.middlewareStack;
  }
}

function purge(client: SQSClient = cloud.clients.sqs) {
  return client.send(new PurgeQueueCommand({ QueueUrl: cloud.sqs.queue('orders').url }));
}

async function countMessages(client: SQSClient = cloud.clients.sqs) {
  const { Attributes } = await client.send(
    new GetQueueAttributesCommand({ QueueUrl: cloud.sqs.queue('orders').url, AttributeNames: ['All'] }),
  );
  return Attributes?.['ApproximateNumberOfMessages'];
}

const hasPurged = () => cloud.sqs.queue('orders').purgeEndsAt > 0;

describe('SimulatedCloud', () => {
  describe('constructor', () => {
    test('uses the given options', () => {
      cloud = new SimulatedCloud({
        startAt: new Date('2027-01-01T00:00:00Z'),
        partition: 'aws-us-gov',
        region: 'us-gov-west-1',
        accountId: '999999999999',
      });

      expect(cloud.clock.now()).toBe(Date.parse('2027-01-01T00:00:00Z'));
      expect(cloud.sqs.addQueue({ name: 'orders' }).arn).toBe(
        'arn:aws-us-gov:sqs:us-gov-west-1:999999999999:orders',
      );
    });

    test('shares no state with another cloud', () => {
      expect(() => new SimulatedCloud().sqs.queue('orders')).toThrowError();
    });
  });

  describe('clients', () => {
    test('are created once, and are SDK clients', async () => {
      expect(cloud.clients.sqs).toBe(cloud.clients.sqs);
      expect(cloud.clients.sqs).toBeInstanceOf(SQSClient);
      expect(await cloud.clients.sqs.config.region()).toBe('eu-west-1');
    });

    test('retry as the SDK does', async () => {
      cloud.injectFault({ kind: 'throttle', times: 2 });

      const { $metadata } = await purge();

      expect($metadata.attempts).toBe(3);
    });

    test('fail after as many attempts as the SDK makes', async () => {
      cloud.injectFault({ kind: 'throttle', times: 3 });

      await expect(purge()).rejects.toMatchObject({
        name: 'ThrottlingException',
        $metadata: { attempts: 3 },
      });
    });
  });

  describe('connect', () => {
    test('connects another client, which keeps its settings', async () => {
      const own = createClient();

      expect(cloud.connect(own)).toBe(own);

      await purge(own);
      expect(hasPurged()).toBe(true);
    });

    test.each<[string, (client: SQSClient) => SQSClient]>([
      ['with getters', (client) => new TracedClient(client) as never],
      ['with the client as its prototype', (client) => Object.create(client)],
      ['that is a proxy', (client) => new Proxy(client, {})],
    ])('connects a wrapper of a client %s', async (_, wrap) => {
      const own = createClient();

      cloud.connect(wrap(own));

      await purge(own);
      expect(hasPurged()).toBe(true);
    });

    test("keeps the client's other middleware", async () => {
      const own = cloud.connect(createClient());
      const seen: unknown[] = [];
      own.middlewareStack.add(
        (next) => (args) => {
          seen.push(args.input);
          return next(args);
        },
        { step: 'initialize' },
      );

      await purge(own);

      expect(seen).toEqual([{ QueueUrl: cloud.sqs.queue('orders').url }]);
    });

    test('moves a client from one cloud to another', async () => {
      const other = new SimulatedCloud();
      other.sqs.addQueue({ name: 'orders' });

      await purge(other.connect(impatient));

      expect(hasPurged()).toBe(false);
      expect(other.calls).toHaveLength(1);
    });

    test('throws TypeError for a service that is not simulated', () => {
      const client = { config: { serviceId: 'S3' }, middlewareStack: { add: () => {} } };

      expect(() => cloud.connect(client)).toThrowError(/does not simulate the service S3/);
    });

    test('throws TypeError for an operation that is not simulated', async () => {
      await expect(impatient.send(new ListQueuesCommand({}))).rejects.toThrowError(
        /does not simulate sqs:ListQueues/,
      );
    });

    test("identifies services by the SDK's service IDs", async () => {
      const lambda = cloud.connect(
        new LambdaClient({ region: 'eu-west-1', credentials: { accessKeyId: 'a', secretAccessKey: 's' } }),
      );

      await expect(lambda.send(new ListEventSourceMappingsCommand({}))).resolves.toMatchObject({
        EventSourceMappings: [],
      });
    });
  });

  describe('injectFault', () => {
    test.each<[FaultKind, string, boolean]>([
      ['throttle', 'ThrottlingException', false],
      ['serverError', 'InternalFailure', false],
      ['timeout', 'TimeoutError', false],
      ['lostResponse', 'TimeoutError', true],
      ['accessDenied', 'AccessDeniedException', false],
      ['crashBefore', 'SimulatedCrash', false],
      ['crashAfter', 'SimulatedCrash', true],
    ])('%s: throws %s to the client; makes the change: %s', async (kind, name, isMade) => {
      cloud.injectFault({ kind, action: 'sqs:PurgeQueue' });

      await expect(purge(impatient)).rejects.toMatchObject({ name });

      expect(hasPurged()).toBe(isMade);
    });

    test.each<FaultKind>(['throttle', 'serverError', 'timeout'])(
      '%s: is retried by the SDK',
      async (kind) => {
        cloud.injectFault({ kind });

        await purge();

        expect(cloud.calls).toHaveLength(2);
      },
    );

    test('lostResponse: is retried by the SDK, which then reads the effect', async () => {
      cloud.injectFault({ kind: 'lostResponse' });

      await expect(purge()).rejects.toMatchObject({ name: 'PurgeQueueInProgress' });
    });

    test.each<[FaultKind, string]>([
      ['lostResponse', 'TimeoutError'],
      ['crashAfter', 'SimulatedCrash'],
    ])('%s: applies to a refusal, too', async (kind, name) => {
      await purge();
      cloud.injectFault({ kind });

      await expect(purge(impatient)).rejects.toMatchObject({ name });
    });

    test.each<FaultKind>(['accessDenied', 'crashBefore', 'crashAfter'])(
      '%s: is not retried by the SDK',
      async (kind) => {
        cloud.injectFault({ kind });

        await expect(purge()).rejects.toThrowError();

        expect(cloud.calls).toHaveLength(1);
      },
    );

    test("throws an error of the test's own as it is, before any change", async () => {
      const error = Object.assign(new Error('KMS is out'), { name: 'KmsDisabled' });
      cloud.injectFault({ kind: error });

      await expect(purge(impatient)).rejects.toBe(error);

      expect(hasPurged()).toBe(false);
    });

    test('staleRead: returns the last response to the same request again', async () => {
      const before = await countMessages();
      cloud.sqs.send('orders', 'an order');
      cloud.injectFault({ kind: 'staleRead', action: 'sqs:GetQueueAttributes' });

      expect([before, await countMessages(), await countMessages()]).toEqual(['0', '0', '1']);
    });

    test('lists the faults that calls have met, and none for a stale read that had no effect', async () => {
      cloud.injectFault({ kind: 'staleRead', action: 'sqs:GetQueueAttributes', times: 2 });
      cloud.injectFault({ kind: 'throttle', action: 'sqs:PurgeQueue' });
      await countMessages();
      await countMessages();
      await purge();

      expect(cloud.metFaults).toEqual([
        { kind: 'staleRead', action: 'sqs:GetQueueAttributes', at: cloud.clock.now() },
        { kind: 'throttle', action: 'sqs:PurgeQueue', at: cloud.clock.now() },
      ]);
    });

    test('staleRead: makes a change instead of returning its last response', async () => {
      await purge();
      await cloud.clock.sleep(60_000);
      cloud.sqs.send('orders', 'an order');
      cloud.injectFault({ kind: 'staleRead' });

      await purge();
      await cloud.clock.sleep(60_000);

      expect(await countMessages()).toBe('0');
    });

    test('staleRead: returns the present state for a new request', async () => {
      cloud.sqs.send('orders', 'an order');
      cloud.injectFault({ kind: 'staleRead' });

      expect(await countMessages()).toBe('1');
    });
  });

  describe('injectFault without a matching operation', () => {
    test.each(['sqs:Purge', 'SQS:PurgeQueue', 'lambda:InvokeFunction'])(
      'throws InvalidInputError for %s',
      (action) => {
        expect(() => cloud.injectFault({ kind: 'throttle', action })).toThrowError(
          `SimulatedCloud does not simulate ${action}`,
        );
      },
    );
  });

  describe('injectFault with a count that no call has', () => {
    test.each([
      { atCall: 0 },
      { atCall: -1 },
      { atCall: Number.POSITIVE_INFINITY },
      { times: -1 },
      { times: 0.5 },
    ])('throws InvalidInputError for %j', (counts) => {
      expect(() => cloud.injectFault({ kind: 'throttle', ...counts })).toThrowError(
        /expected a whole number/,
      );
    });

    test.each([-1, Number.NaN, Number.POSITIVE_INFINITY])(
      'throws InvalidInputError for a stall of %d seconds',
      (stallSeconds) => {
        expect(() => cloud.injectFault({ kind: { stallSeconds } })).toThrowError(/stallSeconds/);
      },
    );
  });

  describe('clearFaults', () => {
    test('removes every fault', async () => {
      cloud.injectFault({ kind: 'accessDenied', times: Number.POSITIVE_INFINITY });

      cloud.clearFaults();

      await expect(purge()).resolves.toBeDefined();
    });
  });

  describe('restart', () => {
    test('lets a crashed process call again, and keeps the state of the cloud', async () => {
      cloud.sqs.send('orders', 'an order');
      cloud.injectFault({ kind: 'crashAfter', action: 'sqs:PurgeQueue' });
      await expect(purge()).rejects.toMatchObject({ name: 'SimulatedCrash' });
      await expect(countMessages()).rejects.toMatchObject({ name: 'SimulatedCrash' });
      await cloud.clock.sleep(60_000);

      cloud.restart();

      expect(await countMessages()).toBe('0');
    });
  });

  describe('calls', () => {
    test('lists every attempt with its time and its outcome', async () => {
      const QueueUrl = cloud.sqs.queue('orders').url;
      const start = cloud.clock.now();
      cloud.injectFault({ kind: 'throttle' });
      await purge();
      await cloud.clock.sleep(1_000);
      await expect(purge()).rejects.toThrowError();

      expect(cloud.calls).toEqual([
        { action: 'sqs:PurgeQueue', input: { QueueUrl }, at: start, outcome: 'ThrottlingException' },
        { action: 'sqs:PurgeQueue', input: { QueueUrl }, at: start, outcome: 'ok' },
        { action: 'sqs:PurgeQueue', input: { QueueUrl }, at: start + 1_000, outcome: 'PurgeQueueInProgress' },
      ]);
    });

    test('keeps a copy of the input', async () => {
      const input = { QueueUrl: cloud.sqs.queue('orders').url };
      await cloud.clients.sqs.send(new PurgeQueueCommand(input));

      input.QueueUrl = 'changed';

      expect(cloud.calls).toMatchObject([{ input: { QueueUrl: cloud.sqs.queue('orders').url } }]);
    });

    test('contains a call that is under way', async () => {
      cloud = new SimulatedCloud({ latencyMilliseconds: 100 });
      cloud.sqs.addQueue({ name: 'orders' });
      const outcomes: (string | undefined)[] = [];
      cloud.clock.schedule(0.05, () => void outcomes.push(cloud.calls[0]?.outcome));

      await purge();

      expect([...outcomes, cloud.calls[0]?.outcome]).toEqual(['pending', 'ok']);
    });
  });

  describe('the signal of a call', () => {
    const slow = () => {
      const slowCloud = new SimulatedCloud({ latencyMilliseconds: 30_000 });
      slowCloud.sqs.addQueue({ name: 'orders' });
      return slowCloud;
    };

    const purgeUntil = (signal: AbortSignal) =>
      cloud.clients.sqs.send(new PurgeQueueCommand({ QueueUrl: cloud.sqs.queue('orders').url }), {
        abortSignal: signal,
      });

    test('ends the call at once, although AWS makes the change', async () => {
      cloud = slow();
      const start = cloud.clock.now();
      const controller = new AbortController();
      cloud.clock.schedule(10, () => controller.abort());

      await expect(purgeUntil(controller.signal)).rejects.toMatchObject({ name: 'AbortError' });

      expect(cloud.clock.now() - start).toBe(10_000);
      await cloud.clock.sleep(60_000);
      expect(hasPurged()).toBe(true);
      expect(cloud.calls).toHaveLength(1);
    });

    test('prevents the call when it is aborted already', async () => {
      await expect(purgeUntil(AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' });

      expect(cloud.calls).toEqual([]);
    });

    test('has no effect on a finished call', async () => {
      const controller = new AbortController();
      await purgeUntil(controller.signal);

      controller.abort();

      expect(cloud.calls).toMatchObject([{ outcome: 'ok' }]);
    });

    test('throws TypeError when the request handler of the client was replaced', async () => {
      const own = cloud.connect(createClient({ maxAttempts: 1 }));
      const response = { statusCode: 200, headers: {}, body: new Uint8Array() };
      own.config.requestHandler = { ...own.config.requestHandler, handle: async () => ({ response }) };

      await expect(purge(own)).rejects.toThrowError(/the requestHandler of its client was replaced/);
      expect(cloud.calls).toEqual([]);
    });
  });

  describe('time', () => {
    test('does not pass for calls unless they have a latency', async () => {
      const start = cloud.clock.now();

      await purge();

      expect(cloud.clock.now()).toBe(start);
    });

    test('passes for calls by their latency, once for concurrent calls', async () => {
      cloud = new SimulatedCloud({ latencyMilliseconds: 150 });
      cloud.sqs.addQueue({ name: 'orders' });
      const start = cloud.clock.now();

      await countMessages();
      await Promise.all([countMessages(), countMessages()]);

      expect(cloud.clock.now() - start).toBe(300);
    });

    test('stands still while the SDK works, even during a sleep', async () => {
      const start = cloud.clock.now();

      await Promise.all([purge(), cloud.clock.sleep(60_000)]);

      expect(cloud.calls[0]?.at).toBe(start);
    });
  });

  describe('responses', () => {
    test('are copies that do not change afterwards', async () => {
      cloud.applicationAutoScaling.addTarget({
        namespace: 'ecs',
        resourceId: 'service/shop/web',
        dimension: 'ecs:service:DesiredCount',
        minCapacity: 1,
        maxCapacity: 2,
      });
      const { DescribeScalableTargetsCommand } = await import('@aws-sdk/client-application-auto-scaling');
      const ask = () =>
        cloud.clients.applicationAutoScaling.send(
          new DescribeScalableTargetsCommand({ ServiceNamespace: 'ecs' }),
        );

      const { ScalableTargets: first } = await ask();
      Object.assign(first?.[0]?.SuspendedState ?? {}, { ScheduledScalingSuspended: true });

      expect((await ask()).ScalableTargets).toMatchObject([
        { SuspendedState: { ScheduledScalingSuspended: false } },
      ]);
    });
  });
});
