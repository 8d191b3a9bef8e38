import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LiveSeries } from '../../../../src/traffic/rehearsal/live-series.js';
import { randomFor } from '../../../../src/traffic/rehearsal/random.js';
import { splitCounts } from '../../../../src/traffic/rehearsal/split-counts.js';
import { SplitMetrics } from '../../../../src/traffic/rehearsal/split-metrics.js';
import { WeightsOverTime } from '../../../../src/traffic/rehearsal/weights-over-time.js';

const minute = 60_000;
const end = 100 * minute;

type Stack = 'blue' | 'green';
type Values = readonly (number | undefined)[];

function seriesOf(role: LiveSeries['role'], values: Values, more: Partial<LiveSeries> = {}): LiveSeries {
  const entries = values.flatMap((value, index) =>
    value === undefined ? [] : [[index * minute, value] as const],
  );
  return {
    slot: more.key ?? role,
    role,
    isOfAlias: false,
    isCount: role !== 'value',
    periodSeconds: 60,
    key: role,
    values: new Map(entries),
    ...more,
  };
}

/** Splits the series at one share. */
function split(
  series: readonly LiveSeries[],
  { percent = 50, injectedRate = 0, seed = 's', delay = 0 } = {},
) {
  const weights = new WeightsOverTime();
  weights.set(0, percent);
  const metrics = new SplitMetrics(
    { series, injectedRate },
    { seed, incoming: 'green', weights, metricDelaySeconds: delay },
  );
  const pointsOf = (index: number, stack: Stack, now = end): [minute: number, value: number][] =>
    metrics
      .pointsOf(series[index]?.slot ?? '', stack, { start: 0, end }, now)
      .map(({ at, value }) => [at / minute, value]);
  return { metrics, pointsOf };
}

const counts = fc.array(
  fc
    .tuple(fc.nat(5000), fc.double({ min: 0, max: 1, noNaN: true }))
    .map(([requests, rate]) => ({ requests, failures: Math.floor(requests * rate) })),
  { minLength: 1, maxLength: 20 },
);

function seriesOfCounts(past: readonly { readonly requests: number; readonly failures: number }[]) {
  return [
    seriesOf(
      'requests',
      past.map(({ requests }) => requests),
    ),
    seriesOf(
      'failures',
      past.map(({ failures }) => failures),
    ),
  ];
}

