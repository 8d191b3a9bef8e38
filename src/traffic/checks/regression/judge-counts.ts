import { UnexpectedResponseError } from '../../../core/errors.js';
import type { StackReference } from '../../../core/stack-reference.js';
import { judgeRegression, type RegressionVerdict } from '../../judging/judge-regression.js';
import { isCount, maxCount, type RegressionRules } from '../../judging/regression-options.js';
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

/** Comparison whose counts are judged, with their source for messages. */
export interface CountsPlan extends PeriodSettings {
  readonly name: string;
  readonly rules: RegressionRules;
  /** Call that returned the counts. */
  readonly source: string;
}

/**
 * Judges complete counts of every period of the window.
 *
 * @throws UnexpectedResponseError for a count that is no number of requests, such as one below 0 from metric math.
 */
export function judgeCounts(
  { incoming, outgoing }: BothCounts,
  window: MetricWindow,
  context: Pick<CheckContext, 'incoming' | 'outgoing' | 'startedAt' | 'weightsSince'>,
  plan: CountsPlan,
): CheckResult {
  const { startedAt, weightsSince } = context;
  const { rules, periodSeconds } = plan;
  requireCounts(incoming, context.incoming, plan);
  requireCounts(outgoing, context.outgoing, plan);
  const verdict = judgeRegression(joinStacks(incoming, outgoing), { ...rules, weightsSince });
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

function requireCounts(counts: PeriodCounts, stack: StackReference, { name, source }: CountsPlan): void {
  for (const [start, { requests, failures }] of counts) {
    for (const [kind, value] of Object.entries({ requests, failures })) {
      if (isCount(value)) continue;
      throw new UnexpectedResponseError({
        action: source,
        resource: `check ${name}`,
        field: `${kind} of the ${stack} stack in the period from ${describeTime(start)}, 0 or more and at most ${maxCount}`,
        actual: String(value),
      });
    }
  }
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
