import { beforeEach, describe, expect, test } from 'vitest';
import { InvalidInputError, ResourceNotFoundError, ResourceStateError } from '../../../../src/core/errors.js';
import { SimulatedCrash } from '../../../../src/testing/cloud/faults.js';
import { SimulatedCloud } from '../../../../src/testing/index.js';
import {
  ApiGatewayCanaryTarget,
  type ApiGatewayCanaryTargetOptions,
} from '../../../../src/traffic/api-gateway/index.js';
import { type Check, type ShiftState, steps, TrafficShifter } from '../../../../src/traffic/index.js';
import { hostileValues } from '../../../support/hostile-values.js';

const name = { restApiId: 'a1b2c3d4e5', stageName: 'prod' };
const deployments = ['blue1', 'green2', 'other3'];
const ofBlue = { backend: 'orders-blue' };
const ofGreen = { backend: 'orders-green' };
const strategy = steps([
  { percent: 10, holdSeconds: 60 },
  { percent: 100, holdSeconds: 60 },
]);
const failsAtEnd: Check = {
  name: 'health',
  evaluate: async ({ weights }) => ({ outcome: weights.green === 100 ? 'fail' : 'pass', detail: 'measured' }),
};

let cloud: SimulatedCloud;

beforeEach(() => {
  cloud = new SimulatedCloud();
});

function arrange() {
  cloud.apiGateway.addStage({
    ...name,
    deployments,
    deploymentId: 'blue1',
    variables: { ...ofBlue, shared: 'both' },
    description: 'What the shop calls',
  });
  return makeTarget();
}

function makeTarget(changes: Partial<ApiGatewayCanaryTargetOptions> = {}) {
  return new ApiGatewayCanaryTarget({
    ...name,
    blue: { deploymentId: 'blue1', variables: ofBlue },
    green: { deploymentId: 'green2', variables: ofGreen },
    clients: cloud.clients,
    clock: cloud.clock,
    ...changes,
  } as ApiGatewayCanaryTargetOptions);
}

const stage = () => cloud.apiGateway.stage(name);
const promoted = (deploymentId: string, variables: object) => ({
  deploymentId,
  variables: { ...variables, shared: 'both' },
  canarySettings: undefined,
});

