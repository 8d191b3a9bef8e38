const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/**
 * Returns the milliseconds for which CloudWatch keeps data points of a period.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
 */
export function retentionOf(periodSeconds: number): number {
  if (periodSeconds % 3600 === 0) return 455 * day;
  if (periodSeconds % 300 === 0) return 63 * day;
  return periodSeconds % 60 === 0 ? 15 * day : 3 * hour;
}

/**
 * Rounds the start of a request down as CloudWatch does: to the minute, for older data to 5 minutes or to the hour, and for the
 * shorter periods of recent data to the period.
 */
export function roundedStart(
  start: number,
  { now, periodSeconds }: { readonly now: number; readonly periodSeconds: number },
): number {
  const age = now - start;
  if (age > 63 * day) return floorTo(start, hour);
  if (age > 15 * day) return floorTo(start, 5 * minute);
  return floorTo(start, periodSeconds < 60 ? periodSeconds * 1000 : minute);
}

function floorTo(at: number, length: number): number {
  return at - (at % length);
}
