import { expect } from 'vitest';
import { LambdaTools } from '../../../src/lambda/index.js';
import type { SimulatedCloud } from '../../../src/testing/index.js';
import type { MethodScenario } from '../../support/method-scenario.js';
import { recorderOf } from '../../support/recorded-lines.js';

const queueNames = ['orders', 'returns'];

/** Blue reads two queues and has a rule; green is idle. */
function arrangeReaders(cloud: SimulatedCloud, { alias }: { alias?: string } = {}) {
  for (const stack of ['blue', 'green']) {
    const functionName = `reader-${stack}`;
    const { arn } = cloud.lambda.addFunction({ name: functionName, versions: ['1', '2'] });
    cloud.lambda.addAlias({ functionName, name: 'live', version: '2' });
    const qualifier = alias === undefined ? '' : `:${alias}`;
    for (const name of queueNames) {
      cloud.lambda.addMapping({
        functionName: functionName + qualifier,
        eventSourceArn: cloud.sqs.addQueue({ name: `${name}-${stack}` }).arn,
        state: stack === 'blue' ? 'Enabled' : 'Disabled',
      });
    }
    cloud.eventBridge.addRule({
      name: `nightly-${stack}`,
      state: stack === 'blue' ? 'ENABLED' : 'DISABLED',
      targets: [arn + qualifier],
    });
    cloud.cloudWatch.addDataPoint({
      namespace: 'AWS/Lambda',
      metricName: 'Errors',
      dimensions: {
        FunctionName: functionName,
        ...(alias !== undefined && { Resource: functionName + qualifier }),
      },
      at: new Date(cloud.clock.now() - 90_000),
      value: 3,
    });
  }
  return new LambdaTools({
    blue: { functionName: 'reader-blue', alias },
    green: { functionName: 'reader-green', alias },
    clients: cloud.clients,
    clock: cloud.clock,
    logger: recorderOf(cloud),
  });
}

function expectMappings(cloud: SimulatedCloud, states: { blue: string[]; green: string[] }) {
  const statesOf = (stack: string) => cloud.lambda.mappingsOf(`reader-${stack}`).map(({ state }) => state);
  expect({ blue: statesOf('blue'), green: statesOf('green') }).toEqual(states);
}

function expectRules(cloud: SimulatedCloud, states: { blue: string; green: string }) {
  const stateOf = (stack: string) => cloud.eventBridge.rule(`nightly-${stack}`).state;
  expect({ blue: stateOf('blue'), green: stateOf('green') }).toEqual(states);
}

function scenario(
  name: string,
  act: (tools: LambdaTools, cloud: SimulatedCloud) => Promise<unknown>,
  verify: (cloud: SimulatedCloud, result: unknown) => void,
  options: { alias?: string } = {},
): MethodScenario {
  return {
    name: `LambdaTools.${name}`,
    arrange(cloud) {
      const tools = arrangeReaders(cloud, options);
      return { act: () => act(tools, cloud), verify: (result) => verify(cloud, result) };
    },
  };
}

const bothEnabled = { blue: ['Enabled', 'Enabled'], green: ['Enabled', 'Enabled'] };
const bothDisabled = { blue: ['Disabled', 'Disabled'], green: ['Disabled', 'Disabled'] };
const untouched = { blue: ['Enabled', 'Enabled'], green: ['Disabled', 'Disabled'] };

