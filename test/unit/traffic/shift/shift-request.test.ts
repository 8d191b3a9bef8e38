import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InvalidInputError } from '../../../../src/core/errors.js';
import { holdSecondsOf, parseShiftRequest } from '../../../../src/traffic/shift/shift-request.js';
import { allAtOnce } from '../../../../src/traffic/strategies/all-at-once.js';
import { canary } from '../../../../src/traffic/strategies/canary.js';
import {
  codeDeployConfig,
  codeDeployConfigNames,
} from '../../../../src/traffic/strategies/codedeploy-config.js';
import { exponential } from '../../../../src/traffic/strategies/exponential.js';
import { linear } from '../../../../src/traffic/strategies/linear.js';
import { steps } from '../../../../src/traffic/strategies/steps.js';
import type { ShiftStrategy } from '../../../../src/traffic/types.js';
import { aShiftRequest, mutated } from '../../../support/shift-requests.js';

const valid = { incoming: 'green', strategy: { type: 'canary', percent: 10, holdSeconds: 300 } };
const ownSteps = [
  { percent: 10, holdSeconds: 60 },
  { percent: 100, holdSeconds: 0 },
];

function problemsOf(request: unknown): string[] {
  try {
    parseShiftRequest(request);
  } catch (error) {
    if (error instanceof InvalidInputError) return error.problems.map(({ field }) => field);
    throw error;
  }
  return [];
}

