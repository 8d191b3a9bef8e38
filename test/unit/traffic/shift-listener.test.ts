import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { VirtualClock } from '../../../src/testing/index.js';
import type { ShiftEvent } from '../../../src/traffic/shift-events.js';
import { ShiftListener } from '../../../src/traffic/shift-listener.js';
import type { ShiftState } from '../../../src/traffic/shift-state.js';
import { makeRecorder } from '../../support/recorded-lines.js';

const event: ShiftEvent = { at: 0, type: 'halted', reason: 'somebody' };
const state = {} as ShiftState;

function setUp(onEvent: () => unknown, logger = makeRecorder()) {
  const clock = new VirtualClock();
  const startedAt = clock.now();
  const listener = new ShiftListener({ onEvent, resource: 'rule', clock, logger });
  return { listener, logger, secondsPassed: () => (clock.now() - startedAt) / 1000 };
}

describe('ShiftListener', () => {
  test('is told at once, and is waited for when somebody wants to know', async () => {
    const done: string[] = [];
    const { listener, logger, secondsPassed } = setUp(async () => {
      done.push('begun');
      await setImmediate();
      done.push('done');
    });

    listener.tell([event], state);
    expect(done).toEqual(['begun']);
    await listener.settled();

    expect(done).toEqual(['begun', 'done']);
    expect(secondsPassed()).toBe(0);
    expect(logger.take()).toEqual([]);
  });

  test.each([
    [undefined, 5],
    [4000, 2],
  ])('with %s ms left it is waited for no longer than %d s', async (timeLeft, seconds) => {
    const { listener, logger, secondsPassed } = setUp(() => new Promise(() => {}));

    listener.tell([event], state);
    await listener.settled(timeLeft);

    expect(secondsPassed()).toBe(seconds);
    expect(logger.take()).toEqual([
      {
        level: 'warn',
        message: 'The listener of the shift is not waited for any longer',
        data: { resource: 'rule', afterSeconds: seconds },
      },
    ]);
  });

  test.each([
    [
      'throws',
      () => {
        throw new Error('no display');
      },
    ],
    ['rejects', () => Promise.reject(new Error('no display'))],
  ])('one that %s is logged', async (_name, onEvent) => {
    const { listener, logger } = setUp(onEvent);

    listener.tell([event], state);
    await listener.settled();

    expect(logger.take()).toEqual([
      {
        level: 'error',
        message: 'The listener of the shift threw',
        data: { resource: 'rule', event: 'halted', error: 'Error: no display' },
      },
    ]);
  });

  test('no rejection is left unhandled, whatever it is and whatever the logger does', async () => {
    const broken = () => {
      throw new Error('disk full');
    };
    const logger = { debug: broken, info: broken, warn: broken, error: broken, take: () => [] };
    const { listener } = setUp(() => Promise.reject(Object.create(null)), logger);

    listener.tell([event], state);

    // Vitest fails for a rejection that nobody has handled.
    await expect(listener.settled()).resolves.toBeUndefined();
    await setImmediate();
  });
});
