import { round } from '../page/number-text.js';

/** Times of a chart, from its left edge to its right one. */
export interface TimeSpan {
  /** Milliseconds since 1970. */
  readonly from: number;
  /** After `from`. */
  readonly to: number;
  /** The latest time itself: before `to` in a change of less than a minute. */
  readonly last: number;
}

/** Mark of the time axis. */
export interface Tick {
  readonly percent: number;
  readonly label: string;
}

const minute = 60_000;
const hour = 3_600_000;
const day = 86_400_000;
const maxTicks = 6;

const units = [
  { milliseconds: 1_000, name: 's', steps: [1, 2, 5, 10, 20, 30] },
  { milliseconds: minute, name: 'min', steps: [1, 2, 5, 10, 20, 30] },
  { milliseconds: hour, name: 'h', steps: [1, 2, 3, 6, 12] },
  { milliseconds: day, name: 'd', steps: [1, 2, 5, 10, 20, 50, 100] },
] as const;

/** Returns the span of some times, at least one minute long. */
export function spanOf(times: readonly number[]): TimeSpan {
  let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const time of times) {
    from = Math.min(from, time);
    to = Math.max(to, time);
  }
  if (from > to) return { from: 0, to: minute, last: 0 };
  return { from, to: Math.max(to, from + minute), last: to };
}

/** Returns a function that converts a time to percent of the width. */
export function xOf({ from, to }: TimeSpan): (at: number) => number {
  return (at) => round((100 * Math.min(Math.max(at - from, 0), to - from)) / (to - from));
}

/** Returns round times since the beginning for an axis, at most six beside 0. */
export function ticksOf(span: TimeSpan): Tick[] {
  const { milliseconds, name, step } = unitOf(span.to - span.from);
  const x = xOf(span);
  const number = Math.floor((span.to - span.from) / (milliseconds * step));
  return Array.from({ length: number + 1 }, (_, index) => ({
    percent: x(span.from + index * step * milliseconds),
    label: index === 0 ? '0' : `${index * step} ${name}`,
  }));
}

function unitOf(length: number): { milliseconds: number; name: string; step: number } {
  for (const { milliseconds, name, steps } of units) {
    const step = steps.find((it) => length / (milliseconds * it) <= maxTicks);
    if (step !== undefined) return { milliseconds, name, step };
  }
  return { milliseconds: day, name: 'd', step: niceMaximum(length / day / maxTicks) };
}

/** Returns a function that converts values from 0 up to vertical positions, 0 at the bottom. */
export function yOf(height: number, highest: number): (value: number) => number {
  return (value) => round(height * (1 - Math.min(Math.max(value / highest, 0), 1)));
}

/** Returns the largest finite value, or the floor when it is larger. */
export function largestOf(values: readonly number[], floor: number): number {
  return values.reduce(
    (largest, value) => (Number.isFinite(value) ? Math.max(largest, value) : largest),
    floor,
  );
}

/** Returns the next round number for an axis. */
export function niceMaximum(value: number): number {
  if (!(value > 0) || value > 1e300) return value > 0 ? value : 1;
  const magnitude = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 4, 6, 8, 10].map((step) => step * magnitude).find((it) => it >= value) ?? value;
}
