import { type JudgeOf, plain, rankSum, regression, threshold, wald } from './judges.js';
import { type Random, randomOf } from './random.js';
import { countPeriod } from './traffic.js';

/** Shift to a bad release. */
export interface BadRelease {
  /** Requests of both stacks in a minute. */
  readonly requests: number;
  /** Share of the incoming stack. */
  readonly share: number;
  /** Error rate of the outgoing stack, as a share of the requests. */
  readonly base: number;
  /** Error rate of the incoming stack. */
  readonly bad: number;
  /** Minutes of health before the fault begins. */
  readonly healthyMinutes?: number;
  /** Minutes in which the incoming error rate rises to `bad`. */
  readonly rampMinutes?: number;
}

/** Times in minutes from the beginning of the fault; Infinity when it is not found in time. */
export interface Detection {
  readonly median: number;
  readonly late: number;
  /** Median of the failed incoming requests until then. */
  readonly failedRequests: number;
}

/** Minutes after which a run ends. */
const maxMinutes = 600;

/** Measures the time that a judge takes to stop a bad release at α = 1 %: the median, and the 95th percentile. */
export function detect(
  release: BadRelease,
  judgeOf: JudgeOf,
  { repetitions, seed }: { repetitions: number; seed: number },
): Detection {
  const random = randomOf(seed);
  const runs = Array.from({ length: repetitions }, () => detectOnce(release, judgeOf, random));
  return {
    median: quantile(
      runs.map(({ minutes }) => minutes),
      0.5,
    ),
    late: quantile(
      runs.map(({ minutes }) => minutes),
      0.95,
    ),
    failedRequests: quantile(
      runs.map(({ failed }) => failed),
      0.5,
    ),
  };
}

/** A run that stops before the fault begins is repeated. */
function detectOnce(
  release: BadRelease,
  judgeOf: JudgeOf,
  random: Random,
): { minutes: number; failed: number } {
  const { requests, share, base, bad, healthyMinutes = 0, rampMinutes = 0 } = release;
  const judge = judgeOf();
  let failed = 0;
  for (let index = 0; index < healthyMinutes + maxMinutes; index += 1) {
    const minute = index - healthyMinutes;
    const part = rampMinutes === 0 ? 1 : Math.min(1, (minute + 1) / rampMinutes);
    const incoming = minute < 0 ? base : base + part * (bad - base);
    const period = countPeriod(random, index, share, { incoming, outgoing: base, requests });
    if (minute >= 0) failed += period.incoming.failures;
    if (judge.read(period, share) < Math.log(100)) continue;
    return minute < 0 ? detectOnce(release, judgeOf, random) : { minutes: minute + 1, failed };
  }
  return { minutes: Infinity, failed: Infinity };
}

export function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN;
}

/** Judges of the detection tables, by the titles of their columns. */
export function judgesOf({ base, bad }: BadRelease): Readonly<Record<string, JudgeOf>> {
  return {
    'Wald, rates known': wald(base, bad / base),
    'likelihood ratio': plain,
    judgeRegression: regression(),
    'ratio 1.25': regression({ tolerateRatio: 1.25 }),
    'burst 5': regression({ burst: 5 }),
    'burst 1': regression({ burst: 1 }),
    threshold,
    'rank sum': rankSum,
  };
}

/** Releases of the detection table: requests a minute, share, base, ratio. */
export const detectionCases: readonly (BadRelease & { readonly ratio: number })[] = [
  [200, 0.01, 0.005, 10],
  [200, 0.1, 0.001, 5],
  [200, 0.1, 0.005, 5],
  [200, 0.1, 0.005, 10],
  [200, 0.1, 0.005, 100],
  [200, 0.5, 0.005, 5],
  [2000, 0.01, 0.001, 10],
  [2000, 0.01, 0.005, 5],
  [2000, 0.01, 0.01, 10],
  [2000, 0.1, 0.001, 5],
  [2000, 0.1, 0.001, 10],
  [2000, 0.1, 0.005, 2],
  [2000, 0.1, 0.005, 5],
  [2000, 0.1, 0.005, 10],
  [2000, 0.5, 0.005, 2],
  [2000, 0.5, 0.005, 5],
  [2000, 0.5, 0.01, 10],
].map(([requests = 0, share = 0, base = 0, ratio = 0]) => ({
  requests,
  share,
  base,
  ratio,
  bad: base * ratio,
}));

/** Releases whose requests all fail. */
export const catastrophes: readonly BadRelease[] = [
  [10, 0.1],
  [60, 0.01],
  [60, 0.1],
  [200, 0.01],
  [200, 0.1],
  [200, 0.5],
  [2000, 0.01],
  [2000, 0.1],
  [2000, 0.5],
].map(([requests = 0, share = 0]) => ({ requests, share, base: 0.005, bad: 1 }));

/** Releases that fail after a healthy hour. */
export const lateOnsets: readonly BadRelease[] = [
  [0.1, 0.025],
  [0.1, 0.05],
  [0.1, 0.5],
  [0.1, 1],
  [0.5, 0.025],
  [0.5, 0.05],
].map(([share = 0, bad = 0]) => ({ requests: 2000, share, base: 0.005, bad, healthyMinutes: 60 }));
