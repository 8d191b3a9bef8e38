import {
  CreateEventSourceMappingCommand,
  type CreateEventSourceMappingCommandInput,
  ListAliasesCommand,
  ListVersionsByFunctionCommand,
  UpdateEventSourceMappingCommand,
} from '@aws-sdk/client-lambda';
import { beforeEach, describe, expect, test } from 'vitest';
import { SimulatedCloud } from '../../../../../src/testing/index.js';

let cloud: SimulatedCloud;

beforeEach(() => {
  cloud = new SimulatedCloud();
  cloud.lambda.addFunction({ name: 'reader', versions: ['1'] });
  cloud.sqs.addQueue({ name: 'orders' });
  cloud.sqs.addQueue({ name: 'orders.fifo' });
  cloud.kinesis.addStream({ name: 'clicks' });
  cloud.dynamoDb.addTable({ name: 'carts' });
});

const arn = (service: string, resource: string) => `arn:aws:${service}:eu-west-1:123456789012:${resource}`;
const sources = {
  sqs: arn('sqs', 'orders'),
  fifo: arn('sqs', 'orders.fifo'),
  kinesis: arn('kinesis', 'stream/clicks'),
  dynamodb: arn('dynamodb', 'table/carts/stream/2026-01-01T00:00:00.000'),
  kafka: arn('kafka', 'cluster/c/1'),
  mq: arn('mq', 'broker:b:1'),
  rds: arn('rds', 'cluster:docs'),
};

/** The settings that each source needs. */
const needed: Readonly<Record<string, Partial<CreateEventSourceMappingCommandInput>>> = {
  kinesis: { StartingPosition: 'LATEST' },
  dynamodb: { StartingPosition: 'TRIM_HORIZON' },
  kafka: { StartingPosition: 'LATEST', Topics: ['orders'] },
  mq: { Queues: ['orders'] },
  rds: { StartingPosition: 'LATEST', DocumentDBEventSourceConfig: { DatabaseName: 'shop' } },
};

type Source = keyof typeof sources;

function create(source: Source | string, more: Partial<CreateEventSourceMappingCommandInput> = {}) {
  const input = {
    FunctionName: 'reader',
    EventSourceArn: Object.hasOwn(sources, source) ? sources[source as Source] : source,
    ...needed[source],
    ...more,
  };
  return cloud.clients.lambda.send(new CreateEventSourceMappingCommand(input));
}

const refusal = (message: RegExp) => ({
  name: 'InvalidParameterValueException',
  message: expect.stringMatching(message),
  $metadata: { httpStatusCode: 400 },
});

