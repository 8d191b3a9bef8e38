import { describe, expect, test } from 'vitest';
import { SimulatedCloud } from '../../../../src/testing/index.js';
import { internalsOf } from '../../../../src/traffic/checks/check-internals.js';
import { readMetricData } from '../../../../src/traffic/checks/read-metric-data.js';
import {
  albErrorRateRegression,
  albSlowRequestRegression,
  albTargetGroup5xxRate,
  albTargetGroupLatency,
  type Check,
  cloudWatchAlarms,
  cloudWatchMetric,
  countsFrom,
  customCheck,
  errorRateRegression,
  httpCheck,
  lambdaAliasErrorRateRegression,
  metricComparison,
} from '../../../../src/traffic/index.js';
import { safeChecks } from '../../../../src/traffic/shift/safe-checks.js';
import { checkContext } from '../../../support/check-context.js';
import { addRequests, countedTargetGroups } from '../../../support/request-counts.js';

const noon = Date.parse('2026-01-01T12:00:00Z');
const query = (stack: string) => [
  {
    Id: 'm',
    MetricStat: {
      Metric: {
        Namespace: 'AWS/ApplicationELB',
        MetricName: 'RequestCount',
        Dimensions: [
          { Name: 'TargetGroup', Value: `targetgroup/${stack}/138dc51089e322f9` },
          { Name: 'LoadBalancer', Value: 'app/shop/14f06032761c98f0' },
        ],
      },
      Period: 60,
      Stat: 'Sum',
    },
  },
];
const queries = { blue: query('blue'), green: query('green') };

type Make = (cloud: Pick<SimulatedCloud, 'clients'>) => Check;

const metricChecks: readonly [string, Make][] = [
  ['albErrorRateRegression', ({ clients }) => albErrorRateRegression({ ...countedTargetGroups, clients })],
  [
    'albSlowRequestRegression',
    ({ clients }) => albSlowRequestRegression({ ...countedTargetGroups, slowerThanSeconds: 1, clients }),
  ],
  [
    'errorRateRegression',
    ({ clients }) => errorRateRegression({ name: 'errors', requests: queries, failures: queries, clients }),
  ],
  [
    'albTargetGroup5xxRate',
    ({ clients }) =>
      albTargetGroup5xxRate({ ...countedTargetGroups, maxPercent: 1, windowSeconds: 300, clients }),
  ],
  [
    'albTargetGroupLatency',
    ({ clients }) =>
      albTargetGroupLatency({ ...countedTargetGroups, maxSeconds: 1, windowSeconds: 300, clients }),
  ],
  [
    'metricComparison',
    ({ clients }) =>
      metricComparison({ name: 'requests', queries, maxRatio: 1, windowSeconds: 300, clients }),
  ],
];

