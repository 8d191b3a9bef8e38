import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { AccessDeniedError, InvalidInputError, ResourceStateError } from '../../../../src/core/errors.js';
import { steps } from '../../../../src/traffic/strategies/steps.js';
import { CompositeTarget } from '../../../../src/traffic/targets/composite.js';
import { TrafficShifter } from '../../../../src/traffic/traffic-shifter.js';
import type { TrafficTarget, TrafficWeights, WriteWeightsOptions } from '../../../../src/traffic/types.js';
import { type CallFault, FakeTarget, type FakeTargetOptions } from '../../../support/fake-target.js';
import { hostileValues } from '../../../support/hostile-values.js';
import { JumpingClock } from '../../../support/jumping-clock.js';

const allBlue: TrafficWeights = { blue: 100, green: 0 };
const allGreen: TrafficWeights = { blue: 0, green: 100 };
const strategy = steps([
  { percent: 12.5, holdSeconds: 60 },
  { percent: 50, holdSeconds: 60 },
  { percent: 100, holdSeconds: 0 },
]);
const scales = [undefined, 100, 255, 999, 10_000] as const;

function compose(...parts: readonly Omit<FakeTargetOptions, 'clock'>[]) {
  const clock = new JumpingClock();
  const fakes = parts.map((options) => new FakeTarget({ clock, ...options }));
  return { clock, fakes, target: new CompositeTarget({ targets: fakes, clock }) };
}

const liveOf = (fakes: readonly FakeTarget[]) => fakes.map(({ rule }) => rule.weights);

