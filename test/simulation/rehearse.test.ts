import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AccessDeniedError, InvalidInputError, OperationAbortedError } from '../../src/core/index.js';
import type { SimulatedCloud } from '../../src/testing/index.js';
import {
  albTargetGroup5xxRate,
  albTargetGroupLatency,
  type Check,
  cloudWatchAlarms,
  cloudWatchMetric,
  customCheck,
  estimateRehearsal,
  httpCheck,
  type RehearsalOptions,
  type RehearsalProgress,
  rehearse,
  steps,
} from '../../src/traffic/index.js';
import { loadBalancerArn, pastWeek, targetGroupArns, week } from '../support/past-week.js';

const minute = 60_000;
const hour = 60 * minute;

const incident = { from: Date.parse('2026-03-04T02:00:00Z'), to: Date.parse('2026-03-04T02:30:00Z') };

/** 0.05 % of the requests fail, and 20 % during the incident. */
function minuteWithIncident(at: number) {
  const isBad = at >= incident.from && at < incident.to;
  return { requests: 2000, failures: isBad ? 400 : at % (2 * minute) === 0 ? 2 : null };
}

const strategy = steps([
  { percent: 10, holdSeconds: 600 },
  { percent: 100, holdSeconds: 600 },
]);

function errorRate(more: Partial<Parameters<typeof albTargetGroup5xxRate>[0]> = {}): Check {
  return albTargetGroup5xxRate({
    name: '5xx',
    targetGroupArn: targetGroupArns,
    loadBalancerArn,
    maxPercent: 5,
    minimumRequests: 50,
    windowSeconds: 180,
    delaySeconds: 60,
    ...more,
  });
}

function optionsFor(cloud: SimulatedCloud, more: Partial<RehearsalOptions> = {}): RehearsalOptions {
  return {
    strategy,
    checks: [errorRate()],
    from: new Date(week.from),
    to: new Date(week.to),
    clients: { cloudWatch: cloud.clients.cloudWatch },
    clock: cloud.clock,
    ...more,
  } as RehearsalOptions;
}

/** A few hours of the week. */
const morning = { from: new Date(week.from), to: new Date(week.from + 6 * hour) };

