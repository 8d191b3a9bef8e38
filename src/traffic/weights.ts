import type { StackReference } from '../core/stack-reference.js';
import type { TrafficWeights } from './types.js';

/** Percent that tell two weights apart. Readings of the same ones may differ by less: a service's own scale rounds. */
export const smallestDifference = 0.01;

/** The weights that give one stack this share and the other one the rest. */
export function weightsOf(stack: StackReference, percent: number): TrafficWeights {
  const rest = 100 - percent;
  return stack === 'blue' ? { blue: percent, green: rest } : { blue: rest, green: percent };
}

/** Whether two readings are the same weights. */
export function areSame(one: TrafficWeights, other: TrafficWeights | undefined): boolean {
  return (
    other !== undefined &&
    Math.abs(one.blue - other.blue) < smallestDifference &&
    Math.abs(one.green - other.green) < smallestDifference
  );
}

/** Whether a share is some of the traffic, and not all of it: nobody could tell one that is nearer to either end from it. */
export function isSplit(percent: number): boolean {
  return percent >= smallestDifference && percent <= 100 - smallestDifference;
}

/** Whether something is two shares that are 100 % together; a service's own scale may round. */
export function isPair(value: unknown): value is TrafficWeights {
  const { blue, green } = (value ?? {}) as Partial<Record<StackReference, unknown>>;
  return isShare(blue) && isShare(green) && Math.abs(blue + green - 100) < 0.1;
}

/** The weights for people: `blue 90 %, green 10 %`. */
export function describeWeights(weights: TrafficWeights): string {
  return `blue ${round(weights.blue)} %, green ${round(weights.green)} %`;
}

/**
 * The two whole numbers on a service's scale that come nearest to the weights; a share that is not zero never becomes
 * zero, and one below 100 % never becomes everything.
 *
 * @param scale - what both numbers are together.
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

/** A sum or a product of fractions, without the digits that nobody meant. */
export function tidyPercent(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}

/** Two numbers of a service, in percent; `undefined` when nothing gets any traffic. */
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

/** Without what the division of binary fractions leaves behind: 55 of 100 are 55 %. */
function percentOf(part: number, total: number): number {
  return Math.round((part / total) * 1e11) / 1e9;
}

function isShare(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= 100;
}

function round(percent: number): number {
  return Math.round(percent * 100) / 100;
}
