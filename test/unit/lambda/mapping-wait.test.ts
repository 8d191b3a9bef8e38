import type { LambdaClient, ListEventSourceMappingsCommandOutput } from '@aws-sdk/client-lambda';
import { beforeEach, describe, expect, test } from 'vitest';
import { ResourceNotFoundError, ResourceStateError } from '../../../src/core/index.js';
import { LambdaTools } from '../../../src/lambda/index.js';
import { SimulatedCloud, type SimulatedMappingState } from '../../../src/testing/index.js';

const clusterArn = 'arn:aws:kafka:eu-west-1:123456789012:cluster/c/1';
const problem = 'PROBLEM: the brokers cannot be reached';

let cloud: SimulatedCloud;
let tools: LambdaTools;

beforeEach(() => {
  cloud = new SimulatedCloud();
  for (const name of ['blue', 'green']) cloud.lambda.addFunction({ name });
  tools = createTools();
});

function createTools(functionName = 'green') {
  return new LambdaTools({
    blue: { functionName: 'blue' },
    green: { functionName },
    clients: cloud.clients,
    clock: cloud.clock,
  });
}

function addMapping(state: SimulatedMappingState, topic = 'orders') {
  return cloud.lambda.addMapping({
    functionName: 'green',
    eventSourceArn: clusterArn,
    state,
    parameters: { Topics: [topic] },
  });
}

/** Returns the virtual seconds of some work. */
async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const startedAt = cloud.clock.now();
  await work().catch(() => undefined);
  return (cloud.clock.now() - startedAt) / 1000;
}

/** Changes what the listings of mappings show. */
function rewriteListings(change: (mapping: object, listing: number) => object) {
  let listing = 0;
  const client: LambdaClient = cloud.clients.lambda;
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const result = await next(args);
      if (context['commandName'] !== 'ListEventSourceMappingsCommand') return result;
      listing += 1;
      const output = result.output as ListEventSourceMappingsCommandOutput;
      const mappings = output.EventSourceMappings?.map((mapping) => change(mapping, listing));
      return { ...result, output: { ...output, EventSourceMappings: mappings } };
    },
    { step: 'initialize', name: 'rewriteListings' },
  );
}

