import type { CheckResult } from '../types.js';
import type { CheckError } from './shift-events.js';
import type { CheckTally } from './shift-state.js';

/** One evaluation of one check. */
export interface CheckEvaluation {
  readonly name: string;
  readonly dryRun: boolean;
  readonly result: CheckResult | CheckError;
}

/** The policy of the checks with every default filled in. */
export interface ResolvedPolicy {
  readonly intervalSeconds: number;
  readonly initialDelaySeconds: number;
  readonly failureThreshold: number;
  readonly inconclusiveThreshold: number;
  readonly errorThreshold: number;
  readonly successThreshold: number;
}

type Tallies = Readonly<Record<string, CheckTally>>;

const noTally: CheckTally = { failures: 0, inconclusives: 0, errors: 0, successes: 0 };

/**
 * The tallies after further evaluations; those of dry runs do not count.
 *
 * @param isOvertime - the weights have been held for their time: then a pass no longer makes up for what was unclear before
 * it, or checks that are unclear in turns would hold the shift for ever.
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

/** New weights have to prove themselves: everything begins anew, but failures stay. */
export function forNewWeights(tallies: Tallies): Tallies {
  return Object.fromEntries(
    Object.entries(tallies).map(([name, { failures }]) => [name, { ...noTally, failures }]),
  );
}

/** The reason to roll back, when a limit is reached. */
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
    if (result.outcome === 'inconclusive' && inconclusives >= policy.inconclusiveThreshold) {
      return `The check ${name} was inconclusive ${times(inconclusives)}: ${result.detail}`;
    }
    if (result.outcome === 'error' && errors >= policy.errorThreshold) {
      return `The check ${name} threw ${times(errors)}: ${result.detail}`;
    }
  }
  return undefined;
}

/** The checks that have not passed often enough under the present weights. */
export function stillToPass(
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
      return { ...kept, inconclusives: kept.inconclusives + 1, successes: 0 };
    case 'error':
      return { ...kept, errors: kept.errors + 1, successes: 0 };
  }
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}
