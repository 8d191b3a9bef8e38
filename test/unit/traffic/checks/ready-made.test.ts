import { beforeEach, describe, expect, test } from 'vitest';
import { SimulatedCloud } from '../../../../src/testing/index.js';
import {
  type AlbTargetGroup5xxRateOptions,
  albTargetGroup5xxRate,
  albTargetGroupLatency,
  albUnhealthyHosts,
  type CheckContext,
  cloudWatchMetric,
  ecsAppMesh5xx,
  lambdaAliasErrorRate,
} from '../../../../src/traffic/index.js';
import { checkContext } from '../../../support/check-context.js';
import { scriptedCloudWatch } from '../../../support/scripted-cloudwatch.js';

const noon = Date.parse('2026-01-01T12:00:00Z');
const arnOf = (stack: string, partition = 'aws') =>
  `arn:${partition}:elasticloadbalancing:eu-west-1:123456789012:targetgroup/${stack}/138dc51089e322f9`;
const loadBalancerArn =
  'arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/shop/14f06032761c98f0';

let cloud: SimulatedCloud;

beforeEach(() => {
  cloud = new SimulatedCloud({ startAt: new Date(noon) });
});

interface Addition {
  stack?: string;
  minute?: number;
  count?: number;
}

function add(metricName: string, value: number, { stack = 'green', minute = -1, count = 1 }: Addition = {}) {
  cloud.cloudWatch.addDataPoint({
    namespace: 'AWS/ApplicationELB',
    metricName,
    dimensions: {
      TargetGroup: `targetgroup/${stack}/138dc51089e322f9`,
      LoadBalancer: 'app/shop/14f06032761c98f0',
    },
    at: new Date(noon + minute * 60_000),
    value,
    count,
  });
}

const common = () => ({
  targetGroupArn: arnOf('green'),
  loadBalancerArn,
  windowSeconds: 300,
  clients: cloud.clients,
});
const evaluateRate = (
  options: Partial<AlbTargetGroup5xxRateOptions> = {},
  context: Partial<CheckContext> = {},
) =>
  albTargetGroup5xxRate({ ...common(), maxPercent: 5, ...options } as AlbTargetGroup5xxRateOptions).evaluate(
    checkContext(cloud, context),
  );

