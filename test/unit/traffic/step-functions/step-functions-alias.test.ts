import { beforeEach, describe, expect, test } from 'vitest';
import { ResourceStateError } from '../../../../src/core/errors.js';
import { classifyFailure } from '../../../../src/core/failures.js';
import {
  SimulatedCloud,
  type SimulatedStateMachine,
  type SimulatedStateMachineAlias,
} from '../../../../src/testing/index.js';
import {
  StepFunctionsAliasTarget,
  type StepFunctionsAliasTargetOptions,
} from '../../../../src/traffic/step-functions/index.js';
import { canary } from '../../../../src/traffic/strategies/canary.js';
import { TrafficShifter } from '../../../../src/traffic/traffic-shifter.js';

let cloud: SimulatedCloud;
let machine: SimulatedStateMachine;
let alias: SimulatedStateMachineAlias;

beforeEach(() => arrange(new SimulatedCloud()));

function arrange(given: SimulatedCloud) {
  cloud = given;
  machine = cloud.stepFunctions.addStateMachine({ name: 'orders', versions: ['10', '11', '12'] });
  alias = cloud.stepFunctions.addAlias({
    stateMachine: machine,
    name: 'live',
    weights: { '11': 100 },
    description: 'Started by the shop',
  });
}

const version = (number: string) => `${machine.arn}:${number}`;

function makeTarget(options: Partial<StepFunctionsAliasTargetOptions> = {}) {
  return new StepFunctionsAliasTarget({
    stateMachineAliasArn: alias.arn,
    blue: { stateMachineVersionArn: version('11') },
    green: { stateMachineVersionArn: version('12') },
    clients: cloud.clients,
    clock: cloud.clock,
    ...options,
  } as StepFunctionsAliasTargetOptions);
}

