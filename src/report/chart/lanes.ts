import { html, type Markup } from '../page/markup.js';
import { round } from '../page/number-text.js';
import { type TimeSpan, ticksOf, xOf } from './scale.js';

/** Part of a lane. */
export interface Bar {
  readonly kind: 'run' | 'undo' | 'wait' | 'phase';
  readonly from: number;
  readonly to: number;
}

/** Row of a diagram of lanes: text, and bars over time. */
export interface Lane {
  readonly name: string;
  /** State in words, with the times of the bars. */
  readonly state: string;
  readonly bars: readonly Bar[];
  /** Times of failures. */
  readonly failures: readonly number[];
}

const height = 14;

/** Returns lanes as a list: the text of a row has everything that its bars show. */
export function lanesOf(lanes: readonly Lane[], span: TimeSpan): Markup {
  const rows = lanes.map(
    (lane) => html`<li><p><b>${lane.name}</b> <span class="quiet">${lane.state}</span></p>
${drawingOf(lane, span)}</li>\n`,
  );
  return html`<ul class="lanes">
${rows}</ul>
`;
}

function drawingOf({ bars, failures }: Lane, span: TimeSpan): Markup {
  const x = xOf(span);
  const drawn = bars.map(({ kind, from, to }) => {
    const width = Math.max(0.6, round(x(to) - x(from)));
    const [y, tall] = kind === 'wait' ? [5, 5] : [3, 9];
    return html`<rect class="bar ${kind}" x="${x(from)}%" y="${y}" width="${width}%" height="${tall}"/>`;
  });
  const crosses = failures.map(
    (at) =>
      html`<svg x="${x(at)}%" y="${height / 2}" overflow="visible"><path class="cross" d="M-5 -5L5 5M5 -5L-5 5"/></svg>`,
  );
  const grid = ticksOf(span).map(
    ({ percent }) => html`<line class="grid" x1="${percent}%" x2="${percent}%" y1="0" y2="${height}"/>`,
  );
  return html`<svg aria-hidden="true" height="${height}"><svg x="2%" width="96%" overflow="visible">${grid}${drawn}${crosses}</svg></svg>`;
}

/** Returns the time axis of lanes. */
export function laneAxis(span: TimeSpan): Markup {
  const labels = ticksOf(span).map(({ percent, label }) => {
    const anchor = percent > 94 ? 'end' : percent < 4 ? 'start' : 'middle';
    return html`<text class="tick" x="${percent}%" y="13" text-anchor="${anchor}">${label}</text>`;
  });
  return html`<svg aria-hidden="true" height="18"><svg x="2%" width="96%" overflow="visible">${labels}</svg></svg>
`;
}

/** Returns the key of the lanes. */
export function laneKey(kinds: readonly (readonly [Bar['kind'], string])[]): Markup {
  const bars = kinds.map(
    ([kind, label]) =>
      html`<span class="legend"><svg aria-hidden="true"><rect class="bar ${kind}" x="1" y="2" width="26" height="9"/></svg>${label}</span>`,
  );
  return html`<p>${bars}<span class="legend"><svg aria-hidden="true"><path class="cross" d="M9 1L19 11M19 1L9 11"/></svg>failure</span></p>
`;
}
