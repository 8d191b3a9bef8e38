import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { describe, expect, test } from 'vitest';
import { SimulatedCloud } from '../../../../src/testing/index.js';
import { judgePoints, type MetricBounds } from '../../../../src/traffic/checks/judge-metric.js';
import { rankSumProbability } from '../../../../src/traffic/checks/rank-sum.js';
import { readMetricData } from '../../../../src/traffic/checks/read-metric-data.js';
import {
  cloudWatchAlarms,
  datadogMetric,
  type HttpCheckOptions,
  httpCheck,
  lambdaCheck,
  metricComparison,
} from '../../../../src/traffic/index.js';
import { checkContext } from '../../../support/check-context.js';
import { scriptedCloudWatch } from '../../../support/scripted-cloudwatch.js';

const noon = Date.parse('2026-01-01T12:00:00Z');
const aCloud = () => new SimulatedCloud({ startAt: new Date(noon) });

describe('Function: judgePoints › bounds', () => {
  const judge = (values: readonly number[], bounds: Partial<MetricBounds>) =>
    judgePoints(
      values.map((value, index) => ({ at: index, value })),
      { minimumSamples: 1, noData: 'inconclusive', window: 'w', ...bounds },
    );

  test.each([
    [[5], { min: 5 }, 'pass', '5 is at least 5, the only data point (w)'],
    [[5], { max: 5 }, 'pass', '5 is at most 5, the only data point (w)'],
    [[3, 7], { min: 3, max: 7 }, 'pass', '7 is between 3 and 7, the highest of 2 data points (w)'],
    [[3, 7], { min: 3 }, 'pass', '3 is at least 3, the lowest of 2 data points (w)'],
    [[2, 1, 5], { min: 3, max: 7 }, 'fail', '1 is below the minimum of 3, the lowest of 3 data points (w)'],
    [[2, 9, 5], { min: 3, max: 7 }, 'fail', '9 is above the maximum of 7, the highest of 3 data points (w)'],
    [[-1, 0], { min: 0 }, 'fail', '-1 is below the minimum of 0, the lowest of 2 data points (w)'],
    [[0, 0.1], { max: 0 }, 'fail', '0.1 is above the maximum of 0, the highest of 2 data points (w)'],
  ] as const)('judges %j within %o: %s', (values, bounds, outcome, detail) => {
    expect(judge(values, bounds)).toMatchObject({ outcome, detail });
  });

  test('fails on NaN whatever the bounds', () => {
    expect(judge([Number.NaN], { max: 5 })).toMatchObject({ outcome: 'fail' });
    expect(judge([Number.NaN], { min: 5 })).toMatchObject({ outcome: 'fail' });
  });
});

describe('Function: rankSumProbability', () => {
  // From scipy.stats.mannwhitneyu(alternative='greater', method='asymptotic', use_continuity=True).
  test.each([
    [[1, 2, 2, 3], [2, 2, 3, 4], 0.8922618866576466],
    [[5, 5, 5, 6, 7, 7, 7, 9], [1, 5, 5, 5, 5, 6, 7, 7], 0.10995372090148964],
    [[1, 2, 3, 4, 5, 6, 7, 8], [2, 3, 4, 5, 6, 7, 8, 9], 0.8008122633068866],
    [[3, 3, 3, 3, 3, 3, 3, 4], [3, 3, 3, 3, 3, 3, 3, 3], 0.19078695285251068],
  ])('corrects for ties: %j against %j', (sample, reference, probability) => {
    expect(rankSumProbability(sample, reference)).toBeCloseTo(probability, 6);
  });

  test('returns 1 for samples that are all equal', () => {
    expect(rankSumProbability([1, 1, 1], [1, 1, 1])).toBe(1);
  });
});

