import { beforeEach, describe, expect, test } from 'vitest';
import {
  changeCalendarOpen,
  functionReady,
  httpHealthy,
  queueDrained,
  replicaLag,
  rowParity,
  streamCaughtUp,
} from '../../../src/gates/index.js';
import { iamPolicyFor } from '../../../src/iam/index.js';
import { check, type StepContext } from '../../../src/swap/index.js';
import { SimulatedCloud } from '../../../src/testing/index.js';
import { checkContext } from '../../support/check-context.js';
import { type GateSituation, gateScenarios } from '../../support/gate-scenarios.js';
import { stepContext } from '../../support/step-context.js';

let cloud: SimulatedCloud;

beforeEach(() => {
  cloud = new SimulatedCloud();
});

const closedOutcome = { outcome: 'inconclusive', undecided: true };
const outcomes: Readonly<Record<GateSituation, object>> = {
  open: { outcome: 'pass' },
  closed: closedOutcome,
  broken: { outcome: 'fail' },
  noData: { outcome: 'inconclusive' },
  late: { outcome: 'inconclusive' },
};

/** Calls a step as a swap does, until it is done or the time is over. */
async function isDoneWithin(step: ReturnType<typeof check>, context: StepContext, seconds: number) {
  const until = cloud.clock.now() + seconds * 1000;
  await step.run(context);
  while (!(await step.isDone?.(context))) {
    if (cloud.clock.now() >= until) return false;
    await cloud.clock.sleep(10_000);
  }
  return true;
}

describe.each(gateScenarios)('$name', ({ name, situations, arrange }) => {
  test.each(situations)('returns the outcome of the situation %s', async (situation) => {
    const result = await arrange(cloud, situation).evaluate(checkContext(cloud));

    expect(result).toMatchObject(outcomes[situation]);
    expect(result.detail).not.toBe('');
    if (situation === 'noData') expect(result.undecided).toBeUndefined();
  });

  test('fails at once while closed when the option says so', async () => {
    const result = await arrange(cloud, 'closed', { whileClosed: 'fail' }).evaluate(checkContext(cloud));

    expect(result).toMatchObject({ outcome: 'fail' });
  });

  test('passes as a step once late data arrives, and never before', async () => {
    const step = check(arrange(cloud, 'late'));
    const context = stepContext({}, cloud);

    await step.run(context);
    const atFirst = await step.isDone?.(context);

    expect(atFirst).toBe(false);
    expect(await isDoneWithin(step, context, 1200)).toBe(true);
  });

  test('keeps a step waiting while closed', async () => {
    const step = check(arrange(cloud, 'closed'));

    expect(await isDoneWithin(step, stepContext({}, cloud), 120)).toBe(false);
  });

  test('throws AccessDeniedError that names an action of its permissions', async () => {
    const gate = arrange(cloud, 'open');
    cloud.injectFault({ kind: 'accessDenied' });

    const failure = await gate.evaluate(checkContext(cloud)).catch((error: unknown) => error);

    expect(failure).toMatchObject({ name: 'AccessDeniedError' });
    const action = Object(failure).action;
    expect(gate.permissions?.map((it) => it.action)).toContain(action);
  });

  test('is inconclusive when no response arrives within timeoutSeconds', async () => {
    const gate = arrange(cloud, 'open', { timeoutSeconds: 5 });
    const pending = new SimulatedCloud({ latencyMilliseconds: 60_000 });
    const slow = arrange(pending, 'open', { timeoutSeconds: 5 });

    const result = await slow.evaluate(checkContext(pending));

    expect(result).toEqual({ outcome: 'inconclusive', detail: 'no response within 5 s' });
    expect(await gate.evaluate(checkContext(cloud))).toMatchObject({ outcome: 'pass' });
  });

  test('throws OperationAbortedError after an abort', async () => {
    const gate = arrange(cloud, 'open');
    const signal = AbortSignal.abort();

    await expect(gate.evaluate(checkContext(cloud, { signal }))).rejects.toMatchObject({
      name: 'OperationAbortedError',
    });
    expect(cloud.calls).toEqual([]);
  });

  test.each<[string, object]>([
    ['another stack', { incoming: 'red' }],
    ['no clock', { clock: undefined }],
    ['a clock without sleep', { clock: { now: () => 0 } }],
    ['a signal that is none', { signal: {} }],
    ['a time that is none', { now: Number.NaN }],
  ])('throws InvalidInputError for a context with %s', async (_, part) => {
    const gate = arrange(cloud, 'open');
    const context = { ...checkContext(cloud), ...part } as never;

    await expect(gate.evaluate(context)).rejects.toMatchObject({ name: 'InvalidInputError' });
    expect(cloud.calls).toEqual([]);
  });

  test('passes its permissions to the step, which are those of iamPolicyFor', () => {
    const gate = arrange(cloud, 'open', { name: 'ready', dryRun: true });
    const policy = iamPolicyFor([name as 'queueDrained'], '*');

    expect(gate).toMatchObject({ name: 'ready', dryRun: true });
    expect(check(gate).permissions).toEqual(gate.permissions);
    expect(policy.Statement.flatMap(({ Action }) => Action).sort()).toEqual(
      [...new Set(gate.permissions?.map(({ action }) => action))].sort(),
    );
  });

  test('works in another partition', async () => {
    const china = new SimulatedCloud({ partition: 'aws-cn', region: 'cn-north-1' });

    expect(await arrange(china, 'open').evaluate(checkContext(china))).toMatchObject({ outcome: 'pass' });
  });
});