describe('Function: albTargetGroup5xxRate', () => {
  test('judges errors ÷ requests × 100 over the whole window', async () => {
    add('RequestCount', 90, { minute: -2 });
    add('RequestCount', 110);
    add('HTTPCode_Target_5XX_Count', 10);

    expect(await evaluateRate()).toEqual({
      outcome: 'pass',
      value: 5,
      detail:
        'error rate 5 % is at most 5 %: 10 of 200 requests (2026-01-01T11:55:00Z to 2026-01-01T12:00:00Z)',
    });
    expect(await evaluateRate({ maxPercent: 4.9 })).toMatchObject({
      outcome: 'fail',
      detail: expect.stringContaining('error rate 5 % is above the maximum of 4.9 %: 10 of 200 requests'),
    });
  });

  test('passes when the load balancer reports no errors', async () => {
    add('RequestCount', 100);

    expect(await evaluateRate({ maxPercent: 0 })).toMatchObject({ outcome: 'pass', value: 0 });
  });

  test('has no data without requests', async () => {
    add('RequestCount', 0);

    expect(await evaluateRate()).toMatchObject({
      outcome: 'inconclusive',
      detail: expect.stringContaining('no data'),
    });
    expect(await evaluateRate({ noData: 'fail' })).toMatchObject({ outcome: 'fail' });
    expect(await evaluateRate({ noData: 'pass' })).toMatchObject({ outcome: 'pass' });
  });

  test('is inconclusive for more errors than requests', async () => {
    add('HTTPCode_Target_5XX_Count', 3);

    expect(await evaluateRate({ noData: 'pass' })).toEqual({
      outcome: 'inconclusive',
      detail: expect.stringContaining('3 errors of 0 requests: data of the requests is missing'),
    });
  });

  test('is inconclusive for too few requests', async () => {
    add('RequestCount', 9);
    add('HTTPCode_Target_5XX_Count', 9);

    expect(await evaluateRate({ minimumRequests: 10 })).toEqual({
      outcome: 'inconclusive',
      detail: expect.stringContaining('too few requests: 9 where 10 are needed'),
    });
    expect(await evaluateRate({ minimumRequests: 9 })).toMatchObject({ outcome: 'fail', value: 100 });
  });

  test.each(['HTTPCode_Target_5XX_Count', 'RequestCount'])(
    'is inconclusive when %s is incomplete',
    async (metric) => {
      add('RequestCount', 100);
      cloud.cloudWatch.setMetricStatus(metric, 'InternalError');

      expect(await evaluateRate({ noData: 'pass' })).toMatchObject({ outcome: 'inconclusive' });
    },
  );

  describe('in the period in which the weights changed', () => {
    // The weights changed at 11:59:20, in the minute that has just ended.
    const justChanged = { weightsSince: noon - 40_000 };

    test('fails before the period under the new weights is over', async () => {
      add('RequestCount', 100);
      add('HTTPCode_Target_5XX_Count', 6);

      expect(await evaluateRate({}, justChanged)).toEqual({
        outcome: 'fail',
        value: 6,
        detail:
          'error rate 6 % is above the maximum of 5 %: 6 of 100 requests (2026-01-01T11:59:00Z to 2026-01-01T12:00:00Z, in which the weights changed)',
      });
    });

    test.each([0, 5])('never passes with %i % errors', async (errors) => {
      add('RequestCount', 100);
      add('HTTPCode_Target_5XX_Count', errors);

      expect(await evaluateRate({ noData: 'pass' }, justChanged)).toMatchObject({ outcome: 'inconclusive' });
    });

    test.each(['pass', 'fail', 'inconclusive'] as const)(
      'is inconclusive without data, whatever noData is (%s)',
      async (noData) => {
        expect(await evaluateRate({ noData }, justChanged)).toMatchObject({ outcome: 'inconclusive' });
      },
    );

    test('does not fail because of errors of an earlier attempt', async () => {
      add('RequestCount', 100, { minute: -2 });
      add('HTTPCode_Target_5XX_Count', 50, { minute: -2 });
      add('RequestCount', 100);
      add('HTTPCode_Target_5XX_Count', 6);

      expect(await evaluateRate({}, justChanged)).toMatchObject({ outcome: 'inconclusive' });
    });

    test('fails when the period before it was healthy', async () => {
      add('RequestCount', 100, { minute: -2 });
      add('HTTPCode_Target_5XX_Count', 5, { minute: -2 });
      add('RequestCount', 100);
      add('HTTPCode_Target_5XX_Count', 6);

      expect(await evaluateRate({}, justChanged)).toMatchObject({ outcome: 'fail', value: 6 });
    });

    test('is inconclusive for too few requests', async () => {
      add('RequestCount', 9);
      add('HTTPCode_Target_5XX_Count', 9);

      expect(await evaluateRate({ minimumRequests: 10 }, justChanged)).toMatchObject({
        outcome: 'inconclusive',
      });
    });

    test.each(['HTTPCode_Target_5XX_Count', 'RequestCount'])(
      'is inconclusive when %s is incomplete',
      async (metric) => {
        add('RequestCount', 100);
        add('HTTPCode_Target_5XX_Count', 100);
        cloud.cloudWatch.setMetricStatus(metric, 'InternalError');

        expect(await evaluateRate({}, justChanged)).toMatchObject({ outcome: 'inconclusive' });
      },
    );

    test('ignores the period of the change when whole periods have followed', async () => {
      add('RequestCount', 100, { minute: -2 });
      add('HTTPCode_Target_5XX_Count', 100, { minute: -2 });
      add('RequestCount', 100);

      expect(await evaluateRate({}, { weightsSince: noon - 100_000 })).toMatchObject({ outcome: 'pass' });
    });

    describe('with late data', () => {
      // The weights changed at 11:58:20. Data up to 11:57 was complete then, and data up to 11:59 is complete now.
      const changedEarlier = { weightsSince: noon - 100_000 };
      const evaluateLate = (options: Partial<AlbTargetGroup5xxRateOptions> = {}) =>
        evaluateRate({ delaySeconds: 60, ...options }, changedEarlier);
      const addMinute = (minute: number, errors: number) => {
        add('RequestCount', 100, { minute });
        if (errors > 0) add('HTTPCode_Target_5XX_Count', errors, { minute });
      };

      test.each([
        [-3, '2026-01-01T11:57:00Z to 2026-01-01T11:58:00Z'],
        [-2, '2026-01-01T11:58:00Z to 2026-01-01T11:59:00Z'],
      ])('fails on the minute at %d, which no earlier evaluation could judge', async (failing, window) => {
        for (const minute of [-4, -3, -2]) addMinute(minute, minute === failing ? 6 : 0);

        expect(await evaluateLate()).toEqual({
          outcome: 'fail',
          value: 6,
          detail: `error rate 6 % is above the maximum of 5 %: 6 of 100 requests (${window}, in which the weights changed)`,
        });
      });

      test('judges each of these minutes by itself', async () => {
        for (const [minute, errors] of [
          [-4, 0],
          [-3, 0],
          [-2, 9],
        ] as const)
          addMinute(minute, errors);

        expect(await evaluateLate({ maxPercent: 8 })).toMatchObject({ outcome: 'fail', value: 9 });
      });

      test.each([
        ['when all of them are healthy', 0, 0],
        ['when the minute before them was already failing', 50, 6],
      ])('is inconclusive %s', async (_, before, after) => {
        addMinute(-4, before);
        addMinute(-3, after);
        addMinute(-2, after);

        expect(await evaluateLate({ noData: 'pass' })).toMatchObject({ outcome: 'inconclusive' });
      });

      test('ignores minutes that an earlier evaluation has judged, and minutes without complete data', async () => {
        for (const minute of [-6, -5, -1]) addMinute(minute, 50);
        for (const minute of [-4, -3, -2]) addMinute(minute, 0);

        expect(await evaluateLate()).toMatchObject({ outcome: 'inconclusive' });
      });
    });

    test('ignores the period before it is over and its data is complete', async () => {
      add('RequestCount', 100);
      add('HTTPCode_Target_5XX_Count', 100);

      expect(await evaluateRate({}, { weightsSince: noon })).toMatchObject({ outcome: 'inconclusive' });
      expect(await evaluateRate({ delaySeconds: 60 }, justChanged)).toMatchObject({
        outcome: 'inconclusive',
      });
    });
  });

  test('reads the target group of the incoming stack', async () => {
    add('RequestCount', 100, { stack: 'blue' });
    add('RequestCount', 100, { stack: 'green' });
    add('HTTPCode_Target_5XX_Count', 50, { stack: 'green' });
    const options = { targetGroupArn: { blue: arnOf('blue'), green: arnOf('green') } };

    expect(await evaluateRate(options)).toMatchObject({ outcome: 'fail' });
    expect(await evaluateRate(options, { incoming: 'blue', outgoing: 'green' })).toMatchObject({
      outcome: 'pass',
    });
  });

  test('is named after its target group, or by the option name', () => {
    const nameOf = (options: Partial<AlbTargetGroup5xxRateOptions>) =>
      albTargetGroup5xxRate({ ...common(), maxPercent: 5, ...options } as AlbTargetGroup5xxRateOptions).name;

    expect(nameOf({})).toBe('5xx rate of targetgroup/green/138dc51089e322f9');
    expect(nameOf({ name: 'errors' })).toBe('errors');
    expect(nameOf({ targetGroupArn: { blue: arnOf('blue'), green: arnOf('green') } })).toBe(
      '5xx rate of targetgroup/blue/138dc51089e322f9 or targetgroup/green/138dc51089e322f9',
    );
  });

  test.each(['aws', 'aws-cn', 'aws-us-gov'])(
    'extracts the dimensions from ARNs of the partition %s',
    async (partition) => {
      const { client, inputs } = scriptedCloudWatch([{}]);
      await evaluateRate({
        targetGroupArn: arnOf('green', partition),
        loadBalancerArn: loadBalancerArn.replace('arn:aws', `arn:${partition}`),
        clients: { cloudWatch: client },
      });

      const Dimensions = [
        { Name: 'TargetGroup', Value: 'targetgroup/green/138dc51089e322f9' },
        { Name: 'LoadBalancer', Value: 'app/shop/14f06032761c98f0' },
      ];
      expect(inputs[0]).toMatchObject({
        MetricDataQueries: [
          { MetricStat: { Metric: { MetricName: 'HTTPCode_Target_5XX_Count', Dimensions } } },
          { MetricStat: { Metric: { MetricName: 'RequestCount', Dimensions } } },
        ],
      });
    },
  );

  test.each<[string, Partial<AlbTargetGroup5xxRateOptions>]>([
    ['a target group that is not an ARN', { targetGroupArn: 'green' }],
    ["a load balancer's ARN as the target group's", { targetGroupArn: loadBalancerArn }],
    [
      'a Network Load Balancer, which has no 5xx',
      { loadBalancerArn: loadBalancerArn.replace('/app/', '/net/') },
    ],
    ['more than 100 %', { maxPercent: 101 }],
    ['a period that ELB does not have', { periodSeconds: 90 }],
    ['a pair with one stack', { targetGroupArn: { blue: arnOf('blue') } as never }],
  ])('throws InvalidInputError for %s', (_case, options) => {
    expect(() =>
      albTargetGroup5xxRate({ ...common(), maxPercent: 5, ...options } as AlbTargetGroup5xxRateOptions),
    ).toThrowError('Invalid albTargetGroup5xxRate options');
  });
});

