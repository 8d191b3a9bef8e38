import { DescribeStateMachineAliasCommand } from '@aws-sdk/client-sfn';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  StepFunctionsAliasTarget,
  type StepFunctionsAliasTargetOptions,
} from '../../src/traffic/step-functions/index.js';
import { type Backend, openBackend } from '../support/backend.js';
import { seedStateMachineAlias } from './seed/step-functions.js';

let backend: Backend;
let stateMachineArn: string;
let aliasArn: string;

beforeEach(async () => {
  backend = await openBackend();
  ({ stateMachineArn, aliasArn } = await seedStateMachineAlias(backend, { name: 'orders', alias: 'live' }));
});

function createTarget(options: Partial<StepFunctionsAliasTargetOptions> = {}) {
  return new StepFunctionsAliasTarget({
    stateMachineAliasArn: aliasArn,
    blue: { stateMachineVersionArn: `${stateMachineArn}:1` },
    green: { stateMachineVersionArn: `${stateMachineArn}:2` },
    clients: backend.clients,
    clock: backend.clock,
    ...options,
  } as StepFunctionsAliasTargetOptions);
}

describe('StepFunctionsAliasTarget', () => {
  test('moves an alias from one version to the other', async () => {
    const target = createTarget();
    expect(await target.readWeights()).toEqual({ blue: 100, green: 0 });

    await target.writeWeights({ blue: 90, green: 10 });
    expect(await target.readWeights()).toEqual({ blue: 90, green: 10 });
    await target.writeWeights({ blue: 0, green: 100 });

    expect(await target.readWeights()).toEqual({ blue: 0, green: 100 });
    const { routingConfiguration } = await backend.clients.stepFunctions.send(
      new DescribeStateMachineAliasCommand({ stateMachineAliasArn: aliasArn }),
    );
    expect(routingConfiguration).toEqual([
      { stateMachineVersionArn: `${stateMachineArn}:1`, weight: 0 },
      { stateMachineVersionArn: `${stateMachineArn}:2`, weight: 100 },
    ]);
  });

  test('throws ResourceStateError for another version', async () => {
    const target = createTarget({ blue: { stateMachineVersionArn: `${stateMachineArn}:3` } });

    await expect(target.readWeights()).rejects.toMatchObject({ name: 'ResourceStateError' });
  });

  test('throws ResourceNotFoundError for an alias that does not exist', async () => {
    const target = createTarget({ stateMachineAliasArn: `${stateMachineArn}:gone` });

    await expect(target.readWeights()).rejects.toMatchObject({ name: 'ResourceNotFoundError' });
  });
});
