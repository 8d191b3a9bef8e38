import type { Interval } from '@aws-sdk/client-application-signals';
import { secondsOf, startOfInterval } from './goal-interval.js';

/** Shortest time over which a burn rate is measured: the shortest period of an objective. */
export const minBurnSeconds = 60;

/** Error budget of a report. */
export interface Budget {
  /** Of requests, the failures that those since the beginning of the interval allow. */
  readonly total: number;
  /** Negative after a breach. */
  readonly remaining: number;
  readonly unit: 's' | 'requests';
}

/** Budgets of an objective at two times. */
export interface BurningBudget {
  readonly now: Budget;
  readonly before: Budget;
  readonly interval: Interval | undefined;
  /** Time of the present budget: milliseconds since 1970. */
  readonly at: number;
  /** Seconds between the two. */
  readonly elapsedSeconds: number;
}

/** Burn rate, or the reason that it is unknown. */
export type BurnRate =
  | {
      readonly rate: number;
      /** False in the beginning of an interval: a rate that is too high is known to be, and a low one is not. */
      readonly isMeasured: boolean;
    }
  | { readonly unknown: string };

/** Returns the rate at which a budget burns. A rate of 1 uses the whole budget in exactly one interval of the objective. */
export function burnRateOf(burning: BurningBudget): BurnRate {
  const { now, before, interval, at, elapsedSeconds } = burning;
  const grows = now.unit === 'requests' && interval?.CalendarInterval !== undefined;
  if (!isUsable(now) || !(grows ? isNumber(before) : isUsable(before)))
    return { unknown: 'the report has no budget' };
  const intervalSeconds = secondsOf(interval);
  if (intervalSeconds === undefined) return { unknown: 'the report has no interval' };
  const start = startOfInterval(interval, at) ?? Number.NEGATIVE_INFINITY;
  const sinceStart = (at - start) / 1000;
  return grows
    ? rateOfRequests(burning, sinceStart)
    : rateOfShares(burning, { sinceStart, intervalSeconds, hasStarted: sinceStart < elapsedSeconds });
}

/** Compares the shares of a whole budget that are used. */
function rateOfShares(
  { now, before, interval, elapsedSeconds }: BurningBudget,
  {
    sinceStart,
    intervalSeconds,
    hasStarted,
  }: { readonly sinceStart: number; readonly intervalSeconds: number; readonly hasStarted: boolean },
): BurnRate {
  const [usedNow, usedBefore] = [usedShare(now), usedShare(before)];
  // A new calendar interval begins with a whole budget: only what it has used since is known.
  const isReset = hasStarted || (interval?.CalendarInterval !== undefined && usedNow < usedBefore);
  const isMeasured = !isReset || (hasStarted && sinceStart >= minBurnSeconds);
  const seconds = isReset && isMeasured ? sinceStart : elapsedSeconds;
  const rate = ((usedNow - (isReset ? 0 : usedBefore)) * intervalSeconds) / seconds;
  return { rate, isMeasured };
}

/**
 * Compares failures with the budget of the requests so far. In a calendar interval it grows from 0 with the requests, so its used share is a
 * rate itself: that since the beginning.
 */
function rateOfRequests({ now, before, elapsedSeconds }: BurningBudget, sinceStart: number): BurnRate {
  const isStartKnown = Number.isFinite(sinceStart);
  const hasStarted = isStartKnown && sinceStart < elapsedSeconds;
  const added = now.total - before.total;
  // Within an interval the requests only become more.
  const isReset = hasStarted || added < 0;
  if (isReset) return { rate: usedShare(now), isMeasured: !hasStarted || sinceStart >= minBurnSeconds };
  const failures = used(now) - used(before);
  if (isStartKnown) return { rate: (failures * sinceStart) / (now.total * elapsedSeconds), isMeasured: true };
  if (failures > 0 && added === 0) return { unknown: 'too few requests since to compare its failures with' };
  return { rate: failures > 0 ? failures / added : 0, isMeasured: true };
}

function isNumber({ total, remaining }: Budget): boolean {
  return !Number.isNaN(total) && !Number.isNaN(remaining);
}

function isUsable(budget: Budget): boolean {
  return isNumber(budget) && budget.total > 0;
}

function used({ total, remaining }: Budget): number {
  return total - remaining;
}

/** Used share of the budget, above 1 after a breach. */
function usedShare({ total, remaining }: Budget): number {
  return 1 - remaining / total;
}
