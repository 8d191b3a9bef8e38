import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { InvalidInputError } from '../../../src/core/index.js';
import { EcsTools } from '../../../src/ecs/index.js';
import { SimulatedCloud } from '../../../src/testing/index.js';
import { unexpectedValue, unexpectedValues } from '../../support/hostile-values.js';

const blue = { cluster: 'shop', service: 'web-blue', desiredCount: 2 };
const green = { ...blue, service: 'web-green' };
const methods = ['enableService', 'disableService', 'waitForServiceStable'] as const;

let cloud: SimulatedCloud;

beforeEach(() => {
  cloud = new SimulatedCloud();
  for (const { cluster, service, desiredCount } of [blue, green])
    cloud.ecs.addService({ cluster, name: service, desiredCount });
});

/** Constructs EcsTools with untyped options. */
function make(options: unknown): EcsTools {
  return Reflect.construct(EcsTools, [options]);
}

function call(method: (typeof methods)[number], args: readonly unknown[]): Promise<unknown> {
  const tools = make({ blue, green, clients: cloud.clients, clock: cloud.clock });
  return Reflect.apply(tools[method], tools, args);
}

describe('EcsTools', () => {
  describe('constructor', () => {
    test.each<[unknown, RegExp]>([
      [undefined, /Invalid EcsTools options: expected an object, got nothing/],
      [null, /expected an object, got null/],
      [[], /expected an object, got an empty array/],
      [{ blue }, /green: expected a value, got nothing/],
      [
        { blue, green: { ...green, desiredcount: 1 } },
        /green\.desiredcount: unknown option; did you mean desiredCount\?/,
      ],
      [{ blue, green, clint: {} }, /clint: unknown option; did you mean clients\?/],
      [{ blue, green: { ...green, desiredCount: 1.5 } }, /green\.desiredCount: expected a whole number/],
      [
        { blue, green: { ...green, desiredCount: Number.NaN } },
        /green\.desiredCount: expected a number, got NaN/,
      ],
      [{ blue, green: { ...green, cluster: '' } }, /green\.cluster: expected a string that is not empty/],
      [{ blue, green: { ...green, service: 1n } }, /green\.service: expected a string/],
      [{ blue, green: blue }, /service/],
      [{ blue, green, clock: { now: () => 0 } }, /clock: expected a clock/],
      [{ blue, green, logger: { info: () => {} } }, /logger: expected a logger/],
      [{ blue, green, clients: { ecss: 1 } }, /clients\.ecss.*did you mean ecs\?/],
      [{ blue, green, clientConfig: { maxAttempt: 1 } }, /maxAttempt.*did you mean maxAttempts\?/],
    ])('throws InvalidInputError for malformed options (%#)', (options, message) => {
      expect(() => make(options)).toThrowError(InvalidInputError);
      expect(() => make(options)).toThrowError(message);
    });

    test('accepts one object of clients for several classes', () => {
      expect(() => make({ blue, green, clients: cloud.clients })).not.toThrow();
    });

    test('throws nothing but InvalidInputError', () => {
      fc.assert(
        fc.property(
          unexpectedValue,
          fc.constantFrom('', 'blue', 'green', 'clients', 'clientConfig', 'logger', 'clock'),
          (value, key) => {
            const options = key === '' ? value() : { blue, green, [key]: value() };
            let thrown: unknown;
            try {
              make(options);
            } catch (error) {
              thrown = error;
            }
            if (thrown !== undefined) expect(thrown).toBeInstanceOf(InvalidInputError);
          },
        ),
      );
    });
  });

  describe.each(methods)('%s', (method) => {
    test.each<[readonly unknown[], RegExp]>([
      [[], /expected the stack|blue|green/],
      [['purple'], /purple/],
      [[Object.create(null)], /blue/],
      [['blue', null], /expected an object, got null/],
      [['blue', { sginal: 1 }], /sginal: unknown option; did you mean signal\?/],
      [['blue', { signal: 1 }], /signal: expected an AbortSignal/],
      [['blue', { signal: {} }], /signal: expected an AbortSignal/],
    ])('throws InvalidInputError for the arguments %# without a call', async (args, message) => {
      const error: unknown = await call(method, args).catch((thrown: unknown) => thrown);

      expect(error).toBeInstanceOf(InvalidInputError);
      expect(String(error)).toMatch(message);
      expect(cloud.calls).toEqual([]);
    });

    test.each(unexpectedValues.map((value, index) => [index, value] as const))(
      'throws nothing but InvalidInputError for the hostile value %i',
      async (_, value) => {
        for (const args of [[value], ['blue', value], ['blue', { signal: value }]]) {
          const error: unknown = await call(method, args).then(
            () => undefined,
            (thrown: unknown) => thrown,
          );
          if (error !== undefined) expect(error).toBeInstanceOf(InvalidInputError);
        }
      },
    );
  });

  describe('waitForServiceStable', () => {
    test.each<[object, RegExp]>([
      [{ maxWaitSecond: 1 }, /did you mean maxWaitSeconds\?/],
      [{ maxWaitSeconds: -1 }, /maxWaitSeconds: expected/],
      [{ maxWaitSeconds: Number.NaN }, /maxWaitSeconds: expected/],
      [{ maxWaitSeconds: 1e306 }, /maxWaitSeconds: expected/],
      [{ maxWaitSeconds: '10' }, /maxWaitSeconds: expected/],
      [
        { taskDefinition: 'web' },
        /taskDefinition: expected the ARN of a task definition, or family:revision/,
      ],
      [{ taskDefinition: 7 }, /taskDefinition: expected/],
    ])('throws InvalidInputError for %j', async (options, message) => {
      const error: unknown = await call('waitForServiceStable', ['blue', options]).catch((it: unknown) => it);

      expect(error).toBeInstanceOf(InvalidInputError);
      expect(String(error)).toMatch(message);
    });
  });

  test('succeeds although its logger fails', async () => {
    const throws = () => {
      throw new Error('no disk');
    };
    const logger = { debug: throws, info: throws, warn: throws, error: throws };
    const tools = make({ blue, green, clients: cloud.clients, clock: cloud.clock, logger });

    await tools.disableService('blue');

    expect(cloud.ecs.service('shop', 'web-blue').desiredCount).toBe(0);
  });
});
