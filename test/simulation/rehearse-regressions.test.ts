import { describe, expect, test } from 'vitest';
import { SimulatedCloud, type SimulatedMetricSeries } from '../../src/testing/index.js';
import {
  albErrorRateRegression,
  albSlowRequestRegression,
  apiGatewayErrorRateRegression,
  appMeshErrorRateRegression,
  type Check,
  canary,
  countsFrom,
  errorRateRegression,
  lambdaAliasErrorRate,
  lambdaAliasErrorRateRegression,
  latticeErrorRateRegression,
  metricComparison,
  type RehearsalOptions,
  rehearse,
} from '../../src/traffic/index.js';

const hour = 3_600_000;
const from = Date.parse('2026-03-04T00:00:00Z');
const to = from + 8 * hour;
const minutes = (to - from) / 60_000;

const arn = 'arn:aws:elasticloadbalancing:eu-west-1:123456789012';
const groups = {
  targetGroupArn: { blue: `${arn}:targetgroup/blue/1`, green: `${arn}:targetgroup/green/2` },
  loadBalancerArn: `${arn}:loadbalancer/app/shop/1`,
};

interface Metric extends Pick<SimulatedMetricSeries, 'namespace' | 'metricName' | 'stat' | 'dimensions'> {
  readonly value: number;
}

/** Creates a cloud with the same value of each metric in every minute. */
function pastWith(metrics: readonly Metric[]): SimulatedCloud {
  const cloud = new SimulatedCloud({ startAt: new Date(to + hour) });
  for (const { value, ...metric } of metrics)
    cloud.cloudWatch.loadMetricSeries({
      ...metric,
      start: new Date(from),
      values: Array.from({ length: minutes }, () => value),
    });
  return cloud;
}

function run(cloud: SimulatedCloud, check: Check, more: Partial<RehearsalOptions> = {}) {
  return rehearse({
    strategy: canary({ percent: 20, holdSeconds: 1800, bakeSeconds: 300 }),
    checks: [check],
    from: new Date(from),
    to: new Date(to),
    stepSeconds: 7200,
    clients: { cloudWatch: cloud.clients.cloudWatch },
    clock: cloud.clock,
    ...more,
  } as RehearsalOptions);
}

const alb = { TargetGroup: 'targetgroup/blue/1', LoadBalancer: 'app/shop/1' };
const lambda = { FunctionName: 'orders', Resource: 'orders:live' };
const stage = { ApiId: 'a1', Stage: 'live' };
const lattice = { TargetGroup: 'tg-0123456789abcdef0' };
const queryOf = (MetricName: string) => [
  {
    Id: 'm',
    MetricStat: { Metric: { Namespace: 'Shop', MetricName, Dimensions: [] }, Period: 60, Stat: 'Sum' },
  },
];

