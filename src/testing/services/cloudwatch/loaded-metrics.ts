import type { LoadedSeries } from './metric-series.js';

/** A read of one statistic: periods that begin in the range, of points that are visible now. */
interface LoadedRead {
  readonly stat: string;
  readonly periodSeconds: number;
  readonly begin: number;
  readonly end: number;
  readonly now: number;
}

type Values = Map<number, number>;

/** Statistics of past metrics, as they were loaded: single samples are not known. */
export class LoadedMetrics {
  readonly #series = new Map<string, LoadedSeries[]>();

  add(key: string, series: LoadedSeries): void {
    const others = this.#series.get(key);
    if (others === undefined) this.#series.set(key, [series]);
    else others.push(series);
  }

  /** Returns the value of each period with data. */
  read(key: string, metricName: string, read: LoadedRead): ReadonlyMap<number, number> {
    const all = this.#series.get(key);
    if (all === undefined) return new Map();
    const own = all.filter(({ stat }) => stat === read.stat);
    if (own.length > 0) return merged(own, read);
    const average = read.stat === 'Average' ? averageOf(all, read) : undefined;
    if (average !== undefined) return average;
    const loaded = [...new Set(all.map(({ stat }) => stat))].join(', ');
    throw new TypeError(
      `SimulatedCloud cannot compute ${read.stat} of ${metricName}: of its loaded series it has only ${loaded}. Load ${read.stat} too.`,
    );
  }
}

/** Combines the values of several series, or of several short periods, into one for each period. */
function merged(series: readonly LoadedSeries[], read: LoadedRead): Values {
  const combine = combinations[read.stat];
  const values: Values = new Map();
  const length = read.periodSeconds * 1000;
  for (const { points, metricName, periodSeconds } of series) {
    if (
      read.periodSeconds % periodSeconds !== 0 ||
      (combine === undefined && read.periodSeconds !== periodSeconds)
    )
      throw new TypeError(
        `SimulatedCloud cannot compute ${read.stat} of ${metricName} for ${read.periodSeconds} s from periods of ${periodSeconds} s`,
      );
    for (const { at, value, visibleFrom } of points) {
      const from = at - (at % length);
      if (visibleFrom > read.now || from < read.begin || from >= read.end) continue;
      const before = values.get(from);
      values.set(from, before === undefined || combine === undefined ? value : combine(before, value));
    }
  }
  return values;
}

function averageOf(all: readonly LoadedSeries[], read: LoadedRead): Values | undefined {
  const of = (stat: string) => all.filter((it) => it.stat === stat);
  if (of('Sum').length === 0 || of('SampleCount').length === 0) return undefined;
  const sums = merged(of('Sum'), { ...read, stat: 'Sum' });
  const counts = merged(of('SampleCount'), { ...read, stat: 'SampleCount' });
  return new Map(
    [...counts].flatMap(([at, count]) => (count > 0 ? [[at, (sums.get(at) ?? 0) / count] as const] : [])),
  );
}

/** Statistics of a longer period that follow from those of shorter ones. */
const combinations: Readonly<Record<string, ((one: number, other: number) => number) | undefined>> = {
  Sum: (one, other) => one + other,
  SampleCount: (one, other) => one + other,
  Maximum: Math.max,
  Minimum: Math.min,
};
