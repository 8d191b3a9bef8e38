import { beforeEach, describe, expect, test } from 'vitest';
import { InvalidInputError, UnexpectedResponseError } from '../../../../src/core/errors.js';
import { SimulatedCloud } from '../../../../src/testing/index.js';
import { internalsOf } from '../../../../src/traffic/checks/check-internals.js';
import { regressionWindow } from '../../../../src/traffic/checks/regression/regression-window.js';
import {
  albErrorRateRegression,
  albSlowRequestRegression,
  apiGatewayErrorRateRegression,
  appMeshErrorRateRegression,
  type Check,
  type CheckContext,
  countsFrom,
  errorRateRegression,
  lambdaAliasErrorRateRegression,
  latticeErrorRateRegression,
} from '../../../../src/traffic/index.js';
import { checkContext } from '../../../support/check-context.js';
import { addRequests, countedTargetGroups } from '../../../support/request-counts.js';

const noon = Date.parse('2026-01-01T12:00:00Z');
const minutes = (count: number) => count * 60_000;

let cloud: SimulatedCloud;

beforeEach(() => {
  cloud = new SimulatedCloud({ startAt: new Date(noon) });
});

/** Context of a shift that began 30 minutes ago, and has had 10 % since. */
const contextOf = (overrides: Partial<CheckContext> = {}) =>
  checkContext(cloud, { startedAt: noon - minutes(30), weightsSince: noon - minutes(30), ...overrides });
const albCheck = (options: object = {}) =>
  albErrorRateRegression({ ...countedTargetGroups, clients: cloud.clients, ...options });
const evaluate = (overrides: Partial<CheckContext> = {}, check: Check = albCheck()) =>
  check.evaluate(contextOf(overrides));

/** Adds 30 minutes of 200 incoming and 1,800 outgoing requests. */
function addHalfHour(incomingFailures: number, { from = 30, to = 0 } = {}): void {
  for (let minute = -from; minute < -to; minute += 1) {
    const start = noon + minutes(minute);
    addRequests(cloud, { stack: 'green', start, requests: 200, failures: incomingFailures });
    addRequests(cloud, { stack: 'blue', start, requests: 1800, failures: 9 });
  }
}

const queriesSent = () => cloud.calls.filter(({ action }) => action === 'cloudwatch:GetMetricData');

