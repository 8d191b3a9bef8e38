/** A value and the number of its samples. */
export interface WeightedValue {
  readonly value: number;
  readonly count: number;
}

type Statistic = (samples: readonly WeightedValue[]) => number;

const statistics: Readonly<Record<string, Statistic>> = {
  Average: (samples) => sum(samples) / count(samples),
  Maximum: (samples) => Math.max(...samples.map(({ value }) => value)),
  Minimum: (samples) => Math.min(...samples.map(({ value }) => value)),
  SampleCount: count,
  Sum: sum,
};

/** Returns a statistic of CloudWatch by its name: `Sum`, `p99`, `p99.9`, `PR(:0.5)`. */
export function statisticOf(name: string): Statistic {
  const percentile = /^p(100|\d{1,2}(?:\.\d+)?)$/.exec(name)?.[1];
  const upperBound = /^PR\(:(\d+(?:\.\d+)?)\)$/.exec(name)?.[1];
  if (upperBound !== undefined) return percentileRankOf(Number(upperBound));
  const statistic = percentile === undefined ? statistics[name] : percentileOf(Number(percentile));
  if (statistic === undefined) throw new TypeError(`SimulatedCloud does not compute the statistic ${name}`);
  return statistic;
}

/** Returns the smallest value that the given percentage of samples does not exceed. */
function percentileOf(percent: number): Statistic {
  return (samples) => {
    const sorted = [...samples].sort((a, b) => a.value - b.value);
    let left = Math.max(1, Math.ceil((percent / 100) * count(samples) - 1e-9));
    for (const sample of sorted) {
      left -= sample.count;
      if (left <= 0) return sample.value;
    }
    return Number.NaN;
  };
}

/** Returns the percentage of samples up to a bound, which is included. */
function percentileRankOf(bound: number): Statistic {
  return (samples) => (count(samples.filter(({ value }) => value <= bound)) / count(samples)) * 100;
}

function sum(samples: readonly WeightedValue[]): number {
  return samples.reduce((total, { value, count: times }) => total + value * times, 0);
}

function count(samples: readonly WeightedValue[]): number {
  return samples.reduce((total, { count: times }) => total + times, 0);
}
