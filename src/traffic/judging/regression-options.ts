import * as v from 'valibot';
import { positiveCount, strictObject, time } from '../../core/schemas.js';

/** Requests of one stack in one period. */
export interface RequestCounts {
  /** All requests. Fractions are allowed, for counts made from a percentile rank. */
  readonly requests: number;
  /** Failed requests. A count above the requests leaves its period out. */
  readonly failures: number;
}

/** Counts of both stacks in one period. */
export interface RegressionPeriod {
  /** Start of the period in milliseconds since 1970. All periods of a shift have the same length. */
  readonly start: number;
  /** Counts of the stack that receives the traffic. */
  readonly incoming: RequestCounts;
  /** Counts of the stack that the traffic leaves. */
  readonly outgoing: RequestCounts;
}

/** Options of `judgeRegression`. */
export interface RegressionOptions {
  /**
   * Probability of a false stop, over the whole shift and however often it is judged: 0.000001 to 0.5.
   * @default 0.01
   */
  readonly alpha?: number | undefined;
  /**
   * Tolerated ratio of the incoming error rate to the outgoing one: 1 to 1000.
   * @default 1.5
   */
  readonly tolerateRatio?: number | undefined;
  /**
   * Tolerated increase of the error rate on top of the ratio, as a share of the requests from 0 to below 1: 0.0005 is 0.05
   * percentage points.
   * @default 0.0005
   */
  readonly tolerateIncrease?: number | undefined;
  /**
   * Failures that one cause can bring at once, such as one client that retries: 1 or more. They count as one. `1` is for failures
   * that are independent of each other, and stops falsely where they are not.
   * @default 20
   */
  readonly burst?: number | undefined;
  /**
   * Error rate that the incoming stack must not exceed, as a share of the requests from 0.000001 to 0.999999. While the outgoing
   * stack has requests, the incoming one must also fail more often than it. At 100 % the ceiling is all that is checked, so set it
   * above the usual error rate.
   * @default 0.1
   */
  readonly ceiling?: number | undefined;
  /**
   * Minimum number of incoming requests under the present weights; fewer are `inconclusive` and `undecided`.
   * @default 20
   */
  readonly minimumRequests?: number | undefined;
  /**
   * Passes only with evidence that the incoming stack fails at most twice as often as the outgoing one plus 0.5 percentage points,
   * with 95 % confidence; until then the verdict is `inconclusive` and `undecided`. Takes 10 to 50 minutes at 10 % of 2,000
   * requests a minute, and hours at 1 %. Not applied while the outgoing stack has no requests.
   * @default false
   */
  readonly requireEvidence?: boolean | undefined;
  /**
   * Start of the present weights in milliseconds since 1970: `weightsSince` of the check's context. Periods that start then or
   * later are under the present weights.
   * @default the start of the first period
   */
  readonly weightsSince?: number | undefined;
}

/** Resolved options without `weightsSince`. */
export type RegressionRules = Omit<
  { readonly [Key in keyof RegressionOptions]-?: NonNullable<RegressionOptions[Key]> },
  'weightsSince'
>;

/** Largest count: sums and products of such counts stay finite. */
export const maxCount = Number.MAX_SAFE_INTEGER;

/** True for a number of requests. */
export function isCount(value: number): boolean {
  return value >= 0 && value <= maxCount;
}

const count = v.pipe(v.number(), v.check(isCount, `a count from 0 to ${maxCount}`));

const requestCounts = strictObject({ requests: count, failures: count });

const periodSchema = strictObject({ start: time, incoming: requestCounts, outgoing: requestCounts });

/** Periods in any order, each with a start of its own. */
export const periodsSchema = v.pipe(
  v.array(periodSchema),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    const starts = new Set(dataset.value.map(({ start }) => start));
    if (starts.size === dataset.value.length) return;
    addIssue({ message: 'periods with different starts', received: 'two periods with the same start' });
  }),
);

/** Schema entries of {@link RegressionOptions} without `weightsSince`, with their defaults. */
export const regressionEntries = {
  alpha: v.optional(
    numberWhere((value) => value >= 1e-6 && value <= 0.5, 'a probability from 0.000001 to 0.5'),
    0.01,
  ),
  tolerateRatio: v.optional(
    numberWhere((value) => value >= 1 && value <= 1000, 'a ratio from 1 to 1000'),
    1.5,
  ),
  tolerateIncrease: v.optional(
    numberWhere((value) => value >= 0 && value < 1, 'a share of the requests, 0 or more and below 1'),
    0.0005,
  ),
  burst: v.optional(
    numberWhere((value) => value >= 1, 'a number of failures, 1 or more'),
    20,
  ),
  ceiling: v.optional(
    numberWhere(
      (value) => value >= 1e-6 && value <= 0.999999,
      'a share of the requests from 0.000001 to 0.999999',
    ),
    0.1,
  ),
  minimumRequests: v.optional(positiveCount, 20),
  requireEvidence: v.optional(v.boolean(), false),
};

export const regressionSchema = strictObject({ ...regressionEntries, weightsSince: v.optional(time) });

/* @__NO_SIDE_EFFECTS__ */
function numberWhere(isAllowed: (value: number) => boolean, expected: string) {
  return v.pipe(v.number(), v.check(isAllowed, expected));
}
