import { BatchGetServiceLevelObjectiveBudgetReportCommand } from '@aws-sdk/client-application-signals';
import { beforeEach, describe, expect, test } from 'vitest';
import { SimulatedCloud } from '../../../../src/testing/index.js';
import { startOfInterval } from '../../../../src/traffic/application-signals/goal-interval.js';
import {
  type CheckContext,
  type SloBudgetOptions,
  sloBudget,
} from '../../../../src/traffic/application-signals/index.js';
import { judgeBudgets } from '../../../../src/traffic/application-signals/judge-budgets.js';
import { checkContext } from '../../../support/check-context.js';

let cloud: SimulatedCloud;

beforeEach(() => {
  cloud = new SimulatedCloud();
});

const evaluate = (options: Partial<SloBudgetOptions> = {}, context: Partial<CheckContext> = {}) =>
  sloBudget({
    name: 'budget',
    objectives: ['availability'],
    clients: { applicationSignals: cloud.clients.applicationSignals },
    ...options,
  } as SloBudgetOptions).evaluate(checkContext(cloud, context));

describe('Function: sloBudget', () => {
  test.each([
    [0, 'pass', 'the error budget of availability is OK (25920 of 25920 s left)'],
    [0.8, 'pass', 'the error budget of availability is WARNING (5184 of 25920 s left)'],
    [1.5, 'fail', 'the error budget of availability is BREACHED (-12960 of 25920 s left)'],
  ] as const)('judges a budget of which %d is used: %s', async (used, outcome, detail) => {
    cloud.applicationSignals.addObjective({ name: 'availability', used });

    expect(await evaluate()).toEqual({ outcome, detail });
  });

  test('fails for a warning when the option says so', async () => {
    cloud.applicationSignals.addObjective({ name: 'availability', used: 0.8 });

    expect(await evaluate({ warning: 'fail' })).toMatchObject({ outcome: 'fail' });
  });

  test('reads a budget of requests, by its ARN', async () => {
    const { arn } = cloud.applicationSignals.addObjective({
      name: 'orders',
      evaluationType: 'RequestBased',
      used: 0.5,
    });

    expect(await evaluate({ objectives: [arn] })).toEqual({
      outcome: 'pass',
      detail: `the error budget of ${arn} is OK (5000 of 10000 requests left)`,
    });
  });

  test('is inconclusive without data, and for an objective that does not exist', async () => {
    cloud.applicationSignals.addObjective({ name: 'availability' }).setData(false);

    expect(await evaluate()).toEqual({
      outcome: 'inconclusive',
      detail: 'the error budget of availability is INSUFFICIENT_DATA',
    });
    expect(await evaluate({ objectives: ['latency'] })).toEqual({
      outcome: 'inconclusive',
      detail: 'latency has no report: ResourceNotFoundException, The service level objective was not found',
    });
  });

  test('lets the worst of many objectives count, and uses those of the incoming stack', async () => {
    const names = Array.from({ length: 60 }, (_, index) => `slo-${index}`);
    for (const name of names)
      cloud.applicationSignals.addObjective({ name, used: name === 'slo-55' ? 2 : 0 });

    const result = await evaluate({ objectives: { blue: ['of blue'], green: names } });

    expect(result.outcome).toBe('fail');
    expect(result.detail).toMatch(/^the error budget of slo-55 is BREACHED/);
    expect(cloud.calls).toHaveLength(2);
  });

  test.each([
    [14, 'pass'],
    [15, 'fail'],
  ] as const)(
    'compares a burn rate of %d with the limit, under the present weights only',
    async (rate, outcome) => {
      const objective = cloud.applicationSignals.addObjective({ name: 'availability' });
      objective.burn(500);
      await cloud.clock.sleep(3_600_000);
      const weightsSince = cloud.clock.now();
      objective.burn(rate);
      await cloud.clock.sleep(3_000_000);

      const result = await evaluate({ burnRate: { max: 14.4 } }, { weightsSince });

      expect(result.outcome).toBe(outcome);
      expect(result.detail).toContain('(max 14.4)');
      expect(Math.abs((result.value ?? 0) - rate)).toBeLessThan(1);
    },
  );

  test('measures the burn rate over the window at most', async () => {
    const objective = cloud.applicationSignals.addObjective({ name: 'availability' });
    const weightsSince = cloud.clock.now();
    objective.burn(100);
    await cloud.clock.sleep(3_600_000);
    objective.burn(0);
    await cloud.clock.sleep(600_000);

    const burnRate = { max: 1, windowSeconds: 600 };

    expect(await evaluate({ burnRate }, { weightsSince })).toMatchObject({ outcome: 'pass', value: 0 });
  });

  test('is inconclusive in the first minute of new weights, and fails for a breach even then', async () => {
    const objective = cloud.applicationSignals.addObjective({ name: 'availability' });
    cloud.applicationSignals.addObjective({ name: 'breached', used: 1.1 });
    const weightsSince = cloud.clock.now() - 59_000;
    objective.burn(0);

    const burnRate = { max: 1 };

    expect(await evaluate({ burnRate }, { weightsSince })).toMatchObject({
      outcome: 'inconclusive',
      detail: expect.stringContaining('its burn rate is unknown: the present weights are too new'),
    });
    expect(await evaluate({ burnRate, objectives: ['breached'] }, { weightsSince })).toMatchObject({
      outcome: 'fail',
    });
  });

  test('throws AccessDeniedError that names the action', async () => {
    cloud.injectFault({ kind: 'accessDenied' });

    await expect(evaluate()).rejects.toMatchObject({
      action: 'application-signals:BatchGetServiceLevelObjectiveBudgetReport',
    });
  });

  test.each<[string, object]>([
    ['objectives', { objectives: [] }],
    ['objectives[0]', { objectives: [''] }],
    ['burnRate.max', { burnRate: { max: -1 } }],
    ['burnRate.windowSeconds', { burnRate: { max: 1, windowSeconds: 59 } }],
    ['burnRate.windowSecond', { burnRate: { max: 1, windowSecond: 600 } }],
    ['warning', { warning: 'inconclusive' }],
    ['slos', { slos: ['availability'] }],
  ])('throws InvalidInputError that names %s', async (field, wrong) => {
    await expect(async () => evaluate(wrong)).rejects.toMatchObject({
      name: 'InvalidInputError',
      problems: expect.arrayContaining([expect.objectContaining({ field })]),
    });
  });
});

