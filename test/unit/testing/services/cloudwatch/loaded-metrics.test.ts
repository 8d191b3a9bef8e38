import {
  GetMetricDataCommand,
  type GetMetricDataCommandInput,
  type GetMetricDataCommandOutput,
  type MetricDataQuery,
  paginateGetMetricData,
} from '@aws-sdk/client-cloudwatch';
import { describe, expect, test } from 'vitest';
import { InvalidInputError } from '../../../../../src/core/index.js';
import { SimulatedCloud, type SimulatedMetricSeries } from '../../../../../src/testing/index.js';
import { hostileValues } from '../../../../support/hostile-values.js';

const now = Date.parse('2026-03-09T00:00:00Z');
const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

const requests = { namespace: 'Shop', metricName: 'Requests', dimensions: { Stack: 'blue' } };

function query(options: { id?: string; period?: number; stat?: string } = {}): MetricDataQuery {
  const { id = 'm', period = 60, stat = 'Sum' } = options;
  const Dimensions = [{ Name: 'Stack', Value: 'blue' }];
  const Metric = { Namespace: 'Shop', MetricName: 'Requests', Dimensions };
  return { Id: id, MetricStat: { Metric, Period: period, Stat: stat } };
}

function cloudWith(...series: Partial<SimulatedMetricSeries>[]): SimulatedCloud {
  const cloud = new SimulatedCloud({ startAt: new Date(now) });
  for (const it of series)
    cloud.cloudWatch.loadMetricSeries({ ...requests, start: new Date(now - hour), values: [], ...it });
  return cloud;
}

async function read(
  cloud: SimulatedCloud,
  from: number,
  queries: MetricDataQuery[] = [query()],
  input: Partial<GetMetricDataCommandInput> = {},
) {
  return cloud.clients.cloudWatch.send(
    new GetMetricDataCommand({
      MetricDataQueries: queries,
      StartTime: new Date(from),
      EndTime: new Date(cloud.clock.now()),
      ScanBy: 'TimestampAscending',
      ...input,
    }),
  );
}

async function valuesOf(cloud: SimulatedCloud, from: number, wanted = query()) {
  const { MetricDataResults = [] } = await read(cloud, from, [wanted]);
  return MetricDataResults[0]?.Values;
}

const ofLength = (length: number, value = 1) => Array.from({ length }, () => value);

describe('SimulatedCloudWatch.loadMetricSeries', () => {
  test('returns one value for each period, and none for null', async () => {
    const cloud = cloudWith({ values: [5, null, 7] });

    const { MetricDataResults } = await read(cloud, now - hour);

    expect(MetricDataResults).toMatchObject([
      { Timestamps: [new Date(now - hour), new Date(now - hour + 2 * minute)], Values: [5, 7] },
    ]);
  });

  test('combines short periods into a longer one', async () => {
    const cloud = cloudWith(
      { values: [1, 2, 3, 4, 5, 6] },
      { values: [1, 2, 3, 4, 5, 6], stat: 'Maximum' },
      { values: [1, 2, 3, 4, 5, 6], stat: 'Minimum' },
      { values: [1, 1, 1, 1, 1, 2], stat: 'SampleCount' },
    );

    const of = (stat: string) => valuesOf(cloud, now - hour, query({ stat, period: 300 }));

    expect(await of('Sum')).toEqual([15, 6]);
    expect(await of('Maximum')).toEqual([5, 6]);
    expect(await of('Minimum')).toEqual([1, 6]);
    expect(await of('SampleCount')).toEqual([5, 2]);
    expect(await of('Average')).toEqual([3, 3]);
  });

  test('shows a value only after its period and the delay', async () => {
    const cloud = cloudWith({ start: new Date(now), values: [8], delaySeconds: 90 });

    await cloud.clock.sleep(149_000);
    expect(await valuesOf(cloud, now)).toEqual([]);

    await cloud.clock.sleep(1_000);
    expect(await valuesOf(cloud, now)).toEqual([8]);
  });

  test.each(['p99', 'Average'])('throws for the statistic %s when only Sum is loaded', async (stat) => {
    const cloud = cloudWith({ values: [5] });

    await expect(valuesOf(cloud, now - hour, query({ stat }))).rejects.toThrow(
      `cannot compute ${stat} of Requests: of its loaded series it has only Sum`,
    );
  });

  test('throws for a percentile of longer periods', async () => {
    const cloud = cloudWith({ values: [5, 6], stat: 'p99' });

    await expect(valuesOf(cloud, now - hour, query({ stat: 'p99', period: 300 }))).rejects.toThrow(
      'for 300 s from periods of 60 s',
    );
  });

  test.each([
    ['an unknown key', { periods: 60 }, 'periods: unknown option; did you mean periodSeconds?'],
    ['a start within a period', { start: new Date(now + 1) }, 'start: expected a time at a multiple'],
    ['a value that is not finite', { values: [1, Number.NaN] }, 'values[1]: expected'],
    ['a period of 45 s', { periodSeconds: 45 }, 'periodSeconds: expected 1, 5, 10, 20, 30'],
    ['an unknown statistic', { stat: 'Median' }, 'stat: expected Sum'],
    ['a date that is none', { start: new Date(Number.NaN) }, 'start: expected'],
  ])('throws InvalidInputError for %s', (_, series, message) => {
    const act = () => cloudWith(series as Partial<SimulatedMetricSeries>);

    expect(act).toThrow(InvalidInputError);
    expect(act).toThrow(message);
  });
});

