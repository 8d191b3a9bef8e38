import type { BadRelease } from './detection.js';
import type { JudgeOf } from './judges.js';
import { randomOf } from './random.js';
import { countPeriod } from './traffic.js';
import { spell, type World } from './worlds.js';

const base = 0.005;

/** Slow ramps: the incoming error rate rises to ×10 within these minutes. */
export const ramps: readonly BadRelease[] = [30, 120].flatMap((rampMinutes) =>
  [0.1, 0.5].map((share) => ({ requests: 2000, share, base, bad: 10 * base, rampMinutes })),
);

/** Healthy worlds that the design did not measure. No bar was set for them. */
export const furtherWorlds: readonly World[] = [
  {
    name: 'heavy tail',
    about: 'an own rate each minute, log-normal with cv 1, 20,000/min: some minutes exceed the ceiling',
    bar: 1,
    begin: (random) => {
      const draw = () => Math.min(1, base * Math.exp(Math.sqrt(Math.LN2) * random.normal() - Math.LN2 / 2));
      return (index, share) =>
        countPeriod(random, index, share, { incoming: draw(), outgoing: draw(), requests: 20_000 });
    },
  },
  {
    name: 'several sick tasks',
    about: 'each of 5 tasks a stack is sick for 5 min at some time, +5 pp',
    bar: 1,
    begin: (random, periods) => {
      const [incoming, outgoing] = [0, 1].map(() =>
        Array.from({ length: 5 }, () => spell(random, periods, 5)),
      );
      const rate = (tasks: typeof incoming, index: number) =>
        base + 0.01 * (tasks ?? []).filter((isSick) => isSick(index)).length;
      return (index, share) =>
        countPeriod(random, index, share, {
          incoming: rate(incoming, index),
          outgoing: rate(outgoing, index),
          requests: 2000,
        });
    },
  },
  {
    name: 'retries across stacks',
    about: 'a failed request is repeated 3 times, each by the weights; an outage of both, ×20 for 5 min',
    bar: 1,
    begin: (random, periods) => {
      const isOut = spell(random, periods, 5);
      return (index, share) => {
        const rate = isOut(index) ? 20 * base : base;
        // Repeated requests fail as often as the first, wherever they arrive: they add traffic, and no dependence on the stack.
        const requests = 2000 * (1 + rate + rate ** 2 + rate ** 3);
        return countPeriod(random, index, share, { incoming: rate, outgoing: rate, requests });
      };
    },
  },
  {
    name: 'retries of poisoned requests',
    about:
      'a request that always fails is repeated 3 times, each by the weights: bursts of 4 over both stacks',
    bar: 1,
    begin: (random) => (index, share) => {
      const poisoned = random.poisson((2000 * base) / 4);
      let onIncoming = 0;
      for (let attempt = 0; attempt < 4 * poisoned; attempt += 1)
        if (random.uniform() < share) onIncoming += 1;
      const period = countPeriod(random, index, share, {
        incoming: 0,
        outgoing: 0,
        requests: 2000 * (1 - base),
      });
      const add = (requests: number, failures: number) => ({ requests: requests + failures, failures });
      return {
        start: period.start,
        incoming: add(period.incoming.requests, onIncoming),
        outgoing: add(period.outgoing.requests, 4 * poisoned - onIncoming),
      };
    },
  },
];

/**
 * Runs shifts at 100 %, where only the ceiling is checked. Returns the share of the shifts that are stopped within 60 minutes, in
 * percent, and the median of the minutes until then.
 */
export function runAtAllTraffic(
  judgeOf: JudgeOf,
  { requests, rate, healthyMinutes }: { requests: number; rate: number; healthyMinutes: number },
  { shifts, seed }: { shifts: number; seed: number },
): { stopped: number; medianMinutes: number } {
  const random = randomOf(seed);
  const times = Array.from({ length: shifts }, () => {
    const judge = judgeOf();
    for (let index = 0; index < healthyMinutes + 60; index += 1) {
      const incoming = index < healthyMinutes ? base : rate;
      const evidence = judge.read(countPeriod(random, index, 1, { incoming, outgoing: base, requests }), 1);
      if (evidence >= Math.log(100)) return index + 1 - healthyMinutes;
    }
    return Infinity;
  }).sort((one, other) => one - other);
  const stopped = times.filter((time) => time < Infinity).length;
  return {
    stopped: (100 * stopped) / shifts,
    medianMinutes: times[Math.floor(times.length / 2)] ?? Infinity,
  };
}