const arns = {
  clusterArn: 'arn:aws:rds:eu-west-1:1:cluster:a',
  secretArn: 'arn:aws:secretsmanager:eu-west-1:1:secret:a',
};
const other = { ...arns, clusterArn: 'arn:aws:rds:eu-west-1:1:cluster:b' };

describe('rowParity', () => {
  const create = (sql: string) => rowParity({ databases: { blue: arns, green: other }, sql });

  test.each([
    'WITH gone AS (DELETE FROM orders RETURNING id) SELECT count(*) FROM gone',
    'with x as (\n insert\n into "orders" VALUES (1) returning id) select 1',
    'WITH x AS (UPDATE "orders" AS o SET id = 1 RETURNING id) SELECT 1',
    'WITH x AS (MERGE INTO orders USING t ON true WHEN MATCHED THEN DELETE RETURNING 1) SELECT 1',
    'SELECT 1; DELETE FROM orders',
    'SELECT 1; -- next\n SELECT 2',
    "SELECT 'a\\'; DELETE FROM orders WHERE note = 'b'",
    "SELECT 'it\\'s'; DELETE FROM orders",
    'SELECT $$a$$; DELETE FROM orders WHERE note = $$b$$',
    "WITH x AS (SELECT doc #>> '{a}' FROM orders), y AS (DELETE FROM orders RETURNING id) SELECT 1",
    'WITH x AS (SELECT 1) -- then\n DELETE FROM orders',
    "SELECT doc #>> '{a}' FROM orders; DELETE FROM orders WHERE note = 'b'",
    "SELECT doc #>> '{\na}' FROM orders; DELETE FROM orders WHERE note = 'b'",
    "SELECT '#', 1; DELETE FROM orders WHERE note = 'b'",
    'WITH x AS (SELECT 1 AS id) UPDATE orders JOIN x ON orders.id = x.id SET note = 1',
    'WITH x AS (SELECT 1 AS id)\nUPDATE `orders` JOIN x ON orders.id = x.id SET note = 1',
    'WITH x AS (SELECT 1 AS id) DELETE o FROM orders AS o JOIN x ON o.id = x.id',
    // It may only read, but the words are not quoted.
    'SELECT count(*) AS delete FROM order_changes',
    'SELECT count(*) FROM orders WHERE note <> $$a; b$$',
  ])('throws InvalidInputError for a query that can change rows: %s', (sql) => {
    expect(() => create(sql)).toThrow(/sql: expected one query that only reads/);
  });

  test.each([
    'SELECT count(*) FROM orders;',
    "SELECT count(*) FROM orders WHERE note <> 'a; DELETE FROM orders'",
    'SELECT "update", "set", deleted FROM orders -- ; insert into x',
    'WITH last AS (SELECT max(last_update) AS at FROM orders) SELECT at FROM last',
    '(SELECT 1) UNION (SELECT 2) ORDER BY 1',
    "SELECT count(*) FROM orders # those we can't lose\nWHERE note <> 'it\\'s #1'",
    "SELECT doc #>> '{a}' FROM orders WHERE note <> 'a; b'",
    'SELECT insert, "update", "delete" FROM order_changes',
    "SELECT count(*) FROM orders WHERE note <> 'it''s; fine'",
    'SELECT max(changed_at) update FROM order_changes WHERE id IN (1, 2) FOR UPDATE',
    'SELECT replace(note, chr(59), note), $1 FROM orders; -- done; really',
  ])('accepts a query that reads: %s', (sql) => {
    expect(create(sql).name).toMatch(/^rowParity/);
  });
});