describe('Function: albErrorRateRegression', () => {
  test('passes a release that fails as often as the outgoing stack', async () => {
    addHalfHour(1);

    expect(await evaluate()).toMatchObject({
      outcome: 'pass',
      detail: expect.stringMatching(
        /^no sign that incoming fails more often than 1\.5 times outgoing \+ 0\.05 percentage points: 30 of 6,000 requests against 270 of 54,000; evidence .* of 100 /,
      ),
      evidence: {
        required: 100,
        incoming: { requests: 6000, failures: 30 },
        outgoing: { requests: 54_000, failures: 270 },
      },
    });
  });

  test('fails a release that fails ten times as often, with the numbers', async () => {
    addHalfHour(10);

    const { outcome, detail, value = 0, evidence } = await evaluate();

    expect(outcome).toBe('fail');
    expect(detail).toMatch(
      /^incoming fails 10 times as often as outgoing, at least \d+ times with 99 % confidence: 300 of 6,000 requests against 270 of 54,000; evidence .* where 100 is enough/,
    );
    expect(value).toBeGreaterThan(100);
    expect(evidence).toMatchObject({ value, required: 100, ratioLowerBound: expect.any(Number) });
  });

  test('passes when both stacks fail often for the same reason', async () => {
    for (let minute = -30; minute < 0; minute += 1) {
      const start = noon + minutes(minute);
      addRequests(cloud, { stack: 'green', start, requests: 200, failures: 16 });
      addRequests(cloud, { stack: 'blue', start, requests: 1800, failures: 144 });
    }

    expect(await evaluate()).toMatchObject({ outcome: 'pass' });
  });

  test('counts missing failures as 0 where there are requests', async () => {
    addHalfHour(0);

    expect(await evaluate()).toMatchObject({
      outcome: 'pass',
      evidence: { incoming: { requests: 6000, failures: 0 } },
    });
  });

  test('leaves out a period whose requests are missing, and says so', async () => {
    addHalfHour(1, { to: 1 });
    addRequests(cloud, { stack: 'green', start: noon - minutes(1), requests: 0, failures: 150 });

    expect(await evaluate()).toMatchObject({
      outcome: 'pass',
      detail: expect.stringContaining('left out 1 period with more failures than requests'),
      evidence: { incoming: { requests: 5800 } },
    });
  });

  test('judges the whole periods since the shift began only', async () => {
    addHalfHour(200, { from: 60, to: 30 });
    addHalfHour(1);

    expect(await evaluate({ startedAt: noon - minutes(30) - 1 })).toMatchObject({ outcome: 'pass' });
    expect(await evaluate({ startedAt: noon - minutes(31) })).toMatchObject({
      outcome: 'fail',
      evidence: { incoming: { failures: 230 } },
    });
  });

  test('keeps failing after the failures have ended', async () => {
    addHalfHour(20, { from: 30, to: 15 });
    addHalfHour(0, { from: 15 });

    expect(await evaluate()).toMatchObject({ outcome: 'fail' });
  });

  test('is undecided until a whole period is over', async () => {
    expect(await evaluate({ startedAt: noon - 59_000, weightsSince: noon - 59_000 })).toEqual({
      outcome: 'inconclusive',
      undecided: true,
      detail: 'no whole period of 60 s has passed since the shift began at 2026-01-01T11:59:01Z',
    });
  });

  test('is undecided with too few requests under the present weights', async () => {
    addHalfHour(1, { to: 1 });
    addRequests(cloud, { stack: 'green', start: noon - minutes(1), requests: 19, failures: 0 });

    expect(await evaluate({ weightsSince: noon - minutes(1) })).toMatchObject({
      outcome: 'inconclusive',
      undecided: true,
      detail: expect.stringContaining('too few incoming requests under the present weights: 19'),
    });
    expect(await evaluate()).toMatchObject({ outcome: 'pass' });
  });

  test('is undecided without any traffic', async () => {
    expect(await evaluate()).toMatchObject({ outcome: 'inconclusive', undecided: true });
  });

  test.each(['RequestCount', 'HTTPCode_Target_5XX_Count'])(
    'is inconclusive, and not undecided, for an incomplete response (%s)',
    async (metric) => {
      addHalfHour(20);
      cloud.cloudWatch.setMetricStatus(metric, 'PartialData');

      const result = await evaluate();

      expect(result).toMatchObject({
        outcome: 'inconclusive',
        detail: expect.stringContaining('incomplete'),
      });
      expect(result.undecided).toBeUndefined();
    },
  );

  test('judges the ceiling alone at 100 %, and says so', async () => {
    addHalfHour(1, { to: 10 });
    for (let minute = -10; minute < 0; minute += 1)
      addRequests(cloud, { stack: 'green', start: noon + minutes(minute), requests: 2000, failures: 10 });
    const weights = { weights: { blue: 0, green: 100 }, weightsSince: noon - minutes(10) };

    expect(await evaluate(weights)).toMatchObject({
      outcome: 'pass',
      detail: expect.stringContaining(
        'no outgoing requests under the present weights, so only the ceiling of 10 % is checked',
      ),
    });
    addRequests(cloud, { stack: 'green', start: noon - minutes(1), requests: 0, failures: 1990 });
    expect(await evaluate(weights)).toMatchObject({ outcome: 'fail' });
  });

  test('waits for evidence with requireEvidence', async () => {
    addHalfHour(1, { to: 25 });
    const check = albCheck({ requireEvidence: true });

    expect(await evaluate({}, check)).toMatchObject({ outcome: 'inconclusive', undecided: true });
    expect(await evaluate()).toMatchObject({ outcome: 'pass' });
  });

  test('counts 4xx and connection errors on request', async () => {
    addHalfHour(0);
    for (const [metricName, include] of [
      ['HTTPCode_Target_4XX_Count', 'include4xx'],
      ['TargetConnectionErrorCount', 'includeConnectionErrors'],
    ] as const) {
      for (let minute = -30; minute < 0; minute += 1) {
        cloud.cloudWatch.addDataPoint({
          namespace: 'AWS/ApplicationELB',
          metricName,
          dimensions: {
            TargetGroup: 'targetgroup/green/138dc51089e322f9',
            LoadBalancer: 'app/shop/14f06032761c98f0',
          },
          at: new Date(noon + minutes(minute)),
          value: 20,
        });
      }
      expect(await evaluate()).toMatchObject({ outcome: 'pass' });
      expect(await evaluate({}, albCheck({ [include]: true }))).toMatchObject({ outcome: 'fail' });
    }
  });

  test('finds a target group that refuses every connection, however often each request is tried', async () => {
    addHalfHour(0, { to: 1 });
    addRequests(cloud, { stack: 'blue', start: noon - minutes(1), requests: 1800, failures: 9 });
    addRequests(cloud, { stack: 'green', start: noon - minutes(1), requests: 200, failures: 0 });
    cloud.cloudWatch.addDataPoint({
      namespace: 'AWS/ApplicationELB',
      metricName: 'TargetConnectionErrorCount',
      dimensions: {
        TargetGroup: 'targetgroup/green/138dc51089e322f9',
        LoadBalancer: 'app/shop/14f06032761c98f0',
      },
      at: new Date(noon - minutes(1)),
      value: 600,
    });

    expect(await evaluate({}, albCheck({ includeConnectionErrors: true }))).toMatchObject({
      outcome: 'fail',
      evidence: { incoming: { failures: 200 } },
    });
  });

  test('throws UnexpectedResponseError for a count below 0, with the stack and the time', async () => {
    addHalfHour(1);
    addRequests(cloud, { stack: 'green', start: noon - minutes(1), requests: -300, failures: 0 });

    await expect(evaluate()).rejects.toThrowError(
      /check error rate regression .*requests of the green stack in the period from 2026-01-01T11:59:00Z.*-100/,
    );
    await expect(evaluate()).rejects.toThrowError(UnexpectedResponseError);
  });

  test('reads many pages as one', async () => {
    addHalfHour(10);
    const whole = await evaluate();
    cloud.cloudWatch.limitMetricPages(7);

    expect(await evaluate()).toEqual(whole);
  });

  test('reads a shift of two weeks, 20,160 periods', async () => {
    const startedAt = noon - minutes(14 * 1440);
    for (let minute = -14 * 1440; minute < 0; minute += 10) {
      const start = noon + minutes(minute);
      addRequests(cloud, { stack: 'green', start, requests: 200, failures: 1 });
      addRequests(cloud, { stack: 'blue', start, requests: 1800, failures: 9 });
    }

    expect(await evaluate({ startedAt })).toMatchObject({
      outcome: 'pass',
      evidence: { incoming: { requests: 403_200 } },
    });
    expect(queriesSent()).toHaveLength(2);
  });

  test.each<[string, object, string]>([
    ['without weights', { weights: undefined }, 'weights: expected'],
    ['with half of the weights', { weights: { green: 10 } }, 'weights.blue: expected'],
    ['without an outgoing stack', { outgoing: undefined }, 'outgoing: expected'],
    ['with one stack for both', { outgoing: 'green' }, 'outgoing: expected the other stack than incoming'],
  ])('throws InvalidInputError for a context %s', async (_, overrides, message) => {
    const alias = lambdaAliasErrorRateRegression({
      functionName: 'orders',
      aliasName: 'live',
      version: { blue: '7', green: '8' },
      clients: cloud.clients,
    });
    for (const check of [
      albCheck(),
      alias,
      errorRateRegression({ name: 'a', counts: countsFrom(() => []) }),
    ]) {
      await expect(evaluate(overrides, check)).rejects.toThrowError(InvalidInputError);
      await expect(evaluate(overrides, check)).rejects.toThrowError(message);
    }
  });

  test('throws InvalidInputError for a context without the beginning of the shift', async () => {
    const { startedAt: _startedAt, ...context } = contextOf();

    await expect(albCheck().evaluate(context as CheckContext)).rejects.toThrowError(InvalidInputError);
  });
});

