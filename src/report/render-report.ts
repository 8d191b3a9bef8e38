import { truncate } from '../core/truncate.js';
import { parseReportInput } from './input/parse-report-input.js';
import { type Content, html, type Markup } from './page/markup.js';
import { factsOf, pageOf } from './page/page.js';
import { rehearsalPart } from './rehearsal/rehearsal-part.js';
import type { ReportInput } from './report-input.js';
import type { Failure, ReportPart } from './report-part.js';
import { rolloutPart } from './rollout/rollout-part.js';
import { shiftPart } from './shift/shift-part.js';
import { swapParts } from './swap/swap-part.js';

/**
 * Renders shifts, rollouts, swaps and rehearsals as one HTML file, with the first failure at the top. The file makes no request and
 * has no script; its content security policy allows neither. It is readable on a phone, on paper, in the dark and with a screen
 * reader. The same input has the same result.
 *
 * @param input - results as they are, or the events and states that were stored. Every text in it is escaped.
 * @throws InvalidInputError which names every invalid or unknown field.
 *
 * @example
 * ```ts
 * import { writeFile } from 'node:fs/promises';
 * import { renderReport } from 'aws-blue-green-toolkit/report';
 * import { allAtOnce, type TrafficShifter } from 'aws-blue-green-toolkit/traffic';
 *
 * export async function shiftWithReport(shifter: TrafficShifter) {
 *   const result = await shifter.shiftTo('green', allAtOnce());
 *   await writeFile('shift.html', renderReport({ shift: result }));
 * }
 * ```
 */
export function renderReport(input: ReportInput): string {
  const { title, facts, shift, rollout, swap, rehearsals } = parseReportInput(input);
  const parts: ReportPart[] = [
    ...(swap ? swapParts(swap, 'swap') : []),
    ...(shift ? [shiftPart(shift, 'shift')] : []),
    ...(rollout ? [rolloutPart(rollout, 'rollout')] : []),
    ...rehearsals.map((rehearsal, index) => rehearsalPart(rehearsal, `rehearsal-${index + 1}`)),
  ];
  const ownTitle = truncate(parts.map((part) => part.title).join(', '), 200);
  const heading = [title, ownTitle].find((it) => it !== undefined && it.trim() !== '') ?? 'No rehearsal';
  return pageOf({
    title: parts[0] === undefined ? heading : `${heading}: ${parts[0].outcome.text}`,
    heading,
    header: html`${outcomeLines(parts)}${failures(parts)}`,
    body: [ownFacts(facts), ...parts.map((part, index) => section(part, `part-${index + 1}`))],
  });
}

function outcomeLines(parts: readonly ReportPart[]): Markup {
  const signs = { good: '✔', bad: '✖', open: '•' } as const;
  const lines = parts.map(({ title, outcome: { kind, text } }) => {
    const of = parts.length > 1 ? `${title}: ` : '';
    return html`<p class="outcome ${kind}">${signs[kind]} ${of}${text}</p>\n`;
  });
  return html`${lines}`;
}

/** The earliest failure comes first. Those without a time come last. */
function failures(parts: readonly ReportPart[]): Content {
  const failed = parts.flatMap(({ failure }) => (failure === undefined ? [] : [failure]));
  const sorted = failed.toSorted((one, other) => timeOf(one) - timeOf(other) || 0);
  return sorted.map((failure, index) => failureBox(failure, index));
}

function timeOf({ at }: Failure): number {
  return at ?? Number.MAX_VALUE;
}

function failureBox({ what, when, detail, consequences }: Failure, index: number): Markup {
  const id = `failure-${index + 1}`;
  return html`<section class="failure" aria-labelledby="${id}">
<h2 id="${id}">${index === 0 ? 'What failed first' : 'What else failed'}</h2>
<p class="first">${what}</p>
${detail === undefined ? undefined : html`<p>${detail}</p>\n`}${when === undefined ? undefined : html`<p class="quiet">${when}</p>\n`}${
  consequences.length === 0 ? undefined : html`<ul>${consequences.map((it) => html`<li>${it}</li>`)}</ul>\n`
}</section>
`;
}

function ownFacts(facts: Readonly<Record<string, string | number>>): Content {
  const entries = Object.entries(facts);
  return entries.length === 0 ? undefined : factsOf(entries);
}

function section({ title, outcome, facts, body }: ReportPart, id: string): Markup {
  return html`<section aria-labelledby="${id}">
<h2 id="${id}">${title}: <span class="${outcome.kind}">${outcome.text}</span></h2>
${factsOf(facts)}${body}</section>
`;
}
