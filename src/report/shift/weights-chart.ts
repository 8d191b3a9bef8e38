import { chartHeight, chartOf, eventAt, legendKey, stepsThrough } from '../chart/chart.js';
import { xOf, yOf } from '../chart/scale.js';
import { html, type Markup } from '../page/markup.js';
import { percent } from '../page/number-text.js';
import { tableOf } from '../page/table.js';
import { elapsed } from '../page/time-text.js';
import type { ShiftModel } from './shift-model.js';

/** Returns the weights over time as a diagram, and as a table. */
export function weightsSection(shift: ShiftModel, id: string): Markup {
  const { weights, startedAt } = shift;
  if (weights.length === 0) return html``;
  return html`<h3>Weights</h3>
${weightsChart(shift, id)}${tableOf({
  caption: 'Weights, as read back from AWS',
  headings: ['Time', 'Blue', 'Green'],
  isTimed: true,
  rows: weights.map(({ at, blue, green }) => [elapsed(at, startedAt), percent(blue), percent(green)]),
})}`;
}

function weightsChart(shift: ShiftModel, id: string): Markup {
  const { weights, span, startedAt, history } = shift;
  const x = xOf(span);
  const y = yOf(chartHeight, 100);
  const line = (stack: 'blue' | 'green') =>
    stepsThrough(
      weights.map((it) => ({ x: x(it.at), y: y(it[stack]) })),
      stack,
    );
  const labels = { rollingBack: 'rollback', halted: 'halted' } as const;
  const events = history.flatMap((event) =>
    event.type === 'rollingBack' || event.type === 'halted' ? [eventAt(x(event.at), labels[event.type])] : [],
  );
  const inWords = weights.map(
    ({ at, blue, green }) => `${elapsed(at, startedAt)} blue ${percent(blue)}, green ${percent(green)}`,
  );
  return chartOf({
    id: `${id}-weights`,
    title: 'Weights over time',
    description: `${inWords.join('; ')}.`,
    span,
    levels: [0, 50, 100].map((level) => ({ y: y(level), label: percent(level) })),
    legend: html`${legendKey('blue', 'blue')}${legendKey('green', 'green')}`,
    drawing: [line('green'), line('blue'), ...events],
  });
}
