import { invalidInput } from '../../core/errors.js';
import { periodOf } from '../../traffic/checks/metric-queries.js';
import type {
  CloudWatchMetricProperties,
  DatadogMetricProperties,
  ListenerRuleProperties,
} from '../rule/properties.js';
import type { RuleShiftPlan } from './shift-plan.js';

/** Times in which a metric is judged. */
export interface CheckTimes {
  readonly intervalSeconds: number;
  /** Age of the oldest data that is judged. */
  readonly windowSeconds: number;
  /** Shortest time from new weights to a verdict. */
  readonly atLeastSeconds: number;
  /** Longest time to a verdict, with data that is on time. */
  readonly atMostSeconds: number;
}

/** Reserved before the response deadline for the invocation, a rollback and the response. */
const maxReserve = 120;

/** Typical time for writing and verifying a step. */
const secondsPerWrite = 3;

/**
 * Returns the times of a metric. A verdict needs a whole period under the new weights, and the first whole one begins with the
 * next period. Three periods are read, so that two remain when one is late.
 */
export function checkTimes(metric: CloudWatchMetricProperties | DatadogMetricProperties): CheckTimes {
  const { intervalSeconds } = metric;
  const period = 'queries' in metric ? periodOf(metric.queries) : 0;
  const upToCheck = (seconds: number) => Math.max(1, Math.ceil(seconds / intervalSeconds)) * intervalSeconds;
  return {
    intervalSeconds,
    windowSeconds: Math.max(intervalSeconds, 3 * period),
    atLeastSeconds: upToCheck(period),
    atMostSeconds: upToCheck(2 * period),
  };
}

/** Shortest and longest duration of a rollout without failures, in seconds. */
export function rolloutSeconds(
  { strategy, goesBack }: RuleShiftPlan,
  { cloudWatchMetric, datadogMetric }: ListenerRuleProperties,
): { readonly atLeast: number; readonly atMost: number } {
  const metrics = goesBack ? [] : [cloudWatchMetric, datadogMetric];
  const checks = metrics.filter((it) => it !== undefined).map(checkTimes);
  const secondsOf = (checkSeconds: (it: CheckTimes) => number, writeSeconds: number) =>
    strategy.steps
      .map(({ holdSeconds }) => Math.max(holdSeconds, ...checks.map(checkSeconds)) + writeSeconds)
      .reduce((sum, seconds) => sum + seconds, 0);
  return {
    atLeast: secondsOf((it) => it.atLeastSeconds, 0),
    atMost: secondsOf((it) => it.atMostSeconds, secondsPerWrite),
  };
}

/**
 * Seconds for a rollout that still ends before the response deadline.
 *
 * @param secondsToResponseDeadline - from now on.
 */
export function rolloutSecondsWithin(
  { serviceTimeoutSeconds }: ListenerRuleProperties,
  secondsToResponseDeadline: number,
): number {
  return Math.max(0, secondsToResponseDeadline - Math.min(maxReserve, serviceTimeoutSeconds / 2));
}

/**
 * Rejects a rollout that cannot end in time, before any write.
 *
 * @throws InvalidInputError that names the property that takes the time.
 */
export function requireTime(
  plan: RuleShiftPlan,
  properties: ListenerRuleProperties,
  available: { readonly seconds: number; readonly of: string },
): void {
  const { atLeast } = rolloutSeconds(plan, properties);
  if (atLeast <= available.seconds) return;
  const holds = plan.strategy.steps.reduce((sum, { holdSeconds }) => sum + holdSeconds, 0);
  const metric = properties.cloudWatchMetric === undefined ? 'DatadogMetric.Interval' : 'CloudWatchMetric';
  throw invalidInput('Listener rule properties', {
    field: holds > available.seconds ? 'StepInterval' : metric,
    expected: `steps that end within the ${Math.floor(available.seconds)} s that ${available.of} leaves (fewer steps by a larger StepWeight, or shorter ones)`,
    actual: `${plan.strategy.steps.length} steps that take ${Math.ceil(atLeast)} s at least`,
  });
}