describe('SimulatedLambda', () => {
  describe('CreateEventSourceMapping', () => {
    test.each([
      ['sqs', 10],
      ['fifo', 10],
      ['kinesis', 100],
      ['dynamodb', 100],
      ['kafka', 100],
      ['mq', 100],
      ['rds', 100],
    ] as const)(
      'creates a mapping of each kind of source with its own batch size (%s)',
      async (source, BatchSize) => {
        expect(await create(source)).toMatchObject({ State: 'Creating', BatchSize });
      },
    );

    test('accepts the default timeouts of functions and queues together', async () => {
      const [queue, reader] = [cloud.sqs.queue('orders'), cloud.lambda.function('reader')];

      expect([queue.visibilityTimeoutSeconds, reader.timeoutSeconds]).toEqual([30, 3]);
      await expect(create('sqs')).resolves.toBeDefined();
    });

    test('refuses a queue whose visibility timeout is less than the function’s timeout', async () => {
      cloud.lambda.addFunction({ name: 'slow', timeoutSeconds: 50 });
      const { arn: short } = cloud.sqs.addQueue({ name: 'short', visibilityTimeoutSeconds: 49 });
      const { arn: long } = cloud.sqs.addQueue({ name: 'long', visibilityTimeoutSeconds: 50 });

      await expect(create(short, { FunctionName: 'slow' })).rejects.toMatchObject(refusal(/49 s .* 50 s/));
      await expect(create(long, { FunctionName: 'slow' })).resolves.toBeDefined();
    });

    test.each<[Source, Partial<CreateEventSourceMappingCommandInput>, RegExp]>([
      ['sqs', { BatchSize: 11 }, /batching window/],
      ['sqs', { BatchSize: 50, MaximumBatchingWindowInSeconds: 0 }, /batching window/],
      ['fifo', { BatchSize: 11, MaximumBatchingWindowInSeconds: 1 }, /FIFO/],
      ['fifo', { MaximumBatchingWindowInSeconds: 1 }, /not valid for SQS FIFO/],
      ['kinesis', { StartingPosition: undefined }, /startingPosition/],
      ['dynamodb', { StartingPosition: undefined }, /startingPosition/],
      ['kafka', { StartingPosition: undefined }, /startingPosition/],
      ['rds', { StartingPosition: undefined }, /startingPosition/],
      ['dynamodb', { StartingPosition: 'AT_TIMESTAMP' }, /Unsupported starting position/],
      ['kinesis', { StartingPosition: 'AT_TIMESTAMP' }, /StartingPositionTimestamp/],
      ['kinesis', { StartingPositionTimestamp: new Date(0) }, /only valid with/],
      ['sqs', { StartingPosition: 'LATEST' }, /StartingPosition is not valid for SQS/],
      ['mq', { StartingPosition: 'LATEST' }, /StartingPosition is not valid for MQ/],
      ['kafka', { Topics: [] }, /Topics/],
      ['kafka', { Topics: ['a', 'b'] }, /Topics/],
      ['mq', { Queues: undefined }, /Queues/],
      ['sqs', { Topics: ['a'] }, /Topics is not valid for SQS/],
      ['sqs', { ParallelizationFactor: 2 }, /ParallelizationFactor is not valid for SQS/],
      ['kinesis', { ScalingConfig: { MaximumConcurrency: 2 } }, /ScalingConfig is not valid for Kinesis/],
    ])('refuses what Lambda refuses of %s: %o', async (source, more, message) => {
      await expect(create(source, more)).rejects.toMatchObject(refusal(message));
      expect(cloud.lambda.mappingsOf('reader')).toEqual([]);
    });

    test.each<[Source, Partial<CreateEventSourceMappingCommandInput>]>([
      ['sqs', { BatchSize: 0 }],
      ['sqs', { BatchSize: 10_001, MaximumBatchingWindowInSeconds: 1 }],
      ['kinesis', { MaximumBatchingWindowInSeconds: 301 }],
      ['kinesis', { StartingPosition: 'NOW' as never }],
      ['kinesis', { ParallelizationFactor: 11 }],
      ['kinesis', { ParallelizationFactor: 0 }],
      ['kinesis', { MaximumRetryAttempts: -2 }],
      ['dynamodb', { MaximumRecordAgeInSeconds: 604_801 }],
      ['kinesis', { TumblingWindowInSeconds: 901 }],
    ])('refuses values out of bounds of %s: %o', async (source, more) => {
      await expect(create(source, more)).rejects.toMatchObject({ name: 'ValidationException' });
    });

    test.each<[Source, Partial<CreateEventSourceMappingCommandInput>]>([
      ['sqs', { BatchSize: 10_000, MaximumBatchingWindowInSeconds: 1 }],
      ['sqs', { BatchSize: 10 }],
      ['kinesis', { StartingPosition: 'AT_TIMESTAMP', StartingPositionTimestamp: new Date(0) }],
      ['kinesis', { BatchSize: 10_000, ParallelizationFactor: 2, MaximumRetryAttempts: 1 }],
    ])('accepts what Lambda accepts of %s: %o', async (source, more) => {
      await expect(create(source, more)).resolves.toMatchObject({ State: 'Creating' });
    });

    test.each([
      ['a queue', arn('sqs', 'gone')],
      ['a stream', arn('kinesis', 'stream/gone')],
      ['the stream of a table', arn('dynamodb', 'table/gone/stream/2026-01-01T00:00:00.000')],
    ])('refuses %s that does not exist', async (_, source) => {
      const more = source.includes(':sqs:') ? {} : { StartingPosition: 'LATEST' as const };

      await expect(create(source, more)).rejects.toMatchObject(refusal(/not exist|not found/));
    });

    test('accepts a consumer of a stream', async () => {
      const { arn: consumer } = cloud.kinesis.addConsumer({ streamArn: sources.kinesis, name: 'reader' });

      await expect(create(consumer, { StartingPosition: 'LATEST' })).resolves.toBeDefined();
    });

    test.each(['gone', 'reader:gone', 'reader:9'])(
      'refuses the function %s, which does not exist',
      async (name) => {
        await expect(create('sqs', { FunctionName: name })).rejects.toMatchObject(
          refusal(/Function does not exist/),
        );
      },
    );

    test('refuses a source of an unknown service, and none at all', async () => {
      await expect(create(arn('s3', 'bucket'))).rejects.toMatchObject(refusal(/Unrecognized event source/));
      await expect(create('sqs', { EventSourceArn: undefined })).rejects.toMatchObject(refusal(/either/));
    });

    test('refuses both kinds of source, and accepts a self-managed one without an ARN', async () => {
      const SelfManagedEventSource = { Endpoints: { KAFKA_BOOTSTRAP_SERVERS: ['kafka.example.com:9092'] } };
      const position = { StartingPosition: 'LATEST' as const, Topics: ['orders'] };

      await expect(create('kafka', { SelfManagedEventSource })).rejects.toMatchObject(refusal(/either/));
      const created = await create('kafka', {
        SelfManagedEventSource,
        EventSourceArn: undefined,
        ...position,
      });

      expect(created).toMatchObject({ SelfManagedEventSource, Topics: ['orders'], BatchSize: 100 });
      expect(created).not.toMatchObject({ EventSourceArn: expect.anything() });
    });

    test.each<
      [Source, Partial<CreateEventSourceMappingCommandInput>, Partial<CreateEventSourceMappingCommandInput>]
    >([
      ['kafka', { Topics: ['orders'] }, { Topics: ['returns'] }],
      ['mq', { Queues: ['orders'] }, { Queues: ['returns'] }],
      [
        'rds',
        { DocumentDBEventSourceConfig: { DatabaseName: 'shop', CollectionName: 'orders' } },
        { DocumentDBEventSourceConfig: { DatabaseName: 'shop', CollectionName: 'returns' } },
      ],
    ])('accepts one mapping of %s per topic, queue or collection', async (source, first, second) => {
      await create(source, first);
      await create(source, second);

      await expect(create(source, first)).rejects.toMatchObject({
        name: 'ResourceConflictException',
        $metadata: { httpStatusCode: 409 },
      });
      expect(cloud.lambda.mappingsOf('reader')).toHaveLength(2);
    });
  });

  describe('UpdateEventSourceMapping', () => {
    test('refuses settings that Lambda refuses, and leaves the mapping as it is', async () => {
      const { uuid } = cloud.lambda.addMapping({ functionName: 'reader', eventSourceArn: sources.sqs });
      const update = new UpdateEventSourceMappingCommand({ UUID: uuid, BatchSize: 50 });

      await expect(cloud.clients.lambda.send(update)).rejects.toMatchObject(refusal(/batching window/));
      expect(cloud.lambda.mapping(uuid)).toMatchObject({ state: 'Enabled', parameters: {} });
    });
  });

  describe('a mapping that cannot read its source', () => {
    test('falls back to Disabled, and shows the reason', async () => {
      const mapping = cloud.lambda.addMapping({
        functionName: 'reader',
        eventSourceArn: sources.kafka,
        state: 'Disabled',
        parameters: { Topics: ['orders'] },
      });
      mapping.problem = 'PROBLEM: the brokers cannot be reached';
      const update = new UpdateEventSourceMappingCommand({ UUID: mapping.uuid, Enabled: true });

      expect(await cloud.clients.lambda.send(update)).toMatchObject({ State: 'Enabling' });
      await cloud.clock.sleep(60_000);

      expect(cloud.lambda.mapping(mapping.uuid).state).toBe('Disabled');
    });
  });

  describe('ReportBatchItemFailures', () => {
    let delivered: string[];

    /** Delivers three messages, one of them invalid, to a function with this response. */
    async function deliver(
      respond: (ids: readonly string[]) => unknown,
      types?: 'ReportBatchItemFailures'[],
    ) {
      delivered = [];
      cloud.sqs.addQueue({ name: 'dead' });
      const queue = cloud.sqs.addQueue({ name: 'work', deadLetterQueue: 'dead', maxReceiveCount: 2 });
      cloud.lambda.addFunction({
        name: 'worker',
        handler: (event) => {
          const { Records } = event as { Records: { body: string; messageId: string }[] };
          delivered.push(...Records.map(({ body }) => body));
          return respond(Records.filter(({ body }) => body === 'poison').map(({ messageId }) => messageId));
        },
      });
      const input = { FunctionName: 'worker', EventSourceArn: queue.arn, FunctionResponseTypes: types };
      await cloud.clients.lambda.send(new CreateEventSourceMappingCommand(input));
      for (const body of ['ok', 'poison', 'ok2']) cloud.sqs.send('work', body);
      await cloud.clock.sleep(900_000);
      const bodies = (name: string) => cloud.sqs.queue(name).messages.map(({ body }) => body);
      return { left: bodies('work'), dead: bodies('dead') };
    }

    const report = (ids: readonly string[]) => ({
      batchItemFailures: ids.map((itemIdentifier) => ({ itemIdentifier })),
    });

    test('returns the reported messages to the queue, and to the dead-letter queue in the end', async () => {
      const { left, dead } = await deliver(report, ['ReportBatchItemFailures']);

      expect(delivered).toEqual(['ok', 'poison', 'ok2', 'poison']);
      expect({ left, dead }).toEqual({ left: [], dead: ['poison'] });
    });

    test('has no effect unless the mapping has the response type', async () => {
      expect(await deliver(report)).toEqual({ left: [], dead: [] });
    });

    test.each([
      ['nothing', undefined],
      ['null', null],
      ['an empty object', {}],
      ['null failures', { batchItemFailures: null }],
      ['no failures', { batchItemFailures: [] }],
    ])('treats %s as success', async (_, response) => {
      expect(await deliver(() => response, ['ReportBatchItemFailures'])).toEqual({ left: [], dead: [] });
    });

    test.each([
      ['text', 'ok'],
      ['failures that are no list', { batchItemFailures: 'poison' }],
      ['a failure without an identifier', { batchItemFailures: [{ id: 'x' }] }],
      ['an empty identifier', { batchItemFailures: [{ itemIdentifier: '' }] }],
      ['an identifier of another batch', { batchItemFailures: [{ itemIdentifier: 'other' }] }],
      ['a failure that is null', { batchItemFailures: [null] }],
    ])('returns the whole batch for %s', async (_, response) => {
      const { dead } = await deliver(() => response, ['ReportBatchItemFailures']);

      expect(dead).toEqual(['ok', 'poison', 'ok2']);
    });
  });

  test('passes the attributes of a message to the function', async () => {
    const events: unknown[] = [];
    cloud.lambda.addFunction({ name: 'spy', handler: (event) => void events.push(event) });
    cloud.lambda.addMapping({ functionName: 'spy', eventSourceArn: sources.sqs });
    cloud.sqs.send('orders', 'hello', { kind: { DataType: 'String', StringValue: 'order' } });

    await cloud.clock.sleep(5000);

    expect(events).toMatchObject([
      {
        Records: [
          {
            messageAttributes: {
              kind: { stringValue: 'order', dataType: 'String', stringListValues: [], binaryListValues: [] },
            },
          },
        ],
      },
    ]);
  });

  describe('versions and aliases', () => {
    test('are listed with their ARNs, page by page', async () => {
      const versions = Array.from({ length: 60 }, (_, index) => String(index + 1));
      const { arn: functionArn } = cloud.lambda.addFunction({ name: 'old', versions });
      for (const name of ['live', 'beta']) cloud.lambda.addAlias({ functionName: 'old', name, version: '1' });
      const send = (Marker?: string) =>
        cloud.clients.lambda.send(new ListVersionsByFunctionCommand({ FunctionName: 'old', Marker }));

      const first = await send();
      const second = await send(first.NextMarker);
      const aliases = await cloud.clients.lambda.send(
        new ListAliasesCommand({ FunctionName: 'old', FunctionVersion: '1' }),
      );
      const other = await cloud.clients.lambda.send(
        new ListAliasesCommand({ FunctionName: 'old', FunctionVersion: '2' }),
      );

      expect(first.Versions?.[0]).toMatchObject({
        Version: '$LATEST',
        FunctionArn: `${functionArn}:$LATEST`,
      });
      expect([first.Versions?.length, second.Versions?.length]).toEqual([50, 11]);
      expect(second.Versions?.at(-1)).toMatchObject({ Version: '60', FunctionArn: `${functionArn}:60` });
      expect(aliases.Aliases?.map(({ AliasArn }) => AliasArn)).toEqual([
        `${functionArn}:live`,
        `${functionArn}:beta`,
      ]);
      expect(other.Aliases).toEqual([]);
    });

    test('of a missing function are not found', async () => {
      const notFound = { name: 'ResourceNotFoundException' };
      const FunctionName = 'missing';

      await expect(
        cloud.clients.lambda.send(new ListVersionsByFunctionCommand({ FunctionName })),
      ).rejects.toMatchObject(notFound);
      await expect(cloud.clients.lambda.send(new ListAliasesCommand({ FunctionName }))).rejects.toMatchObject(
        notFound,
      );
    });
  });
});