const day = 86_400_000;

describe('startOfInterval', () => {
  const startOf = (unit: string, duration: number, first: string, at: string) => {
    const CalendarInterval = { DurationUnit: unit, Duration: duration, StartTime: new Date(first) } as never;
    const start = startOfInterval({ CalendarInterval }, Date.parse(at));
    return start === undefined ? undefined : new Date(start).toISOString();
  };

  test.each([
    ['MINUTE', 5, '2026-01-01T00:01:00.000Z', '2026-01-01T00:12:59.000Z', '2026-01-01T00:11:00.000Z'],
    ['DAY', 7, '2026-01-05T06:00:00.000Z', '2026-01-12T05:59:59.999Z', '2026-01-05T06:00:00.000Z'],
    ['DAY', 7, '2026-01-05T06:00:00.000Z', '2026-01-12T06:00:00.000Z', '2026-01-12T06:00:00.000Z'],
    ['MONTH', 1, '2025-11-15T06:00:00.000Z', '2026-02-15T05:59:59.000Z', '2026-01-15T06:00:00.000Z'],
    ['MONTH', 3, '2025-11-15T06:00:00.000Z', '2026-02-15T06:00:00.000Z', '2026-02-15T06:00:00.000Z'],
    ['MONTH', 1, '2025-10-31T00:00:00.000Z', '2026-02-15T06:00:00.000Z', undefined],
    ['DAY', 1, '2026-01-05T06:00:00.000Z', '2026-01-05T05:00:00.000Z', undefined],
    ['AGE', 1, '2026-01-05T06:00:00.000Z', '2026-02-05T05:00:00.000Z', undefined],
    ['DAY', 0, '2026-01-05T06:00:00.000Z', '2026-02-05T05:00:00.000Z', undefined],
  ])('returns the latest beginning of %s × %d from %s at %s: %s', (unit, duration, first, at, start) => {
    expect(startOf(unit, duration, first, at)).toBe(start);
  });

  test('returns undefined for a rolling interval', () => {
    expect(startOfInterval({ RollingInterval: { DurationUnit: 'DAY', Duration: 1 } }, day)).toBeUndefined();
    expect(startOfInterval(undefined, day)).toBeUndefined();
  });
});