describe('SplitMetrics', () => {
  test('is the identity for the incoming stack at 100 %, and leaves nothing for the outgoing one', () => {
    const value = fc.option(fc.double({ noNaN: true, noDefaultInfinity: true }), { nil: undefined });
    fc.assert(
      fc.property(counts, fc.array(value), fc.string(), (past, values, seed) => {
        const series = [
          ...seriesOfCounts(past),
          seriesOf('value', values),
          seriesOf('value', values, { isCount: true, key: 'sum' }),
          seriesOf('rank', values, { key: 'rank' }),
        ];
        const { pointsOf } = split(series, { percent: 100, seed });
        for (const [index, { values: before }] of series.entries()) {
          expect(pointsOf(index, 'green')).toEqual([...before].map(([at, it]) => [at / minute, it]));
          expect(pointsOf(index, 'blue')).toEqual([]);
        }
      }),
    );
  });

  test('assigns every request to one stack, and no stack more failures than requests', () => {
    const percent = fc.double({ min: 0, max: 100, noNaN: true });
    fc.assert(
      fc.property(counts, percent, fc.string(), (past, share, seed) => {
        const { pointsOf } = split(seriesOfCounts(past), { percent: share, seed });
        const of = (index: number, stack: Stack) => new Map(pointsOf(index, stack));
        const [greenServed, blueServed] = [of(0, 'green'), of(0, 'blue')];
        const [greenFailed, blueFailed] = [of(1, 'green'), of(1, 'blue')];
        for (const [at, { requests, failures }] of past.entries()) {
          const value = (points: Map<number, number>) => points.get(at) ?? 0;
          expect(value(greenServed) + value(blueServed)).toBe(requests);
          expect(value(greenFailed) + value(blueFailed)).toBe(failures);
          expect(value(greenFailed)).toBeLessThanOrEqual(value(greenServed));
          expect(value(blueFailed)).toBeLessThanOrEqual(value(blueServed));
        }
      }),
    );
  });

  test('returns the same points for the same seed, whatever was read before', () => {
    const series = seriesOfCounts([
      { requests: 100, failures: 5 },
      { requests: 300, failures: 7 },
    ]);
    const read = (order: readonly number[]) => {
      const { pointsOf } = split(series, { percent: 30 });
      return Object.fromEntries(order.map((index) => [index, pointsOf(index, 'green')]));
    };

    expect(read([0, 1])).toEqual(read([1, 0]));
    const other = split(series, { percent: 30, seed: 'other' });
    expect(other.pointsOf(0, 'green')).not.toEqual(read([0])[0]);
  });

  test('returns means, extremes and percentiles unchanged to both stacks that have traffic', () => {
    const { pointsOf } = split([seriesOf('value', [0.2, undefined, 0.3])]);

    for (const stack of ['blue', 'green'] as const)
      expect(pointsOf(0, stack)).toEqual([
        [0, 0.2],
        [2, 0.3],
      ]);
  });

  test('splits percentile ranks through the requests behind them', () => {
    const { pointsOf } = split([seriesOf('requests', [10_000]), seriesOf('rank', [90])]);

    const requests = pointsOf(0, 'green')[0]?.[1] ?? 0;
    const slow = requests * (1 - (pointsOf(1, 'green')[0]?.[1] ?? 0) / 100);
    expect(Math.abs(requests - 5000)).toBeLessThan(250);
    expect(Math.abs(slow - 500)).toBeLessThan(110);
    expect(slow).not.toBeCloseTo(requests * 0.1, 6);
  });

  test('splits failures that are requests of their own alike in both series', () => {
    const { pointsOf } = split([
      seriesOf('requests', [1000]),
      seriesOf('requests', [80], { key: 'refused', slot: 'refused requests' }),
      seriesOf('failures', [10]),
      seriesOf('failures', [80], { key: 'refused', slot: 'refused failures' }),
    ]);

    expect(pointsOf(1, 'green')).toEqual(pointsOf(3, 'green'));
    expect(Math.abs((pointsOf(0, 'green')[0]?.[1] ?? 0) - 500)).toBeLessThan(80);
  });

  test('shows a point only after its period and the delay', () => {
    const { pointsOf } = split([seriesOf('value', [1, 2, 3])], { delay: 60 });

    expect(pointsOf(0, 'green', 2 * minute - 1)).toEqual([]);
    expect(pointsOf(0, 'green', 2 * minute)).toEqual([[0, 1]]);
    expect(pointsOf(0, 'green', 3 * minute)).toEqual([
      [0, 1],
      [1, 2],
    ]);
  });

  test('omits a count of failures that became zero, unless the service reports zeros', () => {
    const series = [seriesOf('requests', [1000, 1000]), seriesOf('failures', [1, 0])];

    expect(split(series, { percent: 0.01 }).pointsOf(1, 'green')).toEqual([[1, 0]]);
  });

  test('counts the injected failures of the incoming stack', () => {
    const series = [seriesOf('requests', [1000, 1000]), seriesOf('failures', [0, 0])];
    const { metrics, pointsOf } = split(series, { injectedRate: 1 });

    expect(pointsOf(1, 'green')).toEqual(pointsOf(0, 'green'));
    expect(pointsOf(1, 'blue')).toEqual([
      [0, 0],
      [1, 0],
    ]);
    const failed = pointsOf(1, 'green').reduce((total, [, value]) => total + value, 0);
    expect(metrics.injectedBetween(0, 2 * minute)).toBe(failed);
  });
});

describe('splitCounts', () => {
  test('keeps failures above the requests of the past inconsistent', () => {
    const past = { requests: 5, failures: [8] };

    const { incoming, outgoing } = splitCounts(past, {
      share: 1,
      injectedRate: 0,
      random: randomFor('a'),
      randomOf: () => randomFor('b'),
    });

    expect(incoming).toEqual(past);
    expect(outgoing).toEqual({ requests: 0, failures: [0] });
  });
});

describe('WeightsOverTime', () => {
  test('returns the mean share of a time', () => {
    const weights = new WeightsOverTime();
    weights.set(60, 10);
    weights.set(90, 50);

    expect(weights.shareBetween(0, 60)).toBe(0);
    expect(weights.shareBetween(60, 90)).toBe(0.1);
    expect(weights.shareBetween(60, 120)).toBeCloseTo(0.3);
    expect(weights.shareBetween(30, 90)).toBeCloseTo(0.05);
    expect(weights.shareBetween(100, 200)).toBe(0.5);
    expect(weights.percent).toBe(50);
  });

  test('returns 1 exactly while the stack has all the traffic', () => {
    const weights = new WeightsOverTime();
    weights.set(7, 33);
    weights.set(13, 100);

    expect(weights.shareBetween(13, 60_013)).toBe(1);
  });
});