describe('Function: regressionWindow', () => {
  const settings = { periodSeconds: 60, delaySeconds: 0 };
  const day = 86_400_000;

  test('begins at the first whole period of the shift and ends with the last one that is over', () => {
    expect(regressionWindow({ startedAt: noon + 1, now: noon + minutes(5) + 59_000 }, settings)).toEqual({
      start: noon + minutes(1),
      end: noon + minutes(5),
    });
    expect(regressionWindow({ startedAt: noon, now: noon + 59_999 }, settings)).toBeUndefined();
    expect(
      regressionWindow({ startedAt: noon, now: noon + minutes(5) }, { ...settings, delaySeconds: 61 }),
    ).toEqual({ start: noon, end: noon + minutes(3) });
  });

  test.each([
    [60, 15],
    [300, 63],
    [3600, 455],
  ])('keeps its beginning as long as CloudWatch keeps periods of %i s', (periodSeconds, days) => {
    const own = { periodSeconds, delaySeconds: 0 };

    expect(regressionWindow({ startedAt: noon, now: noon + (days - 1) * day }, own)?.start).toBe(noon);
    expect(regressionWindow({ startedAt: noon, now: noon + days * day }, own)?.start).toBe(
      noon + Math.floor(((days / 2) * 86_400) / periodSeconds) * periodSeconds * 1000,
    );
  });

  test('begins anew at most once in half of the time that CloudWatch keeps', () => {
    const starts = new Set<number | undefined>();
    for (let hours = 1; hours <= 40 * 24; hours += 1) {
      const now = noon + hours * 3_600_000;
      const window = regressionWindow({ startedAt: noon, now }, settings);
      starts.add(window?.start);
      expect(now - (window?.start ?? 0)).toBeLessThan(15 * day);
    }

    expect(starts.size).toBeLessThanOrEqual(6);
  });
});

