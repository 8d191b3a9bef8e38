import { describe, expect, test } from 'vitest';
import { ResourceNotFoundError } from '../../../src/core/errors.js';
import { requireFound, unlessMissing } from '../../../src/core/not-found.js';

const awsError = (name: string) => Object.assign(new Error('AWS said no'), { name });

describe('unlessMissing', () => {
  test('returns the response, or undefined after an error with one of the names', async () => {
    await expect(unlessMissing(Promise.resolve('found'), 'NotFound')).resolves.toBe('found');
    await expect(
      unlessMissing(Promise.reject(awsError('Gone')), 'NotFound', 'Gone'),
    ).resolves.toBeUndefined();
  });

  test('throws any other error unchanged', async () => {
    const error = awsError('Throttling');

    await expect(unlessMissing(Promise.reject(error), 'NotFound')).rejects.toBe(error);
  });
});

describe('requireFound', () => {
  const candidates = [
    { errorName: 'NoCluster', kind: 'Cluster', resource: 'shop', remedy: 'Check its name' },
    { errorName: 'NoService', kind: 'Service', resource: 'web', remedy: 'Create it' },
  ];

  test('throws ResourceNotFoundError with the remedy of the missing resource', async () => {
    const cause = awsError('NoService');
    const thrown: unknown = await requireFound(candidates, () => Promise.reject(cause)).catch((it) => it);

    expect(thrown).toBeInstanceOf(ResourceNotFoundError);
    expect(thrown).toMatchObject({
      message: 'Service web not found. Create it',
      resource: 'web',
      remedy: 'Create it',
      cause,
    });
  });

  test('throws any other error unchanged', async () => {
    const error = awsError('Throttling');

    await expect(requireFound(candidates, () => Promise.reject(error))).rejects.toBe(error);
  });
});
