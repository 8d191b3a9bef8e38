import { describe, expect, test } from 'vitest';
import { describeError } from '../../../src/core/describe-error.js';

describe('Function: describeError', () => {
  test('describes the parts of an aggregate error', () => {
    const error = new AggregateError([new Error('IPv4 refused'), new Error('IPv6 refused')], '');

    expect(describeError(error).causes).toEqual(['Error: IPv4 refused', 'Error: IPv6 refused']);
  });

  test('ends at a circular chain of causes', () => {
    const error = new Error('the hen');
    error.cause = new Error('the egg', { cause: error });

    expect(describeError(error).causes).toEqual(['Error: the egg']);
  });

  test('truncates a long chain of causes', () => {
    let error = new Error('0');
    for (let number = 1; number < 30; number += 1) error = new Error(String(number), { cause: error });

    expect(describeError(error).causes).toHaveLength(10);
  });

  test('removes the signature of a signed URL', () => {
    const url = 'https://bucket/key?X-Amz-Credential=AKIA%2Fx&X-Amz-Expires=60&X-Amz-Signature=deadbeef';

    const described = JSON.stringify(describeError(new Error(`GET ${url} failed`)));

    expect(described).toContain('X-Amz-Expires=60&X-Amz-Signature=… failed');
    expect(described).not.toMatch(/AKIA|deadbeef/);
  });

  test('shows no other property of an error', () => {
    const error = Object.assign(new Error('refused'), { $response: { headers: { 'x-api-key': 'hush' } } });

    expect(JSON.stringify(describeError(error))).not.toContain('hush');
  });

  test('describes an error without a stack', () => {
    const error = new Error('refused');
    delete error.stack;

    expect(describeError(error)).toEqual({ error: 'Error: refused' });
  });

  test.each([
    [null, 'null'],
    [Symbol('stop'), 'Symbol(stop)'],
    [Object.create(null), '[object Object]'],
  ])('describes a thrown value that is not an error: %o', (thrown, error) => {
    expect(describeError(thrown)).toEqual({ error });
  });
});