const mappingScenarios: readonly MethodScenario[] = [
  scenario(
    'createEventSourceMapping',
    async (tools, cloud) => {
      const { arn } = cloud.sqs.queue('orders-blue');
      const mapping = await tools.createEventSourceMapping('green', arn, { BatchSize: 5 });
      await cloud.clock.sleep(60_000);
      return mapping;
    },
    (cloud, result) => {
      expectMappings(cloud, { ...untouched, green: ['Disabled', 'Disabled', 'Enabled'] });
      expect(result).toMatchObject({ BatchSize: 5, EventSourceArn: cloud.sqs.queue('orders-blue').arn });
    },
  ),
  scenario(
    'createEventSourceMapping (it exists)',
    async (tools, cloud) => tools.createEventSourceMapping('blue', cloud.sqs.queue('orders-blue').arn),
    (cloud, result) => {
      expectMappings(cloud, untouched);
      expect(result).toMatchObject({ UUID: cloud.lambda.mappingsOf('reader-blue')[0]?.uuid });
    },
  ),
  scenario(
    'createEventSourceMapping (it is being deleted)',
    async (tools, cloud) => {
      const source = cloud.sqs.queue('returns-blue').arn;
      const [mapping] = (await tools.listEventSourceMappings('blue')).filter(
        ({ EventSourceArn }) => EventSourceArn === source,
      );
      await tools.deleteEventMapping('blue', mapping?.UUID ?? '');
      await tools.createEventSourceMapping('blue', source);
      await cloud.clock.sleep(60_000);
    },
    (cloud) => expectMappings(cloud, untouched),
  ),
  {
    name: 'LambdaTools.deleteEventMapping',
    arrange(cloud) {
      const tools = arrangeReaders(cloud);
      const uuid = cloud.lambda.mappingsOf('reader-blue')[0]?.uuid ?? '';
      return {
        act: async () => {
          await tools.deleteEventMapping('blue', uuid);
          await cloud.clock.sleep(60_000);
        },
        verify: () => expectMappings(cloud, { ...untouched, blue: ['Enabled'] }),
      };
    },
  },
  scenario(
    'enableEventMapping',
    async (tools, cloud) => {
      await tools.enableEventMapping('green');
      await cloud.clock.sleep(60_000);
    },
    (cloud) => expectMappings(cloud, bothEnabled),
  ),
  scenario(
    'enableEventMapping (of an alias, while it is being disabled)',
    async (tools, cloud) => {
      await tools.disableEventMapping('blue');
      await tools.enableEventMapping('blue');
      await cloud.clock.sleep(60_000);
    },
    (cloud) => expectMappings(cloud, untouched),
    { alias: 'live' },
  ),
  scenario(
    'disableEventMapping',
    async (tools, cloud) => {
      await tools.disableEventMapping('blue');
      await cloud.clock.sleep(60_000);
    },
    (cloud) => expectMappings(cloud, bothDisabled),
  ),
  scenario(
    'enableEventMapping (only one)',
    async (tools, cloud) => {
      const [first] = await tools.listEventSourceMappings('green');
      await tools.enableEventMapping('green', { only: [first?.UUID ?? '', 'deleted'] });
      await cloud.clock.sleep(60_000);
    },
    (cloud) => expectMappings(cloud, { ...untouched, green: ['Enabled', 'Disabled'] }),
  ),
  scenario(
    'disableEventMapping (only one)',
    async (tools, cloud) => {
      const [first] = await tools.listEventSourceMappings('blue');
      await tools.disableEventMapping('blue', { only: [first?.UUID ?? '', 'deleted'] });
      await cloud.clock.sleep(60_000);
    },
    (cloud) => expectMappings(cloud, { ...untouched, blue: ['Disabled', 'Enabled'] }),
  ),
  scenario(
    'waitForEventMappingState',
    async (tools) => {
      await tools.enableEventMapping('green');
      await tools.waitForEventMappingState('green', 'Enabled');
    },
    (cloud) => expectMappings(cloud, bothEnabled),
    { alias: 'live' },
  ),
  scenario(
    'listEventSourceMappings',
    (tools) => tools.listEventSourceMappings('blue'),
    (_cloud, result) => expect(result).toMatchObject([{ State: 'Enabled' }, { State: 'Enabled' }]),
  ),
];

const otherScenarios: readonly MethodScenario[] = [
  scenario(
    'enableRule',
    (tools) => tools.enableRule('green'),
    (cloud) => expectRules(cloud, { blue: 'ENABLED', green: 'ENABLED' }),
  ),
  scenario(
    'disableRule (of an alias)',
    (tools) => tools.disableRule('blue'),
    (cloud) => expectRules(cloud, { blue: 'DISABLED', green: 'DISABLED' }),
    { alias: 'live' },
  ),
  ...(['enable', 'disable'] as const).map((verb) =>
    scenario(
      `${verb}Rule (none of them)`,
      (tools) => tools[`${verb}Rule`]('blue', { only: [{ eventBusName: 'default', name: 'deleted' }] }),
      (cloud, result) => {
        expectRules(cloud, { blue: 'ENABLED', green: 'DISABLED' });
        expect(result).toMatchObject({ changed: [], unchanged: [] });
      },
    ),
  ),
  scenario(
    'listRules',
    async (tools) => [...(await tools.listRules('blue')), ...(await tools.listRules('green'))],
    (_cloud, result) =>
      expect(result).toEqual([
        { eventBusName: 'default', name: 'nightly-blue', isEnabled: true },
        { eventBusName: 'default', name: 'nightly-green', isEnabled: false },
      ]),
  ),
  scenario(
    'listRules (of an alias)',
    (tools) => tools.listRules('blue'),
    (_cloud, result) => expect(result).toHaveLength(1),
    { alias: 'live' },
  ),
  scenario(
    'getAlias',
    (tools) => tools.getAlias('blue', 'live'),
    (_cloud, result) => expect(result).toMatchObject({ Name: 'live', FunctionVersion: '2' }),
  ),
  scenario(
    'getVersion',
    (tools) => tools.getVersion('blue'),
    (_cloud, result) => expect(result).toBe('$LATEST'),
  ),
  scenario(
    'getVersion (of an alias)',
    (tools) => tools.getVersion('blue'),
    (_cloud, result) => expect(result).toBe('2'),
    { alias: 'live' },
  ),
  scenario(
    'getLatestMetrics',
    (tools) => tools.getLatestMetrics('blue'),
    (cloud, result) =>
      expect(result).toEqual({
        Errors: { timestamp: new Date(cloud.clock.now() - 120_000), value: 3, statistic: 'Sum' },
      }),
    { alias: 'live' },
  ),
];

export const lambdaScenarios: readonly MethodScenario[] = [...mappingScenarios, ...otherScenarios];
