import type { StackReference } from '../../core/stack-reference.js';
import { chartHeight, chartOf, legendKey, limitAt, lineThrough, pointAt } from '../chart/chart.js';
import { largestOf, niceMaximum, xOf, yOf } from '../chart/scale.js';
import type { Evidence } from '../input/shift-schema.js';
import { html, type Markup } from '../page/markup.js';
import { percent, short } from '../page/number-text.js';
import type { CheckedChange } from './checked-change.js';

/** Evidence of one evaluation. */
interface EvidenceAt extends Evidence {
  readonly at: number;
}

/** Returns the evidence of a check over time with the line at which it fails, and the error rates of both stacks. */
export function evidenceCharts(change: CheckedChange, name: string, id: string): Markup {
  const evidence = change.evaluations.flatMap(({ at, result }) =>
    result.evidence === undefined ? [] : [{ ...result.evidence, at }],
  );
  return html`${evidenceChart(change, evidence, name, id)}${ratesChart(change, evidence, name, id)}`;
}

/** The scale is logarithmic. Evidence beyond the cube of the limit ends at the top, which would press the limit down otherwise. */
function evidenceChart(
  { span, incoming }: CheckedChange,
  evidence: readonly EvidenceAt[],
  name: string,
  id: string,
): Markup {
  const limits = [...new Set(evidence.map((it) => it.required))];
  const required = largestOf(limits, 1);
  const shown = evidence.map(({ value }) => Math.min(value, required ** 3));
  const decades = Math.ceil(Math.min(Math.log10(largestOf([...shown, required * 10], 10)), 300));
  const y = (value: number) => yOf(chartHeight, decades)(Math.log10(Math.max(1, value)));
  const x = xOf(span);
  const points = evidence.map(({ at, value, required: bound }) => ({
    x: x(at),
    y: y(value),
    isBad: value >= bound,
  }));
  const step = Math.ceil(decades / 4);
  const levels = Array.from({ length: Math.floor(decades / step) + 1 }, (_, index) => 10 ** (index * step));
  return chartOf({
    id: `${id}-evidence`,
    title: `Evidence that ${incoming} fails more often`,
    description: `Check ${name}: the largest evidence was ${short(evidence.reduce((largest, { value }) => Math.max(largest, value), 0))}; ${short(required)} is enough.`,
    span,
    levels: levels.map((level) => ({
      y: y(level),
      label: level < 1e4 ? short(level) : `10^${Math.round(Math.log10(level))}`,
    })),
    drawing: [
      lineThrough(points, 'plain'),
      ...points.map((point) => pointAt(point, point.isBad)),
      ...limits.map((limit) => limitAt(y(limit), `fails at 1/α = ${short(limit)}`)),
    ],
  });
}

function ratesChart(
  change: CheckedChange,
  evidence: readonly EvidenceAt[],
  name: string,
  id: string,
): Markup {
  const { span, incoming, outgoing } = change;
  const x = xOf(span);
  const series = [
    { stack: incoming, rates: ratesOf(evidence, 'incoming') },
    { stack: outgoing, rates: ratesOf(evidence, 'outgoing') },
  ];
  const highest = niceMaximum(
    largestOf(
      series.flatMap(({ rates }) => rates.map(({ rate }) => rate)),
      0.1,
    ),
  );
  const y = yOf(chartHeight, highest);
  const line = (stack: StackName, rates: readonly Rate[]) =>
    lineThrough(
      rates.map(({ at, rate }) => ({ x: x(at), y: y(rate) })),
      styleOf(stack),
    );
  const last = series.map(({ stack, rates }) => `${stack} ${lastRate(rates)}`).join(', ');
  return chartOf({
    id: `${id}-rates`,
    title: 'Error rates since the beginning',
    description: `Check ${name}: at the end ${last}.`,
    span,
    levels: [0, highest / 2, highest].map((level) => ({ y: y(level), label: percent(level) })),
    legend: html`${series.map(({ stack, rates }) => legendKey(styleOf(stack), `${stack} ${lastRate(rates)}`))}`,
    drawing: series.filter(({ rates }) => rates.length > 0).map(({ stack, rates }) => line(stack, rates)),
  });
}

type StackName = CheckedChange['incoming' | 'outgoing'];

/** Only the stacks have colours. */
function styleOf(stack: StackName): StackReference {
  return stack === 'incoming' ? 'green' : stack === 'outgoing' ? 'blue' : stack;
}

interface Rate {
  readonly at: number;
  /** Percent. */
  readonly rate: number;
}

function ratesOf(evidence: readonly EvidenceAt[], end: 'incoming' | 'outgoing'): Rate[] {
  return evidence
    .map(({ at, [end]: { requests, failures } }) => ({ at, rate: (100 * failures) / requests }))
    .filter(({ rate }) => Number.isFinite(rate));
}

function lastRate(rates: readonly Rate[]): string {
  const last = rates.at(-1);
  return last === undefined ? 'without requests' : percent(last.rate);
}
