import { type CheckTimes, describeTime } from './check-options.js';

/** Whole periods of a metric: milliseconds since 1970, the end exclusive. */
export interface MetricWindow {
  readonly start: number;
  readonly end: number;
}

/** The window of a metric: its length, its periods, and its distance from now. */
export interface WindowSettings {
  readonly windowSeconds: number;
  readonly periodSeconds: number;
  /** Seconds after its end at which the data of a period is complete. */
  readonly delaySeconds: number;
}

/**
 * The periods to judge: at most those of the window, none that is still under way, and none that began before the
 * present weights were verified, because its data is of other traffic. Returns undefined when no period has passed since.
 */
export function metricWindow(times: CheckTimes, settings: WindowSettings): MetricWindow | undefined {
  const period = settings.periodSeconds * 1000;
  const end = endOfData(times, settings);
  const firstOfTheseWeights = Math.ceil(times.weightsSince / period) * period;
  const start = Math.max(end - periodsIn(settings) * period, firstOfTheseWeights);
  return start < end ? { start, end } : undefined;
}

/**
 * The periods that no evaluation under the earlier weights could judge: from the first whose data was still to come when the
 * weights changed, up to the one in which they changed. Those of them whose data is complete by now, while there is no window
 * yet. Returns undefined when there is none.
 */
export function periodsOfChange(times: CheckTimes, settings: WindowSettings): MetricWindow | undefined {
  const period = settings.periodSeconds * 1000;
  const start = endOfData({ now: times.weightsSince }, settings);
  const end = endOfData(times, settings);
  return start < end && end < times.weightsSince + period ? { start, end } : undefined;
}

/** As many periods as the window has, the last ones before the present weights: of the traffic that was before. */
export function windowBefore({ weightsSince }: CheckTimes, settings: WindowSettings): MetricWindow {
  const period = settings.periodSeconds * 1000;
  const end = Math.floor(weightsSince / period) * period;
  return { start: end - periodsIn(settings) * period, end };
}

/** The reason for which there is no window yet. */
export function describeNoWindow({ weightsSince }: CheckTimes, { periodSeconds }: WindowSettings): string {
  return `no whole period of ${periodSeconds} s has passed since the weights were verified at ${describeTime(weightsSince)}`;
}

/** The window in words. */
export function describeWindow({ start, end }: MetricWindow): string {
  return `${describeTime(start)} to ${describeTime(end)}`;
}

/** The end of the last period whose data is complete. */
function endOfData(
  { now }: Pick<CheckTimes, 'now'>,
  { periodSeconds, delaySeconds }: WindowSettings,
): number {
  const period = periodSeconds * 1000;
  return Math.floor((now - delaySeconds * 1000) / period) * period;
}

/** Data points that one series can have in a window. */
export function periodsIn({ windowSeconds, periodSeconds }: WindowSettings): number {
  return Math.max(1, Math.floor(windowSeconds / periodSeconds));
}