describe('gates', () => {
  test.each<[string, (options: never) => unknown, object]>([
    ['queue', queueDrained, { queue: 'arn:aws:sqs:eu-west-1:1:orders' }],
    ['consecutiveReads', queueDrained, { queue: 'orders', consecutiveReads: 0 }],
    ['queues', queueDrained, { queue: 'orders', queues: [] }],
    ['stack', queueDrained, { queue: 'orders', stack: 'green' }],
    ['timeoutSeconds', queueDrained, { queue: 'orders', timeoutSeconds: 901 }],
    ['clients.sqs', queueDrained, { queue: 'orders', clients: { sqs: 1 } }],
    ['maxAgeSeconds', streamCaughtUp, { functionName: 'reader' }],
    ['functionName', streamCaughtUp, { functionName: 'a:b', maxAgeSeconds: 1 }],
    ['maxLagSeconds', replicaLag, { clusterIdentifier: 'orders', maxLagSeconds: Number.NaN }],
    ['source', replicaLag, { clusterIdentifier: 'orders', maxLagSeconds: 1, source: 'writer' }],
    ['sql', rowParity, { databases: { blue: arns, green: other }, sql: 'DELETE FROM orders' }],
    ['databases', rowParity, { databases: { blue: arns, green: arns }, sql: 'SELECT 1' }],
    [
      'tolerancePercent',
      rowParity,
      { databases: { blue: arns, green: other }, sql: 'SELECT 1', tolerance: 1, tolerancePercent: 1 },
    ],
    [
      'databases.blue.clusterArn',
      rowParity,
      { databases: { blue: { ...arns, clusterArn: 'a' }, green: other }, sql: 'SELECT 1' },
    ],
    ['calendars', changeCalendarOpen, { calendars: [] }],
    ['openForSeconds', changeCalendarOpen, { calendars: ['a'], openForSeconds: -1 }],
    ['qualifier', functionReady, { functionName: 'web', provisionedConcurrency: 'required' }],
    ['functionName', functionReady, { functionName: 'web:live' }],
    ['functionName', functionReady, { functionName: '123456789012:function:web:live' }],
    [
      'functionName',
      functionReady,
      { functionName: 'arn:aws-cn:lambda:cn-north-1:123456789012:function:web:1' },
    ],
    ['functionName.green', functionReady, { functionName: { blue: 'web', green: 'web:$LATEST' } }],
    ['whileClosed', httpHealthy, { url: 'https://example.com', whileClosed: 'pass' }],
    ['url', httpHealthy, { url: 'no url' }],
    ['urls', httpHealthy, { url: 'https://example.com', urls: 1 }],
  ])('throw InvalidInputError that names %s: %o', (field, create, options) => {
    expect(() => create(options as never)).toThrow(
      expect.objectContaining({
        name: 'InvalidInputError',
        problems: expect.arrayContaining([expect.objectContaining({ field })]),
      }),
    );
  });

  test.each(['web', 'function:web', '123456789012:function:web', 'arn:aws:lambda:eu-west-1:1:function:web'])(
    'accept the function %s',
    (functionName) => {
      expect(functionReady({ functionName }).name).toBe(`functionReady ${functionName}`);
    },
  );

  test('throw OperationAbortedError as soon as the signal is aborted, also when a client ignores it', async () => {
    const silent = { send: () => new Promise(() => undefined) };
    const gate = functionReady({ functionName: 'web', clients: { lambda: silent } } as never);
    const controller = new AbortController();
    cloud.clock.schedule(1, () => controller.abort());
    const start = cloud.clock.now();

    await expect(gate.evaluate(checkContext(cloud, { signal: controller.signal }))).rejects.toMatchObject({
      name: 'OperationAbortedError',
    });
    expect(cloud.clock.now() - start).toBe(1000);
  });

  test('throw InvalidInputError for a clientConfig beside ready clients', () => {
    const options = { functionName: 'web', clients: cloud.clients, clientConfig: { region: 'eu-west-1' } };

    expect(() => functionReady(options as never)).toThrow(/clientConfig/);
  });
});

