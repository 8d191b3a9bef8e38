import { beforeEach, describe, expect, test, vi } from 'vitest';
import {
  AccessDeniedError,
  InvalidInputError,
  OperationAbortedError,
  ResourceNotFoundError,
  ResourceStateError,
  WaitTimeoutError,
} from '../../../src/core/index.js';
import { LambdaTools } from '../../../src/lambda/index.js';
import { SimulatedCloud, type SimulatedMappingState } from '../../../src/testing/index.js';
import { throwingObject } from '../../support/hostile-values.js';

let cloud: SimulatedCloud;
const logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };

beforeEach(() => {
  vi.clearAllMocks();
  cloud = new SimulatedCloud();
  for (const name of ['blue', 'green']) {
    cloud.lambda.addFunction({ name, versions: ['1', '2'] });
    cloud.lambda.addAlias({ functionName: name, name: 'live', version: '2' });
  }
});

function createTools({ alias }: { alias?: string } = {}) {
  return new LambdaTools({
    blue: { functionName: 'blue', alias },
    green: { functionName: 'green', alias },
    clients: cloud.clients,
    clock: cloud.clock,
    logger,
  });
}

function cyclic(): object {
  const value: Record<string, unknown> = {};
  value['self'] = value;
  return value;
}

function addMapping(functionName: string, state: SimulatedMappingState = 'Enabled', source = 'orders') {
  const eventSourceArn = `arn:aws:kinesis:eu-west-1:123456789012:stream/${source}`;
  return cloud.lambda.addMapping({ functionName, eventSourceArn, state });
}

/** Adds a mapping that changes its state some seconds later. */
function addMappingInTransition(from: SimulatedMappingState, to: SimulatedMappingState) {
  const mapping = addMapping('blue', from);
  cloud.clock.schedule(40, () => {
    mapping.state = to;
  });
  return mapping;
}

function countOf(action: string) {
  return cloud.calls.filter((call) => call.action === action).length;
}

function fail(name: string, action: string, times = 1) {
  cloud.injectFault({ kind: Object.assign(new Error(`${name} it is`), { name }), action, times });
}

