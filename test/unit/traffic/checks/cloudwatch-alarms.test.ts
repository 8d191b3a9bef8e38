import { beforeEach, describe, expect, test } from 'vitest';
import { SimulatedCloud } from '../../../../src/testing/index.js';
import { type CloudWatchAlarmsOptions, cloudWatchAlarms } from '../../../../src/traffic/index.js';
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

  test('fails on an alarm that rings, also when others are unclear', async () => {
    cloud.cloudWatch.addAlarm({ name: 'errors', state: 'ALARM' });
    cloud.cloudWatch.addAlarm({ name: 'age' });
    cloud.cloudWatch.addAlarm({ name: 'any', rule: 'ALARM("errors") OR ALARM("age")' });

    expect(await evaluate(['errors', 'age', 'any'])).toEqual({
      outcome: 'fail',
      detail: '2 alarms are not OK: errors is ALARM, any is ALARM',
    });
  });

  test('is inconclusive about an alarm without data, and about one that does not exist', async () => {
    cloud.cloudWatch.addAlarm({ name: 'errors', state: 'OK' });
    cloud.cloudWatch.addAlarm({ name: 'age' });

    expect(await evaluate(['errors', 'age', 'eror'])).toEqual({
      outcome: 'inconclusive',
      detail: '2 alarms are not OK: age is INSUFFICIENT_DATA, eror is missing',
    });
  });

  test('is inconclusive about an alarm that cannot be evaluated any more, or has no state', async () => {
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

  test('asks for 100 alarms at a time, and reads every page', async () => {
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

  test('looks at the alarms of the incoming stack', async () => {
    cloud.cloudWatch.addAlarm({ name: 'errors-blue', state: 'ALARM' });
    cloud.cloudWatch.addAlarm({ name: 'errors-green', state: 'OK' });

    expect(await evaluate({ blue: ['errors-blue'], green: ['errors-green'] })).toMatchObject({
      outcome: 'pass',
    });
  });

  test('throws when it may not look', async () => {
    cloud.injectFault({ kind: 'accessDenied', times: 9 });

    await expect(evaluate(['errors'])).rejects.toMatchObject({
      name: 'AccessDeniedError',
      action: 'cloudwatch:DescribeAlarms',
    });
  });

  test('refuses to look at no alarm, which would always pass', () => {
    expect(() => cloudWatchAlarms({ name: 'none', alarmNames: [] })).toThrowError('the name of an alarm');
  });
});
