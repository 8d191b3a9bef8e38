import { describe, expect, test } from 'vitest';
import { classifyFailure } from '../../../../src/core/failures.js';
import { check } from '../../../../src/swap/steps/check.js';
import { disableAlarms } from '../../../../src/swap/steps/disable-alarms.js';
import { enableAlarms } from '../../../../src/swap/steps/enable-alarms.js';
import { enableEventMapping } from '../../../../src/swap/steps/enable-event-mapping.js';
import { enableRule } from '../../../../src/swap/steps/enable-rule.js';
import { enableSubscription } from '../../../../src/swap/steps/enable-subscription.js';
import { purgeQueues } from '../../../../src/swap/steps/purge-queues.js';
import { scaleOutReaders } from '../../../../src/swap/steps/scale-out-readers.js';
import { startDatabase } from '../../../../src/swap/steps/start-database.js';
import { SimulatedCloud } from '../../../../src/testing/index.js';
import { customCheck } from '../../../../src/traffic/index.js';
import { createStackWorld } from '../../../contract/stack-world.js';
import { stepContext } from '../../../support/step-context.js';

/** Alarms in memory, by name. */
function alarmsOf(enabled: Record<string, boolean>) {
  const setAll = (value: boolean) => async (_: string, options: { only?: readonly string[] | undefined }) => {
    for (const name of options.only ?? Object.keys(enabled)) enabled[name] = value;
  };
  return {
    enabled,
    listAlarms: async () =>
      Object.entries(enabled).map(([name, actionsEnabled]) => ({ name, actionsEnabled })),
    enableAlarmsActions: setAll(true),
    disableAlarmsActions: setAll(false),
  };
}

const named = (count: number, prefix: string, value: boolean) =>
  Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`${prefix}-${index}-${'x'.repeat(60)}`, value]),
  );

describe('disableAlarms', () => {
  test('records the alarms to leave alone when those to switch do not fit', async () => {
    const alarms = alarmsOf({ ...named(200, 'on', true), ...named(5, 'off', false) });
    const present = { ...alarms.enabled };
    const step = disableAlarms(alarms);
    const before = (await step.before?.(stepContext())) ?? null;

    await step.run(stepContext());
    if (step.undo !== 'none') await step.undo(stepContext(), before);

    expect(before).toEqual({ allBut: Object.keys(named(5, 'off', false)) });
    expect(alarms.enabled).toEqual(present);
    expect(await step.isUndone?.(stepContext(), before)).toBe(true);
  });

  test('throws ResourceStateError before the change when the state cannot be recorded', async () => {
    const step = disableAlarms(alarmsOf({ ...named(100, 'on', true), ...named(100, 'off', false) }));

    await expect(async () => step.before?.(stepContext())).rejects.toMatchObject({
      name: 'ResourceStateError',
    });
  });
});

describe('enableAlarms', () => {
  test('is done without an alarm only with allowNone', async () => {
    const isDone = async (allowNone: boolean) =>
      enableAlarms(alarmsOf({}), { allowNone }).isDone?.(stepContext());

    expect([await isDone(false), await isDone(true)]).toEqual([false, true]);
  });

  test('leaves an alarm alone that is created after the state was recorded', async () => {
    const alarms = alarmsOf({ errors: false });
    const step = enableAlarms(alarms);
    const before = (await step.before?.(stepContext())) ?? null;

    await step.run(stepContext());
    alarms.enabled['latency'] = true;
    if (step.undo !== 'none') await step.undo(stepContext(), before);

    expect(alarms.enabled).toEqual({ errors: false, latency: true });
  });
});

describe('enableEventMapping', () => {
  test.each([
    ['Enabled', true, false],
    ['Enabling', false, false],
    ['Disabled', false, true],
    ['Disabling', false, true],
    ['Creating', false, true],
    ['Deleting', false, false],
    ['a new state', false, true],
  ])('in the state %s is done: %s; its undo disables: %s', async (State, done, undone) => {
    const switched: unknown[] = [];
    const step = enableEventMapping({
      listEventSourceMappings: async () => [{ UUID: '1', State }],
      waitForEventMappingState: async () => {},
      enableEventMapping: async () => {},
      disableEventMapping: async (_, { only }) => void switched.push(...(only ?? ['all'])),
    });
    const before = (await step.before?.(stepContext())) ?? null;
    if (step.undo !== 'none') await step.undo(stepContext(), before);

    expect(await step.isDone?.(stepContext())).toBe(done);
    expect(switched).toEqual(undone ? ['1'] : []);
  });
});

