import type { RehearsedShiftPart } from '../input/rehearsal-schema.js';
import { html, type Markup } from '../page/markup.js';
import { count, round } from '../page/number-text.js';
import { utcMinute } from '../page/time-text.js';

const day = 86_400_000;
const rowHeight = 20;
const top = 20;

/** Returns one mark for each shift, a row for each day in UTC: a line when it passed, a cross when stopped, a dot otherwise. */
export function rehearsalChart(
  { rehearsed, stopped, shifts }: RehearsedShifts,
  id: string,
  title: string,
): Markup {
  if (rehearsed.length === 0) return html``;
  const days = [...new Set(rehearsed.map(({ at }) => dayOf(at)))].sort((one, other) => one - other);
  const hours = [0, 6, 12, 18, 24].map((hour) => {
    const anchor = hour === 0 ? 'start' : hour === 24 ? 'end' : 'middle';
    return html`<text class="tick" x="${round((100 * hour) / 24)}%" y="12" text-anchor="${anchor}">${hour} h</text>`;
  });
  const labels = days.map(
    (at, index) =>
      html`<text class="tick" x="0" y="${top + index * rowHeight + 14}">${utcMinute(at).slice(-11, -6)}</text>`,
  );
  const marks = rehearsed.map((shift) => {
    const y = top + days.indexOf(dayOf(shift.at)) * rowHeight + rowHeight / 2;
    const x = round((100 * (shift.at - dayOf(shift.at))) / day);
    return html`<svg x="${x}%" y="${y}" overflow="visible">${markOf(shift)}</svg>\n`;
  });
  const words = `${stopped} of ${count(shifts, 'shift')} were stopped. A line is a shift that passed, a cross one that was stopped, a dot one without a verdict.`;
  return html`<figure>
<figcaption><b>${title}</b><span class="quiet">Each row is a day in UTC. Line: passed. Cross: stopped. Dot: no verdict.</span></figcaption>
<svg role="img" aria-labelledby="${id}-t" aria-describedby="${id}-d" height="${top + days.length * rowHeight}">
<title id="${id}-t">${title}</title>
<desc id="${id}-d">${words}</desc>
${labels}<svg x="15%" width="82%" overflow="visible">${hours}
${marks}</svg></svg>
</figure>
`;
}

/** Shifts of a rehearsal, with or without a regression. */
interface RehearsedShifts {
  readonly rehearsed: readonly RehearsedShiftPart[];
  readonly stopped: number;
  readonly shifts: number;
}

function dayOf(at: number): number {
  return Math.floor(at / day) * day;
}

function markOf({ outcome }: RehearsedShiftPart): Markup {
  if (outcome === 'passed') return html`<path class="mark green" d="M0 -6V6"/>`;
  if (outcome === 'stopped') return html`<path class="cross" d="M-4 -4L4 4M4 -4L-4 4"/>`;
  return html`<circle class="dot" r="3.5"/>`;
}
