import type { Rehearsal, RehearsedShift } from 'aws-blue-green-toolkit/traffic';

/** Describes a rehearsal in sentences. */
export function rehearsalInWords(rehearsal: Rehearsal): string[] {
  const { checks, shifts, stopped, noData, unfinished, injected, notRehearsed } = rehearsal;
  return [
    `${checks.map(({ check }) => check).join(', ')}: stops ${stopped} of ${shifts} shifts to a release that is no worse`,
    ...(noData + unfinished > 0 ? [`  without a verdict: ${noData + unfinished}`] : []),
    ...(injected
      ? [
          `  a release that fails ${injected.ratio} times as often: found in ${injected.found} of ${injected.shifts} shifts`,
          `  after ${inMinutes(injected.secondsUntilFound.median)} (median), ${inMinutes(injected.secondsUntilFound.percentile95)} (95 %)`,
          `  with ${injected.failedRequests.median ?? '–'} failed requests (median), ${injected.failedRequests.percentile95 ?? '–'} (95 %)`,
        ]
      : []),
    ...notRehearsed.map(({ check, reason }) => `  not rehearsed: ${check}, because ${reason}`),
  ];
}

/** Describes the outcome of a shift. */
export function shiftInWords({ outcome, stoppedBy, reason, withoutData = [] }: RehearsedShift): string {
  if (stoppedBy !== undefined)
    return `stopped after ${inMinutes(stoppedBy.afterSeconds)} at ${stoppedBy.percent} % by ${stoppedBy.check}: ${stoppedBy.detail}`;
  if (outcome === 'noData') return `no data of ${withoutData.join(', ')}`;
  return reason === undefined ? outcome : `${outcome}: ${reason}`;
}

function inMinutes(seconds: number | undefined): string {
  return seconds === undefined ? 'no time' : `${Math.round(seconds / 6) / 10} min`;
}
