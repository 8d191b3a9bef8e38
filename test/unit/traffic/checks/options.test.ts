import { describe, expect, test } from 'vitest';
import { InvalidInputError } from '../../../../src/core/errors.js';
import type { Permission } from '../../../../src/core/permissions.js';
import { methodPermissions } from '../../../../src/iam/method-permissions.js';
import { SimulatedCloud } from '../../../../src/testing/index.js';
import {
  albErrorRateRegression,
  albSlowRequestRegression,
  albTargetGroup5xxRate,
  albTargetGroupLatency,
  albUnhealthyHosts,
  apiGatewayErrorRateRegression,
  appMeshErrorRateRegression,
  type Check,
  cloudWatchAlarms,
  cloudWatchMetric,
  countsFrom,
  customCheck,
  datadogMetric,
  ecsAppMesh5xx,
  errorRateRegression,
  httpCheck,
  lambdaAliasErrorRate,
  lambdaAliasErrorRateRegression,
  lambdaCheck,
  latticeErrorRateRegression,
  metricComparison,
} from '../../../../src/traffic/index.js';
import { checkContext } from '../../../support/check-context.js';
import { hostileNumbers, hostileValues, throwingObject } from '../../../support/hostile-values.js';

const arn = 'arn:aws:elasticloadbalancing:eu-west-1:123456789012';
const targetGroup = {
  targetGroupArn: `${arn}:targetgroup/green/138dc51089e322f9`,
  loadBalancerArn: `${arn}:loadbalancer/app/shop/14f06032761c98f0`,
};
const query = (Namespace = 'Shop', Period = 60) => ({
  Id: 'm',
  MetricStat: {
    Metric: { Namespace, MetricName: 'Errors', Dimensions: [{ Name: 'a', Value: 'b' }] },
    Period,
    Stat: 'Sum',
  },
});
const pairOf = <T>(value: T) => ({ blue: value, green: value });

type Make = (options: never) => Check;
type Options = Readonly<Record<string, unknown>>;

/** Comparisons of error rates, whose fields are mostly the same. */
function regressionFactories() {
  const numbers = ['alpha', 'tolerateRatio', 'tolerateIncrease', 'ceiling', 'minimumRequests'];
  const pair = {
    targetGroupArn: pairOf(targetGroup.targetGroupArn),
    loadBalancerArn: targetGroup.loadBalancerArn,
  };
  const common = ['name', 'dryRun', 'burst', 'requireEvidence', 'clients', 'clientConfig'];
  const factory = (make: unknown, options: Options, others: string[]) => ({
    make: make as Make,
    options,
    seconds: ['delaySeconds', 'periodSeconds'],
    numbers,
    others: [...common, ...others],
  });
  return {
    albErrorRateRegression: factory(albErrorRateRegression, pair, [
      'targetGroupArn',
      'loadBalancerArn',
      'include4xx',
      'includeConnectionErrors',
    ]),
    albSlowRequestRegression: factory(albSlowRequestRegression, { ...pair, slowerThanSeconds: 1 }, [
      'targetGroupArn',
      'loadBalancerArn',
      'slowerThanSeconds',
    ]),
    apiGatewayErrorRateRegression: factory(
      apiGatewayErrorRateRegression,
      { stages: pairOf({ apiId: 'a1', stage: 'live' }) },
      ['stages'],
    ),
    appMeshErrorRateRegression: factory(
      appMeshErrorRateRegression,
      { clusterName: 'c', taskDefinitionFamily: pairOf('f') },
      ['clusterName', 'taskDefinitionFamily', 'connectionManagerPrefix'],
    ),
    lambdaAliasErrorRateRegression: factory(
      lambdaAliasErrorRateRegression,
      { functionName: 'f', aliasName: 'live', version: pairOf('2') },
      ['functionName', 'aliasName', 'version'],
    ),
    latticeErrorRateRegression: factory(
      latticeErrorRateRegression,
      { targetGroup: pairOf('tg-0123456789abcdef0') },
      ['targetGroup'],
    ),
    errorRateRegression: {
      ...factory(
        errorRateRegression,
        { name: 'errors', requests: pairOf([query()]), failures: pairOf([query()]) },
        ['requests', 'failures'],
      ),
      seconds: ['delaySeconds'],
    },
    'errorRateRegression with counts': {
      ...factory(errorRateRegression, { name: 'errors', counts: countsFrom(() => []) }, ['counts']),
      others: ['name', 'dryRun', 'burst', 'requireEvidence', 'counts'],
    },
  };
}

