import { chartHeight, chartOf, lineThrough, pointAt } from '../chart/chart.js';
import { largestOf, niceMaximum, xOf, yOf } from '../chart/scale.js';
import { html, type Markup } from '../page/markup.js';
import { short } from '../page/number-text.js';
import type { CheckedChange } from './checked-change.js';

/** Returns the judged values of a check over time, failed ones as crosses. Returns nothing for a check without values. */
export function valueChart({ evaluations, span }: CheckedChange, name: string, id: string): Markup {
  const x = xOf(span);
  const values = evaluations.flatMap(({ at, result }) =>
    result.value === undefined || result.value < 0 || !Number.isFinite(result.value)
      ? []
      : [{ at, value: result.value, isBad: result.outcome === 'fail' }],
  );
  if (values.length === 0) return html``;
  const largest = largestOf(
    values.map(({ value }) => value),
    0,
  );
  const highest = niceMaximum(largest);
  const y = yOf(chartHeight, highest);
  const points = values.map(({ at, value, isBad }) => ({ x: x(at), y: y(value), isBad }));
  const failed = points.filter(({ isBad }) => isBad).length;
  return chartOf({
    id: `${id}-values`,
    title: 'Measured value',
    description: `Check ${name}: the largest of ${values.length} values was ${short(largest)}; ${failed} failed.`,
    span,
    levels: [0, highest / 2, highest].map((level) => ({ y: y(level), label: short(level) })),
    drawing: [lineThrough(points, 'plain'), ...points.map((point) => pointAt(point, point.isBad))],
  });
}