describe('Functions: ready-made comparisons of error rates', () => {
  const at = (minute: number) => new Date(noon + minutes(minute));

  function add(
    namespace: string,
    metricName: string,
    dimensions: Record<string, string>,
    { value, count = 1 }: { value: number; count?: number },
  ): void {
    for (let minute = -30; minute < 0; minute += 1)
      cloud.cloudWatch.addDataPoint({ namespace, metricName, dimensions, at: at(minute), value, count });
  }

  const envoy = (stack: string, code: string) => ({
    ClusterName: 'shop',
    TaskDefinitionFamily: `web-${stack}`,
    envoy_http_conn_manager_prefix: 'ingress',
    envoy_response_code_class: code,
  });
  const version = (it: string) => ({
    FunctionName: 'orders',
    Resource: 'orders:live',
    ExecutedVersion: it,
  });
  const rest = (stack: string) => ({ ApiName: `shop-${stack}`, Stage: 'live' });
  const http = (stack: string) => ({ ApiId: stack === 'green' ? 'g1' : 'b1', Stage: '$default' });
  const lattice = (stack: string) => ({ TargetGroup: stack === 'green' ? 'tg-0a' : 'tg-0b' });

  const cases: readonly [
    string,
    () => Check,
    (stack: 'blue' | 'green', requests: number, failures: number) => void,
  ][] = [
    [
      'appMeshErrorRateRegression',
      () =>
        appMeshErrorRateRegression({
          clusterName: 'shop',
          taskDefinitionFamily: { blue: 'web-blue', green: 'web-green' },
          clients: cloud.clients,
        }),
      (stack, requests, failures) => {
        const namespace = 'ECS/ContainerInsights/Prometheus';
        const name = 'envoy_http_downstream_rq_xx';
        add(namespace, name, envoy(stack, '2'), { value: requests - failures - 5 });
        add(namespace, name, envoy(stack, '4'), { value: 5 });
        add(namespace, name, envoy(stack, '5'), { value: failures });
      },
    ],
    [
      'lambdaAliasErrorRateRegression',
      () =>
        lambdaAliasErrorRateRegression({
          functionName: 'orders',
          aliasName: 'live',
          version: { blue: '7', green: '8' },
          clients: cloud.clients,
        }),
      (stack, requests, failures) => {
        const dimensions = version(stack === 'green' ? '8' : '7');
        add('AWS/Lambda', 'Invocations', dimensions, { value: requests });
        add('AWS/Lambda', 'Errors', dimensions, { value: failures });
      },
    ],
    [
      'latticeErrorRateRegression',
      () =>
        latticeErrorRateRegression({
          targetGroup: {
            blue: 'tg-0b',
            green: 'arn:aws:vpc-lattice:eu-west-1:123456789012:targetgroup/tg-0a',
          },
          clients: cloud.clients,
        }),
      (stack, requests, failures) => {
        add('AWS/VpcLattice', 'TotalRequestCount', lattice(stack), { value: requests });
        add('AWS/VpcLattice', 'HTTPCode_5XX_Count', lattice(stack), { value: failures });
      },
    ],
    [
      'apiGatewayErrorRateRegression of a REST API',
      () =>
        apiGatewayErrorRateRegression({
          stages: {
            blue: { apiName: 'shop-blue', stage: 'live' },
            green: { apiName: 'shop-green', stage: 'live' },
          },
          clients: cloud.clients,
        }),
      (stack, requests, failures) => {
        add('AWS/ApiGateway', 'Count', rest(stack), { value: 1, count: requests });
        add('AWS/ApiGateway', '5XXError', rest(stack), { value: failures });
      },
    ],
    [
      'apiGatewayErrorRateRegression of an HTTP API',
      () =>
        apiGatewayErrorRateRegression({
          stages: { blue: { apiId: 'b1', stage: '$default' }, green: { apiId: 'g1', stage: '$default' } },
          clients: cloud.clients,
        }),
      (stack, requests, failures) => {
        add('AWS/ApiGateway', 'Count', http(stack), { value: 1, count: requests });
        add('AWS/ApiGateway', '5xx', http(stack), { value: failures });
      },
    ],
    [
      'errorRateRegression',
      () => {
        const sumOf = (MetricName: string, stack: string) => [
          {
            Id: 'count',
            MetricStat: {
              Metric: { Namespace: 'Shop', MetricName, Dimensions: [{ Name: 'Stack', Value: stack }] },
              Period: 60,
              Stat: 'Sum',
            },
          },
        ];
        return errorRateRegression({
          name: 'orders',
          requests: { blue: sumOf('Orders', 'blue'), green: sumOf('Orders', 'green') },
          failures: { blue: sumOf('Failed', 'blue'), green: sumOf('Failed', 'green') },
          clients: cloud.clients,
        });
      },
      (stack, requests, failures) => {
        add('Shop', 'Orders', { Stack: stack }, { value: requests });
        add('Shop', 'Failed', { Stack: stack }, { value: failures });
      },
    ],
    [
      'albSlowRequestRegression',
      () =>
        albSlowRequestRegression({
          ...countedTargetGroups,
          slowerThanSeconds: 0.8,
          clients: cloud.clients,
        }),
      (stack, requests, failures) => {
        const dimensions = {
          TargetGroup: `targetgroup/${stack}/138dc51089e322f9`,
          LoadBalancer: 'app/shop/14f06032761c98f0',
        };
        const name = 'TargetResponseTime';
        add('AWS/ApplicationELB', name, dimensions, { value: 0.8, count: requests - failures });
        add('AWS/ApplicationELB', name, dimensions, { value: 0.81, count: failures });
      },
    ],
  ];

  test.each(cases)(
    '%s passes equal rates, and fails a rate ten times as high',
    async (_, make, addCounts) => {
      addCounts('blue', 1800, 9);
      addCounts('green', 200, 1);

      const healthy = await make().evaluate(contextOf());

      expect(healthy.outcome).toBe('pass');
      expect(healthy.evidence?.incoming.requests).toBeCloseTo(6000, 6);
      expect(healthy.evidence?.incoming.failures).toBeCloseTo(30, 6);
      expect(healthy.evidence?.outgoing.failures).toBeCloseTo(270, 6);

      addCounts('green', 200, 29);

      expect(await make().evaluate(contextOf())).toMatchObject({ outcome: 'fail' });
    },
  );

  test.each(cases)('%s uses the stacks of the shift in either direction', async (_, make, addCounts) => {
    addCounts('blue', 200, 30);
    addCounts('green', 1800, 9);

    expect(await make().evaluate(contextOf({ incoming: 'blue', outgoing: 'green' }))).toMatchObject({
      outcome: 'fail',
    });
  });
});