describe('LambdaTools', () => {
  describe('waitForEventMappingState', () => {
    test('throws ResourceStateError with the reason as soon as a mapping falls back', async () => {
      const mapping = addMapping('Disabled');
      mapping.problem = problem;
      await tools.enableEventMapping('green');

      let error: unknown;
      const seconds = await secondsOf(() =>
        tools.waitForEventMappingState('green', 'Enabled').catch((thrown: unknown) => {
          error = thrown;
        }),
      );

      expect(error).toBeInstanceOf(ResourceStateError);
      expect(error).toMatchObject({
        resource: mapping.uuid,
        expected: 'Enabled',
        actual: `Disabled (LastProcessingResult: ${problem})`,
      });
      expect(seconds).toBeLessThan(60);
    });

    test('throws ResourceStateError when the listings show the mapping as disabled from the start', async () => {
      addMapping('Disabled');
      rewriteListings((it) => ({ ...it, State: 'Disabled', LastProcessingResult: problem }));
      await tools.enableEventMapping('green');

      const seconds = await secondsOf(async () => {
        const wait = tools.waitForEventMappingState('green', 'Enabled', { maxWaitSeconds: 300 });
        await expect(wait).rejects.toThrowError(problem);
      });

      expect(seconds).toBeLessThan(60);
    });

    test('throws ResourceStateError in another process than the one that enabled the mapping', async () => {
      addMapping('Disabled').problem = problem;
      await createTools().enableEventMapping('green');

      const wait = createTools().waitForEventMappingState('green', 'Enabled');

      await expect(wait).rejects.toThrowError(ResourceStateError);
    });

    test('throws ResourceStateError also for a caller that polls with waits of one read each', async () => {
      addMapping('Disabled').problem = problem;
      await tools.enableEventMapping('green');
      const outcomes: string[] = [];

      for (let poll = 0; poll < 6; poll += 1) {
        const wait = tools.waitForEventMappingState('green', 'Enabled', { maxWaitSeconds: 0 });
        outcomes.push(await wait.catch((error: Error) => error.name).then(String));
        await cloud.clock.sleep(10_000);
      }

      expect(outcomes.slice(0, 4)).toEqual([
        'WaitTimeoutError',
        'WaitTimeoutError',
        'WaitTimeoutError',
        'ResourceStateError',
      ]);
    });

    test.each([
      ['the mapping was switched on again', async () => void (await tools.enableEventMapping('green'))],
      ['ten minutes have passed', () => cloud.clock.sleep(600_000)],
    ])('starts a new wait once %s', async (_, change) => {
      const mapping = addMapping('Disabled');
      rewriteListings((it) => ({ ...it, StateTransitionReason: 'The event source was deleted' }));
      const poll = () => tools.waitForEventMappingState('green', 'Enabled', { maxWaitSeconds: 0 });
      await expect(poll()).rejects.toMatchObject({ name: 'WaitTimeoutError' });

      await change();
      mapping.state = 'Disabled';

      await expect(poll()).rejects.toMatchObject({ name: 'WaitTimeoutError' });
    });

    test('throws with the reason of the transition when Lambda reports one', async () => {
      addMapping('Disabled');
      rewriteListings((it) => ({ ...it, StateTransitionReason: 'The event source was deleted' }));

      const wait = tools.waitForEventMappingState('green', 'Enabled');

      await expect(wait).rejects.toThrowError(
        /fell back to Disabled.*StateTransitionReason: The event source was deleted/,
      );
    });

    test('keeps waiting when one read shows the state before this process changed it', async () => {
      addMapping('Disabled');
      rewriteListings((it, listing) => (listing === 3 ? { ...it, State: 'Disabled' } : it));
      await tools.enableEventMapping('green');

      await expect(tools.waitForEventMappingState('green', 'Enabled')).resolves.toBeUndefined();
    });

    test('waits until a disabled mapping without a reason is enabled by another process', async () => {
      const mapping = addMapping('Disabled');
      cloud.clock.schedule(60, () => {
        mapping.state = 'Enabled';
      });

      await expect(tools.waitForEventMappingState('green', 'Enabled')).resolves.toBeUndefined();
    });

    test.each(['Rebalancing', 'Paused'])(
      'waits for the unknown state %s, and names it at the end',
      async (state) => {
        const mapping = addMapping('Enabled');
        mapping.state = state as 'Enabled';
        cloud.clock.schedule(40, () => {
          mapping.state = 'Enabled';
        });

        const short = tools.waitForEventMappingState('green', 'Enabled', { maxWaitSeconds: 20 });

        await expect(short).rejects.toMatchObject({
          name: 'WaitTimeoutError',
          actual: `${mapping.uuid} ${state}`,
        });
        await expect(tools.waitForEventMappingState('green', 'Enabled')).resolves.toBeUndefined();
      },
    );

    test('throws WaitTimeoutError with the reason', async () => {
      const mapping = addMapping('Enabling');
      rewriteListings((it) => ({ ...it, LastProcessingResult: problem }));

      const wait = tools.waitForEventMappingState('green', 'Enabled', { maxWaitSeconds: 20 });

      await expect(wait).rejects.toMatchObject({
        name: 'WaitTimeoutError',
        actual: `${mapping.uuid} Enabling (LastProcessingResult: ${problem})`,
      });
    });

    test.each(['Enabled', 'Disabled'] as const)(
      'throws ResourceNotFoundError at once when the function does not exist (%s)',
      async (state) => {
        const seconds = await secondsOf(() =>
          expect(createTools('ordres-green').waitForEventMappingState('green', state)).rejects.toThrowError(
            ResourceNotFoundError,
          ),
        );

        expect(seconds).toBe(0);
      },
    );

    test('treats a function without mappings as enabled only with allowNone', async () => {
      const options = { maxWaitSeconds: 10 };

      await expect(tools.waitForEventMappingState('green', 'Enabled', options)).rejects.toMatchObject({
        name: 'WaitTimeoutError',
      });
      await expect(
        tools.waitForEventMappingState('green', 'Enabled', { ...options, allowNone: true }),
      ).resolves.toBeUndefined();
    });

    test.each([
      ['disableEventMapping', 'Enabled', 'Disabled'],
      ['enableEventMapping', 'Disabled', 'Enabled'],
    ] as const)('after %s, is not ended by a listing from before the change', async (method, from, to) => {
      const mapping = addMapping(from);
      await cloud.clock.sleep(60_000);
      await tools[method]('green');
      let isOver = false;
      rewriteListings((it) => {
        if (isOver) return it;
        isOver = true;
        return { ...it, State: to, LastModified: new Date(cloud.clock.now() - 60_000) };
      });

      await tools.waitForEventMappingState('green', to);

      expect(cloud.lambda.mapping(mapping.uuid).state).toBe(to);
    });
  });

  describe('createEventSourceMapping, disableEventMapping, waitForEventMappingState', () => {
    /** Makes listings stale: they show the mappings before the creation. */
    async function createUnseen() {
      const { arn } = cloud.sqs.addQueue({ name: 'orders' });
      await tools.listEventSourceMappings('green');
      const { UUID = '' } = await tools.createEventSourceMapping('green', arn);
      cloud.injectFault({ kind: 'staleRead', action: 'lambda:ListEventSourceMappings', times: 2 });
      return UUID;
    }

    test('switches a mapping that was just created and is not listed yet', async () => {
      const uuid = await createUnseen();

      const report = await tools.disableEventMapping('green');

      expect(report.changed).toEqual([uuid]);
      await cloud.clock.sleep(60_000);
      expect(cloud.lambda.mapping(uuid).state).toBe('Disabled');
    });

    test('waits for a mapping that was just created and is not listed yet', async () => {
      const uuid = await createUnseen();

      await tools.waitForEventMappingState('green', 'Enabled');

      expect(cloud.lambda.mapping(uuid).state).toBe('Enabled');
    });

    test('does not treat a function with such a mapping as disabled', async () => {
      const uuid = await createUnseen();

      const wait = tools.waitForEventMappingState('green', 'Disabled', { maxWaitSeconds: 2 });

      await expect(wait).rejects.toMatchObject({ actual: `${uuid} Creating` });
    });
  });

  describe('enableEventMapping, disableEventMapping', () => {
    const none = { changed: [], unchanged: [] };

    test.each(['enableEventMapping', 'disableEventMapping'] as const)(
      '%s throws ResourceNotFoundError without a mapping, and returns an empty report with allowNone',
      async (method) => {
        await expect(tools[method]('green')).rejects.toThrowError(ResourceNotFoundError);
        await expect(createTools('ordres-green')[method]('green')).rejects.toThrowError(
          ResourceNotFoundError,
        );
        expect(await tools[method]('green', { allowNone: true })).toEqual(none);
      },
    );

    test('names the aliases that have the mappings', async () => {
      cloud.lambda.addAlias({ functionName: 'green', name: 'live' });
      cloud.lambda.addMapping({ functionName: 'green:live', eventSourceArn: clusterArn });

      await expect(tools.enableEventMapping('green')).rejects.toThrowError(
        /The function has mappings of live: set alias to the one that the stack uses/,
      );
    });

    test('switches a mapping of a self-managed Kafka cluster, which has no ARN', async () => {
      const { uuid } = addMapping('Disabled');
      rewriteListings((it) => ({ ...it, EventSourceArn: undefined }));

      expect((await tools.enableEventMapping('green')).changed).toEqual([uuid]);
    });

    test('names the mapping when one of several is refused, and switches the others', async () => {
      const [first, second] = [addMapping('Disabled'), addMapping('Disabled', 'returns')];
      const refusal = Object.assign(new Error('no'), { name: 'InvalidParameterValueException' });
      cloud.injectFault({ kind: refusal, action: 'lambda:UpdateEventSourceMapping' });

      const enable = tools.enableEventMapping('green');

      await expect(enable).rejects.toMatchObject({
        name: 'MultipleFailuresError',
        message: `1 of 2 parts failed: event source mapping ${first.uuid}: InvalidParameterValueException: no`,
        cause: refusal,
      });
      expect(second.state).toBe('Enabling');
    });

    test('throws WaitTimeoutError with the last refusal as the cause', async () => {
      addMapping('Disabled');
      const refusal = Object.assign(new Error('in use'), { name: 'ResourceInUseException' });
      const times = Number.POSITIVE_INFINITY;
      cloud.injectFault({ kind: refusal, action: 'lambda:UpdateEventSourceMapping', times });

      const enable = tools.enableEventMapping('green', { maxWaitSeconds: 20 });

      await expect(enable).rejects.toMatchObject({ name: 'WaitTimeoutError', cause: refusal });
    });
  });

  describe('createEventSourceMapping', () => {
    const create = (topic: string) =>
      tools.createEventSourceMapping('green', clusterArn, { Topics: [topic], StartingPosition: 'LATEST' });

    test('creates a mapping for each topic of a Kafka cluster', async () => {
      const [orders, returns] = [await create('orders'), await create('returns')];
      const again = await create('orders');

      expect(returns.UUID).not.toBe(orders.UUID);
      expect(again.UUID).toBe(orders.UUID);
      expect(cloud.lambda.mappingsOf('green')).toHaveLength(2);
    });

    test('creates a mapping for each collection of a DocumentDB cluster', async () => {
      const source = 'arn:aws:rds:eu-west-1:123456789012:cluster:docs';
      const createOf = (CollectionName: string) =>
        tools.createEventSourceMapping('green', source, {
          StartingPosition: 'LATEST',
          DocumentDBEventSourceConfig: { DatabaseName: 'shop', CollectionName },
        });

      const [orders, returns] = [await createOf('orders'), await createOf('returns')];

      expect(returns.UUID).not.toBe(orders.UUID);
      expect((await createOf('orders')).UUID).toBe(orders.UUID);
    });

    test('waits while Lambda cannot assume the role of a new function yet', async () => {
      const { arn } = cloud.sqs.addQueue({ name: 'orders' });
      const refusal = Object.assign(new Error('The role cannot be assumed by Lambda.'), {
        name: 'InvalidParameterValueException',
        $metadata: { httpStatusCode: 400 },
      });
      cloud.injectFault({ kind: refusal, action: 'lambda:CreateEventSourceMapping', times: 2 });

      await expect(tools.createEventSourceMapping('green', arn)).resolves.toMatchObject({
        State: 'Creating',
      });
    });
  });
});
