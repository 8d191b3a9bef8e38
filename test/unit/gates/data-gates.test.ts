import * as fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { AuroraTools } from '../../../src/aurora/index.js';
import { compareRows } from '../../../src/gates/compare-rows.js';
import {
  changeCalendarOpen,
  functionReady,
  type QueueDrainedOptions,
  queueDrained,
  type RowParityOptions,
  replicaLag,
  rowParity,
  streamCaughtUp,
} from '../../../src/gates/index.js';
import { LambdaTools } from '../../../src/lambda/index.js';
import { check } from '../../../src/swap/index.js';
import { SimulatedCloud } from '../../../src/testing/index.js';
import type { CheckContext } from '../../../src/traffic/index.js';
import { checkContext } from '../../support/check-context.js';
import { databaseOf } from '../../support/gate-scenarios.js';
import '../../support/properties.js';
import { scriptedCloudWatch } from '../../support/scripted-cloudwatch.js';
import { sqlEngine } from '../../support/sql-engine.js';
import { stepContext } from '../../support/step-context.js';

let cloud: SimulatedCloud;

beforeEach(() => {
  cloud = new SimulatedCloud();
});

/** Adds the queue `orders`, whose dead-letter queue was empty some milliseconds ago. */
function addQueuesWithoutDeadLetter(ageMilliseconds: number): void {
  cloud.sqs.addQueue({ name: 'orders-dlq' });
  cloud.sqs.addQueue({ name: 'orders', deadLetterQueue: 'orders-dlq' });
  cloud.cloudWatch.addDataPoint({
    namespace: 'AWS/SQS',
    metricName: 'ApproximateNumberOfMessagesVisible',
    dimensions: { QueueName: 'orders-dlq' },
    at: new Date(cloud.clock.now() - ageMilliseconds),
    value: 0,
  });
}

