import { beforeEach, describe, expect, test } from 'vitest';
import { LambdaTools } from '../../../src/lambda/index.js';
import { SimulatedCloud } from '../../../src/testing/index.js';

let cloud: SimulatedCloud;
let tools: LambdaTools;

beforeEach(() => {
  cloud = new SimulatedCloud();
  for (const name of ['reader-blue', 'reader-green']) cloud.lambda.addFunction({ name });
  tools = new LambdaTools({
    blue: { functionName: 'reader-blue' },
    green: { functionName: 'reader-green' },
    clients: cloud.clients,
    clock: cloud.clock,
  });
});

const parametersFor = (
  topic: string,
  servers = ['kafka-1.example.com:9092', 'kafka-2.example.com:9092'],
) => ({
  SelfManagedEventSource: { Endpoints: { KAFKA_BOOTSTRAP_SERVERS: servers } },
  Topics: [topic],
  StartingPosition: 'LATEST' as const,
});

describe('LambdaTools: createEventSourceMapping of a self-managed Kafka cluster', () => {
  test('creates a mapping without an ARN, which the other methods switch and delete', async () => {
    const { UUID = '' } = await tools.createEventSourceMapping('green', undefined, parametersFor('orders'));
    await tools.waitForEventMappingState('green', 'Enabled');

    const { changed } = await tools.disableEventMapping('green');
    await tools.waitForEventMappingState('green', 'Disabled');
    await tools.deleteEventMapping('green', UUID);
    await cloud.clock.sleep(60_000);

    expect(changed).toEqual([UUID]);
    expect(cloud.lambda.mappingsOf('reader-green')).toEqual([]);
  });

  test('returns the existing mapping of the same brokers and topic, in any order of the brokers', async () => {
    const { UUID } = await tools.createEventSourceMapping('green', undefined, parametersFor('orders'));
    const { UUID: returns } = await tools.createEventSourceMapping(
      'green',
      undefined,
      parametersFor('returns'),
    );
    const others = ['kafka-2.example.com:9092', 'kafka-1.example.com:9092'];

    const again = await tools.createEventSourceMapping('green', undefined, parametersFor('orders', others));

    expect(again.UUID).toBe(UUID);
    expect(returns).not.toBe(UUID);
    expect(cloud.lambda.mappingsOf('reader-green')).toHaveLength(2);
  });
});
