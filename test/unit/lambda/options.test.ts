import { beforeEach, describe, expect, test } from 'vitest';
import { InvalidInputError } from '../../../src/core/index.js';
import { LambdaTools } from '../../../src/lambda/index.js';
import { SimulatedCloud } from '../../../src/testing/index.js';
import { invalidOptions, invalidSeconds, invalidTexts } from '../../support/method-options.js';

let cloud: SimulatedCloud;
let tools: LambdaTools;

beforeEach(() => {
  cloud = new SimulatedCloud();
  for (const name of ['blue', 'green']) cloud.lambda.addFunction({ name });
  tools = new LambdaTools(pair());
});

function pair(more: object = {}) {
  return {
    blue: { functionName: 'blue' },
    green: { functionName: 'green' },
    clients: cloud.clients,
    clock: cloud.clock,
    ...more,
  };
}

const sourceArn = 'arn:aws:sqs:eu-west-1:123456789012:orders';

type Options = never;

/** Every method with its options object. */
const methods: Readonly<Record<string, (options: Options) => Promise<unknown>>> = {
  createEventSourceMapping: (it) => tools.createEventSourceMapping('blue', sourceArn, {}, it),
  deleteEventMapping: (it) => tools.deleteEventMapping('blue', 'uuid', it),
  disableEventMapping: (it) => tools.disableEventMapping('blue', it),
  disableRule: (it) => tools.disableRule('blue', it),
  enableEventMapping: (it) => tools.enableEventMapping('blue', it),
  enableRule: (it) => tools.enableRule('blue', it),
  getAlias: (it) => tools.getAlias('blue', 'live', it),
  getLatestMetrics: (it) => tools.getLatestMetrics('blue', it),
  getVersion: (it) => tools.getVersion('blue', it),
  listRules: (it) => tools.listRules('blue', it),
  listEventSourceMappings: (it) => tools.listEventSourceMappings('blue', it),
  waitForEventMappingState: (it) => tools.waitForEventMappingState('blue', 'Enabled', it),
};

const withMaxWaitSeconds = Object.keys(methods).filter(
  (name) => /Mapping|Rule/.test(name) && !/^list/.test(name),
);
const withAllowNone = withMaxWaitSeconds.filter((name) => !/^(create|delete)/.test(name));

function call(method: string, options: unknown): Promise<unknown> {
  return methods[method]?.(options as Options) ?? Promise.reject(new Error(`no method ${method}`));
}