describe('enableEventMapping › isDone', () => {
  test('throws a final StepFailedError with the reason of Lambda when a mapping falls back', async () => {
    const { cloud, createTools } = await createStackWorld();
    const step = enableEventMapping(createTools().reader);
    const context = stepContext({}, cloud);
    await step.run(context);
    await cloud.clock.sleep(60_000);
    const [mapping] = cloud.lambda.mappingsOf('reader-green');
    if (mapping !== undefined)
      Object.assign(mapping, { state: 'Disabled', lastProcessingResult: 'PROBLEM: Function call failed' });
    await cloud.clock.sleep(60_000);

    const look = async () => {
      for (let read = 0; read < 3; read += 1) await step.isDone?.(context);
    };

    const error = await look().catch((it: unknown) => it);
    expect(error).toMatchObject({ name: 'StepFailedError', expected: 'Enabled' });
    expect(classifyFailure(error)).toBe('final');
  });
});

describe('enableRule', () => {
  test('is done when every rule that may be switched is enabled', async () => {
    const rule = { eventBusName: 'default', name: 'nightly', isEnabled: true };
    const step = enableRule({
      listRules: async () => [rule, { ...rule, name: 'managed', isEnabled: false, skipped: 'managed' }],
      enableRule: async () => {},
      disableRule: async () => {},
    });

    expect(await step.isDone?.(stepContext())).toBe(true);
    expect(await step.before?.(stepContext())).toEqual({ only: [] });
  });
});

describe('purgeQueues', () => {
  test('is done 60 s after its own purge, also in another process', async () => {
    const cloud = new SimulatedCloud();
    const purge = () => purgeQueues({ purgeQueues: async () => {} });
    const context = stepContext({}, cloud);
    const empty = await purge().isDone?.(context);
    await purge().run(context);
    await cloud.clock.sleep(59_000);
    const early = await purge().isDone?.(context);
    await cloud.clock.sleep(1000);

    expect([empty, early, await purge().isDone?.(context)]).toEqual([false, false, true]);
  });

  test('deletes messages that arrived after another purge began', async () => {
    const { cloud, createTools } = await createStackWorld();
    await createTools().queues.purgeQueues('green');
    await cloud.clock.sleep(30_000);
    cloud.sqs.send('orders-green', 'a late order');

    await purgeQueues(createTools().queues).run(stepContext({}, cloud));
    await cloud.clock.sleep(60_000);

    expect(cloud.sqs.queue('orders-green').messages).toEqual([]);
  });
});

describe('scaleOutReaders', () => {
  test('stays done when the other stack gets more readers', async () => {
    const { cloud, createTools } = await createStackWorld();
    await createTools().database.startDatabase('green');
    await cloud.clock.sleep(600_000);
    const step = scaleOutReaders(createTools().database);
    const context = stepContext({}, cloud);
    await step.run(context);
    await cloud.clock.sleep(600_000);
    cloud.rds.addReader('orders-blue');

    expect(await step.isDone?.(context)).toBe(true);
    expect(await step.isDone?.(stepContext({}, cloud))).toBe(false);
  });

  test('is not done while Application Auto Scaling creates no readers', async () => {
    const { cloud, createTools } = await createStackWorld();
    await createTools().database.startDatabase('green');
    await cloud.clock.sleep(600_000);
    const target = cloud.applicationAutoScaling.target('rds', 'cluster:orders-green');
    target.suspendedState = { ...target.suspendedState, DynamicScalingOutSuspended: true };
    const step = scaleOutReaders(createTools().database);
    const context = stepContext({}, cloud);
    await step.run(context);
    await cloud.clock.sleep(600_000);

    expect(await step.isDone?.(context)).toBe(false);
  });
});

describe('startDatabase', () => {
  test.each(['backing-up', 'available'])('is done while the cluster is %s', async (status) => {
    const { cloud, createTools } = await createStackWorld();
    cloud.rds.cluster('orders-green').status = status;

    expect(await startDatabase(createTools().database).isDone?.(stepContext({}, cloud))).toBe(true);
  });

  test('does not stop a cluster that was being started before', async () => {
    const { cloud, createTools } = await createStackWorld();
    await createTools().database.startDatabase('green');
    const step = startDatabase(createTools().database);
    const context = stepContext({}, cloud);
    const before = (await step.before?.(context)) ?? null;
    if (step.undo !== 'none') await step.undo(context, before);
    await cloud.clock.sleep(600_000);

    expect(cloud.rds.cluster('orders-green').status).toBe('available');
  });
});

describe('The ready-made steps', () => {
  test('have the propagation times that AWS documents', () => {
    const { subscriptions, rules } = { subscriptions: anyTool(), rules: anyTool() };

    expect(enableSubscription(subscriptions).propagationSeconds).toBe(900);
    expect(enableRule(rules).propagationSeconds).toBe(60);
    expect(enableAlarms(anyTool()).propagationSeconds).toBeUndefined();
    expect(check(customCheck('healthy', () => true)).undo).toBe('none');
  });
});

function anyTool() {
  return new Proxy({}, { get: () => async () => [] }) as never;
}
