import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { EventFeed } from '../../../src/core/event-feed.js';
import { VirtualClock } from '../../../src/testing/index.js';
import { brokenLogger } from '../../support/broken-logger.js';
import { failingListeners } from '../../support/failing-listeners.js';
import { makeRecorder } from '../../support/recorded-lines.js';

const event = { type: 'halted' };

function setUp(onEvent: () => unknown, logger = makeRecorder()) {
  const clock = new VirtualClock();
  const startedAt = clock.now();
  const feed = new EventFeed({ onEvent, subject: 'shift', resource: 'rule', clock, logger });
  return { feed, logger, secondsPassed: () => (clock.now() - startedAt) / 1000 };
}

describe('EventFeed', () => {
  test('is told at once, and is waited for when somebody wants to know', async () => {
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
  ])('with %s ms left it is waited for no longer than %d s', async (timeLeft, seconds) => {
    const { feed, logger, secondsPassed } = setUp(() => new Promise(() => {}));

    feed.emit([event]);
    await feed.settled(timeLeft);

    expect(secondsPassed()).toBe(seconds);
    expect(logger.take()).toEqual([
      {
        level: 'warn',
        message: 'The listener of the shift is not waited for any longer',
        data: { resource: 'rule', afterSeconds: seconds },
      },
    ]);
  });

  test.each(failingListeners)('one that %s is logged', async (_name, onEvent) => {
    const { feed, logger } = setUp(onEvent);

    feed.emit([event]);
    await feed.settled();

    expect(logger.take()).toEqual([
      {
        level: 'error',
        message: 'The listener of the shift threw',
        data: { resource: 'rule', event: 'halted', error: 'Error: no display' },
      },
    ]);
  });

  test('no rejection is left unhandled, whatever it is and whatever the logger does', async () => {
    const logger = { ...brokenLogger, take: () => [] };
    const { feed } = setUp(() => Promise.reject(Object.create(null)), logger);

    feed.emit([event]);

    // Vitest fails for a rejection that nobody has handled.
    await expect(feed.settled()).resolves.toBeUndefined();
    await setImmediate();
  });
});
