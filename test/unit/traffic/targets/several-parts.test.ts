import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ResourceStateError } from '../../../../src/core/errors.js';
import { weightsOfParts } from '../../../../src/traffic/targets/several-parts.js';
import type { TrafficWeights } from '../../../../src/traffic/types.js';

const verified = { blue: 90, green: 10 };
const announced = { blue: 80, green: 20 };
const abandoned = { blue: 70, green: 30 };
const foreign = { blue: 1, green: 99 };

const read = (weights: readonly TrafficWeights[], explained?: readonly TrafficWeights[]) =>
  weightsOfParts(
    weights.map((it, index) => ({ name: `part ${index}`, weights: it })),
    'the rules',
    explained,
  );

describe('Function: weightsOfParts', () => {
  test('gives the weights that all parts have, explained or not', () => {
    expect(read([foreign, foreign], [verified])).toEqual(foreign);
    expect(read([verified])).toEqual(verified);
  });

  test('refuses parts that are apart, and tells each', () => {
    const error = (() => {
      try {
        return read([verified, foreign]);
      } catch (caught) {
        return caught;
      }
    })();

    expect(error).toBeInstanceOf(ResourceStateError);
    expect(error).toMatchObject({
      resource: 'the rules',
      actual: 'blue 90 %, green 10 % on part 0; blue 1 %, green 99 % on part 1',
    });
  });

  test('gives the part that the change has not reached, so that the change goes on', () => {
    expect(read([announced, verified], [verified, announced])).toEqual(verified);
    expect(read([verified, announced], [verified, announced])).toEqual(verified);
    expect(read([announced, abandoned], [verified, abandoned, announced])).toEqual(abandoned);
  });

  test('gives the part that a rollback has not reached, also when it goes back to the verified weights', () => {
    expect(read([verified, abandoned], [verified, abandoned, verified])).toEqual(abandoned);
  });

  test('gives the part that nobody can explain, so that the shift stops', () => {
    expect(read([announced, verified, foreign], [verified, announced])).toEqual(foreign);
  });

  test('never shows the wanted weights while any part has others', () => {
    const weights = fc.constantFrom(verified, announced, abandoned, foreign);
    fc.assert(
      fc.property(
        fc.array(weights, { minLength: 1, maxLength: 5 }),
        fc.array(weights, { minLength: 1, maxLength: 3 }),
        (live, explained) => {
          const isWanted = live.every((it) => it === explained.at(-1));

          const answer = read(live, explained);

          expect(answer === explained.at(-1)).toBe(isWanted);
          const isForeign = !live.every((it) => explained.includes(it));
          if (isForeign) expect(explained).not.toContain(answer);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
