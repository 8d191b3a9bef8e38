import type { RegressionPeriod } from '../../src/traffic/judging/regression-options.js';
import type { Random } from './random.js';
import { type Bursts, countBursts, countPeriod, type TrafficSettings } from './traffic.js';

/** Highest accepted share of false stops at α = 1 %, in percent. */
export type Bar = 0.2 | 1 | 1.8 | 2.8;

/** World in which both stacks are equally good, or as good as a release may be. */
export interface World {
  readonly name: string;
  readonly about: string;
  readonly bar: Bar;
  /** Begins a shift of this many periods. Returns the counts of each period for the share of the incoming stack. */
  readonly begin: (random: Random, periods: number) => Counter;
}

/** Counts of one period. */
export type Counter = (index: number, share: number) => RegressionPeriod;

const usual: TrafficSettings = { requests: 2000, base: 0.005 };

/** Factors of the error rates and of the traffic in one period. */
interface Factors {
  readonly incoming?: number;
  readonly outgoing?: number;
  readonly both?: number;
  readonly traffic?: number;
  /** Share of the requests that fails besides. */
  readonly incomingExtra?: number;
  readonly outgoingExtra?: number;
}

/** Worlds by their letters in the documentation. */
export const worlds: readonly World[] = [
  independent('a', 'independent failures', 0.2, usual, () => () => ({})),
  independent('a2', 'the same, 200/min, 0.1 %', 0.2, { requests: 200, base: 0.001 }, () => () => ({})),
  independent('a3', 'the same, 20,000/min, 1 %', 0.2, { requests: 20_000, base: 0.01 }, () => () => ({})),
  independent('b', 'a shock of both stacks: ×20 for 5 min', 0.2, usual, (random, periods) => {
    const isIn = spell(random, periods, 5);
    return (index) => ({ both: isIn(index) ? 20 : 1 });
  }),
  independent('c', 'a common rate that wanders: AR(1) 0.95, sd 0.8', 0.2, usual, (random) => {
    const next = wander(random, 0.95, 0.8);
    return () => ({ both: Math.min(next(), 100) });
  }),
  bursty('d', 'bursts of mean 5, each on one stack', 1, usual, { mean: 5, periods: 1 }),
  bursty('d2', 'the same, 20,000/min', 1, { requests: 20_000, base: 0.005 }, { mean: 5, periods: 1 }),
  bursty('d3', 'bursts of mean 20', 1.8, usual, { mean: 20, periods: 1 }),
  bursty(
    'd4',
    'bursts of mean 20 over 30 s, periods of 10 s',
    2.8,
    { requests: 2000 / 6, base: 0.005 },
    { mean: 20, periods: 3 },
  ),
  wobbly('e', 'an own rate each minute, cv 0.3', 1, usual, 0.3),
  wobbly('e2', 'the same, cv 0.5, 20,000/min', 1, { requests: 20_000, base: 0.005 }, 0.5),
  wandering('e3', 'an own rate that wanders: AR(1) 0.8, sd 0.3', 1, 0.3),
  wandering('e4', 'the same, sd 0.6', 1.8, 0.6),
  wobbly('e5', 'an own rate each minute, cv 1, 20,000/min', 1, { requests: 20_000, base: 0.005 }, 1),
  wobbly('e6', 'the same, 2,000/min', 1.8, usual, 1),
  wobbly('e7', 'the same, cv 0.5', 1, usual, 0.5),
  independent('f', 'one of 5 outgoing tasks +5 pp for 5 min', 0.2, usual, (random, periods) => {
    const isIn = spell(random, periods, 5);
    return (index) => ({ outgoingExtra: isIn(index) ? 0.01 : 0 });
  }),
  independent('f2', 'the same, in either stack', 1, usual, (random, periods) => {
    const isIn = spell(random, periods, 5);
    const side = random.uniform() < 0.5 ? 'incomingExtra' : 'outgoingExtra';
    return (index) => ({ [side]: isIn(index) ? 0.01 : 0 });
  }),
  independent('g', 'day and night: error rate ×3, traffic ×2', 0.2, usual, (random) => {
    const phase = random.uniform() * 1440;
    return (index) => {
      const height = (1 + Math.sin((2 * Math.PI * (index + phase)) / 1440)) / 2;
      return { both: 1 + 2 * height, traffic: 1 + height };
    };
  }),
  independent('h', 'a mix of requests worth ×1.15', 1, usual, () => () => ({ incoming: 1.15 })),
  independent('h2', 'the same, 20,000/min', 1, { requests: 20_000, base: 0.005 }, () => () => ({
    incoming: 1.15,
  })),
  independent('i', 'incoming ×10 for 2 min after each step', 1, usual, (_random, periods) => (index) => ({
    incoming: index % Math.ceil(periods / 3) < 2 ? 10 : 1,
  })),
  independent('k', '1 request a minute', 0.2, { requests: 1, base: 0.005 }, () => () => ({})),
  bursty('k2', '20/min, bursts of mean 5', 1, { requests: 20, base: 0.005 }, { mean: 5, periods: 1 }),
  bursty('k3', '200/min, bursts of mean 20', 1, { requests: 200, base: 0.005 }, { mean: 20, periods: 1 }),
];

function independent(
  name: string,
  about: string,
  bar: Bar,
  settings: TrafficSettings,
  begin: (random: Random, periods: number) => (index: number) => Factors,
): World {
  return {
    name,
    about,
    bar,
    begin: (random, periods) => {
      const factorsOf = begin(random, periods);
      return (index, share) => {
        const { both = 1, incoming = 1, outgoing = 1, traffic = 1, ...extra } = factorsOf(index);
        const base = settings.base * both;
        return countPeriod(random, index, share, {
          incoming: Math.min(1, base * incoming + (extra.incomingExtra ?? 0)),
          outgoing: Math.min(1, base * outgoing + (extra.outgoingExtra ?? 0)),
          requests: settings.requests * traffic,
        });
      };
    },
  };
}

function bursty(name: string, about: string, bar: Bar, settings: TrafficSettings, bursts: Bursts): World {
  return { name, about, bar, begin: (random) => countBursts(random, settings, bursts) };
}

/** Each stack's rate is drawn anew in each period, from a gamma distribution with the mean of the base. */
function wobbly(name: string, about: string, bar: Bar, settings: TrafficSettings, cv: number): World {
  return independent(name, about, bar, settings, (random) => () => ({
    incoming: random.gamma(cv),
    outgoing: random.gamma(cv),
  }));
}

function wandering(name: string, about: string, bar: Bar, deviation: number): World {
  return independent(name, about, bar, usual, (random) => {
    const [incoming, outgoing] = [wander(random, 0.8, deviation), wander(random, 0.8, deviation)];
    return () => ({ incoming: incoming(), outgoing: outgoing() });
  });
}

/** Factor whose logarithm is a stationary autoregression of order 1, with the mean 1. */
function wander(random: Random, memory: number, deviation: number): () => number {
  let value = deviation * random.normal();
  return () => {
    value = memory * value + deviation * Math.sqrt(1 - memory ** 2) * random.normal();
    return Math.exp(value - deviation ** 2 / 2);
  };
}

/** Interval of some periods at a random time of the shift. */
export function spell(random: Random, periods: number, length: number): (index: number) => boolean {
  const start = Math.floor(random.uniform() * Math.max(1, periods - length));
  return (index) => index >= start && index < start + length;
}
