import type { CalendarInterval, Interval } from '@aws-sdk/client-application-signals';

const unitSeconds: Readonly<Record<string, number>> = {
  MINUTE: 60,
  HOUR: 3_600,
  DAY: 86_400,
  // As Application Signals does not say how long a month is, the burn rate of one is exact to a tenth.
  MONTH: 30 * 86_400,
};

/** The last day that every month has. */
const lastCommonDay = 28;

/** Returns the length of an objective's interval; undefined for an interval without one, or with a unit that AWS has added since. */
export function secondsOf(interval: Interval | undefined): number | undefined {
  const { Duration: count, DurationUnit: unit } =
    interval?.RollingInterval ?? interval?.CalendarInterval ?? {};
  const length = unit !== undefined && Object.hasOwn(unitSeconds, unit) ? unitSeconds[unit] : undefined;
  const seconds = (count ?? 0) * (length ?? 0);
  return seconds > 0 ? seconds : undefined;
}

/**
 * Returns the beginning of the calendar interval at a time, both in milliseconds since 1970; undefined for a rolling interval, and
 * where the calendar does not decide: before the first interval, and for months that begin on a day that some months lack.
 */
export function startOfInterval(interval: Interval | undefined, at: number): number | undefined {
  const calendar = interval?.CalendarInterval;
  const length = secondsOf(interval);
  const first = calendar?.StartTime?.getTime() ?? Number.NaN;
  if (calendar === undefined || length === undefined || !(first <= at)) return undefined;
  if (calendar.DurationUnit === 'MONTH') return startOfMonths(calendar, first, at);
  const milliseconds = length * 1000;
  return first + Math.floor((at - first) / milliseconds) * milliseconds;
}

function startOfMonths(
  { Duration: count = 1 }: CalendarInterval,
  first: number,
  at: number,
): number | undefined {
  const [begin, now] = [new Date(first), new Date(at)];
  if (begin.getUTCDate() > lastCommonDay) return undefined;
  const months =
    (now.getUTCFullYear() - begin.getUTCFullYear()) * 12 + now.getUTCMonth() - begin.getUTCMonth();
  const startAfter = (intervals: number) =>
    new Date(first).setUTCMonth(begin.getUTCMonth() + intervals * count);
  const intervals = Math.floor(months / count);
  return startAfter(intervals) <= at ? startAfter(intervals) : startAfter(intervals - 1);
}
