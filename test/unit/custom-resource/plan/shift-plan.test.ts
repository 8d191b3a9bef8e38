import { describe, expect, test } from 'vitest';
import {
  checkTimes,
  requireTime,
  rolloutSeconds,
  rolloutSecondsWithin,
} from '../../../../src/custom-resource/plan/rollout-time.js';
import { haveSameShares, planShift } from '../../../../src/custom-resource/plan/shift-plan.js';
import { parseProperties } from '../../../../src/custom-resource/rule/properties.js';

type Weights = Readonly<Record<string, number>>;

const listOf = (weights: Weights) =>
  Object.entries(weights).map(([targetGroupArn, weight]) => ({ targetGroupArn, weight }));

const wantedOf = (weights: Weights, more: Record<string, unknown> = {}) =>
  parseProperties({
    ListenerArn: 'arn:listener',
    Priority: '1',
    Hosts: ['a.example'],
    Destinations: Object.entries(weights).map(([TargetGroupArn, Weight]) => ({ TargetGroupArn, Weight })),
    StepWeight: '30',
    StepInterval: '1m',
    ...more,
  });

const plan = (live: Weights, wanted: Weights, before?: Weights, more?: Record<string, unknown>) =>
  planShift({
    ruleArn: 'arn:rule',
    live: listOf(live),
    wanted: wantedOf(wanted, more),
    before: before && listOf(before),
  });

describe('planShift', () => {
  test('moves the traffic in steps from the live weights; the last step adds the rest', () => {
    expect(plan({ blue: 0, green: 100 }, { blue: 100, green: 0 })).toEqual({
      ruleArn: 'arn:rule',
      targetGroups: { blue: 'blue', green: 'green' },
      incoming: 'blue',
      strategy: {
        name: '30 % every 60 s',
        steps: [
          { percent: 30, holdSeconds: 60 },
          { percent: 60, holdSeconds: 60 },
          { percent: 90, holdSeconds: 60 },
          { percent: 100, holdSeconds: 0 },
        ],
      },
      initialWeights: { blue: 0, green: 100 },
    });
  });

  test('ends below 100 % for a template that does', () => {
    expect(plan({ blue: 80, green: 20 }, { blue: 1, green: 1 })).toMatchObject({
      incoming: 'green',
      strategy: { partial: true, steps: [{ percent: 50 }] },
    });
  });

  test('holds the last share too when there is a metric', () => {
    const metric = { DatadogMetric: { Query: 'q', Max: '1' } };
    expect(plan({ blue: 100, green: 0 }, { blue: 70, green: 30 }, undefined, metric)?.strategy.steps).toEqual(
      [{ percent: 30, holdSeconds: 60 }],
    );
  });

  test('returns undefined for the same shares on any scale', () => {
    expect(plan({ blue: 1, green: 3 }, { blue: 250, green: 750 })).toBeUndefined();
    expect(haveSameShares(listOf({ blue: 1 }), listOf({ blue: 100, green: 0 }))).toBe(true);
  });

  test('replaces the idle target group by a new one', () => {
    expect(plan({ blue: 100, green: 0 }, { blue: 0, purple: 100 })).toMatchObject({
      targetGroups: { blue: 'blue', green: 'purple' },
      incoming: 'green',
    });
  });

  test('shifts from a target group that leaves the template to one of a new pair', () => {
    expect(plan({ blue: 100, green: 0 }, { purple: 100, orange: 0 })).toMatchObject({
      targetGroups: { blue: 'blue', green: 'purple' },
      incoming: 'green',
    });
  });

  test('throws InvalidInputError for more than two target groups, and names the property', () => {
    expect(() => plan({ blue: 50, green: 50 }, { blue: 50, purple: 50 })).toThrow(
      /Destinations: expected at most two/,
    );
  });

  test.each<[Weights | undefined, Weights]>([
    [undefined, { blue: 75, green: 25 }],
    [
      { blue: 100, green: 0 },
      { blue: 100, green: 0 },
    ],
    [
      { blue: 50, green: 50 },
      { blue: 75, green: 25 },
    ],
    [
      { purple: 100, green: 0 },
      { blue: 75, green: 25 },
    ],
  ])('with %j before, rolls back to %j', (before, initialWeights) => {
    expect(plan({ blue: 75, green: 25 }, { blue: 0, green: 100 }, before)?.initialWeights).toEqual(
      initialWeights,
    );
  });
});

describe('requireTime and rolloutSeconds', () => {
  const metric = (Period: number, Interval: string) => ({
    CloudWatchMetric: {
      Query: JSON.stringify([{ Id: 'a', MetricStat: { Metric: {}, Period, Stat: 'Sum' } }]),
      Max: '1',
      Interval,
    },
  });
  const rollout = (more: Record<string, unknown>) => {
    const wanted = wantedOf({ blue: 0, green: 100 }, more);
    const planned = planShift({ ruleArn: 'arn:rule', live: listOf({ blue: 1, green: 0 }), wanted });
    if (planned === undefined) throw new TypeError('Nothing is planned');
    return { planned, wanted };
  };

  test('sum up the steps', () => {
    const { planned, wanted } = rollout({});
    expect(rolloutSeconds(planned, wanted)).toEqual({ atLeast: 180, atMost: 192 });
  });

  test("use the metric's periods where they are longer", () => {
    const { planned, wanted } = rollout(metric(300, '60s'));
    expect(rolloutSeconds(planned, wanted)).toEqual({ atLeast: 1200, atMost: 2412 });
    expect(wanted.cloudWatchMetric && checkTimes(wanted.cloudWatchMetric)).toMatchObject({
      windowSeconds: 900,
    });
  });

  test("reject courier's own example, which cannot end in time, and name the metric", () => {
    const { planned, wanted } = rollout({ ...metric(300, '300s'), StepWeight: '5', StepInterval: '5s' });
    const available = { seconds: rolloutSecondsWithin(wanted, 3600), of: 'ServiceTimeout' };
    expect(() => requireTime(planned, wanted, available)).toThrow(
      /CloudWatchMetric: expected steps that end within the 3480 s .* got 20 steps that take 6000 s/,
    );
  });

  test('name StepInterval when the steps alone are too long, and the Datadog interval when it is', () => {
    const slow = rollout({ StepInterval: '30m' });
    const seldom = rollout({ DatadogMetric: { Query: 'q', Max: '1', Interval: '20m' } });
    const hour = { seconds: 3480, of: 'ServiceTimeout' };
    expect(() => requireTime(slow.planned, slow.wanted, hour)).toThrow(/StepInterval/);
    expect(() => requireTime(seldom.planned, seldom.wanted, hour)).toThrow(/DatadogMetric.Interval/);
  });

  test('reserve two minutes of the ServiceTimeout, or half of a short one', () => {
    expect(rolloutSecondsWithin(wantedOf({ a: 1, b: 0 }), 3600)).toBe(3480);
    expect(rolloutSecondsWithin(wantedOf({ a: 1, b: 0 }), 1000)).toBe(880);
    expect(rolloutSecondsWithin(wantedOf({ a: 1, b: 0 }), 100)).toBe(0);
    expect(rolloutSecondsWithin(wantedOf({ a: 1, b: 0 }, { ServiceTimeout: '60' }), 60)).toBe(30);
  });
});
