import { type InputProblem, InvalidInputError } from '../../core/errors.js';
import { periodsIn, type WindowSettings } from './metric-window.js';

/** Namespaces whose data points appear in CloudWatch a minute after the end of their period, or later. */
const lateNamespaces: readonly string[] = ['AWS/ApplicationELB', 'AWS/NetworkELB'];
const lateSeconds = 60;

/** Window, and the data that must fit into it. */
export interface WindowPlan extends WindowSettings {
  /** Data points that a pass needs, when the queries return one series. */
  readonly minimumSamples?: number | undefined;
  /** Namespaces of the metrics. */
  readonly namespaces: readonly string[];
}

/**
 * Rejects a window in which no data can ever be judged.
 *
 * @throws InvalidInputError for a window that is shorter than a period, ends before a load balancer's metrics appear, or has fewer
 * periods than the required data points.
 */
export function requireFittingWindow(subject: string, plan: WindowPlan): void {
  const problems = [tooShort(plan), tooEarly(plan), tooFewPeriods(plan)].filter((it) => it !== undefined);
  if (problems.length > 0) throw new InvalidInputError({ subject, problems: problems.slice(0, 1) });
}

function tooShort({ windowSeconds, periodSeconds }: WindowPlan): InputProblem | undefined {
  if (windowSeconds >= periodSeconds) return undefined;
  return {
    field: 'windowSeconds',
    expected: `at least one period of the queries (${periodSeconds} s)`,
    actual: `${windowSeconds}`,
  };
}

function tooEarly({ windowSeconds, periodSeconds, delaySeconds, namespaces }: WindowPlan) {
  const minSeconds = periodSeconds + lateSeconds;
  const late = namespaces.find((it) => lateNamespaces.includes(it));
  if (late === undefined || windowSeconds + delaySeconds >= minSeconds) return undefined;
  return {
    field: 'windowSeconds',
    expected: `at least ${minSeconds} with delaySeconds added, because metrics of ${late} appear ${lateSeconds} s after their period or later`,
    actual: `${windowSeconds} and delaySeconds ${delaySeconds}`,
  };
}

function tooFewPeriods(plan: WindowPlan): InputProblem | undefined {
  const { minimumSamples = 1 } = plan;
  if (minimumSamples <= periodsIn(plan)) return undefined;
  return {
    field: 'minimumSamples',
    expected: `at most ${periodsIn(plan)}, the periods of ${plan.periodSeconds} s in a window of ${plan.windowSeconds} s`,
    actual: `${minimumSamples}`,
  };
}
