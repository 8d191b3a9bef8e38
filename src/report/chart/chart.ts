import { type Content, html, type Markup } from '../page/markup.js';
import { round } from '../page/number-text.js';
import { type TimeSpan, ticksOf } from './scale.js';

/** Height of the diagrams in pixels. Their width is that of the page. */
export const chartHeight = 150;

/** Space above a diagram, and below it for the time axis, in pixels. */
const top = 18;
const bottom = 26;

/** Diagram over time. Positions across are percent of the width, so text has the same size on every screen. */
export interface Chart {
  /** Unique on the page. */
  readonly id: string;
  readonly title: string;
  /** Content of the diagram in words, for readers who do not see it. */
  readonly description: string;
  readonly span: TimeSpan;
  /** Marks of the vertical axis: position in pixels, and label. */
  readonly levels: readonly { readonly y: number; readonly label: string }[];
  readonly legend?: Content;
  readonly drawing: Content;
  /** @default {@link chartHeight} */
  readonly height?: number;
}

/** Returns a figure with a caption, a diagram, and its title and description for screen readers. */
export function chartOf(chart: Chart): Markup {
  const { id, title, description, span, levels, legend, drawing, height = chartHeight } = chart;
  const lines = levels.map(({ y }) => html`<line class="grid" x1="0" x2="100%" y1="${y}" y2="${y}"/>`);
  const labels = levels.map(
    ({ y, label }) => html`<text class="tick" x="-6" y="${round(y + 4)}" text-anchor="end">${label}</text>`,
  );
  return html`<figure>
<figcaption><b>${title}</b>${legend}</figcaption>
<svg role="img" aria-labelledby="${id}-t" aria-describedby="${id}-d" height="${top + height + bottom}">
<title id="${id}-t">${title}</title>
<desc id="${id}-d">${description}</desc>
<svg x="14%" y="${top}" width="80%" height="${height}" overflow="visible">
${lines}${timeAxis(span, height)}
${drawing}${labels}
</svg></svg>
</figure>
`;
}

function timeAxis(span: TimeSpan, height: number): Content {
  return ticksOf(span).map(({ percent, label }) => {
    return html`<line class="grid" x1="${percent}%" x2="${percent}%" y1="${height}" y2="${height + 4}"/>
<text class="tick" x="${percent}%" y="${height + 18}" text-anchor="middle">${label}</text>`;
  });
}

/** Point of a line: percent of the width, and pixels from the top. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Draws a line through points. A single point is a line of its own length. */
export function lineThrough(points: readonly Point[], style: string, height = chartHeight): Markup {
  const path = points.map(({ x, y }, index) => `${index === 0 ? 'M' : 'L'}${x} ${y}`).join('');
  return stretched(path, style, height);
}

/** Draws values that hold until the next one, to the right edge. */
export function stepsThrough(points: readonly Point[], style: string, height = chartHeight): Markup {
  const path = points.map(({ x, y }, index) => (index === 0 ? `M${x} ${y}` : `H${x}V${y}`)).join('');
  return stretched(`${path}H100`, style, height);
}

/** A path has no percentages, so its own coordinates are stretched to the width. Its stroke is not. */
function stretched(path: string, style: string, height: number): Markup {
  return html`<svg width="100%" height="${height}" viewBox="0 0 100 ${height}" preserveAspectRatio="none" overflow="visible"><path class="line ${style}" vector-effect="non-scaling-stroke" d="${path}"/></svg>
`;
}

/** Draws a point: a failed one is a cross, for readers who do not see colours. */
export function pointAt({ x, y }: Point, isBad: boolean): Markup {
  if (!isBad) return html`<circle class="dot" cx="${x}%" cy="${y}" r="3.5"/>`;
  return html`<svg x="${x}%" y="${y}" overflow="visible"><path class="cross" d="M-5 -5L5 5M5 -5L-5 5"/></svg>`;
}

/** Draws a limit across the diagram, with its name. */
export function limitAt(y: number, label: string): Markup {
  return html`<line class="limit" x1="0" x2="100%" y1="${y}" y2="${y}"/>
<text class="limit-ink" x="100%" y="${round(y - 5)}" text-anchor="end">${label}</text>`;
}

/** Draws a vertical line for an event, with its name at the top. */
export function eventAt(x: number, label: string, height = chartHeight): Markup {
  const anchor = x > 70 ? 'end' : 'start';
  return html`<line class="event" x1="${x}%" x2="${x}%" y1="-6" y2="${height}"/>
<text x="${x}%" y="-7" text-anchor="${anchor}">${label}</text>`;
}

/** Returns the key of a line for a caption. */
export function legendKey(style: string, label: string): Markup {
  return html`<span class="legend"><svg aria-hidden="true" viewBox="0 0 28 12"><path class="line ${style}" d="M0 6H28"/></svg>${label}</span>`;
}