describe('CloudWatch checks › responses', () => {
  const window = { start: noon - 60_000, end: noon };
  const read = (cloudWatch: CloudWatchClient) =>
    readMetricData(cloudWatch, { queries: [{ Id: 'm' }], window, resource: 'r', signal: undefined });

  test.each([
    [
      [{ Value: 'no access to metrics' }, { Value: 'ask your admin' }],
      'no access to metrics; ask your admin',
    ],
    [[], 'Forbidden'],
    [undefined, 'Forbidden'],
  ])('throws AccessDeniedError with the reason for a forbidden series (%j)', async (Messages, cause) => {
    const { client } = scriptedCloudWatch([
      { MetricDataResults: [{ Id: 'm', StatusCode: 'Forbidden', Messages }] },
    ]);

    await expect(read(client)).rejects.toMatchObject({
      name: 'AccessDeniedError',
      cause: { message: cause },
    });
  });

  test('judges points from the start of the window to before its end, and ignores times without a value', async () => {
    const at = (milliseconds: number) => new Date(milliseconds);
    const { client } = scriptedCloudWatch([
      {
        MetricDataResults: [
          {
            Id: 'm',
            StatusCode: 'Complete',
            Timestamps: [
              at(window.start - 1),
              at(window.start),
              at(window.end - 1),
              at(window.end),
              at(window.start),
            ],
            Values: [1, 2, 3, 4],
          },
        ],
      },
    ]);

    const [series] = await read(client);

    expect(series?.points.map(({ value }) => value)).toEqual([2, 3]);
  });

  test('fails on an alarm in ALARM that can no longer be evaluated', async () => {
    const { client } = scriptedCloudWatch([
      { MetricAlarms: [{ AlarmName: 'a', StateValue: 'ALARM', EvaluationState: 'PARTIAL_DATA' }] },
    ]);
    const check = cloudWatchAlarms({ name: 'alarms', alarmNames: ['a'], clients: { cloudWatch: client } });

    expect(await check.evaluate(checkContext(aCloud()))).toMatchObject({ outcome: 'fail' });
  });
});

describe('Function: lambdaCheck', () => {
  /** Creates a client with the same response to every invocation. */
  const answering = (answer: object) =>
    ({
      send: async (command: unknown) => {
        expect(command).toBeInstanceOf(InvokeCommand);
        return { $metadata: {}, ...answer };
      },
    }) as unknown as LambdaClient;
  const payload = (text: string) => ({ Payload: { transformToString: () => text } });
  const evaluate = (answer: object) =>
    lambdaCheck({ functionName: 'health', clients: { lambda: answering(answer) } }).evaluate(
      checkContext(aCloud()),
    );

  test('throws for a failed function, whatever its response is', async () => {
    await expect(
      evaluate({ FunctionError: 'Unhandled', ...payload('{"healthy":true}') }),
    ).rejects.toMatchObject({ name: 'UnexpectedResponseError' });
    await expect(evaluate({ FunctionError: 'Unhandled' })).rejects.toThrow('the error Unhandled');
  });

  test('throws for a response without a body', async () => {
    await expect(evaluate({})).rejects.toThrow('nothing');
  });

  test.each([
    [300, ''],
    [301, '…'],
  ])('quotes at most 300 characters of a response (%i)', async (length, end) => {
    const text = 'x'.repeat(length);
    await expect(evaluate(payload(text))).rejects.toThrow(`${'x'.repeat(300)}${end}`);
    if (end === '') await expect(evaluate(payload(text))).rejects.not.toThrow('…');
  });
});

