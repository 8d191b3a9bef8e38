import type { RehearsalPart, RehearsedShiftPart } from '../input/rehearsal-schema.js';
import { html, type Markup } from '../page/markup.js';
import { count, percent } from '../page/number-text.js';
import { tableOf } from '../page/table.js';
import { duration, utcMinute } from '../page/time-text.js';
import type { PartOutcome, ReportPart } from '../report-part.js';
import { rehearsalChart } from './rehearsal-chart.js';

/** Returns the part of a rehearsal. */
export function rehearsalPart(rehearsal: RehearsalPart, id: string): ReportPart {
  const { checks, strategy, incoming, live, shifts, stopped, passed, noData, unfinished, from, to } =
    rehearsal;
  const names = checks.map(({ check }) => check).join(', ');
  return {
    title: `Rehearsal${names === '' ? '' : ` of ${names}`}`,
    outcome: outcomeOf(rehearsal),
    failure: failureOf(rehearsal),
    facts: [
      ['Shifts', shifts],
      ['Stopped', stopped],
      ['Passed', passed],
      ['Without a verdict', noData + unfinished],
      ['From', `${utcMinute(from)} UTC`],
      ['To', `${utcMinute(to)} UTC`],
      ['Strategy', strategy],
      ['Live and incoming stack', `${live}, ${incoming}`],
    ],
    body: [
      rehearsalChart(rehearsal, `${id}-shifts`, 'Rehearsed shifts by the time of their beginning'),
      shiftTable(rehearsal.rehearsed),
      injected(rehearsal, id),
      checkTable(rehearsal),
    ],
  };
}

function outcomeOf({ shifts, stopped, noData, unfinished }: RehearsalPart): PartOutcome {
  if (stopped > 0) return { text: `stops ${stopped} of ${count(shifts, 'healthy shift')}`, kind: 'bad' };
  if (noData + unfinished > 0)
    return { text: `${noData + unfinished} of ${count(shifts, 'shift')} without a verdict`, kind: 'open' };
  return { text: `stops none of ${count(shifts, 'healthy shift')}`, kind: 'good' };
}

function failureOf({ rehearsed, stopped, shifts }: RehearsalPart): ReportPart['failure'] {
  const first = rehearsed.find(({ outcome }) => outcome === 'stopped');
  if (first === undefined) return undefined;
  return {
    at: first.stoppedBy?.at ?? first.at,
    when: `in the shift of ${utcMinute(first.at)} UTC`,
    what: `${first.stoppedBy === undefined ? 'The engine' : `Check “${first.stoppedBy.check}”`} stopped a healthy shift`,
    detail: shiftInWords(first),
    consequences: [`${stopped} of ${count(shifts, 'healthy shift')} would have been stopped`],
  };
}

function shiftInWords({ outcome, stoppedBy, reason, withoutData = [] }: RehearsedShiftPart): string {
  if (stoppedBy !== undefined) {
    const { check, afterSeconds, percent: share, detail } = stoppedBy;
    return `Stopped by “${check}” after ${duration(afterSeconds * 1000)} at ${percent(share)}: ${detail}`;
  }
  const words = {
    passed: 'Passed',
    stopped: 'Stopped',
    unfinished: 'Still held at the end',
    noData: 'Without data',
  };
  const detail = outcome === 'noData' ? withoutData.join(', ') : reason;
  return detail === undefined || detail === '' ? words[outcome] : `${words[outcome]}: ${detail}`;
}

function shiftTable(rehearsed: readonly RehearsedShiftPart[]): Markup {
  const noted = rehearsed.filter(({ outcome }) => outcome !== 'passed');
  if (noted.length === 0) return html`<p>Every shift passed.</p>\n`;
  return tableOf({
    caption: 'Shifts that did not pass',
    headings: ['Beginning (UTC)', 'Outcome'],
    rows: noted.map((shift) => [utcMinute(shift.at), shiftInWords(shift)]),
  });
}

function injected({ injected: run }: RehearsalPart, id: string): Markup {
  if (run === undefined) return html``;
  const { ratio, shareOfTasks, found, shifts, secondsUntilFound, failedRequests } = run;
  const time = (value: number | undefined) => (value === undefined ? 'not found' : duration(value * 1000));
  const tasks = shareOfTasks < 1 ? ` on ${percent(100 * shareOfTasks)} of the tasks` : '';
  const title = `A release that fails ${ratio} times as often${tasks}`;
  return html`<h3>${title}</h3>
<p>Found in ${found} of ${count(shifts, 'shift')}.</p>
${tableOf({
  caption: 'Shifts with the regression',
  headings: ['Measure', 'Median', '95th percentile'],
  rows: [
    ['Time until it was found', time(secondsUntilFound.median), time(secondsUntilFound.percentile95)],
    ['Failed requests', failedRequests.median ?? 'not found', failedRequests.percentile95 ?? 'not found'],
  ],
})}${rehearsalChart(run, `${id}-injected`, 'Shifts with the regression: a cross is one that was found')}`;
}

function checkTable({ checks, notRehearsed }: RehearsalPart): Markup {
  const rows = [
    ...checks.map(({ check, dryRun, stopped, failed, withoutData }) => [
      check,
      `stopped ${stopped}, failed in ${failed}, without data in ${withoutData}${dryRun ? ' (dry run)' : ''}`,
    ]),
    ...notRehearsed.map(({ check, reason }) => [check, `not rehearsed: ${reason}`]),
  ];
  if (rows.length === 0) return html``;
  return html`<h3>Checks</h3>
${tableOf({ caption: 'Checks of the rehearsal', headings: ['Check', 'Shifts'], rows })}`;
}
