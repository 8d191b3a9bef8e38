import type { RegressionPeriod } from '../../src/traffic/judging/regression-options.js';
import { regression } from './judges.js';
import { type Random, randomOf } from './random.js';
import type { World } from './worlds.js';

/**
 * Counts the shifts, in percent, that are stopped falsely when the newest period is judged before its data is complete: each of its
 * counts is half or absent with a probability of 30 %. All periods are read again at each look, so the earlier ones are complete.
 */
export function countLateStops(
  world: World,
  { shifts, looks, seed }: { shifts: number; looks: number; seed: number },
): number {
  const random = randomOf(seed);
  let stopped = 0;
  for (let shift = 0; shift < shifts; shift += 1) if (isStopped(world, random, looks)) stopped += 1;
  return (100 * stopped) / shifts;
}

function isStopped(world: World, random: Random, looks: number): boolean {
  const count = world.begin(random, looks);
  const periods: RegressionPeriod[] = [];
  for (let look = 0; look < looks; look += 1) {
    const period = count(look, [0.01, 0.1, 0.5][Math.floor((3 * look) / looks)] ?? 0);
    const judge = regression()();
    for (const complete of periods) judge.read(complete, 0);
    const newest = {
      ...period,
      incoming: delay(random, period.incoming),
      outgoing: delay(random, period.outgoing),
    };
    if (isPossible(newest)) judge.read(newest, 0);
    if (judge.read(emptyPeriod, 0) >= Math.log(100)) return true;
    periods.push(period);
  }
  return false;
}

const none = { requests: 0, failures: 0 };
const emptyPeriod: RegressionPeriod = { start: 0, incoming: none, outgoing: none };

function delay(random: Random, { requests, failures }: RegressionPeriod['incoming']) {
  return { requests: part(random, requests), failures: part(random, failures) };
}

function part(random: Random, count: number): number {
  if (random.uniform() >= 0.3) return count;
  return random.uniform() < 0.5 ? 0 : Math.floor(count / 2);
}

function isPossible({ incoming, outgoing }: RegressionPeriod): boolean {
  return incoming.failures <= incoming.requests && outgoing.failures <= outgoing.requests;
}