describe('queueDrained', () => {
  const evaluate = (options: Partial<QueueDrainedOptions> = {}, context: Partial<CheckContext> = {}) =>
    queueDrained({ queue: 'orders', clients: cloud.clients, ...options } as QueueDrainedOptions).evaluate(
      checkContext(cloud, context),
    );

  test('counts messages in flight', async () => {
    cloud.sqs.addQueue({ name: 'orders', visibilityTimeoutSeconds: 600 });
    cloud.sqs.send('orders', 'message');
    cloud.sqs.receive('orders');

    expect(await evaluate()).toEqual({
      outcome: 'inconclusive',
      undecided: true,
      detail: 'orders has 0 visible, 1 in-flight and 0 delayed messages',
      value: 1,
    });
  });

  test('does not pass when a message arrives between two of its reads', async () => {
    cloud.sqs.addQueue({ name: 'orders' });
    cloud.clock.schedule(15, () => cloud.sqs.send('orders', 'late message'));

    expect(await evaluate()).toMatchObject({ outcome: 'inconclusive', undecided: true, value: 1 });
    expect(cloud.clock.now()).toBe(Date.parse('2026-01-01T00:00:20Z'));
  });

  test('does not believe empty counts while a message that was just sent is not counted yet', async () => {
    cloud.sqs.addQueue({ name: 'orders', countLagSeconds: 60 });
    cloud.sqs.send('orders', 'message');
    const weightsSince = cloud.clock.now();

    expect(await evaluate({}, { weightsSince })).toMatchObject({ outcome: 'inconclusive', undecided: true });
    await cloud.clock.sleep(60_000);
    expect(await evaluate({}, { weightsSince })).toMatchObject({ outcome: 'inconclusive', value: 1 });
  });

  test('accepts dead letters that were there at the beginning, in a queue named by its URL', async () => {
    cloud.sqs.addQueue({ name: 'orders-dlq' });
    const { url } = cloud.sqs.addQueue({ name: 'orders', deadLetterQueue: 'orders-dlq' });
    cloud.sqs.send('orders-dlq', 'old');
    const metric = { namespace: 'AWS/SQS', dimensions: { QueueName: 'orders-dlq' } };
    const metricName = 'ApproximateNumberOfMessagesVisible';
    const at = new Date(cloud.clock.now() - 1_200_000);
    cloud.cloudWatch.addDataPoint({ ...metric, metricName, at, value: 1 });

    expect(await evaluate({ queue: url })).toMatchObject({
      outcome: 'pass',
      detail: expect.stringContaining('orders-dlq holds 1 messages, as many as 1 at the beginning'),
    });
  });

  test.each([1, 5, 15, 20])(
    'does not pass when a message becomes a dead letter %d s after the first read',
    async (seconds) => {
      addQueuesWithoutDeadLetter(1_200_000);
      cloud.clock.schedule(seconds, () => cloud.sqs.send('orders-dlq', 'dead letter'));

      expect(await evaluate()).toMatchObject({
        outcome: 'fail',
        detail: 'orders-dlq holds 1 messages, 0 at the beginning',
      });
    },
  );

  test('finds the dead-letter queue in the account of the queue, and not one of the same name', async () => {
    const { url } = cloud.sqs.addQueue({ name: 'orders' });
    cloud.sqs.addQueue({ name: 'orders-dlq' });
    cloud.clients.sqs.middlewareStack.add(
      (next, context) => async (args) => {
        const result = await next(args);
        const policy = { deadLetterTargetArn: 'arn:aws:sqs:eu-west-1:999999999999:orders-dlq' };
        if (context['commandName'] === 'GetQueueAttributesCommand')
          Object.assign(result.output, {
            Attributes: { ...Object(result.output).Attributes, RedrivePolicy: JSON.stringify(policy) },
          });
        return result;
      },
      { step: 'initialize', name: 'queueOfAnotherAccount' },
    );

    await expect(evaluate({ queue: url })).rejects.toMatchObject({
      name: 'ResourceNotFoundError',
      resource: 'orders-dlq',
    });
  });

  test('does not read the dead-letter queue when the option says so', async () => {
    cloud.sqs.addQueue({ name: 'orders-dlq' });
    cloud.sqs.addQueue({ name: 'orders', deadLetterQueue: 'orders-dlq' });
    cloud.sqs.send('orders-dlq', 'dead letter');

    expect(await evaluate({ deadLetters: false })).toMatchObject({ outcome: 'pass' });
  });

  test('throws ResourceNotFoundError for a queue that does not exist', async () => {
    await expect(evaluate()).rejects.toMatchObject({ name: 'ResourceNotFoundError', resource: 'orders' });
  });

  test('judges the queue of the outgoing stack', async () => {
    cloud.sqs.addQueue({ name: 'orders-blue' });
    cloud.sqs.addQueue({ name: 'orders-green' });
    cloud.sqs.send('orders-green', 'message');
    const queue = { blue: 'orders-blue', green: 'orders-green' };

    expect(await evaluate({ queue, stack: 'outgoing' })).toMatchObject({ outcome: 'pass' });
    expect(await evaluate({ queue })).toMatchObject({ outcome: 'inconclusive' });
  });

  test('fails a step at once when the dead-letter queue grows', async () => {
    addQueuesWithoutDeadLetter(120_000);
    const step = check(queueDrained({ queue: 'orders', clients: cloud.clients }));
    const context = stepContext({}, cloud);
    await step.run(context);

    cloud.sqs.send('orders-dlq', 'dead letter');

    await expect(async () => step.isDone?.(context)).rejects.toMatchObject({
      name: 'StepFailedError',
      actual: 'orders-dlq holds 1 messages, 0 at the beginning',
    });
  });
});

