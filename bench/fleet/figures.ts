import type { BadRelease, FleetResult } from './simulate.js';

/** Figures of one fleet in the table. */
export interface FleetFigures {
  readonly shifts: number;
  /** Share of AWS's rates that the fleet may use. */
  readonly rateShare: number;
  readonly secondsPerStart: number;
  readonly succeeded: number;
  readonly rolledBack: number;
  readonly notBegun: number;
  readonly goodButStopped: number;
  readonly calls: number;
  readonly throttled: number;
  /** Functions that ran at the same time, at most. */
  readonly concurrent: number;
  /** Seconds by which a step was late: median and 95th percentile. */
  readonly stepDelay: readonly [median: number, percentile95: number];
  /** Number of bad releases that had traffic, and so could be found. */
  readonly found: number;
  /** Longest time in seconds from the visible breach to the decision, and to the accepted write. */
  readonly rollbackDelay: readonly [decided: number, written: number] | undefined;
}

/** Computes the figures of a fleet. */
export function figuresOf(
  result: FleetResult,
  plan: Pick<FleetFigures, 'shifts' | 'rateShare' | 'secondsPerStart'>,
): FleetFigures {
  const { ends, stepDelays, bad, throttled } = result;
  const found = bad.filter(({ knowableAt }) => knowableAt !== undefined);
  return {
    ...plan,
    succeeded: ends.succeeded,
    rolledBack: ends.rolledBack + ends.halted,
    notBegun: ends.notBegun,
    goodButStopped: result.goodButStopped,
    calls: result.calls,
    throttled: throttled.elasticloadbalancing + throttled.cloudwatch,
    concurrent: result.maxConcurrent,
    stepDelay: [quantile(stepDelays, 0.5), quantile(stepDelays, 0.95)],
    found: found.length,
    rollbackDelay:
      found.length === 0
        ? undefined
        : [maxDelay(found, ({ decidedAt }) => decidedAt), maxDelay(found, ({ writtenAt }) => writtenAt)],
  };
}

/** Titles of {@link cellsOf}. */
export const fleetColumns = [
  'shifts',
  'version',
  'succeeded / rolled back / not begun',
  'healthy, but stopped',
  'calls',
  'throttled',
  'functions at once',
  'steps late: median / 95 %',
  'longest until the rollback: decided / written',
];

/** Formats the figures as a row of the table. */
export function cellsOf(version: string, figures: FleetFigures): string[] {
  const { shifts, rateShare, succeeded, rolledBack, notBegun, stepDelay, rollbackDelay } = figures;
  const number = (value: number) => value.toLocaleString('en');
  const seconds = (value: number) => (Number.isFinite(value) ? `${Math.round(value)} s` : 'never');
  return [
    `${number(shifts)}${rateShare === 1 ? '' : `, ${rateShare * 100} % of the rates`}`,
    version,
    [succeeded, rolledBack, notBegun].map(number).join(' / '),
    number(figures.goodButStopped),
    number(figures.calls),
    number(figures.throttled),
    number(figures.concurrent),
    stepDelay.map(seconds).join(' / '),
    rollbackDelay === undefined ? 'none had traffic' : rollbackDelay.map(seconds).join(' / '),
  ];
}

/** Infinite when one of them never came. */
function maxDelay(bad: readonly BadRelease[], timeOf: (release: BadRelease) => number | undefined): number {
  return Math.max(
    ...bad.map((it) => ((timeOf(it) ?? Number.POSITIVE_INFINITY) - (it.knowableAt ?? 0)) / 1000),
  );
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}
