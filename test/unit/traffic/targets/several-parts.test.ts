import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ResourceStateError } from '../../../../src/core/errors.js';
import { weightsOfParts } from '../../../../src/traffic/targets/several-parts.js';
import type { TrafficWeights } from '../../../../src/traffic/types.js';

const verified = { blue: 90, green: 10 };
const pending = { blue: 80, green: 20 };
const superseded = { blue: 70, green: 30 };
const drifted = { blue: 1, green: 99 };

const read = (weights: readonly TrafficWeights[], expected?: readonly TrafficWeights[]) =>
  weightsOfParts(
    weights.map((it, index) => ({ name: `part ${index}`, weights: it })),
    'the rules',
    expected,
  );

describe('Function: weightsOfParts', () => {
  test('returns the weights that all parts have, expected or not', () => {
    expect(read([drifted, drifted], [verified])).toEqual(drifted);
    expect(read([verified])).toEqual(verified);
  });

  test('throws ResourceStateError with the weights of each part when they differ', () => {
    const error = (() => {
      try {
        return read([verified, drifted]);
      } catch (caught) {
        return caught;
      }
    })();

    expect(error).toBeInstanceOf(ResourceStateError);
    expect(error).toMatchObject({
      resource: 'the rules',
      message: expect.stringContaining('The weights of parts that move together differ'),
      expected: 'the same weights on each',
      actual: 'blue 90 %, green 10 % on part 0; blue 1 %, green 99 % on part 1',
      remedy: 'Continue the shift that was interrupted, or set the same weights on each by hand',
    });
  });

  test('returns the part that the change has not reached, so that a shift continues it', () => {
    expect(read([pending, verified], [verified, pending])).toEqual(verified);
    expect(read([verified, pending], [verified, pending])).toEqual(verified);
    expect(read([pending, superseded], [verified, superseded, pending])).toEqual(superseded);
  });

  test('returns the part that a rollback has not reached, also when it restores the verified weights', () => {
    expect(read([verified, superseded], [verified, superseded, verified])).toEqual(superseded);
  });

  test('returns the part with drift, so that a shift halts', () => {
    expect(read([pending, verified, drifted], [verified, pending])).toEqual(drifted);
  });

  test('never returns the wanted weights while any part has others', () => {
    const weights = fc.constantFrom(verified, pending, superseded, drifted);
    fc.assert(
      fc.property(
        fc.array(weights, { minLength: 1, maxLength: 5 }),
        fc.array(weights, { minLength: 1, maxLength: 3 }),
        (live, expected) => {
          const isWanted = live.every((it) => it === expected.at(-1));

          const result = read(live, expected);

          expect(result === expected.at(-1)).toBe(isWanted);
          const hasDrift = !live.every((it) => expected.includes(it));
          if (hasDrift) expect(expected).not.toContain(result);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
