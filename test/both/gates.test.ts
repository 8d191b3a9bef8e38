import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Clock } from '../../src/core/clock.js';
import { silentLogger } from '../../src/core/logger.js';
import { functionReady, queueDrained, rowParity } from '../../src/gates/index.js';
import type { CheckContext } from '../../src/traffic/index.js';
import { type Backend, openBackend } from '../support/backend.js';
import { seedFunction } from './seed/lambda.js';
import { type OrderCounts, seedOrderCounts } from './seed/rds-data.js';
import { seedEmptyQueue, seedQueue } from './seed/sqs.js';

let backend: Backend;

beforeEach(async () => {
  backend = await openBackend();
});

/** A clock on which no time limit passes while moto responds, although moto's clock ends every sleep at once. */
function patientClock({ clock, cloud }: Backend): Clock {
  if (cloud !== undefined) return clock;
  return {
    now: () => clock.now(),
    sleep: (milliseconds, signal) =>
      milliseconds <= 10_000
        ? clock.sleep(milliseconds, signal)
        : new Promise((_resolve, reject) => {
            signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
          }),
  };
}

function context(): CheckContext {
  const clock = patientClock(backend);
  const now = clock.now();
  return {
    incoming: 'green',
    outgoing: 'blue',
    weights: { blue: 100, green: 0 },
    weightsSince: now - 600_000,
    startedAt: now - 600_000,
    now,
    clock,
    logger: silentLogger,
    signal: undefined,
  };
}

describe('queueDrained', () => {
  test('passes for an empty queue, and not for one with a message', async () => {
    await seedEmptyQueue(backend, 'orders-blue');
    await seedQueue(backend, 'orders-green');
    const queue = { blue: 'orders-blue', green: 'orders-green' };
    const gate = (stack: 'incoming' | 'outgoing') => queueDrained({ queue, stack, clients: backend.clients });

    expect(await gate('outgoing').evaluate(context())).toMatchObject({ outcome: 'pass', value: 0 });
    expect(await gate('incoming').evaluate(context())).toMatchObject({ outcome: 'inconclusive', value: 1 });
  });

  test('is inconclusive for dead letters of unknown age', async () => {
    const deadLetters = await seedEmptyQueue(backend, 'orders-dlq');
    await seedEmptyQueue(backend, 'orders', deadLetters);
    const { cloud, clients } = backend;
    if (cloud !== undefined) cloud.sqs.send('orders-dlq', 'dead letter');
    else
      await clients.sqs.send(
        new SendMessageCommand({ QueueUrl: deadLetters.url, MessageBody: 'dead letter' }),
      );

    const result = await queueDrained({ queue: 'orders', clients }).evaluate(context());

    expect(result).toMatchObject({
      outcome: 'inconclusive',
      detail: expect.stringContaining(
        'orders-dlq holds 1 messages, and its count from the beginning is unknown',
      ),
    });
  });

  test('throws ResourceNotFoundError for a queue that does not exist', async () => {
    const gate = queueDrained({ queue: 'orders', clients: backend.clients });

    await expect(gate.evaluate(context())).rejects.toMatchObject({ name: 'ResourceNotFoundError' });
  });
});

describe('functionReady', () => {
  test('passes for an active function, and throws ResourceNotFoundError for a missing one', async () => {
    await seedFunction(backend, 'web', 'live');
    const { clients } = backend;

    expect(await functionReady({ functionName: 'web', clients }).evaluate(context())).toMatchObject({
      outcome: 'pass',
      detail: 'web is Active',
    });
    await expect(functionReady({ functionName: 'none', clients }).evaluate(context())).rejects.toMatchObject({
      name: 'ResourceNotFoundError',
    });
  });
});

describe('rowParity', () => {
  test.each<[OrderCounts, object]>([
    [{ blue: 3, green: 3 }, { outcome: 'pass' }],
    [
      { blue: 3, green: 2 },
      { outcome: 'pass', detail: '1 rows are the same on both clusters within 1' },
    ],
    [
      { blue: 3, green: 1 },
      { outcome: 'inconclusive', undecided: true },
    ],
    [undefined, { outcome: 'inconclusive', detail: expect.stringMatching(/^no data/) }],
  ])('compares the results of both clusters (%o)', async (counts, expected) => {
    const databases = await seedOrderCounts(backend, counts);
    const gate = rowParity({
      databases,
      sql: 'SELECT count(*) FROM orders',
      tolerance: 1,
      clients: backend.clients,
    });

    expect(await gate.evaluate(context())).toMatchObject(expected);
  });
});
