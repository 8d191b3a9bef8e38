import { describe, expect, test } from 'vitest';
import { SimulatedCloud } from '../../../../src/testing/index.js';
import { customCheck } from '../../../../src/traffic/index.js';
import { checkContext } from '../../../support/check-context.js';

const context = checkContext(new SimulatedCloud());

describe('Function: customCheck', () => {
  test('gives what the function gives', async () => {
    const result = { outcome: 'inconclusive', detail: 'nobody ordered anything' } as const;
    const check = customCheck('orders', async () => result);

    expect(await check.evaluate(context)).toBe(result);
    expect(check).toMatchObject({ name: 'orders', dryRun: false });
  });

  test('takes true for a pass and false for a failure', async () => {
    expect(await customCheck('yes', () => true).evaluate(context)).toEqual({
      outcome: 'pass',
      detail: 'yes: true',
    });
    expect(await customCheck('no', async () => false).evaluate(context)).toEqual({
      outcome: 'fail',
      detail: 'no: false',
    });
  });

  test('hands the context on, and lets errors through', async () => {
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
  ])('refuses %s', (_case, name, evaluate) => {
    expect(() => customCheck(name, evaluate)).toThrowError('Invalid customCheck');
  });
});
