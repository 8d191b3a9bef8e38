import type { Evaluation } from '../input/shift-schema.js';
import { html, type Markup } from '../page/markup.js';
import { count, percent, round, short } from '../page/number-text.js';
import { foldedTable, tableOf } from '../page/table.js';
import { elapsed } from '../page/time-text.js';
import type { CheckedChange } from './checked-change.js';
import { evidenceCharts } from './evidence-charts.js';
import { valueChart } from './value-chart.js';

/** Returns a summary of the checks, and each one with its diagrams and its readings. */
export function checkSections(change: CheckedChange, id: string): Markup {
  const { evaluations } = change;
  if (evaluations.length === 0) return html``;
  const names = [...new Set(evaluations.map(({ check }) => check))];
  const checks = names.map((name) => [name, evaluations.filter(({ check }) => check === name)] as const);
  return html`<h3>Checks</h3>
${tableOf({
  caption: 'Checks',
  headings: ['Check', 'Last result', 'Evaluations'],
  rows: checks.map(([name, own]) => [name, lastResult(own), tally(own)]),
})}${checks.map(([name, own], index) => checkSection({ ...change, evaluations: own }, name, `${id}-check-${index + 1}`))}`;
}

function checkSection(change: CheckedChange, name: string, id: string): Markup {
  const { evaluations, startedAt } = change;
  const readings = foldedTable({
    caption: `Evaluations of ${name}`,
    headings: ['Time', 'Outcome', 'Measurement'],
    isTimed: true,
    rows: evaluations.map((it) => [elapsed(it.at, startedAt), outcomeOf(it), measurementOf(it, change)]),
  });
  const charts = evaluations.some(({ result }) => result.evidence !== undefined)
    ? evidenceCharts(change, name, id)
    : valueChart(change, name, id);
  return html`<section aria-labelledby="${id}">
<h4 id="${id}">${name}</h4>
${charts}${readings}</section>
`;
}

function lastResult(evaluations: readonly Evaluation[]): string {
  const last = evaluations.at(-1);
  return last === undefined ? '' : `${outcomeOf(last)}: ${last.result.detail}`;
}

function tally(evaluations: readonly Evaluation[]): string {
  const words = { pass: 'passed', fail: 'failed', inconclusive: 'inconclusive', error: 'threw' } as const;
  const counts = Object.entries(words).flatMap(([outcome, word]) => {
    const number = evaluations.filter(({ result }) => result.outcome === outcome).length;
    return number === 0 ? [] : [`${number} ${word}`];
  });
  const dryRun = evaluations.every((it) => it.dryRun) ? ' (dry run)' : '';
  return `${counts.join(', ')}${dryRun}`;
}

/** Describes the outcome of an evaluation. */
export function outcomeOf({ result, dryRun }: Evaluation): string {
  const { outcome, undecided } = result;
  const word = undecided
    ? 'undecided'
    : { pass: 'passed', fail: 'failed', inconclusive: 'inconclusive', error: 'threw' }[outcome];
  return dryRun ? `${word} (dry run)` : word;
}

function measurementOf({ result }: Evaluation, { incoming, outgoing }: CheckedChange): string {
  const { detail, evidence } = result;
  if (evidence === undefined) return detail;
  const rate = (stack: string, { requests, failures }: { requests: number; failures: number }) =>
    `${stack} ${round(failures)} of ${count(round(requests), 'request')}${requests > 0 ? ` (${percent((100 * failures) / requests)})` : ''}`;
  return `${detail} — evidence ${short(evidence.value)} of ${short(evidence.required)}; ${rate(incoming, evidence.incoming)}; ${rate(outgoing, evidence.outgoing)}`;
}
