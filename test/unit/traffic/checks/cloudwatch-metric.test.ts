import type { MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import { beforeEach, describe, expect, test } from 'vitest';
import { SimulatedCloud } from '../../../../src/testing/index.js';
import {
  type CheckContext,
  type CloudWatchMetricOptions,
  cloudWatchMetric,
} from '../../../../src/traffic/index.js';
import { checkContext } from '../../../support/check-context.js';
import { scriptedCloudWatch } from '../../../support/scripted-cloudwatch.js';

const noon = Date.parse('2026-01-01T12:00:00Z');
let cloud: SimulatedCloud;

beforeEach(() => {
  cloud = new SimulatedCloud({ startAt: new Date(noon) });
});

function query(overrides: Partial<MetricDataQuery> = {}, period = 60, metricName = 'Age'): MetricDataQuery {
  return {
    Id: 'm',
    MetricStat: { Metric: { Namespace: 'Shop', MetricName: metricName }, Period: period, Stat: 'Maximum' },
    ...overrides,
  };
}

function makeCheck(options: Partial<CloudWatchMetricOptions> = {}) {
  const defaults = { name: 'age', queries: [query()], max: 30, windowSeconds: 300, clients: cloud.clients };
  return cloudWatchMetric({ ...defaults, ...options } as CloudWatchMetricOptions);
}

function addPoints(points: Readonly<Record<number, number>>, metricName = 'Age') {
  for (const [secondsAfterNoon, value] of Object.entries(points)) {
    const at = new Date(noon + Number(secondsAfterNoon) * 1000);
    cloud.cloudWatch.addDataPoint({ namespace: 'Shop', metricName, at, value });
  }
}

const evaluate = (options: Partial<CloudWatchMetricOptions> = {}, context: Partial<CheckContext> = {}) =>
  makeCheck(options).evaluate(checkContext(cloud, context));

describe('Function: cloudWatchMetric', () => {
  describe('bounds', () => {
    test('passes when every point is within the maximum, and names value, bound and window', async () => {
      addPoints({ [-300]: 5, [-120]: 29.5, [-60]: 10 });

      expect(await evaluate()).toEqual({
        outcome: 'pass',
        value: 29.5,
        detail:
          '29.5 is at most 30, the highest of 3 data points (2026-01-01T11:55:00Z to 2026-01-01T12:00:00Z)',
      });
    });

    test('fails on one point above the maximum, whatever the average', async () => {
      addPoints({ [-300]: 0, [-240]: 0, [-180]: 31, [-120]: 0, [-60]: 0 });

      expect(await evaluate()).toMatchObject({
        outcome: 'fail',
        value: 31,
        detail: expect.stringContaining('31 is above the maximum of 30, the highest of 5 data points'),
      });
    });

    test.each([
      ['pass', 12, { min: 10, max: undefined }, '12 is at least 10, the only data point'],
      ['fail', 8, { min: 10, max: undefined }, '8 is below the minimum of 10, the only data point'],
      ['pass', 12, { min: 10, max: 20 }, '12 is between 10 and 20'],
      ['fail', 8, { min: 10, max: 20 }, '8 is below the minimum of 10'],
      ['fail', 21, { min: 10, max: 20 }, '21 is above the maximum of 20'],
      ['pass', 30, { max: 30 }, '30 is at most 30'],
    ] as const)('returns %s for %d within %o', async (outcome, value, bounds, sentence) => {
      addPoints({ [-60]: value });

      expect(await evaluate(bounds)).toMatchObject({
        outcome,
        value,
        detail: expect.stringContaining(sentence),
      });
    });

    test('names the point that is too high when both bounds are exceeded', async () => {
      addPoints({ [-120]: 5, [-60]: 25 });

      expect(await evaluate({ min: 10, max: 20 })).toMatchObject({ outcome: 'fail', value: 25 });
    });
  });

  describe('window', () => {
    test('leaves out the newest period, which is incomplete', async () => {
      await cloud.clock.sleep(59_000);
      addPoints({ [-60]: 1, [30]: 99 });

      expect(await evaluate()).toMatchObject({ outcome: 'pass', value: 1 });
      await cloud.clock.sleep(1_000);
      expect(await evaluate()).toMatchObject({ outcome: 'fail', value: 99 });
    });

    test('leaves out points before the window', async () => {
      addPoints({ [-360]: 99, [-300]: 1 });

      expect(await evaluate()).toMatchObject({ outcome: 'pass', value: 1 });
    });

    test('never judges points from before the present weights, nor a period with both', async () => {
      addPoints({ [-180]: 99, [-120]: 99, [-60]: 1 });

      expect(await evaluate({}, { weightsSince: noon - 110_000 })).toMatchObject({
        outcome: 'pass',
        value: 1,
      });
      expect(await evaluate({}, { weightsSince: noon - 120_000 })).toMatchObject({
        outcome: 'fail',
        value: 99,
      });
    });

    test('is inconclusive, without a call, until a whole period has passed under the present weights', async () => {
      addPoints({ [-60]: 1 });

      expect(await evaluate({ noData: 'pass' }, { weightsSince: noon - 59_000 })).toEqual({
        outcome: 'inconclusive',
        detail: 'no whole period of 60 s has passed since the weights were verified at 2026-01-01T11:59:01Z',
      });
      expect(cloud.calls).toEqual([]);
    });

    test('waits for late data', async () => {
      addPoints({ [-180]: 1, [-120]: 99, [-60]: 99 });

      expect(await evaluate({ delaySeconds: 61 })).toMatchObject({ outcome: 'pass' });
      expect(await evaluate({ delaySeconds: 60 })).toMatchObject({ outcome: 'fail' });
    });

    test('aligns the window to the longest period of the queries', async () => {
      await cloud.clock.sleep(240_000);
      await evaluate({ queries: [query({}, 300)], windowSeconds: 700 });

      expect(cloud.calls[0]?.input).toMatchObject({
        StartTime: new Date(noon - 600_000),
        EndTime: new Date(noon),
      });
    });
  });

  describe('no data', () => {
    test.each([
      [undefined, 'inconclusive', 'no data ('],
      ['inconclusive', 'inconclusive', 'no data ('],
      ['fail', 'fail', 'counts as fail here'],
      ['pass', 'pass', 'counts as pass here'],
    ] as const)('returns with noData %s: %s', async (noData, outcome, sentence) => {
      const result = await evaluate({ noData });

      expect(result).toEqual({ outcome, detail: expect.stringContaining(sentence) });
    });

    test.each(['PartialData', 'InternalError'] as const)(
      'is inconclusive with the status %s, whatever noData is',
      async (status) => {
        cloud.cloudWatch.setMetricStatus('Age', status);

        expect(await evaluate({ noData: 'pass' })).toEqual({
          outcome: 'inconclusive',
          detail: expect.stringContaining(`response to the query m is incomplete: ${status}`),
        });
      },
    );

    test('throws AccessDeniedError with the missing permission', async () => {
      cloud.cloudWatch.setMetricStatus('Age', 'Forbidden');

      await expect(evaluate({ noData: 'pass' })).rejects.toMatchObject({
        name: 'AccessDeniedError',
        action: 'cloudwatch:GetMetricData',
      });
    });

    test('is inconclusive with too few points, and fails when one is out of bounds', async () => {
      addPoints({ [-60]: 1 });
      expect(await evaluate({ minimumSamples: 2, noData: 'pass' })).toEqual({
        outcome: 'inconclusive',
        detail: expect.stringContaining('too few data points: 1 where 2 are needed'),
      });

      addPoints({ [-60]: 99 });
      expect(await evaluate({ minimumSamples: 2 })).toMatchObject({ outcome: 'fail' });
    });

    test('is inconclusive for a query without a result', async () => {
      const { client } = scriptedCloudWatch([{ MetricDataResults: [] }]);

      expect(await evaluate({ noData: 'pass', clients: { cloudWatch: client } })).toMatchObject({
        outcome: 'inconclusive',
        detail: expect.stringContaining('returned no result for the query m'),
      });
    });
  });

  describe('response', () => {
    test('reads every page', async () => {
      cloud.cloudWatch.limitMetricPages(2);
      addPoints({ [-300]: 1, [-240]: 1, [-180]: 1, [-120]: 1, [-60]: 99 });

      expect(await evaluate()).toMatchObject({ outcome: 'fail', value: 99 });
      expect(cloud.calls).toHaveLength(3);
    });

    test('stops at a repeated token, and is inconclusive', async () => {
      const page = {
        MetricDataResults: [{ Id: 'm', Label: 'Age', StatusCode: 'PartialData' }],
        NextToken: 'again',
      };
      const { client, inputs } = scriptedCloudWatch([page]);

      expect(await evaluate({ clients: { cloudWatch: client } })).toMatchObject({ outcome: 'inconclusive' });
      expect(inputs).toHaveLength(2);
    });

    test.each([
      [
        [{ Code: 'MaxMetricsExceeded', Value: 'Maximum number of allowed metrics exceeded' }],
        'Maximum number',
      ],
      [[{ Code: 'MaxMatchingResultsExceeded' }], 'MaxMatchingResultsExceeded'],
      [[{}], 'a message without text'],
    ])(
      'is inconclusive when a limit truncated the response, although each series is complete (%j)',
      async (Messages, words) => {
        const series = (Label: string) => ({
          Id: 'm',
          Label,
          StatusCode: 'Complete',
          Timestamps: [new Date(noon - 60_000)],
          Values: [1],
        });
        const { client } = scriptedCloudWatch([
          { MetricDataResults: [series('one')], Messages, NextToken: 'more' },
          { MetricDataResults: [series('two')] },
        ]);

        expect(await evaluate({ noData: 'pass', clients: { cloudWatch: client } })).toEqual({
          outcome: 'inconclusive',
          detail: expect.stringContaining(`CloudWatch's response is truncated: ${words}`),
        });
      },
    );

    test('judges all series under one Id', async () => {
      addPoints({ [-60]: 1 }, 'Age');
      addPoints({ [-60]: 4 }, 'Size');
      const queries = [
        query({ Id: 'a', ReturnData: false }),
        query({ Id: 'b', ReturnData: false }, 60, 'Size'),
        { Id: 'e', Expression: 'METRICS() * 10' },
      ];

      expect(await evaluate({ queries })).toMatchObject({ outcome: 'fail', value: 40 });
    });

    test('judges metric math like a metric', async () => {
      addPoints({ [-60]: 6 }, 'Failed');
      addPoints({ [-60]: 200 }, 'Orders');
      const queries = [
        query({ Id: 'failed', ReturnData: false }, 60, 'Failed'),
        query({ Id: 'orders', ReturnData: false }, 60, 'Orders'),
        { Id: 'rate', Expression: 'failed / orders * 100' },
      ];

      expect(await evaluate({ queries, max: 5 })).toMatchObject({ outcome: 'pass', value: 3 });
      expect(await evaluate({ queries, max: 2.9 })).toMatchObject({ outcome: 'fail', value: 3 });
    });

    test('throws AccessDeniedError when CloudWatch denies the call', async () => {
      cloud.injectFault({ kind: 'accessDenied', times: 9 });

      await expect(evaluate()).rejects.toMatchObject({ name: 'AccessDeniedError' });
    });

    test('throws OperationAbortedError when the shift is aborted', async () => {
      const signal = AbortSignal.abort('enough');

      await expect(evaluate({}, { signal })).rejects.toMatchObject({ name: 'OperationAbortedError' });
    });
  });

  test('uses the queries of the incoming stack', async () => {
    addPoints({ [-60]: 1 }, 'Blue');
    addPoints({ [-60]: 99 }, 'Green');
    const queries = { blue: [query({}, 60, 'Blue')], green: [query({}, 60, 'Green')] };

    expect(await evaluate({ queries })).toMatchObject({ outcome: 'fail' });
    expect(await evaluate({ queries }, { incoming: 'blue', outgoing: 'green' })).toMatchObject({
      outcome: 'pass',
    });
  });

  test('has its name and dryRun', () => {
    expect(makeCheck()).toMatchObject({ name: 'age', dryRun: false });
    expect(makeCheck({ dryRun: true })).toMatchObject({ dryRun: true });
  });

  test.each<[string, Partial<CloudWatchMetricOptions>, string]>([
    ['no bound', { max: undefined }, 'max: expected a min, a max'],
    ['a minimum above the maximum', { min: 31 }, 'max: expected a min, a max'],
    ['a bound of NaN', { max: Number.NaN }, 'max'],
    ['no query', { queries: [] }, 'exactly one returns data'],
    ['two queries that return data', { queries: [query(), query({ Id: 'n' })] }, 'exactly one returns data'],
    ['queries without a period', { queries: [{ Id: 'e', Expression: 'TIME_SERIES(1)' }] }, 'a Period'],
    ['a window shorter than a period', { windowSeconds: 59 }, 'windowSeconds: expected at least one period'],
    ['a window of 0 s', { windowSeconds: 0 }, 'windowSeconds'],
    ['an empty name', { name: ' ' }, 'name'],
    ['no sample', { minimumSamples: 0 }, 'minimumSamples'],
  ])('throws InvalidInputError for %s', (_case, options, problem) => {
    expect(() => makeCheck(options)).toThrowError(problem);
  });
});