describe('SimulatedCloudWatch.loadMetricData', () => {
  test.each(['as returned', 'as saved JSON'])('returns the data of a response, %s', async (form) => {
    const source = cloudWith({ values: [1, 2, 3] }, { values: [4, 5, 6], stat: 'p99' });
    const queries = [query({ id: 'a' }), query({ id: 'b', stat: 'p99' })];
    const original = await read(source, now - hour, queries);
    const response = form === 'as returned' ? original : JSON.parse(JSON.stringify(original));
    const cloud = new SimulatedCloud({ startAt: new Date(now) });

    cloud.cloudWatch.loadMetricData({ queries, response });

    const copy = await read(cloud, now - hour, queries);
    expect(copy.MetricDataResults).toEqual(original.MetricDataResults);
  });

  test('joins the pages of a response', async () => {
    const source = cloudWith({ values: ofLength(50, 2) });
    source.cloudWatch.limitMetricPages(20);
    const input = {
      MetricDataQueries: [query()],
      StartTime: new Date(now - hour),
      EndTime: new Date(now),
    };
    const pages: GetMetricDataCommandOutput[] = [];
    for await (const page of paginateGetMetricData({ client: source.clients.cloudWatch }, input))
      pages.push(page);
    const cloud = new SimulatedCloud({ startAt: new Date(now) });

    cloud.cloudWatch.loadMetricData({ queries: [query()], response: pages });

    expect(pages).toHaveLength(3);
    expect(await valuesOf(cloud, now - hour)).toEqual(ofLength(50, 2));
  });

  test('computes an expression from the loaded metrics', async () => {
    const expression = { Id: 'double', Expression: 'm * 2' };
    const source = cloudWith({ values: [1, 2] });
    const response = await read(source, now - hour, [query(), expression]);
    const cloud = new SimulatedCloud({ startAt: new Date(now) });

    cloud.cloudWatch.loadMetricData({ queries: [query(), expression], response });

    const { MetricDataResults = [] } = await read(cloud, now - hour, [query(), expression]);
    expect(MetricDataResults.map(({ Values }) => Values)).toEqual([
      [1, 2],
      [2, 4],
    ]);
  });

  test.each([
    ['a result without its query', { MetricDataResults: [{ Id: 'other' }] }, 'none with the Id other'],
    ['a missing page', { MetricDataResults: [], NextToken: 'more' }, 'a last page with a NextToken'],
    [
      'a time without a value',
      { MetricDataResults: [{ Id: 'm', Timestamps: ['2026-03-01T00:00:00Z'], Values: [] }] },
      'one value for each timestamp',
    ],
  ])('throws InvalidInputError for %s', (_, response, message) => {
    const { cloudWatch } = new SimulatedCloud();
    const act = () => cloudWatch.loadMetricData({ queries: [query()], response });

    expect(act).toThrow(InvalidInputError);
    expect(act).toThrow(message);
  });
});

