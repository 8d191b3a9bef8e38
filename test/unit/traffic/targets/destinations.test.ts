import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ResourceStateError, UnexpectedResponseError } from '../../../../src/core/errors.js';
import {
  nearestForwardWeights,
  toForwardWeights,
  weightsOfDestinations,
} from '../../../../src/traffic/targets/destinations.js';

const pair = { blue: 'b', green: 'g' };
const owner = { resource: 'the rule', action: 'elasticloadbalancing:DescribeRules' };

describe('Function: weightsOfDestinations', () => {
  test.each([
    {
      name: 'both',
      destinations: [
        { id: 'g', weight: 1 },
        { id: 'b', weight: 3 },
      ],
      expected: [75, 25],
    },
    { name: 'one without a weight', destinations: [{ id: 'g', weight: undefined }], expected: [0, 100] },
    { name: 'one with a weight', destinations: [{ id: 'b', weight: 7 }], expected: [100, 0] },
  ])('returns the shares of $name', ({ destinations, expected: [blue, green] }) => {
    expect(weightsOfDestinations(destinations, pair, owner)).toEqual({ blue, green });
  });

  test('throws ResourceStateError for other destinations, also those without traffic', () => {
    const read = () =>
      weightsOfDestinations(
        [
          { id: 'b', weight: 1 },
          { id: 'x', weight: 0 },
          { id: 'y', weight: 2 },
        ],
        pair,
        owner,
      );

    expect(read).toThrowError(ResourceStateError);
    expect(read).toThrowError(
      'There are other destinations than the two stacks: expected b and g alone, got x, y. Remove them from the forward action, or correct the target groups of the stacks',
    );
  });

  test.each([
    {
      name: 'all weights are 0',
      destinations: [
        { id: 'b', weight: 0 },
        { id: 'g', weight: 0 },
      ],
      actual: '0 for each',
    },
    { name: 'the only weight is 0', destinations: [{ id: 'b', weight: 0 }], actual: '0 for each' },
    { name: 'there is no destination', destinations: [], actual: 'no target group' },
  ])('throws ResourceStateError when no stack receives traffic: $name', ({ destinations, actual }) => {
    expect(() => weightsOfDestinations(destinations, pair, owner)).toThrowError(
      `Neither stack gets any traffic: expected a weight above 0, got ${actual}. Route traffic to one of the stacks first`,
    );
  });

  test('throws UnexpectedResponseError for a missing weight', () => {
    const destinations = [
      { id: 'b', weight: 1 },
      { id: 'g', weight: undefined },
    ];

    const read = () => weightsOfDestinations(destinations, pair, owner);

    expect(read).toThrowError(UnexpectedResponseError);
    expect(read).toThrowError(
      'Response of elasticloadbalancing:DescribeRules for the rule is incomplete: expected the field weight of g, got none',
    );
  });
});

describe('Function: toForwardWeights', () => {
  test.each([
    [0, { blue: 100, green: 0 }],
    [1, { blue: 99, green: 1 }],
    [10, { blue: 90, green: 10 }],
    [100, { blue: 0, green: 100 }],
    [12.5, { blue: 7, green: 1 }],
    [87.5, { blue: 1, green: 7 }],
    [0.1, { blue: 999, green: 1 }],
    [0.0001, { blue: 999, green: 1 }],
    [99.9999, { blue: 1, green: 999 }],
    [100 / 3, { blue: 2, green: 1 }],
  ])('converts green %s %%', (green, expected) => {
    expect(toForwardWeights({ blue: 100 - green, green })).toEqual(expected);
  });

  test('returns the shares that a rule can have', () => {
    expect(nearestForwardWeights({ blue: 99.99, green: 0.01 })).toEqual({ blue: 99.9, green: 0.1 });
  });

  test('restores every pair of weights that a rule can have', () => {
    const weight = fc.integer({ min: 0, max: 999 });
    fc.assert(
      fc.property(weight, weight, (blue, green) => {
        fc.pre(blue + green > 0);
        const found = weightsOfDestinations(
          [
            { id: 'b', weight: blue },
            { id: 'g', weight: green },
          ],
          pair,
          owner,
        );

        expect(nearestForwardWeights(found).blue).toBeCloseTo(found.blue, 9);
      }),
      { numRuns: 2000 },
    );
  });

  test('differs by at most 0.05 %, with valid weights', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 100, noNaN: true }), (green) => {
        const held = toForwardWeights({ blue: 100 - green, green });

        for (const weight of [held.blue, held.green]) {
          expect(Number.isInteger(weight) && weight >= 0 && weight <= 999).toBe(true);
        }
        const share = (held.green / (held.blue + held.green)) * 100;
        // The difference is larger only next to 0 and 100 %, where the smallest possible share is used.
        expect(Math.abs(share - green)).toBeLessThanOrEqual(0.1);
        if (green > 0.1 && green < 99.9) expect(Math.abs(share - green)).toBeLessThanOrEqual(0.05);
      }),
      { numRuns: 2000 },
    );
  });
});