describe('streamCaughtUp', () => {
  const arrange = (state: 'Enabled' | 'Disabled' = 'Enabled', result = 'OK') => {
    cloud.lambda.addFunction({ name: 'reader', versions: ['1'] });
    cloud.lambda.addAlias({ functionName: 'reader', name: 'live', version: '1' });
    const eventSourceArn = cloud.kinesis.addStream({ name: 'orders' }).arn;
    const parameters = { LastProcessingResult: result };
    cloud.lambda.addMapping({ functionName: 'reader:live', eventSourceArn, state, parameters });
    return (alias?: string) =>
      streamCaughtUp({ functionName: 'reader', alias, maxAgeSeconds: 1, clients: cloud.clients }).evaluate(
        checkContext(cloud),
      );
  };
  const addAge = (value: number) =>
    cloud.cloudWatch.addDataPoint({
      namespace: 'AWS/Lambda',
      metricName: 'IteratorAge',
      dimensions: { FunctionName: 'reader', Resource: 'reader:live' },
      at: new Date(cloud.clock.now() - 30_000),
      value,
    });

  test('reads the mappings and the metric of the alias alone', async () => {
    const evaluate = arrange();
    addAge(1000);

    expect(await evaluate('live')).toEqual({
      outcome: 'pass',
      detail: 'the iterator age of reader:live is 1 s (max 1 s)',
      value: 1,
    });
    expect(await evaluate()).toMatchObject({
      outcome: 'inconclusive',
      detail: 'reader has no event source mapping of a stream',
    });
  });

  test.each([
    ['Disabled', 'OK', 'is Disabled'],
    ['Enabled', 'No records processed', 'is No records processed'],
  ] as const)('does not pass for a mapping that is %s with the result %s', async (state, result, detail) => {
    const evaluate = arrange(state, result);
    addAge(0);

    expect(await evaluate('live')).toMatchObject({
      outcome: 'inconclusive',
      detail: expect.stringContaining(detail),
    });
  });

  test('does not pass with an age from before its mapping was enabled again', async () => {
    const evaluate = arrange('Disabled');
    addAge(0);
    await cloud.clock.sleep(90_000);
    const tools = new LambdaTools({
      blue: { functionName: 'other' },
      green: { functionName: 'reader', alias: 'live' },
      clients: cloud.clients,
      clock: cloud.clock,
    });
    await tools.enableEventMapping('green');
    await tools.waitForEventMappingState('green', 'Enabled');

    expect(await evaluate('live')).toEqual({
      outcome: 'inconclusive',
      detail: 'the iterator age of reader:live is unknown: no data since its mappings were last changed',
    });
    await cloud.clock.sleep(30_000);
    addAge(0);
    expect(await evaluate('live')).toMatchObject({ outcome: 'pass' });
  });

  test('ignores the mapping of a queue', async () => {
    const evaluate = arrange();
    const { arn } = cloud.sqs.addQueue({ name: 'orders' });
    cloud.lambda.addMapping({ functionName: 'reader', eventSourceArn: arn });

    expect(await evaluate()).toMatchObject({ outcome: 'inconclusive' });
  });
});

describe('replicaLag', () => {
  const evaluate = (source: 'readers' | 'binlog' = 'readers') =>
    replicaLag({ clusterIdentifier: 'orders', source, maxLagSeconds: 1, clients: cloud.clients }).evaluate(
      checkContext(cloud),
    );
  const addLag = (instance: string, value: number, metricName = 'AuroraReplicaLag') =>
    cloud.cloudWatch.addDataPoint({
      namespace: 'AWS/RDS',
      metricName,
      dimensions: { DBInstanceIdentifier: instance },
      at: new Date(cloud.clock.now() - 30_000),
      value,
    });

  test('does not pass while one reader has no data', async () => {
    cloud.rds.addCluster({ name: 'orders', readers: 2 });
    addLag('orders-reader-1', 10);

    expect(await evaluate()).toEqual({
      outcome: 'inconclusive',
      detail: 'the lag of orders-reader-2 is unknown: no data in the last 180 s',
    });
  });

  test('is inconclusive for a cluster without readers', async () => {
    cloud.rds.addCluster({ name: 'orders', readers: 0 });

    expect(await evaluate()).toEqual({ outcome: 'inconclusive', detail: 'orders has no readers' });
  });

  test.each([
    [0.5, { outcome: 'pass', value: 0.5 }],
    [3, { outcome: 'inconclusive', undecided: true, value: 3 }],
    [-1, { outcome: 'inconclusive', detail: 'the replication of orders-writer does not run' }],
  ])('judges a binary log lag of %d s of the writer', async (lag, expected) => {
    cloud.rds.addCluster({ name: 'orders' });
    addLag('orders-writer', lag, 'AuroraBinlogReplicaLag');

    expect(await evaluate('binlog')).toMatchObject(expected);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY])('is inconclusive for the value %d', async (value) => {
    cloud.rds.addCluster({ name: 'orders', readers: 2 });
    const at = new Date(cloud.clock.now() - 60_000);
    const series = (Id: string, values: readonly number[]) => ({
      Id,
      StatusCode: 'Complete',
      Timestamps: values.map(() => at),
      Values: values,
    });
    const { client } = scriptedCloudWatch([
      { MetricDataResults: [series('m0', [10, value]), series('m1', [10])] },
    ]);
    const clients = { rds: cloud.clients.rds, cloudWatch: client };
    const gate = replicaLag({ clusterIdentifier: 'orders', maxLagSeconds: 1, clients });

    expect(await gate.evaluate(checkContext(cloud))).toEqual({
      outcome: 'inconclusive',
      detail: `the lag of orders-reader-1 is unknown: CloudWatch returned the value ${value}`,
    });
  });

  test('ignores data that is older than the window', async () => {
    cloud.rds.addCluster({ name: 'orders' });
    addLag('orders-reader-1', 10);
    await cloud.clock.sleep(180_000);

    expect(await evaluate()).toMatchObject({ outcome: 'inconclusive' });
  });

  test('throws ResourceNotFoundError for a cluster that does not exist', async () => {
    await expect(evaluate()).rejects.toMatchObject({ name: 'ResourceNotFoundError', resource: 'orders' });
  });
});

