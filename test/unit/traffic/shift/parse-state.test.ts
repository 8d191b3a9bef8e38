import { describe, expect, test } from 'vitest';
import { InvalidInputError } from '../../../../src/core/errors.js';
import { parseShiftState } from '../../../../src/traffic/shift/parse-state.js';
import type { ShiftState } from '../../../../src/traffic/shift/shift-state.js';
import { aState, green } from '../shift-states.js';

const full: ShiftState = aState({
  phase: 'halted',
  haltedIn: 'rollingBack',
  pendingWeights: green(0),
  supersededWeights: green(50),
  tallies: { errors: { failures: 1, inconclusives: 2, errors: 3, successes: 4 } },
  reason: 'stuck',
  rollbackReason: 'bad',
});

describe('Function: parseShiftState', () => {
  test.each([
    ['the required fields', aState()],
    ['all fields', full],
    ['shares that a service has rounded', aState({ verifiedWeights: { blue: 66.67, green: 33.3 } })],
    ['the time before the first step', aState({ step: -1 })],
  ])('returns %s after JSON', (_, state) => {
    expect(parseShiftState(JSON.parse(JSON.stringify(state)))).toEqual(state);
  });

  test('removes unknown fields', () => {
    expect(parseShiftState({ ...full, more: 1 })).toEqual(full);
  });

  test.each([
    ['another version', { version: 2 }, 'version'],
    ['no version', { version: undefined }, 'version'],
    ['an unknown phase', { phase: 'paused' }, 'phase'],
    ['an unknown halted phase', { haltedIn: 'succeeded' }, 'haltedIn'],
    ['an unknown stack', { incoming: 'red' }, 'incoming'],
    ['an invalid strategy', { strategy: { name: 'none', steps: [] } }, 'strategy.steps'],
    ['weights that are not 100 % together', { initialWeights: { blue: 1, green: 2 } }, 'initialWeights'],
    ['a missing weight', { verifiedWeights: { blue: 100 } }, 'verifiedWeights.green'],
    ['a negative weight', { pendingWeights: { blue: 110, green: -10 } }, 'pendingWeights'],
    ['weights as text', { supersededWeights: { blue: '1', green: 99 } }, 'supersededWeights.blue'],
    ['an infinite time', { verifiedAt: Number.POSITIVE_INFINITY }, 'verifiedAt'],
    ['a time without millisecond precision', { verifiedAt: 1e300 }, 'verifiedAt'],
    ['a time as text', { nextCheckAt: 'soon' }, 'nextCheckAt'],
    ['a time of null', { startedAt: null }, 'startedAt'],
    ['a step before the first', { step: -2 }, 'step'],
    ['half a step', { step: 0.5 }, 'step'],
    ['a step after the last', { step: 3 }, 'step'],
    ['a negative number of writes', { unverifiedWrites: -1 }, 'unverifiedWrites'],
    ['half a write', { unverifiedWrites: 1.5 }, 'unverifiedWrites'],
    ['a tally that lacks a count', { tallies: { errors: { failures: 1 } } }, 'tallies.errors.inconclusives'],
    ['a reason that is not text', { reason: 7 }, 'reason'],
    ['a rollback reason that is not text', { rollbackReason: 7 }, 'rollbackReason'],
  ])('throws InvalidInputError for %s', (_, changes, field) => {
    const parse = () => parseShiftState({ ...full, ...changes });

    expect(parse).toThrowError(InvalidInputError);
    const problems = problemsOf(parse);
    expect(problems.map((it) => it.field)).toContain(field);
    for (const { expected } of problems) expect(expected).not.toMatch(/^$|^Invalid/);
  });

  test.each([undefined, null, 'a state', 7, [], {}])('throws InvalidInputError for %o', (garbage) => {
    expect(() => parseShiftState(garbage)).toThrowError(InvalidInputError);
  });

  test('describes the expected step and weights', () => {
    expect(() => parseShiftState({ ...full, step: 3 })).toThrowError(
      'step: expected a step that the strategy has, got 3',
    );
    expect(() => parseShiftState({ ...full, initialWeights: green(101) })).toThrowError(
      'two shares that are 100 % together',
    );
  });
});

function problemsOf(parse: () => unknown) {
  try {
    parse();
  } catch (error) {
    if (error instanceof InvalidInputError) return error.problems;
  }
  return [];
}