describe('LambdaTools', () => {
  test('has only methods that these tests cover', () => {
    const names = Object.getOwnPropertyNames(LambdaTools.prototype).filter((it) => it !== 'constructor');

    expect(Object.keys(methods).sort()).toEqual(names.sort());
  });

  describe.each(Object.keys(methods))('Method: %s', (method) => {
    test.each(invalidOptions)(
      'throws InvalidInputError for %s as its options, without a call',
      async (_, value) => {
        await expect(call(method, value)).rejects.toThrowError(InvalidInputError);
        expect(cloud.calls).toEqual([]);
      },
    );

    test('throws InvalidInputError for an unknown option and names the nearest known one', async () => {
      await expect(call(method, { sgnal: undefined })).rejects.toMatchObject({
        name: 'InvalidInputError',
        message: `Invalid LambdaTools.${method} options: sgnal: unknown option; did you mean signal?`,
      });
    });

    test('throws InvalidInputError for an invalid signal', async () => {
      await expect(call(method, { signal: 'soon' })).rejects.toMatchObject({
        problems: [{ field: 'signal', expected: 'an AbortSignal', actual: '"soon"' }],
      });
    });
  });

  test.each(withMaxWaitSeconds.flatMap((method) => invalidSeconds.map((value) => [method, value] as const)))(
    '%s throws InvalidInputError for maxWaitSeconds: %s',
    async (method, maxWaitSeconds) => {
      await expect(call(method, { maxWaitSeconds })).rejects.toThrowError(InvalidInputError);
      expect(cloud.calls).toEqual([]);
    },
  );

  test.each(withAllowNone)('%s throws InvalidInputError for allowNone: "yes"', async (method) => {
    await expect(call(method, { allowNone: 'yes' })).rejects.toMatchObject({
      problems: [{ field: 'allowNone', expected: 'true or false', actual: '"yes"' }],
    });
  });

  describe('constructor', () => {
    test.each([
      [{ eventBusName: ['orders'] }, 'eventBusName: unknown option; did you mean eventBusNames?'],
      [
        { blue: { functionName: 'blue', aliases: 'live' } },
        'blue.aliases: unknown option; did you mean alias?',
      ],
      [{ clients: { lamda: {} } }, 'clients.lamda: unknown option; did you mean lambda?'],
      [{ clients: { lambda: {} } }, 'clients.lambda: expected an SDK client, got an object'],
      [{ clients: { eventBridge: null } }, 'clients.eventBridge: expected an SDK client, got null'],
      [
        { logger: {} },
        'logger: expected a logger with the methods debug, info, warn and error, got an object',
      ],
      [{ clock: 5 }, 'clock: expected a clock with the methods now and sleep, got 5'],
    ])('throws InvalidInputError for %o', (options, message) => {
      expect(() => new LambdaTools(pair(options) as never)).toThrowError(
        expect.objectContaining({ name: 'InvalidInputError', message: expect.stringContaining(message) }),
      );
    });

    test.each(invalidOptions)('throws InvalidInputError for %s', (_, options) => {
      expect(() => new LambdaTools(options as never)).toThrowError(InvalidInputError);
    });

    test.each(
      invalidTexts.flatMap(([name, value]) => ['functionName', 'alias'].map((field) => [name, field, value])),
    )('throws InvalidInputError for %s as %s', (name, field, value) => {
      const isOptional = field === 'alias' && name === 'nothing';
      const make = () =>
        new LambdaTools(pair({ blue: { functionName: 'blue', [String(field)]: value } }) as never);

      if (isOptional) expect(make).not.toThrowError();
      else expect(make).toThrowError(InvalidInputError);
    });
  });

  describe('createEventSourceMapping', () => {
    const create = (source: unknown, parameters: unknown = {}) =>
      tools.createEventSourceMapping('blue', source as never, parameters as never);

    test.each([...invalidTexts, ['a name', 'orders'] as const])(
      'throws InvalidInputError for %s as the source',
      async (_, source) => {
        await expect(create(source)).rejects.toThrowError(InvalidInputError);
        expect(cloud.calls).toEqual([]);
      },
    );

    test.each([
      [{ BatchSze: 5 }, 'BatchSze: unknown option; did you mean BatchSize?'],
      [{ FunctionName: 'green' }, 'FunctionName: unknown option'],
      [{ EventSourceArn: sourceArn }, 'EventSourceArn: unknown option'],
      [{ BatchSize: '5' }, 'BatchSize: expected a number, got "5"'],
      [{ Enabled: 'no' }, 'Enabled: expected true or false, got "no"'],
      [{ Topics: 'orders' }, 'Topics: expected an array, got "orders"'],
      [{ Queues: [5] }, 'Queues[0]: expected a string, got 5'],
      [{ StartingPositionTimestamp: 0 }, 'StartingPositionTimestamp: expected '],
      [{ FilterCriteria: 'all' }, 'FilterCriteria: expected an object, got "all"'],
    ])('throws InvalidInputError for the parameters %o', async (parameters, message) => {
      await expect(create(sourceArn, parameters)).rejects.toThrowError(message);
      expect(cloud.calls).toEqual([]);
    });

    test.each(invalidOptions)('throws InvalidInputError for %s as the parameters', async (_, parameters) => {
      await expect(create(sourceArn, parameters)).rejects.toThrowError(InvalidInputError);
    });

    test('throws InvalidInputError for a self-managed Kafka cluster beside an ARN', async () => {
      const parameters = {
        Topics: ['orders'],
        SelfManagedEventSource: { Endpoints: { KAFKA_BOOTSTRAP_SERVERS: ['kafka.example.com:9092'] } },
      };

      await expect(
        create('arn:aws:kafka:eu-west-1:123456789012:cluster/x/1', parameters),
      ).rejects.toMatchObject({
        name: 'InvalidInputError',
        message: expect.stringMatching(/SelfManagedEventSource: expected no ARN/),
      });
      expect(cloud.calls).toEqual([]);
    });

    test.each([
      [{}, 'eventSourceArn'],
      [{ SelfManagedEventSource: {} }, 'SelfManagedEventSource.Endpoints'],
      [{ SelfManagedEventSource: { Endpoints: { KAFKA_BOOTSTRAP_SERVERS: [] } } }, 'KAFKA_BOOTSTRAP_SERVERS'],
      [{ SelfManagedKafkaEventSourceConfig: { ConsumerGroupId: 'a' } }, 'SelfManagedEventSource'],
    ])('throws InvalidInputError for no ARN and the parameters %o', async (parameters, field) => {
      await expect(create(undefined, parameters)).rejects.toMatchObject({
        name: 'InvalidInputError',
        message: expect.stringContaining(field),
      });
      expect(cloud.calls).toEqual([]);
    });
  });

  test.each(invalidTexts)(
    'deleteEventMapping throws InvalidInputError for %s as the UUID',
    async (_, uuid) => {
      await expect(tools.deleteEventMapping('blue', uuid as never)).rejects.toThrowError(InvalidInputError);
    },
  );

  test.each(invalidTexts)('getAlias throws InvalidInputError for %s as the name', async (_, name) => {
    await expect(tools.getAlias('blue', name as never)).rejects.toThrowError(InvalidInputError);
  });

  test.each([...invalidTexts, ['an unknown state', 'Enabling'] as const])(
    'waitForEventMappingState throws InvalidInputError for %s as the state',
    async (_, state) => {
      await expect(tools.waitForEventMappingState('blue', state as never)).rejects.toThrowError(
        InvalidInputError,
      );
    },
  );
});
