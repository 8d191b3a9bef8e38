import {
  GetStageCommand,
  NotFoundException,
  type PatchOperation,
  UpdateStageCommand,
} from '@aws-sdk/client-api-gateway';
import { beforeEach, describe, expect, test } from 'vitest';
import { SimulatedCloud } from '../../../../../src/testing/index.js';

const name = { restApiId: 'api', stageName: 'dev' };
let cloud: SimulatedCloud;

beforeEach(() => {
  cloud = new SimulatedCloud();
  cloud.apiGateway.addStage({
    ...name,
    deployments: ['1', '2'],
    deploymentId: '1',
    variables: { testVar: 'default' },
  });
});

const update = (...patchOperations: PatchOperation[]) =>
  cloud.clients.apiGateway.send(new UpdateStageCommand({ ...name, patchOperations }));
const replace = (path: string, value: string): PatchOperation => ({ op: 'replace', path, value });

// Observed on AWS: https://github.com/localstack/localstack/blob/main/tests/aws/services/apigateway/test_apigateway_canary.py
describe('Class: SimulatedApiGateway', () => {
  test('creates a canary without traffic for its deployment', async () => {
    await update(replace('/canarySettings/deploymentId', '2'));

    expect(await cloud.clients.apiGateway.send(new GetStageCommand(name))).toMatchObject({
      deploymentId: '1',
      variables: { testVar: 'default' },
      canarySettings: { deploymentId: '2', percentTraffic: 0, useStageCache: false },
    });
  });

  test('creates a canary with the deployment of the stage for its share', async () => {
    await update(replace('/canarySettings/percentTraffic', '50'));

    expect(cloud.apiGateway.stage(name).canarySettings).toMatchObject({
      deploymentId: '1',
      percentTraffic: 50,
    });
  });

  test.each<readonly [string, PatchOperation]>([
    ['an added deployment', { op: 'add', path: '/canarySettings/deploymentId', value: '2' }],
    ['an unknown deployment', replace('/canarySettings/deploymentId', 'deploy')],
    ['an unknown field', replace('/canarySettings/badPath', 'badPath')],
    ['removed overrides', { op: 'remove', path: '/canarySettings/stageVariableOverrides' }],
    ['a copy without a canary', { op: 'copy', from: '/canarySettings/deploymentId', path: '/deploymentId' }],
    ['a copy to the canary', { op: 'copy', from: '/deploymentId', path: '/canarySettings/deploymentId' }],
  ])('throws BadRequestException for %s, and changes nothing', async (_, operation) => {
    const before = cloud.apiGateway.stage(name);

    await expect(update(replace('/variables/other', 'value'), operation)).rejects.toMatchObject({
      name: 'BadRequestException',
    });

    expect(cloud.apiGateway.stage(name)).toEqual(before);
  });

  test('throws NotFoundException for a missing stage', async () => {
    const missing = new GetStageCommand({ ...name, stageName: 'gone' });

    await expect(cloud.clients.apiGateway.send(missing)).rejects.toThrowError(NotFoundException);
  });
});