/** Every ready-made check with valid options, and its fields by kind. */
const factories: Readonly<
  Record<string, { make: Make; options: Options; seconds: string[]; numbers: string[]; others: string[] }>
> = {
  albTargetGroup5xxRate: {
    make: albTargetGroup5xxRate as Make,
    options: { ...targetGroup, maxPercent: 1, windowSeconds: 300 },
    seconds: ['windowSeconds', 'delaySeconds', 'periodSeconds'],
    numbers: ['maxPercent', 'minimumRequests'],
    others: ['name', 'dryRun', 'targetGroupArn', 'loadBalancerArn', 'noData', 'clients', 'clientConfig'],
  },
  albTargetGroupLatency: {
    make: albTargetGroupLatency as Make,
    options: { ...targetGroup, maxSeconds: 1, windowSeconds: 300 },
    seconds: ['windowSeconds', 'delaySeconds', 'periodSeconds', 'maxSeconds'],
    numbers: ['minimumSamples'],
    others: ['name', 'dryRun', 'targetGroupArn', 'loadBalancerArn', 'percentile', 'noData', 'clients'],
  },
  albUnhealthyHosts: {
    make: albUnhealthyHosts as Make,
    options: { ...targetGroup, windowSeconds: 300 },
    seconds: ['windowSeconds', 'delaySeconds', 'periodSeconds'],
    numbers: ['minimumSamples'],
    others: ['name', 'dryRun', 'targetGroupArn', 'loadBalancerArn', 'noData', 'max'],
  },
  cloudWatchAlarms: {
    make: cloudWatchAlarms as Make,
    options: { name: 'alarms', alarmNames: ['errors'] },
    seconds: [],
    numbers: [],
    others: ['name', 'dryRun', 'alarmNames', 'noData', 'clients', 'clientConfig'],
  },
  cloudWatchMetric: {
    make: cloudWatchMetric as Make,
    options: { name: 'errors', queries: [query()], max: 1, windowSeconds: 300 },
    seconds: ['windowSeconds', 'delaySeconds'],
    numbers: ['minimumSamples'],
    others: ['name', 'dryRun', 'queries', 'min', 'max', 'noData', 'clients', 'clientConfig'],
  },
  datadogMetric: {
    make: datadogMetric as Make,
    options: { name: 'errors', query: 'q', max: 1, windowSeconds: 300, apiKey: 'a', appKey: 'b' },
    seconds: ['windowSeconds', 'timeoutSeconds'],
    numbers: ['minimumSamples'],
    others: ['name', 'dryRun', 'query', 'min', 'max', 'site', 'address', 'noData', 'fetch'],
  },
  ecsAppMesh5xx: {
    make: ecsAppMesh5xx as Make,
    options: { clusterName: 'c', taskDefinitionFamily: 'f', max: 1, windowSeconds: 300 },
    seconds: ['windowSeconds', 'delaySeconds', 'periodSeconds'],
    numbers: ['minimumSamples'],
    others: ['name', 'dryRun', 'clusterName', 'taskDefinitionFamily', 'connectionManagerPrefix', 'noData'],
  },
  ...regressionFactories(),
  httpCheck: {
    make: httpCheck as Make,
    options: { url: 'https://green.example/' },
    seconds: ['timeoutSeconds', 'retryDelaySeconds'],
    numbers: ['attempts'],
    others: ['name', 'dryRun', 'url', 'expectedStatus', 'method', 'headers'],
  },
  lambdaAliasErrorRate: {
    make: lambdaAliasErrorRate as Make,
    options: { functionName: 'f', aliasName: 'live', version: '2', maxPercent: 1, windowSeconds: 300 },
    seconds: ['windowSeconds', 'delaySeconds', 'periodSeconds'],
    numbers: ['maxPercent', 'minimumRequests'],
    others: ['name', 'dryRun', 'functionName', 'aliasName', 'version', 'noData', 'clients'],
  },
  lambdaCheck: {
    make: lambdaCheck as Make,
    options: { functionName: 'health' },
    seconds: [],
    numbers: [],
    others: ['name', 'dryRun', 'functionName', 'qualifier', 'clients', 'clientConfig'],
  },
  metricComparison: {
    make: metricComparison as Make,
    options: { name: 'latency', queries: pairOf([query()]), maxRatio: 2, windowSeconds: 900 },
    seconds: ['windowSeconds', 'delaySeconds'],
    numbers: ['minimumSamples', 'maxRatio'],
    others: ['name', 'dryRun', 'queries', 'worse', 'noData', 'rankSum', 'clients'],
  },
  customCheck: {
    make: ((options: unknown) => customCheck('orders', () => true, options as never)) as Make,
    options: {},
    seconds: [],
    numbers: [],
    others: ['dryRun'],
  },
};

