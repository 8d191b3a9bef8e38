import { type ChangeFields, type ChangeOutcome, isBeginning, isFailedCheck } from './change-fields.js';

/** Metrics with their units in CloudWatch. */
export const metricUnits = {
  Started: 'Count',
  Succeeded: 'Count',
  RolledBack: 'Count',
  Halted: 'Count',
  Failed: 'Count',
  Abandoned: 'Count',
  RollbackStarted: 'Count',
  FailedChecks: 'Count',
  FailedSteps: 'Count',
  IncomingPercent: 'Percent',
  Duration: 'Seconds',
} as const;

/** Name of a metric. */
export type MetricName = keyof typeof metricUnits;

const metricByOutcome: Readonly<Record<ChangeOutcome, MetricName>> = {
  succeeded: 'Succeeded',
  rolledBack: 'RolledBack',
  halted: 'Halted',
  failed: 'Failed',
  abandoned: 'Abandoned',
};

/** Returns the values of an event. Most events of a rollout have none. */
export function metricsOf(fields: ChangeFields): Readonly<Partial<Record<MetricName, number>>> {
  const { event, outcome, incomingPercent, durationSeconds } = fields;
  return {
    ...(isBeginning(fields) && { Started: 1 }),
    ...(outcome !== undefined && { [metricByOutcome[outcome]]: 1 }),
    ...((event === 'rollingBack' || event === 'rollbackRequested') && { RollbackStarted: 1 }),
    ...(event === 'checkEvaluated' && { FailedChecks: isFailedCheck(fields) ? 1 : 0 }),
    ...(event === 'stepFailed' && { FailedSteps: 1 }),
    ...(incomingPercent !== undefined && { IncomingPercent: incomingPercent }),
    ...(durationSeconds !== undefined && { Duration: durationSeconds }),
  };
}
