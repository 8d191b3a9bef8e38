import { judgeRegression, type RegressionVerdict } from '../../judging/judge-regression.js';
import type { RegressionRules, RequestCounts } from '../../judging/regression-options.js';
import type { CheckContext, CheckEvidence, CheckResult } from '../../types.js';
import { describeTime } from '../check-options.js';
import type { MetricWindow } from '../metric-window.js';
import { joinStacks, type PeriodCounts } from './period-counts.js';
import { describeNoPeriod, type PeriodSettings } from './regression-window.js';

/** Counts of both stacks since the shift began. */
export interface BothCounts {
  readonly incoming: PeriodCounts;
  readonly outgoing: PeriodCounts;
}

/** Judges complete counts of every period of the window. */
export function judgeCounts(
  { incoming, outgoing }: BothCounts,
  window: MetricWindow,
  { startedAt, weightsSince }: Pick<CheckContext, 'startedAt' | 'weightsSince'>,
  { rules, periodSeconds }: PeriodSettings & { readonly rules: RegressionRules },
): CheckResult {
  const isWithin = ([start]: readonly [number, RequestCounts]) => start >= window.start && start < window.end;
  const verdict = judgeRegression(
    joinStacks(new Map([...incoming].filter(isWithin)), new Map([...outgoing].filter(isWithin))),
    { ...rules, weightsSince },
  );
  const isCutOff = window.start >= startedAt + periodSeconds * 1000;
  const since = isCutOff ? `; judged since ${describeTime(window.start)}, older metrics are not kept` : '';
  return {
    outcome: verdict.outcome,
    detail: `${verdict.detail}${since}`,
    value: verdict.evidence,
    evidence: evidenceOf(verdict),
    ...(verdict.undecided === true && { undecided: true }),
  };
}

/** Returns the result before the first period is over. */
export function noPeriodYet(context: Pick<CheckContext, 'startedAt'>, settings: PeriodSettings): CheckResult {
  return { outcome: 'inconclusive', undecided: true, detail: describeNoPeriod(context, settings) };
}

function evidenceOf({
  evidence,
  evidenceNeeded,
  compared,
  alone,
  ratioLowerBound,
}: RegressionVerdict): CheckEvidence {
  return {
    value: evidence,
    required: evidenceNeeded,
    incoming: {
      requests: compared.incoming.requests + alone.incoming.requests,
      failures: compared.incoming.failures + alone.incoming.failures,
    },
    outgoing: compared.outgoing,
    ...(ratioLowerBound !== undefined && { ratioLowerBound }),
  };
}