describe('Function: albTargetGroupLatency', () => {
  test('compares a percentile with its bound', async () => {
    add('TargetResponseTime', 0.1, { count: 99 });
    add('TargetResponseTime', 2);
    const evaluate = (percentile: string | undefined) =>
      albTargetGroupLatency({ ...common(), maxSeconds: 0.5, percentile }).evaluate(checkContext(cloud));

    expect(await evaluate(undefined)).toMatchObject({
      outcome: 'pass',
      value: 0.1,
      detail: expect.stringContaining('0.1 s is at most 0.5 s'),
    });
    expect(await evaluate('p99.9')).toMatchObject({ outcome: 'fail', value: 2 });
    expect(await evaluate('Average')).toMatchObject({ outcome: 'pass', value: expect.closeTo(0.119) });
    expect(() => albTargetGroupLatency({ ...common(), maxSeconds: 1, percentile: '99' })).toThrowError('p99');
    expect(() => albTargetGroupLatency({ ...common(), maxSeconds: -1 })).toThrowError('maxSeconds');
  });

  test('is named after its percentile and its target group', () => {
    expect(albTargetGroupLatency({ ...common(), maxSeconds: 1 }).name).toBe(
      'p99 latency of targetgroup/green/138dc51089e322f9',
    );
  });
});

