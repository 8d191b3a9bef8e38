import { expect } from 'vitest';
import { runSchedule } from './run-schedule.js';
import type { SwapSchedule } from './schedule.js';
import { endOf, violationsOf } from './violations.js';

/** Runs the schedules of consecutive seeds, expects no violation, and prints the counts of their ends. */
export async function expectNoViolations(
  { first, count }: { readonly first: number; readonly count: number },
  scheduleOf: (seed: number) => SwapSchedule,
): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  const add = (what: string) => counts.set(what, (counts.get(what) ?? 0) + 1);
  for (let seed = first; seed < first + count; seed += 1) {
    const schedule = scheduleOf(seed);
    const finished = await runSchedule(schedule);
    expect(violationsOf(finished), `seed ${seed}: ${JSON.stringify(schedule)}`).toEqual([]);
    add(`swaps ${endOf(finished.world)}`);
    for (const { isHeldUp, percent, takesAway } of finished.world.observed.changes) {
      if (isHeldUp && percent > 0 && takesAway) add('calls under users that were held up by a stall');
    }
    for (const { status } of finished.world.deployments) add(`deployments ${status}`);
  }
  const list = [...counts].map(([what, number]) => `${number} ${what}`).join(', ');
  // biome-ignore lint/suspicious/noConsole: the seeds and the counts are what this property reports
  console.info(`stack swaps: seeds ${first} to ${first + count - 1}, 0 violations: ${list}`);
  return counts;
}
