import type { CheckResult } from '../types.js';
import { type BoundOptions, describeNumber, inconclusive, type NoDataOutcome } from './check-options.js';

export interface MetricPoint {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly value: number;
}

/** Rules that the points of a metric are judged by. */
export interface MetricBounds extends BoundOptions {
  readonly minimumSamples: number;
  readonly noData: NoDataOutcome;
  /** Suffix of each value, such as `' %'`. */
  readonly unit?: string;
  /** Window for the detail of the result. */
  readonly window: string;
}

/**
 * Judges complete data: every point must be within the bounds. An average would let good minutes hide a bad one, and the newest
 * point alone would ignore the earlier ones.
 */
export function judgePoints(points: readonly MetricPoint[], bounds: MetricBounds): CheckResult {
  const { minimumSamples, window } = bounds;
  if (points.length === 0) return judgeNoData(bounds);
  const outside = points.filter(({ value }) => !isWithin(value, bounds));
  if (outside.length > 0) return { outcome: 'fail', ...describePoints(outside, points.length, bounds) };
  if (points.length < minimumSamples) {
    return inconclusive(
      `too few data points: ${points.length} where ${minimumSamples} are needed (${window})`,
    );
  }
  return { outcome: 'pass', ...describePoints(points, points.length, bounds) };
}

/** Returns the result of a complete response without data. */
export function judgeNoData({ noData, window }: Pick<MetricBounds, 'noData' | 'window'>): CheckResult {
  const counts = noData === 'inconclusive' ? '' : `, which counts as ${noData} here`;
  return { outcome: noData, detail: `no data (${window})${counts}` };
}

/** NaN is outside the bounds. */
function isWithin(value: number, { min = -Infinity, max = Infinity }: BoundOptions): boolean {
  return value >= min && value <= max;
}

/** Describes the point that is furthest on the side of the bound. */
function describePoints(points: readonly MetricPoint[], total: number, bounds: MetricBounds) {
  const values = points.map(({ value }) => value);
  const isAboutMinimum =
    bounds.max === undefined || values.every((value) => value < (bounds.min ?? -Infinity));
  const value = isAboutMinimum ? Math.min(...values) : Math.max(...values);
  const which =
    total === 1
      ? 'the only data point'
      : `the ${isAboutMinimum ? 'lowest' : 'highest'} of ${total} data points`;
  return { detail: `${describeAgainst(value, bounds)}, ${which} (${bounds.window})`, value };
}

/** Describes a value in relation to its bounds. */
export function describeAgainst(
  value: number,
  { min, max, unit = '' }: BoundOptions & { unit?: string },
): string {
  const [actual, low, high] = [value, min ?? 0, max ?? 0].map((it) => `${describeNumber(it)}${unit}`);
  if (max !== undefined && !(value <= max)) return `${actual} is above the maximum of ${high}`;
  if (min !== undefined && !(value >= min)) return `${actual} is below the minimum of ${low}`;
  if (max === undefined) return `${actual} is at least ${low}`;
  return min === undefined ? `${actual} is at most ${high}` : `${actual} is between ${low} and ${high}`;
}
