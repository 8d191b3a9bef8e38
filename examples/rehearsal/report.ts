import type { Rehearsal, RehearsedShift } from 'aws-blue-green-toolkit/traffic';
import { asText, page, round } from '../canary/drawing.js';
import { pageWith, table } from '../canary/page.js';
import type { RehearsalDocument } from './run.js';
import { rehearsalInWords, shiftInWords } from './views.js';

const row = { height: 14, gap: 4, top: 8 } as const;

/** Returns a self-contained HTML page with each rehearsed shift, a row for each day. */
export function renderRehearsal({ threshold, regression }: RehearsalDocument): string {
  const sections = [threshold, regression].map((rehearsal) => {
    const [heading = '', ...more] = rehearsalInWords(rehearsal);
    const stopped = rehearsal.rehearsed.filter(({ outcome }) => outcome !== 'passed');
    return `<h2>${asText(heading)}</h2>
${more.map((line) => `<p>${asText(line.trim())}</p>`).join('\n')}
${drawing(rehearsal)}
${table(
  ['Begin', 'Outcome'],
  stopped.map((shift) => [timeOf(shift.at), shiftInWords(shift)]),
)}`;
  });
  const days = Math.round((threshold.to - threshold.from) / 86_400_000);
  return pageWith(`${threshold.shifts} shifts rehearsed on ${days} days`, sections.join('\n'));
}

/** Draws one mark for each shift: a line when it passed, a cross when it was stopped, a dot without a verdict. */
function drawing({ rehearsed, from, to, stopped, shifts }: Rehearsal): string {
  const day = 86_400_000;
  const firstDay = from - (from % day);
  const days = Math.ceil((to - firstDay) / day);
  const height = row.top + days * (row.height + row.gap);
  const marks = rehearsed.map((shift) => {
    const x = round(
      page.left + (((shift.at - firstDay) % day) / day) * (page.width - page.left - page.right),
    );
    const y = row.top + Math.floor((shift.at - firstDay) / day) * (row.height + row.gap);
    return `<g>${markOf(shift, x, y)}<title>${asText(`${timeOf(shift.at)} ${shiftInWords(shift)}`)}</title></g>`;
  });
  const labels = Array.from({ length: days }, (_, index) => {
    const y = row.top + index * (row.height + row.gap) + row.height - 2;
    return `<text class="quiet" x="${page.left - 8}" y="${y}" text-anchor="end">${timeOf(firstDay + index * day).slice(5, 10)}</text>`;
  });
  return `<div class="drawing"><svg viewBox="0 0 ${page.width} ${height}" role="img" aria-labelledby="t d">
<title id="t">Rehearsed shifts by the hour of their beginning</title>
<desc id="d">${stopped} of ${shifts} were stopped.</desc>
${labels.join('')}${marks.join('')}
</svg></div>`;
}

function markOf({ outcome }: RehearsedShift, x: number, y: number): string {
  const middle = y + row.height / 2;
  if (outcome === 'passed') return `<path class="green" stroke-width="4" d="M${x} ${y}v${row.height}"/>`;
  if (outcome === 'stopped')
    return `<path class="bad" stroke-width="3" d="M${x - 5} ${middle - 5}l10 10m0 -10l-10 10"/>`;
  return `<circle class="mark-ink" cx="${x}" cy="${middle}" r="4"/>`;
}

function timeOf(at: number): string {
  return new Date(at).toISOString().slice(0, 16).replace('T', ' ');
}