describe('judgeBudgets', () => {
  const rules = { maxBurnRate: 1, warning: 'pass' } as const;
  const report = { Name: 'slo', Arn: 'arn', BudgetStatus: 'OK' } as const;
  const budget = { TotalBudgetSeconds: 100, BudgetSecondsRemaining: 50 };
  const interval = { Goal: { Interval: { RollingInterval: { DurationUnit: 'DAY', Duration: 1 } } } } as const;
  const judge = (now: object, before: object, { at = 0, elapsedSeconds = 60, maxBurnRate = 1 } = {}) =>
    judgeBudgets(
      ['slo'],
      {
        now: { reports: [{ ...report, ...now }], errors: [] },
        before: { reports: [{ ...report, ...before }], errors: [] },
        at,
        elapsedSeconds,
      },
      { ...rules, maxBurnRate },
    );

  test.each([
    ['a budget', { ...interval }, { ...budget }],
    ['an interval', { ...budget }, { ...budget }],
    ['a total', { ...interval, TotalBudgetSeconds: 0, BudgetSecondsRemaining: 0 }, { ...budget }],
    [
      'a remainder',
      { ...interval, TotalBudgetSeconds: 100, BudgetSecondsRemaining: Number.NaN },
      { ...budget },
    ],
    [
      'a length of the interval',
      { ...budget, Goal: { Interval: { RollingInterval: { DurationUnit: 'DAY', Duration: 0 } } } },
      budget,
    ],
    ['a known status', { ...interval, ...budget, BudgetStatus: 'PAUSED' }, { ...budget }],
    [
      'a known unit',
      { ...budget, Goal: { Interval: { RollingInterval: { DurationUnit: 'AGE', Duration: 1 } } } },
      budget,
    ],
  ])('is inconclusive without %s', (_name, now, before) => {
    expect(judge(now, before).outcome).toBe('inconclusive');
  });

  test('is inconclusive for an objective that is not in the response at all', () => {
    const nothing = { reports: [], errors: [] };

    expect(
      judgeBudgets(['slo'], { now: nothing, before: nothing, at: 0, elapsedSeconds: 60 }, rules),
    ).toMatchObject({
      outcome: 'inconclusive',
      detail: expect.stringContaining('slo is not in the response'),
    });
  });

  const calendar = {
    Goal: { Interval: { CalendarInterval: { DurationUnit: 'DAY', Duration: 30, StartTime: new Date(0) } } },
  };

  test.each([
    ['is inconclusive', 'inconclusive', 100],
    ['fails for a budget that burns too fast since', 'fail', 20],
  ] as const)('%s when a new calendar interval has begun', (_name, outcome, BudgetSecondsRemaining) => {
    const now = { ...calendar, ...budget, TotalBudgetSeconds: 100, BudgetSecondsRemaining };
    const before = { ...now, BudgetSecondsRemaining: 5 };

    expect(judge(now, before).outcome).toBe(outcome);
    const soon = { at: 30 * day + 59_000, elapsedSeconds: 3_600 };
    expect(judge(now, before, soon).outcome).toBe(outcome);
  });

  test.each([
    // A share of 5 % was used before the interval began, and the same share since: the difference is 0.
    ['fails', 'fail', 5, 36],
    ['passes', 'pass', 0, 0],
    ['fails', 'fail', 1, 7.2],
  ] as const)(
    '%s by what was used since a calendar interval began: %s, %d %%',
    (_name, outcome, used, burnRate) => {
      const now = { ...calendar, TotalBudgetSeconds: 100, BudgetSecondsRemaining: 100 - used };
      const before = { ...now, BudgetSecondsRemaining: 95 };

      const result = judge(now, before, {
        at: 60 * day + 3_600_000,
        elapsedSeconds: 7_200,
        maxBurnRate: 7,
      });

      expect(result).toMatchObject({ outcome, value: expect.closeTo(burnRate, 6) });
    },
  );

  const first = { known: new Date(0), unknown: new Date('1970-01-31T00:00:00Z') };
  const hour = 3_600_000;

  // An hour of requests allows 100 failures. Each row has the allowed and the counted ones, an hour ago and now.
  test.each([
    ['as many failures as before', 'known', 15 * day, [35_900, 17_950], [36_000, 17_990], 'pass', 0.4],
    ['many more failures than before', 'known', 15 * day, [35_900, 17_950], [36_000, 19_450], 'fail', 15],
    ['no requests since', 'known', 15 * day, [36_000, 17_950], [36_000, 17_950], 'pass', 0],
    [
      'an interval that has just begun',
      'known',
      30 * day + hour / 2,
      [71_950, 36_000],
      [50, 25],
      'pass',
      0.5,
    ],
    [
      'fewer requests, as after a change of the objective',
      'known',
      15 * day,
      [35_900, 17_950],
      [100, 30],
      'pass',
      0.3,
    ],
    ['no requests at the beginning', 'known', 30 * day + hour, [0, 0], [100, 40], 'pass', 0.4],
    ['the first minute', 'known', 30 * day + 59_000, [71_950, 36_000], [2, 1], 'inconclusive', undefined],
    [
      'as many failures, from the 31st on',
      'unknown',
      45 * day,
      [35_900, 17_950],
      [36_000, 17_990],
      'pass',
      0.4,
    ],
    ['more failures, from the 31st on', 'unknown', 45 * day, [35_900, 17_950], [36_000, 19_450], 'fail', 15],
    ['a new interval, from the 31st on', 'unknown', 61 * day, [71_950, 36_000], [50, 25], 'pass', 0.5],
    ['fewer failures than a read before', 'unknown', 45 * day, [36_000, 18_000], [36_000, 17_999], 'pass', 0],
    ['failures alone', 'unknown', 45 * day, [36_000, 18_000], [36_000, 18_001], 'inconclusive', undefined],
  ] as const)(
    'measures a budget of requests, which grows in a calendar interval: %s',
    (_name, start, at, before, now, outcome, burnRate) => {
      const DurationUnit = start === 'known' ? 'DAY' : 'MONTH';
      const Duration = start === 'known' ? 30 : 1;
      const Goal = { Interval: { CalendarInterval: { DurationUnit, Duration, StartTime: first[start] } } };
      const reportOf = ([allowed, failed]: readonly [number, number]) => ({
        Goal,
        TotalBudgetRequests: allowed,
        BudgetRequestsRemaining: allowed - failed,
      });

      const result = judge(reportOf(now), reportOf(before), { at, elapsedSeconds: 3_600, maxBurnRate: 14 });

      expect(result.outcome).toBe(outcome);
      if (burnRate === undefined) expect(result.value).toBeUndefined();
      else expect(result.value).toBeCloseTo(burnRate, 6);
    },
  );

  test('passes a budget that recovers while old errors leave the interval', () => {
    expect(judge({ ...interval, ...budget, BudgetSecondsRemaining: 60 }, budget)).toMatchObject({
      outcome: 'pass',
    });
  });
});

describe('SimulatedApplicationSignals', () => {
  test('refuses more than 50 objectives, as AWS does', async () => {
    const SloIds = Array.from({ length: 51 }, (_, index) => `slo-${index}`);
    const command = new BatchGetServiceLevelObjectiveBudgetReportCommand({ Timestamp: new Date(0), SloIds });

    await expect(cloud.clients.applicationSignals.send(command)).rejects.toMatchObject({
      name: 'ValidationException',
    });
  });
});