describe('Function: albUnhealthyHosts', () => {
  test('fails on an unhealthy target at any time of the window', async () => {
    add('UnHealthyHostCount', 1, { minute: -3 });
    add('UnHealthyHostCount', 0);
    const evaluate = (max?: number) => albUnhealthyHosts({ ...common(), max }).evaluate(checkContext(cloud));

    expect(await evaluate()).toMatchObject({
      outcome: 'fail',
      value: 1,
      detail: expect.stringContaining('1 unhealthy hosts is above the maximum of 0'),
    });
    expect(await evaluate(1)).toMatchObject({ outcome: 'pass' });
  });
});

describe('Function: lambdaAliasErrorRate', () => {
  const options = () => ({
    functionName: 'orders',
    aliasName: 'live',
    version: { blue: '7', green: '8' },
    maxPercent: 1,
    windowSeconds: 300,
    clients: cloud.clients,
  });

  test('distinguishes the versions of a weighted alias', async () => {
    const put = (metricName: string, version: string, value: number) =>
      cloud.cloudWatch.addDataPoint({
        namespace: 'AWS/Lambda',
        metricName,
        dimensions: { FunctionName: 'orders', Resource: 'orders:live', ExecutedVersion: version },
        at: new Date(noon - 60_000),
        value,
      });
    put('Invocations', '7', 90);
    put('Invocations', '8', 10);
    put('Errors', '8', 1);
    const check = lambdaAliasErrorRate(options());

    expect(check.name).toBe('error rate of orders:live, version 7 or 8');
    expect(await check.evaluate(checkContext(cloud))).toMatchObject({ outcome: 'fail', value: 10 });
    expect(await check.evaluate(checkContext(cloud, { incoming: 'blue' }))).toMatchObject({
      outcome: 'pass',
    });
  });

  test('reads the whole alias at 100 %, when it is no longer weighted', async () => {
    const put = (metricName: string, value: number) =>
      cloud.cloudWatch.addDataPoint({
        namespace: 'AWS/Lambda',
        metricName,
        dimensions: { FunctionName: 'orders', Resource: 'orders:live' },
        at: new Date(noon - 60_000),
        value,
      });
    put('Invocations', 100);
    put('Errors', 2);
    const evaluate = (context: Partial<CheckContext>) =>
      lambdaAliasErrorRate(options()).evaluate(
        checkContext(cloud, { weights: { blue: 0, green: 100 }, ...context }),
      );

    expect(await evaluate({})).toMatchObject({ outcome: 'fail', value: 2 });
    // In the minute of the change, the errors can be of the outgoing version.
    expect(await evaluate({ weightsSince: noon - 40_000 })).toMatchObject({ outcome: 'inconclusive' });
  });

  test('throws InvalidInputError for an ARN, which would match no metric', () => {
    const functionName = 'arn:aws:lambda:eu-west-1:123456789012:function:orders';

    expect(() => lambdaAliasErrorRate({ ...options(), functionName })).toThrowError('no ARN');
  });
});

