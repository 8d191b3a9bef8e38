import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { EventFeed } from '../../../src/core/event-feed.js';
import { VirtualClock } from '../../../src/testing/index.js';
import { brokenLogger } from '../../support/broken-logger.js';
import { failingListeners } from '../../support/failing-listeners.js';
import { createRecorder } from '../../support/recorded-lines.js';

const event = { type: 'halted' };

function setUp(onEvent: () => unknown, logger = createRecorder()) {
  const clock = new VirtualClock();
  const startedAt = clock.now();
  const feed = new EventFeed({ onEvent, subject: 'shift', resource: 'rule', clock, logger });
  return { feed, logger, secondsPassed: () => (clock.now() - startedAt) / 1000 };
}

describe('EventFeed', () => {
  test('calls the listener at once, and waits for it on settled', async () => {
    const done: string[] = [];
    const { feed, logger, secondsPassed } = setUp(async () => {
      done.push('begun');
      await setImmediate();
      done.push('done');
    });

    feed.emit([event]);
    expect(done).toEqual(['begun']);
    await feed.settled();

    expect(done).toEqual(['begun', 'done']);
    expect(secondsPassed()).toBe(0);
    expect(logger.take()).toEqual([]);
  });

  test.each([
    [undefined, 5],
    [4000, 2],
  ])('waits, with %s ms left, at most %d s for the listener', async (timeLeft, seconds) => {
    const { feed, logger, secondsPassed } = setUp(() => new Promise(() => {}));

    feed.emit([event]);
    await feed.settled(timeLeft);

    expect(secondsPassed()).toBe(seconds);
    expect(logger.take()).toEqual([
      {
        level: 'warn',
        message: 'Stopped waiting for the event listener of the shift',
        data: { resource: 'rule', afterSeconds: seconds },
      },
    ]);
  });

  test.each(failingListeners)('logs a listener that %s', async (_name, onEvent) => {
    const { feed, logger } = setUp(onEvent);

    feed.emit([event]);
    await feed.settled();

    expect(logger.take()).toEqual([
      {
        level: 'error',
        message: 'Event listener of the shift failed',
        data: { resource: 'rule', event: 'halted', error: 'Error: no display' },
      },
    ]);
  });

  test('leaves no rejection unhandled, whatever the logger does', async () => {
    const logger = { ...brokenLogger, take: () => [] };
    const { feed } = setUp(() => Promise.reject(Object.create(null)), logger);

    feed.emit([event]);

    // Vitest fails for an unhandled rejection.
    await expect(feed.settled()).resolves.toBeUndefined();
    await setImmediate();
  });
});
