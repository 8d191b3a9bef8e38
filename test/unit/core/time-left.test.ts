import { describe, expect, test } from 'vitest';
import { timeLeftOf } from '../../../src/core/time-left.js';

function clockAt(start: number) {
  let now = start;
  const add = (milliseconds: number) => {
    now += milliseconds;
  };
  return { now: () => now, sleep: async () => {}, add };
}

const contextOf = (getRemainingTimeInMillis: unknown) => ({ getRemainingTimeInMillis });

describe('timeLeftOf', () => {
  test('returns the time of the context, or the shorter limit of the caller', () => {
    const clock = clockAt(0);

    const read = (limit?: number) =>
      timeLeftOf(
        contextOf(() => 900_000),
        clock,
        limit,
      ).getRemainingTimeInMillis();

    expect([read(), read(60_000), read(3_600_000)]).toEqual([900_000, 60_000, 900_000]);
  });

  test('never increases, whatever the context and the clock return', () => {
    const clock = clockAt(1_000_000);
    let left = 900_000;
    const timeLeft = timeLeftOf(
      contextOf(() => left),
      clock,
    );
    clock.add(30_000);
    left -= 30_000;
    const before = timeLeft.getRemainingTimeInMillis();

    // Lambda computes it from the clock.
    clock.add(-7_200_000);
    left += 7_200_000;

    expect(before).toBe(870_000);
    expect(timeLeft.getRemainingTimeInMillis()).toBe(870_000);
    clock.add(870_000);
    expect(timeLeft.getRemainingTimeInMillis()).toBe(0);
  });

  test('is never below zero', () => {
    expect(
      timeLeftOf(
        contextOf(() => -5),
        clockAt(0),
      ).getRemainingTimeInMillis(),
    ).toBe(0);
  });

  test.each([
    undefined,
    null,
    5,
    {},
    contextOf(5),
    contextOf(() => Number.NaN),
    contextOf(() => '9'),
    contextOf(() => Number.POSITIVE_INFINITY),
    contextOf(() => {
      throw new Error('no');
    }),
  ])('counts down from 30 seconds for the context %j', (context) => {
    const clock = clockAt(0);
    const timeLeft = timeLeftOf(context, clock);

    clock.add(10_000);

    expect(timeLeft.getRemainingTimeInMillis()).toBe(20_000);
  });
});