describe('Function: albSlowRequestRegression', () => {
  test('does not judge a period without a percentile rank', () => {
    const { metrics } = internalsOf(
      albSlowRequestRegression({ ...countedTargetGroups, slowerThanSeconds: 1, clients: cloud.clients }),
    );
    const series = (id: string, value: number) => ({
      id,
      statusCode: 'Complete',
      points: Array.from({ length: 10 }, (_, index) => ({ at: noon - minutes(index + 1), value })),
    });
    const rank = { ...series('rank', 90), points: series('rank', 90).points.slice(0, 3) };
    const response = [series('samples', 100), rank];

    expect(metrics?.judge([response, response], contextOf()).evidence?.incoming.requests).toBe(300);
  });
});

describe('Functions: comparisons of a stack with itself', () => {
  const sum = [
    {
      Id: 'count',
      MetricStat: { Metric: { Namespace: 'Shop', MetricName: 'Orders' }, Period: 60, Stat: 'Sum' },
    },
  ];
  const { targetGroupArn, loadBalancerArn } = countedTargetGroups;
  const group = { blue: targetGroupArn.blue, green: targetGroupArn.blue };

  test.each<[string, () => Check]>([
    ['albErrorRateRegression', () => albErrorRateRegression({ targetGroupArn: group, loadBalancerArn })],
    [
      'albSlowRequestRegression',
      () => albSlowRequestRegression({ targetGroupArn: group, loadBalancerArn, slowerThanSeconds: 1 }),
    ],
    [
      'lambdaAliasErrorRateRegression',
      () =>
        lambdaAliasErrorRateRegression({
          functionName: 'orders',
          aliasName: 'live',
          version: { blue: '7', green: '7' },
        }),
    ],
    [
      'latticeErrorRateRegression',
      () => latticeErrorRateRegression({ targetGroup: { blue: 'tg-0a', green: 'tg-0a' } }),
    ],
    [
      'apiGatewayErrorRateRegression',
      () =>
        apiGatewayErrorRateRegression({
          stages: { blue: { apiName: 'shop', stage: 'live' }, green: { apiName: 'shop', stage: 'live' } },
        }),
    ],
    [
      'appMeshErrorRateRegression',
      () =>
        appMeshErrorRateRegression({
          clusterName: 'shop',
          taskDefinitionFamily: { blue: 'web', green: 'web' },
        }),
    ],
    [
      'errorRateRegression',
      () =>
        errorRateRegression({
          name: 'orders',
          requests: { blue: sum, green: sum },
          failures: { blue: sum, green: sum },
        }),
    ],
  ])('%s throws InvalidInputError, because no stack is worse than itself', async (_, make) => {
    await expect(make().evaluate(contextOf())).rejects.toThrowError(InvalidInputError);
    await expect(make().evaluate(contextOf())).rejects.toThrowError(
      'expected metrics of its own for each stack, got the same ones for blue and green',
    );
    expect(queriesSent()).toEqual([]);
  });
});