describe('LambdaTools', () => {
  describe('constructor', () => {
    test('throws InvalidInputError that names every wrong option', () => {
      const options = {
        blue: { functionName: 'blue:live' },
        green: { functionName: '', alias: '' },
        eventBusNames: [''],
      };

      expect(() => new LambdaTools(options)).toThrowError(
        expect.objectContaining({
          name: 'InvalidInputError',
          problems: expect.arrayContaining([
            expect.objectContaining({ field: 'blue.functionName' }),
            expect.objectContaining({ field: 'green.functionName' }),
            expect.objectContaining({ field: 'green.alias' }),
            expect.objectContaining({ field: 'eventBusNames[0]' }),
          ]),
        }),
      );
    });

    test('throws InvalidInputError for an empty list of buses', () => {
      const stacks = { blue: { functionName: 'blue' }, green: { functionName: 'green' } };

      expect(() => new LambdaTools({ ...stacks, eventBusNames: [] })).toThrowError(InvalidInputError);
    });

    test('throws InvalidInputError for the same function twice, and accepts two aliases of one function', () => {
      const make = (blue?: string, green?: string) =>
        new LambdaTools({
          blue: { functionName: 'reader', alias: blue },
          green: { functionName: 'reader', alias: green },
          clients: cloud.clients,
        });

      expect(() => make()).toThrowError(InvalidInputError);
      expect(() => make('live', 'live')).toThrowError(InvalidInputError);
      expect(() => make(undefined, '$LATEST')).toThrowError(InvalidInputError);
      expect(make('blue', 'green')).toBeInstanceOf(LambdaTools);
    });
  });

  describe('createEventSourceMapping', () => {
    test('creates a mapping with its parameters for the alias', async () => {
      const { arn } = cloud.sqs.addQueue({ name: 'orders' });

      const mapping = await createTools({ alias: 'live' }).createEventSourceMapping('blue', arn, {
        BatchSize: 3,
        Enabled: false,
      });

      expect(mapping).toMatchObject({ State: 'Creating', BatchSize: 3, EventSourceArn: arn });
      await cloud.clock.sleep(60_000);
      expect(cloud.lambda.mappingsOf('blue:live')).toMatchObject([{ state: 'Disabled' }]);
    });

    test('returns the mapping that exists', async () => {
      const existing = addMapping('blue', 'Disabled');

      const mapping = await createTools().createEventSourceMapping('blue', existing.eventSourceArn);

      expect(mapping).toMatchObject({ UUID: existing.uuid, State: 'Disabled' });
      expect(logger.info).not.toHaveBeenCalled();
    });

    test('returns the mapping that was created although the response was lost', async () => {
      cloud.injectFault({ kind: 'lostResponse', action: 'lambda:CreateEventSourceMapping' });
      const { arn } = cloud.sqs.addQueue({ name: 'orders' });

      const mapping = await createTools().createEventSourceMapping('blue', arn);

      expect(cloud.lambda.mappingsOf('blue')).toMatchObject([{ uuid: mapping.UUID }]);
    });

    test('creates a mapping beside that of another alias', async () => {
      const { arn } = cloud.kinesis.addStream({ name: 'orders' });
      const other = addMapping('blue');

      const mapping = await createTools({ alias: 'live' }).createEventSourceMapping('blue', arn, {
        StartingPosition: 'LATEST',
      });

      expect(mapping.UUID).not.toBe(other.uuid);
      expect(cloud.lambda.mappingsOf('blue')).toHaveLength(2);
    });

    test('distinguishes mappings of one source by their topics', async () => {
      const [first, second] = [addMapping('blue'), addMapping('blue')];
      first.parameters = { Topics: ['returns'] };
      second.parameters = { Topics: ['orders'] };

      const mapping = await createTools().createEventSourceMapping('blue', first.eventSourceArn, {
        Topics: ['orders'],
      });

      expect(mapping.UUID).toBe(second.uuid);
    });

    test('waits while the function is being changed, up to the time limit', async () => {
      const { arn } = cloud.sqs.addQueue({ name: 'orders' });
      fail('ResourceConflictException', 'lambda:CreateEventSourceMapping', 3);

      await createTools().createEventSourceMapping('blue', arn);

      fail('ResourceConflictException', 'lambda:CreateEventSourceMapping', Number.POSITIVE_INFINITY);
      const create = createTools().createEventSourceMapping('green', arn, {}, { maxWaitSeconds: 20 });
      await expect(create).rejects.toThrowError(WaitTimeoutError);
      await expect(create).rejects.toMatchObject({ actual: 'ResourceConflictException it is' });
    });

    test('throws the error of AWS for a source that does not exist', async () => {
      const missing = 'arn:aws:sqs:eu-west-1:123456789012:missing';

      const create = createTools().createEventSourceMapping('blue', missing);

      await expect(create).rejects.toMatchObject({ name: 'InvalidParameterValueException' });
    });

    test.each<[name: string, value: unknown]>([
      ['cyclic', cyclic()],
      ['throws', throwingObject],
      ['holds a bigint', { Filters: [{ Pattern: 5n }] }],
    ])('throws InvalidInputError for a structure that %s', async (_, FilterCriteria) => {
      const { arn } = cloud.sqs.addQueue({ name: 'orders' });

      const create = createTools().createEventSourceMapping('blue', arn, { FilterCriteria } as never);

      await expect(create).rejects.toThrowError(InvalidInputError);
      await expect(create).rejects.toThrowError(/FilterCriteria/);
    });

    test('sends the structures as they were when it was called', async () => {
      const { arn } = cloud.sqs.addQueue({ name: 'orders' });
      fail('ResourceConflictException', 'lambda:CreateEventSourceMapping', 1);
      const filter = { Pattern: '{"body":{"kind":["order"]}}' };

      const created = createTools().createEventSourceMapping('blue', arn, {
        FilterCriteria: { Filters: [filter] },
      });
      filter.Pattern = '{}';
      await created;

      const { input } = cloud.calls.findLast((it) => it.action === 'lambda:CreateEventSourceMapping') ?? {};
      expect(input).toMatchObject({
        FilterCriteria: { Filters: [{ Pattern: '{"body":{"kind":["order"]}}' }] },
      });
    });

    test('throws InvalidInputError for an empty ARN', async () => {
      await expect(createTools().createEventSourceMapping('blue', '')).rejects.toThrowError(
        InvalidInputError,
      );
    });
  });

  describe('deleteEventMapping', () => {
    test('deletes the mapping', async () => {
      const { uuid } = addMapping('blue');

      await createTools().deleteEventMapping('blue', uuid);

      await cloud.clock.sleep(60_000);
      expect(cloud.lambda.mappingsOf('blue')).toEqual([]);
    });

    test('succeeds when the mapping is gone', async () => {
      await createTools().deleteEventMapping('blue', '00000000-0000-4000-8000-ffffffffffff');

      expect(countOf('lambda:DeleteEventSourceMapping')).toBe(0);
    });

    test('succeeds when the mapping is deleted between two calls', async () => {
      const { uuid } = addMapping('blue');
      fail('ResourceNotFoundException', 'lambda:DeleteEventSourceMapping');

      await expect(createTools().deleteEventMapping('blue', uuid)).resolves.toBeUndefined();
    });

    test('succeeds when the response was lost, after which AWS reports the mapping as in use', async () => {
      const { uuid } = addMapping('blue');
      cloud.injectFault({ kind: 'lostResponse', action: 'lambda:DeleteEventSourceMapping' });

      await createTools().deleteEventMapping('blue', uuid);

      await cloud.clock.sleep(60_000);
      expect(cloud.lambda.mappingsOf('blue')).toEqual([]);
    });

    test('waits for a transition to end', async () => {
      const { uuid } = addMappingInTransition('Updating', 'Enabled');

      await createTools().deleteEventMapping('blue', uuid);

      expect(cloud.lambda.mapping(uuid).state).toBe('Deleting');
    });

    test('throws WaitTimeoutError with the state when the transition does not end', async () => {
      const { uuid } = addMapping('blue', 'Updating');

      const deletion = createTools().deleteEventMapping('blue', uuid, { maxWaitSeconds: 30 });

      await expect(deletion).rejects.toThrowError(WaitTimeoutError);
      await expect(deletion).rejects.toMatchObject({ actual: 'the state Updating', maxWaitSeconds: 30 });
    });

    test('throws ResourceStateError for a mapping of the partner', async () => {
      const { uuid } = addMapping('green');

      const deletion = createTools().deleteEventMapping('blue', uuid);

      await expect(deletion).rejects.toThrowError(ResourceStateError);
      expect(cloud.lambda.mapping(uuid).state).toBe('Enabled');
    });

    test('throws another error as it is', async () => {
      const { uuid } = addMapping('blue');
      fail('InvalidParameterValueException', 'lambda:DeleteEventSourceMapping');
      const deletion = createTools().deleteEventMapping('blue', uuid);
      await expect(deletion).rejects.toMatchObject({ name: 'InvalidParameterValueException' });

      fail('InvalidParameterValueException', 'lambda:GetEventSourceMapping');
      const second = createTools().deleteEventMapping('blue', uuid);
      await expect(second).rejects.toMatchObject({ name: 'InvalidParameterValueException' });
    });
  });

  describe('createEventSourceMapping, deleteEventMapping', () => {
    test('does not return a mapping that it has just deleted', async () => {
      const { arn } = cloud.sqs.addQueue({ name: 'orders' });
      const tools = createTools();
      const { UUID: former = '' } = await tools.createEventSourceMapping('blue', arn);
      await tools.waitForEventMappingState('blue', 'Enabled');
      await tools.createEventSourceMapping('blue', arn);
      await tools.deleteEventMapping('blue', former);
      cloud.injectFault({ kind: 'staleRead', action: 'lambda:ListEventSourceMappings' });

      const mapping = await tools.createEventSourceMapping('blue', arn);

      expect(mapping.UUID).not.toBe(former);
      await tools.waitForEventMappingState('blue', 'Enabled');
    });

    test('deletes a mapping that it has created, although no read shows it yet', async () => {
      const { arn } = cloud.sqs.addQueue({ name: 'orders' });
      const tools = createTools();
      const { UUID = '' } = await tools.createEventSourceMapping('blue', arn);
      fail('ResourceNotFoundException', 'lambda:GetEventSourceMapping');

      await tools.deleteEventMapping('blue', UUID);

      await cloud.clock.sleep(600_000);
      expect(cloud.lambda.mappingsOf('blue')).toEqual([]);
    });
  });

  describe('enableEventMapping', () => {
    test('enables every mapping of the function that is not', async () => {
      const mappings = [addMapping('blue', 'Disabled', 'a'), addMapping('blue', 'Enabled', 'b')];

      const report = await createTools().enableEventMapping('blue');

      expect(report).toEqual({ changed: [mappings[0]?.uuid], unchanged: [mappings[1]?.uuid] });
      await cloud.clock.sleep(60_000);
      expect(mappings.map(({ state }) => state)).toEqual(['Enabled', 'Enabled']);
      expect(countOf('lambda:UpdateEventSourceMapping')).toBe(1);
      expect(logger.info.mock.calls).toEqual([
        [
          'Enabled event source mapping',
          { resource: mappings[0]?.uuid, from: 'Disabled', to: 'Enabled', durationMs: 0 },
        ],
      ]);
    });

    test('changes only the mappings of the alias when there is one', async () => {
      const own = addMapping('blue:live', 'Disabled');
      const others = [
        addMapping('blue', 'Disabled'),
        addMapping('blue:2', 'Disabled'),
        addMapping('green:live', 'Disabled'),
      ];

      const report = await createTools({ alias: 'live' }).enableEventMapping('blue');

      expect(report).toEqual({ changed: [own.uuid], unchanged: [] });
      expect(others.map(({ state }) => state)).toEqual(['Disabled', 'Disabled', 'Disabled']);
    });

    test('leaves the mappings of aliases unchanged when there is no alias', async () => {
      const own = [addMapping('blue', 'Disabled'), addMapping('blue:$LATEST', 'Disabled', 'b')];
      const other = addMapping('blue:live', 'Disabled');

      const report = await createTools().enableEventMapping('blue');

      expect(report.changed).toEqual(own.map(({ uuid }) => uuid));
      expect(other.state).toBe('Disabled');
    });

    test.each([
      ['Creating', 'Disabled'],
      ['Updating', 'Disabled'],
      ['Disabling', 'Disabled'],
    ] as const)('waits for %s to end and then enables', async (from, to) => {
      const mapping = addMappingInTransition(from, to);

      const report = await createTools().enableEventMapping('blue');

      expect(mapping.state).toBe('Enabling');
      expect(report).toEqual({ changed: [mapping.uuid], unchanged: [] });
    });

    test('waits for Creating to end, and changes nothing when it ends enabled', async () => {
      const mapping = addMappingInTransition('Creating', 'Enabled');

      const report = await createTools().enableEventMapping('blue');

      expect(report).toEqual({ changed: [], unchanged: [mapping.uuid] });
    });

    test('does not wait for a mapping that is being enabled', async () => {
      const mapping = addMapping('blue', 'Enabling');

      const report = await createTools().enableEventMapping('blue');

      expect(report).toEqual({ changed: [], unchanged: [mapping.uuid] });
    });

    test.each(['ResourceInUseException', 'ResourceConflictException'])(
      'waits while Lambda responds %s',
      async (name) => {
        const mapping = addMapping('blue', 'Disabled');
        fail(name, 'lambda:UpdateEventSourceMapping', 4);

        const report = await createTools().enableEventMapping('blue');

        expect(mapping.state).toBe('Enabling');
        expect(report.changed).toEqual([mapping.uuid]);
      },
    );

    test('reports a change whose response was lost as its own', async () => {
      const mapping = addMapping('blue', 'Disabled');
      cloud.injectFault({ kind: 'lostResponse', action: 'lambda:UpdateEventSourceMapping' });

      const report = await createTools().enableEventMapping('blue');

      expect(report).toEqual({ changed: [mapping.uuid], unchanged: [] });
    });

    test.each([2, 40])('ignores a mapping that is deleted after %d s', async (seconds) => {
      const { uuid } = addMapping('blue', 'Disabled');
      cloud.clock.schedule(seconds, () => {
        cloud.lambda.operations.DeleteEventSourceMapping({ UUID: uuid });
      });
      fail('ResourceInUseException', 'lambda:UpdateEventSourceMapping', Number.POSITIVE_INFINITY);

      const report = await createTools().enableEventMapping('blue');

      expect(report).toEqual({ changed: [], unchanged: [uuid] });
      expect(logger.info).not.toHaveBeenCalled();
    });

    test('ignores a mapping that is gone when it is changed', async () => {
      addMapping('blue', 'Disabled');
      fail('ResourceNotFoundException', 'lambda:UpdateEventSourceMapping');

      await expect(createTools().enableEventMapping('blue')).resolves.toBeDefined();
    });

    test('throws WaitTimeoutError with the state when the transition does not end', async () => {
      addMapping('blue', 'Updating');

      const enable = createTools().enableEventMapping('blue', { maxWaitSeconds: 30 });

      await expect(enable).rejects.toThrowError(WaitTimeoutError);
      await expect(enable).rejects.toMatchObject({
        expected: 'the state Enabled',
        actual: 'the state Updating',
      });
    });

    test('throws ResourceNotFoundError when there is no mapping, as with a wrong alias', async () => {
      const enable = createTools({ alias: 'wrong' }).enableEventMapping('blue');

      await expect(enable).rejects.toThrowError(ResourceNotFoundError);
      await expect(enable).rejects.toMatchObject({ resource: 'blue:wrong' });
    });

    test('throws AccessDeniedError with the IAM action when a permission is missing', async () => {
      addMapping('blue', 'Disabled');
      cloud.injectFault({ kind: 'accessDenied', action: 'lambda:UpdateEventSourceMapping' });

      const enable = createTools().enableEventMapping('blue');

      await expect(enable).rejects.toThrowError(AccessDeniedError);
      await expect(enable).rejects.toMatchObject({ action: 'lambda:UpdateEventSourceMapping' });
    });
  });

  describe('enableEventMapping, disableEventMapping', () => {
    test.each([
      ['disableEventMapping', 'enableEventMapping', 'Enabled'],
      ['enableEventMapping', 'disableEventMapping', 'Disabled'],
    ] as const)('after %s, %s ignores a read from before', async (first, second, state) => {
      const mapping = addMapping('blue', state);
      const tools = createTools();
      await tools[first]('blue');
      cloud.injectFault({ kind: 'staleRead', action: 'lambda:ListEventSourceMappings' });

      const report = await tools[second]('blue');

      expect(report).toEqual({ changed: [mapping.uuid], unchanged: [] });
      await cloud.clock.sleep(600_000);
      expect(mapping.state).toBe(state);
    });

    test('enables a mapping whose disabling may have succeeded without a response', async () => {
      const mapping = addMapping('blue');
      const tools = createTools();
      fail('TimeoutError', 'lambda:UpdateEventSourceMapping', 3);
      await expect(tools.disableEventMapping('blue')).rejects.toThrowError('TimeoutError it is');

      await expect(tools.enableEventMapping('blue')).resolves.toMatchObject({ changed: [mapping.uuid] });
    });
  });

  describe('disableEventMapping', () => {
    test('disables the mappings of one stack', async () => {
      const mappings = [addMapping('blue'), addMapping('green')];

      await createTools().disableEventMapping('blue');

      await cloud.clock.sleep(60_000);
      expect(mappings.map(({ state }) => state)).toEqual(['Disabled', 'Enabled']);
    });

    test('leaves a mapping that is being deleted unchanged', async () => {
      addMapping('blue', 'Deleting');

      await createTools().disableEventMapping('blue');

      expect(countOf('lambda:UpdateEventSourceMapping')).toBe(0);
    });
  });

  describe('listEventSourceMappings', () => {
    test('returns the mappings of the function', async () => {
      const { uuid } = addMapping('blue');
      addMapping('green');

      const mappings = await createTools().listEventSourceMappings('blue');

      expect(mappings).toMatchObject([{ UUID: uuid, State: 'Enabled' }]);
    });
  });

  describe('waitForEventMappingState', () => {
    test('waits for every mapping', async () => {
      const mappings = [addMapping('blue', 'Enabled', 'a'), addMapping('blue', 'Enabled', 'b')];
      const tools = createTools();
      await tools.disableEventMapping('blue');

      await tools.waitForEventMappingState('blue', 'Disabled');

      expect(mappings.map(({ state }) => state)).toEqual(['Disabled', 'Disabled']);
    });

    test('throws WaitTimeoutError with the states it read', async () => {
      const { uuid } = addMapping('blue', 'Disabled');

      const wait = createTools().waitForEventMappingState('blue', 'Enabled', { maxWaitSeconds: 30 });

      await expect(wait).rejects.toThrowError(WaitTimeoutError);
      await expect(wait).rejects.toMatchObject({
        expected: 'every event source mapping Enabled',
        actual: `${uuid} Disabled`,
      });
    });

    test('throws InvalidInputError for a state that no mapping stays in, without a call', async () => {
      // @ts-expect-error not one of the states
      const wait = createTools().waitForEventMappingState('blue', 'ENABLED');

      await expect(wait).rejects.toThrowError(InvalidInputError);
      expect(cloud.calls).toEqual([]);
    });

    test('accepts no mapping for Disabled, and not for Enabled', async () => {
      await createTools().waitForEventMappingState('blue', 'Disabled');

      const wait = createTools().waitForEventMappingState('blue', 'Enabled', { maxWaitSeconds: 30 });

      await expect(wait).rejects.toMatchObject({ name: 'WaitTimeoutError', actual: 'no mapping at all' });
    });

    test('ends when the signal is aborted', async () => {
      addMapping('blue', 'Disabled');
      const controller = new AbortController();
      cloud.clock.schedule(10, () => controller.abort(new Error('the deadline is near')));

      const wait = createTools().waitForEventMappingState('blue', 'Enabled', { signal: controller.signal });

      await expect(wait).rejects.toThrowError(OperationAbortedError);
    });
  });

  describe('getAlias', () => {
    test('reads the named alias, or else the stack’s own', async () => {
      cloud.lambda.addAlias({ functionName: 'blue', name: 'next', version: '1' });
      const tools = createTools({ alias: 'live' });

      expect(await tools.getAlias('blue')).toMatchObject({ Name: 'live', FunctionVersion: '2' });
      expect(await tools.getAlias('blue', 'next')).toMatchObject({ Name: 'next', FunctionVersion: '1' });
    });

    test('throws InvalidInputError when no alias is named', async () => {
      await expect(createTools().getAlias('blue')).rejects.toThrowError(InvalidInputError);
    });

    test('throws ResourceNotFoundError for an alias that does not exist', async () => {
      const alias = createTools().getAlias('blue', 'missing');

      await expect(alias).rejects.toMatchObject({
        name: 'ResourceNotFoundError',
        message: expect.stringContaining('Lambda function blue:missing not found. Check'),
        cause: { name: 'ResourceNotFoundException' },
      });
    });
  });

  describe('getVersion', () => {
    test.each([
      ['function', undefined, 'misspelt'],
      ['alias', 'misspelt', 'blue:misspelt'],
    ])('throws ResourceNotFoundError for a missing %s', async (_, alias, resource) => {
      const tools = new LambdaTools({
        blue: { functionName: alias === undefined ? 'misspelt' : 'blue', alias },
        green: { functionName: 'green' },
        clients: cloud.clients,
        clock: cloud.clock,
      });

      await expect(tools.getVersion('blue')).rejects.toMatchObject({
        name: 'ResourceNotFoundError',
        resource,
      });
    });

    test('returns the version of the alias', async () => {
      expect(await createTools({ alias: 'live' }).getVersion('blue')).toBe('2');
    });

    test('returns $LATEST without an alias', async () => {
      expect(await createTools().getVersion('blue')).toBe('$LATEST');
    });
  });

  describe('faults of the original toolkit', () => {
    test('listEventSourceMappings reads all of 250 mappings', async () => {
      const mappings = Array.from({ length: 250 }, (_, index) => addMapping('blue', 'Enabled', `s${index}`));

      const listed = await createTools().listEventSourceMappings('blue');

      expect(listed.map(({ UUID }) => UUID)).toEqual(mappings.map(({ uuid }) => uuid));
      expect(countOf('lambda:ListEventSourceMappings')).toBe(3);
    });
  });
});
