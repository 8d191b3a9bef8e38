import type { SafeTarget } from '../shift/safe-target.js';
import type { TrafficWeights } from '../types.js';
import { areSame } from '../weights.js';
import type { PartWeights } from './several-parts.js';

/**
 * Converts the readings of parts with different scales to the scale of the first part. A part that holds the nearest weights to
 * the reading of the first part, or to expected ones, has those weights. Any other reading stays as it is.
 */
export function onOneScale(
  parts: readonly SafeTarget[],
  readings: readonly TrafficWeights[],
  expected: readonly TrafficWeights[] = [],
): PartWeights[] {
  const [first] = readings;
  // The pending weights come last, and a part that needs no write to hold them has reached them.
  const candidates = [...(first === undefined ? [] : [first]), ...expected.toReversed()];
  return parts.map((part, index) => {
    const weights = readings[index] ?? { blue: Number.NaN, green: Number.NaN };
    const held = candidates.find((it) => areSame(part.nearestWeights(it), weights));
    return { name: part.description, weights: held ?? weights };
  });
}
