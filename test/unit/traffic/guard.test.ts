import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TrafficShifterOptions } from '../../../src/traffic/shifter-options.js';
import { canary } from '../../../src/traffic/strategies/canary.js';
import { linear } from '../../../src/traffic/strategies/linear.js';
import { TrafficShifter } from '../../../src/traffic/traffic-shifter.js';
import type { Check, ShiftStrategy } from '../../../src/traffic/types.js';
import { FakeTarget } from '../../support/fake-target.js';
import { JumpingClock } from '../../support/jumping-clock.js';
import { green } from './shift-states.js';

const passing: Check = { name: 'errors', evaluate: async () => ({ outcome: 'pass', detail: 'fine' }) };
const inconclusive: Check = {
  name: 'errors',
  evaluate: async () => ({ outcome: 'inconclusive', detail: 'no data' }),
};

function setUp(options: Partial<TrafficShifterOptions> = {}) {
  const clock = new JumpingClock();
  const target = new FakeTarget({ clock });
  return { clock, target, shifter: new TrafficShifter({ target, clock, ...options }) };
}

/** Drives a shift. The weights are changed outside it after some seconds, and drift must be detected within some more. */
async function driftAfter(
  seconds: number,
  { shifter, target, clock }: ReturnType<typeof setUp>,
  options: { strategy?: ShiftStrategy; approvalPercents?: number[] } = {},
) {
  const { strategy = canary({ percent: 10, holdSeconds: 900 }), ...approvals } = options;
  let state = await shifter.begin({ incoming: 'green', strategy, ...approvals });
  const start = clock.now();
  let changedAt: number | undefined;
  for (;;) {
    if (changedAt === undefined && clock.now() - start >= seconds * 1000) {
      target.externalWrite(green(65));
      changedAt = clock.now();
    }
    const progress = await shifter.advance(state);
    state = progress.state;
    if (progress.outcome !== undefined) break;
    await clock.sleep(progress.waitSeconds * 1000);
  }
  return { state, noticedAfter: (clock.now() - (changedAt ?? clock.now())) / 1000 };
}

