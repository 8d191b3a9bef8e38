import { beforeEach, describe, expect, test } from 'vitest';
import { KinesisTools } from '../../src/kinesis/index.js';
import { type Backend, openBackend } from '../support/backend.js';
import { seedStream } from './seed/kinesis.js';

let backend: Backend;
let tools: KinesisTools;

beforeEach(async () => {
  backend = await openBackend();
  tools = new KinesisTools({
    streamArn: await seedStream(backend, 'orders'),
    blue: { consumerName: 'orders-blue' },
    green: { consumerName: 'orders-green' },
    clients: backend.clients,
    clock: backend.clock,
  });
});

describe('KinesisTools', () => {
  test('registers the consumers of both stacks, and deregisters one', async () => {
    const blue = await tools.registerConsumer('blue');
    const again = await tools.registerConsumer('blue');
    await tools.waitForConsumerState('blue', 'ACTIVE');
    await tools.registerConsumer('green');

    await tools.deregisterConsumer('blue');
    await tools.waitForConsumerState('blue', 'DELETED');

    expect(again.consumerArn).toBe(blue.consumerArn);
    expect(await tools.describeConsumer('blue')).toBeUndefined();
    expect(await tools.describeConsumer('green')).toMatchObject({ consumerName: 'orders-green' });
  });

  test('succeeds when the consumer is not registered', async () => {
    await tools.deregisterConsumer('blue');

    expect(await tools.describeConsumer('blue')).toBeUndefined();
  });
});
