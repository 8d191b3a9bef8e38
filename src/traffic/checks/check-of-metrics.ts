import type { Check } from '../types.js';
import { requireMetricContext } from './check-context.js';
import {
  type CheckInternals,
  checkInternals,
  type ErrorRateThreshold,
  type MetricParts,
} from './check-internals.js';
import { checkPermissions } from './permissions.js';
import { readMetricData } from './read-metric-data.js';

/** Creates a check of CloudWatch metrics from its parts. */
export function checkOfMetrics(
  { name, dryRun }: Pick<Check, 'name' | 'dryRun'>,
  metrics: MetricParts,
  threshold?: ErrorRateThreshold,
): Check {
  const check: Check & { readonly [checkInternals]: CheckInternals } = {
    name,
    dryRun,
    permissions: checkPermissions.cloudWatchMetric,
    [checkInternals]: { metrics, ...(threshold && { threshold }) },
    async evaluate(context) {
      requireMetricContext(context);
      const { signal } = context;
      const responses = await Promise.all(
        metrics
          .readsOf(context)
          .map(({ queries, window }) =>
            readMetricData(metrics.cloudWatch, { queries, window, resource: `check ${name}`, signal }),
          ),
      );
      return metrics.judge(responses, context);
    },
  };
  return check;
}
