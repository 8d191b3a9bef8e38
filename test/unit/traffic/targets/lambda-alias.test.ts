import { beforeEach, describe, expect, test, vi } from 'vitest';
import {
  InvalidInputError,
  ResourceStateError,
  UnexpectedResponseError,
} from '../../../../src/core/errors.js';
import { SimulatedCloud } from '../../../../src/testing/index.js';
import {
  LambdaAliasTarget,
  type LambdaAliasTargetOptions,
} from '../../../../src/traffic/targets/lambda-alias.js';

let cloud: SimulatedCloud;

beforeEach(() => {
  cloud = new SimulatedCloud();
  cloud.lambda.addFunction({ name: 'orders', versions: ['10', '11', '12'] });
  cloud.lambda.addAlias({ functionName: 'orders', name: 'live', version: '11', description: 'in use' });
});

function makeTarget(options: Partial<LambdaAliasTargetOptions> = {}) {
  return new LambdaAliasTarget({
    functionName: 'orders',
    aliasName: 'live',
    blue: { version: '11' },
    green: { version: '12' },
    clients: cloud.clients,
    ...options,
  } as LambdaAliasTargetOptions);
}

const alias = () => cloud.lambda.alias('orders', 'live');
const change = (version: string, additionalVersionWeights: Record<string, number> = {}) =>
  cloud.lambda.updateAlias({ functionName: 'orders', name: 'live', version, additionalVersionWeights });
const updates = () => cloud.calls.filter(({ action }) => action === 'lambda:UpdateAlias');

