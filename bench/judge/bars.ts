import { type BadRelease, catastrophes, detect, detectionCases, lateOnsets } from './detection.js';
import { countFalseStops, type FalseStops } from './false-stops.js';
import { regression, wald } from './judges.js';
import { countLateStops } from './late-data.js';
import { type World, worlds } from './worlds.js';

/** Size of a run. */
export interface RunSize {
  /** Healthy shifts for each world and number of looks. */
  readonly shifts: number;
  readonly looks: readonly number[];
  /** Healthy shifts with late data, whose every look reads all periods again. */
  readonly lateShifts: number;
  /** Shifts to a bad release for each case. */
  readonly repetitions: number;
  readonly seed: number;
}

/** Acceptance bar with the figure that was measured. */
export interface Bar {
  readonly what: string;
  readonly bar: string;
  readonly figure: string;
  readonly isMet: boolean;
}

/** Standard errors that a bar of a smaller run allows for. The bars themselves include those of 10,000 shifts. */
function allowedPercent(bar: number, shifts: number): number {
  return shifts >= 10_000 ? bar : bar + 300 * Math.sqrt(bar / 100 / shifts);
}

/** Returns the false stops of a world at this number of looks. */
export type CountOf = (world: World, looks: number) => FalseStops;

/** False stops of every healthy world, at α = 1 %. */
export function falseStopBars(size: RunSize): Bar[] {
  return worlds.flatMap((world) =>
    size.looks.map((looks) => {
      const { one } = countFalseStops(world, regression(), { ...size, looks });
      return percentBar(`false stops, world ${world.name}, ${looks} looks`, world, one, size.shifts);
    }),
  );
}

/** False stops with late data, without and with a shock. */
export function lateDataBars({ lateShifts, seed }: RunSize): Bar[] {
  return ['a', 'b'].flatMap((name) => {
    const world = worlds.find((it) => it.name === name);
    if (world === undefined) return [];
    const stops = countLateStops(world, { shifts: lateShifts, looks: 60, seed });
    return [percentBar(`false stops, late data, world ${name}, 60 looks`, { bar: 0.2 }, stops, lateShifts)];
  });
}

function percentBar(what: string, { bar }: Pick<World, 'bar'>, value: number, shifts: number): Bar {
  return {
    what,
    bar: `≤ ${bar} %`,
    figure: `${value.toFixed(2)} %`,
    isMet: value <= allowedPercent(bar, shifts),
  };
}

/** Median times of detection, against those of Wald's test. */
export function detectionBars(size: RunSize): Bar[] {
  return detectionCases.flatMap((release) => {
    const { requests, share, base, ratio } = release;
    const isFast = base >= 0.005 ? ratio >= 5 : ratio >= 10 && requests >= 2000;
    if (!isFast) return [];
    const { median } = detect(release, regression(), size);
    const limit = wald(base, ratio);
    const most = share < 0.5 ? 3.5 * detect(release, limit, size).median + 5 : requests >= 2000 ? 20 : 26;
    return [minutesBar(`${describeRelease(release)}: ×${ratio} found`, most, median)];
  });
}

/** Times and failed requests when every incoming request fails. */
export function catastropheBars(size: RunSize): Bar[] {
  return catastrophes.flatMap((release) => {
    const incoming = release.requests * release.share;
    const usual = detect(release, regression(), size);
    const single = detect(release, regression({ burst: 1 }), { ...size, repetitions: 1001 });
    const what = `${describeRelease(release)}: all fail`;
    if (incoming >= 20) {
      const most = incoming >= 200 ? 1 : release.share >= 0.5 ? 5 : 3;
      return [minutesBar(what, most, usual.median), minutesBar(`${what}, burst 1`, 1, single.median)];
    }
    if (incoming < 2) return [];
    const failed = single.failedRequests;
    return [
      minutesBar(what, 5, usual.median),
      { what: `${what}, burst 1`, bar: '≤ 6 failed', figure: `${failed} failed`, isMet: failed <= 6 },
    ];
  });
}

/** Times after a healthy hour. */
export function lateOnsetBars(size: RunSize): Bar[] {
  const bars = new Map([
    [0.05, 15],
    [0.5, 3],
  ]);
  return lateOnsets
    .filter(({ share, bad }) => share === 0.1 && bars.has(bad))
    .map((release) => {
      const { median } = detect(release, regression(), size);
      return minutesBar(
        `${describeRelease(release)}: ${release.bad * 100} % fail after a healthy hour`,
        bars.get(release.bad) ?? 0,
        median,
      );
    });
}

/** All bars except those of false stops. */
export function otherBars(size: RunSize): Bar[] {
  return [...lateDataBars(size), ...detectionBars(size), ...catastropheBars(size), ...lateOnsetBars(size)];
}

function minutesBar(what: string, most: number, median: number): Bar {
  return { what, bar: `≤ ${most} min`, figure: `${median} min`, isMet: median <= most };
}

export function describeRelease({ requests, share, base }: BadRelease): string {
  return `${share * 100} % of ${requests}/min, base ${Number((base * 100).toPrecision(6))} %`;
}
