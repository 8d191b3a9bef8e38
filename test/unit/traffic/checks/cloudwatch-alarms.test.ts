import { AlarmType } from '@aws-sdk/client-cloudwatch';
import { beforeEach, describe, expect, test } from 'vitest';
import { SimulatedCloud } from '../../../../src/testing/index.js';
import {
  type CheckResult,
  type CloudWatchAlarmsOptions,
  canary,
  cloudWatchAlarms,
  TrafficShifter,
  type TrafficWeights,
} from '../../../../src/traffic/index.js';
import { checkContext } from '../../../support/check-context.js';
import { scriptedCloudWatch } from '../../../support/scripted-cloudwatch.js';

let cloud: SimulatedCloud;

beforeEach(() => {
  cloud = new SimulatedCloud();
});

const evaluate = (alarmNames: CloudWatchAlarmsOptions['alarmNames'], clients: object = cloud.clients) =>
  cloudWatchAlarms({ name: 'alarms', alarmNames, clients }).evaluate(checkContext(cloud));

describe('Function: cloudWatchAlarms', () => {
  test('passes when every alarm is OK, metric and composite', async () => {
    cloud.cloudWatch.addAlarm({ name: 'errors', state: 'OK' });
    cloud.cloudWatch.addAlarm({ name: 'any', rule: 'ALARM("errors")' });

    expect(await evaluate(['errors', 'any'])).toEqual({ outcome: 'pass', detail: '2 alarms are OK' });
    expect(await evaluate(['errors', 'errors'])).toEqual({ outcome: 'pass', detail: '1 alarm is OK' });
  });

  test('fails on an alarm in ALARM, also when others are inconclusive', async () => {
    cloud.cloudWatch.addAlarm({ name: 'errors', state: 'ALARM' });
    cloud.cloudWatch.addAlarm({ name: 'age' });
    cloud.cloudWatch.addAlarm({ name: 'any', rule: 'ALARM("errors") OR ALARM("age")' });

    expect(await evaluate(['errors', 'age', 'any'])).toEqual({
      outcome: 'fail',
      detail: '2 alarms are not OK: errors is ALARM, any is ALARM',
    });
  });

  test('is inconclusive for an alarm without data, and for one that does not exist', async () => {
    cloud.cloudWatch.addAlarm({ name: 'errors', state: 'OK' });
    cloud.cloudWatch.addAlarm({ name: 'age' });

    expect(await evaluate(['errors', 'age', 'eror'])).toEqual({
      outcome: 'inconclusive',
      detail: expect.stringMatching(
        /^2 alarms are not OK: age is INSUFFICIENT_DATA, eror is missing\. .*noData: 'pass'.*notBreaching.*alarmNames/,
      ),
    });
  });

  test('is inconclusive for an alarm that cannot be evaluated, or has no state', async () => {
    const { client } = scriptedCloudWatch([
      {
        MetricAlarms: [
          { AlarmName: 'a', StateValue: 'OK', EvaluationState: 'EVALUATION_ERROR' },
          { AlarmName: 'b' },
        ],
      },
    ]);

    expect(await evaluate(['a', 'b'], { cloudWatch: client })).toEqual({
      outcome: 'inconclusive',
      detail: '2 alarms are not OK: a is EVALUATION_ERROR, b is without a state',
    });
  });

  describe('for an alarm in INSUFFICIENT_DATA', () => {
    const evaluateWith = (noData: CloudWatchAlarmsOptions['noData'], alarmNames = ['errors', 'age']) =>
      cloudWatchAlarms({ name: 'alarms', alarmNames, noData, clients: cloud.clients }).evaluate(
        checkContext(cloud),
      );

    beforeEach(() => {
      cloud.cloudWatch.addAlarm({ name: 'errors', state: 'OK' });
      cloud.cloudWatch.addAlarm({ name: 'age' });
    });

    test.each([
      [
        undefined,
        'inconclusive',
        '1 alarm is not OK: age is INSUFFICIENT_DATA. A metric that is written only',
      ],
      [
        'inconclusive',
        'inconclusive',
        '1 alarm is not OK: age is INSUFFICIENT_DATA. A metric that is written',
      ],
      ['fail', 'fail', '1 alarm is not OK: age is INSUFFICIENT_DATA, which counts as fail here'],
      [
        'pass',
        'pass',
        '1 alarm is OK; 1 alarm is not OK: age is INSUFFICIENT_DATA, which counts as pass here',
      ],
    ] as const)('has the outcome noData: %s is %s', async (noData, outcome, detail) => {
      expect(await evaluateWith(noData)).toEqual({ outcome, detail: expect.stringContaining(detail) });
    });

    test('passes when every alarm is OK, whatever noData says', async () => {
      for (const noData of ['fail', 'pass', 'inconclusive'] as const) {
        expect(await evaluateWith(noData, ['errors'])).toEqual({ outcome: 'pass', detail: '1 alarm is OK' });
      }
    });

    test('fails when another one is in ALARM', async () => {
      cloud.cloudWatch.setAlarmState('errors', 'ALARM');

      expect(await evaluateWith('pass')).toMatchObject({ outcome: 'fail' });
    });

    test('is inconclusive whatever noData says when another one does not exist', async () => {
      expect(await evaluateWith('inconclusive', ['age', 'eror'])).toMatchObject({
        detail: expect.stringContaining(
          'treat missing data as notBreaching in the alarm. Check alarmNames, and',
        ),
      });
      expect(await evaluateWith('pass', ['age', 'eror'])).toEqual({
        outcome: 'inconclusive',
        detail:
          '1 alarm is not OK: eror is missing. Check alarmNames, and the Region and account of the client: no alarm has the missing name',
      });
    });

    test.each<[string, object, CheckResult['outcome'], string]>([
      ['warms up', warmingUp(10), 'inconclusive', 'warming up until 2026-01-01T00:10:00Z'],
      ['has warmed up', warmingUp(0), 'pass', 'counts as pass'],
      [
        'has no time of its last update',
        { WarmUpConfiguration: { WarmUpPeriodDurationInMinutes: 10 } },
        'pass',
        'counts as pass',
      ],
      [
        'has no duration of its warm-up',
        { ...warmingUp(10), WarmUpConfiguration: {} },
        'pass',
        'counts as pass',
      ],
      ['has no warm-up', { ...warmingUp(10), WarmUpConfiguration: undefined }, 'pass', 'counts as pass'],
      ['has partial data', { EvaluationState: 'PARTIAL_DATA' }, 'inconclusive', 'PARTIAL_DATA'],
      ['cannot be evaluated', { EvaluationState: 'EVALUATION_ERROR' }, 'inconclusive', 'EVALUATION_ERROR'],
      ['has a newer state', { EvaluationState: 'HIBERNATING' }, 'inconclusive', 'HIBERNATING'],
      ['is a composite one that is not evaluated yet', { AlarmRule: 'ALARM(a)' }, 'inconclusive', 'INSUFF'],
    ])('distinguishes one that %s from one without data', async (_, more, outcome, detail) => {
      const alarm = { AlarmName: 'age', StateValue: 'INSUFFICIENT_DATA', ...more };
      const { client } = scriptedCloudWatch([{ MetricAlarms: [alarm] }]);
      const check = cloudWatchAlarms({
        name: 'alarms',
        alarmNames: ['age'],
        noData: 'pass',
        clients: { cloudWatch: client },
      });

      expect(await check.evaluate(checkContext(cloud))).toEqual({
        outcome,
        detail: expect.stringContaining(detail),
      });
    });

    test('does not roll back a healthy release whose error alarm has no data', async () => {
      const live = { blue: 100, green: 0 };
      const target = {
        description: 'memory',
        readWeights: async () => ({ ...live }),
        writeWeights: async (weights: TrafficWeights) => void Object.assign(live, weights),
      };
      const shiftWith = (noData: CloudWatchAlarmsOptions['noData']) =>
        new TrafficShifter({
          target,
          clock: cloud.clock,
          checks: [cloudWatchAlarms({ name: 'alarms', alarmNames: ['age'], noData, clients: cloud.clients })],
        }).shiftTo('green', canary({ percent: 10, holdSeconds: 300 }));

      const byDefault = await shiftWith(undefined);

      expect(byDefault.outcome).toBe('rolledBack');
      expect(byDefault.reason).toMatch(/INSUFFICIENT_DATA.*noData: 'pass'/);
      expect(await shiftWith('pass')).toMatchObject({ outcome: 'succeeded' });
    });
  });

  test('requests every type of alarm that the SDK knows, and reads every list of the response', async () => {
    const { client, inputs } = scriptedCloudWatch([
      {
        MetricAlarms: [{ AlarmName: 'metric', StateValue: 'OK' }],
        CompositeAlarms: [{ AlarmName: 'composite', StateValue: 'OK', AlarmRule: 'ALARM(metric)' }],
        LogAlarms: [{ AlarmName: 'log', StateValue: 'ALARM' }],
        ForecastAlarms: [{ AlarmName: 'of a newer model', StateValue: 'ALARM' }],
      },
    ]);

    expect(
      await evaluate(['metric', 'composite', 'log', 'of a newer model'], { cloudWatch: client }),
    ).toEqual({
      outcome: 'fail',
      detail: '2 alarms are not OK: log is ALARM, of a newer model is ALARM',
    });
    expect(inputs).toMatchObject([{ AlarmTypes: Object.values(AlarmType) }]);
  });

  test('supports every type of alarm of the SDK (a new one needs a review of judge-alarms.ts and the permissions)', () => {
    expect(Object.values(AlarmType).sort()).toEqual(['CompositeAlarm', 'LogAlarm', 'MetricAlarm']);
  });

  test('requests 100 alarms at a time, and reads every page', async () => {
    const names = Array.from({ length: 230 }, (_, index) => `errors-${index}`);
    for (const name of names)
      cloud.cloudWatch.addAlarm({ name, state: name === 'errors-229' ? 'ALARM' : 'OK' });

    expect(await evaluate(names)).toMatchObject({
      outcome: 'fail',
      detail: '1 alarm is not OK: errors-229 is ALARM',
    });
    expect(cloud.calls).toHaveLength(3);
  });

  test('finds an alarm on a later page', async () => {
    const { client, inputs } = scriptedCloudWatch([
      { MetricAlarms: [{ AlarmName: 'a', StateValue: 'OK' }], NextToken: 'more' },
      { CompositeAlarms: [{ AlarmName: 'b', StateValue: 'OK' }] },
    ]);

    expect(await evaluate(['a', 'b'], { cloudWatch: client })).toMatchObject({ outcome: 'pass' });
    expect(inputs).toHaveLength(2);
  });

  test('reads the alarms of the incoming stack', async () => {
    cloud.cloudWatch.addAlarm({ name: 'errors-blue', state: 'ALARM' });
    cloud.cloudWatch.addAlarm({ name: 'errors-green', state: 'OK' });

    expect(await evaluate({ blue: ['errors-blue'], green: ['errors-green'] })).toMatchObject({
      outcome: 'pass',
    });
  });

  test('throws AccessDeniedError without the permission', async () => {
    cloud.injectFault({ kind: 'accessDenied', times: 9 });

    await expect(evaluate(['errors'])).rejects.toMatchObject({
      name: 'AccessDeniedError',
      action: 'cloudwatch:DescribeAlarms',
    });
  });

  test('throws InvalidInputError for an empty list, which would always pass', () => {
    expect(() => cloudWatchAlarms({ name: 'none', alarmNames: [] })).toThrowError('the name of an alarm');
  });
});

/** Creates an alarm that was updated when the cloud was created, and warms up for some minutes. */
function warmingUp(minutes: number) {
  return {
    AlarmConfigurationUpdatedTimestamp: new Date('2026-01-01T00:00:00Z'),
    WarmUpConfiguration: { WarmUpPeriodDurationInMinutes: minutes },
  };
}