describe('Class: CompositeTarget', () => {
  describe('Method: writeWeights', () => {
    test('rolls every part back at once, also while another one waits for its service', async () => {
      const { clock, fakes } = compose({ weights: allGreen }, { weights: allGreen });
      const [slow, quick] = fakes as [FakeTarget, FakeTarget];
      let end = () => {};
      const waiting: TrafficTarget = {
        description: 'slow',
        readWeights: (options) => slow.readWeights(options),
        writeWeights: async (weights) => {
          await new Promise<void>((resolve) => {
            end = resolve;
          });
          await slow.writeWeights(weights);
        },
      };
      const target = new CompositeTarget({ targets: [waiting, quick], clock });

      const written = target.writeWeights(allBlue, { isRollback: true });
      await vi.waitFor(() => expect(quick.rule.weights).toEqual(allBlue));

      expect(slow.rule.weights).toEqual(allGreen);
      end();
      await written;
      expect(slow.rule.weights).toEqual(allBlue);
    });
  });

  describe('Method: writeWeights, when a target takes long', () => {
    /** The first part takes these seconds for each write, and each write changes the second one outside the shift. */
    function composeSlow(seconds: number, external: TrafficWeights | undefined) {
      const clock = new JumpingClock();
      const [slow, quick] = [new FakeTarget({ clock }), new FakeTarget({ clock })];
      const first: TrafficTarget = {
        description: 'slow',
        readWeights: (options) => slow.readWeights(options),
        writeWeights: async (weights, options) => {
          await clock.sleep(seconds * 1000);
          if (external !== undefined && slow.writes.length === 0) quick.externalWrite(external);
          await slow.writeWeights(weights, options);
        },
      };
      return { clock, first, slow, quick, target: new CompositeTarget({ targets: [first, quick], clock }) };
    }

    test.each([6, 70])(
      'halts at drift in the next target, after %i s, and writes it no more',
      async (seconds) => {
        const { clock, slow, quick, target } = composeSlow(seconds, { blue: 50, green: 50 });

        const { outcome, reason } = await new TrafficShifter({ target, clock }).shiftTo('green', strategy);

        expect([outcome, reason]).toEqual(['halted', expect.stringContaining('drift')]);
        expect(quick.rule.weights).toEqual({ blue: 50, green: 50 });
        expect(quick.writes).toEqual([]);
        expect(slow.rule.weights).toEqual(allBlue);
      },
    );

    test('throws ResourceStateError which names the target and both weights', async () => {
      const { target } = composeSlow(60, { blue: 50, green: 50 });
      await target.readWeights();

      const error = await target.writeWeights({ blue: 90, green: 10 }).catch((it: unknown) => it);

      expect(error).toBeInstanceOf(ResourceStateError);
      expect(error).toMatchObject({ expected: 'blue 100 %, green 0 %', actual: 'blue 50 %, green 50 %' });
    });

    test('continues a write that was interrupted between two rules of the next target', async () => {
      const { clock, first, slow, quick } = composeSlow(60, undefined);
      const to: TrafficWeights = { blue: 90, green: 10 };
      const written = new FakeTarget({ clock, weights: to });
      const rules = new CompositeTarget({ targets: [written, quick], clock });
      const all = new CompositeTarget({ targets: [first, rules], clock });
      await all.readWeights({ expected: [allBlue, to] });

      await all.writeWeights(to);

      expect(liveOf([slow, written, quick])).toEqual([to, to, to]);
    });

    test.each([
      [0, 1],
      [60, 2],
    ])('reads the next target once more only when it has waited: after %i s', async (seconds, reads) => {
      const { quick, target } = composeSlow(seconds, undefined);
      await target.readWeights();

      await target.writeWeights({ blue: 90, green: 10 });

      expect(quick.calls.map(({ kind }) => kind)).toEqual([...Array(reads).fill('read'), 'write']);
    });
  });

  describe('Method: changeSetup', () => {
    const partWithSetup = (name: string): TrafficTarget => ({
      description: name,
      readWeights: async () => allBlue,
      writeWeights: async () => {},
      readSetup: async () => ({ name }),
      changeSetup: async () => ({ status: 'done' }),
    });

    test.each([
      ['of another target', { rule: {} }],
      ['of fewer targets', { parts: [{ name: 'one' }] }],
      ['of more targets', { parts: [{ name: 'one' }, null, { name: 'three' }] }],
      ['that is no list', { parts: { 0: { name: 'one' }, length: 2 } }],
      ['with a part that is no object', { parts: [{ name: 'one' }, 5] }],
    ])('throws InvalidInputError for an original configuration %s', async (_, original) => {
      const target = new CompositeTarget({ targets: [partWithSetup('one'), partWithSetup('two')] });
      const change = { kind: 'restore', incoming: 'green', original } as const;

      await expect(target.changeSetup(change)).rejects.toThrowError(InvalidInputError);
    });
  });

  describe('Method: constructor', () => {
    test.each<readonly [string, unknown]>([
      ...hostileValues,
      ...hostileValues.map(([name, value]) => [`targets: ${name}`, { targets: value }] as const),
      ['no target', { targets: [] }],
      ['one target', { targets: [compose({}, {}).target] }],
      ['objects without methods', { targets: [{}, {}] }],
      ['an unknown option', { targets: [compose({}, {}).target, compose({}, {}).target], target: 1 }],
    ])('throws InvalidInputError for %s', (_, options) => {
      expect(() => new CompositeTarget(options as never)).toThrowError(InvalidInputError);
    });

    test('throws InvalidInputError for a target that is listed twice', () => {
      const [one] = compose({}, {}).fakes;

      expect(() => new CompositeTarget({ targets: [one, one] as TrafficTarget[] })).toThrowError(/differ/);
    });
  });

  describe('Method: readWeights', () => {
    const verified = { blue: 90, green: 10 };
    const pending = { blue: 50, green: 50 };

    test('returns the weights of the part in which the incoming stack has least', async () => {
      const { target } = compose({ weights: pending }, { weights: verified }, { weights: pending });

      expect(await target.readWeights({ expected: [verified, pending] })).toEqual(verified);
    });

    test('returns the weights of the part in which the incoming stack has most during a rollback', async () => {
      const expected = [verified, pending, allBlue];
      const { target } = compose({ weights: allBlue }, { weights: verified }, { weights: pending });

      expect(await target.readWeights({ expected })).toEqual(pending);
    });

    test('returns the weights of a part that has none of the expected ones', async () => {
      const drifted = { blue: 70, green: 30 };
      const { target } = compose({ weights: verified }, { weights: pending }, { weights: drifted });

      expect(await target.readWeights({ expected: [verified, pending] })).toEqual(drifted);
    });

    test('throws ResourceStateError when the parts differ without expected weights', async () => {
      const { target } = compose({ weights: verified }, { weights: pending });

      await expect(target.readWeights()).rejects.toThrowError(ResourceStateError);
    });

    test('throws the error of the part that has another destination', async () => {
      const { fakes, target } = compose({}, {});
      fakes[1]?.setIntruder(true);

      await expect(target.readWeights()).rejects.toThrowError(/other destinations/);
    });

    test('returns after a write what nearestWeights returned, whatever the scales of the parts are', async () => {
      const share = fc.double({ min: 0, max: 100, noNaN: true }).map((it) => Math.round(it * 1000) / 1000);
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.constantFrom(...scales), { minLength: 2, maxLength: 4 }),
          share,
          async (chosen, green) => {
            const { target, fakes } = compose(...chosen.map((scale) => ({ scale })));
            const weights = { blue: 100 - green, green };

            await target.writeWeights(weights);

            const nearest = target.nearestWeights(weights);
            const read = await target.readWeights();
            expect(read.green).toBeCloseTo(nearest.green, 6);
            expect(await target.readWeights({ expected: [allBlue, nearest] })).toEqual(read);
            for (const live of liveOf(fakes)) {
              expect([live.blue > 0, live.green > 0]).toEqual([read.blue > 0, read.green > 0]);
            }
          },
        ),
        { numRuns: 500 },
      );
    });
  });

  describe('Method: readHealth', () => {
    test('returns the part with the fewest healthy instances, and the details of each', async () => {
      const { target } = compose({ healthy: 2 }, { healthy: 1 }, {});

      expect(await target.readHealth?.('green')).toEqual({
        healthy: 1,
        total: 2,
        detail: 'fake rule 1: one is starting',
      });
    });

    test('is missing when no part can read health', () => {
      expect(compose({}, {}).target.readHealth).toBeUndefined();
    });

    test('lets a shift begin only when every part is healthy', async () => {
      const { clock, target } = compose({ healthy: 2 }, { healthy: 0 });

      await expect(new TrafficShifter({ target, clock }).shiftTo('green', strategy)).rejects.toThrowError(
        /not ready for traffic/,
      );
    });
  });

  describe('in a shift', () => {
    const kinds = ['throw', 'denied', 'lostResponse'] as const;

    test('halts at drift in one part, and writes nothing more to any', async () => {
      const { clock, fakes, target } = compose({}, {});
      const shifter = new TrafficShifter({ target, clock, guardIntervalSeconds: 10 });
      let state = await shifter.begin({ incoming: 'green', strategy });
      while (state.step < 0) ({ state } = await shifter.advance(state));
      fakes[1]?.externalWrite({ blue: 30, green: 70 });
      const writes = fakes.map((it) => it.writes.length);

      await clock.sleep(20_000);
      const { outcome } = await shifter.advance(state);

      expect(outcome).toBe('halted');
      expect(fakes.map((it) => it.writes.length)).toEqual(writes);
    });

    test('ends with all parts on one side, whichever part fails at whichever call', async () => {
      const faults = fc.array(fc.tuple(fc.integer({ min: 1, max: 16 }), fc.constantFrom(...kinds)), {
        maxLength: 3,
      });
      const part = fc.record({ scale: fc.constantFrom(...scales), faults });
      await fc.assert(
        fc.asyncProperty(fc.array(part, { minLength: 2, maxLength: 3 }), async (parts) => {
          const { clock, fakes, target } = compose(
            ...parts.map(({ scale, faults: given }) => ({
              scale,
              faults: new Map(given.map(([call, kind]): [number, CallFault] => [call, { kind }])),
            })),
          );
          const shifter = new TrafficShifter({ target, clock });

          const end = await runToEnd(shifter, clock);

          const side = end === 'succeeded' ? allGreen : allBlue;
          expect(liveOf(fakes)).toEqual(fakes.map(() => side));
        }),
        { numRuns: 400 },
      );
    });

    test('ends with all parts on the old side when one refuses every write from any step on', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.integer({ min: 0, max: 2 }),
          fc.integer({ min: 0, max: 2 }),
          fc.constantFrom('denied', 'throttled'),
          async (refusing, fromStep, kind) => {
            const { clock, fakes } = compose({}, { scale: 999 }, { scale: 100 });
            const targets = fakes.map((fake, index) =>
              index === refusing ? refuse(fake, fromStep, kind) : fake,
            );
            const target = new CompositeTarget({ targets, clock });

            const { outcome } = await new TrafficShifter({ target, clock }).shiftTo('green', strategy);

            expect(outcome).toBe('rolledBack');
            expect(liveOf(fakes)).toEqual(fakes.map(() => allBlue));
          },
        ),
        { numRuns: 60 },
      );
    });

    test('rolls back every part that it can when one refuses the rollback as well', async () => {
      const { clock, fakes } = compose({}, {}, {});
      const [one, other, last] = fakes as [FakeTarget, FakeTarget, FakeTarget];
      const denied: TrafficTarget = {
        description: 'denied',
        readWeights: (options) => other.readWeights(options),
        writeWeights: async (weights) => {
          if (other.writes.length > 0) throw refusal('denied');
          await other.writeWeights(weights);
        },
      };
      const target = new CompositeTarget({ targets: [one, denied, last], clock });

      const { outcome } = await new TrafficShifter({ target, clock }).shiftTo('green', strategy);

      expect(outcome).toBe('halted');
      expect([one.rule.weights, last.rule.weights]).toEqual([allBlue, allBlue]);
    });
  });
});

