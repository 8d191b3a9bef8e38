import { renderCells } from '../table.js';
import { type Bar, type CountOf, describeRelease, type RunSize } from './bars.js';
import { type BadRelease, catastrophes, detect, detectionCases, judgesOf, lateOnsets } from './detection.js';
import { ramps, runAtAllTraffic } from './doubts.js';
import { countFalseStops, type FalseStops } from './false-stops.js';
import { plain, rankSum, regression, threshold } from './judges.js';
import { checksOfReadme, runShifts, strategies } from './readme-canary.js';
import type { World } from './worlds.js';

/** Shifts of the other judges, which are far from any bar. */
const otherShifts = 300;

/** Renders the tables that need no counts of healthy shifts, by their titles. */
export function renderOthers(size: RunSize): readonly [title: string, table: string][] {
  const tables: [title: string, render: (size: RunSize) => string][] = [
    ['Minutes until a bad release is stopped: median / 95th percentile', detectionTable],
    ['All incoming requests fail: median of the minutes, and of the failed requests', catastropheTable],
    [
      'A fault after a healthy hour, in minutes: median / 95th percentile',
      (of) => timesTable(lateOnsets, of),
    ],
    ['The canary of the README, and others', readmeTable],
    ['Slow ramps, in minutes: median / 95th percentile', (of) => timesTable(ramps, of)],
    ['At 100 %, where only the ceiling is checked', allTrafficTable],
  ];
  return tables.map(([title, render]) => {
    console.error(title);
    return [title, render(size)];
  });
}

export function renderBars(bars: readonly Bar[]): string {
  return renderCells(
    ['bar', 'at most', 'measured', ''],
    bars.map(({ what, bar, figure, isMet }) => [what, bar, figure, isMet ? '' : 'missed']),
  );
}

export function falseStopTable(list: readonly World[], size: RunSize, countOf: CountOf): string {
  const few = { ...size, shifts: Math.min(size.shifts, otherShifts) };
  return renderCells(
    [
      'healthy world',
      'at most',
      ...size.looks.map((looks) => `judgeRegression, ${looks} looks`),
      ...size.looks.map((looks) => `likelihood ratio, ${looks}`),
      'burst 5, 60',
      'threshold, 60',
      'rank sum, 60',
    ],
    list.map((world) => [
      `${world.name}: ${world.about}`,
      `${world.bar}`,
      ...size.looks.map((looks) => describeStops(countOf(world, looks), world.bar)),
      ...size.looks.map((looks) => describeStops(countFalseStops(world, plain, { ...few, looks }), 100)),
      ...[regression({ burst: 5 }), threshold, rankSum].map((judge) =>
        countFalseStops(world, judge, { ...few, looks: 60 }).one.toFixed(1),
      ),
    ]),
  );
}

function describeStops({ one, five }: FalseStops, bar: number): string {
  return `${one.toFixed(2)} / ${five.toFixed(2)}${one > bar ? ', missed' : ''}`;
}

function detectionTable(size: RunSize): string {
  return renderCells(
    ['release', ...Object.keys(judgesOf({ requests: 1, share: 1, base: 0.1, bad: 0.2 }))],
    detectionCases.map((release) => [
      `${describeRelease(release)}, ×${release.ratio}`,
      ...Object.entries(judgesOf(release)).map(([name, judge]) => {
        const repetitions = name === 'rank sum' ? Math.min(100, size.repetitions) : size.repetitions;
        return describeTimes(detect(release, judge, { ...size, repetitions }));
      }),
    ]),
  );
}

function catastropheTable(size: RunSize): string {
  const names = [
    'Wald, rates known',
    'likelihood ratio',
    'judgeRegression',
    'burst 5',
    'burst 1',
    'threshold',
  ];
  return renderCells(
    ['release', ...names],
    catastrophes.map((release) => [
      describeRelease(release),
      ...names.map((name) => {
        const judge = judgesOf(release)[name];
        if (judge === undefined) return '';
        const { median, failedRequests } = detect(release, judge, size);
        return median === Infinity ? 'never' : `${median} (${failedRequests})`;
      }),
    ]),
  );
}

function timesTable(releases: readonly BadRelease[], size: RunSize): string {
  const names = ['likelihood ratio', 'judgeRegression', 'burst 5'];
  return renderCells(
    ['release', 'fault', ...names],
    releases.map((release) => [
      describeRelease(release),
      `${release.bad * 100} % fail${release.rampMinutes ? `, reached in ${release.rampMinutes} min` : ''}`,
      ...names.map((name) => {
        const judge = judgesOf(release)[name];
        return judge === undefined ? '' : describeTimes(detect(release, judge, size));
      }),
    ]),
  );
}

function readmeTable({ shifts, seed }: RunSize): string {
  const rows = [200, 2000].flatMap((requests) =>
    [0.002, 0.005].flatMap((base) =>
      Object.entries(strategies).flatMap(([strategy, steps]) =>
        Object.entries(checksOfReadme).map(([check, judge]) => [
          `${requests}/min, base ${base * 100} %`,
          strategy,
          check,
          ...[base, 5 * base, 10 * base, 1].map((bad) => {
            const many = bad === base ? shifts : Math.min(1000, shifts);
            const result = runShifts(steps, judge, { requests, base, bad }, { shifts: many, seed });
            const stopped = `${Number(result.stopped.toFixed(2))} %`;
            if (bad === base) return stopped;
            const minutes = result.medianMinutes === Infinity ? 'never' : `${result.medianMinutes} min`;
            return `${stopped}, ${minutes}, ${result.medianFailed} failed`;
          }),
        ]),
      ),
    ),
  );
  return renderCells(['traffic', 'strategy', 'check', 'healthy: stopped', '×5', '×10', 'all fail'], rows);
}

function allTrafficTable({ shifts, repetitions, seed }: RunSize): string {
  const cases = [20, 60, 200, 2000].flatMap((requests) =>
    [0.08, 0.2, 0.5, 1].map((rate) => ({ requests, rate })),
  );
  return renderCells(
    ['requests', 'error rate', 'stopped within 60 min', 'median', 'median after a healthy hour'],
    cases.map(({ requests, rate }) => {
      const many = rate < 0.1 ? Math.min(shifts, 2000) : repetitions;
      const [fresh, late] = [0, 60].map((healthyMinutes) =>
        runAtAllTraffic(regression(), { requests, rate, healthyMinutes }, { shifts: many, seed }),
      );
      return [
        `${requests}/min`,
        `${rate * 100} %`,
        `${Number((fresh?.stopped ?? 0).toFixed(2))} %`,
        describeMinutes(fresh?.medianMinutes ?? 0),
        describeMinutes(late?.medianMinutes ?? 0),
      ];
    }),
  );
}

function describeTimes({ median, late }: { readonly median: number; readonly late: number }): string {
  return `${describeMinutes(median)} / ${describeMinutes(late)}`;
}

function describeMinutes(minutes: number): string {
  return minutes === Infinity ? '–' : String(minutes);
}
