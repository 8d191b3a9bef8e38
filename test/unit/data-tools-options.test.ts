import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AuroraTools } from '../../src/aurora/index.js';
import { InvalidInputError, ToolkitError } from '../../src/core/index.js';
import { DynamoTools } from '../../src/dynamo/index.js';
import { KinesisTools } from '../../src/kinesis/index.js';
import { SqsTools } from '../../src/sqs/index.js';
import { SimulatedCloud } from '../../src/testing/index.js';
import { rdsEventRecord } from '../support/rds-events.js';

type Method = (...args: readonly unknown[]) => Promise<unknown>;

/** A tool as a caller without types uses it. */
interface Tool {
  readonly name: string;
  /** The options without the clients, the clock and the logger. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly make: (options: never) => object;
  /** Each method with its arguments before the options, and with an option that is misspelt. */
  readonly methods: Readonly<
    Record<string, readonly [args: readonly unknown[], wrong: string, right?: string]>
  >;
}

const wait = (...args: readonly unknown[]) => [args, 'maxWaitSecond', 'maxWaitSeconds'] as const;
const call = (...args: readonly unknown[]) => [args, 'singal', 'signal'] as const;

const tools: readonly Tool[] = [
  {
    name: 'AuroraTools',
    options: { blue: { clusterIdentifier: 'blue' }, green: { clusterIdentifier: 'green' } },
    make: (options) => new AuroraTools(options),
    methods: {
      getClusterState: call('blue'),
      waitForClusterState: wait('blue', 'available'),
      getReaderCount: call('blue'),
      scaleOut: call('blue'),
      scaleIn: call('blue'),
      startDatabase: wait('blue'),
      stopDatabase: wait('blue'),
      createDatabase: [['blue'], 'setting', 'settings'],
      getDatabaseCreation: [['blue'], 'creation', 'creationId'],
      deleteCreatedDatabase: [['blue'], 'creation', 'creationId'],
      deleteDatabase: wait('blue'),
      applyTags: call(rdsEventRecord('reader')),
      enablePerformanceInsights: [[rdsEventRecord('reader')], 'retryDelay', 'retryDelaySeconds'],
    },
  },
  {
    name: 'DynamoTools',
    options: { blue: { tableName: 'blue' }, green: { tableName: 'green' } },
    make: (options) => new DynamoTools(options),
    methods: { deleteTable: [['blue'], 'backups', 'backup'], waitForTableDeleted: wait('blue') },
  },
  {
    name: 'KinesisTools',
    options: {
      streamArn: 'arn:aws:kinesis:eu-west-1:123456789012:stream/orders',
      blue: { consumerName: 'blue' },
      green: { consumerName: 'green' },
    },
    make: (options) => new KinesisTools(options),
    methods: {
      registerConsumer: wait('blue'),
      deregisterConsumer: wait('blue'),
      describeConsumer: call('blue'),
      waitForConsumerState: wait('blue', 'ACTIVE'),
    },
  },
  {
    name: 'SqsTools',
    options: { blue: { queue: 'blue' }, green: { queue: 'green' } },
    make: (options) => new SqsTools(options),
    methods: { purgeQueues: [['blue'], 'purgeagain', 'purgeAgain'], waitForPurge: wait('blue') },
  },
];

const methods = tools.flatMap((tool) =>
  Object.entries(tool.methods).map(([method, [args, wrong, right]]) => ({
    name: `${tool.name}.${method}`,
    tool,
    method,
    args,
    wrong,
    right,
  })),
);

function makeCloud(): SimulatedCloud {
  const cloud = new SimulatedCloud();
  for (const name of ['blue', 'green']) {
    cloud.rds.addCluster({ name, autoscaling: { minCapacity: 1, maxCapacity: 2 } });
    cloud.dynamoDb.addTable({ name });
    cloud.sqs.addQueue({ name });
  }
  cloud.kinesis.addStream({ name: 'orders' });
  return cloud;
}

function make({ options, make: construct }: Tool, changes: object = {}, cloud = makeCloud()) {
  const { clients, clock } = cloud;
  return { cloud, tool: construct({ ...options, clients, clock, ...changes } as never) };
}

function run(object: object, method: string, args: readonly unknown[]): Promise<unknown> {
  return (Reflect.get(object, method) as Method).apply(object, [...args]);
}

/** Values that callers without types pass by mistake, and hostile ones; as functions, because fast-check looks into values. */
const anyValue = fc.oneof(
  fc
    .anything({ withNullPrototype: true, withBigInt: true, withSparseArray: true, withTypedArray: true })
    .map((value) => () => value),
  fc.constantFrom<() => unknown>(
    ...[null, Number.NaN, -1, 1e306, '\ud800', Symbol('x'), 10n, new Date(Number.NaN)].map((it) => () => it),
    () => () => {},
    () => Object.create(null),
    () => Object.freeze([]),
    revokedProxy,
    objectThatThrows,
  ),
);

