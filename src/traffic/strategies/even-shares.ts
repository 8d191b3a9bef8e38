import { smallestDifference, tidyPercent } from '../weights.js';

/** Returns the shares between two shares, both excluded: each `stepPercent` above the previous one. */
export function sharesBetween(from: number, to: number, stepPercent: number): readonly number[] {
  const count = Math.ceil((to - from) / stepPercent);
  return Array.from({ length: count }, (_, index) => tidyPercent(from + (index + 1) * stepPercent)).filter(
    (share) => to - share >= smallestDifference,
  );
}
