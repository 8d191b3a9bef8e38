import { describe, expect, test } from 'vitest';
import { evaluateMath } from '../../../../../src/testing/services/cloudwatch/simulated-metric-math.js';

const seriesOf = (label: string, values: Readonly<Record<number, number>>) => ({
  label,
  values: new Map(Object.entries(values).map(([at, value]) => [Number(at), value])),
});

const a = seriesOf('a', { 0: 10, 1: 20, 3: 0 });
const b = seriesOf('b', { 0: 2, 1: 0, 2: 5 });
const none = seriesOf('none', {});

const scope = {
  valueOf: (id: string) => {
    const found = [a, b, none].find(({ label }) => label === id);
    if (found === undefined) throw new Error(`no ${id}`);
    return found;
  },
  metrics: (text: string) => [a, b].filter(({ label }) => label.includes(text)),
  periods: [0, 1, 2, 3],
};

const compute = (expression: string) =>
  evaluateMath(expression, scope).map(({ values }) => Object.fromEntries(values));

describe('evaluateMath', () => {
  test.each([
    ['a', { 0: 10, 1: 20, 3: 0 }],
    ['a + 1', { 0: 11, 1: 21, 3: 1 }],
    ['100 - a', { 0: 90, 1: 80, 3: 100 }],
    ['-a', { 0: -10, 1: -20, 3: 0 }],
    ['a - -1', { 0: 11, 1: 21, 3: 1 }],
    ['a * 2 + 1', { 0: 21, 1: 41, 3: 1 }],
    ['a * (2 + 1)', { 0: 30, 1: 60, 3: 0 }],
    ['100 - a - 10', { 0: 80, 1: 70, 3: 90 }],
    ['a / 4 / 5', { 0: 0.5, 1: 1, 3: 0 }],
    ['a * 1.5', { 0: 15, 1: 30, 3: 0 }],
    // A missing value is 0.
    ['a + b', { 0: 12, 1: 20, 2: 5, 3: 0 }],
    // A division by 0 has no value.
    ['a / b', { 0: 5, 2: 0 }],
    ['b / a', { 0: 0.2, 1: 0 }],
    ['a > 10', { 0: 0, 1: 1, 3: 0 }],
    ['a >= 10 AND b < 1', { 0: 0, 1: 1, 2: 0, 3: 0 }],
    ['a == 10 || b == 5', { 0: 1, 1: 0, 2: 1, 3: 0 }],
    ['a != 0 && a <= 10', { 0: 1, 1: 0, 3: 0 }],
    ['FILL(a, 7)', { 0: 10, 1: 20, 2: 7, 3: 0 }],
    ['FILL(none, 0)', { 0: 0, 1: 0, 2: 0, 3: 0 }],
    ['FILL(none, 0) / b', { 0: 0, 2: 0 }],
    ['IF(b > 0, a / b)', { 0: 5, 2: 0 }],
    ['IF(b > 0, a / b, 1)', { 0: 5, 1: 1, 2: 0 }],
    ['IF(1, a, b)', { 0: 10, 1: 20, 3: 0 }],
    ['IF(0, a, b)', { 0: 2, 1: 0, 2: 5 }],
    ['a - AVG(a)', { 0: 0, 1: 10, 3: -10 }],
    ['a / SUM(a)', { 0: 1 / 3, 1: 2 / 3, 3: 0 }],
    ['a * 0 + MAX(a) + MIN(b)', { 0: 20, 1: 20, 3: 20 }],
    ['a * 0 + SUM(none)', { 0: 0, 1: 0, 3: 0 }],
    ['SUM(METRICS())', { 0: 12, 1: 20, 2: 5, 3: 0 }],
    ['AVG(METRICS())', { 0: 6, 1: 10, 2: 2.5, 3: 0 }],
    ['MAX([a, b])', { 0: 10, 1: 20, 2: 5, 3: 0 }],
    ['SUM(METRICS("b"))', { 0: 2, 1: 0, 2: 5 }],
    ['ABS(-a)', { 0: 10, 1: 20, 3: 0 }],
  ])('computes %s', (expression, values) => {
    expect(compute(expression)).toEqual([values]);
  });

  test.each([
    [
      'METRICS() * 2',
      [
        { 0: 20, 1: 40, 3: 0 },
        { 0: 4, 1: 0, 2: 10 },
      ],
    ],
    [
      '2 * [a, b]',
      [
        { 0: 20, 1: 40, 3: 0 },
        { 0: 4, 1: 0, 2: 10 },
      ],
    ],
    [
      'FILL(METRICS(), 1)',
      [
        { 0: 10, 1: 20, 2: 1, 3: 0 },
        { 0: 2, 1: 0, 2: 5, 3: 1 },
      ],
    ],
    ['IF(0, a)', []],
  ])('returns several series, or none, for %s', (expression, values) => {
    expect(compute(expression)).toEqual(values);
  });

  test.each([
    '',
    'a +',
    '(a',
    'a b',
    'a $ b',
    'SUM()',
    'IF(a)',
    '* a',
    '2',
    'SUM(a)',
    '[1, a]',
    'METRICS(',
    ')',
  ])('refuses %j as AWS does', (expression) => {
    expect(() => compute(expression)).toThrowError(expect.objectContaining({ name: 'ValidationError' }));
  });

  test.each(['RATE(a)', 'FILL(a, REPEAT)', 'ANOMALY_DETECTION_BAND(a)'])(
    'throws TypeError for %s, which is not simulated',
    (expression) => {
      expect(() => compute(expression)).toThrowError(/does not evaluate|no REPEAT/);
    },
  );
});
