import { quantile } from './detection.js';
import { type JudgeOf, regression, threshold } from './judges.js';
import { type Random, randomOf } from './random.js';
import { countPeriod } from './traffic.js';

/** Strategy as the minutes at each share. */
export type Strategy = readonly { readonly share: number; readonly minutes: number }[];

/** Strategies by the titles of their rows. Without a bake, the last step lasts until its checks have passed: two minutes. */
export const strategies: Readonly<Record<string, Strategy>> = {
  'README: 10 % for 15 min, then all': [
    { share: 0.1, minutes: 15 },
    { share: 1, minutes: 2 },
  ],
  'README before: 10 % for 5 min, then all': [
    { share: 0.1, minutes: 5 },
    { share: 1, minutes: 2 },
  ],
  '10 % for 5 min, bake of 10 min': [
    { share: 0.1, minutes: 5 },
    { share: 1, minutes: 10 },
  ],
  '10 % for 30 min, bake of 10 min': [
    { share: 0.1, minutes: 30 },
    { share: 1, minutes: 10 },
  ],
  'all at once, bake of 15 min': [{ share: 1, minutes: 15 }],
};

/** Check of the README before, and now; and for failures that come in smaller bursts. */
export const checksOfReadme: Readonly<Record<string, JudgeOf>> = {
  threshold,
  judgeRegression: regression(),
  'burst 5': regression({ burst: 5 }),
};

/** Outcome of many shifts. */
export interface ShiftsResult {
  /** Share of the shifts that were stopped, in percent. */
  readonly stopped: number;
  /** Median of the minutes until the stop; of all shifts, Infinity for those that were not stopped. */
  readonly medianMinutes: number;
  /** Median of the failed incoming requests, up to the stop or the end of the bake. */
  readonly medianFailed: number;
}

/** Runs shifts of a release with these error rates. */
export function runShifts(
  strategy: Strategy,
  judgeOf: JudgeOf,
  rates: { readonly requests: number; readonly base: number; readonly bad: number },
  { shifts, seed }: { shifts: number; seed: number },
): ShiftsResult {
  const random = randomOf(seed);
  const runs = Array.from({ length: shifts }, () => runShift(strategy, judgeOf(), rates, random));
  return {
    stopped: (100 * runs.filter(({ minutes }) => minutes < Infinity).length) / shifts,
    medianMinutes: quantile(
      runs.map(({ minutes }) => minutes),
      0.5,
    ),
    medianFailed: quantile(
      runs.map(({ failed }) => failed),
      0.5,
    ),
  };
}

function runShift(
  strategy: Strategy,
  judge: ReturnType<JudgeOf>,
  { requests, base, bad }: { readonly requests: number; readonly base: number; readonly bad: number },
  random: Random,
): { minutes: number; failed: number } {
  let [minute, failed] = [0, 0];
  for (const { share, minutes } of strategy) {
    for (let index = 0; index < minutes; index += 1) {
      const period = countPeriod(random, minute, share, { incoming: bad, outgoing: base, requests });
      minute += 1;
      failed += period.incoming.failures;
      if (judge.read(period, share) >= Math.log(100)) return { minutes: minute, failed };
    }
  }
  return { minutes: Infinity, failed };
}
