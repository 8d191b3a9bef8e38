import type { CheckResult } from '../types.js';
import { describeNumber, inconclusive } from './check-options.js';
import { minProbability, rankSumProbability } from './rank-sum.js';

/** Bound of a comparison. */
export type ComparisonBound =
  | {
      /** Compares the means. */
      readonly kind: 'ratio' | 'difference';
      /** Highest healthy ratio or difference. */
      readonly max: number;
    }
  | {
      /** Compares the ranks of the data points. */
      readonly kind: 'rankSum';
      /** Probability below which a difference does not count as chance. */
      readonly significance: number;
    };

/** Rules that two samples are judged by. */
export interface ComparisonRules {
  readonly bound: ComparisonBound;
  readonly worse: 'higher' | 'lower';
  readonly minimumSamples: number;
  /** Window for the detail of the result. */
  readonly window: string;
}

/** Judges complete data of both stacks. */
export function judgeComparison(
  incoming: readonly number[],
  outgoing: readonly number[],
  rules: ComparisonRules,
): CheckResult {
  const { bound, minimumSamples, window } = rules;
  if (Math.min(incoming.length, outgoing.length) < minimumSamples) {
    return inconclusive(
      `too few data points: ${incoming.length} incoming and ${outgoing.length} outgoing where ${minimumSamples} each are needed (${window})`,
    );
  }
  return bound.kind === 'rankSum'
    ? judgeRanks(incoming, outgoing, { ...rules, significance: bound.significance })
    : judgeMeans(mean(incoming), mean(outgoing), { ...rules, bound });
}

function judgeMeans(
  incoming: number,
  outgoing: number,
  { bound, worse, window }: ComparisonRules & { bound: { kind: 'ratio' | 'difference'; max: number } },
): CheckResult {
  const [bad, good] = worse === 'higher' ? [incoming, outgoing] : [outgoing, incoming];
  if (bound.kind === 'ratio' && Math.min(bad, good) < 0) {
    return inconclusive(`values below 0 have no ratio (${window}); use maxDifference`);
  }
  const value = bound.kind === 'ratio' ? ratioOf(bad, good) : bad - good;
  const isWithin = value <= bound.max;
  const means = `mean ${describeNumber(incoming)} incoming, ${describeNumber(outgoing)} outgoing`;
  const against = `${describeNumber(value)} is ${isWithin ? 'at most' : 'above the maximum of'} ${bound.max}`;
  return {
    outcome: isWithin ? 'pass' : 'fail',
    detail: `${bound.kind} ${against}: ${means} (${window})`,
    ...(Number.isFinite(value) && { value }),
  };
}

function judgeRanks(
  incoming: readonly number[],
  outgoing: readonly number[],
  { worse, window, significance }: ComparisonRules & { significance: number },
): CheckResult {
  const sizes = `${incoming.length} and ${outgoing.length} data points`;
  if (minProbability(incoming.length, outgoing.length) >= significance) {
    return inconclusive(`${sizes} cannot show a difference at the significance ${significance} (${window})`);
  }
  const sign = worse === 'higher' ? 1 : -1;
  const value = rankSumProbability(
    incoming.map((it) => sign * it),
    outgoing.map((it) => sign * it),
  );
  const isWorse = !(value >= significance);
  const detail = `incoming is ${isWorse ? '' : 'not '}worse by the rank-sum test: p ${describeNumber(value)} is ${isWorse ? 'below' : 'at least'} ${significance}, ${sizes} (${window})`;
  return { outcome: isWorse ? 'fail' : 'pass', detail, value };
}

/** Divides. Two zeros are equal, and any other value is infinitely worse than zero. */
function ratioOf(bad: number, good: number): number {
  if (good === 0) return bad === 0 ? 1 : Infinity;
  return bad / good;
}

function mean(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0) / values.length;
}
