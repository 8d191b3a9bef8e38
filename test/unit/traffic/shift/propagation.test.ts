import { describe, expect, test } from 'vitest';
import { UnexpectedResponseError } from '../../../../src/core/errors.js';
import type { ShiftState } from '../../../../src/traffic/shift/shift-state.js';
import type { ShiftProgress, TrafficShifterOptions } from '../../../../src/traffic/shifter-options.js';
import { allAtOnce } from '../../../../src/traffic/strategies/all-at-once.js';
import { steps } from '../../../../src/traffic/strategies/steps.js';
import { TrafficShifter } from '../../../../src/traffic/traffic-shifter.js';
import { FakeTarget, type FakeTargetOptions } from '../../../support/fake-target.js';
import { JumpingClock } from '../../../support/jumping-clock.js';

const propagationSeconds = 360;
const strategy = steps([
  { percent: 10, holdSeconds: 60 },
  { percent: 100, holdSeconds: 0 },
]);

function setUp(
  options: Partial<TrafficShifterOptions> = {},
  target: Partial<FakeTargetOptions> = { propagationSeconds },
) {
  const clock = new JumpingClock();
  const fake = new FakeTarget({ clock, ...target });
  return { clock, target: fake, shifter: new TrafficShifter({ target: fake, clock, ...options }) };
}

/** Advances until the end, or until a state is found. Returns the seconds that have passed. */
async function advance(
  { clock, shifter }: ReturnType<typeof setUp>,
  state: ShiftState,
  isFound: (progress: ShiftProgress) => boolean = () => false,
) {
  const startedAt = clock.now();
  let progress: ShiftProgress = { state, waitSeconds: 0, events: [] };
  while (progress.outcome === undefined && !isFound(progress)) {
    await clock.sleep(progress.waitSeconds * 1000);
    progress = await shifter.advance(JSON.parse(JSON.stringify(progress.state)));
  }
  return { ...progress, seconds: (clock.now() - startedAt) / 1000 };
}

describe('Class: TrafficShifter › propagation time of the target', () => {
  test('holds each step until all clients follow, and then for its own time', async () => {
    const world = setUp();

    const { outcome, seconds } = await advance(
      world,
      await world.shifter.begin({ incoming: 'green', strategy }),
    );

    expect(outcome).toBe('succeeded');
    expect(seconds).toBe(2 * propagationSeconds + 60);
  });

  test('holds no longer for a target without the method', async () => {
    const world = setUp({}, {});

    const { seconds, state } = await advance(
      world,
      await world.shifter.begin({ incoming: 'green', strategy }),
    );

    expect(seconds).toBe(60);
    expect(state).not.toHaveProperty('propagationSeconds');
  });

  test('holds weights that it begins with until all clients follow', async () => {
    const world = setUp({}, { propagationSeconds, weights: { blue: 90, green: 10 } });
    const request = { incoming: 'green', strategy, acceptLiveWeights: true } as const;

    const { seconds } = await advance(world, await world.shifter.begin(request));

    expect(seconds).toBe(2 * propagationSeconds + 60);
  });

  test('ends a rollback in steps one propagation time after its last step', async () => {
    const world = setUp({ rollback: { stepPercent: 50, intervalSeconds: 5 } });
    const begun = await world.shifter.begin({ incoming: 'green', strategy: allAtOnce() });
    const { state } = await advance(world, begun, ({ state: { step } }) => step === 0);
    const { state: rollingBack } = await world.shifter.rollBack(state, 'errors');

    const { outcome, seconds } = await advance(world, rollingBack);

    expect(outcome).toBe('rolledBack');
    expect(seconds).toBe(5 + propagationSeconds);
    expect(world.target.rule.weights).toEqual({ blue: 100, green: 0 });
  });

  test('halts at drift during the propagation time of a rollback, and ends after a resume', async () => {
    const world = setUp();
    const begun = await world.shifter.begin({ incoming: 'green', strategy });
    const { state } = await advance(world, begun, ({ state: { step } }) => step === 0);
    const { state: returned } = await world.shifter.rollBack(state, 'errors');
    expect(returned.phase).toBe('rollingBack');
    world.target.externalWrite({ blue: 40, green: 60 });

    const halted = await advance(world, returned);
    world.target.repair({ blue: 100, green: 0 });
    const { outcome, seconds } = await advance(world, (await world.shifter.advance(halted.state)).state);

    expect([halted.outcome, outcome]).toEqual(['halted', 'rolledBack']);
    expect(seconds).toBe(propagationSeconds);
  });

  test('plans the calls of the longer holds', async () => {
    const world = setUp();
    const planned = world.shifter.plannedCalls({ incoming: 'green', strategy });
    let calls = 0;

    await advance(world, await world.shifter.begin({ incoming: 'green', strategy }), () => {
      calls += 1;
      return false;
    });

    expect(planned).toBeGreaterThanOrEqual(calls);
  });

  test.each([Number.NaN, -1, 604_801, Number.POSITIVE_INFINITY, '90', null, undefined, 90n])(
    'throws UnexpectedResponseError when the target returns %s',
    async (value) => {
      const { clock, target } = setUp();
      const wrong = Object.assign(Object.create(target), {
        description: target.description,
        readWeights: () => target.readWeights(),
        writeWeights: target.writeWeights.bind(target),
        propagationSeconds: () => value,
      });
      const shifter = new TrafficShifter({ target: wrong, clock });
      const begun = await shifter.begin({ incoming: 'green', strategy });

      await expect(shifter.advance(begun)).rejects.toThrowError(UnexpectedResponseError);
    },
  );
});
