import {
  CreateEventSourceMappingCommand,
  DeleteEventSourceMappingCommand,
  GetAliasCommand,
  GetFunctionConfigurationCommand,
  InvokeCommand,
  ListEventSourceMappingsCommand,
  UpdateAliasCommand,
  UpdateEventSourceMappingCommand,
} from '@aws-sdk/client-lambda';
import { beforeEach, describe, expect, test } from 'vitest';
import { SimulatedCloud, type SimulatedFunctionContext } from '../../../../../src/testing/index.js';

let cloud: SimulatedCloud;
let received: string[];

beforeEach(() => {
  cloud = new SimulatedCloud();
  received = [];
  cloud.sqs.addQueue({ name: 'orders', visibilityTimeoutSeconds: 30 });
  cloud.lambda.addFunction({ name: 'reader', versions: ['1'], handler: readOrders });
  cloud.lambda.addAlias({ functionName: 'reader', name: 'live', version: '1' });
});

function readOrders(event: unknown) {
  const { Records } = event as { Records: readonly { body: string }[] };
  if (Records.some(({ body }) => body === 'broken')) throw new TypeError('cannot read it');
  received.push(...Records.map(({ body }) => body));
  return null;
}

function addMapping(state?: 'Enabled' | 'Disabled') {
  const eventSourceArn = cloud.sqs.queue('orders').arn;
  return cloud.lambda.addMapping({ functionName: 'reader', eventSourceArn, ...(state && { state }) });
}

const lambda = () => cloud.clients.lambda;