describe('rowParity', () => {
  const table = 'CREATE TABLE orders (id INTEGER, total REAL, note TEXT)';
  const pair = (blue: string, green: string) => ({
    blue: databaseOf(cloud, { name: 'blue', execute: sqlEngine(table, blue).execute }),
    green: databaseOf(cloud, { name: 'green', execute: sqlEngine(table, green).execute }),
  });
  const evaluate = (options: Omit<RowParityOptions, 'clients' | 'clientConfig'>) =>
    rowParity({ ...options, clients: cloud.clients }).evaluate(checkContext(cloud));

  const three = "INSERT INTO orders VALUES (1, 1.5, 'a'), (2, 2.5, NULL), (3, 3.5, 'c')";
  const two = "INSERT INTO orders VALUES (1, 1.5, 'a'), (2, 2.5, NULL)";

  test('names the first cell that differs, without its text', async () => {
    const databases = pair(
      three,
      "INSERT INTO orders VALUES (1, 1.5, 'a'), (2, 2.5, 'secret'), (3, 3.5, 'c')",
    );

    expect(await evaluate({ databases, sql: 'SELECT * FROM orders ORDER BY id' })).toMatchObject({
      outcome: 'inconclusive',
      detail: 'row 2, column 3: NULL on blue, a text of 6 characters on green',
    });
  });

  test.each([
    [{ tolerance: 1 }, 'pass'],
    [{ tolerance: 0.5 }, 'inconclusive'],
    [{ tolerancePercent: 34 }, 'pass'],
    [{ tolerancePercent: 33 }, 'inconclusive'],
  ] as const)('compares numbers within %o', async (limits, outcome) => {
    const databases = pair(three, two);

    expect(await evaluate({ databases, sql: 'SELECT count(*) FROM orders', ...limits })).toMatchObject({
      outcome,
    });
  });

  test('waits for a paused cluster, as a step', async () => {
    const databases = pair(three, three);
    cloud.rdsData.addDatabase({ name: 'green', paused: true, execute: sqlEngine(table, three).execute });
    const sql = 'SELECT count(*) FROM orders';

    expect(await evaluate({ databases, sql })).toMatchObject({
      outcome: 'inconclusive',
      undecided: true,
      detail: expect.stringContaining('is resuming'),
    });
    await cloud.clock.sleep(15_000);
    expect(await evaluate({ databases, sql })).toMatchObject({ outcome: 'pass' });
  });

  test('passes for a clone once its instances are available, because the clone has the Data API of its source', async () => {
    cloud.rds.addCluster({ name: 'blue', settings: { HttpEndpointEnabled: true } });
    const tools = new AuroraTools({
      blue: { clusterIdentifier: 'blue' },
      green: { clusterIdentifier: 'green' },
      clients: cloud.clients,
      clock: cloud.clock,
    });
    const databases = pair(three, three);
    const sql = 'SELECT count(*) FROM orders';
    await tools.createDatabase('green', { from: 'clone' });

    await expect(evaluate({ databases, sql })).rejects.toMatchObject({ name: 'DatabaseNotFoundException' });
    await tools.waitForClusterState('green', 'available');
    expect(await evaluate({ databases, sql })).toMatchObject({ outcome: 'pass' });
    cloud.rds.cluster('green').settings.HttpEndpointEnabled = false;
    await expect(evaluate({ databases, sql })).rejects.toMatchObject({
      name: 'HttpEndpointNotEnabledException',
    });
  });

  test.each<[string, Parameters<SimulatedCloud['rdsData']['addDatabase']>[0]]>([
    ['HttpEndpointNotEnabledException', { name: 'green', httpEndpointEnabled: false, execute: () => [] }],
    [
      'InvalidSecretException',
      { name: 'green', secretArn: 'arn:aws:secretsmanager:other', execute: () => [] },
    ],
    [
      'DatabaseErrorException',
      {
        name: 'green',
        execute: () => {
          throw new Error('no such table: orders');
        },
      },
    ],
  ])('throws the %s of the Data API', async (name, green) => {
    const databases = pair(three, three);
    cloud.rdsData.addDatabase(green);

    await expect(evaluate({ databases, sql: 'SELECT 1' })).rejects.toMatchObject({ name });
  });
});

