import { DescribeRuleCommand } from '@aws-sdk/client-eventbridge';
import { beforeEach, describe, expect, test } from 'vitest';
import { ResourceNotFoundError } from '../../src/core/index.js';
import { LambdaTools } from '../../src/lambda/index.js';
import { type Backend, openBackend } from '../support/backend.js';
import { seedFunctionMetric } from './seed/cloudwatch.js';
import { seedBus, seedRule } from './seed/event-bridge.js';
import { seedEventSource, seedFunction, seedMapping } from './seed/lambda.js';

let backend: Backend;
let arns: { blue: string; green: string };

beforeEach(async () => {
  backend = await openBackend();
  arns = {
    blue: await seedFunction(backend, 'reader-blue', 'live'),
    green: await seedFunction(backend, 'reader-green', 'live'),
  };
});

function createTools({ alias, eventBusNames }: { alias?: string; eventBusNames?: string[] } = {}) {
  return new LambdaTools({
    blue: { functionName: 'reader-blue', alias },
    green: { functionName: 'reader-green', alias },
    eventBusNames,
    clients: backend.clients,
    clock: backend.clock,
  });
}

async function ruleState(name: string, eventBusName = 'default') {
  const command = new DescribeRuleCommand({ Name: name, EventBusName: eventBusName });
  return (await backend.clients.eventBridge.send(command)).State;
}

