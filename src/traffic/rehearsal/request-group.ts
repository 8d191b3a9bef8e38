import type { LiveSeries } from './live-series.js';
import { type Counts, sum } from './split-counts.js';

/** Requests of a check in the past, with the failures among them. */
export interface RequestGroup {
  readonly requests: LiveSeries;
  readonly failures: readonly LiveSeries[];
}

/**
 * Returns the groups of a check: a Lambda alias has one for its versions, and one for all of them. Failures that are requests of
 * their own, such as refused connections, are in no group: both of their series are split alike.
 */
export function requestGroups(series: readonly LiveSeries[]): RequestGroup[] {
  return [false, true].flatMap((isOfAlias) => {
    const own = series.filter((it) => it.isOfAlias === isOfAlias);
    const [requests, ...others] = own.filter(({ role }) => role === 'requests');
    if (requests === undefined) return [];
    const failures = own.filter(
      ({ role, key }) =>
        (role === 'failures' || role === 'rank') && others.every((other) => other.key !== key),
    );
    return [{ requests, failures }];
  });
}

/** Returns the counts of all stacks together in one period of the past. */
export function countsAt({ requests, failures }: RequestGroup, at: number): Counts {
  const total = requests.values.get(at) ?? 0;
  return {
    requests: total,
    failures: failures.map(({ role, values }) => {
      const value = values.get(at);
      if (value === undefined) return 0;
      return role === 'rank' ? Math.max(0, total * (1 - value / 100)) : value;
    }),
  };
}

/** Returns the share of the failed requests in a time; undefined for a check without failures. */
export function failureRateOf(
  series: readonly LiveSeries[],
  { from, to }: { readonly from: number; readonly to: number },
): number | undefined {
  const group = requestGroups(series).find(({ failures }) => failures.length > 0);
  if (group === undefined) return undefined;
  let [total, failed] = [0, 0];
  for (const at of group.requests.values.keys()) {
    if (at < from || at >= to) continue;
    const counts = countsAt(group, at);
    total += counts.requests;
    failed += sum(counts.failures);
  }
  return total > 0 ? Math.min(1, failed / total) : 0;
}
