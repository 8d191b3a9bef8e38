import { DescribeAlarmsCommand, type StateValue } from '@aws-sdk/client-cloudwatch';
import { beforeEach, describe, expect, test } from 'vitest';
import { type SimulatedAlarmCondition, SimulatedCloud } from '../../../../../src/testing/index.js';
import { evaluateAlarmRule } from '../../../../../src/testing/services/cloudwatch/simulated-alarm-rule.js';
import { nextAlarmState } from '../../../../../src/testing/services/cloudwatch/simulated-alarms.js';

const noon = Date.parse('2026-01-01T12:00:00Z');
let cloud: SimulatedCloud;

beforeEach(() => {
  cloud = new SimulatedCloud({ startAt: new Date(noon) });
});

const condition = (options: Partial<SimulatedAlarmCondition> = {}): SimulatedAlarmCondition => ({
  queries: [
    { Id: 'm', MetricStat: { Metric: { Namespace: 'Shop', MetricName: 'Errors' }, Period: 60, Stat: 'Sum' } },
  ],
  threshold: 5,
  ...options,
});

const put = (value: number, metricName = 'Errors') =>
  cloud.cloudWatch.addDataPoint({ namespace: 'Shop', metricName, value });

describe('the alarms of SimulatedCloudWatch', () => {
  test('begin without data, enter ALARM for bad data, and return to OK', async () => {
    cloud.cloudWatch.addAlarm({ name: 'errors', condition: condition() });
    const states: StateValue[] = [cloud.cloudWatch.alarmState('errors')];

    for (const value of [5, 6, 0]) {
      put(value);
      await cloud.clock.sleep(60_000);
      states.push(cloud.cloudWatch.alarmState('errors'));
    }

    expect(states).toEqual(['INSUFFICIENT_DATA', 'OK', 'ALARM', 'OK']);
  });

  test('are described with their state and the time of its last change', async () => {
    cloud.cloudWatch.addAlarm({ name: 'errors', condition: condition() });
    cloud.cloudWatch.addAlarm({ name: 'any', rule: 'ALARM(errors)' });
    await cloud.clock.sleep(30_000);
    put(6);
    await cloud.clock.sleep(100_000);

    const { MetricAlarms, CompositeAlarms } = await cloud.clients.cloudWatch.send(
      new DescribeAlarmsCommand({ AlarmTypes: ['MetricAlarm', 'CompositeAlarm'] }),
    );

    expect(MetricAlarms).toMatchObject([
      { AlarmName: 'errors', StateValue: 'ALARM', StateUpdatedTimestamp: new Date(noon + 60_000) },
    ]);
    expect(CompositeAlarms).toMatchObject([
      { AlarmName: 'any', StateValue: 'ALARM', AlarmRule: 'ALARM(errors)' },
    ]);
  });

  test('keep the state of an earlier minute while they ignore missing data, even without reads', async () => {
    cloud.cloudWatch.addAlarm({ name: 'errors', condition: condition({ treatMissingData: 'ignore' }) });
    put(6);

    await cloud.clock.sleep(3_600_000);

    expect(cloud.cloudWatch.alarmState('errors')).toBe('ALARM');
  });

  test('evaluate metric math, too', async () => {
    const metric = (MetricName: string) => ({
      MetricStat: { Metric: { Namespace: 'Shop', MetricName }, Period: 60, Stat: 'Sum' },
      ReturnData: false,
    });
    const queries = [
      { Id: 'e', ...metric('Errors') },
      { Id: 'r', ...metric('Requests') },
      { Id: 'rate', Expression: 'e / r * 100' },
    ];
    cloud.cloudWatch.addAlarm({ name: 'rate', condition: condition({ queries }) });
    put(1);
    put(10, 'Requests');

    await cloud.clock.sleep(60_000);

    expect(cloud.cloudWatch.alarmState('rate')).toBe('ALARM');
  });

  test('keep a state that was set until the next evaluation', async () => {
    cloud.cloudWatch.addAlarm({ name: 'errors', state: 'OK' });
    cloud.cloudWatch.addAlarm({
      name: 'watching',
      condition: condition({ treatMissingData: 'notBreaching' }),
    });
    for (const name of ['errors', 'watching']) cloud.cloudWatch.setAlarmState(name, 'ALARM');
    const states = () => ['errors', 'watching'].map((name) => cloud.cloudWatch.alarmState(name));
    expect(states()).toEqual(['ALARM', 'ALARM']);

    await cloud.clock.sleep(60_000);

    expect(states()).toEqual(['ALARM', 'OK']);
  });

  test('require a query that returns data', () => {
    cloud.cloudWatch.addAlarm({ name: 'none', condition: condition({ queries: [] }) });

    expect(() => cloud.cloudWatch.alarmState('none')).toThrowError('returns data');
  });

  test('refuse a read by more than 100 names', async () => {
    const AlarmNames = Array<string>(101).fill('errors');

    await expect(
      cloud.clients.cloudWatch.send(new DescribeAlarmsCommand({ AlarmNames })),
    ).rejects.toMatchObject({
      name: 'ValidationError',
    });
  });
});

