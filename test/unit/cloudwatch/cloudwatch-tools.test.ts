import { AlarmType, CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { type CloudWatchStackOptions, CloudWatchTools } from '../../../src/cloudwatch/index.js';
import {
  AccessDeniedError,
  InvalidInputError,
  OperationAbortedError,
  ResourceNotFoundError,
} from '../../../src/core/index.js';
import { SimulatedCloud } from '../../../src/testing/index.js';
import { invalidOptions, invalidSeconds, invalidTexts } from '../../support/method-options.js';

let cloud: SimulatedCloud;

beforeEach(() => {
  cloud = new SimulatedCloud();
});

function createTools(
  blue: CloudWatchStackOptions = { alarmNamePrefix: 'orders-blue-' },
  green: CloudWatchStackOptions = { alarmNamePrefix: 'orders-green-' },
) {
  return new CloudWatchTools({ blue, green, clients: cloud.clients, clock: cloud.clock });
}

/** Alarms with their actions enabled. */
function addAlarms(...names: string[]) {
  for (const name of names) cloud.cloudWatch.addAlarm({ name });
}

function stateOf(...names: string[]) {
  return names.map((name) => cloud.cloudWatch.alarm(name).actionsEnabled);
}

function countOf(action: string) {
  return cloud.calls.filter((call) => call.action === action).length;
}

describe('CloudWatchTools', () => {
  describe('constructor', () => {
    test.each(['', '  '])('throws InvalidInputError for the prefix "%s", which every alarm has', (prefix) => {
      expect(() => createTools({ alarmNamePrefix: prefix })).toThrowError(
        expect.objectContaining({
          name: 'InvalidInputError',
          problems: [
            {
              field: 'blue.alarmNamePrefix',
              expected: 'a string that is not empty',
              actual: prefix === '' ? 'an empty string' : '"  "',
            },
          ],
        }),
      );
    });

    test.each([
      ['the same prefix', { alarmNamePrefix: 'orders' }, { alarmNamePrefix: 'orders' }],
      [
        'the same prefix and the same suffix',
        { alarmNamePrefix: 'orders', alarmNameSuffix: '-prod' },
        { alarmNamePrefix: 'orders', alarmNameSuffix: '-prod' },
      ],
      [
        'a longer prefix on one side and a longer suffix on the other',
        { alarmNamePrefix: 'orders', alarmNameSuffix: '-blue' },
        { alarmNamePrefix: 'orders-green' },
      ],
    ])('throws InvalidInputError for stacks that share alarms: %s', (_case, blue, green) => {
      expect(() => createTools(blue, green)).toThrowError(InvalidInputError);
    });

    test.each([
      [{ alarmNamePrefx: 'blue' }, 'blue.alarmNamePrefx: unknown option; did you mean alarmNamePrefix?'],
      [
        { alarmNamePrefix: 'blue', alarmNameSuffix: null },
        'blue.alarmNameSuffix: expected a string, got null',
      ],
    ])('throws InvalidInputError for %o', (blue, message) => {
      expect(() => createTools(blue as never)).toThrowError(message);
    });

    test.each(invalidOptions)('throws InvalidInputError for %s', (_, options) => {
      expect(() => new CloudWatchTools(options as never)).toThrowError(InvalidInputError);
    });

    test.each(invalidTexts)('throws InvalidInputError for %s as a prefix', (_, alarmNamePrefix) => {
      expect(() => createTools({ alarmNamePrefix } as never)).toThrowError(InvalidInputError);
    });

    test('creates a client when none is given', () => {
      const options = { blue: { alarmNamePrefix: 'blue' }, green: { alarmNamePrefix: 'green' } };

      const tools = new CloudWatchTools({ ...options, clientConfig: { region: 'eu-west-1' } });

      expect(tools).toBeInstanceOf(CloudWatchTools);
    });

    test('throws InvalidInputError for a clientConfig beside all clients', () => {
      const clients = { cloudWatch: new CloudWatchClient({ region: 'eu-west-1' }) };
      const options = { blue: { alarmNamePrefix: 'blue' }, green: { alarmNamePrefix: 'green' } };

      // @ts-expect-error the only client is given ready
      expect(() => new CloudWatchTools({ ...options, clients, clientConfig: {} })).toThrowError(
        InvalidInputError,
      );
    });
  });

  describe('enableAlarmsActions, disableAlarmsActions', () => {
    const methods = ['enableAlarmsActions', 'disableAlarmsActions'] as const;

    test.each(methods)('%s throws ResourceNotFoundError when no alarm fits', async (method) => {
      addAlarms('orders-blue-cpu');
      const tools = createTools(
        { alarmNamePrefix: 'order-blue-', alarmNameSuffix: '-cpu' },
        { alarmNamePrefix: 'order-green-' },
      );

      const report = tools[method]('blue');

      await expect(report).rejects.toThrowError(ResourceNotFoundError);
      await expect(report).rejects.toMatchObject({ resource: 'alarms order-blue-*-cpu' });
    });

    test.each(methods)('%s throws ResourceNotFoundError when all alarms fit the partner', async (method) => {
      addAlarms('app-green-cpu');

      const report = createTools({ alarmNamePrefix: 'app' }, { alarmNamePrefix: 'app-green' })[method](
        'blue',
      );

      await expect(report).rejects.toThrowError(ResourceNotFoundError);
    });

    test.each(methods)('%s returns an empty report with allowNone', async (method) => {
      expect(await createTools()[method]('blue', { allowNone: true })).toEqual({
        changed: [],
        unchanged: [],
      });
    });

    test.each(Object.values(AlarmType))('switches the alarms of the type %s', async (type) => {
      cloud.cloudWatch.addAlarm({ name: 'orders-blue-any', type });

      const disabled = await createTools().disableAlarmsActions('blue');
      expect(stateOf('orders-blue-any')).toEqual([false]);
      const enabled = await createTools().enableAlarmsActions('blue');

      expect(stateOf('orders-blue-any')).toEqual([true]);
      expect([disabled.changed, enabled.changed]).toEqual([['orders-blue-any'], ['orders-blue-any']]);
    });

    test.each(methods)('%s waits while another change is under way', async (method) => {
      const isEnabled = method === 'enableAlarmsActions';
      cloud.cloudWatch.addAlarm({ name: 'orders-blue-cpu', actionsEnabled: !isEnabled });
      const conflict = Object.assign(new Error('busy'), { name: 'ConcurrentModificationException' });
      const action = `cloudwatch:${isEnabled ? 'Enable' : 'Disable'}AlarmActions`;
      cloud.injectFault({ kind: conflict, action, times: 3 });

      await createTools()[method]('blue');

      expect(stateOf('orders-blue-cpu')).toEqual([isEnabled]);
      cloud.injectFault({ kind: conflict, action, times: Number.POSITIVE_INFINITY });
      cloud.cloudWatch.alarm('orders-blue-cpu').actionsEnabled = !isEnabled;
      await expect(createTools()[method]('blue', { maxWaitSeconds: 5 })).rejects.toBe(conflict);
    });

    test.each(methods)('%s throws InvalidInputError for options that are no object', async (method) => {
      for (const [, options] of invalidOptions)
        await expect(createTools()[method]('blue', options as never)).rejects.toThrowError(InvalidInputError);
      for (const maxWaitSeconds of invalidSeconds)
        await expect(createTools()[method]('blue', { maxWaitSeconds } as never)).rejects.toThrowError(
          InvalidInputError,
        );
      await expect(createTools()[method]('blue', { alowNone: true } as never)).rejects.toThrowError(
        `Invalid CloudWatchTools.${method} options: alowNone: unknown option; did you mean allowNone?`,
      );
      expect(cloud.calls).toEqual([]);
    });

    test.each([
      ['disableAlarmsActions', 'enableAlarmsActions', true],
      ['enableAlarmsActions', 'disableAlarmsActions', false],
    ] as const)('after %s, %s ignores a read from before', async (first, second, enabled) => {
      const alarm = cloud.cloudWatch.addAlarm({ name: 'orders-blue-cpu', actionsEnabled: enabled });
      const tools = createTools();
      await tools[first]('blue');
      cloud.injectFault({ kind: 'staleRead', action: 'cloudwatch:DescribeAlarms' });

      const report = await tools[second]('blue');

      expect(report).toEqual({ changed: ['orders-blue-cpu'], unchanged: [] });
      expect(alarm.actionsEnabled).toBe(enabled);
    });
  });

  describe('disableAlarmsActions', () => {
    test('switches the metric alarms and composite alarms of one stack', async () => {
      addAlarms('orders-blue-errors', 'orders-green-errors');
      cloud.cloudWatch.addAlarm({ name: 'orders-blue-any', type: 'CompositeAlarm' });
      cloud.cloudWatch.addAlarm({ name: 'orders-green-any', type: 'CompositeAlarm' });

      const report = await createTools().disableAlarmsActions('blue');

      expect(stateOf('orders-blue-errors', 'orders-blue-any')).toEqual([false, false]);
      expect(stateOf('orders-green-errors', 'orders-green-any')).toEqual([true, true]);
      expect(report).toEqual({ changed: ['orders-blue-errors', 'orders-blue-any'], unchanged: [] });
    });

    test('writes only the alarms whose actions are enabled', async () => {
      addAlarms('orders-blue-errors');
      cloud.cloudWatch.addAlarm({ name: 'orders-blue-age', actionsEnabled: false });

      const report = await createTools().disableAlarmsActions('blue');

      expect(report).toEqual({ changed: ['orders-blue-errors'], unchanged: ['orders-blue-age'] });
      const [change] = cloud.calls.filter((call) => call.action === 'cloudwatch:DisableAlarmActions');
      expect(change?.input).toEqual({ AlarmNames: ['orders-blue-errors'] });
    });

    test('changes nothing when there is nothing to change', async () => {
      cloud.cloudWatch.addAlarm({ name: 'orders-blue-age', actionsEnabled: false });

      await createTools().disableAlarmsActions('blue');

      expect(countOf('cloudwatch:DisableAlarmActions')).toBe(0);
    });

    test('selects alarms by their suffix', async () => {
      addAlarms('orders-errors-blue', 'orders-errors-green', 'orders-errors');
      const tools = createTools(
        { alarmNamePrefix: 'orders', alarmNameSuffix: '-blue' },
        { alarmNamePrefix: 'orders', alarmNameSuffix: '-green' },
      );

      await tools.disableAlarmsActions('blue');

      expect(stateOf('orders-errors-blue', 'orders-errors-green', 'orders-errors')).toEqual([
        false,
        true,
        true,
      ]);
    });

    test('leaves alarms that fit the narrower names of the partner unchanged', async () => {
      addAlarms('app-cpu', 'app-green-cpu');
      const tools = createTools({ alarmNamePrefix: 'app' }, { alarmNamePrefix: 'app-green' });

      const report = await tools.disableAlarmsActions('blue');

      expect(stateOf('app-cpu', 'app-green-cpu')).toEqual([false, true]);
      expect(report).toEqual({ changed: ['app-cpu'], unchanged: [] });
    });

    test('switches the alarms of the stack whose names are the narrower ones', async () => {
      addAlarms('app-cpu', 'app-cpu-green');
      const tools = createTools(
        { alarmNamePrefix: 'app' },
        { alarmNamePrefix: 'app', alarmNameSuffix: '-green' },
      );

      await tools.disableAlarmsActions('green');

      expect(stateOf('app-cpu', 'app-cpu-green')).toEqual([true, false]);
    });

    test('throws AccessDeniedError with the IAM action when a permission is missing', async () => {
      addAlarms('orders-blue-errors');
      cloud.injectFault({ kind: 'accessDenied', action: 'cloudwatch:DisableAlarmActions' });

      const disable = createTools().disableAlarmsActions('blue');

      await expect(disable).rejects.toThrowError(AccessDeniedError);
      await expect(disable).rejects.toMatchObject({ action: 'cloudwatch:DisableAlarmActions' });
    });

    test('makes no call when the signal is aborted already', async () => {
      const disable = createTools().disableAlarmsActions('blue', { signal: AbortSignal.abort() });

      await expect(disable).rejects.toThrowError(OperationAbortedError);
      expect(cloud.calls).toEqual([]);
    });

    test('throws InvalidInputError for an unknown stack', async () => {
      // @ts-expect-error there is no such stack
      await expect(createTools().disableAlarmsActions('red')).rejects.toThrowError(InvalidInputError);
    });
  });

  describe('enableAlarmsActions', () => {
    test('switches metric alarms and composite alarms, and logs the change', async () => {
      cloud.cloudWatch.addAlarm({ name: 'orders-blue-errors', actionsEnabled: false });
      cloud.cloudWatch.addAlarm({ name: 'orders-blue-any', type: 'CompositeAlarm', actionsEnabled: false });
      const logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
      const tools = new CloudWatchTools({
        blue: { alarmNamePrefix: 'orders-blue-' },
        green: { alarmNamePrefix: 'orders-green-' },
        clients: cloud.clients,
        logger,
      });

      const report = await tools.enableAlarmsActions('blue');

      expect(report).toEqual({ changed: ['orders-blue-errors', 'orders-blue-any'], unchanged: [] });
      expect(stateOf('orders-blue-errors', 'orders-blue-any')).toEqual([true, true]);
      expect(logger.info.mock.calls).toEqual([
        [
          'Enabled alarm actions',
          {
            resource: 'alarms orders-blue-*',
            alarms: ['orders-blue-errors', 'orders-blue-any'],
            from: 'disabled',
            to: 'enabled',
            durationMs: expect.any(Number),
          },
        ],
      ]);
    });

    test('enables again what was disabled', async () => {
      addAlarms('orders-blue-errors');
      const tools = createTools();
      const { changed } = await tools.disableAlarmsActions('blue');

      const report = await tools.enableAlarmsActions('blue');

      expect(report).toEqual({ changed, unchanged: [] });
      expect(stateOf('orders-blue-errors')).toEqual([true]);
    });
  });

  describe('faults of the original toolkit', () => {
    test('switches all of 250 alarms, in calls of at most 100 names', async () => {
      const names = Array.from({ length: 250 }, (_, index) => `orders-blue-${index}`);
      addAlarms(...names);

      const report = await createTools().disableAlarmsActions('blue');

      expect(report.changed).toEqual(names);
      expect(stateOf(...names)).toEqual(names.map(() => false));
      expect(countOf('cloudwatch:DescribeAlarms')).toBe(3);
      expect(countOf('cloudwatch:DisableAlarmActions')).toBe(3);
    });
  });
});