describe('Function: datadogMetric', () => {
  const check = (answer: () => Response | Promise<Response>, appKey = 'the-app-key') =>
    datadogMetric({
      name: 'errors',
      query: 'q',
      max: 5,
      windowSeconds: 300,
      apiKey: 'the-api-key',
      appKey,
      fetch: async () => answer(),
    });
  const evaluate = (...[answer, appKey]: Parameters<typeof check>) =>
    check(answer, appKey).evaluate(checkContext(aCloud()));

  test.each([
    [401, 'status 401: the keys were rejected'],
    [403, 'status 403: the keys were rejected'],
    [429, 'status 429: too many requests'],
  ])('explains the status %i', async (status, hint) => {
    await expect(evaluate(() => new Response('', { status }))).rejects.toThrow(hint);
  });

  test('does not explain any other status', async () => {
    await expect(evaluate(() => new Response('', { status: 500 }))).rejects.toThrow(/status 500(?!:)/);
  });

  test('judges an interval that begins with the window, and one that ends with it', async () => {
    const pointlist = [
      [noon - 300_001, 90],
      [noon - 300_000, 2],
      [noon - 20_000, 1],
      [noon - 19_999, 80],
    ];
    const body = JSON.stringify({ status: 'ok', series: [{ interval: 20, pointlist }] });

    expect(await evaluate(() => new Response(body))).toMatchObject({
      outcome: 'pass',
      value: 2,
      detail: expect.stringContaining('2 data points'),
    });
  });

  test('does not show keys without their surrounding spaces', async () => {
    const refused = (said: string) => () => {
      throw new TypeError(`Header value ${said} is refused`);
    };

    for (const said of ['padded-key', '" padded-key "']) {
      const rejection = expect(evaluate(refused(said), ' padded-key ')).rejects;
      await rejection.toThrow('***');
      await expect(evaluate(refused(said), ' padded-key ')).rejects.not.toThrow('padded-key');
    }
  });
});

describe('Function: httpCheck', () => {
  const evaluate = async (statuses: readonly number[], options: Partial<HttpCheckOptions> = {}) => {
    let calls = 0;
    const cloud = aCloud();
    const result = await httpCheck({
      url: 'https://shop.example/health',
      fetch: async () => new Response(null, { status: statuses[calls++] ?? 500 }),
      ...options,
    }).evaluate(checkContext(cloud));
    return { ...result, calls };
  };

  test.each([
    [200, 'pass'],
    [299, 'pass'],
    [300, 'fail'],
    [404, 'fail'],
  ])('returns for the status %i: %s', async (status, outcome) => {
    expect(await evaluate([status])).toMatchObject({ outcome });
  });

  test.each([100, 599])('accepts an expected status from 100 to 599 (%i)', (expectedStatus) => {
    expect(() => httpCheck({ url: 'https://shop.example', expectedStatus })).not.toThrow();
  });

  test.each([99, 600, 200.5])('throws InvalidInputError for an expected status of %d', (expectedStatus) => {
    expect(() => httpCheck({ url: 'https://shop.example', expectedStatus })).toThrow('100 to 599');
  });

  test.each(['ftp://shop.example', 'xhttp://shop.example', 'httpx://shop.example'])(
    'throws InvalidInputError for the URL %s',
    (url) => {
      expect(() => httpCheck({ url })).toThrow('http or https');
    },
  );

  test('retries up to the number of attempts, and stops at a healthy response', async () => {
    expect(await evaluate([500, 500, 200], { attempts: 3 })).toMatchObject({ outcome: 'pass', calls: 3 });
    expect(await evaluate([500, 500, 500, 200], { attempts: 3 })).toMatchObject({
      outcome: 'fail',
      calls: 3,
      detail: expect.stringContaining('the last of 3 attempts'),
    });
    const well = await evaluate([200, 500], { attempts: 3 });
    expect(well).toMatchObject({ outcome: 'pass', calls: 1 });
    expect(well.detail).not.toContain('attempts');
  });
});

describe('Function: metricComparison', () => {
  const make = (options: object) =>
    metricComparison({
      name: 'latency',
      queries: {
        blue: [{ Id: 'm', MetricStat: { Metric: {}, Period: 60, Stat: 'Average' } }],
        green: [{ Id: 'm', MetricStat: { Metric: {}, Period: 60, Stat: 'Average' } }],
      },
      windowSeconds: 900,
      clients: aCloud().clients,
      ...(options as { maxRatio: number }),
    });

  test.each([0, 0.5, 1])('throws InvalidInputError for a significance of %d', (significance) => {
    expect(() => make({ rankSum: { significance }, minimumSamples: 8 })).toThrow('significance');
  });

  test('requires 8 data points of each stack for the rank-sum test', () => {
    expect(() => make({ rankSum: { significance: 0.05 }, minimumSamples: 8 })).not.toThrow();
    expect(() => make({ rankSum: { significance: 0.05 }, minimumSamples: 7 })).toThrow('minimumSamples');
  });
});