describe('Class: StepFunctionsAliasTarget', () => {
  describe('constructor', () => {
    test('throws InvalidInputError for the version of another state machine', () => {
      const green = { stateMachineVersionArn: version('12').replace('orders', 'payments') };

      expect(() => makeTarget({ green })).toThrowError(
        /green\.stateMachineVersionArn: expected a version of arn:.*:orders, the state machine of the alias, got/,
      );
    });

    test.each([
      ['an alias in place of a version', { green: { stateMachineVersionArn: 'ALIAS' } }],
      ['a state machine in place of a version', { green: { stateMachineVersionArn: 'MACHINE' } }],
      ['a state machine in place of an alias', { stateMachineAliasArn: 'MACHINE' }],
    ])('throws InvalidInputError for %s', (_, options) => {
      const text = JSON.stringify(options).replace('ALIAS', alias.arn).replace('MACHINE', machine.arn);

      expect(() => makeTarget(JSON.parse(text))).toThrowError(/expected the ARN of (a version|an alias)/);
    });
  });

  describe('Method: writeWeights', () => {
    test('writes whole weights that are 100 together, and keeps the description', async () => {
      const target = makeTarget();

      await target.writeWeights({ blue: 66.6, green: 33.4 });

      expect(alias.routingConfiguration).toEqual([
        { stateMachineVersionArn: version('11'), weight: 67 },
        { stateMachineVersionArn: version('12'), weight: 33 },
      ]);
      expect(alias.description).toBe('Started by the shop');
      expect(cloud.calls.at(-1)?.input).not.toHaveProperty('description');
    });

    test('adds no version without traffic, and keeps one whose traffic ends', async () => {
      const target = makeTarget();
      await target.writeWeights({ blue: 100, green: 0 });
      expect(alias.routingConfiguration).toEqual([{ stateMachineVersionArn: version('11'), weight: 100 }]);

      await target.writeWeights({ blue: 0, green: 100 });

      expect(alias.routingConfiguration).toEqual([
        { stateMachineVersionArn: version('11'), weight: 0 },
        { stateMachineVersionArn: version('12'), weight: 100 },
      ]);
    });

    test('removes the version of an earlier release, so that one release follows the other', async () => {
      await makeTarget().writeWeights({ blue: 0, green: 100 });
      machine.versions.push('13');
      const next = makeTarget({
        blue: { stateMachineVersionArn: version('12') },
        green: { stateMachineVersionArn: version('13') },
      });

      const { outcome } = await new TrafficShifter({ target: next, clock: cloud.clock }).shiftTo(
        'green',
        canary({ percent: 10, holdSeconds: 60 }),
      );

      expect(outcome).toBe('succeeded');
      expect(alias.routingConfiguration).toEqual([
        { stateMachineVersionArn: version('12'), weight: 0 },
        { stateMachineVersionArn: version('13'), weight: 100 },
      ]);
    });

    test('starts executions with the weights some seconds later', async () => {
      await makeTarget().writeWeights({ blue: 0, green: 100 });
      expect(cloud.stepFunctions.liveSplit(alias.arn)).toEqual({ [version('11')]: 100 });

      await cloud.clock.sleep(5000);

      expect(cloud.stepFunctions.liveSplit(alias.arn)).toEqual({ [version('11')]: 0, [version('12')]: 100 });
    });

    test('throws a passing error while another update of the alias is in progress', async () => {
      cloud.stepFunctions.isChanging = true;
      const target = makeTarget();

      const error = await target.writeWeights({ blue: 50, green: 50 }).catch((it: unknown) => it);

      expect(error).toMatchObject({ name: 'ConflictException' });
      expect(classifyFailure(error)).toBe('passing');
      cloud.stepFunctions.isChanging = false;
      await target.writeWeights({ blue: 50, green: 50 });
      expect(await target.readWeights()).toEqual({ blue: 50, green: 50 });
    });

    test('throws ResourceNotFoundError for a version that was deleted', async () => {
      machine.versions.splice(machine.versions.indexOf('12'), 1);

      await expect(makeTarget().writeWeights({ blue: 50, green: 50 })).rejects.toMatchObject({
        name: 'ResourceNotFoundError',
      });
    });
  });

  describe('Method: readWeights', () => {
    test.each([1, 100])('throws ResourceStateError for another version with %d %%', async (weight) => {
      alias.routingConfiguration = [
        { stateMachineVersionArn: version('10'), weight },
        { stateMachineVersionArn: version('11'), weight: 100 - weight },
      ];

      await expect(makeTarget().readWeights()).rejects.toThrowError(ResourceStateError);
    });

    test('reads no weight for another version without traffic', async () => {
      alias.routingConfiguration = [
        { stateMachineVersionArn: version('10'), weight: 0 },
        { stateMachineVersionArn: version('11'), weight: 100 },
      ];

      expect(await makeTarget().readWeights()).toEqual({ blue: 100, green: 0 });
    });

    test('throws ResourceNotFoundError for an alias that does not exist', async () => {
      const stateMachineAliasArn = `${machine.arn}:gone`;

      await expect(makeTarget({ stateMachineAliasArn }).readWeights()).rejects.toMatchObject({
        name: 'ResourceNotFoundError',
        resource: stateMachineAliasArn,
      });
    });

    test.each(['aws-cn', 'aws-us-gov'] as const)('reads an alias of the partition %s', async (partition) => {
      arrange(new SimulatedCloud({ partition }));

      await makeTarget().writeWeights({ blue: 50, green: 50 });

      expect(await makeTarget().readWeights()).toEqual({ blue: 50, green: 50 });
      expect(alias.arn).toMatch(new RegExp(`^arn:${partition}:states:`));
    });
  });

  describe('Method: readHealth', () => {
    test('returns 1 of 1 for an active state machine, and 0 of 1 while it is being deleted', async () => {
      expect(await makeTarget().readHealth('green')).toEqual({ healthy: 1, total: 1 });

      machine.status = 'DELETING';

      expect(await makeTarget().readHealth('green')).toEqual({
        healthy: 0,
        total: 1,
        detail: 'the state machine is DELETING',
      });
    });

    test('throws ResourceNotFoundError for a version that does not exist', async () => {
      const green = { stateMachineVersionArn: version('99') };

      await expect(makeTarget({ green }).readHealth('green')).rejects.toMatchObject({
        name: 'ResourceNotFoundError',
        resource: version('99'),
      });
    });
  });
});
