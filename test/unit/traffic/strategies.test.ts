import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InvalidInputError } from '../../../src/core/errors.js';
import { parseShiftRequest } from '../../../src/traffic/shift/shift-request.js';
import { allAtOnce } from '../../../src/traffic/strategies/all-at-once.js';
import { canary } from '../../../src/traffic/strategies/canary.js';
import {
  type CodeDeployConfigName,
  codeDeployConfig,
} from '../../../src/traffic/strategies/codedeploy-config.js';
import { exponential } from '../../../src/traffic/strategies/exponential.js';
import { linear } from '../../../src/traffic/strategies/linear.js';
import { steps } from '../../../src/traffic/strategies/steps.js';
import { parseStrategy } from '../../../src/traffic/strategies/strategy-schema.js';
import type { ShiftStrategy } from '../../../src/traffic/types.js';
import { hostileNumbers, hostileValues } from '../../support/hostile-values.js';

const flat = ({ steps: list }: ShiftStrategy) =>
  list.map(({ percent, holdSeconds }) => [percent, holdSeconds]);

describe('Strategies › steps', () => {
  test('returns the steps of allAtOnce', () => {
    expect(allAtOnce()).toEqual({ name: 'allAtOnce', steps: [{ percent: 100, holdSeconds: 0 }] });
    expect(flat(allAtOnce({ bakeSeconds: 300 }))).toEqual([[100, 300]]);
    expect(flat(allAtOnce({ bakeSeconds: undefined }))).toEqual([[100, 0]]);
  });

  test('returns the steps of canary', () => {
    expect(canary({ percent: 10, holdSeconds: 300 })).toEqual({
      name: 'canary 10 % for 300 s',
      steps: [
        { percent: 10, holdSeconds: 300 },
        { percent: 100, holdSeconds: 0 },
      ],
    });
    expect(flat(canary({ percent: 0.5, holdSeconds: 0, bakeSeconds: 60 }))).toEqual([
      [0.5, 0],
      [100, 60],
    ]);
  });

  test('returns the steps of linear', () => {
    expect(linear({ stepPercent: 25, intervalSeconds: 60, bakeSeconds: 5 })).toEqual({
      name: 'linear 25 % every 60 s',
      steps: [
        { percent: 25, holdSeconds: 60 },
        { percent: 50, holdSeconds: 60 },
        { percent: 75, holdSeconds: 60 },
        { percent: 100, holdSeconds: 5 },
      ],
    });
    expect(flat(linear({ stepPercent: 40, intervalSeconds: 1 }))).toEqual([
      [40, 1],
      [80, 1],
      [100, 0],
    ]);
    expect(flat(linear({ stepPercent: 100, intervalSeconds: 1 }))).toEqual([[100, 0]]);
    expect(flat(linear({ stepPercent: 33.3, intervalSeconds: 1 })).map(([percent]) => percent)).toEqual([
      33.3, 66.6, 99.9, 100,
    ]);
    expect(flat(linear({ stepPercent: 33.333, intervalSeconds: 1 })).map(([percent]) => percent)).toEqual([
      33.333, 66.666, 100,
    ]);
    expect(linear({ stepPercent: 0.1, intervalSeconds: 1 }).steps).toHaveLength(1000);
  });

  test('returns the steps of exponential', () => {
    expect(exponential({ startPercent: 10, intervalSeconds: 60, bakeSeconds: 5 })).toEqual({
      name: 'exponential from 10 % by 2 every 60 s',
      steps: [
        { percent: 10, holdSeconds: 60 },
        { percent: 20, holdSeconds: 60 },
        { percent: 40, holdSeconds: 60 },
        { percent: 80, holdSeconds: 60 },
        { percent: 100, holdSeconds: 5 },
      ],
    });
    expect(flat(exponential({ startPercent: 1.1, factor: 10, intervalSeconds: 1 }))).toEqual([
      [1.1, 1],
      [11, 1],
      [100, 0],
    ]);
    expect(flat(exponential({ startPercent: 100, intervalSeconds: 1 }))).toEqual([[100, 0]]);
    expect(flat(exponential({ startPercent: 50, intervalSeconds: 1 }))).toEqual([
      [50, 1],
      [100, 0],
    ]);
  });

  test.each([
    ['allAtOnce', { type: 'allAtOnce', bakeSeconds: 60, maxHoldSeconds: 900 }],
    ['canary', { type: 'canary', percent: 10, holdSeconds: 60, maxHoldSeconds: 900 }],
    ['linear', { type: 'linear', stepPercent: 50, intervalSeconds: 60, maxHoldSeconds: 900 }],
    ['exponential', { type: 'exponential', startPercent: 50, intervalSeconds: 60, maxHoldSeconds: 900 }],
    [
      'steps',
      {
        name: 'own',
        steps: [{ percent: 100, holdSeconds: 60, maxHoldSeconds: 900 }],
      },
    ],
  ])('keeps maxHoldSeconds of every step in a request (%s)', (_, strategy) => {
    const parsed = parseShiftRequest({ incoming: 'green', strategy });

    expect(parsed.strategy.steps.every(({ maxHoldSeconds }) => maxHoldSeconds === 900)).toBe(true);
  });

  test('sets maxHoldSeconds on every step of a CodeDeploy configuration', () => {
    const { steps: list } = codeDeployConfig('CodeDeployDefault.ECSCanary10Percent5Minutes', {
      maxHoldSeconds: 900,
    });

    expect(list).toEqual([
      { percent: 10, holdSeconds: 300, maxHoldSeconds: 900 },
      { percent: 100, holdSeconds: 0, maxHoldSeconds: 900 },
    ]);
  });

  test.each([
    ['canary', () => canary({ percent: 10, holdSeconds: 300, maxHoldSeconds: 299 })],
    ['steps', () => steps([{ percent: 100, holdSeconds: 300, maxHoldSeconds: 299 }])],
    [
      'a JSON request',
      () =>
        parseShiftRequest({
          incoming: 'green',
          strategy: { type: 'canary', percent: 10, holdSeconds: 300, maxHoldSeconds: 299 },
        }),
    ],
  ])('throws InvalidInputError for a maxHoldSeconds below holdSeconds (%s)', (_, make) => {
    expect(make).toThrow(/steps\[0\]\.maxHoldSeconds: expected holdSeconds of the step or more, got 299/);
  });

  test('returns the steps of steps', () => {
    const list = [
      { percent: 1, holdSeconds: 600 },
      { percent: 100, holdSeconds: 60 },
    ];
    expect(steps(list)).toEqual({ name: 'steps', steps: list });
    expect(steps(list, { name: 'careful' }).name).toBe('careful');
  });

  test.each([
    ['ECSAllAtOnce', [[100, 0]]],
    ['ECSCanary10Percent5Minutes', canaryOf(5)],
    ['ECSCanary10Percent15Minutes', canaryOf(15)],
    ['ECSLinear10PercentEvery1Minutes', linearOf(1)],
    ['ECSLinear10PercentEvery3Minutes', linearOf(3)],
    ['LambdaAllAtOnce', [[100, 0]]],
    ['LambdaCanary10Percent5Minutes', canaryOf(5)],
    ['LambdaCanary10Percent10Minutes', canaryOf(10)],
    ['LambdaCanary10Percent15Minutes', canaryOf(15)],
    ['LambdaCanary10Percent30Minutes', canaryOf(30)],
    ['LambdaLinear10PercentEvery1Minute', linearOf(1)],
    ['LambdaLinear10PercentEvery2Minutes', linearOf(2)],
    ['LambdaLinear10PercentEvery3Minutes', linearOf(3)],
    ['LambdaLinear10PercentEvery10Minutes', linearOf(10)],
  ])('returns the steps of codeDeployConfig: %s', (short, expected) => {
    const name = `CodeDeployDefault.${short}` as CodeDeployConfigName;

    const strategy = codeDeployConfig(name);
    const baked = codeDeployConfig(name, { bakeSeconds: 77 });

    expect(strategy.name).toBe(name);
    expect(flat(strategy)).toEqual(expected);
    expect(flat(baked).at(-1)).toEqual([100, 77]);
    expect(flat(baked).slice(0, -1)).toEqual(expected.slice(0, -1));
  });

  test('returns a valid strategy for any valid options', () => {
    const share = fc.double({ min: 0.1, max: 100, noNaN: true });
    const factor = fc.double({ min: 1.01, max: 50, noNaN: true });
    fc.assert(
      fc.property(share, factor, (percent, by) => {
        for (const strategy of [
          linear({ stepPercent: percent, intervalSeconds: 1 }),
          exponential({ startPercent: percent, factor: by, intervalSeconds: 1 }),
        ]) {
          expect(parseStrategy(JSON.parse(JSON.stringify(strategy)))).toEqual(strategy);
          expect(strategy.steps.at(-1)?.percent).toBe(100);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('Strategies › invalid input', () => {
  const step = (percent: number, holdSeconds = 1) => ({ percent, holdSeconds });
  const rest = step(100);

  test.each([
    ['no steps', () => steps([]), 'a last step at 100 %'],
    ['0 %', () => steps([step(0), rest]), 'from 0.01 to 99.99, or 100'],
    ['a share too close to 0 %', () => steps([step(0.009), rest]), 'from 0.01 to 99.99, or 100'],
    ['a share too close to 100 %', () => steps([step(99.995), rest]), 'from 0.01 to 99.99, or 100'],
    ['a negative share', () => steps([step(-1), rest]), 'from 0.01 to 99.99, or 100'],
    ['over 100 %', () => steps([step(101)]), 'from 0.01 to 99.99, or 100'],
    ['descending', () => steps([step(50), step(20), rest]), 'ascend'],
    ['two equal shares', () => steps([step(50), step(50), rest]), 'ascend'],
    ['100 % twice', () => steps([rest, rest]), 'ascend'],
    ['an end below 100 %', () => steps([step(50)]), 'a last step at 100 %'],
    ['a negative time', () => steps([step(100, -1)]), 'from 0 to 366 days'],
    ['an infinite time', () => steps([step(100, Number.POSITIVE_INFINITY)]), 'from 0 to 366 days'],
    ['no number', () => steps([step(Number.NaN), rest]), 'number'],
    ['no name', () => steps([rest], { name: ' ' }), 'a string that is not empty'],
    ['allAtOnce with a negative bake', () => allAtOnce({ bakeSeconds: -1 }), 'from 0 to 366 days'],
    ['canary 0', () => canary({ percent: 0, holdSeconds: 1 }), 'from 0.01'],
    ['canary 100', () => canary({ percent: 100, holdSeconds: 1 }), 'ascend'],
    ['canary with a negative time', () => canary({ percent: 1, holdSeconds: -1 }), 'from 0 to 366 days'],
    ['linear 0', () => linear({ stepPercent: 0, intervalSeconds: 1 }), '0.1 or more'],
    ['linear 0.09', () => linear({ stepPercent: 0.09, intervalSeconds: 1 }), '0.1 or more'],
    ['linear 101', () => linear({ stepPercent: 101, intervalSeconds: 1 }), 'at most 100'],
    [
      'linear with a negative time',
      () => linear({ stepPercent: 10, intervalSeconds: -1 }),
      'from 0 to 366 days',
    ],
    [
      'linear with a negative bake',
      () => linear({ stepPercent: 10, intervalSeconds: 1, bakeSeconds: -1 }),
      'from 0 to 366 days',
    ],
    ['exponential 0', () => exponential({ startPercent: 0, intervalSeconds: 1 }), '0.1 or more'],
    ['exponential 0.09', () => exponential({ startPercent: 0.09, intervalSeconds: 1 }), '0.1 or more'],
    [
      'exponential with a factor of 1',
      () => exponential({ startPercent: 1, factor: 1, intervalSeconds: 1 }),
      'a factor of 1.01 or more',
    ],
    [
      'exponential with a negative time',
      () => exponential({ startPercent: 1, intervalSeconds: -1 }),
      'from 0 to 366 days',
    ],
    [
      'exponential with a negative bake',
      () => exponential({ startPercent: 1, intervalSeconds: 1, bakeSeconds: -1 }),
      'from 0 to 366 days',
    ],
    [
      'a name that CodeDeploy does not predefine',
      () => codeDeployConfig('CodeDeployDefault.LambdaLinear10PercentEvery1Minutes' as CodeDeployConfigName),
      'CodeDeployDefault.',
    ],
  ])('throws InvalidInputError for %s', (_, make, message) => {
    expect(make).toThrowError(InvalidInputError);
    expect(make).toThrowError(message);
  });
});

describe('Strategies › options', () => {
  const factories: Readonly<Record<string, (value: never) => unknown>> = {
    allAtOnce,
    canary,
    linear,
    exponential,
    steps,
    'steps, second argument': (options) => steps([{ percent: 100, holdSeconds: 0 }], options),
    codeDeployConfig,
    'codeDeployConfig, second argument': (options) =>
      codeDeployConfig('CodeDeployDefault.LambdaAllAtOnce', options),
  };

  describe.each(Object.entries(factories))('%s', (_, make) => {
    test.each(hostileValues)('throws InvalidInputError for %s', (_what, value) => {
      expect(() => make(value as never)).toThrowError(InvalidInputError);
    });
  });

  test.each([canary, linear, exponential, steps, codeDeployConfig] as ((value: never) => unknown)[])(
    'throws InvalidInputError when %o has no argument',
    (make) => {
      expect(() => make(undefined as never)).toThrowError(InvalidInputError);
    },
  );

  test.each<[string, (value: never) => unknown]>([
    ['canary percent', (percent) => canary({ percent, holdSeconds: 1 })],
    ['canary holdSeconds', (holdSeconds) => canary({ percent: 1, holdSeconds })],
    ['canary bakeSeconds', (bakeSeconds) => canary({ percent: 1, holdSeconds: 1, bakeSeconds })],
    ['linear stepPercent', (stepPercent) => linear({ stepPercent, intervalSeconds: 1 })],
    ['linear intervalSeconds', (intervalSeconds) => linear({ stepPercent: 1, intervalSeconds })],
    ['exponential startPercent', (startPercent) => exponential({ startPercent, intervalSeconds: 1 })],
    ['exponential factor', (factor) => exponential({ startPercent: 1, factor, intervalSeconds: 1 })],
    ['allAtOnce bakeSeconds', (bakeSeconds) => allAtOnce({ bakeSeconds })],
    ['steps percent', (percent) => steps([{ percent, holdSeconds: 1 }])],
    ['steps holdSeconds', (holdSeconds) => steps([{ percent: 100, holdSeconds }])],
  ])('throws InvalidInputError for any value of %s that is not a valid number', (_, make) => {
    for (const value of [...hostileValues.map(([, it]) => it), ...hostileNumbers, '5'])
      expect(() => make(value as never)).toThrowError(InvalidInputError);
  });

  test('throws InvalidInputError for a name or partial of another type', () => {
    const list = [{ percent: 100, holdSeconds: 1 }];
    for (const [, value] of hostileValues) {
      expect(() => steps(list, { name: value as never })).toThrowError(InvalidInputError);
      expect(() => steps(list, { partial: value as never })).toThrowError(InvalidInputError);
    }
  });

  test.each<[string, () => unknown, string]>([
    ['canary', () => canary({ percent: 10, holdSeconds: 60, hold: 5 } as never), 'hold: unknown option'],
    [
      'canary',
      () => canary({ percent: 10, holdSecond: 60 } as never),
      'holdSecond: unknown option; did you mean holdSeconds?',
    ],
    [
      'linear',
      () => linear({ stepPercent: 10, interval: 60 } as never),
      'interval: unknown option; did you mean intervalSeconds?',
    ],
    [
      'exponential',
      () => exponential({ startPercent: 10, intervalSeconds: 60, factors: 3 } as never),
      'factors: unknown option; did you mean factor?',
    ],
    ['allAtOnce', () => allAtOnce({ bake: 60 } as never), 'bake: unknown option; did you mean bakeSeconds?'],
    [
      'steps',
      () => steps([{ percent: 100, holdSeconds: 0 }], { partail: true } as never),
      'partail: unknown option; did you mean partial?',
    ],
    [
      'a step',
      () => steps([{ percent: 100, holdSeconds: 0, percentage: 5 } as never]),
      'steps[0].percentage: unknown option; did you mean percent?',
    ],
    [
      'codeDeployConfig',
      () => codeDeployConfig('CodeDeployDefault.ECSAllAtOnce', { bakeSecs: 60 } as never),
      'bakeSecs: unknown option; did you mean bakeSeconds?',
    ],
    [
      'a strategy',
      () => parseStrategy({ ...allAtOnce(), step: [] }),
      'step: unknown option; did you mean steps?',
    ],
  ])('suggests the nearest known option for an unknown one of %s', (_, make, message) => {
    expect(make).toThrowError(InvalidInputError);
    expect(make).toThrowError(message);
  });

  test('names the percentages that do not ascend, and the last one', () => {
    expect(() => steps([50, 20, 100].map((percent) => ({ percent, holdSeconds: 1 })))).toThrowError(
      'steps: expected steps whose percentages ascend, got 20 % after 50 %',
    );
    expect(() => steps([{ percent: 50, holdSeconds: 1 }])).toThrowError(
      'steps: expected a last step at 100 %, or partial: true, got a last step at 50 %',
    );
    expect(() => steps([])).toThrowError('steps: expected a last step at 100 %, got no step');
  });

  test('copies its arguments', () => {
    const list = [{ percent: 100, holdSeconds: 60 }];
    const strategy = steps(list);

    Object.assign(list[0] ?? {}, { percent: 3 });
    list.push({ percent: 1, holdSeconds: 1 });

    expect(strategy.steps).toEqual([{ percent: 100, holdSeconds: 60 }]);
  });
});

function canaryOf(minutes: number): number[][] {
  return [
    [10, minutes * 60],
    [100, 0],
  ];
}

function linearOf(minutes: number): number[][] {
  return [...[10, 20, 30, 40, 50, 60, 70, 80, 90].map((percent) => [percent, minutes * 60]), [100, 0]];
}