describe('Function: lambdaAliasErrorRateRegression', () => {
  const alias = { FunctionName: 'orders', Resource: 'orders:live' };
  const make = () =>
    lambdaAliasErrorRateRegression({
      functionName: 'orders',
      aliasName: 'live',
      version: { blue: '7', green: '8' },
      clients: cloud.clients,
    });

  function add(
    metricName: string,
    minute: number,
    { value, version }: { value: number; version?: string },
  ): void {
    cloud.cloudWatch.addDataPoint({
      namespace: 'AWS/Lambda',
      metricName,
      dimensions: { ...alias, ...(version && { ExecutedVersion: version }) },
      at: new Date(noon + minutes(minute)),
      value,
    });
  }

  test('counts the unweighted alias as the incoming version after the last weighted period', async () => {
    for (let minute = -30; minute < -10; minute += 1) {
      add('Invocations', minute, { value: 1800, version: '7' });
      add('Invocations', minute, { value: 2000 });
      // In its last minute only the outgoing version is invoked.
      if (minute < -11) add('Invocations', minute, { value: 200, version: '8' });
    }
    for (let minute = -10; minute < 0; minute += 1) add('Invocations', minute, { value: 2000 });
    const weights = { weights: { blue: 0, green: 100 }, weightsSince: noon - minutes(9) };

    expect((await make().evaluate(contextOf(weights))).evidence).toMatchObject({
      incoming: { requests: 19 * 200 + 10 * 2000 },
      outgoing: { requests: 19 * 1800 },
    });
    for (const minute of [-3, -2, -1]) add('Errors', minute, { value: 2000 });
    expect(await make().evaluate(contextOf(weights))).toMatchObject({ outcome: 'fail' });
  });

  test('counts an alias that was never weighted since the present weights only', async () => {
    for (let minute = -30; minute < 0; minute += 1) add('Invocations', minute, { value: 2000 });
    for (let minute = -30; minute < -10; minute += 1) add('Errors', minute, { value: 2000 });
    const weights = { weights: { blue: 0, green: 100 }, weightsSince: noon - minutes(10) };

    expect(await make().evaluate(contextOf(weights))).toMatchObject({
      outcome: 'pass',
      evidence: { incoming: { requests: 20_000, failures: 0 } },
    });
  });
});

