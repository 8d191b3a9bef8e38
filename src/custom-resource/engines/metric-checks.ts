import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { describeValue } from '../../core/describe-value.js';
import { invalidInput } from '../../core/errors.js';
import { cloudWatchMetric } from '../../traffic/checks/cloudwatch-metric.js';
import { datadogMetric } from '../../traffic/checks/datadog-metric.js';
import type { Check, CheckPolicy } from '../../traffic/types.js';
import { checkTimes } from '../plan/rollout-time.js';
import type { ListenerRuleProperties } from '../rule/properties.js';
import type { DatadogKeys } from '../types.js';

export interface MetricDependencies {
  readonly cloudWatch: CloudWatchClient;
  readonly datadog?: DatadogKeys | undefined;
  /** Origins besides Datadog's own that `DatadogMetric.Address` may name. */
  readonly allowedDatadogOrigins: readonly string[];
  readonly fetch?: typeof fetch | undefined;
}

/** Datadog's sites: https://docs.datadoghq.com/getting_started/site/ */
const datadogHost = /^(?:[a-z0-9-]+\.)*(?:datadoghq\.com|datadoghq\.eu|ddog-gov\.com)$/;

/**
 * Creates the checks of the metrics. Their windows tolerate late data.
 *
 * @throws InvalidInputError when the keys of Datadog are missing, or a metric is malformed.
 */
export function checksOf(
  { cloudWatchMetric: cloudWatch, datadogMetric: datadog }: ListenerRuleProperties,
  dependencies: MetricDependencies,
): Check[] {
  const checks: Check[] = [];
  if (cloudWatch !== undefined) {
    const { queries, min, max } = cloudWatch;
    checks.push(
      cloudWatchMetric({
        name: 'CloudWatchMetric',
        queries,
        min,
        max,
        windowSeconds: checkTimes(cloudWatch).windowSeconds,
        clients: { cloudWatch: dependencies.cloudWatch },
      }),
    );
  }
  if (datadog !== undefined) {
    const { query, min, max, address } = datadog;
    if (address !== undefined) requireDatadog(address, dependencies.allowedDatadogOrigins);
    checks.push(
      datadogMetric({
        name: 'DatadogMetric',
        query,
        min,
        max,
        address,
        windowSeconds: checkTimes(datadog).windowSeconds,
        ...keysOf(dependencies.datadog),
        fetch: dependencies.fetch,
      }),
    );
  }
  return checks;
}

/** Returns a policy with time for the first whole period of each metric. */
export function policyOf({
  cloudWatchMetric: cloudWatch,
  datadogMetric: datadog,
}: ListenerRuleProperties): CheckPolicy {
  const times = [cloudWatch, datadog].filter((it) => it !== undefined).map(checkTimes);
  if (times.length === 0) return {};
  const intervalSeconds = Math.min(...times.map((it) => it.intervalSeconds));
  const maxWait = Math.max(...times.map((it) => it.atMostSeconds));
  return {
    intervalSeconds,
    initialDelaySeconds: intervalSeconds,
    // A verdict needs a whole period under the new weights, and some points are late.
    inconclusiveThreshold: Math.ceil(maxWait / intervalSeconds) + 3,
  };
}

/** The address of the template receives the keys, so it has to belong to Datadog or to the allowed origins. */
function requireDatadog(address: string, allowedOrigins: readonly string[]): void {
  const { protocol, hostname, port, origin } = new URL(address);
  const isDatadog = protocol === 'https:' && port === '' && datadogHost.test(hostname);
  if (isDatadog || allowedOrigins.includes(origin)) return;
  throw invalidInput('Listener rule properties', {
    field: 'DatadogMetric.Address',
    expected:
      'an https URL of Datadog, such as https://api.datadoghq.eu; others only if the function allows them (allowedDatadogOrigins)',
    actual: describeValue(origin),
  });
}

/** Reads the keys from the options or the environment, never from the template. courier reads the same variables. */
function keysOf(keys: DatadogKeys | undefined): DatadogKeys {
  if (keys !== undefined) return keys;
  const { DATADOG_API_KEY: apiKey, DATADOG_APPLICATION_KEY: appKey } = process.env;
  if (apiKey && appKey) return { apiKey, appKey };
  throw invalidInput('Listener rule properties', {
    field: 'DatadogMetric',
    expected: 'the keys of Datadog in DATADOG_API_KEY and DATADOG_APPLICATION_KEY of the function',
    actual: 'nothing',
  });
}
