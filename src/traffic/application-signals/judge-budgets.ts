import type { ServiceLevelObjectiveBudgetReport } from '@aws-sdk/client-application-signals';
import { describeNumber } from '../checks/check-options.js';
import type { CheckResult } from '../types.js';
import { type Budget, burnRateOf } from './burn-rate.js';
import { type BudgetReports, findEntry } from './read-budgets.js';

/** Budgets now and, for a burn rate, at the start of the window. */
export interface BudgetReadings {
  readonly now: BudgetReports;
  readonly before: BudgetReports | undefined;
  /** Time of the present budgets: milliseconds since 1970. */
  readonly at: number;
  /** Seconds between the two. */
  readonly elapsedSeconds: number;
}

/** Rules that budgets are judged by. */
export interface BudgetRules {
  readonly maxBurnRate: number | undefined;
  readonly warning: 'pass' | 'fail';
}

type Verdict = CheckResult & { readonly burnRate?: number };

const rank = { fail: 0, inconclusive: 1, pass: 2 } as const;

/** Judges every objective. The worst verdict counts. */
export function judgeBudgets(
  ids: readonly string[],
  readings: BudgetReadings,
  rules: BudgetRules,
): CheckResult {
  const verdicts = ids.map((id) => judgeOne(id, readings, rules));
  const worst = verdicts.reduce((one, other) => (rank[other.outcome] < rank[one.outcome] ? other : one), {
    outcome: 'pass',
    detail: '',
  });
  const { outcome } = worst;
  const same = verdicts.filter((it) => it.outcome === outcome);
  const rates = same.flatMap(({ burnRate }) => burnRate ?? []);
  return {
    outcome,
    detail: same.map(({ detail }) => detail).join('; '),
    ...(rates.length > 0 && { value: Math.max(...rates) }),
  };
}

function judgeOne(id: string, readings: BudgetReadings, rules: BudgetRules): Verdict {
  const report = findEntry(readings.now.reports, id);
  if (report === undefined) return { outcome: 'inconclusive', detail: `${id} ${missing(readings.now, id)}` };
  const { BudgetStatus: status } = report;
  const left = describeRemaining(report);
  const detail = `the error budget of ${id} is ${status ?? 'without a status'}${left}`;
  if (status === 'BREACHED') return { outcome: 'fail', detail };
  if (status === 'WARNING' && rules.warning === 'fail')
    return { outcome: 'fail', detail: `${detail}, which counts as fail here` };
  // A status that AWS has added since proves nothing.
  if (status !== 'OK' && status !== 'WARNING') return { outcome: 'inconclusive', detail };
  if (rules.maxBurnRate === undefined) return { outcome: 'pass', detail };
  return judgeBurn(id, { report, detail }, readings, rules.maxBurnRate);
}

/** A burn rate of 1 uses the whole budget in exactly one interval of the objective. */
function judgeBurn(
  id: string,
  { report, detail }: { readonly report: ServiceLevelObjectiveBudgetReport; readonly detail: string },
  { before, at, elapsedSeconds }: BudgetReadings,
  maxBurnRate: number,
): Verdict {
  const unknown = (reason: string): Verdict => ({
    outcome: 'inconclusive',
    detail: `${detail}, and its burn rate is unknown: ${reason}`,
  });
  if (before === undefined) return unknown('the present weights are too new');
  const earlier = findEntry(before.reports, id);
  if (earlier === undefined) return unknown(`at the start of the window it ${missing(before, id)}`);
  const [present, previous] = [budgetOf(report), budgetOf(earlier)];
  if (present === undefined || previous === undefined) return unknown('the report has no budget');
  const interval = report.Goal?.Interval;
  const burning = burnRateOf({ now: present, before: previous, interval, at, elapsedSeconds });
  if ('unknown' in burning) return unknown(burning.unknown);
  const { rate: burnRate, isMeasured } = burning;
  if (!isMeasured && burnRate <= maxBurnRate)
    return unknown('a new interval of the objective has begun since');
  const shown = `${detail}, with a burn rate of ${describeNumber(burnRate)} (max ${maxBurnRate})`;
  return { outcome: burnRate > maxBurnRate ? 'fail' : 'pass', detail: shown, burnRate };
}

function missing({ errors }: BudgetReports, id: string): string {
  const error = findEntry(errors, id);
  if (error === undefined)
    return 'is not in the response: check its name, and the Region and account of the client';
  return `has no report: ${[error.ErrorCode, error.ErrorMessage].filter(Boolean).join(', ')}`;
}

function budgetOf({
  TotalBudgetSeconds,
  BudgetSecondsRemaining,
  TotalBudgetRequests,
  BudgetRequestsRemaining,
}: ServiceLevelObjectiveBudgetReport): Budget | undefined {
  if (TotalBudgetSeconds !== undefined && BudgetSecondsRemaining !== undefined)
    return { total: TotalBudgetSeconds, remaining: BudgetSecondsRemaining, unit: 's' };
  if (TotalBudgetRequests !== undefined && BudgetRequestsRemaining !== undefined)
    return { total: TotalBudgetRequests, remaining: BudgetRequestsRemaining, unit: 'requests' };
  return undefined;
}

function describeRemaining(report: ServiceLevelObjectiveBudgetReport): string {
  const budget = budgetOf(report);
  return budget === undefined ? '' : ` (${budget.remaining} of ${budget.total} ${budget.unit} left)`;
}
