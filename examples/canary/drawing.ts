import type { CanaryDocument } from './run.js';

/** Sizes in units of the drawing. The browser scales it. */
export const page = { width: 900, left: 64, right: 24 } as const;

/** Vertical position of a diagram. */
export interface Panel {
  readonly top: number;
  readonly height: number;
}

const gap = 70;

/** Places diagrams of these heights one below the other. */
export function panelsOf(heights: readonly number[]): Panel[] {
  let top = 40;
  return heights.map((height) => {
    const placed = { top, height };
    top += height + gap;
    return placed;
  });
}

/** Draws the heading, the axis and the grid of a diagram. */
export function frameOf(
  heading: string,
  { top, height }: Panel,
  ticks: readonly { readonly y: number; readonly label: string }[],
): string {
  const lines = ticks.map(
    ({ y, label }) => `<path class="grid" d="M${page.left} ${y}H${page.width - page.right}"/>
<text class="quiet" x="${page.left - 8}" y="${y + 5}" text-anchor="end">${label}</text>`,
  );
  return `<text class="heading" x="${page.left}" y="${top - 14}">${heading}</text>
<path class="grid" d="M${page.left} ${top}v${height}"/>${lines.join('')}`;
}

/** Draws the names of both stacks at the right above a diagram. */
export function legendOf({ top }: Panel): string {
  return `<text class="blue-ink" x="${page.width - page.right - 90}" y="${top - 14}" text-anchor="end">╍╍ blue</text>
<text class="green-ink" x="${page.width - page.right}" y="${top - 14}" text-anchor="end">━━ green</text>`;
}

/** Draws the bound of a diagram, with its name above the line. */
export function boundOf(y: number, text: string): string {
  const end = page.width - page.right;
  return `<path class="bound" d="M${page.left} ${y}H${end}"/>
<text class="bad-ink" x="${end}" y="${y - 7}" text-anchor="end">${text}</text>`;
}

/** Draws a point: bad ones also have another form, for readers who do not see colours. */
export function pointAt(x: number, y: number, { isBad }: { readonly isBad: boolean }): string {
  return isBad
    ? `<path class="bad" stroke-width="3" d="M${x - 6} ${y - 6}l12 12m0 -12l-12 12"/>`
    : `<circle class="green-ink" cx="${x}" cy="${y}" r="4.5"/>`;
}

/** Converts times to horizontal positions. */
export function timeScale({ startedAt, endedAt }: Pick<CanaryDocument, 'startedAt' | 'endedAt'>) {
  const [from, to] = [Date.parse(startedAt), Date.parse(endedAt)];
  const end = page.width - page.right;
  const x = (at: number) => round(page.left + ((at - from) / (to - from)) * (end - page.left));
  return { x, end, minutes: (to - from) / 60_000 };
}

/** Converts values from 0 up to vertical positions. */
export function valueScale({ top, height }: Panel, highest: number) {
  return (value: number) => round(top + height * (1 - value / highest));
}

/** Returns the next round number for an axis. */
export function niceMaximum(value: number): number {
  const magnitude = 10 ** Math.floor(Math.log10(value > 0 ? value : 1));
  return [1, 2, 4, 6, 8, 10].map((step) => step * magnitude).find((it) => it >= value) ?? value;
}

export function percent(value: number): string {
  return `${round(value)} %`;
}

export function round(value: number): number {
  return Math.round(value * 100) / 100;
}

/** Escapes text for HTML. */
export function asText(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
