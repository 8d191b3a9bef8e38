import { describe, expect, test, vi } from 'vitest';
import type { CallOptions } from '../../../src/core/aws-call.js';
import { DeadlineError } from '../../../src/core/errors.js';
import { silentLogger } from '../../../src/core/logger.js';
import { type Resumable, type RunToEndOptions, runToEnd } from '../../../src/resumable/index.js';
import { retrySeconds } from '../../../src/resumable/retry-seconds.js';
import { truncateReason } from '../../../src/resumable/truncate-reason.js';
import type { Progress } from '../../../src/resumable/types.js';
import { JumpingClock } from '../../support/jumping-clock.js';

interface State {
  readonly step: number;
}

type Result = Partial<Progress<State, { type: string }>> | Error;
type Change = Resumable<string, State, { type: string }>;

/** A change whose calls of `advance` and `rollBack` have these results, the last one again and again. */
function script(advances: readonly Result[], rollbacks: readonly Result[] = [], more: Partial<Change> = {}) {
  const clock = new JumpingClock();
  const startedAt = clock.now();
  const calls: { kind: string; seconds: number; signal: AbortSignal | undefined; approved?: unknown }[] = [];
  const play = async (kind: string, results: readonly Result[], state: State, options: CallOptions = {}) => {
    const index = calls.filter((it) => it.kind === kind).length;
    calls.push({ kind, seconds: (clock.now() - startedAt) / 1000, ...options, signal: options.signal });
    const result = results[Math.min(index, results.length - 1)] ?? {};
    if (result instanceof Error) throw result;
    return { state: { step: state.step + 1 }, waitSeconds: 0, events: [], ...result };
  };
  const change: Change = {
    description: 'scripted change',
    parseRequest: String,
    parseState: (value) => value as State,
    begin: async (_request, options) => (await play('begin', [], { step: -1 }, options)).state,
    advance: (state, options) => play('advance', advances, state, options),
    rollBack: (state, _reason, options) => play('rollBack', rollbacks, state, options),
    ...more,
  };
  const run = (options: RunToEndOptions<State, { type: string }> = {}) =>
    runToEnd(change, 'go', { clock, ...options });
  return { clock, calls, run, kinds: () => calls.map(({ kind }) => kind) };
}

const failed = new Error('no network');
const held = { heldAt: { key: 'go', detail: 'go on' }, waitSeconds: 30 };