describe('TrafficShifter › drift during a hold', () => {
  test('halts while only an approval is missing', async () => {
    const world = setUp();

    const { state, noticedAfter } = await driftAfter(1_000, world, { approvalPercents: [10] });

    expect(state).toMatchObject({ phase: 'halted', reason: expect.stringContaining('drift') });
    expect(noticedAfter).toBeLessThanOrEqual(60 + 30);
    expect(world.target.rule.weights).toEqual(green(65));
  });

  test('halts before the first step', async () => {
    const world = setUp();

    const { state } = await driftAfter(1_000, world, { approvalPercents: [0] });

    expect(state).toMatchObject({ phase: 'halted', step: -1 });
    expect(world.target.writes).toEqual([]);
  });

  test('halts while a check has not passed yet', async () => {
    const world = setUp({ checks: [inconclusive], policy: { inconclusiveThreshold: 1000 } });

    const { state, noticedAfter } = await driftAfter(1_000, world);

    expect(state).toMatchObject({ phase: 'halted', step: 0 });
    expect(noticedAfter).toBeLessThanOrEqual(60 + 30);
  });

  test('evaluates no check under weights of another step', async () => {
    const seen: number[] = [];
    const world = setUp({
      checks: [
        {
          name: 'errors',
          evaluate: async ({ weights }) => {
            seen.push(weights.green);
            return { outcome: 'pass', detail: 'fine' };
          },
        },
      ],
    });

    const { state } = await driftAfter(120, world);

    expect(state).toMatchObject({ phase: 'halted', tallies: { errors: { successes: 1 } } });
    expect(world.target.writes).toEqual([green(10)]);
  });

  test('halts a rollback in steps', async () => {
    const world = setUp({ rollback: { stepPercent: 5, intervalSeconds: 3_600 } });
    const { shifter, target, clock } = world;
    const { state } = await shifter.advance(
      await shifter.begin({ incoming: 'green', strategy: canary({ percent: 10, holdSeconds: 0 }) }),
    );
    let progress = await shifter.rollBack(state, 'enough');
    target.externalWrite(green(65));
    const changedAt = clock.now();

    while (progress.outcome === undefined) {
      await clock.sleep(progress.waitSeconds * 1000);
      progress = await shifter.advance(progress.state);
    }

    expect(progress.state).toMatchObject({ phase: 'halted', haltedIn: 'rollingBack' });
    expect(clock.now() - changedAt).toBeLessThanOrEqual(90_000);
  });

  test('detects drift within the guard interval, whenever it happens and whatever the checks return', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 1_700 }),
        fc.constantFrom(10, 60, 300),
        fc.constantFrom([], [passing], [inconclusive]),
        fc.constantFrom(20, 60, 400),
        async (seconds, guardIntervalSeconds, checks, intervalSeconds) => {
          const policy = { intervalSeconds, inconclusiveThreshold: 1000 };
          const world = setUp({ guardIntervalSeconds, checks, policy });
          const strategy = linear({ stepPercent: 20, intervalSeconds: 400 });

          const { state, noticedAfter } = await driftAfter(seconds, world, { strategy });

          // A reading that shows drift is repeated for the propagation time, because it may be stale.
          if (state.phase === 'halted') expect(noticedAfter).toBeLessThanOrEqual(guardIntervalSeconds + 30);
          else expect(world.target.changes.map(({ by }) => by)).not.toContain('external write');
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('TrafficShifter › guardIntervalSeconds', () => {
  test('reads the weights once a minute by default', async () => {
    const { shifter, target } = setUp();

    await shifter.shiftTo('green', canary({ percent: 10, holdSeconds: 600 }));

    const reads = target.calls.filter(({ kind }) => kind === 'read').length;
    // At the beginning, before and after each of two writes, nine during the hold, and one at the end.
    expect(reads).toBe(1 + 4 + 9 + 1);
  });

  test('does not read the weights again when an evaluation of the checks has read them', async () => {
    const { shifter, target } = setUp({ checks: [passing] });

    await shifter.shiftTo('green', canary({ percent: 10, holdSeconds: 600 }));

    const reads = target.calls.filter(({ kind }) => kind === 'read').length;
    // Ten evaluations under 10 %, one under 100 %, which ends the shift.
    expect(reads).toBe(1 + 4 + 10 + 1);
  });
});

/** A target whose responses to readings take some time. */
class SlowTarget extends FakeTarget {
  readSeconds = 0;
  readonly #clock: JumpingClock;

  constructor(options: { readonly clock: JumpingClock }) {
    super(options);
    this.#clock = options.clock;
  }

  override async readWeights(...args: Parameters<FakeTarget['readWeights']>) {
    await this.#clock.sleep(this.readSeconds * 1000);
    return super.readWeights(...args);
  }
}

describe('TrafficShifter › checks during a hold', () => {
  test('evaluates them on time, however slow the readings are and whatever the guard is', async () => {
    const policy = fc.record({
      initialDelaySeconds: fc.nat({ max: 120 }),
      intervalSeconds: fc.integer({ min: 10, max: 120 }),
    });
    const guardIntervalSeconds = fc.integer({ min: 10, max: 600 });
    const slowness = fc.nat({ max: 9 });
    await fc.assert(
      fc.asyncProperty(policy, guardIntervalSeconds, slowness, async (times, guard, readSeconds) => {
        const clock = new JumpingClock();
        const target = new SlowTarget({ clock });
        const evaluatedAt: number[] = [];
        const check: Check = {
          name: 'errors',
          evaluate: async () => {
            evaluatedAt.push(clock.now());
            return { outcome: 'pass', detail: 'fine' };
          },
        };
        const options = { target, clock, checks: [check], policy: times, guardIntervalSeconds: guard };
        const shifter = new TrafficShifter(options);
        const strategy = canary({ percent: 10, holdSeconds: 900 });
        let progress = await shifter.advance(await shifter.begin({ incoming: 'green', strategy }));
        target.readSeconds = readSeconds;
        const { verifiedAt } = progress.state;
        while (progress.state.step === 0 && progress.state.pendingWeights === undefined) {
          await clock.sleep(progress.waitSeconds * 1000);
          progress = await shifter.advance(progress.state);
        }

        // A reading of the guard and one beside the evaluation itself may come before it.
        const [first = Number.POSITIVE_INFINITY] = evaluatedAt;
        const late = 2 * readSeconds;
        expect((first - verifiedAt) / 1000).toBeLessThanOrEqual(times.initialDelaySeconds + late);
        for (const [index, at] of evaluatedAt.entries()) {
          const before = evaluatedAt[index - 1] ?? at;
          expect((at - before) / 1000).toBeLessThanOrEqual(times.intervalSeconds + late);
        }
      }),
      { numRuns: 200 },
    );
  });
});
