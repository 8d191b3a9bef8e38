import type { RegressionPeriod } from '../../src/traffic/judging/regression-options.js';
import type { Random } from './random.js';

/** Traffic of one shift. */
export interface TrafficSettings {
  /** Requests of both stacks in a period. */
  readonly requests: number;
  /** Usual error rate, as a share of the requests. */
  readonly base: number;
}

/** Error rates of a period, as shares of the requests, and requests of both stacks. */
export interface PeriodRates {
  readonly incoming: number;
  readonly outgoing: number;
  readonly requests: number;
}

/** Failures that come in bursts, each of them on one stack. */
export interface Bursts {
  /** Mean size of a burst; the sizes are geometric. */
  readonly mean: number;
  /** Number of periods over which a burst is spread. */
  readonly periods: number;
}

/** Counts one period of independent failures: both counts are Poisson, split by the rate. */
export function countPeriod(
  random: Random,
  index: number,
  share: number,
  rates: PeriodRates,
): RegressionPeriod {
  return {
    start: index * 60_000,
    incoming: countStack(random, rates.requests * share, rates.incoming),
    outgoing: countStack(random, rates.requests * (1 - share), rates.outgoing),
  };
}

function countStack(random: Random, requests: number, rate: number) {
  const failures = random.poisson(requests * rate);
  return { requests: failures + random.poisson(requests * (1 - rate)), failures };
}

/** Returns a function that counts one period after the other, in which failures come in bursts that stay on one stack. */
export function countBursts(random: Random, { requests, base }: TrafficSettings, bursts: Bursts) {
  let open: { onIncoming: boolean; sizes: number[] }[] = [];
  return (index: number, share: number): RegressionPeriod => {
    const started = random.poisson((requests * base) / bursts.mean);
    for (let burst = 0; burst < started; burst += 1) {
      const onIncoming = random.uniform() < share;
      open.push({ onIncoming, sizes: splitBurst(random, bursts) });
    }
    const [incoming, outgoing] = [true, false].map((side) => {
      const failures = open
        .filter(({ onIncoming }) => onIncoming === side)
        .reduce((sum, { sizes }) => sum + (sizes[0] ?? 0), 0);
      const sound = random.poisson(requests * (1 - base) * (side ? share : 1 - share));
      return { requests: sound + failures, failures };
    });
    open = open
      .map((burst) => ({ ...burst, sizes: burst.sizes.slice(1) }))
      .filter(({ sizes }) => sizes.length > 0);
    if (!incoming || !outgoing) throw new Error('Expected the counts of two stacks');
    return { start: index * 60_000, incoming, outgoing };
  };
}

/** Spreads the failures of a burst evenly at random over its periods. */
function splitBurst(random: Random, { mean, periods }: Bursts): number[] {
  const size = random.geometric(mean);
  if (periods === 1) return [size];
  const sizes = Array.from({ length: periods }, () => 0);
  for (let failure = 0; failure < size; failure += 1) {
    const at = Math.floor(random.uniform() * periods);
    sizes[at] = (sizes[at] ?? 0) + 1;
  }
  return sizes;
}
