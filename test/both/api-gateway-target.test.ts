import { beforeEach, describe, expect, test } from 'vitest';
import { ResourceNotFoundError, ResourceStateError } from '../../src/core/errors.js';
import { ApiGatewayCanaryTarget } from '../../src/traffic/api-gateway/index.js';
import { type Backend, openBackend } from '../support/backend.js';
import { seedStage } from './seed/api-gateway.js';

let backend: Backend;

beforeEach(async () => {
  backend = await openBackend();
});

async function makeTarget(changes: { readonly stageName?: string; readonly deploymentId?: string } = {}) {
  const { restApiId, stageName, own, second } = await seedStage(backend);
  return new ApiGatewayCanaryTarget({
    restApiId,
    stageName: changes.stageName ?? stageName,
    blue: { deploymentId: changes.deploymentId ?? own },
    green: { deploymentId: second },
    clients: backend.clients,
    clock: backend.clock,
  });
}

// moto knows no canary: `unsupported-by-moto.ts`.
describe('ApiGatewayCanaryTarget', () => {
  test('returns all the traffic for the deployment of a stage without a canary', async () => {
    expect(await (await makeTarget()).readWeights()).toEqual({ blue: 100, green: 0 });
  });

  test('throws ResourceStateError for another deployment', async () => {
    const target = await makeTarget({ deploymentId: 'other3' });

    await expect(target.readWeights()).rejects.toThrowError(ResourceStateError);
  });

  test('throws ResourceNotFoundError for a missing stage', async () => {
    const target = await makeTarget({ stageName: 'gone' });

    await expect(target.readWeights()).rejects.toThrowError(ResourceNotFoundError);
  });
});