describe('Function: ecsAppMesh5xx', () => {
  const evaluate = (overrides: object = {}) =>
    ecsAppMesh5xx({
      clusterName: 'shop',
      taskDefinitionFamily: 'yelb-appserver-2',
      max: 5,
      windowSeconds: 300,
      clients: cloud.clients,
      ...overrides,
    }).evaluate(checkContext(cloud));
  const put = (value: number, minute: number) =>
    cloud.cloudWatch.addDataPoint({
      namespace: 'ECS/ContainerInsights/Prometheus',
      metricName: 'envoy_http_downstream_rq_xx',
      dimensions: {
        ClusterName: 'shop',
        TaskDefinitionFamily: 'yelb-appserver-2',
        envoy_http_conn_manager_prefix: 'ingress',
        envoy_response_code_class: '5',
      },
      at: new Date(noon + minute * 60_000),
      value,
    });

  test('compares the sum of the window with the threshold', async () => {
    put(3, -2);
    put(2, -1);
    expect(await evaluate()).toMatchObject({ outcome: 'pass', value: 5 });

    put(1, -1);
    expect(await evaluate()).toMatchObject({
      outcome: 'fail',
      value: 6,
      detail: expect.stringContaining('sum of 5xx responses 6 is above the maximum of 5'),
    });
  });

  test('is inconclusive for too few data points, and fails on too many errors', async () => {
    put(0, -1);
    expect(await evaluate({ minimumSamples: 2 })).toMatchObject({ outcome: 'inconclusive' });

    put(6, -1);
    expect(await evaluate({ minimumSamples: 2 })).toMatchObject({ outcome: 'fail' });
  });

  test('reads the given connection manager', async () => {
    put(0, -1);

    expect(await evaluate({ connectionManagerPrefix: 'ingress.http.8080' })).toMatchObject({
      outcome: 'inconclusive',
    });
  });
});

describe('Regressions of the seed systems', () => {
  test('does not invert the error rate, as courier did', async () => {
    add('RequestCount', 1000);
    add('HTTPCode_Target_5XX_Count', 1);
    // Its example: requests ÷ errors, against a maximum of 5.
    expect(await evaluateRate()).toMatchObject({ outcome: 'pass', value: 0.1 });

    add('HTTPCode_Target_5XX_Count', 999);
    expect(await evaluateRate()).toMatchObject({ outcome: 'fail', value: 100 });
  });

  test("names each dimension once, unlike courier's example", async () => {
    add('RequestCount', 100);
    const Dimensions = [
      { Name: 'TargetGroup', Value: 'targetgroup/green/138dc51089e322f9' },
      { Name: 'TargetGroup', Value: 'app/shop/14f06032761c98f0' },
    ];
    const asInTheExample = cloudWatchMetric({
      name: 'requests',
      queries: [
        {
          Id: 'm1',
          MetricStat: {
            Metric: { Namespace: 'AWS/ApplicationELB', MetricName: 'RequestCount', Dimensions },
            Period: 60,
            Stat: 'Sum',
          },
        },
      ],
      min: 1,
      windowSeconds: 300,
      clients: cloud.clients,
    });

    expect(await asInTheExample.evaluate(checkContext(cloud))).toMatchObject({ outcome: 'inconclusive' });
    expect(await evaluateRate()).toMatchObject({ outcome: 'pass' });
  });

  test("does not pass without data, as the pipeline's health check did", async () => {
    const check = ecsAppMesh5xx({
      clusterName: 'shop',
      taskDefinitionFamily: 'yelb-appserver-2',
      max: 5,
      windowSeconds: 300,
      clients: cloud.clients,
    });

    expect(await check.evaluate(checkContext(cloud))).toEqual({
      outcome: 'inconclusive',
      detail: 'no data (2026-01-01T11:55:00Z to 2026-01-01T12:00:00Z)',
    });
  });
});
