import type { MetricRole } from '../checks/check-internals.js';
import { keyOfMetric, type PastValues, periodSecondsOf } from './past-metrics.js';
import type { ReplayedQuery } from './replay.js';

/** Past values of one query while the live stack had all the traffic. */
export interface LiveSeries {
  /** Identifies the query among those of the check. */
  readonly slot: string;
  readonly role: MetricRole;
  /** True for the counts of a Lambda alias, which are those of its versions together. */
  readonly isOfAlias: boolean;
  /** True for a sum or a number of samples, which the stacks share. A mean or a percentile is the same for both. */
  readonly isCount: boolean;
  readonly periodSeconds: number;
  /** Identifies the metric in the random split: checks of the same metric see the same requests. */
  readonly key: string;
  readonly values: PastValues;
}

/**
 * Joins the values of the live stacks. Those of one query that is the same for both stacks are not added to themselves.
 *
 * @param queries - the same query for each live stack.
 */
export function liveSeries(
  queries: readonly [ReplayedQuery, ...ReplayedQuery[]],
  past: ReadonlyMap<string, PastValues>,
): LiveSeries {
  const [{ slot, query, role, isOfAlias }] = queries;
  const stat = query.MetricStat?.Stat ?? '';
  const keys = [...new Set(queries.map((it) => keyOfMetric(it.query)))];
  return {
    slot,
    role,
    isOfAlias,
    isCount: countStatistics.includes(stat),
    periodSeconds: periodSecondsOf(query),
    key: keys.join(),
    values: keys
      .map((key) => past.get(key) ?? new Map<number, number>())
      .reduce((one, other) => join(one, other, stat)),
  };
}

const countStatistics: readonly string[] = ['Sum', 'SampleCount'];

function join(one: PastValues, other: PastValues, stat: string): PastValues {
  const combine = combinations[stat] ?? ((a: number, b: number) => (a + b) / 2);
  const joined = new Map(one);
  for (const [at, value] of other) {
    const before = joined.get(at);
    joined.set(at, before === undefined ? value : combine(before, value));
  }
  return joined;
}

const combinations: Readonly<Record<string, ((one: number, other: number) => number) | undefined>> = {
  Sum: (one, other) => one + other,
  SampleCount: (one, other) => one + other,
  Maximum: Math.max,
  Minimum: Math.min,
};
