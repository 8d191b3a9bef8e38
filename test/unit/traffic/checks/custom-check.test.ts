import { describe, expect, test } from 'vitest';
import { SimulatedCloud } from '../../../../src/testing/index.js';
import { customCheck } from '../../../../src/traffic/index.js';
import { checkContext } from '../../../support/check-context.js';

const context = checkContext(new SimulatedCloud());

describe('Function: customCheck', () => {
  test('returns the result of the function', async () => {
    const result = { outcome: 'inconclusive', detail: 'no orders' } as const;
    const check = customCheck('orders', async () => result);

    expect(await check.evaluate(context)).toBe(result);
    expect(check).toMatchObject({ name: 'orders', dryRun: false });
  });

  test('returns pass for true and fail for false', async () => {
    expect(await customCheck('yes', () => true).evaluate(context)).toEqual({
      outcome: 'pass',
      detail: 'yes: true',
    });
    expect(await customCheck('no', async () => false).evaluate(context)).toEqual({
      outcome: 'fail',
      detail: 'no: false',
    });
  });

  test('passes the context to the function, and throws its errors', async () => {
    const seen: unknown[] = [];
    const check = customCheck(
      'orders',
      (given) => {
        seen.push(given);
        throw new Error('no answer');
      },
      { dryRun: true },
    );

    await expect(check.evaluate(context)).rejects.toThrowError('no answer');
    expect(seen).toEqual([context]);
    expect(check.dryRun).toBe(true);
  });

  test.each([
    ['an empty name', '', () => true],
    ['no function', 'orders', undefined as never],
  ])('throws InvalidInputError for %s', (_case, name, evaluate) => {
    expect(() => customCheck(name, evaluate)).toThrowError('Invalid customCheck');
  });
});
