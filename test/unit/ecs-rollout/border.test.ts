import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { InvalidInputError } from '../../../src/core/index.js';
import {
  type EcsDefinitions,
  EcsRollout,
  type EcsRolloutOptions,
  loadDefinitions,
  type RollOutInput,
  type RollOutOptions,
  RolloutError,
  type UpOptions,
} from '../../../src/ecs-rollout/index.js';
import { SimulatedCloud } from '../../../src/testing/index.js';
import { unexpectedValue, unexpectedValues } from '../../support/hostile-values.js';
import { failureOf, fargateWorld, type RolloutWorld } from '../../support/rollout-world.js';

let cloud: SimulatedCloud;
let world: RolloutWorld;

beforeEach(() => {
  cloud = new SimulatedCloud();
  world = fargateWorld(cloud, { isQuick: true });
});

const make = (options: unknown) => new EcsRollout(options as EcsRolloutOptions);
const rollOut = (options: unknown, input: unknown = { taskDefinition: world.next }) =>
  world.rollout.rollOut(input as RollOutInput, options as RollOutOptions);

async function thrownBy(work: () => unknown): Promise<unknown> {
  try {
    await work();
    return undefined;
  } catch (error) {
    return error;
  }
}

describe('EcsRollout', () => {
  describe('constructor', () => {
    test.each<[unknown, RegExp]>([
      [undefined, /Invalid EcsRollout options: expected an object, got nothing/],
      [{ cluster: 'shop' }, /service: expected a value, got nothing/],
      [{ cluster: 'shop', service: ' ' }, /service: expected a string that is not empty/],
      [{ cluster: 'shop', service: 'web', desiredCount: -1 }, /desiredCount: expected a whole number/],
      [{ cluster: 'shop', service: 'web', desiredcount: 1 }, /unknown option; did you mean desiredCount\?/],
      [{ cluster: 'shop', service: 'web', blue: {} }, /blue: unknown option/],
      [{ cluster: 'shop', service: 'web', clock: {} }, /clock: expected a clock/],
      [{ cluster: 'shop', service: 'web', logger: () => {} }, /logger: expected a logger/],
      [{ cluster: 'shop', service: 'web', clientConfig: { regoin: 'x' } }, /regoin.*did you mean region\?/],
      [{ cluster: 'shop', service: 'web', clients: { ecss: 1 } }, /ecss.*did you mean ecs\?/],
      [[], /expected an object, got an empty array/],
    ])('throws InvalidInputError for %j', (options, message) => {
      expect(() => make(options)).toThrowError(InvalidInputError);
      expect(() => make(options)).toThrowError(message);
    });

    test('accepts one object of clients for several classes', () => {
      expect(() => make({ cluster: 'shop', service: 'web', clients: cloud.clients })).not.toThrow();
    });
  });

  describe('rollOut', () => {
    test.each<[object, RegExp]>([
      [{ check: [] }, /check: unknown option; did you mean checks\?/],
      [
        { limits: { drainSeconds: 5 } },
        /limits\.drainSeconds: unknown option; did you mean drainingSeconds\?/,
      ],
      [
        { policy: { failureTreshold: 2 } },
        /failureTreshold: unknown option; did you mean failureThreshold\?/,
      ],
      [{ maxWaitSeconds: 5 }, /maxWaitSeconds: unknown option/],
      [{ stack: 'red' }, /stack: expected "blue" or "green", got "red"/],
      [{ observeSeconds: 1e306 }, /observeSeconds: expected a number of seconds from 0 to 366 days/],
      [{ limits: { checksSeconds: 1e306 } }, /limits\.checksSeconds/],
      [{ onEvent: 'log' }, /onEvent: expected a function/],
      [{ signal: {} }, /signal: expected an AbortSignal/],
      [{ checks: [{ name: 'a' }] }, /checks\[0\]\.evaluate/],
      [{ checks: { length: 1 } }, /checks: expected an array, got an object/],
    ])('throws InvalidInputError for the options %j before any call', async (options, message) => {
      await expect(rollOut(options)).rejects.toThrowError(InvalidInputError);
      await expect(rollOut(options)).rejects.toThrowError(message);
      expect(cloud.calls).toEqual([]);
    });

    test.each<[unknown, RegExp]>([
      [{ taskDefinition: 'web:2', services: {} }, /services: unknown option; did you mean service\?/],
      [{ taskDefinition: { family: 'web', containerDefinitions: [null] } }, /taskDefinition/],
      [
        { taskDefinition: { family: 'web', containerDefinitions: [{ portMappings: 'x' }] } },
        /taskDefinition/,
      ],
      [
        { taskDefinition: { family: 'web', containerDefinitions: [{ name: 'app', memory: Number.NaN }] } },
        /taskDefinition\.containerDefinitions\[0\]\.memory: expected a finite number, got NaN/,
      ],
      [
        { taskDefinition: { family: 'web', containerDefinitions: [{ name: 'app', cpu: 1n }] } },
        /containerDefinitions\[0\]\.cpu: expected plain data, got 1n/,
      ],
      [{ taskDefinition: 'web:2', service: { loadBalancers: 'x' } }, /service\.loadBalancers/],
    ])('throws InvalidInputError for the input before any call: case %#', async (input, message) => {
      await expect(rollOut({}, input)).rejects.toThrowError(InvalidInputError);
      await expect(rollOut({}, input)).rejects.toThrowError(message);
      expect(cloud.calls).toEqual([]);
    });

    test('throws InvalidInputError for a cyclic input', async () => {
      const [container] = world.next.containerDefinitions ?? [];
      const cyclic: Record<string, unknown> = { ...container };
      cyclic['dependsOn'] = [cyclic];

      const rollout = rollOut({}, { taskDefinition: { ...world.next, containerDefinitions: [cyclic] } });

      await expect(rollout).rejects.toThrowError(InvalidInputError);
      await expect(rollout).rejects.toThrowError(/at most 64 levels.*and \d+ more|at most 64 levels/);
    });

    test('ignores later changes of its input and options', async () => {
      const input = structuredClone({ taskDefinition: world.next });
      const limits = { drainingSeconds: 60 };
      const rollout = rollOut(
        {
          limits,
          onEvent: ({ type }: { type: string }) => {
            if (type !== 'phaseStarted') return;
            Object.assign(input.taskDefinition, { family: 'other', containerDefinitions: [] });
            Object.assign(limits, { drainingSeconds: Number.NaN });
          },
        },
        input,
      );

      await expect(rollout).resolves.toMatchObject({ service: 'updated' });
      expect(cloud.ecs.taskDefinitions('web')).toHaveLength(2);
      expect(cloud.ecs.taskDefinitions('other')).toEqual([]);
    });

    test('protects its history from a listener and a logger', async () => {
      const spoil = (value: object) => {
        for (const key of Object.keys(value)) Reflect.set(value, key, 'spoilt');
      };
      const logger = {
        debug: (_: string, data: object) => spoil(data),
        info: (_: string, data: object) => spoil(data),
        warn: (_: string, data: object) => spoil(data),
        error: (_: string, data: object) => spoil(data),
      };
      world = fargateWorld(new SimulatedCloud(), { isQuick: true, logger });
      const check = {
        name: 'errors',
        evaluate: async () => ({ outcome: 'pass', detail: 'none', more: () => 1 }) as const,
      };

      const result = await world.rollout.rollOut(
        { taskDefinition: world.next },
        { checks: [check], observeSeconds: 60, onEvent: spoil },
      );

      expect(JSON.stringify(result.history)).not.toContain('spoilt');
      expect(result.history).toContainEqual(
        expect.objectContaining({ type: 'checkEvaluated', result: { outcome: 'pass', detail: 'none' } }),
      );
    });

    test.each(unexpectedValues.map((value, index) => [index, value] as const))(
      'counts anything that a check throws or returns as one error (case %i)',
      async (_, value) => {
        const throwing = {
          name: 'throws',
          evaluate: async () => {
            throw value;
          },
        };
        const returning = { name: 'returns', evaluate: async () => value as never };
        const options = { policy: { errorThreshold: 2, intervalSeconds: 1, initialDelaySeconds: 0 } };

        for (const check of [throwing, returning]) {
          const failure = await failureOf(rollOut({ ...options, checks: [check] }));

          expect(failure).toMatchObject({ phase: 'observe', service: 'unchanged' });
          expect(failure.message).toContain(`The check ${check.name} threw 2 times`);
        }
      },
    );

    test('cleans up with a clock that returns no time', async () => {
      const { clients, clock } = cloud;
      let isBroken = false;
      const odd = {
        now: () => (isBroken ? Number.NaN : clock.now()),
        sleep: (milliseconds: number, signal?: AbortSignal) => clock.sleep(milliseconds, signal),
      };
      const rollout = make({ cluster: 'shop', service: 'web', clients, clock: odd });

      const result = await rollout.rollOut(
        { taskDefinition: world.next },
        {
          onEvent: ({ type }) => {
            if (type === 'canaryStarted') isBroken = true;
          },
        },
      );

      expect(result.service).toBe('updated');
      await expect(rollout.rollOut({ taskDefinition: world.next })).rejects.toThrowError(/clock/);
    });

    test('throws only InvalidInputError and RolloutError for any arguments', async () => {
      await fc.assert(
        fc.asyncProperty(
          unexpectedValue,
          fc.constantFrom(
            'options',
            'input',
            'checks',
            'limits',
            'policy',
            'onEvent',
            'signal',
            'rolloutId',
            'containerInstance',
            'taskDefinition',
            'service',
            'family',
            'containerDefinitions',
            'portMappings',
            'tags',
          ),
          async (hostile, place) => {
            const value = hostile();
            const input = { taskDefinition: { ...world.next } as Record<string, unknown> };
            if (['family', 'containerDefinitions', 'tags'].includes(place))
              input.taskDefinition[place] = value;
            if (place === 'portMappings')
              input.taskDefinition['containerDefinitions'] = [{ name: 'a', image: 'b', portMappings: value }];
            const whole =
              place === 'input'
                ? value
                : ['taskDefinition', 'service'].includes(place)
                  ? { ...input, [place]: value }
                  : input;
            const isOption = !['options', 'input', 'taskDefinition', 'service'].includes(place);
            const options =
              place === 'options' ? value : isOption && !(place in world.next) ? { [place]: value } : {};

            const error = await thrownBy(() =>
              rollOut(
                place === 'portMappings' || place === 'family' || place === 'tags' ? {} : options,
                whole,
              ),
            );

            const isExpected =
              error === undefined || error instanceof InvalidInputError || error instanceof RolloutError;
            expect(isExpected ? undefined : error).toBeUndefined();
            if (error instanceof RolloutError)
              for (const type of [TypeError, RangeError, URIError])
                expect(error.cause).not.toBeInstanceOf(type);
          },
        ),
        { numRuns: 300 },
      );
    });
  });

  describe('up', () => {
    test('throws InvalidInputError for unknown options and definitions', async () => {
      const definitions = { service: {}, taskDefinition: world.next };
      const up = (options: object, given: object = definitions) =>
        world.rollout.up(given as EcsDefinitions, options as UpOptions);

      await expect(up({ existign: 'take' })).rejects.toThrowError(/did you mean existing\?/);
      await expect(up({}, { ...definitions, serivce: {} })).rejects.toThrowError(/did you mean service\?/);
      expect(cloud.calls).toEqual([]);
    });

    test('requires a desired count, except for a daemon', async () => {
      const rollout = make({ cluster: 'shop', service: 'api', clients: cloud.clients, clock: cloud.clock });
      const up = (service: EcsDefinitions['service']) => rollout.up({ service, taskDefinition: world.next });

      await expect(up({ launchType: 'FARGATE' })).rejects.toThrowError(
        /service\.desiredCount: expected a count, because the EcsRollout has no desiredCount either/,
      );
      expect(cloud.calls).toEqual([]);
      const failure = await failureOf(up({ launchType: 'FARGATE', schedulingStrategy: 'DAEMON' }));
      expect(failure.phase).toBe('createService');
    });

    test('throws only InvalidInputError and RolloutError for any arguments', async () => {
      await fc.assert(
        fc.asyncProperty(unexpectedValue, fc.boolean(), async (hostile, isOptions) => {
          const value = hostile();
          const definitions = { service: { desiredCount: 1 }, taskDefinition: world.next };

          const error = await thrownBy(() =>
            isOptions
              ? world.rollout.up(definitions, value as UpOptions)
              : world.rollout.up(value as EcsDefinitions),
          );

          expect(error instanceof InvalidInputError || error instanceof RolloutError).toBe(true);
        }),
        { numRuns: 200 },
      );
    });
  });

  test('constructor throws only InvalidInputError for any options', () => {
    const names = [
      'cluster',
      'service',
      'desiredCount',
      'clients',
      'clientConfig',
      'logger',
      'clock',
      'other',
    ];
    fc.assert(
      fc.property(unexpectedValue, fc.constantFrom(...names), fc.boolean(), (hostile, name, isWhole) => {
        const value = hostile();
        const options = isWhole ? value : { cluster: 'shop', service: 'web', [name]: value };
        try {
          make(options);
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidInputError);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('loadDefinitions', () => {
  test('throws only InvalidInputError for any arguments', async () => {
    await fc.assert(
      fc.asyncProperty(
        unexpectedValue,
        fc.constantFrom('folder', 'options', 'env'),
        async (hostile, place) => {
          const value = hostile();
          const error = await thrownBy(() =>
            place === 'folder'
              ? loadDefinitions(value as string)
              : loadDefinitions('no-such-folder', (place === 'env' ? { env: value } : value) as object),
          );

          expect(error).toBeInstanceOf(InvalidInputError);
        },
      ),
      { numRuns: 300 },
    );
  });
});
