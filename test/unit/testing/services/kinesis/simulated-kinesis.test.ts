import {
  DeregisterStreamConsumerCommand,
  DescribeStreamConsumerCommand,
  LimitExceededException,
  RegisterStreamConsumerCommand,
  ResourceInUseException,
  ResourceNotFoundException,
} from '@aws-sdk/client-kinesis';
import { beforeEach, describe, expect, test } from 'vitest';
import { SimulatedCloud } from '../../../../../src/testing/index.js';

let cloud: SimulatedCloud;
let streamArn: string;

beforeEach(() => {
  cloud = new SimulatedCloud();
  streamArn = cloud.kinesis.addStream({ name: 'orders' }).arn;
});

function register(ConsumerName: string, StreamARN = streamArn) {
  return cloud.clients.kinesis.send(new RegisterStreamConsumerCommand({ StreamARN, ConsumerName }));
}

function deregister(ConsumerARN: string) {
  return cloud.clients.kinesis.send(new DeregisterStreamConsumerCommand({ ConsumerARN }));
}

async function statusOf(ConsumerName: string) {
  const command = new DescribeStreamConsumerCommand({ StreamARN: streamArn, ConsumerName });
  return (await cloud.clients.kinesis.send(command)).ConsumerDescription?.ConsumerStatus;
}

describe('SimulatedKinesis', () => {
  test('registers and deregisters a consumer over time', async () => {
    const { Consumer } = await register('blue');
    const statuses = [Consumer?.ConsumerStatus];
    await cloud.clock.sleep(60_000);
    statuses.push(await statusOf('blue'));

    await deregister(Consumer?.ConsumerARN ?? '');

    statuses.push(await statusOf('blue'));
    expect(statuses).toEqual(['CREATING', 'ACTIVE', 'DELETING']);
    await cloud.clock.sleep(60_000);
    await expect(statusOf('blue')).rejects.toThrowError(ResourceNotFoundException);
  });

  test('refuses a second registration, and the deregistration of a consumer that is not ACTIVE', async () => {
    const { Consumer } = await register('blue');

    await expect(register('blue')).rejects.toThrowError(ResourceInUseException);
    await expect(deregister(Consumer?.ConsumerARN ?? '')).rejects.toThrowError(ResourceInUseException);
  });

  test('creates at most 5 consumers at the same time', async () => {
    for (let index = 0; index < 5; index += 1) await register(`consumer-${index}`);

    await expect(register('one-more')).rejects.toThrowError(LimitExceededException);
    await expect(register('one-more')).rejects.toThrowError(/being created/);
    await cloud.clock.sleep(60_000);
    await expect(register('one-more')).resolves.toBeDefined();
  });

  test('allows at most 20 consumers of a stream', async () => {
    for (let index = 0; index < 20; index += 1)
      cloud.kinesis.addConsumer({ streamArn, name: `consumer-${index}` });

    await expect(register('one-more')).rejects.toThrowError(LimitExceededException);
  });

  test('throws ResourceNotFoundException for an unknown stream or consumer', async () => {
    await expect(register('blue', `${streamArn}-none`)).rejects.toThrowError(ResourceNotFoundException);
    await expect(deregister(`${streamArn}/consumer/none:1`)).rejects.toThrowError(ResourceNotFoundException);
  });
});
