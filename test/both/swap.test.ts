import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import { GetQueueAttributesCommand, GetQueueUrlCommand } from '@aws-sdk/client-sqs';
import { describe, expect, test } from 'vitest';
import type { StackReference } from '../../src/core/stack-reference.js';
import { DynamoTools } from '../../src/dynamo/dynamo-tools.js';
import { LambdaTools } from '../../src/lambda/lambda-tools.js';
import { SqsTools } from '../../src/sqs/sqs-tools.js';
import { DynamoSwapRecord } from '../../src/swap/dynamo/index.js';
import {
  deleteTable,
  disableEventMapping,
  enableEventMapping,
  parallel,
  purgeQueues,
  StackSwap,
  type SwapStep,
  shiftTraffic,
} from '../../src/swap/index.js';
import { canary } from '../../src/traffic/strategies/canary.js';
import { AlbListenerRuleTarget } from '../../src/traffic/targets/alb-listener-rule.js';
import { TrafficShifter } from '../../src/traffic/traffic-shifter.js';
import { type Backend, openBackend } from '../support/backend.js';
import { scaledClock } from '../support/scaled-clock.js';
import { seedTable } from './seed/dynamo-db.js';
import { seedLoadBalancer } from './seed/elastic-load-balancing.js';
import { seedEventSource, seedFunction, seedMapping } from './seed/lambda.js';
import { seedQueue } from './seed/sqs.js';

const stacks = ['blue', 'green'] as const;
const request = { owner: { kind: 'run', id: 'run-1' } } as const;

/** Two stacks of a queue, a reader and a session table behind a listener rule. Blue is live. */
async function createWorld() {
  const backend = await openBackend();
  const { clients } = backend;
  // The waits of moto's own clock end at once, and so would every claim.
  const clock = backend.cloud === undefined ? scaledClock(100) : backend.clock;
  await seedTable(backend, { name: 'stack-swaps', partitionKey: 'application' });
  for (const stack of stacks) await seedStack(backend, stack);
  const { ruleArns, targetGroupArns } = await seedLoadBalancer(backend, ({ blue, green }) => [
    {
      Type: 'forward',
      ForwardConfig: {
        TargetGroups: [
          { TargetGroupArn: blue, Weight: 100 },
          { TargetGroupArn: green, Weight: 0 },
        ],
      },
    },
  ]);
  const shared = { clients, clock };
  const each = <Options>(optionsOf: (stack: StackReference) => Options) => ({
    blue: optionsOf('blue'),
    green: optionsOf('green'),
    ...shared,
  });
  const queues = new SqsTools(each((it) => ({ queue: `orders-${it}` })));
  const reader = new LambdaTools(each((it) => ({ functionName: `reader-${it}` })));
  const sessions = new DynamoTools(each((it) => ({ tableName: `sessions-${it}` })));
  const target = new AlbListenerRuleTarget({
    ruleArns: ruleArns.slice(0, 1),
    blue: { targetGroupArn: targetGroupArns.blue },
    green: { targetGroupArn: targetGroupArns.green },
    ...shared,
  });
  const record = new DynamoSwapRecord({ tableName: 'stack-swaps', ...shared });

  /** Creates the swap of a new process. */
  const createSwap = (test: SwapStep[] = []) =>
    new StackSwap({
      application: 'orders',
      record,
      prepare: [parallel(purgeQueues(queues), enableEventMapping(reader))],
      test,
      switch: shiftTraffic(
        new TrafficShifter({ target, clock, minimumHealthyCount: 0 }),
        canary({ percent: 10, holdSeconds: 60 }),
      ),
      retire: [disableEventMapping(reader), deleteTable(sessions)],
      clock,
    });

  const stateOf = async (stack: StackReference) => ({
    reader: (await reader.listEventSourceMappings(stack)).map(({ State }) => State),
    hasSessions: await hasTable(backend, `sessions-${stack}`),
    percent: (await target.readWeights())[stack],
  });
  return { createSwap, stateOf, record, messages: (stack: StackReference) => countMessages(backend, stack) };
}