describe.each(Object.entries(factories))(
  'Options of %s',
  (name, { make, options, seconds, numbers, others }) => {
    const makeWith = (changes: Options) => () => make({ ...options, ...changes } as never);

    test('accepts valid options', () => {
      expect(makeWith({})).not.toThrow();
    });

    test('declares the permissions of the check', () => {
      const named: Readonly<Record<string, readonly Permission[]>> = methodPermissions;

      expect(makeWith({})().permissions ?? []).toEqual(named[name] ?? []);
    });

    test.each(hostileValues)('throws InvalidInputError for %s as options', (_what, value) => {
      expect(() => make(value as never)).toThrowError(InvalidInputError);
    });

    test('throws InvalidInputError for an unknown option, and suggests the nearest known one', () => {
      expect(makeWith({ dryrun: true })).toThrowError(
        /^Invalid .* options: dryrun: unknown option; did you mean dryRun\?$/,
      );
      for (const field of [...seconds, ...numbers, ...others]) {
        const attempt = makeWith({ [`${field}s`]: 5 });

        expect(attempt, field).toThrowError(InvalidInputError);
        expect(attempt, field).toThrowError(`unknown option; did you mean ${field}?`);
      }
    });

    test('throws InvalidInputError for values of a different type', () => {
      for (const field of [...seconds, ...numbers, ...others]) {
        for (const [what, value] of hostileValues) {
          const isFunctionField = field === 'fetch' && what === 'a function';
          if (!isFunctionField)
            expect(makeWith({ [field]: value }), `${field}: ${what}`).toThrowError(InvalidInputError);
        }
      }
    });

    test('throws InvalidInputError for impossible numbers and lengths of time', () => {
      const noNumbers = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -1, '60'];
      for (const [fields, values] of [
        [seconds, hostileNumbers],
        [numbers, noNumbers],
      ] as const)
        for (const field of fields)
          for (const value of values)
            expect(makeWith({ [field]: value }), `${field}: ${value}`).toThrowError(InvalidInputError);
    });

    test('throws InvalidInputError for a getter that throws', () => {
      const getters = Object.defineProperty({ ...options }, 'dryRun', {
        enumerable: true,
        get: () => {
          throw new Error('cannot be read');
        },
      });

      expect(() => make(getters as never)).toThrowError(InvalidInputError);
    });
  },
);

describe('customCheck arguments', () => {
  test.each(hostileValues)('throws InvalidInputError for %s as its name or its function', (what, value) => {
    expect(() => customCheck(value as never, () => true)).toThrowError(InvalidInputError);
    if (what !== 'a function')
      expect(() => customCheck('orders', value as never)).toThrowError(InvalidInputError);
  });
});