describe('SimulatedCloudWatch.loadMetricSeries and loadMetricData', () => {
  test.each(hostileValues)('throw InvalidInputError for %s, as options and in every field', (_, value) => {
    const { cloudWatch } = new SimulatedCloud();
    const series = { ...requests, stat: 'Sum', start: new Date(now), periodSeconds: 60, values: [1] };
    const data = { queries: [query()], response: { MetricDataResults: [] }, delaySeconds: 60 };

    expect(() => cloudWatch.loadMetricSeries(value as never)).toThrow(InvalidInputError);
    expect(() => cloudWatch.loadMetricData(value as never)).toThrow(InvalidInputError);
    for (const field of Object.keys({ ...series, delaySeconds: 60 }))
      expect(() => cloudWatch.loadMetricSeries({ ...series, [field]: value })).toThrow(InvalidInputError);
    for (const field of Object.keys(data))
      expect(() => cloudWatch.loadMetricData({ ...data, [field]: value })).toThrow(InvalidInputError);
  });
});

describe('SimulatedCloudWatch: GetMetricData of the past', () => {
  test.each([
    [30, 3 * hour],
    [60, 15 * day],
    [300, 63 * day],
    [3600, 455 * day],
  ])('keeps points of %i s for their retention', async (periodSeconds, retention) => {
    const length = periodSeconds * 1000;
    const start = Math.floor((now - retention) / length) * length - length;
    const cloud = cloudWith({ start: new Date(start), periodSeconds, values: [1, 2, 3] });

    expect(await valuesOf(cloud, start, query({ period: periodSeconds }))).toEqual([2, 3]);
  });

  test('returns minutes older than 15 days only as 5 minutes', async () => {
    const cloud = cloudWith({ start: new Date(now - 16 * day), values: ofLength(10) });

    expect(await valuesOf(cloud, now - 16 * day)).toEqual([]);
    expect(await valuesOf(cloud, now - 16 * day, query({ period: 300 }))).toEqual([5, 5]);
  });

  test.each([
    ['10 seconds for such a period', hour, 10, 10_000],
    ['the minute', hour, 60, minute],
    ['5 minutes', 20 * day, 300, 5 * minute],
    ['the hour', 70 * day, 3600, hour],
  ])('rounds the start down to %s', async (_, age, periodSeconds, length) => {
    const start = now - age;
    const cloud = cloudWith({ start: new Date(start), periodSeconds, values: [7] });

    expect(await valuesOf(cloud, start + length - 1, query({ period: periodSeconds }))).toEqual([7]);
    expect(await valuesOf(cloud, start + length, query({ period: periodSeconds }))).toEqual([]);
  });

  test('returns at most 100,800 data points a call', async () => {
    const week = 7 * 1440;
    const cloud = cloudWith({ start: new Date(now - 7 * day), values: ofLength(week) });
    const queries = Array.from({ length: 11 }, (_, index) => query({ id: `m${index}` }));

    const first = await read(cloud, now - 7 * day, queries);
    const second = await read(cloud, now - 7 * day, queries, { NextToken: first.NextToken });

    const count = ({ MetricDataResults = [] }: typeof first) =>
      MetricDataResults.reduce((total, { Values = [] }) => total + Values.length, 0);
    // The last minute is not visible yet.
    expect([count(first), count(second)]).toEqual([100_800, 11 * (week - 1) - 100_800]);
    expect(second.NextToken).toBeUndefined();
  });

  test('refuses more than 500 queries', async () => {
    const cloud = cloudWith();
    const queries = Array.from({ length: 501 }, (_, index) => query({ id: `m${index}` }));

    await expect(read(cloud, now - hour, queries)).rejects.toThrow('At most 500 queries');
  });
});
