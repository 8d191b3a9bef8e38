import {
  AlarmType,
  DescribeAlarmsCommand,
  type Dimension,
  EnableAlarmActionsCommand,
  GetMetricDataCommand,
  type GetMetricDataCommandInput,
  type MetricDataQuery,
} from '@aws-sdk/client-cloudwatch';
import { beforeEach, describe, expect, test } from 'vitest';
import { SimulatedCloud } from '../../../../../src/testing/index.js';

let cloud: SimulatedCloud;
const noon = new Date('2026-01-01T12:00:00Z').getTime();

beforeEach(() => {
  cloud = new SimulatedCloud({ startAt: new Date(noon) });
});

const cloudWatch = () => cloud.clients.cloudWatch;

interface QueryOptions extends Partial<MetricDataQuery> {
  stat?: string;
  period?: number;
  name?: string;
  dimensions?: Dimension[];
}

function query({
  stat = 'Sum',
  period = 60,
  name = 'Requests',
  dimensions = [],
  ...rest
}: QueryOptions = {}) {
  const metric = { Namespace: 'Shop', MetricName: name, Dimensions: dimensions };
  return { Id: 'm', MetricStat: { Metric: metric, Period: period, Stat: stat }, ...rest };
}

async function read(queries: MetricDataQuery[], input: Partial<GetMetricDataCommandInput> = {}) {
  const answer = await cloudWatch().send(
    new GetMetricDataCommand({
      MetricDataQueries: queries,
      StartTime: new Date(noon - 600_000),
      EndTime: new Date(noon),
      ...input,
    }),
  );
  return {
    ...answer,
    points: answer.MetricDataResults?.map(({ Timestamps = [], Values = [] }) =>
      Timestamps.map((time, index) => [(time.getTime() - noon) / 1000, Values[index]]),
    ),
  };
}

function addPoints(...points: [secondsAfterNoon: number, value: number][]) {
  for (const [seconds, value] of points) {
    cloud.cloudWatch.addDataPoint({
      namespace: 'Shop',
      metricName: 'Requests',
      at: new Date(noon + seconds * 1000),
      value,
    });
  }
}