describe('Function: countsFrom', () => {
  const halfHour = (failures: number) =>
    Array.from({ length: 30 }, (_, index) => ({
      start: noon - minutes(30 - index),
      requests: 200,
      failures,
    }));
  const checkOf = (read: Parameters<typeof countsFrom>[0]) =>
    errorRateRegression({ name: 'orders', counts: countsFrom(read) });

  test('judges the counts that a function returns, for each stack and the whole shift', async () => {
    const ranges: object[] = [];
    const check = checkOf(({ stack, start, end, periodSeconds }) => {
      ranges.push({ stack, start, end, periodSeconds });
      return halfHour(stack === 'green' ? 20 : 1);
    });

    expect(await check.evaluate(contextOf())).toMatchObject({ outcome: 'fail' });
    const range = { start: noon - minutes(30), end: noon, periodSeconds: 60 };
    expect(ranges).toEqual([
      { stack: 'green', ...range },
      { stack: 'blue', ...range },
    ]);
  });

  test('adds up counts of the same period, and ignores those outside the range', async () => {
    const check = checkOf(() => [
      ...halfHour(0).map((it) => ({ ...it, start: it.start + 30_000 })),
      ...halfHour(1),
      { start: noon, requests: 200, failures: 200 },
      { start: noon - minutes(31), requests: 200, failures: 200 },
    ]);

    expect((await check.evaluate(contextOf())).evidence).toMatchObject({
      incoming: { requests: 12_000, failures: 30 },
    });
  });

  test('ignores a count at an early time beside counts of the range', async () => {
    const check = checkOf(() => [...halfHour(0), { start: noon / 1000 - 60, requests: 1, failures: 1 }]);

    expect((await check.evaluate(contextOf())).evidence?.incoming).toEqual({ requests: 6000, failures: 0 });
  });

  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['an object', {}],
    ['a negative count', [{ start: noon, requests: -1, failures: 0 }]],
    ['a count that is no number', [{ start: noon, requests: '7', failures: 0 }]],
    ['NaN', [{ start: noon, requests: Number.NaN, failures: 0 }]],
    ['times in seconds', [{ start: noon / 1000 - 60, requests: 200, failures: 200 }]],
    ['more than can be counted', [{ start: noon - minutes(1), requests: 1e300, failures: 0 }]],
  ])('throws UnexpectedResponseError when the function returns %s', async (_, returned) => {
    await expect(checkOf(() => returned as never).evaluate(contextOf())).rejects.toThrowError(
      UnexpectedResponseError,
    );
  });

  test('throws InvalidInputError for a source that is no function', () => {
    expect(() => countsFrom(5 as never)).toThrowError(InvalidInputError);
  });
});

describe('Function: errorRateRegression', () => {
  const query = (Period: number) => [
    { Id: 'm', MetricStat: { Metric: { Namespace: 'Shop', MetricName: 'Orders' }, Period, Stat: 'Sum' } },
  ];
  const make = (requests: number, failures: number) => () =>
    errorRateRegression({
      name: 'orders',
      requests: { blue: query(requests), green: query(requests) },
      failures: { blue: query(failures), green: query(failures) },
    });

  test('throws InvalidInputError for queries that differ in their Period', () => {
    expect(make(60, 300)).toThrowError(
      'failures: expected the same Period in all queries of both stacks, got 60 s and 300 s',
    );
  });

  test('throws InvalidInputError for a Period of less than a minute', () => {
    expect(make(10, 10)).toThrowError('failures: expected a Period that is a multiple of 60');
  });

  test('throws InvalidInputError for a period of more than a day', () => {
    expect(make(90_000, 90_000)).toThrowError('at most a day');
    expect(() => albCheck({ periodSeconds: 90_000 })).toThrowError('periodSeconds: expected');
  });

  test('accepts periods up to a day', () => {
    expect(make(300, 300)).not.toThrow();
    expect(make(86_400, 86_400)).not.toThrow();
    expect(() => albCheck({ periodSeconds: 86_400 })).not.toThrow();
  });
});