describe('Checks › nested options', () => {
  test.each<[string, () => Check, string]>([
    [
      'a query',
      () => cloudWatchMetric({ ...metric(), queries: [{ ...query(), Periods: 60 } as never] }),
      'queries[0].Periods: unknown option; did you mean Period?',
    ],
    [
      'a metric stat',
      () =>
        cloudWatchMetric({
          ...metric(),
          queries: [{ Id: 'm', MetricStat: { ...query().MetricStat, Stats: 'Sum' } as never }],
        }),
      'queries[0].MetricStat.Stats: unknown option; did you mean Stat?',
    ],
    [
      'a dimension of a stack',
      () =>
        cloudWatchMetric({
          ...metric(),
          queries: pairOf([
            {
              Id: 'm',
              MetricStat: {
                Metric: {
                  Namespace: 'Shop',
                  MetricName: 'm',
                  Dimensions: [{ Name: 'a', Values: 'b' } as never],
                },
                Period: 60,
                Stat: 'Sum',
              },
            },
          ]),
        }),
      'queries.blue[0].MetricStat.Metric.Dimensions[0].Values: unknown option; did you mean Value?',
    ],
    [
      'a pair',
      () => httpCheck({ url: { blue: 'http://a.example', gren: 'http://b.example' } as never }),
      'url.gren: unknown option; did you mean green?',
    ],
    [
      'the rank-sum test',
      () =>
        metricComparison({
          name: 'latency',
          queries: pairOf([query()]),
          rankSum: { significance: 0.05, significant: true } as never,
          windowSeconds: 900,
        }),
      'rankSum.significant: unknown option; did you mean significance?',
    ],
    [
      'the configuration of a client',
      () => lambdaCheck({ functionName: 'f', clientConfig: { regoin: 'eu-west-1' } as never }),
      'clientConfig.regoin: unknown option; did you mean region?',
    ],
  ])('throws InvalidInputError for an unknown one of %s', (_, make, message) => {
    expect(make).toThrowError(InvalidInputError);
    expect(make).toThrowError(message);
  });

  test.each<[string, () => Check, string]>([
    [
      'one address',
      () => httpCheck({ url: { blue: 'http://a.example', green: 'b' } }),
      'url.green: expected an http',
    ],
    [
      'one of the names',
      () => cloudWatchAlarms({ name: 'a', alarmNames: { blue: ['a'], green: ['b', ''] } }),
      'alarmNames.green[1]: expected a string that is not empty, got an empty string',
    ],
    [
      'no name',
      () => cloudWatchAlarms({ name: 'a', alarmNames: [] }),
      'alarmNames: expected the name of an alarm, got an empty array',
    ],
    [
      'one status',
      () => httpCheck({ url: 'http://a.example', expectedStatus: [200, 99] }),
      'expectedStatus[1]: expected a status, 100 to 599, got 99',
    ],
    [
      'a period',
      () => cloudWatchMetric({ ...metric(), queries: [query('Shop', 45)] }),
      'queries[0].MetricStat.Period: expected a Period of 1, 5, 10, 20, 30 or a multiple of 60 seconds, got 45',
    ],
  ])('names the invalid field: %s', (_, make, message) => {
    expect(make).toThrowError(message);
  });
});

describe('Checks › windows without data', () => {
  const rate = (times: object) => () =>
    albTargetGroup5xxRate({ ...targetGroup, maxPercent: 1, windowSeconds: 300, ...times });

  test.each<[string, () => Check, string]>([
    [
      'the 5xx rate',
      rate({ windowSeconds: 10 }),
      'windowSeconds: expected at least one period of the queries (60 s), got 10',
    ],
    ['the 5xx rate', rate({ periodSeconds: 600 }), 'at least one period of the queries (600 s), got 300'],
    [
      'the latency',
      () => albTargetGroupLatency({ ...targetGroup, maxSeconds: 1, windowSeconds: 59 }),
      'at least one period',
    ],
    [
      'the unhealthy hosts',
      () => albUnhealthyHosts({ ...targetGroup, windowSeconds: 1 }),
      'at least one period',
    ],
    [
      'the Envoy responses',
      () => ecsAppMesh5xx({ clusterName: 'c', taskDefinitionFamily: 'f', max: 1, windowSeconds: 30 }),
      'at least one period',
    ],
    [
      'the errors of an alias',
      () =>
        lambdaAliasErrorRate({
          functionName: 'f',
          aliasName: 'a',
          version: '1',
          maxPercent: 1,
          windowSeconds: 59,
        }),
      'at least one period',
    ],
    ['a metric', () => cloudWatchMetric({ ...metric(), windowSeconds: 10 }), 'at least one period'],
    [
      'a comparison',
      () => metricComparison({ name: 'l', queries: pairOf([query()]), maxRatio: 1, windowSeconds: 10 }),
      'at least one period',
    ],
  ])('throws InvalidInputError when the window of %s is shorter than a period', (_, make, message) => {
    expect(make).toThrowError(InvalidInputError);
    expect(make).toThrowError(message);
  });

  test.each<[string, (times: { windowSeconds: number; delaySeconds?: number }) => Check]>([
    ['the 5xx rate', (times) => albTargetGroup5xxRate({ ...targetGroup, maxPercent: 1, ...times })],
    ['the latency', (times) => albTargetGroupLatency({ ...targetGroup, maxSeconds: 1, ...times })],
    ['the unhealthy hosts', (times) => albUnhealthyHosts({ ...targetGroup, ...times })],
    [
      'a metric of a load balancer',
      (times) => cloudWatchMetric({ ...metric(), queries: [query('AWS/ApplicationELB')], ...times }),
    ],
    [
      'a comparison of a load balancer',
      (times) =>
        metricComparison({ name: 'l', queries: pairOf([query('AWS/NetworkELB')]), maxRatio: 1, ...times }),
    ],
  ])('throws InvalidInputError when the window of %s ends before its data appears', (_, make) => {
    expect(() => make({ windowSeconds: 60 })).toThrowError(InvalidInputError);
    expect(() => make({ windowSeconds: 60 })).toThrowError(
      /windowSeconds: expected at least 120 with delaySeconds added, because metrics of AWS\/\w+ELB appear 60 s after/,
    );
    expect(() => make({ windowSeconds: 119 })).toThrowError(InvalidInputError);
    expect(() => make({ windowSeconds: 120 })).not.toThrow();
    expect(() => make({ windowSeconds: 60, delaySeconds: 60 })).not.toThrow();
  });

  test.each<[string, () => Check, string]>([
    [
      'a metric',
      () => cloudWatchMetric({ ...metric(), windowSeconds: 300, minimumSamples: 6 }),
      'minimumSamples: expected at most 5, the periods of 60 s in a window of 300 s, got 6',
    ],
    [
      'the latency',
      () => albTargetGroupLatency({ ...targetGroup, maxSeconds: 1, windowSeconds: 299, minimumSamples: 5 }),
      'expected at most 4',
    ],
    [
      'the rank-sum test',
      () =>
        metricComparison({
          name: 'l',
          queries: pairOf([query()]),
          rankSum: { significance: 0.4 },
          windowSeconds: 420,
        }),
      'minimumSamples: expected at most 7',
    ],
    [
      'the significance',
      () =>
        metricComparison({
          name: 'l',
          queries: pairOf([query()]),
          rankSum: { significance: 0.0001 },
          windowSeconds: 480,
        }),
      'windowSeconds: expected a window with enough periods for the significance 0.0001, got 480, which has 8 periods of 60 s',
    ],
  ])(
    'throws InvalidInputError when %s needs more data points than the window has periods',
    (_, make, message) => {
      expect(make).toThrowError(InvalidInputError);
      expect(make).toThrowError(message);
    },
  );

  test('accepts more data points of an expression, which can search for several series', () => {
    const queries = [{ Id: 'e', Expression: "SEARCH('{Shop} Errors', 'Sum')", Period: 60 }];

    expect(() => cloudWatchMetric({ ...metric(), queries, minimumSamples: 50 })).not.toThrow();
  });
});