describe('rehearse', () => {
  test('stops exactly the shifts during an incident, with one call for the week', async () => {
    const cloud = pastWeek({ blue: minuteWithIncident });
    const options = optionsFor(cloud, { stepSeconds: 600 });

    const result = await rehearse(options);

    const stopped = result.rehearsed.filter(({ outcome }) => outcome === 'stopped');
    expect(stopped.map(({ at }) => new Date(at).toISOString().slice(8, 16))).toEqual([
      '04T01:50',
      '04T02:00',
      '04T02:10',
      '04T02:20',
    ]);
    expect(result).toMatchObject({ shifts: 1007, stopped: 4, passed: 1003, unfinished: 0, noData: 0 });
    expect(stopped[0]?.stoppedBy).toMatchObject({ check: '5xx', outcome: 'fail', percent: 100 });
    expect(stopped[1]?.stoppedBy).toMatchObject({ check: '5xx', outcome: 'fail', percent: 10 });
    expect(stopped[1]?.stoppedBy?.detail).toMatch(
      /^error rate [\d.]+ % is above the maximum of 5 %: \d+ of \d+ requests/,
    );
    expect(cloud.calls.map(({ action }) => action)).toEqual(['cloudwatch:GetMetricData']);
    expect(result.cost).toEqual({ metrics: 4, calls: 1, dataPoints: 4 * (7 * 1440 + 60), shifts: 1007 });
  });

  test('groups the metrics into calls of at most 100,800 data points, as the estimate says', async () => {
    const cloud = pastWeek({ blue: minuteWithIncident });
    const groups = ['a', 'b', 'c'].map((name) => `${targetGroupArns.blue}${name}`);
    const checks = groups.flatMap((arn, index) => [
      errorRate({ name: `errors ${index}`, targetGroupArn: { blue: targetGroupArns.blue, green: arn } }),
      albTargetGroupLatency({
        name: `latency ${index}`,
        targetGroupArn: { blue: targetGroupArns.blue, green: arn },
        loadBalancerArn,
        maxSeconds: 1,
        windowSeconds: 180,
        dryRun: true,
      }),
    ]);
    const options = optionsFor(cloud, { checks, stepSeconds: 86_400 });

    const estimate = estimateRehearsal(options);
    expect(cloud.calls).toHaveLength(0);
    const { cost } = await rehearse(options);

    // Three metrics of blue, and three of each green: 12 × 10,140 data points.
    expect(estimate).toMatchObject({ metrics: 12, calls: 2, dataPoints: 121_680 });
    expect(cost).toEqual(estimate);
    expect(cloud.calls).toHaveLength(2);
    for (const { input } of cloud.calls) expect(input).toMatchObject({ NextToken: undefined });
  });

  test('awaits onProgress, whose rejection ends the rehearsal', async () => {
    const onProgress = async () => {
      throw new Error('the page is closed');
    };

    await expect(rehearse(optionsFor(pastWeek(), { ...morning, onProgress }))).rejects.toThrowError(
      'the page is closed',
    );
  });

  test('gives the reason when nothing failed in the past, and injects a given failure rate', async () => {
    const injectedBy = async (inject: RehearsalOptions['inject']) => {
      const cloud = pastWeek({ blue: () => ({ requests: 2000, failures: null }) });
      return (await rehearse(optionsFor(cloud, { ...morning, inject }))).injected;
    };

    expect(await injectedBy({ ratio: 50 })).toMatchObject({
      failureRate: 0,
      pastFailureRate: 0,
      found: 0,
      notInjected: 'no request failed in the past, and a multiple of 0 is 0: set inject.failureRate',
    });
    const injected = await injectedBy({ ratio: 50, failureRate: 0.005 });
    expect(injected).toMatchObject({ failureRate: 0.005, pastFailureRate: 0, found: injected?.shifts });
    expect(injected).not.toHaveProperty('notInjected');
    expect(await injectedBy({ ratio: 1, failureRate: 0.005 })).toMatchObject({
      notInjected: expect.stringContaining('inject.ratio is 1'),
    });
  });

  test('finds an injected regression, and counts the requests that failed until then', async () => {
    const cloud = pastWeek();

    const { injected, passed, shifts } = await rehearse(
      optionsFor(cloud, { checks: [errorRate({ maxPercent: 3 })], inject: { ratio: 20 } }),
    );

    expect(passed).toBe(shifts);
    expect(injected).toMatchObject({ ratio: 20, shareOfTasks: 1, found: shifts, stopped: shifts, passed: 0 });
    expect(injected?.pastFailureRate).toBeCloseTo(0.005, 4);
    expect(injected?.secondsUntilFound.median).toBe(120);
    const { median = 0, percentile95 = 0 } = injected?.failedRequests ?? {};
    // 10 % of 2,000 requests for two minutes, 9.5 % of which fail beside the usual ones.
    expect(Math.abs(median - 2 * 200 * 0.095)).toBeLessThan(4);
    expect(percentile95).toBeGreaterThan(median);
  });

  test('affects a share of the tasks only', async () => {
    const failuresWith = async (shareOfTasks: number) => {
      const inject = { ratio: 1000, shareOfTasks };
      const checks = [errorRate({ maxPercent: 100 })];
      const { injected } = await rehearse(optionsFor(pastWeek(), { ...morning, checks, inject }));
      return (
        injected?.rehearsed.reduce((total, { injectedFailures = 0 }) => total + injectedFailures, 0) ?? 0
      );
    };

    expect((await failuresWith(0.2)) / (await failuresWith(1))).toBeCloseTo(0.2, 1);
  });

  test('returns undefined quantiles when the regression is not found', async () => {
    const checks = [errorRate({ maxPercent: 100 })];
    const { injected } = await rehearse(optionsFor(pastWeek(), { ...morning, checks, inject: { ratio: 2 } }));

    expect(injected).not.toHaveProperty('notInjected');

    expect(injected).toMatchObject({ found: 0, secondsUntilFound: {} });
    expect(injected?.secondsUntilFound.median).toBeUndefined();
  });

  test('returns the same result for the same seed, as plain JSON', async () => {
    const checks = [errorRate({ maxPercent: 1 })];
    await fc.assert(
      fc.asyncProperty(fc.maxSafeInteger(), async (seed) => {
        const run = () =>
          rehearse(optionsFor(pastWeek(), { ...morning, checks, seed, inject: { ratio: 3 } }));
        const first = await run();
        expect(await run()).toEqual(first);
        expect(JSON.parse(JSON.stringify(first))).toEqual(first);
      }),
      { numRuns: 5 },
    );
  });

  test('splits differently for another seed', async () => {
    const stops = async (seed: number) => {
      const checks = [errorRate({ maxPercent: 1 })];
      const { rehearsed } = await rehearse(optionsFor(pastWeek(), { ...morning, checks, seed }));
      return rehearsed;
    };

    expect(await stops(1)).not.toEqual(await stops(2));
  });

  test('judges a shift to 100 % at once on exactly the past', async () => {
    const cloud = pastWeek({ blue: minuteWithIncident });
    const { rehearsed } = await rehearse(
      optionsFor(cloud, {
        strategy: steps([{ percent: 100, holdSeconds: 600 }]),
        from: new Date(incident.from),
        to: new Date(incident.from + 20 * minute),
      }),
    );

    // Two minutes of the past: 400 of 2,000 requests each.
    expect(rehearsed[0]?.stoppedBy).toMatchObject({ value: 20, percent: 100 });
  });

  describe('without data', () => {
    test.each(['inconclusive', 'pass', 'fail'] as const)(
      'has no verdict on a metric that does not exist, with noData %s',
      async (noData) => {
        const cloud = pastWeek({});
        const result = await rehearse(optionsFor(cloud, { ...morning, checks: [errorRate({ noData })] }));

        expect(result).toMatchObject({ shifts: 6, noData: 6, passed: 0, stopped: 0 });
        expect(result.checks).toEqual([
          expect.objectContaining({ check: '5xx', stopped: 0, withoutData: 6 }),
        ]);
        for (const shift of result.rehearsed) {
          expect(shift).toMatchObject({ outcome: 'noData', withoutData: ['5xx'] });
          expect(shift).not.toHaveProperty('stoppedBy');
        }
      },
    );

    test('has no verdict only for the shifts in a gap of the data', async () => {
      const gap = (at: number) => at >= week.from + 2 * hour && at < week.from + 3 * hour;
      const cloud = pastWeek({
        blue: (at) => (gap(at) ? { requests: null, failures: null } : { requests: 2000, failures: null }),
      });

      const { rehearsed } = await rehearse(optionsFor(cloud, morning));

      expect(rehearsed.map(({ outcome }) => outcome)).toEqual([
        'passed',
        'passed',
        'noData',
        'passed',
        'passed',
        'passed',
      ]);
    });

    test('needs no data of failures: a service omits them while there are none', async () => {
      const cloud = pastWeek({ blue: () => ({ requests: 2000, failures: null }) });

      expect(await rehearse(optionsFor(cloud, morning))).toMatchObject({ passed: 6, noData: 0 });
    });

    test('decides without a dry run that has no data, and says so', async () => {
      const latency = albTargetGroupLatency({
        name: 'latency',
        targetGroupArn: targetGroupArns,
        loadBalancerArn,
        maxSeconds: 1,
        windowSeconds: 180,
        dryRun: true,
      });
      const options = optionsFor(pastWeek(), { ...morning, checks: [errorRate(), latency] });

      const { passed, checks } = await rehearse(options);

      expect(passed).toBe(6);
      expect(checks[1]).toEqual({ check: 'latency', dryRun: true, stopped: 0, failed: 0, withoutData: 6 });
    });
  });

  test('names the checks that cannot be rehearsed', async () => {
    const Metric = { Namespace: 'Shop', MetricName: 'Orders' };
    const checks = [
      errorRate(),
      customCheck('orders', () => true),
      httpCheck({ name: 'page', url: 'https://shop.example/' }),
      cloudWatchAlarms({ name: 'alarms', alarmNames: ['errors'] }),
      cloudWatchMetric({
        name: 'math',
        queries: [
          { Id: 'm', MetricStat: { Metric, Period: 60, Stat: 'Sum' }, ReturnData: false },
          { Id: 'e', Expression: 'm * 2' },
        ],
        max: 1,
        windowSeconds: 120,
      }),
    ];

    const { notRehearsed, checks: rehearsed } = await rehearse(
      optionsFor(pastWeek(), { ...morning, checks }),
    );

    expect(rehearsed.map(({ check }) => check)).toEqual(['5xx']);
    expect(notRehearsed.map(({ check }) => check)).toEqual(['orders', 'page', 'alarms', 'math']);
    expect(notRehearsed[3]?.reason).toContain('metric math');
  });

  describe('live', () => {
    const half = { requests: 1000, failures: 60 };

    test('adds the metrics of both stacks, which took turns', async () => {
      const isBlue = (at: number) => at < week.from + 3 * hour;
      const none = { requests: null, failures: null };
      const cloud = pastWeek({
        blue: (at) => (isBlue(at) ? half : none),
        green: (at) => (isBlue(at) ? none : half),
      });

      expect(await rehearse(optionsFor(cloud, morning))).toMatchObject({ stopped: 6, noData: 0 });
      expect(await rehearse(optionsFor(cloud, { ...morning, live: 'blue' }))).toMatchObject({
        stopped: 3,
        noData: 3,
        incoming: 'green',
      });
      expect(await rehearse(optionsFor(cloud, { ...morning, live: 'green' }))).toMatchObject({
        stopped: 3,
        noData: 3,
        incoming: 'blue',
      });
    });

    test('does not add a metric of both stacks to itself', async () => {
      const cloud = pastWeek({ blue: () => ({ requests: 40, failures: null }) });
      const check = errorRate({ targetGroupArn: targetGroupArns.blue, minimumRequests: 180 });
      const options = optionsFor(cloud, {
        ...morning,
        checks: [check],
        strategy: steps([{ percent: 100, holdSeconds: 600 }]),
      });

      const { cost, rehearsed } = await rehearse(options);

      expect(cost.metrics).toBe(2);
      // Three minutes of 40 requests are fewer than the 180 that it needs; twice as many would be enough.
      expect(rehearsed[0]?.stoppedBy?.detail).toContain('120 where 180 are needed');
    });
  });

  describe('input', () => {
    const unknown = (more: object) => more as Partial<RehearsalOptions>;

    test.each<[string, Partial<RehearsalOptions>, string]>([
      [
        'from after to',
        { from: new Date(week.to), to: new Date(week.from) },
        'to: expected at least one shift of',
      ],
      [
        'a time too short for a shift',
        { to: new Date(week.from + 20 * minute - 1) },
        'to: expected at least one shift of 1200 s after from',
      ],
      ['a future end', { to: new Date(week.to + hour) }, 'to: expected a time in the past'],
      [
        'a beginning outside the retention',
        { from: new Date(week.to - 16 * 24 * hour) },
        'because CloudWatch keeps periods of 60 s for 15 days',
      ],
      ['an invalid date', { from: new Date(Number.NaN) }, 'from: expected'],
      ['a step of less than a minute', { stepSeconds: 59 }, 'stepSeconds: expected'],
      ['an unknown key', unknown({ step: 5 }), 'step: unknown option'],
      [
        'an unknown key of inject',
        { inject: unknown({ ratio: 2, share: 1 }) as never },
        'inject.share: unknown option',
      ],
      ['a ratio below 1', { inject: { ratio: 0.5 } }, 'inject.ratio: expected a multiple'],
      [
        'a share of tasks above 1',
        { inject: { ratio: 2, shareOfTasks: 1.5 } },
        'inject.shareOfTasks: expected',
      ],
      [
        'a failure rate of 0',
        { inject: { ratio: 2, failureRate: 0 } },
        'inject.failureRate: expected a share above 0, at most 1, got 0',
      ],
      ['no checks', { checks: [] }, 'checks: expected at least one check'],
      [
        'checks of which none can be rehearsed',
        { checks: [customCheck('orders', () => true)] },
        'checks: expected at least one check that reads CloudWatch metrics and is no dry run, got orders: it is no ready-made check',
      ],
      ['a dry run alone', { checks: [errorRate({ dryRun: true })] }, 'got 5xx: it is a dry run'],
      [
        'a regression in checks without failures',
        {
          inject: { ratio: 2 },
          checks: [
            albTargetGroupLatency({
              name: 'latency',
              targetGroupArn: targetGroupArns,
              loadBalancerArn,
              maxSeconds: 1,
              windowSeconds: 180,
            }),
          ],
        },
        'inject: expected a check of requests and failures',
      ],
      ['an unknown live stack', unknown({ live: 'red' }), 'live: expected'],
      ['a seed that is no whole number', { seed: 0.5 }, 'seed: expected a whole number'],
      [
        'an unknown strategy field',
        { strategy: { ...strategy, speed: 1 } as never },
        'strategy.speed: unknown option',
      ],
    ])('throws InvalidInputError before any call for %s', async (_, more, message) => {
      const cloud = pastWeek({});
      const options = optionsFor(cloud, more);

      const failure = await rehearse(options).catch((error: unknown) => error);

      expect(failure).toBeInstanceOf(InvalidInputError);
      expect((failure as Error).message).toContain(message);
      expect(() => estimateRehearsal(options)).toThrow(message);
      expect(cloud.calls).toHaveLength(0);
    });
  });

  describe('progress', () => {
    test('reports the cost before the first call, then each call and each shift', async () => {
      const cloud = pastWeek();
      const seen: [RehearsalProgress, calls: number][] = [];

      await rehearse(
        optionsFor(cloud, { ...morning, onProgress: (it) => seen.push([it, cloud.calls.length]) }),
      );

      expect(seen[0]).toEqual([
        expect.objectContaining({ type: 'planned', metrics: 4, calls: 1, shifts: 6 }),
        0,
      ]);
      expect(seen[1]).toEqual([{ type: 'read', done: 1, total: 1 }, 1]);
      expect(seen.slice(2).map(([it]) => it)).toEqual(
        [1, 2, 3, 4, 5, 6].map((done) => ({ type: 'rehearsed', done, total: 6 })),
      );
    });

    test('ends between two shifts when the signal is aborted', async () => {
      const abort = new AbortController();
      let shifts = 0;
      const onProgress = ({ type }: RehearsalProgress) => {
        if (type !== 'rehearsed') return;
        shifts += 1;
        if (shifts === 2) abort.abort(new Error('enough'));
      };

      const options = optionsFor(pastWeek(), { ...morning, onProgress, signal: abort.signal });

      await expect(rehearse(options)).rejects.toBeInstanceOf(OperationAbortedError);
      expect(shifts).toBe(2);
    });

    test('makes no call when the signal is already aborted', async () => {
      const cloud = pastWeek();

      const options = optionsFor(cloud, { ...morning, signal: AbortSignal.abort() });

      await expect(rehearse(options)).rejects.toBeInstanceOf(OperationAbortedError);
      expect(cloud.calls).toHaveLength(0);
    });
  });

  test('throws AccessDeniedError without the permission', async () => {
    const cloud = pastWeek();
    cloud.injectFault({ kind: 'accessDenied', action: 'cloudwatch:GetMetricData', times: Infinity });

    await expect(rehearse(optionsFor(cloud, morning))).rejects.toBeInstanceOf(AccessDeniedError);
  });

  test('throws when CloudWatch returns a metric only in part', async () => {
    const cloud = pastWeek();
    cloud.cloudWatch.setMetricStatus('RequestCount', 'InternalError');

    await expect(rehearse(optionsFor(cloud, morning))).rejects.toThrow('InternalError');
  });

  test('reads every page when CloudWatch divides a response', async () => {
    const whole = await rehearse(optionsFor(pastWeek(), morning));
    const cloud = pastWeek();
    cloud.cloudWatch.limitMetricPages(500);

    expect(await rehearse(optionsFor(cloud, morning))).toEqual(whole);
    expect(cloud.calls.length).toBeGreaterThan(1);
  });

  test('is unfinished when a check still holds the shift at the end', async () => {
    // One request a minute: the check is inconclusive, and never stops a shift within the time.
    const cloud = pastWeek({ blue: () => ({ requests: 10, failures: null }) });
    const options = optionsFor(cloud, {
      ...morning,
      to: new Date(week.from + 25 * minute),
      policy: { inconclusiveThreshold: 1000 },
    });

    expect((await rehearse(options)).rehearsed.map(({ outcome }) => outcome)).toEqual(['unfinished']);
  });
});
