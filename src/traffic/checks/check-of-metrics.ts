import type { Check } from '../types.js';
import { requireMetricContext } from './check-context.js';
import { type ErrorRateThreshold, type MetricParts, withInternals } from './check-internals.js';
import { checkPermissions } from './permissions.js';
import { readMetricData } from './read-metric-data.js';

/** Creates a check of CloudWatch metrics from its parts. */
export function checkOfMetrics(
  { name, dryRun }: Pick<Check, 'name' | 'dryRun'>,
  metrics: MetricParts,
  threshold?: ErrorRateThreshold,
): Check {
  const check: Check = {
    name,
    dryRun,
    permissions: checkPermissions.cloudWatchMetric,
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
  return withInternals(check, { metrics, ...(threshold && { threshold }) });
}
