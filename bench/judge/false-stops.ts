import type { JudgeOf } from './judges.js';
import { randomOf } from './random.js';
import type { World } from './worlds.js';

/** Shares of the incoming stack, each for a third of a shift. */
const shares = [0.01, 0.1, 0.5];

/** False stops in percent of the shifts. */
export interface FalseStops {
  readonly one: number;
  readonly five: number;
}

/** Runs shifts of a world, and counts those that a judge stops at α = 1 % and 5 %. */
export function countFalseStops(
  world: World,
  judgeOf: JudgeOf,
  { shifts, looks, seed }: { shifts: number; looks: number; seed: number },
): FalseStops {
  const random = randomOf(seed);
  let [one, five] = [0, 0];
  for (let shift = 0; shift < shifts; shift += 1) {
    const evidence = evidenceOf(world, judgeOf, random, looks);
    if (evidence >= Math.log(100)) one += 1;
    if (evidence >= Math.log(20)) five += 1;
  }
  return { one: (100 * one) / shifts, five: (100 * five) / shifts };
}

function evidenceOf(
  world: World,
  judgeOf: JudgeOf,
  random: ReturnType<typeof randomOf>,
  looks: number,
): number {
  const count = world.begin(random, looks);
  const judge = judgeOf();
  let evidence = 0;
  for (let index = 0; index < looks && evidence < Math.log(100); index += 1) {
    const share = shares[Math.floor((3 * index) / looks)] ?? 0;
    evidence = judge.read(count(index, share), share);
  }
  return evidence;
}
