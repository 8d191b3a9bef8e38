import { InvalidInputError } from '../../core/errors.js';
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

/** Kept of CloudFormation's time for what comes before and after a rollout: the way to the Lambda, a rollback, the response. */
const maxReserve = 120;

/** About the time for writing and reading back at each step. */
const secondsPerWrite = 3;

/**
 * A verdict needs a whole period under the new weights, and the first one begins with the next period. Three periods are read,
 * so that a late one leaves two to judge by.
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

/** Shortest and longest seconds of a rollout in which nothing goes wrong. */
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
 * Seconds that a rollout may take so that CloudFormation still waits for its response.
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
 * Refuses a rollout that cannot end in time, before anything is written.
 *
 * @throws InvalidInputError which names the property that the time is spent on.
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
  throw new InvalidInputError({
    subject: 'Listener rule properties',
    problems: [
      {
        field: holds > available.seconds ? 'StepInterval' : metric,
        expected: `steps that end within the ${Math.floor(available.seconds)} s that ${available.of} leaves (fewer steps by a larger StepWeight, or shorter ones)`,
        actual: `${plan.strategy.steps.length} steps that take ${Math.ceil(atLeast)} s at least`,
      },
    ],
  });
}
