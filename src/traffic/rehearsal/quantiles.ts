import type { RehearsalQuantiles } from './rehearsal-types.js';

/** Returns the quantiles of values of which some are infinite: shifts without the event. */
export function quantilesOf(values: readonly number[]): RehearsalQuantiles {
  const sorted = [...values].sort((one, other) => one - other);
  return { median: quantile(sorted, 0.5), percentile95: quantile(sorted, 0.95) };
}

/** Returns the smallest value that at least this share of the values does not exceed. */
function quantile(sorted: readonly number[], share: number): number | undefined {
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length - 1e-9) - 1)];
  return value !== undefined && Number.isFinite(value) ? value : undefined;
}
