import { quantilesOf } from './quantiles.js';
import type { PreparedRehearsal } from './rehearsal-options.js';
import type {
  InjectedRehearsal,
  Rehearsal,
  RehearsalCounts,
  RehearsedCheck,
  RehearsedShift,
} from './rehearsal-types.js';

/** Rehearsed shift, with the checks that failed in it or had no data. */
export interface RehearsedRun {
  readonly shift: RehearsedShift;
  readonly failed: readonly string[];
  readonly withoutData: readonly string[];
}

/** Runs with an injected regression. */
interface InjectedRuns
  extends Pick<
    InjectedRehearsal,
    'ratio' | 'failureRate' | 'shareOfTasks' | 'pastFailureRate' | 'notInjected'
  > {
  readonly runs: readonly RehearsedRun[];
}

export function summarizeRehearsal(
  prepared: PreparedRehearsal,
  runs: readonly RehearsedRun[],
  injected?: InjectedRuns,
): Rehearsal {
  const { from, to, strategy, live, incoming, seed, cost, replays, notRehearsed } = prepared;
  return {
    from,
    to,
    strategy: strategy.name,
    live,
    incoming,
    seed,
    cost,
    ...countsOf(runs),
    checks: replays.map((replay) => summarizeCheck(replay, runs)),
    notRehearsed,
    rehearsed: runs.map(({ shift }) => shift),
    ...(injected && { injected: summarizeInjected(injected) }),
  };
}

function countsOf(runs: readonly RehearsedRun[]): RehearsalCounts {
  const of = (outcome: RehearsedShift['outcome']) =>
    runs.filter(({ shift }) => shift.outcome === outcome).length;
  return {
    shifts: runs.length,
    passed: of('passed'),
    stopped: of('stopped'),
    unfinished: of('unfinished'),
    noData: of('noData'),
  };
}

function summarizeCheck(
  { name, dryRun }: { readonly name: string; readonly dryRun: boolean },
  runs: readonly RehearsedRun[],
): RehearsedCheck {
  return {
    check: name,
    dryRun,
    stopped: runs.filter(({ shift }) => shift.stoppedBy?.check === name).length,
    failed: runs.filter(({ failed }) => failed.includes(name)).length,
    withoutData: runs.filter(({ withoutData }) => withoutData.includes(name)).length,
  };
}

function summarizeInjected({ runs, ...injected }: InjectedRuns): InjectedRehearsal {
  const shifts = runs.map(({ shift }) => shift);
  const judged = shifts.filter(({ outcome }) => outcome !== 'noData');
  const seconds = judged.map(({ stoppedBy }) =>
    stoppedBy?.outcome === 'fail' ? stoppedBy.afterSeconds : Number.POSITIVE_INFINITY,
  );
  return {
    ...injected,
    ...countsOf(runs),
    found: seconds.filter(Number.isFinite).length,
    secondsUntilFound: quantilesOf(seconds),
    failedRequests: quantilesOf(judged.map(({ injectedFailures = 0 }) => injectedFailures)),
    rehearsed: shifts,
  };
}
