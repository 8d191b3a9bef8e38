import { GetAliasCommand } from '@aws-sdk/client-lambda';
import { beforeEach, describe, expect, test } from 'vitest';
import { LambdaAliasTarget, type LambdaAliasTargetOptions } from '../../src/traffic/targets/lambda-alias.js';
import { type Backend, openBackend } from '../support/backend.js';
import { seedFunction, seedSecondVersion } from './seed/lambda.js';

let backend: Backend;

beforeEach(async () => {
  backend = await openBackend();
  await seedFunction(backend, 'orders', 'live');
  await seedSecondVersion(backend, 'orders');
});

function createTarget(options: Partial<LambdaAliasTargetOptions> = {}) {
  return new LambdaAliasTarget({
    functionName: 'orders',
    aliasName: 'live',
    blue: { version: '1' },
    green: { version: '2' },
    clients: backend.clients,
    clock: backend.clock,
    ...options,
  } as LambdaAliasTargetOptions);
}

async function liveAlias() {
  const { FunctionVersion, RoutingConfig } = await backend.clients.lambda.send(
    new GetAliasCommand({ FunctionName: 'orders', Name: 'live' }),
  );
  return { FunctionVersion, weights: RoutingConfig?.AdditionalVersionWeights ?? {} };
}

describe('LambdaAliasTarget', () => {
  test('moves an alias from one version to the other', async () => {
    const target = createTarget();
    expect(await target.readWeights()).toEqual({ blue: 100, green: 0 });

    await target.writeWeights({ blue: 90, green: 10 });
    expect(await target.readWeights()).toEqual({ blue: 90, green: 10 });
    expect(await liveAlias()).toEqual({ FunctionVersion: '1', weights: { '2': 0.1 } });

    await target.writeWeights({ blue: 0, green: 100 });
    expect(await target.readWeights()).toEqual({ blue: 0, green: 100 });
    expect(await liveAlias()).toEqual({ FunctionVersion: '2', weights: {} });
  });

  test.each([
    ['a function', { functionName: 'gone' }],
    ['an alias', { aliasName: 'gone' }],
  ])('throws ResourceNotFoundError for %s that does not exist', async (_, options) => {
    await expect(createTarget(options).readWeights()).rejects.toMatchObject({
      name: 'ResourceNotFoundError',
      cause: expect.objectContaining({ name: 'ResourceNotFoundException' }),
    });
  });

  test('throws ResourceNotFoundError for a version that does not exist', async () => {
    await expect(createTarget({ green: { version: '99' } }).readHealth('green')).rejects.toMatchObject({
      name: 'ResourceNotFoundError',
      cause: expect.objectContaining({ name: 'ResourceNotFoundException' }),
    });
  });

  test('reports a published version as ready', async () => {
    expect(await createTarget().readHealth('green')).toEqual({ healthy: 1, total: 1 });
  });
});
