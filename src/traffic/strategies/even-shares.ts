import { smallestDifference, tidyPercent } from '../weights.js';

/** The shares between two, both left out: each `stepPercent` above the one before. */
export function sharesBetween(from: number, to: number, stepPercent: number): readonly number[] {
  const count = Math.ceil((to - from) / stepPercent);
  return Array.from({ length: count }, (_, index) => tidyPercent(from + (index + 1) * stepPercent)).filter(
    (share) => to - share >= smallestDifference,
  );
}