describe('compareRows', () => {
  const none = {};

  test('keeps every digit of large numbers', () => {
    expect(compareRows([['9007199254740993']], [['9007199254740992']], none).state).toBe('closed');
    expect(compareRows([['9007199254740993']], [['9007199254740992']], { absolute: 1 }).state).toBe('open');
    expect(compareRows([['1.10']], [['1.1']], none).state).toBe('open');
    expect(compareRows([['1e+21']], [['1.0e21']], none).state).toBe('open');
    expect(compareRows([['Infinity']], [['inf']], { absolute: 1 }).state).toBe('closed');
  });

  const digits = (count: number) => '9'.repeat(count);

  test.each<[string, string, object]>([
    ['1e400', '-3', { percent: 1 }],
    ['1e400', '5e400', { absolute: 1 }],
    [digits(350), '1', { percent: 1 }],
    [`1234567890.${digits(300)}`, '1', { percent: 1 }],
    ['5', '-5', { percent: 150 }],
  ])('is closed for %s and %s within %o', (a, b, tolerance) => {
    expect(compareRows([[a]], [[b]], tolerance).state).toBe('closed');
  });

  test('is open for numbers with many decimals within the tolerance', () => {
    const [a, b] = [`1234567890.${digits(300)}`, '1234567891'];

    expect(compareRows([[a]], [[b]], { percent: 1 }).state).toBe('open');
    expect(compareRows([[a]], [[b]], { absolute: 0.01 }).state).toBe('open');
  });

  test('is symmetric, and open for equal results with any value', () => {
    const cell = fc.oneof(
      fc.constant(null),
      fc.integer().map(String),
      fc.double({ noNaN: true }).map(String),
      fc.string({ maxLength: 3 }),
    );
    const rows = fc.array(fc.array(cell, { minLength: 1, maxLength: 2 }), { maxLength: 2 });
    fc.assert(
      fc.property(rows, rows, fc.integer({ min: 0, max: 5 }), (a, b, absolute) => {
        const own = compareRows(a, a, { absolute }).state;
        expect(own).toBe(a.flat().some((it) => it !== null) ? 'open' : 'unknown');
        expect(compareRows(a, b, { absolute }).state).toBe(compareRows(b, a, { absolute }).state);
      }),
      { numRuns: 300 },
    );
  });
});

