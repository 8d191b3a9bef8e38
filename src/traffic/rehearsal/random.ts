import { hashOf } from '../../core/hash.js';

/** Source of numbers from 0 to below 1. */
export type Random = () => number;

/** Creates a source that returns the same numbers for the same key: mulberry32, seeded with a hash of the key. */
export function randomFor(key: string): Random {
  let state = hashOf(key);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Returns how many of the events happen when each happens with this probability. The part of the count behind the decimal point
 * is multiplied by the probability.
 */
export function thin(count: number, probability: number, random: Random): number {
  if (probability >= 1) return count;
  if (probability <= 0 || count === 0) return 0;
  // A sum that is no count, such as one below 0, has no events.
  if (count < 0 || !Number.isSafeInteger(Math.floor(count))) return count * probability;
  const whole = Math.floor(count);
  return binomial(whole, probability, random) + (count - whole) * probability;
}

function binomial(count: number, probability: number, random: Random): number {
  if (probability > 0.5) return count - binomial(count, 1 - probability, random);
  return count * probability < 10
    ? byGaps(count, probability, random)
    : byRejection(count, probability, random);
}

/** Jumps from one event that happens to the next: fast while few happen. */
function byGaps(count: number, probability: number, random: Random): number {
  const logOfMiss = Math.log1p(-probability);
  let happened = 0;
  for (let position = 0; ; happened += 1) {
    position += Math.floor(Math.log1p(-random()) / logOfMiss) + 1;
    if (position > count) return happened;
  }
}

/** Hörmann's BTRS (1993), https://doi.org/10.1080/00949659308811496: exact, with a constant number of random numbers. */
function byRejection(count: number, probability: number, random: Random): number {
  const odds = probability / (1 - probability);
  const deviation = Math.sqrt(count * probability * (1 - probability));
  const b = 1.15 + 2.53 * deviation;
  const a = -0.0873 + 0.0248 * b + 0.01 * probability;
  const center = count * probability + 0.5;
  const accepted = 0.92 - 4.2 / b;
  const alpha = (2.83 + 5.1 / b) * deviation;
  const mode = Math.floor((count + 1) * probability);
  for (;;) {
    const u = random() - 0.5;
    const v = random();
    const us = 0.5 - Math.abs(u);
    const result = Math.floor(((2 * a) / us + b) * u + center);
    if (us >= 0.07 && v <= accepted) return result;
    if (result < 0 || result > count) continue;
    const height = Math.log((v * alpha) / (a / (us * us) + b));
    const bound =
      (mode + 0.5) * Math.log((mode + 1) / (odds * (count - mode + 1))) +
      (count + 1) * Math.log((count - mode + 1) / (count - result + 1)) +
      (result + 0.5) * Math.log((odds * (count - result + 1)) / (result + 1)) +
      stirlingError(mode) +
      stirlingError(count - mode) -
      stirlingError(result) -
      stirlingError(count - result);
    if (height <= bound) return result;
  }
}

const exactStirlingErrors = [
  0.0810614667953272, 0.0413406959554092, 0.0276779256849983, 0.02079067210376509, 0.0166446911898211,
  0.0138761288230707, 0.0118967099458917, 0.010411265261972, 0.00925546218271273, 0.00833056343336287,
];

/** Error of Stirling's formula for the logarithm of a factorial. */
function stirlingError(value: number): number {
  const exact = exactStirlingErrors[value];
  if (exact !== undefined) return exact;
  const next = value + 1;
  return (1 / 12 - (1 / 360 - 1 / 1260 / (next * next)) / (next * next)) / next;
}
