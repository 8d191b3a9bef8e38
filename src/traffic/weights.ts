import type { StackReference } from '../core/stack-reference.js';
import type { TrafficWeights } from './types.js';

/** Smallest difference of two weights in percent. Readings of the same weights can differ by less, because a service rounds. */
export const smallestDifference = 0.01;

/** Returns the weights with this share for one stack and the rest for the other. */
export function weightsOf(stack: StackReference, percent: number): TrafficWeights {
  const rest = 100 - percent;
  return stack === 'blue' ? { blue: percent, green: rest } : { blue: rest, green: percent };
}

/** True when two readings are the same weights. */
export function areSame(one: TrafficWeights, other: TrafficWeights | undefined): boolean {
  return (
    other !== undefined &&
    Math.abs(one.blue - other.blue) < smallestDifference &&
    Math.abs(one.green - other.green) < smallestDifference
  );
}

/** True when a share is more than none and less than all of the traffic by at least the smallest difference. */
export function isSplit(percent: number): boolean {
  return percent >= smallestDifference && percent <= 100 - smallestDifference;
}

/** True for two shares that are 100 % together, with a tolerance because a service rounds. */
export function isPair(value: unknown): value is TrafficWeights {
  const { blue, green } = (value ?? {}) as Partial<Record<StackReference, unknown>>;
  return isShare(blue) && isShare(green) && Math.abs(blue + green - 100) < 0.1;
}

/** Formats weights for messages: `blue 90 %, green 10 %`. */
export function describeWeights(weights: TrafficWeights): string {
  return `blue ${roundTo(weights.blue, 2)} %, green ${roundTo(weights.green, 2)} %`;
}

/**
 * Returns the two whole numbers on a service's scale that are nearest to the weights. A share above zero never becomes zero, and
 * one below 100 % never becomes 100 %.
 *
 * @param scale - sum of both numbers.
 */
export function toScale(
  weights: TrafficWeights,
  scale: number,
): { readonly blue: number; readonly green: number } {
  const smaller: StackReference = weights.blue <= weights.green ? 'blue' : 'green';
  const share = weights[smaller] / (weights.blue + weights.green);
  const few = weights[smaller] === 0 ? 0 : Math.max(1, Math.round(share * scale));
  return smaller === 'blue' ? { blue: few, green: scale - few } : { blue: scale - few, green: few };
}

/**
 * Converts a pair of shares to two whole weights, each at most `maxWeight`: whole percents unchanged, others in the nearest ratio,
 * so that a ratio that was read stays the same. A share above zero never becomes zero.
 */
export function toRatio(weights: TrafficWeights, maxWeight: number): TrafficWeights {
  const smaller: StackReference = weights.blue <= weights.green ? 'blue' : 'green';
  const percent = (weights[smaller] / (weights.blue + weights.green)) * 100;
  const [few, many] = isWholePercent(percent)
    ? [Math.round(percent), 100 - Math.round(percent)]
    : nearestRatio(percent / (100 - percent), maxWeight);
  return smaller === 'blue' ? { blue: few, green: many } : { blue: many, green: few };
}

/** Returns the weights that a service with two whole weights, each at most `maxWeight`, reads back. */
export function nearestRatioWeights(weights: TrafficWeights, maxWeight: number): TrafficWeights {
  return fromScale(toRatio(weights, maxWeight)) ?? weights;
}

/** True for a whole percent, up to the rounding error of a division. A share above zero that rounds to 0 is not whole. */
function isWholePercent(percent: number): boolean {
  return percent === 0 || (percent > 0.5 && Math.abs(percent - Math.round(percent)) < 1e-9);
}

/** Returns the two smallest weights with the nearest ratio. `ratio` is above 0 and at most 1. */
function nearestRatio(ratio: number, maxWeight: number): [few: number, many: number] {
  let best: [number, number] = [1, maxWeight];
  let distance = Number.POSITIVE_INFINITY;
  for (let many = 1; many <= maxWeight; many += 1) {
    const few = Math.max(1, Math.round(ratio * many));
    const difference = Math.abs(few / many - ratio);
    if (difference < distance - 1e-12) {
      best = [few, many];
      distance = difference;
    }
  }
  return best;
}

/** Rounds the error of binary fractions away from a sum or product of percents. */
export function tidyPercent(value: number): number {
  return roundTo(value, 6);
}

export function roundTo(value: number, places: number): number {
  return Math.round(value * 10 ** places) / 10 ** places;
}

/** Converts two numbers of a service to percent. Returns undefined when both are 0. */
export function fromScale({
  blue,
  green,
}: {
  readonly blue: number;
  readonly green: number;
}): TrafficWeights | undefined {
  const total = blue + green;
  return total > 0 ? { blue: percentOf(blue, total), green: percentOf(green, total) } : undefined;
}

/** Rounds the error of binary fractions away: 55 of 100 are 55 %. */
function percentOf(part: number, total: number): number {
  return Math.round((part / total) * 1e11) / 1e9;
}

function isShare(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= 100;
}