describe('LambdaTools', () => {
  test('switches the event source mappings of one stack', async () => {
    for (const stack of ['blue', 'green']) {
      for (const source of ['orders', 'returns']) {
        await seedMapping(backend, {
          functionName: `reader-${stack}`,
          eventSourceArn: await seedEventSource(backend, `${source}-${stack}`),
          state: stack === 'blue' ? 'Enabled' : 'Disabled',
        });
      }
    }
    const tools = createTools();
    const statesOf = async (stack: 'blue' | 'green') =>
      (await tools.listEventSourceMappings(stack)).map(({ State }) => State);

    const enabled = await tools.enableEventMapping('green');
    await tools.waitForEventMappingState('green', 'Enabled');
    expect(await statesOf('blue')).toEqual(['Enabled', 'Enabled']);
    const disabled = await tools.disableEventMapping('blue');
    await tools.waitForEventMappingState('blue', 'Disabled');

    expect(await statesOf('green')).toEqual(['Enabled', 'Enabled']);
    expect([enabled.changed.length, disabled.changed.length]).toEqual([2, 2]);
    expect(await tools.disableEventMapping('blue')).toEqual({ changed: [], unchanged: disabled.changed });
  });

  test('creates and deletes an event source mapping', async () => {
    const source = await seedEventSource(backend, 'orders');
    const tools = createTools();

    const { UUID = '' } = await tools.createEventSourceMapping('blue', source, { BatchSize: 5 });
    await tools.waitForEventMappingState('blue', 'Enabled');
    expect(await tools.listEventSourceMappings('blue')).toMatchObject([
      { UUID, EventSourceArn: source, BatchSize: 5 },
    ]);
    await tools.deleteEventMapping('blue', UUID);
    await tools.waitForEventMappingState('blue', 'Disabled');
    await tools.deleteEventMapping('blue', UUID);

    expect(await tools.listEventSourceMappings('blue')).toEqual([]);
  });

  test('switches the rules of one stack on the default bus and on a named one', async () => {
    await seedBus(backend, 'orders');
    for (const stack of ['blue', 'green'] as const) {
      const rule = { state: 'ENABLED', target: arns[stack] } as const;
      await seedRule(backend, { ...rule, name: `nightly-${stack}` });
      await seedRule(backend, { ...rule, name: `created-${stack}`, eventBusName: 'orders' });
    }
    const tools = createTools({ eventBusNames: ['default', 'orders'] });

    const disabled = await tools.disableRule('blue');

    expect(disabled).toEqual({
      changed: [
        { eventBusName: 'default', name: 'nightly-blue' },
        { eventBusName: 'orders', name: 'created-blue' },
      ],
      unchanged: [],
      skippedManaged: [],
      skippedShared: [],
    });
    expect([await ruleState('nightly-blue'), await ruleState('created-blue', 'orders')]).toEqual([
      'DISABLED',
      'DISABLED',
    ]);
    expect([await ruleState('nightly-green'), await ruleState('created-green', 'orders')]).toEqual([
      'ENABLED',
      'ENABLED',
    ]);
    await tools.enableRule('blue', { only: [{ eventBusName: 'orders', name: 'created-blue' }] });
    expect(await tools.listRules('blue')).toEqual([
      { eventBusName: 'default', name: 'nightly-blue', isEnabled: false },
      { eventBusName: 'orders', name: 'created-blue', isEnabled: true },
    ]);
    expect((await tools.enableRule('blue')).changed).toEqual([
      { eventBusName: 'default', name: 'nightly-blue' },
    ]);
    expect(await ruleState('nightly-blue')).toBe('ENABLED');
  });

  test('finds the rules of an alias', async () => {
    const { AliasArn = '' } = await createTools().getAlias('blue', 'live');
    await seedRule(backend, { name: 'of-alias', state: 'ENABLED', target: AliasArn });
    await seedRule(backend, { name: 'of-function', state: 'ENABLED', target: arns.blue });

    const { changed } = await createTools({ alias: 'live' }).disableRule('blue');

    expect(changed).toEqual([{ eventBusName: 'default', name: 'of-alias' }]);
  });

  test.each(['', ':$LATEST', ':1', ':live'])(
    'finds a rule that targets the function of a stack without an alias as "%s"',
    async (qualifier) => {
      await seedRule(backend, { name: 'nightly', state: 'ENABLED', target: arns.blue + qualifier });
      await seedRule(backend, { name: 'of-green', state: 'ENABLED', target: arns.green + qualifier });

      const { changed } = await createTools().disableRule('blue');

      expect(changed).toEqual([{ eventBusName: 'default', name: 'nightly' }]);
      expect([await ruleState('nightly'), await ruleState('of-green')]).toEqual(['DISABLED', 'ENABLED']);
    },
  );

  test.each(['enableRule', 'disableRule', 'enableEventMapping', 'disableEventMapping'] as const)(
    '%s throws ResourceNotFoundError when nothing matches, unless that is allowed',
    async (method) => {
      const tools = createTools();

      await expect(tools[method]('blue')).rejects.toThrowError(ResourceNotFoundError);
      await expect(tools[method]('blue', { allowNone: true })).resolves.toMatchObject({ changed: [] });
    },
  );

  test('reads the alias and the version of a stack', async () => {
    const tools = createTools({ alias: 'live' });

    expect(await tools.getAlias('blue')).toMatchObject({ Name: 'live', FunctionVersion: '1' });
    expect(await tools.getVersion('blue')).toBe('1');
    expect(await createTools().getVersion('blue')).toBe('$LATEST');
  });

  test.each([undefined, 'live'])('reads the newest metrics (alias: %s)', async (alias) => {
    const minute = Math.floor(backend.clock.now() / 60_000) * 60_000;
    const dimensions = {
      FunctionName: 'reader-blue',
      ...(alias !== undefined && { Resource: `reader-blue:${alias}` }),
    };
    const seed = (metricName: string, minutesAgo: number, value: number) =>
      seedFunctionMetric(backend, {
        metricName,
        dimensions,
        at: new Date(minute - minutesAgo * 60_000 + 5000),
        value,
      });
    await seed('Errors', 3, 50);
    await seed('Errors', 2, 1);
    await seed('Errors', 2, 2);
    await seed('Duration', 2, 100);
    await seed('Duration', 2, 300);

    const metrics = await createTools(alias === undefined ? {} : { alias }).getLatestMetrics('blue');

    expect(metrics).toEqual({
      Errors: { timestamp: expect.any(Date), value: 3, statistic: 'Sum' },
      Duration: { timestamp: expect.any(Date), value: 200, statistic: 'Average' },
    });
  });
});
