import { UpdateStateMachineAliasCommand } from '@aws-sdk/client-sfn';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  SimulatedCloud,
  type SimulatedStateMachine,
  type SimulatedStateMachineAlias,
} from '../../../../../src/testing/index.js';

let cloud: SimulatedCloud;
let stateMachine: SimulatedStateMachine;
let alias: SimulatedStateMachineAlias;

beforeEach(() => {
  cloud = new SimulatedCloud();
  stateMachine = cloud.stepFunctions.addStateMachine({ name: 'orders', versions: ['1', '2'] });
  alias = cloud.stepFunctions.addAlias({ stateMachine, name: 'live', weights: { '1': 100 } });
});

const update = (weights: Readonly<Record<string, number>> | undefined, description?: string) =>
  cloud.clients.stepFunctions.send(
    new UpdateStateMachineAliasCommand({
      stateMachineAliasArn: alias.arn,
      ...(description !== undefined && { description }),
      ...(weights && {
        routingConfiguration: Object.entries(weights).map(([version, weight]) => ({
          stateMachineVersionArn: `${stateMachine.arn}:${version}`,
          weight,
        })),
      }),
    }),
  );

describe('Class: SimulatedStepFunctions', () => {
  test.each([
    ['weights that are not 100 together', { '1': 90, '2': 11 }, 'ValidationException'],
    ['a fraction', { '1': 90.5, '2': 9.5 }, 'ValidationException'],
    ['a version that is not published', { '1': 90, '3': 10 }, 'ResourceNotFound'],
    ['nothing to change', undefined, 'ValidationException'],
  ])('refuses %s', async (_, weights, name) => {
    await expect(update(weights)).rejects.toMatchObject({ name });

    expect(alias.routingConfiguration).toHaveLength(1);
  });

  test('keeps what is left out', async () => {
    await update(undefined, 'Started by the shop');
    await update({ '1': 0, '2': 100 });

    expect(alias).toMatchObject({
      description: 'Started by the shop',
      routingConfiguration: [{ weight: 0 }, { weight: 100 }],
    });
  });

  test('refuses updates of a state machine that is being deleted, and during another update', async () => {
    cloud.stepFunctions.isChanging = true;
    await expect(update({ '2': 100 })).rejects.toMatchObject({ name: 'ConflictException' });
    stateMachine.status = 'DELETING';

    await expect(update({ '2': 100 })).rejects.toMatchObject({ name: 'StateMachineDeleting' });
  });

  test('uses the previous weights for some seconds', async () => {
    await update({ '2': 100 });
    expect(cloud.stepFunctions.liveSplit(alias.arn)).toEqual({ [`${stateMachine.arn}:1`]: 100 });

    await cloud.clock.sleep(3000);

    expect(cloud.stepFunctions.liveSplit(alias.arn)).toEqual({ [`${stateMachine.arn}:2`]: 100 });
  });
});