/** Drives a shift as an engine does, which calls again after an error, and rolls back a halted shift by hand. */
async function runToEnd(shifter: TrafficShifter, clock: JumpingClock): Promise<string> {
  let state = await retry(() => shifter.begin({ incoming: 'green', strategy }));
  for (let calls = 1; ; calls += 1) {
    if (calls === 200) throw new Error(`The shift does not end: ${JSON.stringify(state)}`);
    const { outcome, ...next } = await retry(() =>
      state.phase === 'halted' ? shifter.rollBack(state, 'by hand') : shifter.advance(state),
    );
    state = next.state;
    await clock.sleep(next.waitSeconds * 1000);
    if (outcome === 'succeeded' || outcome === 'rolledBack') return outcome;
  }
}

async function retry<T>(call: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await call();
    } catch (error) {
      if (attempt === 30) throw error;
    }
  }
}

/** Refuses each write from a step on, except those of a rollback. */
function refuse(fake: FakeTarget, fromStep: number, kind: string): TrafficTarget {
  let forward = 0;
  return {
    description: 'refusing part',
    readWeights: (options) => fake.readWeights(options),
    nearestWeights: (weights) => fake.nearestWeights?.(weights) ?? weights,
    writeWeights: async (weights, options?: WriteWeightsOptions) => {
      if (!options?.isRollback && forward >= fromStep) throw refusal(kind);
      forward += 1;
      await fake.writeWeights(weights, options);
    },
  };
}

function refusal(kind: string): Error {
  if (kind === 'denied') {
    return new AccessDeniedError({ action: 'fake:Call', resource: 'fake rule 1', cause: undefined });
  }
  return Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException' });
}
