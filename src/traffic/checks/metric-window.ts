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
 * The period in which the weights changed, when it is the newest that is over: there is no window yet. Its data is of both
 * weights.
 */
export function periodOfChange(times: CheckTimes, settings: WindowSettings): MetricWindow | undefined {
  const period = settings.periodSeconds * 1000;
  const end = endOfData(times, settings);
  const start = end - period;
  return start < times.weightsSince && times.weightsSince < end ? { start, end } : undefined;
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
function endOfData({ now }: CheckTimes, { periodSeconds, delaySeconds }: WindowSettings): number {
  const period = periodSeconds * 1000;
  return Math.floor((now - delaySeconds * 1000) / period) * period;
}

/** Data points that one series can have in a window. */
export function periodsIn({ windowSeconds, periodSeconds }: WindowSettings): number {
  return Math.max(1, Math.floor(windowSeconds / periodSeconds));
}
