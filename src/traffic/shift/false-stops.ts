import type { LogData } from '../../core/logger.js';
import type { ErrorRateThreshold } from '../checks/check-internals.js';
import type { ShiftStrategy } from '../types.js';
import { roundTo } from '../weights.js';
import type { ResolvedPolicy } from './check-policy.js';

/** Part of the limit that a healthy release is assumed to fail at. */
const healthyPart = 1 / 5;

/** Probability of a false stop in one shift, above which the shifter warns. */
const maxFalseStopProbability = 0.05;

/** Largest number of requests to compute with: with more, a false stop at a fifth of the limit is out of the question. */
const maxRequests = 100_000;

/** Estimated probability that a fixed limit stops a healthy release. */
export interface FalseStopEstimate {
  /** Probability in the whole shift. */
  readonly probability: number;
  /** Assumed error rate of a healthy release, in percent: a fifth of the limit. */
  readonly basePercent: number;
  /** Assumed number of requests in a window: the least favourable one that `minimumRequests` allows. */
  readonly requests: number;
  /** Number of evaluations that do not share data. */
  readonly windows: number;
}

/**
 * Estimates the probability that a fixed limit stops a healthy release in a planned shift. Assumes that the release fails a fifth as
 * often as the limit allows, that each window has the least favourable number of requests from `minimumRequests` on, and that requests
 * fail independently: the binomial tail of one window, over all windows of the shift that do not overlap. With many more requests
 * false stops are rarer, with failures that come in bursts more frequent.
 */
export function estimateFalseStops(
  { maxPercent, minimumRequests, windowSeconds }: ErrorRateThreshold,
  { steps }: ShiftStrategy,
  { intervalSeconds, initialDelaySeconds, successThreshold, failureThreshold }: ResolvedPolicy,
): FalseStopEstimate {
  const spacing = Math.max(windowSeconds, intervalSeconds);
  const windows = steps
    .map(({ holdSeconds }) =>
      Math.max(successThreshold, Math.floor((holdSeconds - initialDelaySeconds) / spacing) + 1),
    )
    .reduce((sum, count) => sum + count, 0);
  const base = (maxPercent / 100) * healthyPart;
  const tolerated = Math.floor((Math.min(minimumRequests, maxRequests) * maxPercent) / 100);
  // One request more, and the limit tolerates one failure more.
  const requests = maxPercent > 0 ? Math.ceil(((tolerated + 1) * 100) / maxPercent) - 1 : minimumRequests;
  const oneWindow = tailAbove(tolerated, requests, base);
  const probability = tailAbove(failureThreshold - 1, windows, oneWindow);
  return { probability, basePercent: base * 100, requests, windows };
}

/** Returns the probability of more than `limit` successes in `trials` of a binomial distribution. */
export function tailAbove(limit: number, trials: number, probability: number): number {
  if (limit >= trials || probability <= 0) return 0;
  if (probability >= 1) return 1;
  // Terms in logarithms: a power of a large number of trials would underflow.
  const odds = Math.log(probability) - Math.log1p(-probability);
  let logTerm = trials * Math.log1p(-probability);
  let upTo = Math.exp(logTerm);
  for (let count = 1; count <= limit; count += 1) {
    logTerm += Math.log((trials - count + 1) / count) + odds;
    upTo += Math.exp(logTerm);
  }
  return Math.min(1, Math.max(0, 1 - upTo));
}

/** Returns the data of a warning about a check that is likely to stop a healthy release; undefined when it is not. */
export function falseStopWarning(
  threshold: ErrorRateThreshold,
  strategy: ShiftStrategy,
  policy: ResolvedPolicy,
): LogData | undefined {
  const { probability, basePercent, requests, windows } = estimateFalseStops(threshold, strategy, policy);
  if (probability <= maxFalseStopProbability) return undefined;
  const { maxPercent, minimumRequests } = threshold;
  const percent = roundTo(probability * 100, 1);
  return {
    falseStopPercent: percent,
    detail: `stops a healthy release in up to ${percent} % of shifts, if it fails ${roundTo(basePercent, 3)} % of its requests (a fifth of the limit of ${maxPercent} %) and has ${requests} requests in each of ${windows} windows, where ${minimumRequests} are required`,
    remedy: 'Compare the stacks with albErrorRateRegression or errorRateRegression, or raise minimumRequests',
  };
}
