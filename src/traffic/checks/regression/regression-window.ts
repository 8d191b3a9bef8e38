import type { CheckContext } from '../../types.js';
import { describeTime } from '../check-options.js';
import type { MetricWindow } from '../metric-window.js';

/** Length of the periods, and the delay of their data. */
export interface PeriodSettings {
  /** Length of a period. It stays the same throughout a shift. */
  readonly periodSeconds: number;
  /** Seconds after its end at which the data of a period is complete. */
  readonly delaySeconds: number;
}

const daySeconds = 86_400;

/**
 * Returns the whole periods since the shift began, aligned to the clock. The period in which it began is left out, because it can
 * hold requests of an earlier attempt. Returns undefined when no period is over.
 *
 * The beginning depends on the start of the shift only, so that every evaluation judges the same periods. A shift that is older than
 * the metrics that CloudWatch keeps moves its beginning in steps of half that time.
 */
export function regressionWindow(
  { startedAt, now }: Pick<CheckContext, 'startedAt' | 'now'>,
  { periodSeconds, delaySeconds }: PeriodSettings,
): MetricWindow | undefined {
  const period = periodSeconds * 1000;
  const kept = keptSeconds(periodSeconds) * 1000;
  const step = Math.floor(kept / 2 / period) * period;
  const first = Math.ceil(startedAt / period) * period;
  // An hour less, so that no period is dropped between two pages.
  const steps = Math.max(0, Math.ceil((now - first - kept + 3_600_000) / step));
  const start = first + steps * step;
  const end = Math.floor((now - delaySeconds * 1000) / period) * period;
  return start < end ? { start, end } : undefined;
}

/** Describes why there is no window yet. */
export function describeNoPeriod(
  { startedAt }: Pick<CheckContext, 'startedAt'>,
  { periodSeconds }: PeriodSettings,
): string {
  return `no whole period of ${periodSeconds} s has passed since the shift began at ${describeTime(startedAt)}`;
}

/**
 * Returns for how long CloudWatch keeps data points of a period:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
 */
function keptSeconds(periodSeconds: number): number {
  if (periodSeconds % 3600 === 0) return 455 * daySeconds;
  return (periodSeconds % 300 === 0 ? 63 : 15) * daySeconds;
}
