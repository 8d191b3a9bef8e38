import { rankSumProbability } from '../../src/traffic/checks/rank-sum.js';
import { BetMixture } from '../../src/traffic/judging/bet-mixture.js';
import { comparisonBets } from '../../src/traffic/judging/comparison-evidence.js';
import { failureShare, logComparisonFactor } from '../../src/traffic/judging/period-factors.js';
import { RegressionEvidence } from '../../src/traffic/judging/regression-evidence.js';
import type { RegressionPeriod, RegressionRules } from '../../src/traffic/judging/regression-options.js';

/** Judge of one shift, which reads one period after the other. */
export interface Judge {
  /** Reads the next period, at a share of the incoming stack. Returns the logarithm of the evidence so far. */
  read(period: RegressionPeriod, share: number): number;
}

/** Creates a judge for each shift. */
export type JudgeOf = () => Judge;

export const defaults: RegressionRules = {
  alpha: 0.01,
  tolerateRatio: 1.5,
  tolerateIncrease: 0.0005,
  burst: 20,
  ceiling: 0.1,
  minimumRequests: 20,
  requireEvidence: false,
};

/** Judges by `judgeRegression`. One pass over a series equals its verdicts at all times, because the evidence is a maximum. */
export function regression(changes: Partial<RegressionRules> = {}): JudgeOf {
  return () => {
    const evidence = new RegressionEvidence({ ...defaults, ...changes });
    return {
      read: (period) => {
        evidence.add(period);
        return evidence.best;
      },
    };
  };
}

/** Judges by the likelihood ratio of every failure, with all the stake at the start and without a margin. */
export const plain: JudgeOf = () => {
  const bets = new BetMixture(comparisonBets);
  let [best, part] = [0, 0];
  return {
    read: (period) => {
      if (period.incoming.requests === 0 || period.outgoing.requests === 0) return best;
      const share = failureShare(period, { ratio: 1, increase: 0, burst: 1 });
      bets.add(part, (bet) => logComparisonFactor(bet, share));
      part = -Infinity;
      best = Math.max(best, bets.total(-Infinity));
      return best;
    },
  };
};

/** Wald's test of two known rates, which needs the fewest requests of all tests. */
export function wald(base: number, ratio: number): JudgeOf {
  return () => {
    let sum = 0;
    return {
      read: ({ incoming }) => {
        const { requests, failures } = incoming;
        const bad = Math.min(1, base * ratio);
        const sound =
          bad === 1
            ? failures < requests
              ? -Infinity
              : 0
            : (requests - failures) * Math.log((1 - bad) / (1 - base));
        sum += failures * Math.log(bad / base) + sound;
        return sum;
      },
    };
  };
}

/** Fixed threshold: 1 % in a window of at most 3 periods under the present share, with 50 requests. */
export const threshold: JudgeOf = () => {
  let [window, present]: [RegressionPeriod[], number] = [[], -1];
  let best = 0;
  return {
    read: (period, share) => {
      window = share === present ? [...window.slice(-2), period] : [period];
      present = share;
      const requests = window.reduce((sum, { incoming }) => sum + incoming.requests, 0);
      const failures = window.reduce((sum, { incoming }) => sum + incoming.failures, 0);
      if (requests >= 50 && failures > 0.01 * requests) best = Infinity;
      return best;
    },
  };
};

/** Rank sum of the error rates of at most 60 periods under the present share, at the significance 1 %. */
export const rankSum: JudgeOf = () => {
  let [window, present]: [RegressionPeriod[], number] = [[], -1];
  let best = 0;
  return {
    read: (period, share) => {
      window = share === present ? [...window.slice(-59), period] : [period];
      present = share;
      const incoming = window.flatMap((it) => rateOf(it.incoming));
      const outgoing = window.flatMap((it) => rateOf(it.outgoing));
      if (Math.min(incoming.length, outgoing.length) < 8) return best;
      if (rankSumProbability(incoming, outgoing) < 0.01) best = Infinity;
      return best;
    },
  };
};

function rateOf({ requests, failures }: RegressionPeriod['incoming']): number[] {
  return requests === 0 ? [] : [failures / requests];
}