describe('Function: parseShiftRequest', () => {
  test('applies the defaults', () => {
    expect(parseShiftRequest(valid)).toEqual({
      incoming: 'green',
      strategy: canary({ percent: 10, holdSeconds: 300 }),
      acceptLiveWeights: false,
      approvalPercents: [],
    });
  });

  test('accepts every field', () => {
    const request = {
      ...valid,
      incoming: 'blue',
      acceptLiveWeights: true,
      approvalPercents: [50, 0, 10, 50],
      maxDurationSeconds: 7200,
    };
    expect(parseShiftRequest(request)).toMatchObject({
      incoming: 'blue',
      acceptLiveWeights: true,
      approvalPercents: [0, 10, 50],
      maxDurationSeconds: 7200,
    });
  });

  test.each<[unknown, ShiftStrategy]>([
    [{ type: 'allAtOnce' }, allAtOnce()],
    [{ type: 'allAtOnce', bakeSeconds: 60 }, allAtOnce({ bakeSeconds: 60 })],
    [
      { type: 'canary', percent: 5, holdSeconds: 60, bakeSeconds: 30 },
      canary({ percent: 5, holdSeconds: 60, bakeSeconds: 30 }),
    ],
    [
      { type: 'linear', stepPercent: 10, intervalSeconds: 60 },
      linear({ stepPercent: 10, intervalSeconds: 60 }),
    ],
    [
      { type: 'exponential', startPercent: 1, factor: 3, intervalSeconds: 60 },
      exponential({ startPercent: 1, factor: 3, intervalSeconds: 60 }),
    ],
    [{ name: 'mine', steps: ownSteps }, steps(ownSteps, { name: 'mine' })],
    [
      { name: 'half', steps: [{ percent: 50, holdSeconds: 0 }], partial: true },
      steps([{ percent: 50, holdSeconds: 0 }], { name: 'half', partial: true }),
    ],
    ...codeDeployConfigNames.map((name): [string, ShiftStrategy] => [name, codeDeployConfig(name)]),
  ])('resolves the strategy %j', (strategy, expected) => {
    expect(parseShiftRequest({ ...valid, strategy }).strategy).toEqual(expected);
  });

  test('returns a parsed request unchanged, also after JSON', () => {
    const parsed = parseShiftRequest({ ...valid, approvalPercents: [10], maxDurationSeconds: 600 });
    expect(parseShiftRequest(parsed)).toEqual(parsed);
    expect(parseShiftRequest(JSON.parse(JSON.stringify(parsed)))).toEqual(parsed);
  });

  test('applies the defaults for undefined', () => {
    const undefineds = {
      acceptLiveWeights: undefined,
      approvalPercents: undefined,
      maxDurationSeconds: undefined,
    };
    expect(parseShiftRequest({ ...valid, ...undefineds })).toEqual(parseShiftRequest(valid));
    const strategy = { name: 'mine', steps: ownSteps, partial: undefined };
    expect(parseShiftRequest({ ...valid, strategy }).strategy).toEqual({ name: 'mine', steps: ownSteps });
  });

  test.each<[string, unknown, string]>([
    ['nothing', undefined, ''],
    ['null', null, ''],
    ['a string', 'green', ''],
    ['a list', [], ''],
    ['no stack', { ...valid, incoming: undefined }, 'incoming'],
    ['another stack', { ...valid, incoming: 'red' }, 'incoming'],
    ['no strategy', { incoming: 'green' }, 'strategy'],
    ['a strategy of null', { ...valid, strategy: null }, 'strategy'],
    ['a number for a strategy', { ...valid, strategy: 10 }, 'strategy'],
    ['a name that CodeDeploy does not predefine', { ...valid, strategy: 'Canary10' }, 'strategy'],
    ['an unknown type', { ...valid, strategy: { type: 'magic' } }, 'strategy.type'],
    ['no type', { ...valid, strategy: {} }, 'strategy.type'],
    ['a canary of 100 %', changed({ percent: 100 }), 'strategy.percent'],
    ['a canary of 0 %', changed({ percent: 0 }), 'strategy.percent'],
    ['a canary without a time', changed({ holdSeconds: undefined }), 'strategy.holdSeconds'],
    ['a negative time', changed({ holdSeconds: -1 }), 'strategy.holdSeconds'],
    ['a time as text', changed({ holdSeconds: '300' }), 'strategy.holdSeconds'],
    ['a bake as text', changed({ bakeSeconds: 'long' }), 'strategy.bakeSeconds'],
    ['an option of another type', changed({ stepPercent: 10 }), 'strategy.stepPercent'],
    ['a step of 0 %', linearOf({ stepPercent: 0 }), 'strategy.stepPercent'],
    ['an interval below 0', linearOf({ intervalSeconds: -5 }), 'strategy.intervalSeconds'],
    ['no growth', exponentialOf({ factor: 1 }), 'strategy.factor'],
    ['a start at 0 %', exponentialOf({ startPercent: 0 }), 'strategy.startPercent'],
    ['no steps', stepsOf([]), 'strategy.steps'],
    ['steps as text', stepsOf('all'), 'strategy.steps'],
    ['a step that is a number', stepsOf([10, 100]), 'strategy.steps[0]'],
    ['steps that descend', stepsOf([...ownSteps].reverse()), 'strategy.steps'],
    ['steps that end early', stepsOf(ownSteps.slice(0, 1)), 'strategy.steps'],
    ['a step above 100 %', stepsOf([{ percent: 101, holdSeconds: 0 }]), 'strategy.steps[0].percent'],
    ['a step without a time', stepsOf([{ percent: 100 }]), 'strategy.steps[0].holdSeconds'],
    [
      'a step with an unknown field',
      stepsOf([{ percent: 100, holdSeconds: 0, bake: 1 }]),
      'strategy.steps[0].bake',
    ],
    ['steps without a name', { ...valid, strategy: { steps: ownSteps } }, 'strategy.name'],
    [
      'steps with a type',
      { ...valid, strategy: { type: 'canary', name: 'both', steps: ownSteps } },
      'strategy.type',
    ],
    [
      'steps with a misspelt option',
      { ...valid, strategy: { name: 'x', steps: ownSteps, partal: true } },
      'strategy.partal',
    ],
    ['a boolean as text', { ...valid, acceptLiveWeights: 'true' }, 'acceptLiveWeights'],
    ['one approval', { ...valid, approvalPercents: 10 }, 'approvalPercents'],
    ['an approval at 100 %', { ...valid, approvalPercents: [10, 100] }, 'approvalPercents[1]'],
    ['an approval below 0 %', { ...valid, approvalPercents: [-1] }, 'approvalPercents[0]'],
    ['an approval as text', { ...valid, approvalPercents: ['10'] }, 'approvalPercents[0]'],
    ['no time', { ...valid, maxDurationSeconds: 0 }, 'maxDurationSeconds'],
    ['a time of NaN', { ...valid, maxDurationSeconds: Number.NaN }, 'maxDurationSeconds'],
    ['an infinite time', { ...valid, maxDurationSeconds: Number.POSITIVE_INFINITY }, 'maxDurationSeconds'],
    ['more than 366 days', { ...valid, maxDurationSeconds: 367 * 86_400 }, 'maxDurationSeconds'],
    ['less time than the steps need', { ...valid, maxDurationSeconds: 299 }, 'maxDurationSeconds'],
    ['exactly the time that the steps need', { ...valid, maxDurationSeconds: 300 }, 'maxDurationSeconds'],
    ['a misspelt field', { ...valid, maxDurationMinutes: 5 }, 'maxDurationMinutes'],
  ])('names the field of %s', (_, request, field) => {
    expect(problemsOf(request)).toContain(field);
  });

  test('names every invalid field at once', () => {
    const request = {
      incoming: 'red',
      strategy: { type: 'canary', percent: 0, holdSeconds: -1 },
      acceptLiveWeights: 1,
      approvalPercents: [200],
      maxDurationSeconds: -1,
    };
    expect(problemsOf(request)).toEqual([
      'incoming',
      'strategy.percent',
      'strategy.holdSeconds',
      'acceptLiveWeights',
      'approvalPercents[0]',
      'maxDurationSeconds',
    ]);
  });

  test('names the subject', () => {
    expect(() => parseShiftRequest({}, 'Execution input')).toThrowError(
      /^Invalid execution input: incoming: /,
    );
  });

  test('resolves any request or throws one InvalidInputError', () => {
    const anything = fc.anything({
      withNullPrototype: true,
      withDate: true,
      withBigInt: true,
      withMap: true,
    });
    const requests = fc.oneof(aShiftRequest, mutated(aShiftRequest), anything, fc.jsonValue());
    fc.assert(
      fc.property(requests, (request) => {
        try {
          const parsed = parseShiftRequest(request);
          expect(parseShiftRequest(JSON.parse(JSON.stringify(parsed)))).toEqual(parsed);
          expect(parsed.maxDurationSeconds ?? Number.POSITIVE_INFINITY).toBeGreaterThan(
            holdSecondsOf(parsed.strategy),
          );
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidInputError);
          expect((error as InvalidInputError).message).toMatch(/^Invalid shift request: /);
        }
      }),
      { numRuns: 3000 },
    );
  });

  test('resolves every valid request', () => {
    fc.assert(
      fc.property(aShiftRequest, (request) => void parseShiftRequest(request)),
      { numRuns: 1000 },
    );
  });
});

test('Function: holdSecondsOf', () => {
  expect(holdSecondsOf(canary({ percent: 10, holdSeconds: 300, bakeSeconds: 60 }))).toBe(360);
});

function changed(fields: object) {
  return { ...valid, strategy: { ...valid.strategy, ...fields } };
}

function linearOf(fields: object) {
  return { ...valid, strategy: { type: 'linear', stepPercent: 10, intervalSeconds: 60, ...fields } };
}

function exponentialOf(fields: object) {
  return { ...valid, strategy: { type: 'exponential', startPercent: 1, intervalSeconds: 60, ...fields } };
}

function stepsOf(list: unknown) {
  return { ...valid, strategy: { name: 'mine', steps: list } };
}