describe('Internals of checks', () => {
  // Before the first whole period, in the period of a change, at 10 %, and at 100 %.
  const contexts = [
    { weightsSince: noon - 20_000, startedAt: noon - 20_000 },
    { weightsSince: noon - 90_000, startedAt: noon - 90_000 },
    {},
    { weights: { blue: 0, green: 100 } },
  ];

  test.each(metricChecks)('judge the reads of %s as its evaluation does', async (_, make) => {
    const cloud = new SimulatedCloud({ startAt: new Date(noon) });
    for (let minute = -30; minute < 0; minute += 1) {
      const start = noon + minute * 60_000;
      addRequests(cloud, { stack: 'green', start, requests: 200, failures: 20 });
      addRequests(cloud, { stack: 'blue', start, requests: 1800, failures: 9 });
    }
    const check = make(cloud);
    const { metrics } = internalsOf(check);
    for (const overrides of contexts) {
      const context = checkContext(cloud, overrides);
      const reads = metrics?.readsOf(context) ?? [];

      const responses = await Promise.all(
        reads.map(({ queries: own, window }) =>
          readMetricData(cloud.clients.cloudWatch, {
            queries: own,
            window,
            resource: 'replay',
            signal: undefined,
          }),
        ),
      );

      expect(metrics?.judge(responses, context)).toEqual(await check.evaluate(context));
    }
  });

  test.each<[string, Make, string[][]]>([
    [
      'albErrorRateRegression',
      ({ clients }) =>
        albErrorRateRegression({
          ...countedTargetGroups,
          include4xx: true,
          includeConnectionErrors: true,
          clients,
        }),
      [['requests', 'failures', 'failures', 'failures']],
    ],
    [
      'albSlowRequestRegression',
      ({ clients }) => albSlowRequestRegression({ ...countedTargetGroups, slowerThanSeconds: 1, clients }),
      [['requests', 'rank']],
    ],
    [
      'errorRateRegression, whatever the Ids',
      ({ clients }) => errorRateRegression({ name: 'errors', requests: queries, failures: queries, clients }),
      [['requests'], ['failures']],
    ],
    [
      'lambdaAliasErrorRateRegression',
      ({ clients }) =>
        lambdaAliasErrorRateRegression({
          functionName: 'orders',
          aliasName: 'live',
          version: { blue: '7', green: '8' },
          clients,
        }),
      [['requests', 'failures', 'requests', 'failures']],
    ],
    [
      'albTargetGroup5xxRate',
      ({ clients }) =>
        albTargetGroup5xxRate({ ...countedTargetGroups, maxPercent: 1, windowSeconds: 300, clients }),
      [['failures', 'requests']],
    ],
    [
      'cloudWatchMetric, whatever the Ids',
      ({ clients }) =>
        cloudWatchMetric({
          name: 'requests',
          queries: query('green').map((it) => ({ ...it, Id: 'requests' })),
          min: 1,
          windowSeconds: 300,
          clients,
        }),
      [['value']],
    ],
  ])('have the roles of the metrics of %s', (_, make, expected) => {
    const cloud = new SimulatedCloud({ startAt: new Date(noon) });
    const { metrics } = internalsOf(make(cloud));
    const reads = metrics?.readsOf(checkContext(cloud)).filter(({ stack }) => stack === 'green') ?? [];

    expect(reads.map(({ queries: own, roleOf }) => own.map(({ Id = '' }) => roleOf(Id)))).toEqual(expected);
  });

  test.each<[string, Make]>([
    ['alarms', ({ clients }) => cloudWatchAlarms({ name: 'alarms', alarmNames: ['errors'], clients })],
    ['an endpoint', () => httpCheck({ url: 'https://green.example/' })],
    ['a function', () => customCheck('orders', () => true)],
    ['counts', () => errorRateRegression({ name: 'orders', counts: countsFrom(() => []) })],
  ])('have no reads of a check of %s', (_, make) => {
    expect(internalsOf(make(new SimulatedCloud())).metrics).toBeUndefined();
  });

  test('are kept in the copy of a shifter', () => {
    const check = albErrorRateRegression({ ...countedTargetGroups, clients: new SimulatedCloud().clients });

    const [copy] = safeChecks([check], [check]);

    const { metrics } = internalsOf(check);
    expect(metrics).toBeDefined();
    expect(copy && internalsOf(copy).metrics).toBe(metrics);
  });

  test('are kept in a copy with another name, and not in one with another evaluation', () => {
    const check = albErrorRateRegression({ ...countedTargetGroups, clients: new SimulatedCloud().clients });

    expect(internalsOf({ ...check, name: 'errors' }).metrics).toBe(internalsOf(check).metrics);
    expect(internalsOf({ ...check, evaluate: async () => ({ outcome: 'pass', detail: 'never' }) })).toEqual(
      {},
    );
  });

  test.each<[string, object]>([
    ['a value that is no object', { [Symbol.for('aws-blue-green-toolkit/check-internals')]: 5 }],
    [
      'a getter that throws',
      {
        get [Symbol.for('aws-blue-green-toolkit/check-internals')]() {
          throw new Error('cannot be read');
        },
      },
    ],
  ])('are empty for %s', (_, fields) => {
    const check: Check = customCheck('orders', () => true);

    expect(internalsOf(Object.defineProperties(check, Object.getOwnPropertyDescriptors(fields)))).toEqual({});
  });
});
