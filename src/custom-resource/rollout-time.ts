import { InvalidInputError } from '../core/errors.js';
import { periodOf } from '../traffic/checks/metric-queries.js';
import type {
  CloudWatchMetricProperties,
  DatadogMetricProperties,
  ListenerRuleProperties,
} from './properties.js';
import type { RuleShiftPlan } from './shift-plan.js';

/** How long a metric takes to be judged. */
export interface CheckTimes {
  readonly intervalSeconds: number;
  /** How far back the judged data may lie. */
  readonly windowSeconds: number;
  /** Seconds from new weights to a verdict, when it comes soonest. */
  readonly atLeastSeconds: number;
  /** When it comes latest, of data that is on time. */
  readonly atMostSeconds: number;
}

/** Kept of CloudFormation's own time for what comes before and after a rollout: the way to the Lambda, a rollback, the answer. */
const maxReserve = 120;

/** What writing and reading back take at each step, about. */
const secondsPerWrite = 3;

/**
 * A verdict needs a whole period under the new weights, which begins when the next one does. Three periods are looked at, so
 * that a late one leaves two to judge by.
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

/** Between how many seconds a rollout takes, if nothing goes wrong. */
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
 * Seconds that a rollout may take so that CloudFormation still waits for its answer.
 *
 * @param patienceSeconds - how long it waits from now on.
 */
export function answerableSeconds(
  { serviceTimeoutSeconds }: ListenerRuleProperties,
  patienceSeconds: number,
): number {
  return Math.max(0, patienceSeconds - Math.min(maxReserve, serviceTimeoutSeconds / 2));
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
