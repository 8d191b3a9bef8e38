import { beforeEach, describe, expect, test, vi } from 'vitest';
import {
  InvalidInputError,
  ResourceStateError,
  UnexpectedResponseError,
} from '../../../../src/core/errors.js';
import { SimulatedCloud } from '../../../../src/testing/index.js';
import {
  allAtOnce,
  canary,
  customCheck,
  exponential,
  linear,
  type ShiftStrategy,
  TrafficShifter,
  type TrafficShifterOptions,
} from '../../../../src/traffic/index.js';
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
    test('names every invalid option', () => {
      const make = () => makeTarget({ functionName: ' ', green: { version: '$LATEST' } });

      expect(make).toThrowError(InvalidInputError);
      expect(make).toThrowError(/green\.version: expected a published version, such as '12'/);
      expect(make).toThrowError(/functionName/);
    });

    test('throws InvalidInputError for the same version in both stacks', () => {
      expect(() => makeTarget({ green: { version: '11' } })).toThrowError(InvalidInputError);
    });
  });

  describe('Method: readWeights', () => {
    test.each<[string, string, Record<string, number>, number]>([
      ['only blue', '11', {}, 0],
      ['only green', '12', {}, 100],
      ['a share for green', '11', { '12': 0.07 }, 7],
      ["a share for the alias's partner", '12', { '11': 0.07 }, 93],
      ['a share of 0', '11', { '12': 0 }, 0],
      ['a share of 1', '11', { '12': 1 }, 100],
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
    ])('throws ResourceStateError for another version %s', async (_, version, weights) => {
      change(version, weights);

      await expect(makeTarget().readWeights()).rejects.toThrowError(
        /expected the versions 11 and 12 alone, got version /,
      );
    });

    test('throws UnexpectedResponseError for an incomplete response', async () => {
      vi.spyOn(cloud.clients.lambda, 'send').mockImplementation(async () => ({}));

      await expect(makeTarget().readWeights()).rejects.toThrowError(UnexpectedResponseError);
    });

    test.each([5, -0.1, Number.NaN])(
      'throws UnexpectedResponseError for the weight %s of a version',
      async (weight) => {
        const answer = { FunctionVersion: '11', RoutingConfig: { AdditionalVersionWeights: { 12: weight } } };
        vi.spyOn(cloud.clients.lambda, 'send').mockImplementation(async () => answer);

        await expect(makeTarget().readWeights()).rejects.toThrowError(UnexpectedResponseError);
      },
    );
  });

  describe('Method: writeWeights', () => {
    test("keeps the alias's own version while it has traffic", async () => {
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

    test('removes the routing configuration on a rollback', async () => {
      const target = makeTarget();
      await target.writeWeights({ blue: 50, green: 50 });

      await target.writeWeights({ blue: 100, green: 0 });

      expect(alias()).toMatchObject({ version: '11', additionalVersionWeights: {} });
    });

    test('leaves everything unchanged when the weights are already live', async () => {
      change('11', { '12': 0.25 });
      const { revisionId: _before, ...rest } = alias();

      await makeTarget().writeWeights({ blue: 75, green: 25 });

      expect(alias()).toMatchObject(rest);
    });

    test.each([1, 2])('never accepts %i stale readings as a write', async (times) => {
      const target = makeTarget();
      await target.readWeights();
      change('11', { '12': 0.1 });
      cloud.injectFault({ kind: 'staleRead', action: 'lambda:GetAlias', times });

      const writing = target.writeWeights({ blue: 100, green: 0 });

      await expect(writing).rejects.toThrowError(/The alias was changed after it was read/);
    });

    test('throws ResourceStateError when the alias was changed after it was read', async () => {
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

    test('throws ResourceStateError when another field of the alias was changed', async () => {
      const target = makeTarget();
      await target.readWeights();
      cloud.lambda.updateAlias({ functionName: 'orders', name: 'live', description: 'frozen' });

      await expect(target.writeWeights({ blue: 90, green: 10 })).rejects.toThrowError(
        /another revision with the same weights/,
      );

      expect(alias().additionalVersionWeights).toEqual({});
    });

    test('throws ResourceStateError when a third version was added', async () => {
      const target = makeTarget();
      await target.readWeights();
      change('10');

      await expect(target.writeWeights({ blue: 90, green: 10 })).rejects.toThrowError(/other versions/);

      expect(alias().version).toBe('10');
    });

    test('succeeds when the retry after a lost response meets its own change', async () => {
      cloud.injectFault({ kind: 'lostResponse', action: 'lambda:UpdateAlias' });

      await makeTarget().writeWeights({ blue: 90, green: 10 });

      expect(alias().additionalVersionWeights).toEqual({ '12': 0.1 });
      expect(updates().map(({ outcome }) => outcome)).toEqual([
        'TimeoutError',
        'PreconditionFailedException',
      ]);
    });

    test('throws and writes nothing without a revision', async () => {
      const revisionless = { FunctionVersion: '11' };
      const send = vi.spyOn(cloud.clients.lambda, 'send').mockImplementation(async () => revisionless);

      await expect(makeTarget().writeWeights({ blue: 90, green: 10 })).rejects.toThrowError(
        UnexpectedResponseError,
      );

      expect(send).toHaveBeenCalledTimes(1);
    });

    test('throws other errors unchanged', async () => {
      const busy = Object.assign(new Error('in progress'), {
        name: 'ResourceConflictException',
        $fault: 'client',
      });
      cloud.injectFault({ kind: busy, action: 'lambda:UpdateAlias' });

      await expect(makeTarget().writeWeights({ blue: 90, green: 10 })).rejects.toBe(busy);
    });

    test('logs the change of the weights', async () => {
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
    ])('returns for %f %%: %f %%', (wanted, held) => {
      expect(makeTarget().nearestWeights({ blue: 100 - wanted, green: wanted })).toEqual({
        blue: (10_000 - held * 100) / 100,
        green: held,
      });
    });
  });

  describe('Method: readHealth', () => {
    test('returns 1 of 1 for an active version', async () => {
      expect(await makeTarget().readHealth('green')).toEqual({ healthy: 1, total: 1 });
    });

    test.each(['Pending', 'Inactive', 'Failed'] as const)(
      'returns 0 of 1 for a version that is %s',
      async (state) => {
        cloud.lambda.function('orders').states.set('12', state);

        expect(await makeTarget().readHealth('green')).toEqual({
          healthy: 0,
          total: 1,
          detail: `version 12 is ${state}`,
        });
        expect(await makeTarget().readHealth('blue')).toMatchObject({ healthy: 1 });
      },
    );

    test('throws ResourceNotFoundError when a version is missing', async () => {
      await expect(makeTarget({ green: { version: '99' } }).readHealth('green')).rejects.toMatchObject({
        name: 'ResourceNotFoundError',
        resource: 'orders:99',
        remedy: expect.stringContaining('green.version'),
        cause: { name: 'ResourceNotFoundException' },
      });
    });

    test('includes the reason of AWS', async () => {
      const answer = { State: 'Failed', StateReason: 'The subnet is gone' };
      vi.spyOn(cloud.clients.lambda, 'send').mockImplementation(async () => answer);

      expect(await makeTarget().readHealth('green')).toMatchObject({
        detail: 'version 12 is Failed: The subnet is gone',
      });
    });
  });

  describe('on an alias with provisioned concurrency', () => {
    const concurrent = { functionName: 'orders', name: 'hot' };
    const hot = () => cloud.lambda.alias('orders', 'hot');
    const targetOf = (clients = cloud.clients) =>
      makeTarget({ aliasName: 'hot', clients, clock: cloud.clock });
    const allocating = (more: object = {}) =>
      cloud.lambda.addAlias({
        ...concurrent,
        version: '11',
        provisionedConcurrency: { executions: 10, ...more },
      });
    const shift = (strategy: ShiftStrategy, options: Partial<TrafficShifterOptions> = {}) =>
      new TrafficShifter({ target: targetOf(), clock: cloud.clock, ...options }).shiftTo('green', strategy);

    test.each<[string, ShiftStrategy, number]>([
      ['allAtOnce', allAtOnce(), 1],
      ['allAtOnce with a bake', allAtOnce({ bakeSeconds: 600 }), 1],
      ['canary', canary({ percent: 10, holdSeconds: 60 }), 2],
      ['canary with a long hold', canary({ percent: 50, holdSeconds: 3600, bakeSeconds: 60 }), 2],
      ['linear', linear({ stepPercent: 25, intervalSeconds: 60 }), 4],
      ['linear without a hold', linear({ stepPercent: 50, intervalSeconds: 0 }), 2],
      ['exponential', exponential({ startPercent: 10, factor: 3, intervalSeconds: 60 }), 4],
    ])('waits for the allocation at the end of a shift: %s', async (_, strategy, writes) => {
      allocating();

      expect(await shift(strategy)).toMatchObject({ outcome: 'succeeded' });

      expect(updates()).toHaveLength(writes);
      expect(hot()).toMatchObject({ version: '12', additionalVersionWeights: {} });
      expect(cloud.clock.now() - Date.parse('2026-01-01')).toBeGreaterThanOrEqual(120_000);
    });

    test.each([5, 300, 840])('waits for %d s of allocation', async (allocationSeconds) => {
      allocating({ allocationSeconds });

      expect(await shift(allAtOnce())).toMatchObject({ outcome: 'succeeded' });
      expect(updates()).toHaveLength(1);
    });

    test('waits when only GetAlias shows the routing', async () => {
      let until = -1;
      const { lambda } = cloud.clients;
      lambda.middlewareStack.add(
        (next, { commandName }) =>
          async (args) => {
            const answer = await next(args);
            const { now } = { now: cloud.clock.now() };
            if (commandName === 'UpdateAliasCommand') until = now + 120_000;
            if (commandName !== 'GetAliasCommand' || now >= until) return answer;
            const RoutingConfig = { AdditionalVersionWeights: { 11: 1 } };
            return { ...answer, output: { ...answer.output, RoutingConfig } };
          },
        { step: 'initialize' },
      );
      const target = makeTarget({ clock: cloud.clock });

      const { outcome } = await new TrafficShifter({ target, clock: cloud.clock }).shiftTo(
        'green',
        allAtOnce(),
      );

      expect(outcome).toBe('succeeded');
      expect(updates()).toHaveLength(1);
    });

    test('rolls back with the reason when the concurrency cannot be allocated', async () => {
      allocating({ failsFor: ['12'] });

      const result = await shift(canary({ percent: 10, holdSeconds: 60 }));

      expect(result.outcome).toBe('rolledBack');
      expect(result.reason).toMatch(
        /provisioned concurrency of version 12.*got FAILED, 0 of 10 allocated: FUNCTION_ERROR_INIT_FAILURE/,
      );
      expect(hot()).toMatchObject({ version: '11', additionalVersionWeights: {} });
      expect(cloud.clock.now() - Date.parse('2026-01-01')).toBeLessThan(600_000);
    });

    test('rolls back when the allocation takes longer than 15 minutes', async () => {
      allocating({ allocationSeconds: 1e6 });

      const result = await shift(allAtOnce());

      expect(result.outcome).toBe('rolledBack');
      expect(result.reason).toMatch(/not ready after 900 s.*IN_PROGRESS, 0 of 10 allocated/);
      expect(hot()).toMatchObject({ version: '11', additionalVersionWeights: {} });
      expect(cloud.clock.now() - Date.parse('2026-01-01')).toBeLessThan(1_200_000);
    });

    test('waits for the allocation of a rollback from 100 % as well', async () => {
      allocating();
      const isAllGreen = () => cloud.lambda.liveSplit({ functionName: 'orders', alias: 'hot' })['12'] === 100;
      const check = customCheck('orders', () => !isAllGreen());

      const result = await shift(allAtOnce({ bakeSeconds: 600 }), { checks: [check] });

      expect(result.outcome).toBe('rolledBack');
      expect(hot()).toMatchObject({ version: '11', additionalVersionWeights: {} });
      expect(updates()).toHaveLength(2);
    });

    test('halts on drift that is not an allocation', async () => {
      allocating();
      cloud.clock.schedule(200, () => {
        cloud.lambda.updateAlias({ ...concurrent, version: '12', additionalVersionWeights: { 11: 0.4 } });
      });

      const result = await shift(canary({ percent: 10, holdSeconds: 600 }));

      expect(result.outcome).toBe('halted');
      expect(updates()).toHaveLength(1);
    });

    test.each(['lostResponse', 'timeout', 'serverError', 'throttle'] as const)(
      'ends at the same weights when the write that begins the allocation meets %s',
      async (kind) => {
        allocating();
        cloud.injectFault({ kind, action: 'lambda:UpdateAlias', atCall: 2 });

        expect(await shift(canary({ percent: 10, holdSeconds: 60 }))).toMatchObject({ outcome: 'succeeded' });
        expect(hot()).toMatchObject({ version: '12', additionalVersionWeights: {} });
      },
    );

    test.each([
      ['without provisioned concurrency', false],
      ['with provisioned concurrency that is allocated', true],
    ])(
      'halts within two minutes on a routing that another program has set at 100 %%, %s',
      async (_, isAllocating) => {
        if (isAllocating) allocating({ allocationSeconds: 1 });
        else cloud.lambda.addAlias({ ...concurrent, version: '11' });
        const routeAway = () => {
          Object.assign(hot(), { additionalVersionWeights: { 11: 1 }, revisionId: 'by hand' });
        };
        cloud.clock.schedule(600, routeAway);

        const result = await shift(allAtOnce({ bakeSeconds: 3600 }));

        expect(result.outcome).toBe('halted');
        expect(result.reason).toContain('blue 100 %');
        expect(cloud.clock.now() - Date.parse('2026-01-01')).toBeLessThan(600_000 + 180_000);
        expect(updates()).toHaveLength(1);
      },
    );

    test('ignores the failure of an earlier allocation', async () => {
      allocating();
      const concurrency = hot().provisionedConcurrency;
      if (concurrency === undefined) throw new TypeError('no provisioned concurrency');
      let readings = 0;
      cloud.clients.lambda.middlewareStack.add(
        (next, { commandName }) =>
          async (args) => {
            const answer = await next(args);
            if (commandName !== 'GetProvisionedConcurrencyConfigCommand' || readings++ > 2) return answer;
            return { ...answer, output: { ...answer.output, Status: 'FAILED', StatusReason: 'of before' } };
          },
        { step: 'initialize' },
      );

      expect(await shift(allAtOnce())).toMatchObject({ outcome: 'succeeded' });
      expect(readings).toBeGreaterThan(3);
    });

    test('waits before the first write for the allocation of an earlier deployment', async () => {
      cloud.lambda.addAlias({ ...concurrent, version: '10', provisionedConcurrency: { executions: 10 } });
      cloud.lambda.updateAlias({ ...concurrent, version: '11', additionalVersionWeights: {} });

      expect(await shift(canary({ percent: 10, holdSeconds: 60 }))).toMatchObject({ outcome: 'succeeded' });
      expect(updates()[0]?.at).toBeGreaterThanOrEqual(Date.parse('2026-01-01') + 120_000);
    });

    test('reads a routing that was set by hand at once', async () => {
      allocating();
      cloud.lambda.updateAlias({ ...concurrent, version: '11', additionalVersionWeights: { 12: 1 } });

      expect(await targetOf().readWeights()).toEqual({ blue: 0, green: 100 });
      expect(cloud.clock.now()).toBe(Date.parse('2026-01-01'));
    });

    test('waits after its own write without expected weights, and ends on an abort', async () => {
      allocating();
      const target = targetOf();
      await target.writeWeights({ blue: 0, green: 100 });
      const signal = AbortSignal.abort('enough');
      await expect(target.readWeights({ signal })).rejects.toMatchObject({ name: 'OperationAbortedError' });

      expect(await target.readWeights()).toEqual({ blue: 0, green: 100 });
    });

    test('returns the live weights at once in a rollback, when they are the expected ones', async () => {
      allocating();
      const target = targetOf();
      await target.writeWeights({ blue: 0, green: 100 });
      const expected = [
        { blue: 0, green: 100 },
        { blue: 100, green: 0 },
      ];

      expect(await target.readWeights({ expected })).toEqual({ blue: 100, green: 0 });
      expect(cloud.clock.now()).toBe(Date.parse('2026-01-01'));
    });

    test('throws AccessDeniedError without the permission to read the allocation', async () => {
      allocating();
      const target = targetOf();
      await target.writeWeights({ blue: 0, green: 100 });
      cloud.injectFault({ kind: 'accessDenied', action: 'lambda:GetProvisionedConcurrencyConfig' });

      await expect(target.readWeights()).rejects.toMatchObject({
        name: 'AccessDeniedError',
        action: 'lambda:GetProvisionedConcurrencyConfig',
      });
    });
  });
});