describe('SimulatedCloudWatch', () => {
  describe('alarms', () => {
    test.each(Object.values(AlarmType))('returns alarms of the type %s only on request', async (type) => {
      for (const it of Object.values(AlarmType)) cloud.cloudWatch.addAlarm({ name: it, type: it });

      const page = await cloudWatch().send(new DescribeAlarmsCommand({ AlarmTypes: [type] }));

      const lists = Object.values(AlarmType).flatMap((it) => page[`${it}s`] ?? []);
      expect(lists).toMatchObject([{ AlarmName: type }]);
      expect(page[`${type}s`]).toMatchObject([{ AlarmName: type, ActionsEnabled: true }]);
    });

    test('refuses an unknown alarm type', async () => {
      const describe = new DescribeAlarmsCommand({ AlarmTypes: ['MoonAlarm' as never] });

      await expect(cloudWatch().send(describe)).rejects.toMatchObject({ name: 'ValidationError' });
    });

    test('returns composite alarms only on request', async () => {
      cloud.cloudWatch.addAlarm({ name: 'errors' });
      cloud.cloudWatch.addAlarm({ name: 'any', type: 'CompositeAlarm' });

      const plain = await cloudWatch().send(new DescribeAlarmsCommand({}));
      const both = await cloudWatch().send(
        new DescribeAlarmsCommand({ AlarmTypes: ['MetricAlarm', 'CompositeAlarm'] }),
      );

      expect([plain.MetricAlarms?.length, plain.CompositeAlarms?.length]).toEqual([1, 0]);
      expect([both.MetricAlarms?.length, both.CompositeAlarms?.length]).toEqual([1, 1]);
    });

    test('finds alarms by name or by prefix, not by both', async () => {
      cloud.cloudWatch.addAlarm({ name: 'errors' });
      cloud.cloudWatch.addAlarm({ name: 'age' });
      const find = (input: object) => cloudWatch().send(new DescribeAlarmsCommand(input));

      expect((await find({ AlarmNames: ['age'] })).MetricAlarms).toMatchObject([{ AlarmName: 'age' }]);
      expect((await find({ AlarmNamePrefix: 'err' })).MetricAlarms).toMatchObject([{ AlarmName: 'errors' }]);
      await expect(find({ AlarmNames: ['age'], AlarmNamePrefix: 'err' })).rejects.toMatchObject({
        name: 'ValidationError',
      });
    });

    test('switches at most 100 alarms in one call, and ignores missing ones', async () => {
      const enable = (AlarmNames: string[]) =>
        cloudWatch().send(new EnableAlarmActionsCommand({ AlarmNames }));

      await expect(enable(Array(101).fill('errors'))).rejects.toMatchObject({ name: 'ValidationError' });
      await expect(enable(['missing'])).resolves.toBeDefined();
      expect(() => cloud.cloudWatch.alarm('missing')).toThrowError('no alarm missing');
    });
  });

  describe('GetMetricData', () => {
    test.each([
      ['Sum', 9],
      ['Average', 3],
      ['Maximum', 5],
      ['Minimum', 1],
      ['SampleCount', 3],
      ['PR(:0.5)', 0],
      ['PR(:4.9)', (2 / 3) * 100],
      ['PR(:5)', 100],
    ])('computes the statistic %s of a period', async (stat, value) => {
      addPoints([-120, 1], [-100, 5], [-61, 3]);

      const { points } = await read([query({ stat })]);

      expect(points).toEqual([[[-120, value]]]);
    });

    test('rounds the start down to the minute and excludes the end', async () => {
      addPoints([-120, 1], [-60, 2]);

      const { points } = await read([query()], {
        StartTime: new Date(noon - 90_000),
        EndTime: new Date(noon - 60_000),
      });

      expect(points).toEqual([[[-120, 1]]]);
    });

    test('returns the newest values first by default', async () => {
      addPoints([-120, 1], [-60, 2]);

      expect((await read([query()])).points).toEqual([
        [
          [-60, 2],
          [-120, 1],
        ],
      ]);
      expect((await read([query()], { ScanBy: 'TimestampAscending' })).points).toEqual([
        [
          [-120, 1],
          [-60, 2],
        ],
      ]);
    });

    test('returns a future value only from its time on', async () => {
      addPoints([30, 7]);
      const later = { EndTime: new Date(noon + 600_000) };
      expect((await read([query()], later)).points).toEqual([[]]);

      await cloud.clock.sleep(60_000);

      expect((await read([query()], later)).points).toEqual([[[0, 7]]]);
    });

    test('distinguishes metrics by every dimension', async () => {
      cloud.cloudWatch.addDataPoint({
        namespace: 'Shop',
        metricName: 'Requests',
        dimensions: { Stack: 'blue' },
        value: 1,
      });
      const queryOf = (stack: string) => query({ dimensions: [{ Name: 'Stack', Value: stack }] });
      const window = { EndTime: new Date(noon + 60_000) };

      expect((await read([queryOf('blue')], window)).points).toEqual([[[0, 1]]]);
      expect((await read([queryOf('green')], window)).points).toEqual([[]]);
      expect((await read([query()], window)).points).toEqual([[]]);
    });

    test('returns pages by data points, and PartialData while more data points remain', async () => {
      addPoints([-180, 1], [-120, 2], [-60, 3]);

      const first = await read([query(), query({ Id: 'other', name: 'Errors' })], { MaxDatapoints: 2 });
      const second = await read([query()], { MaxDatapoints: 2, NextToken: first.NextToken });

      expect(first.points?.[0]).toHaveLength(2);
      expect(first.MetricDataResults).toMatchObject([
        { StatusCode: 'PartialData' },
        { StatusCode: 'Complete' },
      ]);
      expect(second.points).toEqual([[[-180, 1]]]);
      expect(second.MetricDataResults).toMatchObject([{ StatusCode: 'Complete' }]);
      expect(second.NextToken).toBeUndefined();
    });

    test('omits queries with ReturnData: false', async () => {
      expect((await read([query({ ReturnData: false })])).MetricDataResults).toEqual([]);
    });

    test.each([
      ['501 queries', Array.from({ length: 501 }, (_, index) => query({ Id: `m${index}` })), {}],
      ['two queries with one Id', [query(), query()], {}],
      ['an Id with a capital letter', [query({ Id: 'Errors' })], {}],
      ['a period of 45 s', [query({ period: 45 })], {}],
      ['a start after the end', [query()], { StartTime: new Date(noon + 1) }],
    ])('refuses %s', async (_case, queries, input) => {
      await expect(read(queries, input)).rejects.toMatchObject({ name: 'ValidationError' });
    });

    test('throws TypeError for a function that is not simulated', async () => {
      await expect(read([query(), { Id: 'e', Expression: 'RATE(m)' }])).rejects.toThrowError(
        'does not evaluate RATE',
      );
      await expect(read([query({ stat: 'tm99' })])).rejects.toThrowError('the statistic tm99');
    });
  });
});
