import { logMean } from './log-sums.js';
import type { RegressionPeriod } from './regression-options.js';

/** Difference that the evidence for a pass rules out: twice the outgoing error rate plus 0.5 percentage points. */
export const passMargin = { ratio: 2, increase: 0.005 } as const;

/** Evidence that is enough: 95 % confidence. */
export const passEvidenceNeeded = 20;

/** Bets on the odds of a failure to be the incoming stack's, as parts of those at the margin. */
const bets = [0.05, 0.2, 0.4, 0.6, 0.8];

/** Failures of one cause that the evidence allows for. */
const burst = 10;

/**
 * Takes periods in which both stacks have requests. Returns the logarithm of the evidence that the incoming stack is better than
 * {@link passMargin}.
 */
export function logPassEvidence(periods: readonly RegressionPeriod[]): number {
  return logMean(bets.map((bet) => periods.reduce((sum, period) => sum + logFactor(bet, period), 0) / burst));
}

function logFactor(bet: number, { incoming, outgoing }: RegressionPeriod): number {
  const { ratio, increase } = passMargin;
  const atMargin = ratio * incoming.requests;
  const ofOutgoing = (atMargin + outgoing.requests) / (atMargin * bet + outgoing.requests);
  const ofIncoming = bet * ofOutgoing;
  return (
    incoming.failures * Math.log(ofIncoming) +
    outgoing.failures * Math.log(ofOutgoing) +
    incoming.requests * increase * (1 - ofIncoming)
  );
}
