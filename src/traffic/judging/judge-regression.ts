import { parseInput } from '../../core/validate.js';
import { isComparable } from './comparable-periods.js';
import { describeVerdict, type VerdictFacts, type VerdictState } from './describe-verdict.js';
import { logPassEvidence, passEvidenceNeeded } from './pass-evidence.js';
import { ratioLowerBound } from './ratio-bound.js';
import { type EvidencePart, RegressionEvidence } from './regression-evidence.js';
import {
  periodsSchema,
  type RegressionOptions,
  type RegressionPeriod,
  type RegressionRules,
  regressionSchema,
} from './regression-options.js';
import { errorRatio, meanPeriod, type RegressionSums, sumPeriods } from './request-sums.js';

/** Result of {@link judgeRegression}. */
export interface RegressionVerdict {
  /**
   * `fail` when the evidence has ever reached {@link RegressionVerdict.evidenceNeeded}. `inconclusive` with too few incoming requests under the present
   * weights or, with `requireEvidence`, without enough evidence for a pass.
   */
  readonly outcome: 'pass' | 'fail' | 'inconclusive';
  /** Largest evidence so far that the incoming stack fails too often: 1 or more. */
  readonly evidence: number;
  /** Evidence that fails: 1/α. */
  readonly evidenceNeeded: number;
  /** With `requireEvidence` only: the present evidence for a pass. 20 is enough. */
  readonly passEvidence?: number;
  /**
   * Ratio of the error rates, each period compared with itself. Absent when no period has requests of both stacks, when neither has
   * failed, and when only the incoming one has.
   */
  readonly ratio?: number;
  /** Ratio that the true one exceeds, with the confidence 1 − α. Absent when even a ratio of 1 is possible. */
  readonly ratioLowerBound?: number;
  /** Sentence with the numbers. */
  readonly detail: string;
  /** True when the verdict is `inconclusive` only because more requests are needed. */
  readonly undecided?: boolean;
  /** Start of the period in which the evidence reached {@link RegressionVerdict.evidenceNeeded}. */
  readonly decidedAt?: number;
  /** Number of periods with more failures than requests, which are left out. */
  readonly leftOut: number;
  /** Periods in which both stacks had enough requests to compare them. */
  readonly compared: RegressionSums;
  /**
   * Periods in which the incoming stack had requests and the outgoing one none, or fewer than 10 that are less than a tenth of all.
   * Only the ceiling is checked in them.
   */
  readonly alone: RegressionSums;
}

const subject = 'judgeRegression';

/**
 * Judges the error rate of the incoming stack by the counts of every period since the shift began. The verdict is `fail` when it
 * fails more often than `tolerateRatio` times the outgoing stack plus `tolerateIncrease`, or above `ceiling`. A healthy stack fails
 * falsely with a probability of about `alpha` at most, however often and however long it is judged.
 *
 * Pass all periods each time, so that late and revised counts correct themselves. Their order does not matter, nor does the present
 * time. Periods without incoming requests change nothing.
 *
 * @throws InvalidInputError when an option is unknown or out of range, when a count is negative or not finite, or when two periods have
 * the same start.
 */
export function judgeRegression(
  periods: readonly RegressionPeriod[],
  options: RegressionOptions = {},
): RegressionVerdict {
  const { weightsSince = -Infinity, ...rules } = parseInput(`${subject} options`, regressionSchema, options);
  return judge(parseInput(`${subject} periods`, periodsSchema, periods), rules, weightsSince);
}

function judge(
  given: readonly RegressionPeriod[],
  rules: RegressionRules,
  weightsSince: number,
): RegressionVerdict {
  const periods = given
    .filter((period) => isPossible(period) && period.incoming.requests > 0)
    .sort((one, other) => one.start - other.start);
  const compared = periods.filter(isComparable);
  const present = given.filter(({ start }) => start >= weightsSince);
  const presentSums = sumPeriods(present.filter(isPossible));
  const facts = {
    rules,
    ...findDecision(periods, rules),
    passEvidence: rules.requireEvidence ? toNumber(logPassEvidence(compared)) : undefined,
    ratio: errorRatio(compared),
    ratioLowerBound: ratioLowerBound(compared, rules),
    leftOut: given.filter((period) => !isPossible(period)).length,
    compared: sumPeriods(compared),
    alone: sumPeriods(periods.filter((period) => !isComparable(period))),
    present: presentSums,
    isAlone: !isComparable(meanPeriod(presentSums)),
    range: rangeOf(periods),
  };
  const state = stateOf(facts);
  const isWaiting = state === 'notShown' || (state === 'few' && present.every(isPossible));
  return toVerdict({ ...facts, state }, isWaiting);
}

/** Finds the first period at which the evidence is enough, and the largest evidence. */
function findDecision(periods: readonly RegressionPeriod[], rules: RegressionRules) {
  const evidence = new RegressionEvidence(rules);
  const needed = -Math.log(rules.alpha);
  let decision: { decidedAt: number; leading: EvidencePart } | undefined;
  for (const period of periods) {
    evidence.add(period);
    if (evidence.best >= needed) decision ??= { decidedAt: period.start, leading: evidence.leading };
  }
  return { evidence: toNumber(evidence.best), evidenceNeeded: 1 / rules.alpha, decision };
}

function stateOf({
  decision,
  present,
  isAlone,
  rules,
  passEvidence,
}: Omit<VerdictFacts, 'state'>): VerdictState {
  if (decision !== undefined) return 'fail';
  if (present.incoming.requests < rules.minimumRequests) return 'few';
  // Without outgoing requests there is nothing left to show.
  const isShown = (passEvidence ?? Infinity) >= passEvidenceNeeded || isAlone;
  return isShown ? 'pass' : 'notShown';
}

function toVerdict(facts: VerdictFacts, isWaiting: boolean): RegressionVerdict {
  const { state, decision, passEvidence, ratio, ratioLowerBound: bound } = facts;
  return {
    outcome: state === 'few' || state === 'notShown' ? 'inconclusive' : state,
    ...(isWaiting && { undecided: true }),
    evidence: facts.evidence,
    evidenceNeeded: facts.evidenceNeeded,
    ...(passEvidence !== undefined && { passEvidence }),
    ...(decision && { decidedAt: decision.decidedAt }),
    ...(ratio !== undefined && Number.isFinite(ratio) && { ratio }),
    ...(bound !== undefined && { ratioLowerBound: bound }),
    leftOut: facts.leftOut,
    compared: facts.compared,
    alone: facts.alone,
    detail: describeVerdict(facts),
  };
}

/** Failures above the requests are data that has not arrived yet, or that is not of the same requests. */
function isPossible({ incoming, outgoing }: RegressionPeriod): boolean {
  return incoming.failures <= incoming.requests && outgoing.failures <= outgoing.requests;
}

function rangeOf(periods: readonly RegressionPeriod[]): VerdictFacts['range'] {
  const [first, last] = [periods[0], periods.at(-1)];
  return first && last && [first.start, last.start];
}

/** Converts a logarithm. Evidence of many failures is beyond the largest number. */
function toNumber(logarithm: number): number {
  return Math.min(Math.exp(logarithm), Number.MAX_VALUE);
}