async function seedStack(backend: Backend, stack: StackReference): Promise<void> {
  await seedQueue(backend, `orders-${stack}`);
  await seedFunction(backend, `reader-${stack}`, 'live');
  await seedMapping(backend, {
    functionName: `reader-${stack}`,
    // A queue of its own, because the reader would empty the other one.
    eventSourceArn: await seedEventSource(backend, `events-${stack}`),
    state: stack === 'blue' ? 'Enabled' : 'Disabled',
  });
  await seedTable(backend, { name: `sessions-${stack}` });
}

async function hasTable({ clients }: Backend, TableName: string): Promise<boolean> {
  try {
    await clients.dynamoDb.send(new DescribeTableCommand({ TableName }));
    return true;
  } catch (error) {
    if (error instanceof Error && error.name === 'ResourceNotFoundException') return false;
    throw error;
  }
}

async function countMessages({ clients }: Backend, stack: StackReference): Promise<number> {
  const { QueueUrl } = await clients.sqs.send(new GetQueueUrlCommand({ QueueName: `orders-${stack}` }));
  const command = new GetQueueAttributesCommand({
    QueueUrl,
    AttributeNames: ['ApproximateNumberOfMessages'],
  });
  return Number((await clients.sqs.send(command)).Attributes?.['ApproximateNumberOfMessages']);
}

const blueLive = { reader: ['Enabled'], hasSessions: true, percent: 100 };
const greenIdle = { reader: ['Disabled'], hasSessions: true, percent: 0 };

describe('StackSwap with DynamoSwapRecord', { timeout: 120_000 }, () => {
  test('swaps the stacks', async () => {
    const { createSwap, stateOf, record, messages } = await createWorld();
    const preview = await createSwap().preview();
    expect(preview.steps.map(({ action }) => action)).toEqual(['run', 'run', 'run', 'run']);

    const { outcome } = await createSwap().run(request);

    expect(outcome).toBe('succeeded');
    expect(await stateOf('green')).toEqual({ ...greenIdle, reader: ['Enabled'], percent: 100 });
    expect(await stateOf('blue')).toEqual({ reader: ['Disabled'], hasSessions: false, percent: 0 });
    expect([await messages('blue'), await messages('green')]).toEqual([1, 0]);
    expect(await record.read('orders')).toMatchObject({ live: 'green', ended: [{ end: 'succeeded' }] });
    expect(await createSwap().next()).toEqual({ live: 'green', incoming: 'blue' });
  });

  test('undoes its changes when a test fails', async () => {
    const { createSwap, stateOf, record } = await createWorld();
    const error = Object.assign(new Error('no orders'), {
      name: 'ValidationException',
      $metadata: { httpStatusCode: 400 },
    });
    const smokeTest: SwapStep = { name: 'smoke test', undo: 'none', run: () => Promise.reject(error) };

    const { outcome, reason } = await createSwap([smokeTest]).run(request);

    expect([outcome, reason]).toEqual(['rolledBack', 'step "smoke test" failed: no orders']);
    expect([await stateOf('blue'), await stateOf('green')]).toEqual([blueLive, greenIdle]);
    expect(await record.read('orders')).toMatchObject({ live: 'blue', ended: [{ end: 'rolledBack' }] });
  });

  test('is continued by another process, and lets no other owner begin meanwhile', async () => {
    const { createSwap, stateOf } = await createWorld();
    const first = createSwap();
    await first.advance(await first.begin(request));

    await expect(createSwap().begin({ owner: { kind: 'run', id: 'run-2' } })).rejects.toMatchObject({
      name: 'SwapInProgressError',
    });
    expect(await createSwap().resume()).toMatchObject({ outcome: 'succeeded', orphans: [] });
    expect(await stateOf('green')).toMatchObject({ reader: ['Enabled'], percent: 100 });
  });
});