describe('Checks › copied options', () => {
  const cloud = new SimulatedCloud();

  test('copies its options, so that a later change has no effect', async () => {
    const queries = [query('Shop')];
    const payload = { threshold: [5] };
    const options = { name: 'errors', queries, max: 1, windowSeconds: 300, clients: cloud.clients };
    const metricCheck = cloudWatchMetric(options);
    cloud.lambda.addFunction({
      name: 'health',
      handler: (event) => ({ healthy: true, detail: JSON.stringify(event) }),
    });
    const invoked = lambdaCheck({ functionName: 'health', payload, clients: cloud.clients });

    Object.assign(queries[0]?.MetricStat.Metric ?? {}, { Namespace: 'Other' });
    Object.assign(options, { queries: [], max: Number.NaN });
    payload.threshold.push(7);
    await metricCheck.evaluate(checkContext(cloud));
    const { detail } = await invoked.evaluate(checkContext(cloud));

    expect(JSON.stringify(cloud.calls[0]?.input)).toContain('"Namespace":"Shop"');
    expect(JSON.parse(detail)).toMatchObject({ payload: { threshold: [5] } });
  });

  test('reads its options once, so that changing getters have no effect', () => {
    let reads = 0;
    const options = { name: 'a', max: 1, windowSeconds: 300, queries: [query()] };
    const counting = new Proxy(options, {
      get: (target, key, receiver) => {
        if (key === 'windowSeconds') reads += 1;
        return reads > 1 ? throwingObject : Reflect.get(target, key, receiver);
      },
    });

    expect(() => cloudWatchMetric(counting)).not.toThrow();
  });

  test.each(Object.entries(factories))(
    'throws InvalidInputError when %s is evaluated without a stack or times',
    async (name, { make, options }) => {
      if (name === 'customCheck' || name === 'lambdaCheck') return;
      const check = make(options as never);

      for (const context of [undefined, null, {}, { incoming: 'red' }, throwingObject])
        await expect(check.evaluate(context as never)).rejects.toThrowError(InvalidInputError);
    },
  );
});

function metric() {
  return { name: 'errors', queries: [query()], max: 1, windowSeconds: 300 };
}