describe('changeCalendarOpen', () => {
  const hours = (from: number, to: number) => ({
    start: new Date(cloud.clock.now() + from * 3_600_000),
    end: new Date(cloud.clock.now() + to * 3_600_000),
  });
  const evaluate = (calendars: readonly string[], openForSeconds = 0) =>
    changeCalendarOpen({ calendars, openForSeconds, clients: cloud.clients }).evaluate(checkContext(cloud));

  test('does not pass when a calendar closes within the time', async () => {
    cloud.ssm.addCalendar({ name: 'holidays', events: [hours(2, 3)] });

    expect(await evaluate(['holidays'], 7200)).toMatchObject({ outcome: 'pass' });
    expect(await evaluate(['holidays'], 7201)).toMatchObject({
      outcome: 'inconclusive',
      undecided: true,
      detail: 'holidays is open only until 2026-01-01T02:00:00Z',
    });
  });

  test.each([
    [0, 'pass'],
    [60, 'inconclusive'],
  ])('judges a calendar whose next change cannot be read, for %d s', async (openForSeconds, outcome) => {
    const ssm = { send: async () => ({ State: 'OPEN', NextTransitionTime: 'soon' }) };
    const gate = changeCalendarOpen({ calendars: ['a'], openForSeconds, clients: { ssm } } as never);

    expect(await gate.evaluate(checkContext(cloud))).toMatchObject({ outcome });
  });

  test('requires every calendar, also one that is closed by default, named by its ARN', async () => {
    cloud.ssm.addCalendar({ name: 'holidays' });
    const { arn } = cloud.ssm.addCalendar({ name: 'windows', defaultState: 'CLOSED', events: [hours(1, 2)] });

    expect(await evaluate(['holidays', arn])).toMatchObject({
      outcome: 'inconclusive',
      detail: `${arn} is closed until 2026-01-01T01:00:00Z`,
    });
    await cloud.clock.sleep(3_600_000);
    expect(await evaluate(['holidays', arn], 3600)).toMatchObject({ outcome: 'pass' });
  });

  test('throws ResourceNotFoundError for a calendar that does not exist', async () => {
    await expect(evaluate(['holidays'])).rejects.toMatchObject({ name: 'ResourceNotFoundError' });
  });
});

describe('functionReady', () => {
  const evaluate = (options: Partial<Parameters<typeof functionReady>[0]> = {}) =>
    functionReady({ functionName: 'web', clients: cloud.clients, ...options } as never).evaluate(
      checkContext(cloud),
    );

  test.each([
    ['Pending', { outcome: 'inconclusive', undecided: true }],
    [
      'Inactive',
      { outcome: 'inconclusive', undecided: true, detail: expect.stringContaining('invoke it once') },
    ],
    ['Failed', { outcome: 'fail' }],
  ] as const)('judges the state %s', async (state, expected) => {
    cloud.lambda.addFunction({ name: 'web' }).states.set('$LATEST', state);

    expect(await evaluate()).toMatchObject(expected);
  });

  test('waits for provisioned concurrency that is required, and fails when Lambda cannot allocate it', async () => {
    cloud.lambda.addFunction({ name: 'web', versions: ['1', '2'] });
    cloud.lambda.addAlias({ functionName: 'web', name: 'live', version: '1' });
    const concurrency = { executions: 5, failsFor: ['2'] };
    cloud.lambda.addAlias({
      functionName: 'web',
      name: 'warm',
      version: '1',
      provisionedConcurrency: concurrency,
    });
    cloud.lambda.updateAlias({ functionName: 'web', name: 'warm', version: '2' });

    expect(await evaluate({ qualifier: 'live' })).toMatchObject({ outcome: 'pass' });
    expect(await evaluate({ qualifier: 'live', provisionedConcurrency: 'required' })).toMatchObject({
      outcome: 'inconclusive',
      undecided: true,
    });
    expect(await evaluate({ qualifier: 'warm' })).toMatchObject({ outcome: 'fail' });
  });

  test('throws ResourceNotFoundError for a function that does not exist', async () => {
    await expect(evaluate()).rejects.toMatchObject({ name: 'ResourceNotFoundError', resource: 'web' });
  });
});
