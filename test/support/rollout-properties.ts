import fc from 'fast-check';
import { RolloutError, type RolloutPhase } from '../../src/ecs-rollout/index.js';
import { driveSchedule } from './driven-rollout.js';
import { violationsOf } from './rollout-invariants.js';
import { anySchedule } from './rollout-schedule.js';

/** Counts of the finished schedules. */
export interface RolloutCounts {
  schedules: number;
  runs: number;
  calls: number;
  succeeded: number;
  failed: number;
  crashed: number;
  rolledBack: number;
  withLeftovers: number;
  /** Failures, by their phase. */
  readonly phases: Partial<Record<RolloutPhase, number>>;
}

/** Runs random schedules of rollouts, and checks the invariants of each. */
export async function checkRollouts(numRuns: number, seed: number): Promise<RolloutCounts> {
  const counts: RolloutCounts = {
    schedules: 0,
    runs: 0,
    calls: 0,
    succeeded: 0,
    failed: 0,
    crashed: 0,
    rolledBack: 0,
    withLeftovers: 0,
    phases: {},
  };
  await fc.assert(
    fc.asyncProperty(anySchedule, async (schedule) => {
      const driven = await driveSchedule(schedule);
      const violations = violationsOf(driven);
      if (violations.length > 0) throw new Error(violations.join('\n'));
      counts.schedules += 1;
      counts.runs += driven.runs.length;
      for (const { end, outcome, remaining, calls } of driven.runs) {
        counts.calls += calls;
        if (end === 'succeeded' || end === 'failed' || end === 'crashed') counts[end] += 1;
        if (outcome?.service === 'rolledBack') counts.rolledBack += 1;
        if (end === 'failed' && outcome instanceof RolloutError)
          counts.phases[outcome.phase] = (counts.phases[outcome.phase] ?? 0) + 1;
        if (remaining.canaries.length + remaining.targets.length > 0) counts.withLeftovers += 1;
      }
    }),
    { numRuns, seed },
  );
  return counts;
}

/** The counts and the seed in one line. */
export function describeCounts(counts: RolloutCounts, seed: number): string {
  const { schedules, runs, calls, succeeded, failed, rolledBack, crashed, withLeftovers } = counts;
  const phases = Object.entries(counts.phases).map(([phase, count]) => `${phase} ${count}`);
  return [
    `rollouts: seed ${seed}, ${schedules} schedules of ${runs} runs with ${calls} calls:`,
    `${succeeded} succeeded, ${failed} failed (${rolledBack} rolled back), ${crashed} crashed,`,
    `${withLeftovers} with leftovers; failures by phase: ${phases.join(', ')}`,
  ].join(' ');
}