describe('httpHealthy', () => {
  const respond = (status: number) => ({ fetch: async () => new Response('ok', { status }) });

  test('passes for a healthy response of the stack that it judges', async () => {
    const urls: string[] = [];
    const gate = httpHealthy({
      url: { blue: 'https://blue.example.com/', green: 'https://green.example.com/' },
      stack: 'outgoing',
      fetch: async (url) => {
        urls.push(String(url));
        return new Response('ok');
      },
    });

    expect(await gate.evaluate(checkContext(cloud))).toMatchObject({ outcome: 'pass', value: 200 });
    expect(urls).toEqual(['https://blue.example.com/']);
  });

  test.each<[string, () => Promise<Response>, object]>([
    ['no response', () => Promise.reject(new TypeError('fetch failed')), closedOutcome],
    ['no response in time', () => new Promise(() => undefined), closedOutcome],
    ['a denied request', async () => new Response('', { status: 403 }), closedOutcome],
  ])('does not pass with %s', async (_, fetch, expected) => {
    const gate = httpHealthy({ url: 'https://green.example.com/', timeoutSeconds: 0.02, fetch });

    expect(await gate.evaluate(checkContext(cloud))).toMatchObject(expected);
  });

  test('waits for a server in real time, and leaves the clock of the simulation unchanged', async () => {
    const fetch = async () => {
      await new Promise((resolve) => setImmediate(resolve));
      return new Response('ok');
    };
    const start = cloud.clock.now();

    const result = await httpHealthy({ url: 'https://green.example.com/', fetch }).evaluate(
      checkContext(cloud),
    );

    expect(result).toMatchObject({ outcome: 'pass' });
    expect(cloud.clock.now()).toBe(start);
  });

  test('passes as a step once a late response is healthy', async () => {
    let status = 503;
    cloud.clock.schedule(60, () => {
      status = 200;
    });
    const fetch = async () => new Response('ok', { status });
    const step = check(httpHealthy({ url: 'https://green.example.com/', fetch }));
    const context = stepContext({}, cloud);
    await step.run(context);

    expect(await step.isDone?.(context)).toBe(false);
    expect(await isDoneWithin(step, context, 300)).toBe(true);
  });

  test('waits for a healthy response, and fails at once when the option says so', async () => {
    const options = { url: 'https://green.example.com/', ...respond(503) };

    expect(await httpHealthy(options).evaluate(checkContext(cloud))).toMatchObject(closedOutcome);
    expect(
      await httpHealthy({ ...options, whileClosed: 'fail' }).evaluate(checkContext(cloud)),
    ).toMatchObject({
      outcome: 'fail',
      detail: 'https://green.example.com/ returned 503, expected 200 to 299',
    });
  });
});
