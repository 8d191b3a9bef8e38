import { describe, expect, test } from 'vitest';
import { type FaultKind, SimulatedCrash } from '../../src/testing/cloud/faults.js';
import type { ShiftState } from '../../src/traffic/shift/shift-state.js';
import type { ShiftProgress, TrafficShifterOptions } from '../../src/traffic/shifter-options.js';
import { steps } from '../../src/traffic/strategies/steps.js';
import { TrafficShifter } from '../../src/traffic/traffic-shifter.js';
import type { Check, TrafficWeights } from '../../src/traffic/types.js';
import { areSame } from '../../src/traffic/weights.js';
import { allTargets } from '../contract/all-targets.js';
import type { TargetSetUp } from '../contract/traffic-target.js';

const allBlue: TrafficWeights = { blue: 100, green: 0 };
const strategy = steps([
  { percent: 10, holdSeconds: 60 },
  { percent: 50, holdSeconds: 60 },
  { percent: 100, holdSeconds: 60 },
]);

/** Check that fails from 50 % on. */
const failsAtHalf: Check = {
  name: 'health',
  evaluate: async ({ weights }) =>
    weights.green >= 50
      ? { outcome: 'fail', detail: 'too many errors' }
      : { outcome: 'pass', detail: 'well' },
};

interface Scenario {
  readonly outcome: ShiftState['phase'];
  readonly weights: TrafficWeights;
  readonly options: Pick<TrafficShifterOptions, 'checks' | 'rollback'>;
  /** True when the shift is rolled back by hand in this state. */
  readonly isRolledBackByHand?: (state: ShiftState) => boolean;
}

const scenarios: Readonly<Record<string, Scenario>> = {
  'straight shift': { outcome: 'succeeded', weights: { blue: 0, green: 100 }, options: {} },
  'rollback by a check': { outcome: 'rolledBack', weights: allBlue, options: { checks: [failsAtHalf] } },
  'rollback in steps': {
    outcome: 'rolledBack',
    weights: allBlue,
    options: { checks: [failsAtHalf], rollback: { stepPercent: 20, intervalSeconds: 5 } },
  },
  'rollback by hand': {
    outcome: 'rolledBack',
    weights: allBlue,
    options: {},
    isRolledBackByHand: ({ phase, step }) => phase === 'shifting' && step === 1,
  },
  'rollback by hand before the first write': {
    outcome: 'rolledBack',
    weights: allBlue,
    options: {},
    isRolledBackByHand: ({ phase }) => phase === 'shifting',
  },
};

const kinds = ['crashBefore', 'crashAfter'] as const satisfies readonly FaultKind[];
const table: { target: string; scenario: string; points: number; right: number }[] = [];

describe.each(allTargets)('$name', ({ name, setUp }) => {
  test.each(Object.entries(scenarios))(
    'ends with the right weights wherever the process stops: %s',
    async (title, scenario) => {
      const undisturbed = await driveToEnd(setUp(allBlue), scenario);
      expect(undisturbed).toMatchObject({ isRight: true, crashes: 0 });

      const wrong: string[] = [];
      for (const kind of kinds) {
        for (let atCall = 1; atCall <= undisturbed.calls; atCall += 1) {
          const set = setUp(allBlue);
          set.cloud.injectFault({ kind, atCall });
          const { isRight, crashes } = await driveToEnd(set, scenario);
          if (!isRight || crashes !== 1) wrong.push(`${kind} at call ${atCall}`);
        }
      }

      const points = undisturbed.calls * kinds.length;
      table.push({ target: name, scenario: title, points, right: points - wrong.length });
      expect(wrong).toEqual([]);
    },
  );
});

test('prints the complete table of targets, scenarios and points', () => {
  const points = table.reduce((sum, row) => sum + row.points, 0);
  const right = table.reduce((sum, row) => sum + row.right, 0);
  const width = Math.max(...table.map(({ target, scenario }) => `${target}, ${scenario}`.length));
  const lines = table.map(
    (row) => `  ${`${row.target}, ${row.scenario}`.padEnd(width)}  ${row.right} of ${row.points}`,
  );
  // biome-ignore lint/suspicious/noConsole: the table is the report of this suite
  console.info(
    [
      'crash matrix: points at which the process stopped, and number that ended right after a resume',
      ...lines,
      `  in all: ${right} of ${points}`,
    ].join('\n'),
  );
  expect(table).toHaveLength(allTargets.length * Object.keys(scenarios).length);
  expect(right).toBe(points);
});

/** Drives a shift as an engine does. After a crash, the last returned state is used again. */
async function driveToEnd(set: TargetSetUp, scenario: Scenario) {
  const { cloud, target } = set;
  const { clock } = cloud;
  const before = structuredClone(set.readRaw());
  const makeShifter = () => new TrafficShifter({ target, clock, ...scenario.options });
  let crashes = 0;
  let state: ShiftState | undefined;
  while (state === undefined || !['succeeded', 'rolledBack', 'halted'].includes(state.phase)) {
    try {
      if (state === undefined) {
        state = await makeShifter().begin({ incoming: 'green', strategy });
        continue;
      }
      const progress: ShiftProgress = scenario.isRolledBackByHand?.(state)
        ? await makeShifter().rollBack(stored(state), 'by hand')
        : await makeShifter().advance(stored(state));
      state = progress.state;
      await clock.sleep(progress.waitSeconds * 1000);
    } catch (error) {
      if (!(error instanceof SimulatedCrash)) throw error;
      crashes += 1;
      cloud.restart();
    }
  }
  const calls = cloud.calls.length;
  const live = await target.readWeights();
  const isRight =
    state.phase === scenario.outcome &&
    areSame(live, scenario.weights) &&
    JSON.stringify(set.withoutWeights(set.readRaw())) === JSON.stringify(set.withoutWeights(before));
  return { isRight, crashes, calls };
}

function stored(state: ShiftState): ShiftState {
  return JSON.parse(JSON.stringify(state));
}
