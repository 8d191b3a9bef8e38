import { type CheckTimes, describeTime } from './check-options.js';

/** Whole periods of a metric: milliseconds since 1970, with an exclusive end. */
export interface MetricWindow {
  readonly start: number;
  readonly end: number;
}

/** Length, periods and delay of a metric's window. */
export interface WindowSettings {
  readonly windowSeconds: number;
  readonly periodSeconds: number;
  /** Seconds after its end at which the data of a period is complete. */
  readonly delaySeconds: number;
}

/**
 * Returns the periods to judge: at most those of the window, none that is incomplete, and none that began before the present
 * weights were verified, because its data is of other traffic. Returns undefined when no period has passed since.
 */
export function metricWindow(times: CheckTimes, settings: WindowSettings): MetricWindow | undefined {
  const period = settings.periodSeconds * 1000;
  const end = endOfData(times, settings);
  const firstOfTheseWeights = Math.ceil(times.weightsSince / period) * period;
  const start = Math.max(end - periodsIn(settings) * period, firstOfTheseWeights);
  return start < end ? { start, end } : undefined;
}

/**
 * Returns the periods that no evaluation under the earlier weights could judge: from the first whose data was not yet available
 * when the weights changed, up to the one in which they changed. Only those whose data is complete now, and only while there is
 * no window yet. Returns undefined when there is none.
 */
export function periodsOfChange(times: CheckTimes, settings: WindowSettings): MetricWindow | undefined {
  const period = settings.periodSeconds * 1000;
  const start = endOfData({ now: times.weightsSince }, settings);
  const end = endOfData(times, settings);
  return start < end && end < times.weightsSince + period ? { start, end } : undefined;
}

/** Returns the last periods before the present weights, as many as the window has. Their data is of the earlier traffic. */
export function windowBefore({ weightsSince }: CheckTimes, settings: WindowSettings): MetricWindow {
  const period = settings.periodSeconds * 1000;
  const end = Math.floor(weightsSince / period) * period;
  return { start: end - periodsIn(settings) * period, end };
}

/** Describes why there is no window yet. */
export function describeNoWindow({ weightsSince }: CheckTimes, { periodSeconds }: WindowSettings): string {
  return `no whole period of ${periodSeconds} s has passed since the weights were verified at ${describeTime(weightsSince)}`;
}

/** Formats a window for messages. */
export function describeWindow({ start, end }: MetricWindow): string {
  return `${describeTime(start)} to ${describeTime(end)}`;
}

/** Returns the end of the last period whose data is complete. */
function endOfData(
  { now }: Pick<CheckTimes, 'now'>,
  { periodSeconds, delaySeconds }: WindowSettings,
): number {
  const period = periodSeconds * 1000;
  return Math.floor((now - delaySeconds * 1000) / period) * period;
}

/** Returns the number of data points that one series can have in a window. */
export function periodsIn({ windowSeconds, periodSeconds }: WindowSettings): number {
  return Math.max(1, Math.floor(windowSeconds / periodSeconds));
}
