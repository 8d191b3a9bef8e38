import { errorFunction, wilcoxonRankSum } from 'simple-statistics';

/** Minimum sample size: below it, the normal approximation of the rank sum is too rough. */
export const minRankSumSamples = 8;

/**
 * Returns the probability of ranks at least as high as the first sample's if both samples were from the same distribution: the
 * one-sided Wilcoxon rank-sum test (Mann–Whitney) by the normal approximation, corrected for ties and continuity.
 */
export function rankSumProbability(sample: readonly number[], reference: readonly number[]): number {
  const [n, m] = [sample.length, reference.length];
  const total = n + m;
  const spread = Math.sqrt(
    ((n * m) / 12) * (total + 1 - tiesOf([...sample, ...reference]) / (total * (total - 1))),
  );
  if (!(spread > 0)) return 1;
  const expected = (n * (total + 1)) / 2;
  return upperTail((wilcoxonRankSum([...sample], [...reference]) - expected - 0.5) / spread);
}

/** Returns the smallest probability for samples of these sizes: when every value of one is above every value of the other. */
export function minProbability(n: number, m: number): number {
  return rankSumProbability(
    Array.from({ length: n }, (_, index) => m + index),
    Array.from({ length: m }, (_, index) => index),
  );
}

/** The library's table of the normal distribution ends at z = 3.09; its error function does not. */
function upperTail(z: number): number {
  return 0.5 - 0.5 * errorFunction(z / Math.SQRT2);
}

/** Returns the sum of t³ − t over the groups of t equal values. */
function tiesOf(values: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts.values()].reduce((sum, t) => sum + t ** 3 - t, 0);
}
