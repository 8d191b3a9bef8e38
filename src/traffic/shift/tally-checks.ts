import type { CheckResult } from '../types.js';
import type { ResolvedPolicy } from './check-policy.js';
import type { CheckError } from './shift-events.js';
import type { CheckTally } from './shift-state.js';

export interface CheckEvaluation {
  readonly name: string;
  readonly dryRun: boolean;
  readonly result: CheckResult | CheckError;
  /** True when the check threw because AWS throttled it. */
  readonly isThrottled?: boolean;
}

type Tallies = Readonly<Record<string, CheckTally>>;

const noTally: CheckTally = { failures: 0, inconclusives: 0, errors: 0, successes: 0 };

/**
 * Counts further evaluations, without those of dry runs.
 *
 * @param isOvertime - true when the hold of the weights is over. A pass then no longer resets inconclusive evaluations and errors,
 * because checks that are inconclusive in turns would hold the shift for ever.
 */
export function tally(
  tallies: Tallies,
  evaluations: readonly CheckEvaluation[],
  isOvertime: boolean,
): Tallies {
  const counted = evaluations.filter(({ dryRun }) => !dryRun);
  return {
    ...tallies,
    ...Object.fromEntries(counted.map((it) => [it.name, count(tallyOf(tallies, it.name), it, isOvertime)])),
  };
}

/** Resets the tallies for new weights, except failures, which count over the whole shift. */
export function resetTallies(tallies: Tallies): Tallies {
  return Object.fromEntries(
    Object.entries(tallies).map(([name, { failures }]) => [name, { ...noTally, failures }]),
  );
}

/** Returns the reason to roll back when a threshold is reached. */
export function reasonToRollBack(
  tallies: Tallies,
  evaluations: readonly CheckEvaluation[],
  policy: ResolvedPolicy,
): string | undefined {
  for (const { name, dryRun, result } of evaluations) {
    if (dryRun) continue;
    const { failures, inconclusives, errors } = tallyOf(tallies, name);
    if (result.outcome === 'fail' && failures >= policy.failureThreshold) {
      return `The check ${name} failed ${times(failures)}: ${result.detail}`;
    }
    if (
      result.outcome === 'inconclusive' &&
      result.undecided !== true &&
      inconclusives >= policy.inconclusiveThreshold
    ) {
      return `The check ${name} was inconclusive ${times(inconclusives)}: ${result.detail}`;
    }
    if (result.outcome === 'error' && errors >= policy.errorThreshold) {
      return `The check ${name} threw ${times(errors)}: ${result.detail}`;
    }
  }
  return undefined;
}

/** Returns the blocking checks of an evaluation that are undecided. */
export function undecidedChecks(
  evaluations: readonly CheckEvaluation[],
): { readonly name: string; readonly detail: string }[] {
  return evaluations.flatMap(({ name, dryRun, result }) =>
    !dryRun && result.outcome === 'inconclusive' && result.undecided === true
      ? [{ name, detail: result.detail }]
      : [],
  );
}

/** Returns the checks that have not passed often enough under the present weights. */
export function pendingChecks(
  tallies: Tallies,
  checks: readonly string[],
  { successThreshold }: ResolvedPolicy,
): string[] {
  return checks.filter((name) => tallyOf(tallies, name).successes < successThreshold);
}

function tallyOf(tallies: Tallies, name: string): CheckTally {
  return (Object.hasOwn(tallies, name) ? tallies[name] : undefined) ?? noTally;
}

function count(before: CheckTally, { result }: CheckEvaluation, isOvertime: boolean): CheckTally {
  const kept = result.outcome === 'pass' && !isOvertime ? { ...before, inconclusives: 0, errors: 0 } : before;
  switch (result.outcome) {
    case 'pass':
      return { ...kept, successes: kept.successes + 1 };
    case 'fail':
      return { ...kept, failures: kept.failures + 1, successes: 0 };
    case 'inconclusive':
      // An undecided check has measured something; the longest hold limits its wait.
      if (result.undecided === true) return { ...kept, successes: 0 };
      return { ...kept, inconclusives: kept.inconclusives + 1, successes: 0 };
    case 'error':
      return { ...kept, errors: kept.errors + 1, successes: 0 };
  }
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}