function revokedProxy(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

function objectThatThrows(): object {
  return Object.defineProperty({}, 'signal', {
    enumerable: true,
    get() {
      throw new TypeError('a getter that throws');
    },
  });
}

describe.each(tools)('Class: $name, constructor', (tool) => {
  test.each([
    ['an unknown option', { loger: console }, /loger: unknown option; did you mean logger\?/],
    ['an unknown option of a stack', { blue: { ...Object(tool.options['blue']), x: 1 } }, /blue\.x: unknown/],
    ['an unknown client', { clients: { sqss: {} } }, /sqss: unknown option; did you mean sqs\?/],
    ['a clock without methods', { clock: {} }, /clock: expected a clock with the methods now and sleep/],
    ['a logger without methods', { logger: { info() {} } }, /logger: expected a logger/],
    ['a stack that is null', { green: null }, /green: expected an object, got null/],
  ])('throws InvalidInputError for %s', (_, changes, message) => {
    expect(() => make(tool, changes)).toThrowError(InvalidInputError);
    expect(() => make(tool, changes)).toThrowError(message);
  });

  test('throws InvalidInputError or accepts whatever an option is', () => {
    const keys = [...Object.keys(tool.options), 'clients', 'clientConfig', 'clock', 'logger', 'other'];
    fc.assert(
      fc.property(fc.constantFrom(...keys), anyValue, (key, value) => {
        expectInvalid(() => make(tool, { [key]: value() }));
      }),
    );
  });

  test('throws InvalidInputError for options that are no object', () => {
    fc.assert(
      fc.property(anyValue, (options) => {
        expect(() => tool.make(options() as never)).toThrowError(InvalidInputError);
      }),
    );
  });
});

/** A valid wait of months takes a simulation too long. */
function withoutLongWait(value: unknown): unknown {
  return typeof value === 'number' && value > 1000 ? value * 1e9 : value;
}

/** Passes when nothing is thrown, or an InvalidInputError. */
function expectInvalid(construct: () => unknown): void {
  try {
    construct();
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidInputError);
  }
}

describe.each(methods)('Method: $name', ({ tool, method, args, wrong, right }) => {
  test.each([
    ['an unknown option', { [wrong]: 1 }, `${wrong}: unknown option; did you mean ${right}?`],
    ['null', null, 'expected an object, got null'],
    ['a list', [], 'expected an object, got an empty array'],
    ['a signal that is none', { signal: {} }, 'signal: expected an AbortSignal'],
  ])('throws InvalidInputError for %s, before any call', async (_, options, message) => {
    const { cloud, tool: object } = make(tool);

    const result = run(object, method, [...args, options]);

    await expect(result).rejects.toThrowError(InvalidInputError);
    await expect(result).rejects.toThrowError(message);
    expect(cloud.calls).toEqual([]);
  });

  test('throws InvalidInputError for an unknown first argument', async () => {
    const { tool: object } = make(tool);

    for (const first of [undefined, null, 'red', Symbol('blue'), Object.create(null), revokedProxy()])
      await expect(run(object, method, [first, ...args.slice(1)])).rejects.toThrowError(InvalidInputError);
  });

  test('throws no error of JavaScript whatever its options are', async () => {
    const keys = ['maxWaitSeconds', 'signal', 'purgeAgain', 'backup', 'whileInUse', 'retryAttempts', 'other'];
    const options = fc.oneof(
      anyValue,
      fc.tuple(fc.constantFrom(...keys), anyValue).map(([key, value]) => () => ({
        [key]: key === 'maxWaitSeconds' ? withoutLongWait(value()) : value(),
      })),
      anyValue.map((name) => () => ({ backup: { name: name() } })),
    );
    await fc.assert(
      fc.asyncProperty(options, async (makeValue) => {
        const { tool: object } = make(tool);
        const value = makeValue();
        const error: unknown = await run(object, method, [...args, value]).then(
          () => undefined,
          (thrown: unknown) => thrown,
        );
        if (error !== undefined) expect(error).toSatisfy(ToolkitError.isInstance);
      }),
      { numRuns: 50 },
    );
  });
});

describe('Method: AuroraTools.deleteDatabase', () => {
  test('throws InvalidInputError for an option of DeleteDBCluster that it does not have', async () => {
    const [aurora] = tools;
    const { cloud, tool } = make(aurora as Tool);

    const deleted = run(tool, 'deleteDatabase', ['green', { skipFinalSnapshot: true }]);

    await expect(deleted).rejects.toThrowError(/skipFinalSnapshot: unknown option/);
    expect(cloud.rds.cluster('green').status).toBe('available');
  });

  test.each([null, 0, 'false', 5n])(
    'throws InvalidInputError for deleteAutomatedBackups: %s',
    async (value) => {
      const [aurora] = tools;
      const { cloud, tool } = make(aurora as Tool);

      const deleted = run(tool, 'deleteDatabase', ['green', { deleteAutomatedBackups: value }]);

      await expect(deleted).rejects.toThrowError(/deleteAutomatedBackups: expected/);
      expect(cloud.rds.cluster('green').status).toBe('available');
    },
  );
});
