import { describeNumber, describeTime } from '../checks/check-options.js';
import { passEvidenceNeeded, passMargin } from './pass-evidence.js';
import type { EvidencePart } from './regression-evidence.js';
import type { RegressionRules, RequestCounts } from './regression-options.js';
import type { RegressionSums } from './request-sums.js';

/** Outcome of a verdict, with the reason of an inconclusive one: few requests, or no evidence for a pass yet. */
export type VerdictState = 'pass' | 'fail' | 'few' | 'notShown';

/** Facts of a verdict, for its sentence. */
export interface VerdictFacts {
  readonly state: VerdictState;
  readonly rules: RegressionRules;
  readonly evidence: number;
  readonly evidenceNeeded: number;
  readonly passEvidence: number | undefined;
  readonly ratio: number | undefined;
  readonly ratioLowerBound: number | undefined;
  /** Start of the period in which the evidence was enough, and the part of it that counted most. */
  readonly decision: { readonly decidedAt: number; readonly leading: EvidencePart } | undefined;
  readonly leftOut: number;
  readonly compared: RegressionSums;
  readonly alone: RegressionSums;
  /** Requests under the present weights. */
  readonly present: RegressionSums;
  /** True when the outgoing stack has too few of them to compare with. */
  readonly isAlone: boolean;
  /** Starts of the first and last period with incoming requests. */
  readonly range: readonly [first: number, last: number] | undefined;
}

/** Describes a verdict in one sentence. */
export function describeVerdict(facts: VerdictFacts): string {
  return [headOf(facts), aloneOf(facts), evidenceOf(facts), leftOutOf(facts)]
    .filter((part) => part !== '')
    .join('; ')
    .concat(rangeOf(facts));
}

function headOf(facts: VerdictFacts): string {
  const { state, rules, decision, present, compared, alone } = facts;
  if (decision !== undefined) return failureOf(facts, decision.leading);
  if (state === 'few') {
    const requests = count(present.incoming.requests);
    return `too few incoming requests under the present weights: ${requests} where ${rules.minimumRequests} are needed`;
  }
  if (state === 'notShown') {
    return `not yet shown that incoming fails at most ${passMargin.ratio} times as often as outgoing + ${points(passMargin.increase)}: ${countsOf(compared)}`;
  }
  if (compared.periods === 0) {
    return `no sign that incoming fails above the ceiling of ${percent(rules.ceiling)}: ${of(alone.incoming)}, and ${tooFew(alone)} to compare with`;
  }
  return `no sign that incoming fails more often than ${marginOf(rules)}: ${countsOf(compared)}`;
}

function failureOf(facts: VerdictFacts, leading: EvidencePart): string {
  const { rules, compared, alone, ratio, ratioLowerBound } = facts;
  const ceiling = `the ceiling of ${percent(rules.ceiling)}`;
  if (leading === 'alone') {
    return `incoming fails above ${ceiling}: ${of(alone.incoming)}, with ${tooFew(alone)} to compare with`;
  }
  if (leading === 'ceiling') {
    return `incoming fails above ${ceiling} and more often than outgoing: ${countsOf(compared)}`;
  }
  const howOften =
    ratio === undefined || ratio < 1 || ratio === Infinity
      ? 'more often than outgoing'
      : `${describeRatio(ratio)} times as often as outgoing`;
  const bound =
    ratioLowerBound === undefined
      ? ''
      : `, at least ${ratioLowerBound} times with ${percent(1 - rules.alpha)} confidence`;
  return `incoming fails ${howOften}${bound}: ${countsOf(compared)}`;
}

/** At 100 % the comparison stands still, which the sentence says. */
function aloneOf({ state, rules, present, isAlone, compared, alone }: VerdictFacts): string {
  if (state !== 'pass' || compared.periods === 0 || !isAlone) return '';
  return `${tooFew(present)} under the present weights, so only the ceiling of ${percent(rules.ceiling)} is checked: ${of(alone.incoming)}`;
}

function evidenceOf({ state, evidence, evidenceNeeded, passEvidence = 0, decision }: VerdictFacts): string {
  if (state === 'notShown') return `evidence ${amount(passEvidence)} of ${passEvidenceNeeded}`;
  if (decision === undefined) return `evidence ${amount(evidence)} of ${amount(evidenceNeeded)}`;
  const when = describeTime(decision.decidedAt);
  return `evidence ${amount(evidence)} where ${amount(evidenceNeeded)} is enough, reached in the period from ${when}`;
}

function leftOutOf({ leftOut }: VerdictFacts): string {
  if (leftOut === 0) return '';
  return `left out ${leftOut} ${leftOut === 1 ? 'period' : 'periods'} with more failures than requests`;
}

function rangeOf({ range }: VerdictFacts): string {
  if (range === undefined) return '';
  const [first, last] = range.map(describeTime);
  return first === last ? ` (period from ${first})` : ` (periods from ${first} to ${last})`;
}

function tooFew({ outgoing }: RegressionSums): string {
  return outgoing.requests === 0
    ? 'no outgoing requests'
    : `too few outgoing requests (${count(outgoing.requests)})`;
}

function marginOf({ tolerateRatio, tolerateIncrease }: RegressionRules): string {
  const increase = tolerateIncrease === 0 ? '' : ` + ${points(tolerateIncrease)}`;
  return `${tolerateRatio} times outgoing${increase}`;
}

function countsOf({ incoming, outgoing }: RegressionSums): string {
  return `${of(incoming)} against ${count(outgoing.failures)} of ${count(outgoing.requests)}`;
}

function of({ failures, requests }: RequestCounts): string {
  return `${count(failures)} of ${count(requests)} requests`;
}

function percent(share: number): string {
  return `${describeNumber(share * 100)} %`;
}

function points(share: number): string {
  return `${describeNumber(share * 100)} percentage points`;
}

/** Formats a ratio with two digits, and large ones whole. */
function describeRatio(ratio: number): string {
  return count(ratio < 10 ? Number(ratio.toPrecision(2)) : Math.round(ratio));
}

/** Evidence grows without limit; its digits mean nothing. */
function amount(evidence: number): string {
  return evidence > 1e6 ? 'above 1,000,000' : count(Number(evidence.toPrecision(3)));
}

function count(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 1 });
}