/** Every comparison of error rates, with a past of 2,000 requests a minute of which 1 % fail, and its metrics. */
const comparisons: readonly { name: string; check: Check; metrics: readonly Metric[]; count: number }[] = [
  {
    name: 'albErrorRateRegression',
    check: albErrorRateRegression(groups),
    metrics: [
      { namespace: 'AWS/ApplicationELB', metricName: 'RequestCount', dimensions: alb, value: 2000 },
      {
        namespace: 'AWS/ApplicationELB',
        metricName: 'HTTPCode_Target_5XX_Count',
        dimensions: alb,
        value: 20,
      },
    ],
    count: 4,
  },
  {
    name: 'albErrorRateRegression with connection errors',
    check: albErrorRateRegression({ ...groups, include4xx: true, includeConnectionErrors: true }),
    metrics: [
      { namespace: 'AWS/ApplicationELB', metricName: 'RequestCount', dimensions: alb, value: 2000 },
      {
        namespace: 'AWS/ApplicationELB',
        metricName: 'HTTPCode_Target_5XX_Count',
        dimensions: alb,
        value: 10,
      },
      {
        namespace: 'AWS/ApplicationELB',
        metricName: 'TargetConnectionErrorCount',
        dimensions: alb,
        value: 10,
      },
    ],
    count: 8,
  },
  {
    name: 'albSlowRequestRegression',
    check: albSlowRequestRegression({ ...groups, slowerThanSeconds: 1 }),
    metrics: [
      {
        namespace: 'AWS/ApplicationELB',
        metricName: 'TargetResponseTime',
        dimensions: alb,
        stat: 'SampleCount',
        value: 2000,
      },
      {
        namespace: 'AWS/ApplicationELB',
        metricName: 'TargetResponseTime',
        dimensions: alb,
        stat: 'PR(:1)',
        value: 99,
      },
    ],
    count: 4,
  },
  {
    name: 'lambdaAliasErrorRateRegression',
    check: lambdaAliasErrorRateRegression({
      functionName: 'orders',
      aliasName: 'live',
      version: { blue: '1', green: '2' },
    }),
    // While the alias was not weighted, its metrics had no version.
    metrics: [
      { namespace: 'AWS/Lambda', metricName: 'Invocations', dimensions: lambda, value: 2000 },
      { namespace: 'AWS/Lambda', metricName: 'Errors', dimensions: lambda, value: 20 },
    ],
    count: 2,
  },
  {
    name: 'apiGatewayErrorRateRegression',
    check: apiGatewayErrorRateRegression({
      stages: { blue: { apiId: 'a1', stage: 'live' }, green: { apiId: 'a2', stage: 'live' } },
    }),
    metrics: [
      {
        namespace: 'AWS/ApiGateway',
        metricName: 'Count',
        dimensions: stage,
        stat: 'SampleCount',
        value: 2000,
      },
      { namespace: 'AWS/ApiGateway', metricName: '5xx', dimensions: stage, value: 20 },
    ],
    count: 4,
  },
  {
    name: 'latticeErrorRateRegression',
    check: latticeErrorRateRegression({
      targetGroup: { blue: 'tg-0123456789abcdef0', green: 'tg-0123456789abcdef1' },
    }),
    metrics: [
      { namespace: 'AWS/VpcLattice', metricName: 'TotalRequestCount', dimensions: lattice, value: 2000 },
      { namespace: 'AWS/VpcLattice', metricName: 'HTTPCode_5XX_Count', dimensions: lattice, value: 20 },
    ],
    count: 4,
  },
  {
    name: 'errorRateRegression',
    check: errorRateRegression({
      name: 'orders',
      requests: { blue: queryOf('Orders'), green: queryOf('GreenOrders') },
      failures: { blue: queryOf('FailedOrders'), green: queryOf('FailedGreenOrders') },
    }),
    metrics: [
      { namespace: 'Shop', metricName: 'Orders', value: 2000 },
      { namespace: 'Shop', metricName: 'FailedOrders', value: 20 },
    ],
    count: 4,
  },
];