describe('Class: ApiGatewayCanaryTarget', () => {
  describe('Method: constructor', () => {
    const stacks = { blue: { deploymentId: 'blue1' }, green: { deploymentId: 'green2' } };

    test.each<readonly [string, unknown]>([
      ...hostileValues,
      ['the same deployment in both stacks', { ...name, ...stacks, green: stacks.blue }],
      [
        'variables of one stack alone',
        { ...name, ...stacks, green: { deploymentId: 'green2', variables: ofGreen } },
      ],
      [
        'a variable that is no name',
        { ...name, ...stacks, blue: { deploymentId: 'b', variables: { 'a/b': '' } } },
      ],
      ['an unknown option', { ...name, ...stacks, stage: 'prod' }],
    ])('throws InvalidInputError for %s', (_, options) => {
      expect(() => new ApiGatewayCanaryTarget(options as never)).toThrowError(InvalidInputError);
    });
  });

  describe('Method: readWeights', () => {
    test('throws ResourceNotFoundError for a missing stage', async () => {
      await expect(makeTarget().readWeights()).rejects.toThrowError(ResourceNotFoundError);
    });

    test.each([
      ['another deployment of the stage', { deploymentId: 'other3' }],
      [
        'another deployment of the canary',
        { canarySettings: { deploymentId: 'other3', percentTraffic: 10 } },
      ],
      [
        'a variable that only the canary has',
        {
          canarySettings: {
            deploymentId: 'green2',
            percentTraffic: 10,
            stageVariableOverrides: { other: 'one' },
          },
        },
      ],
      [
        'a variable of a canary with the deployment of the stage itself',
        {
          canarySettings: {
            deploymentId: 'blue1',
            percentTraffic: 20,
            stageVariableOverrides: { shared: 'green' },
          },
        },
      ],
      [
        'another value in a canary with the deployment of the stage itself',
        { canarySettings: { percentTraffic: 0, stageVariableOverrides: ofGreen } },
      ],
    ])('throws ResourceStateError for %s, and begins no shift', async (_, changes) => {
      const target = arrange();
      cloud.apiGateway.changeStage(name, changes);
      const before = stage();
      const shifter = new TrafficShifter({ target, clock: cloud.clock });

      await expect(shifter.shiftTo('green', strategy)).rejects.toThrowError(ResourceStateError);
      expect(stage()).toEqual(before);
      await expect(target.readWeights()).rejects.toThrowError(ResourceStateError);
    });

    test('returns 0 % for a canary with the deployment of the stage itself, whatever its share is', async () => {
      const target = arrange();
      cloud.apiGateway.changeStage(name, { canarySettings: { deploymentId: 'blue1', percentTraffic: 40 } });

      expect(await target.readWeights()).toEqual({ blue: 100, green: 0 });
    });
  });

  describe('Method: writeWeights', () => {
    test('keeps a stage cache that the canary uses', async () => {
      const target = arrange();
      const canarySettings = { deploymentId: 'green2', percentTraffic: 0, useStageCache: true };
      cloud.apiGateway.changeStage(name, { canarySettings });

      await target.writeWeights({ blue: 90, green: 10 });

      expect(stage().canarySettings).toEqual({
        deploymentId: 'green2',
        percentTraffic: 10,
        useStageCache: true,
        stageVariableOverrides: ofGreen,
      });
    });

    test('promotes at 100 %, and promotes the previous stack back', async () => {
      const target = arrange();
      const before = promoted('blue1', ofBlue);

      await target.writeWeights({ blue: 0, green: 100 });
      expect(stage()).toMatchObject(promoted('green2', ofGreen));
      await target.writeWeights({ blue: 30, green: 70 });
      expect(stage()).toMatchObject({ deploymentId: 'green2', canarySettings: { percentTraffic: 30 } });
      await target.writeWeights({ blue: 100, green: 0 });

      expect(stage()).toMatchObject(before);
    });
  });

  describe('Method: readSetup', () => {
    test('throws ResourceStateError before a shift when the stage has other values than its stack', async () => {
      const target = arrange();
      cloud.apiGateway.changeStage(name, { variables: { backend: 'orders-old', shared: 'both' } });
      const shifter = new TrafficShifter({ target, clock: cloud.clock });

      await expect(shifter.begin({ incoming: 'green', strategy })).rejects.toMatchObject({
        name: 'ResourceStateError',
        expected: 'the values of blue.variables',
        actual: 'other values of backend',
      });
      expect(stage()).toMatchObject(promoted('blue1', { backend: 'orders-old' }));
    });

    test('rolls back although a variable of the stage was changed during the shift', async () => {
      const target = arrange();
      const shifter = new TrafficShifter({ target, clock: cloud.clock });
      let state = await shifter.begin({ incoming: 'green', strategy });
      ({ state } = await shifter.advance(state));
      cloud.apiGateway.changeStage(name, { variables: { backend: 'orders-old', shared: 'both' } });

      const { outcome } = await shifter.rollBack(state, 'by hand');

      expect(outcome).toBe('rolledBack');
      expect(stage()).toMatchObject(promoted('blue1', { backend: 'orders-old' }));
    });
  });

  describe('in a shift', () => {
    async function drive(checks: readonly Check[]) {
      const shifter = () => new TrafficShifter({ target: makeTarget(), clock: cloud.clock, checks });
      let state: ShiftState | undefined;
      let outcome: string | undefined;
      let crashes = 0;
      while (outcome === undefined) {
        try {
          if (state === undefined) {
            state = await shifter().begin({ incoming: 'green', strategy });
            continue;
          }
          const stored: ShiftState = JSON.parse(JSON.stringify(state));
          const progress = await shifter().advance(stored);
          ({ state, outcome } = progress);
          await cloud.clock.sleep(progress.waitSeconds * 1000);
        } catch (error) {
          if (!(error instanceof SimulatedCrash)) throw error;
          crashes += 1;
          cloud.restart();
        }
      }
      return { outcome, crashes, calls: cloud.calls.length };
    }

    test.each([
      ['succeeded', [], promoted('green2', ofGreen)],
      ['rolledBack', [failsAtEnd], promoted('blue1', ofBlue)],
    ] as const)('%s leaves no canary, wherever the process stops', async (ending, checks, after) => {
      arrange();
      const undisturbed = await drive(checks);
      expect(undisturbed.outcome).toBe(ending);
      expect(stage()).toMatchObject(after);

      for (const kind of ['crashBefore', 'crashAfter'] as const) {
        for (let atCall = 1; atCall <= undisturbed.calls; atCall += 1) {
          cloud = new SimulatedCloud();
          arrange();
          cloud.injectFault({ kind, atCall });
          const { outcome, crashes } = await drive(checks);
          expect([kind, atCall, outcome, crashes]).toEqual([kind, atCall, ending, 1]);
          expect(stage()).toMatchObject(after);
        }
      }
    });

    test('never sends more traffic to the outgoing stack while it promotes', async () => {
      const target = arrange();
      await target.writeWeights({ blue: 50, green: 50 });
      for (let atCall = 1; atCall <= 3; atCall += 1) {
        cloud.injectFault({ kind: 'accessDenied', action: 'apigateway:PATCH', atCall, times: 10 });
        await target.writeWeights({ blue: 0, green: 100 }).catch(() => undefined);
        cloud.clearFaults();

        const { green } = await target.readWeights();
        expect(green).toBe(atCall === 1 ? 50 : 100);
      }
    });
  });
});