describe('SimulatedLambda', () => {
  describe('event source mappings', () => {
    test('delivers messages to the function and deletes them', async () => {
      addMapping();
      cloud.sqs.send('orders', 'first');
      cloud.sqs.send('orders', 'second');

      await cloud.clock.sleep(5000);

      expect(received).toEqual(['first', 'second']);
      expect(cloud.sqs.queue('orders').messages).toEqual([]);
    });

    test('delivers records in the form of SQS', async () => {
      const events: unknown[] = [];
      cloud.lambda.addFunction({ name: 'spy', handler: (event) => events.push(event) });
      const { arn } = cloud.sqs.queue('orders');
      cloud.lambda.addMapping({ functionName: 'spy', eventSourceArn: arn });
      cloud.sqs.send('orders', 'first');

      await cloud.clock.sleep(5000);

      expect(events).toMatchObject([
        {
          Records: [
            {
              messageId: expect.any(String),
              body: 'first',
              attributes: { ApproximateReceiveCount: '1' },
              eventSource: 'aws:sqs',
              eventSourceARN: arn,
              awsRegion: 'eu-west-1',
            },
          ],
        },
      ]);
    });

    test('returns messages after their visibility timeout when the function throws', async () => {
      addMapping();
      cloud.sqs.send('orders', 'broken');
      await cloud.clock.sleep(20_000);
      expect(cloud.sqs.queue('orders').messages).toMatchObject([{ receiveCount: 1 }]);

      await cloud.clock.sleep(20_000);

      expect(cloud.sqs.queue('orders').messages).toMatchObject([{ receiveCount: 2 }]);
    });

    test('polls until Disabled, and from Enabled on', async () => {
      const { uuid } = addMapping();
      await lambda().send(new UpdateEventSourceMappingCommand({ UUID: uuid, Enabled: false }));
      cloud.sqs.send('orders', 'while disabling');
      await cloud.clock.sleep(30_000);
      cloud.sqs.send('orders', 'while disabled');
      await cloud.clock.sleep(30_000);
      expect(received).toEqual(['while disabling']);

      await lambda().send(new UpdateEventSourceMappingCommand({ UUID: uuid, Enabled: true }));
      await cloud.clock.sleep(10_000);

      expect(received).toEqual(['while disabling']);
      expect(cloud.lambda.mapping(uuid).state).toBe('Enabling');
      await cloud.clock.sleep(20_000);
      expect(received).toEqual(['while disabling', 'while disabled']);
    });

    test('keeps the state of an updated mapping', async () => {
      const { uuid } = addMapping('Disabled');

      const update = await lambda().send(new UpdateEventSourceMappingCommand({ UUID: uuid, BatchSize: 5 }));

      expect(update).toMatchObject({ State: 'Updating', BatchSize: 5 });
      await cloud.clock.sleep(30_000);
      expect(cloud.lambda.mapping(uuid).state).toBe('Disabled');
    });

    test('refuses a change during a transition', async () => {
      const { uuid } = addMapping('Disabled');
      await lambda().send(new UpdateEventSourceMappingCommand({ UUID: uuid, Enabled: true }));

      const update = lambda().send(new UpdateEventSourceMappingCommand({ UUID: uuid, Enabled: false }));
      const deletion = lambda().send(new DeleteEventSourceMappingCommand({ UUID: uuid }));

      await expect(update).rejects.toMatchObject({ name: 'ResourceInUseException' });
      await expect(deletion).rejects.toMatchObject({ name: 'ResourceInUseException' });
    });

    test('refuses another function for a mapping', async () => {
      const { uuid } = addMapping();

      const update = lambda().send(
        new UpdateEventSourceMappingCommand({ UUID: uuid, FunctionName: 'other' }),
      );

      await expect(update).rejects.toThrowError(TypeError);
    });

    test('throws ResourceNotFoundException for a deleted mapping', async () => {
      const { uuid } = addMapping();
      await lambda().send(new DeleteEventSourceMappingCommand({ UUID: uuid }));
      await cloud.clock.sleep(30_000);
      cloud.sqs.send('orders', 'too late');

      await cloud.clock.sleep(30_000);

      expect(received).toEqual([]);
      expect(() => cloud.lambda.mapping(uuid)).toThrowError('does not exist');
    });

    test('refuses a second mapping of the same function and source', async () => {
      const { eventSourceArn } = addMapping();

      const creation = lambda().send(
        new CreateEventSourceMappingCommand({ FunctionName: 'reader', EventSourceArn: eventSourceArn }),
      );

      await expect(creation).rejects.toMatchObject({ name: 'ResourceConflictException' });
    });

    test('ignores a deleted queue', async () => {
      cloud.lambda.addMapping({
        functionName: 'reader',
        eventSourceArn: cloud.sqs.queue('orders').arn.replace('orders', 'gone'),
      });

      await cloud.clock.sleep(5000);

      expect(received).toEqual([]);
    });

    test('lists mappings by function and source', async () => {
      addMapping();
      const { eventSourceArn } = cloud.lambda.addMapping({
        functionName: 'reader:live',
        eventSourceArn: 'arn:aws:kinesis:eu-west-1:123456789012:stream/clicks',
      });
      const list = async (input: { FunctionName?: string; EventSourceArn?: string; MaxItems?: number }) =>
        (await lambda().send(new ListEventSourceMappingsCommand(input))).EventSourceMappings?.length;

      expect(await list({})).toBe(2);
      expect(await list({ FunctionName: 'reader' })).toBe(2);
      expect(await list({ FunctionName: 'reader:live' })).toBe(1);
      expect(await list({ EventSourceArn: eventSourceArn })).toBe(1);
      expect(await list({ MaxItems: 1 })).toBe(1);
    });
  });

  describe('functions', () => {
    test('are found by name and by ARN, with and without a qualifier', async () => {
      const { arn } = cloud.lambda.function('reader');
      const read = async (FunctionName: string, Qualifier?: string) => {
        const { FunctionArn, Version } = await lambda().send(
          new GetFunctionConfigurationCommand({ FunctionName, Qualifier }),
        );
        return [FunctionArn, Version];
      };

      expect(await read('reader')).toEqual([arn, '$LATEST']);
      expect(await read(arn)).toEqual([arn, '$LATEST']);
      expect(await read('123456789012:function:reader')).toEqual([arn, '$LATEST']);
      expect(await read('reader:live')).toEqual([`${arn}:live`, '1']);
      expect(await read('reader', '1')).toEqual([`${arn}:1`, '1']);
    });

    test('throw ResourceNotFoundException when missing', async () => {
      const notFound = { name: 'ResourceNotFoundException' };
      const configuration = (FunctionName: string) =>
        lambda().send(new GetFunctionConfigurationCommand({ FunctionName }));

      await expect(configuration('missing')).rejects.toMatchObject(notFound);
      await expect(configuration('reader:missing')).rejects.toMatchObject(notFound);
      await expect(
        lambda().send(new GetAliasCommand({ FunctionName: 'reader', Name: 'missing' })),
      ).rejects.toMatchObject(notFound);
      expect(() =>
        cloud.lambda.addAlias({ functionName: 'reader', name: 'next', version: '9' }),
      ).toThrowError(expect.objectContaining(notFound));
    });
  });

  describe('Invoke', () => {
    async function invoke(name: string, payload?: unknown) {
      const input = {
        FunctionName: name,
        ...(payload !== undefined && { Payload: JSON.stringify(payload) }),
      };
      const answer = await lambda().send(new InvokeCommand(input));
      return { ...answer, payload: JSON.parse(answer.Payload?.transformToString() ?? '') };
    }

    test('returns the result of the handler in the SDK’s own type of bytes', async () => {
      cloud.lambda.addFunction({ name: 'echo', handler: async (event) => ({ event }) });

      expect(await invoke('echo', { number: 1 })).toMatchObject({
        StatusCode: 200,
        ExecutedVersion: '$LATEST',
        payload: { event: { number: 1 } },
      });
      expect(await invoke('echo')).toMatchObject({ payload: { event: {} } });
    });

    test('accepts bytes, too', async () => {
      cloud.lambda.addFunction({ name: 'echo', handler: (event) => event });
      const Payload = new TextEncoder().encode('[1]');

      const answer = await lambda().send(new InvokeCommand({ FunctionName: 'echo', Payload }));

      expect(answer.Payload?.transformToString()).toBe('[1]');
    });

    test('returns the error of the handler', async () => {
      const failing = (thrown: unknown) => () => {
        throw thrown;
      };
      cloud.lambda.addFunction({ name: 'failing', handler: failing(new TypeError('no')) });
      cloud.lambda.addFunction({ name: 'odd', handler: failing('just text') });

      expect(await invoke('failing')).toMatchObject({
        StatusCode: 200,
        FunctionError: 'Unhandled',
        payload: { errorType: 'TypeError', errorMessage: 'no' },
      });
      expect(await invoke('odd')).toMatchObject({ payload: { errorMessage: 'just text' } });
    });

    test('passes a context that counts down in virtual time', async () => {
      const times: number[] = [];
      const contexts: SimulatedFunctionContext[] = [];
      cloud.lambda.addFunction({
        name: 'slow',
        timeoutSeconds: 60,
        handler: async (_event, context) => {
          contexts.push(context);
          times.push(context.getRemainingTimeInMillis());
          await cloud.clock.sleep(20_000);
          times.push(context.getRemainingTimeInMillis());
        },
      });

      expect(await invoke('slow')).toMatchObject({ payload: null });

      expect(times).toEqual([60_000, 40_000]);
      expect(contexts).toMatchObject([{ functionName: 'slow', functionVersion: '$LATEST' }]);
    });

    test('throws TypeError for options that are not simulated', async () => {
      const event = lambda().send(new InvokeCommand({ FunctionName: 'reader', InvocationType: 'Event' }));
      const input = { FunctionName: 'reader', Payload: new ArrayBuffer(2) };
      const buffer = lambda().send(new InvokeCommand(input));

      await expect(event).rejects.toThrowError('does not simulate another InvocationType');
      await expect(buffer).rejects.toThrowError('a string or a Uint8Array');
    });

    test('returns null for a function without a handler', async () => {
      cloud.lambda.addFunction({ name: 'idle' });

      expect(await cloud.lambda.invoke('idle', {})).toBeNull();
    });
  });

  describe('aliases with two versions', () => {
    const alias = { functionName: 'orders', name: 'live' };
    const update = (input: Partial<ConstructorParameters<typeof UpdateAliasCommand>[0]>) =>
      lambda().send(new UpdateAliasCommand({ FunctionName: 'orders', Name: 'live', ...input }));
    const get = () => lambda().send(new GetAliasCommand({ FunctionName: 'orders', Name: 'live' }));

    beforeEach(() => {
      cloud.lambda.addFunction({
        name: 'orders',
        versions: ['1', '2', '3'],
        handler: (_, { functionVersion }: SimulatedFunctionContext) => functionVersion,
      });
      cloud.lambda.addAlias({ ...alias, version: '1', description: 'in use' });
    });

    test('changes the given members and the revision on an update', async () => {
      const before = await get();

      await update({ RoutingConfig: { AdditionalVersionWeights: { '2': 0.25 } } });

      const after = await get();
      expect(after).toMatchObject({
        FunctionVersion: '1',
        Description: 'in use',
        RoutingConfig: { AdditionalVersionWeights: { '2': 0.25 } },
      });
      expect(after.RevisionId).not.toBe(before.RevisionId);
      expect(cloud.lambda.liveSplit({ functionName: 'orders', alias: 'live' })).toEqual({ '1': 75, '2': 25 });
    });

    test('removes the routing configuration for an empty map only', async () => {
      cloud.lambda.updateAlias({ ...alias, additionalVersionWeights: { '2': 0.5 } });

      await update({ Description: 'still in use' });
      expect((await get()).RoutingConfig).toEqual({ AdditionalVersionWeights: { '2': 0.5 } });
      await update({ FunctionVersion: '2', RoutingConfig: { AdditionalVersionWeights: {} } });

      expect(await get()).not.toHaveProperty('RoutingConfig');
      expect(cloud.lambda.alias('orders', 'live')).toMatchObject({
        version: '2',
        description: 'still in use',
      });
    });

    test('refuse an outdated revision ID', async () => {
      const { RevisionId } = await get();
      await update({ RevisionId, Description: 'first' });

      await expect(update({ RevisionId, Description: 'second' })).rejects.toMatchObject({
        name: 'PreconditionFailedException',
      });
    });

    test.each<[string, string, Record<string, number>]>([
      ['two additional versions', '1', { '2': 0.1, '3': 0.1 }],
      ['a weight above 1', '1', { '2': 1.1 }],
      ['a negative weight', '1', { '2': -0.1 }],
      ['the same version twice', '1', { '1': 0.1 }],
      ['$LATEST beside another version', '$LATEST', { '2': 0.1 }],
    ])('refuse %s', async (_, FunctionVersion, AdditionalVersionWeights) => {
      await expect(
        update({ FunctionVersion, RoutingConfig: { AdditionalVersionWeights } }),
      ).rejects.toMatchObject({ name: 'InvalidParameterValueException' });
    });

    test('throw ResourceNotFoundException for an unpublished version', async () => {
      await expect(
        update({ RoutingConfig: { AdditionalVersionWeights: { '9': 0.1 } } }),
      ).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    });

    test('alternate their versions by the weights', async () => {
      cloud.lambda.updateAlias({ ...alias, additionalVersionWeights: { '2': 0.25 } });

      const versions = await Promise.all(
        Array.from({ length: 8 }, () => cloud.lambda.invoke('orders:live', {})),
      );

      expect(versions.filter((version) => version === '2')).toHaveLength(2);
      expect(versions.filter((version) => version === '1')).toHaveLength(6);
    });

    test('return the state of a version that a test has set', async () => {
      cloud.lambda.function('orders').states.set('2', 'Inactive');

      const stateOf = async (Qualifier: string) =>
        (await lambda().send(new GetFunctionConfigurationCommand({ FunctionName: 'orders', Qualifier })))
          .State;

      expect([await stateOf('1'), await stateOf('2')]).toEqual(['Active', 'Inactive']);
    });
  });
});
