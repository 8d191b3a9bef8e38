import { describe, expect, test } from 'vitest';
import type { LogData } from '../../../src/core/logger.js';
import {
  type DeadlineOptions,
  runBeforeDeadline,
  sendBeforeDeadline,
  type TimedWork,
} from '../../../src/core/respond-before-deadline.js';
import { retryOnConflict } from '../../../src/core/retry-on-conflict.js';
import { VirtualClock } from '../../../src/testing/index.js';

function setUp(milliseconds = 100_000) {
  const clock = new VirtualClock();
  const startedAt = clock.now();
  const lines: [string, LogData][] = [];
  const log = (...line: [string, LogData]) => void lines.push(line);
  const logger = { debug: log, info: log, warn: log, error: log };
  const context = { getRemainingTimeInMillis: () => startedAt + milliseconds - clock.now() };
  const elapsed = () => clock.now() - startedAt;
  return { clock, context, logger, lines, elapsed };
}

describe('runBeforeDeadline', () => {
  const run = <Result>(
    work: (timed: TimedWork) => Result | Promise<Result>,
    world: ReturnType<typeof setUp>,
    more: Partial<DeadlineOptions> = {},
  ) => runBeforeDeadline(work, { resource: 'r', marginSeconds: 30, ...world, ...more });

  test('returns the result of the work', async () => {
    expect(await run(() => 5, setUp())).toEqual({ status: 'succeeded', result: 5 });
  });

  test('returns and logs an error of the work', async () => {
    const world = setUp();

    expect(
      await run(
        () => {
          throw new Error('no');
        },
        world,
        { work: 'rollout' },
      ),
    ).toMatchObject({ status: 'failed', error: { message: 'no' } });
    expect(world.lines).toMatchObject([['Rollout failed', { resource: 'r', error: 'Error: no' }]]);
  });

  test('names the last error of work that ran out of time', async () => {
    const world = setUp();
    const busy = async (options: object) => {
      throw Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException', ...options });
    };
    const call = (signal: AbortSignal) => ({ action: 'rds:StartDBCluster', resource: 'orders', signal });

    const outcome = await run(
      ({ signal }) => retryOnConflict(call(signal), { clock: world.clock, maxWaitSeconds: 900 }, busy),
      world,
    );

    expect(outcome).toMatchObject({
      status: 'failed',
      error: {
        name: 'DeadlineError',
        message: expect.stringContaining('the last error was: Rate exceeded'),
        cause: { name: 'ThrottlingException' },
      },
    });
  });

  test('names no error of work that ended because of the abort', async () => {
    for (const end of ['sleep', 'throw'] as const) {
      const world = setUp();
      const outcome = await run(async ({ signal }) => {
        const sleeping = world.clock.sleep(1_000_000, signal);
        await (end === 'sleep' ? sleeping : sleeping.catch(() => signal.throwIfAborted()));
      }, world);

      expect(outcome).toMatchObject({ status: 'failed', error: { name: 'DeadlineError' } });
      expect(outcome).not.toHaveProperty('error.cause');
    }
  });

  test('aborts the work at the margin, and waits for half of it while it cleans up', async () => {
    const world = setUp();
    const seen: unknown[] = [];

    const outcome = await run(
      async ({ signal, remainingSeconds }) => {
        seen.push(remainingSeconds());
        await world.clock
          .sleep(1_000_000, signal)
          .catch(() => seen.push(world.elapsed(), remainingSeconds()));
        await world.clock.sleep(1_000_000);
      },
      world,
      { remedy: 'Do less' },
    );

    expect(seen).toEqual([70, 70_000, 0]);
    expect(world.elapsed()).toBe(85_000);
    expect(outcome).toMatchObject({
      status: 'failed',
      error: { code: 'DEADLINE_EXCEEDED', remedy: expect.stringMatching(/^Do less\. On the simulator: /) },
    });
    expect(world.lines.at(-1)).toMatchObject(['Hook ran out of time', { hasEnded: false }]);
  });

  test('uses at most half of a short time-out as the margin, and warns', async () => {
    const world = setUp(20_000);

    await run(({ signal }) => world.clock.sleep(1_000_000, signal), world);

    expect(world.elapsed()).toBe(10_000);
    expect(world.lines[0]?.[0]).toMatch(/short for the deadline margin/);
  });

  test('waits past the end for work that must end', async () => {
    const world = setUp();

    await run(() => new Promise(() => {}), world, { mustEnd: true });

    expect(world.elapsed()).toBe(160_000);
  });
});

describe('sendBeforeDeadline', () => {
  const send = (
    world: ReturnType<typeof setUp>,
    attempt: (signal: AbortSignal) => Promise<string>,
    isFinal = (_error: unknown) => false,
  ) =>
    sendBeforeDeadline({
      ...world,
      maxAttemptMilliseconds: 10_000,
      send: attempt,
      timeout: (seconds) => new Error(`late after ${seconds} s`),
      isFinal,
      onRetry: (error) => world.lines.push([String(error), {}]),
    });

  test('retries a failed attempt with growing pauses until the end is near', async () => {
    const world = setUp();
    const attempts: number[] = [];

    const sent = send(world, async () => {
      attempts.push(world.elapsed() / 1000);
      throw new Error('no');
    });

    await expect(sent).rejects.toThrow('no');
    expect(attempts.slice(0, 6)).toEqual([0, 1, 3, 7, 15, 31]);
    expect(world.elapsed()).toBeGreaterThan(99_000);
    expect(world.elapsed()).toBeLessThan(100_000);
    expect(world.lines).toHaveLength(attempts.length - 1);
  });

  test('throws a final error at once', async () => {
    const world = setUp();

    await expect(
      send(
        world,
        () => Promise.reject(new Error('denied')),
        () => true,
      ),
    ).rejects.toThrow('denied');
    expect(world.elapsed()).toBe(0);
  });

  test('aborts an attempt that hangs', async () => {
    const world = setUp();
    let attempts = 0;
    let aborted = 0;

    const result = await send(world, (signal) => {
      attempts += 1;
      signal.addEventListener('abort', () => {
        aborted += 1;
      });
      return attempts === 1 ? new Promise(() => {}) : Promise.resolve('sent');
    });

    expect(result).toBe('sent');
    expect(aborted).toBe(1);
    expect(world.lines).toEqual([['Error: late after 10 s', {}]]);
  });

  test('makes one attempt when no time is left', async () => {
    expect(await send(setUp(0), async () => 'sent')).toBe('sent');
  });
});
