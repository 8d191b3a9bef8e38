import { expect } from 'vitest';
import { type FinishedSchedule, runSchedule } from './run-schedule.js';
import type { SwapSchedule } from './schedule.js';
import { endOf, violationsOf } from './violations.js';

/** Failed schedules after which a run ends. */
const maxFailures = 10;

/**
 * Runs the schedules of consecutive seeds, and expects no violation. Prints the seeds, the counts of the ends and of the disturbances
 * that took place, and the seeds of the schedules that failed.
 */
export async function expectNoViolations(
  { first, count }: { readonly first: number; readonly count: number },
  scheduleOf: (seed: number) => SwapSchedule,
): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  const failures: { readonly seed: number; readonly violations: readonly string[] }[] = [];
  let runs = 0;
  for (let seed = first; seed < first + count && failures.length < maxFailures; seed += 1) {
    const finished = await runSchedule(scheduleOf(seed));
    runs += 1;
    const violations = violationsOf(finished);
    if (violations.length > 0) failures.push({ seed, violations });
    for (const [what, number] of countsOf(finished)) counts.set(what, (counts.get(what) ?? 0) + number);
  }
  const list = [...counts].sort().map(([what, number]) => `${number} ${what}`);
  // biome-ignore lint/suspicious/noConsole: the seeds and the counts are what this property reports
  console.info(
    `stack swaps: ${runs} schedules, seeds ${first} to ${first + runs - 1}, ` +
      `${failures.length} failed (${failures.map(({ seed }) => seed).join(', ') || 'none'}): ${list.join(', ')}`,
  );
  expect(failures).toEqual([]);
  return counts;
}

function countsOf({ world }: FinishedSchedule): (readonly [string, number])[] {
  const { observed, deployments, ingredients } = world;
  const isLate = observed.changes.filter(
    ({ isHeldUp, percent, takesAway }) => isHeldUp && percent > 0 && takesAway,
  );
  return [
    [`swaps ${endOf(world)}`, 1],
    ...deployments.map(({ status }) => [`deployments ${status}`, 1] as const),
    ...(isLate.length > 0
      ? [['calls under users that were held up by a stall', isLate.length] as const]
      : []),
    ...(observed.changes.at(-1)?.isHeldUp ? [['last calls that were held up by a stall', 1] as const] : []),
    ...ingredients.counts,
  ];
}
