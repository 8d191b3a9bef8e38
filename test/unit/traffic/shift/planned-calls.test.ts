import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Check, linear, type ShiftStrategy, TrafficShifter } from '../../../../src/traffic/index.js';
import { FakeTarget } from '../../../support/fake-target.js';
import { JumpingClock } from '../../../support/jumping-clock.js';

const passing: Check = { name: 'errors', evaluate: async () => ({ outcome: 'pass', detail: 'fine' }) };

type Options = Partial<ConstructorParameters<typeof TrafficShifter>[0]>;

function makeShifter(options: Options = {}) {
  const clock = new JumpingClock();
  const target = new FakeTarget({ clock });
  return { clock, shifter: new TrafficShifter({ target, clock, ...options }) };
}

async function callsOf(strategy: ShiftStrategy, options: Options): Promise<number> {
  const { clock, shifter } = makeShifter(options);
  let state = await shifter.begin({ incoming: 'green', strategy });
  for (let calls = 1; ; calls += 1) {
    const progress = await shifter.advance(state);
    if (progress.outcome !== undefined) return calls;
    state = progress.state;
    await clock.sleep(progress.waitSeconds * 1000);
  }
}

describe('plannedCalls', () => {
  test('returns at least the calls of an hour in ten steps, and few more', async () => {
    const strategy = linear({ stepPercent: 10, intervalSeconds: 360 });
    const options = { checks: [passing] };

    const planned = makeShifter(options).shifter.plannedCalls({ incoming: 'green', strategy });
    const calls = await callsOf(strategy, options);

    expect([planned, calls]).toEqual([86, 65]);
  });

  test('never returns less than the calls of a successful shift', async () => {
    const step = fc.record({
      percent: fc.integer({ min: 1, max: 99 }),
      holdSeconds: fc.constantFrom(0, 0.5, 30, 59, 60, 61, 300, 1000),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(step, { selector: ({ percent }) => percent, maxLength: 5 }),
        fc.record({
          intervalSeconds: fc.constantFrom(7, 30, 60, 300),
          initialDelaySeconds: fc.constantFrom(0, 60, 500),
          successThreshold: fc.integer({ min: 1, max: 3 }),
        }),
        fc.constantFrom([], [passing], [{ ...passing, dryRun: true }]),
        async (steps, policy, checks) => {
          const rising = steps.toSorted((one, other) => one.percent - other.percent);
          const strategy = { name: 'any', steps: [...rising, { percent: 100, holdSeconds: 60 }] };

          const planned = makeShifter({ policy, checks }).shifter.plannedCalls({
            incoming: 'green',
            strategy,
          });

          expect(planned).toBeGreaterThanOrEqual(await callsOf(strategy, { policy, checks }));
        },
      ),
      { numRuns: 300 },
    );
  });

  test('throws InvalidInputError for an invalid strategy', () => {
    expect(() =>
      makeShifter().shifter.plannedCalls({ incoming: 'green', strategy: { name: 'none', steps: [] } }),
    ).toThrow('Invalid');
  });
});
