import * as v from 'valibot';
import { describeValue } from '../../../core/describe-value.js';
import { UnexpectedResponseError } from '../../../core/errors.js';
import { functionOf } from '../../../core/schemas.js';
import type { StackReference } from '../../../core/stack-reference.js';
import { parseInput } from '../../../core/validate.js';
import type { MetricWindow } from '../metric-window.js';
import type { PeriodCounts } from './period-counts.js';

/** Range of counts to return. */
export interface CountRange {
  /** Stack whose requests to count. */
  readonly stack: StackReference;
  /** Start of the first period: milliseconds since 1970, a multiple of the period. */
  readonly start: number;
  /** End of the last period, excluded: milliseconds since 1970. */
  readonly end: number;
  /** Length of a period in seconds. */
  readonly periodSeconds: number;
  /** Aborted together with the shift. */
  readonly signal: AbortSignal | undefined;
}

/** Counts of one period. */
export interface PeriodCount {
  /** Time within the period: milliseconds since 1970, not seconds. */
  readonly start: number;
  /** Number of requests. */
  readonly requests: number;
  /** Number of failed requests. */
  readonly failures: number;
}

/** Function that returns the counts of a range. Periods without requests may be missing. */
export type CountFunction = (range: CountRange) => readonly PeriodCount[] | Promise<readonly PeriodCount[]>;

/** Name of a {@link CountFunction} in messages. */
export const countFunction = 'the function of countsFrom';

/** Source of counts that is not CloudWatch, created by {@link countsFrom}. */
export class CountSource {
  readonly #read: CountFunction;

  /** Creates a source from a function. */
  constructor(read: CountFunction) {
    this.#read = read;
  }

  /**
   * Reads the counts of a range, added up by period.
   *
   * @throws UnexpectedResponseError when the function does not return counts.
   * @internal
   */
  async read(range: CountRange, check: string): Promise<PeriodCounts> {
    const given: unknown = await this.#read(range);
    const parsed = v.safeParse(countsSchema, given);
    if (!parsed.success) {
      throw new UnexpectedResponseError({
        action: countFunction,
        resource: `check ${check}`,
        field: 'an array of { start, requests, failures }, numbers of 0 or more',
        actual: describeValue(given),
      });
    }
    const inSeconds = parsed.output.find(({ start }) => isWithin(start * 1000, range));
    if (inSeconds !== undefined && !parsed.output.some(({ start }) => isWithin(start, range))) {
      throw new UnexpectedResponseError({
        action: countFunction,
        resource: `check ${check}`,
        field: `start in milliseconds since 1970, from ${range.start} to ${range.end}`,
        actual: `${inSeconds.start}, which are seconds`,
      });
    }
    return byPeriod(parsed.output, range);
  }
}

const count = v.pipe(v.number(), v.finite(), v.minValue(0));
const countsSchema = v.array(v.object({ start: count, requests: count, failures: count }));
const functionSchema = functionOf<CountFunction>();

/**
 * Creates a source of counts from a function, for `errorRateRegression`: Datadog, Prometheus, a log query, a database. The
 * function is called for both stacks at each evaluation, with everything since the shift began. It throws when it cannot read all of
 * the range: missing counts would look like missing traffic.
 *
 * @throws InvalidInputError when it is not a function.
 * @example
 * ```ts
 * import { countsFrom, errorRateRegression } from 'aws-blue-green-toolkit/traffic';
 *
 * const errors = errorRateRegression({
 *   name: 'failed orders',
 *   counts: countsFrom(async ({ stack, start, end, periodSeconds, signal }) => {
 *     const query = new URLSearchParams({ stack, from: `${start}`, to: `${end}`, step: `${periodSeconds}` });
 *     const response = await fetch(`https://metrics.example.com/orders?${query}`, { signal: signal ?? null });
 *     if (!response.ok) throw new Error(`The metrics answered ${response.status}`);
 *     return response.json();
 *   }),
 * });
 * ```
 */
export function countsFrom(read: CountFunction): CountSource {
  return new CountSource(parseInput('countsFrom argument', functionSchema, read));
}

function isWithin(time: number, { start, end }: MetricWindow): boolean {
  return time >= start && time < end;
}

function byPeriod(counts: readonly PeriodCount[], range: CountRange): PeriodCounts {
  const period = range.periodSeconds * 1000;
  const sums = new Map<number, { requests: number; failures: number }>();
  for (const { start: at, requests, failures } of counts) {
    if (!isWithin(at, range)) continue;
    const start = Math.floor(at / period) * period;
    const sum = sums.get(start) ?? { requests: 0, failures: 0 };
    sums.set(start, { requests: sum.requests + requests, failures: sum.failures + failures });
  }
  return sums;
}
