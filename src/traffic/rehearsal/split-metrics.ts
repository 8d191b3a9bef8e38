import type { StackReference } from '../../core/stack-reference.js';
import type { MetricPoint } from '../checks/judge-metric.js';
import type { MetricWindow } from '../checks/metric-window.js';
import type { LiveSeries } from './live-series.js';
import { type Random, randomFor, thin } from './random.js';
import { countsAt, type RequestGroup, requestGroups } from './request-group.js';
import { type Counts, type SplitCounts, splitCounts } from './split-counts.js';
import type { WeightsOverTime } from './weights-over-time.js';

/** Past series of one check. */
export interface LiveMetrics {
  readonly series: readonly LiveSeries[];
  /** Probability with which a successful request of the incoming stack fails because of the injected regression. */
  readonly injectedRate: number;
}

/** Conditions of one rehearsed shift. */
export interface SplitConditions {
  /** Makes the split differ from shift to shift. */
  readonly seed: string;
  readonly incoming: StackReference;
  readonly weights: WeightsOverTime;
  readonly metricDelaySeconds: number;
}

type SplitGroup = RequestGroup & { readonly splits: Map<number, SplitCounts> };

/**
 * Past metrics of one check, split between the stacks by the weights of a rehearsed shift. A period is split once, so later reads
 * return the same.
 */
export class SplitMetrics {
  readonly #live: LiveMetrics;
  readonly #conditions: SplitConditions;
  readonly #groups: readonly SplitGroup[];

  constructor(live: LiveMetrics, conditions: SplitConditions) {
    this.#live = live;
    this.#conditions = conditions;
    this.#groups = requestGroups(live.series).map((group) => ({ ...group, splits: new Map() }));
  }

  /** Returns the points of a query as CloudWatch would have shown them for this stack at a time. */
  pointsOf(slot: string, stack: StackReference, window: MetricWindow, now: number): MetricPoint[] {
    const series = this.#live.series.find((it) => it.slot === slot);
    if (series === undefined) return [];
    const length = series.periodSeconds * 1000;
    const lastEnd = now - this.#conditions.metricDelaySeconds * 1000;
    const points: MetricPoint[] = [];
    const first = Math.ceil(window.start / length) * length;
    for (let at = first; at < window.end && at + length <= lastEnd; at += length) {
      const value = this.#valueAt(series, at, stack);
      if (value !== undefined) points.push({ at, value });
    }
    return points;
  }

  /** Returns the injected failures of the incoming stack in a time. */
  injectedBetween(from: number, to: number): number {
    const group = this.#groups.find(({ failures }) => failures.length > 0);
    if (group === undefined) return 0;
    const length = group.requests.periodSeconds * 1000;
    let injected = 0;
    for (let at = Math.floor(from / length) * length; at < to; at += length) {
      if (group.requests.values.has(at)) injected += this.#splitOf(group, at).injected;
    }
    return injected;
  }

  #valueAt(series: LiveSeries, at: number, stack: StackReference): number | undefined {
    const before = series.values.get(at);
    const isIncoming = stack === this.#conditions.incoming;
    const toIncoming = this.#shareAt(series, at);
    const share = isIncoming ? toIncoming : 1 - toIncoming;
    if (share <= 0) return undefined;
    if (share >= 1 && this.#live.injectedRate === 0) return before;
    const group = this.#groups.find((it) => it.requests === series || it.failures.includes(series));
    if (group !== undefined) {
      const split = this.#splitOf(group, at);
      const counts = isIncoming ? split.incoming : split.outgoing;
      return shownValue(counts, { series, group, before });
    }
    if (before === undefined || !series.isCount) return before;
    const incoming = thin(before, toIncoming, this.#randomAt(series, at));
    return isIncoming ? incoming : before - incoming;
  }

  #splitOf(group: SplitGroup, at: number): SplitCounts {
    const known = group.splits.get(at);
    if (known !== undefined) return known;
    const { requests, failures } = group;
    const split = splitCounts(countsAt(group, at), {
      share: this.#shareAt(requests, at),
      injectedRate: this.#live.injectedRate,
      random: this.#randomAt(requests, at),
      // Checks of the same failures see the same ones, whatever they count as requests.
      randomOf: (kind) => this.#randomAt(failures[kind] ?? requests, at),
    });
    group.splits.set(at, split);
    return split;
  }

  #shareAt({ periodSeconds }: LiveSeries, at: number): number {
    return this.#conditions.weights.shareBetween(at, at + periodSeconds * 1000);
  }

  #randomAt({ key }: LiveSeries, at: number): Random {
    return randomFor(`${this.#conditions.seed}/${key}/${at}`);
  }
}

/** Returns the value that CloudWatch would show of a stack's counts. */
function shownValue(
  { requests, failures }: Counts,
  {
    series,
    group,
    before,
  }: { readonly series: LiveSeries; readonly group: RequestGroup; readonly before: number | undefined },
): number | undefined {
  const kind = group.failures.indexOf(series);
  const failed = failures[kind] ?? 0;
  if (series.role === 'rank') return requests > 0 ? 100 * (1 - failed / requests) : undefined;
  const value = kind < 0 ? requests : failed;
  // The services report such a count when it is not zero; a zero in the past shows one that is always reported.
  return value > 0 || before === 0 ? value : undefined;
}
