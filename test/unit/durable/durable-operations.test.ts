import { describe, expect, test } from 'vitest';
import {
  DurableOperations,
  type GatePosition,
  gatePosition,
  requireEnoughOperations,
} from '../../../src/durable/durable-operations.js';

function planned(calls?: number, approvals?: readonly string[]) {
  return { plannedCalls: () => calls, plannedApprovals: () => approvals };
}

describe('requireEnoughOperations', () => {
  test('accepts a change that takes exactly the operations without the reserve', () => {
    // 49 calls with their waits and the beginning: 99 of 110, of which 11 are reserved for a rollback.
    expect(() => requireEnoughOperations(planned(49), {}, { operationLimit: 110 })).not.toThrow();
  });

  test('throws InvalidInputError for one call more', () => {
    expect(() => requireEnoughOperations(planned(50), {}, { operationLimit: 110 })).toThrow(
      'Invalid request: expected one that takes at most 99 operations of a durable execution, or the option continueIn, got 101 operations',
    );
  });

  test('accepts any change with continueIn, and one that does not plan its calls', () => {
    const limits = { operationLimit: 110 };

    expect(() =>
      requireEnoughOperations(planned(5000), {}, { ...limits, continueIn: 'shift:live' }),
    ).not.toThrow();
    expect(() => requireEnoughOperations(planned(), {}, limits)).not.toThrow();
  });
});

describe('gatePosition', () => {
  const settings = { approvalTimeoutSeconds: 600, continueIn: undefined };

  test.each([
    ['a', 3],
    ['b', 2],
    ['c', 1],
  ])('counts the approvals that are left from %s on', (key, gatesLeft) => {
    const position = gatePosition(planned(10, ['a', 'b', 'c']), {}, { key, callsBefore: 4 }, settings);

    expect(position).toEqual({ timeoutSeconds: 600, gates: 3, gatesLeft, operationsLeft: 13 });
  });

  test('assumes a later approval when the change does not plan them', () => {
    const position = gatePosition(planned(10), {}, { key: 'a', callsBefore: 4 }, settings);

    expect(position).toMatchObject({ gates: 2, gatesLeft: 2 });
  });

  test('counts an approval that was not planned as one', () => {
    const position = gatePosition(planned(10, []), {}, { key: 'a', callsBefore: 4 }, settings);

    expect(position).toMatchObject({ gates: 1, gatesLeft: 1 });
  });

  test.each([
    ['every planned call was made', planned(3, ['a']), settings],
    ['the calls are not planned', planned(undefined, ['a']), settings],
    ['another execution continues the change', planned(10, ['a']), { ...settings, continueIn: 'shift:live' }],
  ])('leaves no operations for the rest when %s', (_name, resumable, options) => {
    expect(gatePosition(resumable, {}, { key: 'a', callsBefore: 4 }, options).operationsLeft).toBe(0);
  });
});

describe('DurableOperations › secondsBetweenEvaluations', () => {
  /** Seconds between evaluations in an execution of 200 operations, of which 180 are not reserved. */
  function seconds(used: number, position: Partial<GatePosition>): number {
    const operations = new DurableOperations(200);
    operations.add(used);
    return operations.secondsBetweenEvaluations({
      timeoutSeconds: 9000,
      gates: 1,
      gatesLeft: 1,
      operationsLeft: 0,
      ...position,
    });
  }

  test('uses half of the operations, two for each evaluation, in all approvals together', () => {
    expect(seconds(0, {})).toBe(9000 / 45);
    expect(seconds(0, { gates: 3, gatesLeft: 1 })).toBe(9000 / 15);
  });

  test('leaves the operations of the rest of the change, and shares the others with later approvals', () => {
    expect(seconds(60, { operationsLeft: 100 })).toBe(9000 / 10);
    expect(seconds(60, { operationsLeft: 100, gates: 2, gatesLeft: 2 })).toBe(9000 / 5);
  });

  test('is the whole time of the approval when no operation is left', () => {
    expect(seconds(180, { operationsLeft: 100 })).toBe(9000);
  });
});