describe('nextAlarmState', () => {
  const points = (text: string) => text.split(' ').map((it) => (it === '-' ? undefined : it === 'X' ? 9 : 0));

  // The tables of the CloudWatch guide: 0 is a good data point, X a breaching one, - a missing one.
  test.each([
    ['0 - X - X', 3, 'OK', 'OK', 'OK', 'OK'],
    ['0 - - - -', 3, 'OK', 'OK', 'OK', 'OK'],
    ['- - - - -', 3, 'INSUFFICIENT_DATA', 'retained', 'ALARM', 'OK'],
    ['0 X X - X', 3, 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
    ['- - - - X', 3, 'INSUFFICIENT_DATA', 'retained', 'ALARM', 'OK'],
    ['X - - - -', 3, 'ALARM', 'retained', 'ALARM', 'OK'],
    ['0 - X - X', 2, 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
    ['0 0 X 0 X', 2, 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
    ['0 - X - -', 2, 'OK', 'OK', 'ALARM', 'OK'],
    ['- - - - 0', 2, 'OK', 'OK', 'ALARM', 'OK'],
    ['- - - - X', 2, 'INSUFFICIENT_DATA', 'retained', 'ALARM', 'OK'],
  ] as const)('%s with %d of 3 data points to alarm', (text, datapointsToAlarm, ...expected) => {
    const states = (['missing', 'ignore', 'breaching', 'notBreaching'] as const).map((treatMissingData) =>
      (['OK', 'ALARM', 'INSUFFICIENT_DATA'] as const).map((state) =>
        nextAlarmState(
          points(text),
          { threshold: 5, evaluationPeriods: 3, datapointsToAlarm, treatMissingData },
          state,
        ),
      ),
    );

    expect(states).toEqual(
      expected.map((state) =>
        state === 'retained' ? ['OK', 'ALARM', 'INSUFFICIENT_DATA'] : [state, state, state],
      ),
    );
  });

  test.each([
    ['GreaterThanThreshold', ['OK', 'OK', 'ALARM']],
    ['GreaterThanOrEqualToThreshold', ['OK', 'ALARM', 'ALARM']],
    ['LessThanThreshold', ['ALARM', 'OK', 'OK']],
    ['LessThanOrEqualToThreshold', ['ALARM', 'ALARM', 'OK']],
  ] as const)('compares by %s', (comparison, states) => {
    expect([4, 5, 6].map((value) => nextAlarmState([value], { threshold: 5, comparison }, 'OK'))).toEqual(
      states,
    );
  });
});

describe('evaluateAlarmRule', () => {
  const states: Readonly<Record<string, StateValue>> = { bad: 'ALARM', good: 'OK', new: 'INSUFFICIENT_DATA' };
  const evaluate = (rule: string) => evaluateAlarmRule(rule, (name) => states[name] ?? 'OK');

  test.each([
    ['ALARM("bad")', true],
    ['ALARM(bad)', true],
    ["ALARM('arn:aws:cloudwatch:eu-west-1:123456789012:alarm:bad')", true],
    ['ALARM(good)', false],
    ['ALARM(new)', false],
    ['OK(good) AND INSUFFICIENT_DATA(new)', true],
    ['ALARM(bad) AND ALARM(good)', false],
    ['ALARM(bad) OR ALARM(good)', true],
    ['ALARM(good) OR ALARM(bad) AND ALARM(good)', false],
    ['(ALARM(good) OR ALARM(bad)) AND NOT ALARM(good)', true],
    ['NOT NOT TRUE', true],
    ['FALSE OR FALSE', false],
  ])('%s is %s', (rule, value) => {
    expect(evaluate(rule)).toBe(value);
  });

  test.each(['', 'ALARM', 'ALARM(', 'ALARM(bad', '(TRUE', 'TRUE TRUE', 'bad', 'ALARM("bad'])(
    'refuses %j',
    (rule) => {
      expect(() => evaluate(rule)).toThrowError(expect.objectContaining({ name: 'ValidationError' }));
    },
  );
});