describe('rehearse with a comparison of error rates', () => {
  test.each(comparisons)('passes a healthy release and finds a bad one: $name', async (comparison) => {
    const { check, metrics, count } = comparison;
    const cloud = pastWith(metrics);
    // Percentile ranks that no metric has are no data, as in AWS.
    if (check.name.includes('slower')) loadEmptyRanks(cloud);

    const result = await run(cloud, check, { inject: { ratio: 10 } });

    expect(result).toMatchObject({ shifts: 4, passed: 4, stopped: 0, noData: 0, cost: { metrics: count } });
    expect(result.injected).toMatchObject({ found: 4, passed: 0 });
    expect(result.injected?.pastFailureRate).toBeCloseTo(0.01, 6);
    const { evidence } = result.injected?.rehearsed[0]?.stoppedBy ?? {};
    expect(evidence?.value).toBeGreaterThanOrEqual(evidence?.required ?? Number.POSITIVE_INFINITY);
    expect((evidence?.incoming.failures ?? 0) / (evidence?.incoming.requests ?? 1)).toBeCloseTo(0.1, 1);
    expect((evidence?.outgoing?.failures ?? 0) / (evidence?.outgoing?.requests ?? 1)).toBeCloseTo(0.01, 2);
  });

  function loadEmptyRanks(cloud: SimulatedCloud) {
    const dimensions = { ...alb, TargetGroup: 'targetgroup/green/2' };
    for (const stat of ['SampleCount', 'PR(:1)'])
      cloud.cloudWatch.loadMetricSeries({
        namespace: 'AWS/ApplicationELB',
        metricName: 'TargetResponseTime',
        dimensions,
        stat,
        start: new Date(from),
        values: [],
      });
  }

  test('judges the same requests in two checks of one metric', async () => {
    const [first] = comparisons;
    const cloud = pastWith(first?.metrics ?? []);
    const checks = ['one', 'other'].map((name) => albErrorRateRegression({ ...groups, name }));

    const { injected } = await run(cloud, albErrorRateRegression(groups), { checks, inject: { ratio: 10 } });
    const alone = await run(cloud, albErrorRateRegression({ ...groups, name: 'one' }), {
      inject: { ratio: 10 },
    });

    expect(injected?.rehearsed).toEqual(alone.injected?.rehearsed);
  });

  test('splits the responses of App Mesh by class, without an injected regression', async () => {
    const of = (envoy_response_code_class: string, value: number) => ({
      namespace: 'ECS/ContainerInsights/Prometheus',
      metricName: 'envoy_http_downstream_rq_xx',
      dimensions: {
        ClusterName: 'shop',
        TaskDefinitionFamily: 'blue',
        envoy_http_conn_manager_prefix: 'ingress',
        envoy_response_code_class,
      },
      value,
    });
    const check = appMeshErrorRateRegression({
      clusterName: 'shop',
      taskDefinitionFamily: { blue: 'blue', green: 'green' },
    });

    const cloud = pastWith([of('2', 1980), of('5', 20)]);

    expect(await run(cloud, check)).toMatchObject({ passed: 4, stopped: 0, noData: 0 });
    await expect(run(cloud, check, { inject: { ratio: 10 } })).rejects.toThrow('inject: expected a check');
  });

  test('names a comparison of counts from a function, which has no past', async () => {
    const counts = errorRateRegression({
      name: 'own counts',
      counts: countsFrom(async () => []),
    });
    const [first] = comparisons;

    const { notRehearsed } = await run(pastWith(first?.metrics ?? []), counts, {
      checks: [albErrorRateRegression(groups), counts],
    });

    expect(notRehearsed.map(({ check }) => check)).toEqual(['own counts']);
  });
});

describe('rehearse with other checks', () => {
  test('rehearses an error rate of a Lambda alias, whose versions have metrics only while it is weighted', async () => {
    const cloud = pastWith([
      { namespace: 'AWS/Lambda', metricName: 'Invocations', dimensions: lambda, value: 2000 },
      { namespace: 'AWS/Lambda', metricName: 'Errors', dimensions: lambda, value: 200 },
    ]);
    const check = lambdaAliasErrorRate({
      functionName: 'orders',
      aliasName: 'live',
      version: { blue: '1', green: '2' },
      maxPercent: 5,
      windowSeconds: 180,
    });

    const result = await run(cloud, check);

    expect(result).toMatchObject({ stopped: 4, noData: 0, cost: { metrics: 2 } });
    expect(result.rehearsed[0]?.stoppedBy).toMatchObject({ outcome: 'fail', percent: 20 });
  });

  test('compares a percentile that is the same for both stacks', async () => {
    const latency = (MetricName: string) => [
      { Id: 'm', MetricStat: { Metric: { Namespace: 'Shop', MetricName }, Period: 60, Stat: 'p90' } },
    ];
    const cloud = pastWith([{ namespace: 'Shop', metricName: 'Latency', stat: 'p90', value: 0.2 }]);
    const check = metricComparison({
      name: 'latency',
      queries: { blue: latency('Latency'), green: latency('GreenLatency') },
      maxRatio: 1.01,
      windowSeconds: 300,
    });
    expect(await run(cloud, check)).toMatchObject({ passed: 4, noData: 0 });
  });
});