describe('Class: LambdaAliasTarget', () => {
  describe('constructor', () => {
    test('names every wrong option', () => {
      const make = () => makeTarget({ functionName: ' ', green: { version: '$LATEST' } });

      expect(make).toThrowError(InvalidInputError);
      expect(make).toThrowError(/green\.version: expected a published version, such as '12'/);
      expect(make).toThrowError(/functionName/);
    });

    test('refuses one version as both stacks', () => {
      expect(() => makeTarget({ green: { version: '11' } })).toThrowError(InvalidInputError);
    });
  });

  describe('Method: readWeights', () => {
    test.each<[string, string, Record<string, number>, number]>([
      ['one version alone', '11', {}, 0],
      ['the other alone', '12', {}, 100],
      ['a share for the other', '11', { '12': 0.07 }, 7],
      ["a share for the alias's partner", '12', { '11': 0.07 }, 93],
      ['a share of nothing', '11', { '12': 0 }, 0],
      ['a share of everything', '11', { '12': 1 }, 100],
    ])('reads %s', async (_, version, weights, green) => {
      change(version, weights);

      expect(await makeTarget().readWeights()).toEqual({ blue: 100 - green, green });
    });

    test.each<[string, string, Record<string, number>]>([
      ['instead of the pair', '10', {}],
      ['beside one of the pair', '11', { '10': 0.5 }],
      ["as the alias's own", '10', { '12': 0.5 }],
      ['without any traffic', '11', { '10': 0 }],
      ['that is not published', '$LATEST', {}],
    ])('refuses another version %s', async (_, version, weights) => {
      change(version, weights);

      await expect(makeTarget().readWeights()).rejects.toThrowError(
        /expected the versions 11 and 12 alone, got version /,
      );
    });

    test('guesses nothing when the answer is incomplete', async () => {
      vi.spyOn(cloud.clients.lambda, 'send').mockImplementation(async () => ({}));

      await expect(makeTarget().readWeights()).rejects.toThrowError(UnexpectedResponseError);
    });
  });

  describe('Method: writeWeights', () => {
    test("keeps the alias's own version as long as it has any traffic", async () => {
      const target = makeTarget();

      for (const green of [10, 90, 99.99]) {
        await target.writeWeights({ blue: 100 - green, green });
        expect(alias()).toMatchObject({
          version: '11',
          additionalVersionWeights: { '12': expect.closeTo(green / 100, 9) },
        });
      }
      await target.writeWeights({ blue: 0, green: 100 });
      expect(alias()).toMatchObject({ version: '12', additionalVersionWeights: {} });
      await target.writeWeights({ blue: 30, green: 70 });
      expect(alias()).toMatchObject({ version: '12', additionalVersionWeights: { '11': 0.3 } });
      expect(alias().description).toBe('in use');
    });

    test('takes the routing configuration away on the way back', async () => {
      const target = makeTarget();
      await target.writeWeights({ blue: 50, green: 50 });

      await target.writeWeights({ blue: 100, green: 0 });

      expect(alias()).toMatchObject({ version: '11', additionalVersionWeights: {} });
    });

    test('leaves everything as it is when the weights are the wanted ones already', async () => {
      change('11', { '12': 0.25 });
      const { revisionId: _before, ...rest } = alias();

      await makeTarget().writeWeights({ blue: 75, green: 25 });

      expect(alias()).toMatchObject(rest);
    });

    test.each([1, 2])('never takes %i old answers for a write', async (times) => {
      const target = makeTarget();
      await target.readWeights();
      change('11', { '12': 0.1 });
      cloud.injectFault({ kind: 'staleRead', action: 'lambda:GetAlias', times });

      const writing = target.writeWeights({ blue: 100, green: 0 });

      await expect(writing).rejects.toThrowError(/The alias was changed after it was read/);
    });

    test('is refused when somebody else has changed the alias since it was read', async () => {
      const target = makeTarget();
      await target.readWeights();
      change('11', { '12': 0.4 });

      const writing = target.writeWeights({ blue: 90, green: 10 });

      await expect(writing).rejects.toThrowError(ResourceStateError);
      await expect(writing).rejects.toThrowError(
        /The alias was changed after it was read: expected blue 100 %, green 0 %, as .*, got blue 60 %, green 40 %/,
      );
      expect(alias()).toMatchObject({ version: '11', additionalVersionWeights: { '12': 0.4 } });
    });

    test('is refused when somebody else has changed something besides the weights', async () => {
      const target = makeTarget();
      await target.readWeights();
      cloud.lambda.updateAlias({ functionName: 'orders', name: 'live', description: 'frozen' });

      await expect(target.writeWeights({ blue: 90, green: 10 })).rejects.toThrowError(
        /another revision with the same weights/,
      );

      expect(alias().additionalVersionWeights).toEqual({});
    });

    test('is refused when somebody else has brought a third version in', async () => {
      const target = makeTarget();
      await target.readWeights();
      change('10');

      await expect(target.writeWeights({ blue: 90, green: 10 })).rejects.toThrowError(/other versions/);

      expect(alias().version).toBe('10');
    });

    test('a lost answer, after which the retry meets its own change, is a success', async () => {
      cloud.injectFault({ kind: 'lostResponse', action: 'lambda:UpdateAlias' });

      await makeTarget().writeWeights({ blue: 90, green: 10 });

      expect(alias().additionalVersionWeights).toEqual({ '12': 0.1 });
      expect(updates().map(({ outcome }) => outcome)).toEqual([
        'TimeoutError',
        'PreconditionFailedException',
      ]);
    });

    test('writes nothing without the revision that guards it', async () => {
      const revisionless = { FunctionVersion: '11' };
      const send = vi.spyOn(cloud.clients.lambda, 'send').mockImplementation(async () => revisionless);

      await expect(makeTarget().writeWeights({ blue: 90, green: 10 })).rejects.toThrowError(
        UnexpectedResponseError,
      );

      expect(send).toHaveBeenCalledTimes(1);
    });

    test('passes other errors on', async () => {
      const busy = Object.assign(new Error('in progress'), {
        name: 'ResourceConflictException',
        $fault: 'client',
      });
      cloud.injectFault({ kind: busy, action: 'lambda:UpdateAlias' });

      await expect(makeTarget().writeWeights({ blue: 90, green: 10 })).rejects.toBe(busy);
    });

    test('logs the change', async () => {
      const logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };

      await makeTarget({ logger }).writeWeights({ blue: 90, green: 10 });

      expect(logger.info.mock.calls).toEqual([
        [
          'Changed traffic weights',
          {
            resource: 'Lambda alias orders:live',
            from: 'blue 100 %, green 0 %',
            to: 'blue 90 %, green 10 %',
            durationMs: expect.any(Number),
          },
        ],
      ]);
    });
  });

  describe('Method: nearestWeights', () => {
    test.each([
      [0.001, 0.01],
      [0, 0],
      [99.999, 99.99],
      [33.3333, 33.33],
    ])('%f %% becomes %f %%', (wanted, held) => {
      expect(makeTarget().nearestWeights({ blue: 100 - wanted, green: wanted })).toEqual({
        blue: (10_000 - held * 100) / 100,
        green: held,
      });
    });
  });

  describe('Method: readHealth', () => {
    test('an active version may be invoked', async () => {
      expect(await makeTarget().readHealth('green')).toEqual({ healthy: 1, total: 1 });
    });

    test.each(['Pending', 'Inactive', 'Failed'] as const)('a version that is %s may not', async (state) => {
      cloud.lambda.function('orders').states.set('12', state);

      expect(await makeTarget().readHealth('green')).toEqual({
        healthy: 0,
        total: 1,
        detail: `version 12 is ${state}`,
      });
      expect(await makeTarget().readHealth('blue')).toMatchObject({ healthy: 1 });
    });

    test('a version that is missing is told by AWS', async () => {
      await expect(makeTarget({ green: { version: '99' } }).readHealth('green')).rejects.toMatchObject({
        name: 'ResourceNotFoundException',
      });
    });

    test('tells the reason that AWS gives', async () => {
      const answer = { State: 'Failed', StateReason: 'The subnet is gone' };
      vi.spyOn(cloud.clients.lambda, 'send').mockImplementation(async () => answer);

      expect(await makeTarget().readHealth('green')).toMatchObject({
        detail: 'version 12 is Failed: The subnet is gone',
      });
    });
  });
});
