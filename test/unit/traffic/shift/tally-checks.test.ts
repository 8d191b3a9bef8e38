import { describe, expect, test } from 'vitest';
import type { ResolvedPolicy } from '../../../../src/traffic/shift/check-policy.js';
import {
  type CheckEvaluation,
  pendingChecks,
  reasonToRollBack,
  resetTallies,
  tally,
} from '../../../../src/traffic/shift/tally-checks.js';

const policy: ResolvedPolicy = {
  intervalSeconds: 60,
  initialDelaySeconds: 60,
  failureThreshold: 2,
  inconclusiveThreshold: 3,
  errorThreshold: 2,
  successThreshold: 2,
};
const counts = { failures: 4, inconclusives: 3, errors: 2, successes: 1 };

function evaluation(
  outcome: 'pass' | 'fail' | 'inconclusive' | 'error',
  changes: object = {},
): CheckEvaluation {
  return { name: 'latency', dryRun: false, result: { outcome, detail: '300 ms' }, ...changes };
}

describe('Function: tally', () => {
  test.each([
    ['pass', { failures: 4, inconclusives: 0, errors: 0, successes: 2 }],
    ['fail', { failures: 5, inconclusives: 3, errors: 2, successes: 0 }],
    ['inconclusive', { failures: 4, inconclusives: 4, errors: 2, successes: 0 }],
    ['error', { failures: 4, inconclusives: 3, errors: 3, successes: 0 }],
  ] as const)('counts a %s', (outcome, expected) => {
    const tallies = tally({ latency: counts, other: counts }, [evaluation(outcome)], false);
    expect(tallies).toEqual({ latency: expected, other: counts });
  });

  test('counts an undecided check as neither inconclusive nor passed', () => {
    const undecided = { result: { outcome: 'inconclusive', detail: 'waits', undecided: true } };

    expect(tally({ latency: counts }, [evaluation('inconclusive', undecided)], false)).toEqual({
      latency: { ...counts, successes: 0 },
    });
    expect(
      reasonToRollBack({ latency: counts }, [evaluation('inconclusive', undecided)], policy),
    ).toBeUndefined();
  });

  test('starts at zero', () => {
    expect(tally({}, [evaluation('pass'), evaluation('error', { name: 'other' })], false)).toEqual({
      latency: { failures: 0, inconclusives: 0, errors: 0, successes: 1 },
      other: { failures: 0, inconclusives: 0, errors: 1, successes: 0 },
    });
  });

  test('does not reset inconclusive evaluations and errors after the hold', () => {
    expect(tally({ latency: counts }, [evaluation('pass')], true)).toEqual({
      latency: { ...counts, successes: 2 },
    });
  });

  test('does not count dry runs', () => {
    expect(tally({}, [evaluation('fail', { dryRun: true })], false)).toEqual({});
  });

  test('counts a name that every object has', () => {
    expect(tally({}, [evaluation('fail', { name: 'constructor' })], false)).toEqual({
      constructor: { failures: 1, inconclusives: 0, errors: 0, successes: 0 },
    });
  });
});

describe('Function: resetTallies', () => {
  test('keeps only failures', () => {
    expect(resetTallies({ latency: counts })).toEqual({
      latency: { failures: 4, inconclusives: 0, errors: 0, successes: 0 },
    });
  });
});

describe('Function: reasonToRollBack', () => {
  const reason = (outcome: 'pass' | 'fail' | 'inconclusive' | 'error', changes: object) =>
    reasonToRollBack(
      { latency: { failures: 0, inconclusives: 0, errors: 0, successes: 0, ...changes } },
      [evaluation(outcome)],
      policy,
    );

  test.each([
    ['fail', { failures: 1 }, { failures: 2 }, 'The check latency failed 2 times: 300 ms'],
    [
      'inconclusive',
      { inconclusives: 2 },
      { inconclusives: 3 },
      'The check latency was inconclusive 3 times: 300 ms',
    ],
    ['error', { errors: 1 }, { errors: 2 }, 'The check latency threw 2 times: 300 ms'],
  ] as const)('returns the reason for a %s that reaches its threshold', (outcome, below, at, expected) => {
    expect(reason(outcome, below)).toBeUndefined();
    expect(reason(outcome, at)).toBe(expected);
  });

  test('returns a reason with once for a single failure', () => {
    const once = { ...policy, failureThreshold: 1 };
    const tallies = tally({}, [evaluation('fail')], false);
    expect(reasonToRollBack(tallies, [evaluation('fail')], once)).toBe(
      'The check latency failed once: 300 ms',
    );
  });

  test('returns undefined when the threshold of another outcome is reached', () => {
    const all = { failures: 9, inconclusives: 9, errors: 9 };
    expect(reason('pass', all)).toBeUndefined();
    expect(reason('fail', { ...all, failures: 1 })).toBeUndefined();
    expect(reason('inconclusive', { ...all, inconclusives: 1 })).toBeUndefined();
    expect(reason('error', { ...all, errors: 1 })).toBeUndefined();
  });

  test('ignores a dry run, and returns the reason of a later check', () => {
    const tallies = { latency: { failures: 9, inconclusives: 9, errors: 9, successes: 0 } };
    const dry = evaluation('fail', { dryRun: true });
    expect(reasonToRollBack(tallies, [dry], policy)).toBeUndefined();
    expect(reasonToRollBack(tallies, [dry, evaluation('fail')], policy)).toBeDefined();
  });

  test('returns undefined for a check without a count', () => {
    expect(reasonToRollBack({}, [evaluation('fail')], policy)).toBeUndefined();
  });
});

describe('Function: pendingChecks', () => {
  test('returns the checks that have not passed often enough', () => {
    const tallies = {
      once: { ...counts, successes: 1 },
      twice: { ...counts, successes: 2 },
      often: { ...counts, successes: 3 },
    };
    expect(pendingChecks(tallies, ['once', 'twice', 'never', 'often'], policy)).toEqual(['once', 'never']);
    expect(pendingChecks(tallies, [], policy)).toEqual([]);
  });
});
