import { setTimeout as realTime } from 'node:timers/promises';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { VirtualClock } from '../../../../src/testing/index.js';

let clock: VirtualClock;

beforeEach(() => {
  clock = new VirtualClock(new Date(0));
});

/** Waits for all code that can run without time passing. */
const settle = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

describe('VirtualClock', () => {
  test('starts at the given time', () => {
    expect(new VirtualClock(new Date('2026-05-05T05:05:05Z')).now()).toBe(Date.parse('2026-05-05T05:05:05Z'));
    expect(new VirtualClock().now()).toBe(Date.parse('2026-01-01T00:00:00Z'));
  });

  describe('sleep', () => {
    test('ends after hours of virtual time at once', async () => {
      await clock.sleep(7 * 24 * 3_600_000);

      expect(clock.now()).toBe(7 * 24 * 3_600_000);
    });

    test('ends in the order of the end times, whatever the order of the calls', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(fc.nat(1_000)), async (times) => {
          const own = new VirtualClock(new Date(0));
          const woken: [number, number][] = [];

          await Promise.all(
            times.map(async (time) => {
              await own.sleep(time);
              woken.push([time, own.now()]);
            }),
          );

          expect(woken).toEqual(times.toSorted((a, b) => a - b).map((time) => [time, time]));
        }),
      );
    });

    test('treats a negative time as 0', async () => {
      await clock.sleep(-5);

      expect(clock.now()).toBe(0);
    });

    test('throws TypeError for NaN', async () => {
      await expect(clock.sleep(Number.NaN)).rejects.toThrowError(/NaN/);
      expect(clock.now()).toBe(0);
    });

    test.each([undefined, '5', null, {}])('throws TypeError for %j, and keeps its time', async (time) => {
      await expect(clock.sleep(time as never)).rejects.toThrowError(TypeError);
      expect(() => clock.schedule(time as never, () => {})).toThrowError(TypeError);
      expect(clock.now()).toBe(0);
    });

    test('never ends for an infinite time, and makes no time pass', async () => {
      const woken: number[] = [];
      void clock.sleep(Number.POSITIVE_INFINITY).then(() => woken.push(clock.now()));

      await clock.sleep(5);
      await settle();

      expect({ woken, now: clock.now() }).toEqual({ woken: [], now: 5 });
    });

    test('keeps thousands of sleeps in order', async () => {
      const times = Array.from({ length: 5_000 }, (_, index) => (index * 7_919) % 10_007);
      const woken: number[] = [];

      await Promise.all(times.map((time) => clock.sleep(time).then(() => woken.push(time))));

      expect(woken).toEqual(times.toSorted((a, b) => a - b));
    });

    test("ends with the signal's reason, at the time of the abort", async () => {
      const controller = new AbortController();
      clock.schedule(10, () => controller.abort('enough'));

      await expect(clock.sleep(60_000, controller.signal)).rejects.toBe('enough');
      expect(clock.now()).toBe(10_000);
    });

    test('throws at once when the signal is aborted already', async () => {
      await expect(clock.sleep(60_000, AbortSignal.abort('enough'))).rejects.toBe('enough');
      expect(clock.now()).toBe(0);
    });

    test('removes its listener from a signal that is never aborted', async () => {
      const controller = new AbortController();
      await clock.sleep(1_000, controller.signal);

      controller.abort();
      await clock.sleep(1_000);

      expect(clock.now()).toBe(2_000);
    });
  });

  describe('the passing of time', () => {
    test('stops without a sleep, even when an event is scheduled', async () => {
      let happened = false;
      clock.schedule(1, () => {
        happened = true;
      });

      await settle();

      expect({ happened, now: clock.now() }).toEqual({ happened: false, now: 0 });
    });

    test('runs scheduled events before the end of the next sleep, each at its time', async () => {
      const happened: [string, number][] = [];
      clock.schedule(2, () => void happened.push(['second', clock.now()]));
      clock.schedule(1, () => void happened.push(['first', clock.now()]));
      clock.schedule(9, () => void happened.push(['too late', clock.now()]));

      await clock.sleep(5_000);

      expect(happened).toEqual([
        ['first', 1_000],
        ['second', 2_000],
      ]);
    });

    test('runs events of the same time in the order of their calls', async () => {
      const happened: number[] = [];
      for (const event of [1, 2, 3]) clock.schedule(1, () => void happened.push(event));

      await clock.sleep(2_000);

      expect(happened).toEqual([1, 2, 3]);
    });

    test('waits for all code that can run now', async () => {
      const times: number[] = [];
      const worker = async () => {
        for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
        times.push(clock.now());
      };

      await Promise.all([worker(), clock.sleep(1_000)]);

      expect(times).toEqual([0]);
    });
  });

  describe('schedule', () => {
    test('cancels the event', async () => {
      let happened = 0;
      const cancel = clock.schedule(1, () => {
        happened += 1;
      });

      cancel();

      await clock.sleep(5_000);
      expect(happened).toBe(0);
    });

    test('ends pending sleeps even when an event throws', async () => {
      const uncaught: unknown[] = [];
      const listeners = process.listeners('uncaughtException');
      process.removeAllListeners('uncaughtException');
      process.on('uncaughtException', (error) => uncaught.push(error.message));
      clock.schedule(1, () => {
        throw new Error('broken');
      });

      await clock.sleep(5_000);

      process.removeAllListeners('uncaughtException');
      for (const listener of listeners) process.on('uncaughtException', listener);
      expect({ uncaught, now: clock.now() }).toEqual({ uncaught: ['broken'], now: 5_000 });
    });

    test('accepts a call from an event', async () => {
      const times: number[] = [];
      clock.schedule(1, () => {
        clock.schedule(1, () => void times.push(clock.now()));
      });

      await clock.sleep(5_000);

      expect(times).toEqual([2_000]);
    });
  });

  test.each([new Date(Number.NaN), '2026-01-01', 0, null])(
    'throws InvalidInputError when it starts at %j',
    (startAt) => {
      expect(() => new VirtualClock(startAt as never)).toThrowError(/startAt: expected a valid Date/);
    },
  );

  describe('every', () => {
    test('runs the event after each interval until it is cancelled', async () => {
      const times: number[] = [];
      const stop = clock.every(10, () => void times.push(clock.now()));

      await clock.sleep(35_000);
      stop();
      await clock.sleep(60_000);

      expect(times).toEqual([10_000, 20_000, 30_000]);
    });

    test.each([0, -1, Number.NaN])('throws TypeError for an interval of %s seconds', (seconds) => {
      expect(() => clock.every(seconds, () => {})).toThrowError(TypeError);
    });

    test('can be cancelled by its own event', async () => {
      let times = 0;
      const stop = clock.every(10, () => {
        times += 1;
        if (times === 2) stop();
      });

      await clock.sleep(60_000);

      expect(times).toBe(2);
    });
  });

  describe('busy and idle', () => {
    test('stop the time during real work', async () => {
      const seen: number[] = [];
      const work = clock.busy(async () => {
        await realTime(5);
        seen.push(clock.now());
      });

      await Promise.all([work, clock.sleep(1_000)]);

      expect(seen).toEqual([0]);
      expect(clock.now()).toBe(1_000);
    });

    test('let time pass within work that waits for it', async () => {
      await clock.busy(async () => {
        await clock.idle(() => clock.sleep(1_000));
      });

      expect(clock.now()).toBe(1_000);
    });

    test('let time pass again after failed work', async () => {
      const fail = async () => Promise.reject(new Error('broken'));

      await expect(clock.busy(fail)).rejects.toThrowError('broken');
      await expect(clock.busy(() => clock.idle(fail))).rejects.toThrowError('broken');

      await clock.sleep(1_000);
      expect(clock.now()).toBe(1_000);
    });
  });
});