describe('runToEnd', () => {
  test('has no reason after a success, even when the summary has one', async () => {
    const summary = { reason: 'slow', isRollingBack: false, isComplete: true, details: {} };
    const { run } = script([{ outcome: 'succeeded' }], [], { summarize: () => summary });

    expect(await run()).toStrictEqual({ outcome: 'succeeded', state: { step: 1 }, history: [] });
  });

  test('calls nothing more for a state that has ended', async () => {
    const summary = { isRollingBack: false, isComplete: true, outcome: 'succeeded', details: {} } as const;
    const { run, kinds } = script([failed], [], { summarize: () => summary });

    expect((await run()).outcome).toBe('succeeded');
    expect(kinds()).toEqual(['begin']);
  });

  test('does not wait after the end', async () => {
    const { run, clock } = script([{ outcome: 'succeeded', waitSeconds: 600 }]);
    const before = clock.now();

    await run();

    expect(clock.now()).toBe(before);
  });

  test('passes one signal that either signal aborts', async () => {
    const [stop, end] = [new AbortController(), new AbortController()];
    const { run, calls } = script([held, { outcome: 'succeeded' }]);
    const asked: unknown[] = [];

    await run({
      signal: stop.signal,
      haltSignal: end.signal,
      isApproved: (_heldAt, { signal }) => {
        asked.push(signal);
        return true;
      },
    });
    end.abort();

    expect(calls[0]?.signal).toBe(stop.signal);
    expect(calls[1]?.signal?.aborted).toBe(true);
    expect(asked[0]).toBe(calls[1]?.signal);
  });

  test.each([['signal'], ['haltSignal']])('passes the only signal, %s', async (name) => {
    const { signal } = new AbortController();
    const { run, calls } = script([{ outcome: 'succeeded' }]);

    await run({ [name]: signal });

    expect(calls[1]?.signal).toBe(signal);
  });

  test('passes only the halt signal to a rollback after an abort', async () => {
    const [stop, end] = [new AbortController(), new AbortController()];
    const { run, calls } = script([{ waitSeconds: 60 }], [{ outcome: 'rolledBack' }]);
    stop.abort();

    await run({ signal: stop.signal, haltSignal: end.signal });

    expect(calls.map(({ kind }) => kind)).toEqual(['begin', 'rollBack']);
    expect(calls[1]?.signal).toBe(end.signal);
  });

  test('counts no failure of a call that an abort ends', async () => {
    const logger = { ...silentLogger, warn: vi.fn() };
    const stop = new AbortController();
    const { run, kinds } = script([], [{ outcome: 'rolledBack' }], {
      advance: async () => {
        stop.abort(new Error('Enough'));
        throw new Error('The call was aborted');
      },
    });

    expect(await run({ signal: stop.signal, logger })).toMatchObject({
      outcome: 'rolledBack',
      reason: 'Aborted: Enough',
    });
    expect(logger.warn).not.toHaveBeenCalled();
    expect(kinds()).toEqual(['begin', 'rollBack']);
  });

  test.each([
    [new DeadlineError({ remainingSeconds: 10 }), /^Aborted: .*no network/],
    [new DOMException('Too late', 'TimeoutError'), /^Aborted: Too late.*no network/],
    [new Error('Enough'), /^Aborted: Enough$/],
  ])('adds the last error to the reason only after a time-out: %s', async (cause, reason) => {
    const stop = new AbortController();
    const { run, clock } = script([failed], [{ outcome: 'rolledBack' }]);
    clock.schedule(15, () => stop.abort(cause));

    expect((await run({ signal: stop.signal })).reason).toMatch(reason);
  });

  describe('rollback', () => {
    test('waits between its steps', async () => {
      const { run, calls } = script(
        [failed, { waitSeconds: 40 }, { outcome: 'rolledBack' }],
        [{ waitSeconds: 20 }],
      );

      expect((await run({ maxAttempts: 1 })).outcome).toBe('rolledBack');
      expect(calls.map(({ kind, seconds }) => [kind, seconds])).toEqual([
        ['begin', 0],
        ['advance', 0],
        ['rollBack', 0],
        ['advance', 20],
        ['advance', 60],
      ]);
    });

    test('is retried with growing delays', async () => {
      const { run, calls } = script(
        [failed],
        [failed, failed, failed, failed, failed, failed, { outcome: 'rolledBack' }],
      );

      await run({ maxAttempts: 1 });

      expect(calls.slice(2).map(({ seconds }) => seconds)).toEqual([0, 10, 30, 70, 150, 310, 610]);
    });

    test('that the change has started by itself is retried as one, and then halted', async () => {
      const summary = { isRollingBack: true, isComplete: false, details: {} };
      const { run, kinds } = script([failed], [{ outcome: 'rolledBack' }], { summarize: () => summary });

      const { outcome, reason } = await run({ maxAttempts: 2, maxRollbackAttempts: 4 });

      expect([outcome, reason]).toEqual(['halted', 'The change cannot proceed: no network']);
      expect(kinds()).toEqual(['begin', ...Array.from({ length: 4 }, () => 'advance')]);
    });

    test('is not started again by an abort', async () => {
      const stop = new AbortController();
      const { run, clock, kinds } = script(
        [failed, { waitSeconds: 60 }, { outcome: 'rolledBack' }],
        [{ waitSeconds: 60 }],
      );
      clock.schedule(70, () => stop.abort(new Error('Enough')));

      expect(await run({ maxAttempts: 1, signal: stop.signal })).toMatchObject({
        outcome: 'rolledBack',
        reason: 'The change cannot proceed: no network',
      });
      expect(kinds().filter((kind) => kind === 'rollBack')).toHaveLength(1);
    });
  });

  describe('approvals', () => {
    test('continue at once when they are given, with their key', async () => {
      const { run, calls } = script([held, { outcome: 'succeeded' }]);

      await run({ approved: ['earlier'], isApproved: () => true });

      expect(calls.slice(1).map(({ seconds, approved }) => [seconds, approved])).toEqual([
        [0, ['earlier']],
        [0, ['earlier', 'go']],
      ]);
    });

    test.each([
      ['refused' as const, 'Not approved: refused to go on'],
      [undefined, 'Not approved to go on: the run has no isApproved'],
    ])('roll back at once when they are %s', async (answer, reason) => {
      const { run, calls } = script([held], [{ outcome: 'rolledBack' }]);

      const result = await run(answer && { isApproved: () => answer });

      expect(result).toMatchObject({ outcome: 'rolledBack', reason });
      expect(calls.map(({ kind, seconds }) => [kind, seconds])).toEqual([
        ['begin', 0],
        ['advance', 0],
        ['rollBack', 0],
      ]);
    });
  });

  describe('halt', () => {
    test('records the state and the events of the change', async () => {
      const halt: Change['halt'] = (state, reason) => ({
        state: { step: state.step + 100 },
        waitSeconds: 0,
        events: [{ type: reason }],
      });
      const { run } = script([], [], { halt });

      const result = await run({ haltSignal: AbortSignal.abort(new Error('The end')) });

      expect(result).toEqual({
        outcome: 'halted',
        state: { step: 100 },
        reason: 'Aborted: The end',
        history: [{ type: 'Aborted: The end' }],
      });
    });

    test('is logged when the change throws', async () => {
      const logger = { ...silentLogger, error: vi.fn() };
      const halt = () => {
        throw failed;
      };
      const { run } = script([], [], { halt });

      expect((await run({ haltSignal: AbortSignal.abort(), logger })).outcome).toBe('halted');
      expect(logger.error).toHaveBeenCalledExactlyOnceWith('Could not record the halt of the change', {
        resource: 'scripted change',
        error: 'no network',
      });
    });
  });
});

describe('retrySeconds', () => {
  test.each([
    [1, 10, 10],
    [2, 10, 20],
    [5, 10, 160],
    [6, 10, 300],
    [20, 10, 300],
  ])('after attempt %i waits %i s, and %i s in a rollback', (attempt, forward, back) => {
    expect(retrySeconds(attempt, { isRollingBack: false })).toBe(forward);
    expect(retrySeconds(attempt, { isRollingBack: true })).toBe(back);
  });
});

describe('truncateReason', () => {
  test('keeps a reason of 1,000 characters', () => {
    expect(truncateReason('x'.repeat(1000))).toBe('x'.repeat(1000));
  });

  test('truncates a longer one to 1,000 characters, without half a surrogate pair', () => {
    expect(truncateReason('x'.repeat(1001))).toBe(`${'x'.repeat(999)}…`);
    expect(truncateReason(`${'x'.repeat(998)}😀😀`)).toBe(`${'x'.repeat(998)}…`);
  });
});
