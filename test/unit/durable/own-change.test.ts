import { describe, expect, test, vi } from 'vitest';
import type { CallOptions } from '../../../src/core/aws-call.js';
import { silentLogger } from '../../../src/core/logger.js';
import { type DurableOptions, type DurableRequest, runDurably } from '../../../src/durable/index.js';
import type { Progress, Resumable } from '../../../src/resumable/index.js';
import { DurableJournal, type JournalOptions } from '../../support/durable-journal.js';
import { JumpingClock } from '../../support/jumping-clock.js';

interface State {
  readonly step: number;
}

type Result = Partial<Progress<State, string>> | Error;
type Change = Resumable<string, State, string>;

interface Call extends CallOptions {
  readonly kind: 'begin' | 'advance' | 'rollBack';
  readonly approved?: readonly string[] | undefined;
}

/** A change whose calls of `advance` and `rollBack` have these results, the last one again and again. */
function script(advances: readonly Result[], rollbacks: readonly Result[] = [], more: Partial<Change> = {}) {
  const clock = new JumpingClock();
  const calls: Call[] = [];
  const play = (kind: Call['kind'], results: readonly Result[], { step }: State, options?: CallOptions) => {
    const index = calls.filter((it) => it.kind === kind).length;
    calls.push({ kind, ...options });
    const result = results[Math.min(index, results.length - 1)] ?? {};
    if (result instanceof Error) throw result;
    return { state: { step: step + 1 }, waitSeconds: 0, events: [], ...result };
  };
  const change: Change = {
    description: 'scripted change',
    parseRequest: String,
    parseState: (value) => value as State,
    begin: async (_request, options) => play('begin', [], { step: -1 }, options).state,
    advance: async (state, options) => play('advance', advances, state, options),
    rollBack: async (state, _reason, options) => play('rollBack', rollbacks, state, options),
    ...more,
  };
  const run = (
    options: DurableOptions<State, string> = {},
    journalOptions: Omit<JournalOptions, 'clock'> = {},
    request: DurableRequest<string, State> = 'go',
  ) => {
    const journal = new DurableJournal({ ...journalOptions, clock });
    const result = journal.run((context) =>
      runDurably(context, change, request, { clock, logger: silentLogger, ...options }),
    );
    return { journal, result };
  };
  return { clock, calls, run };
}

const failed = new Error('no network');
const held = { heldAt: { key: 'go', detail: 'go on' }, waitSeconds: 30 };

describe('runDurably › own change', () => {
  test('passes no approvals before the first one, and then those that were given', async () => {
    const { calls, run } = script([{}, held, held, { outcome: 'succeeded' }]);
    const { journal, result } = run({
      requestApproval: (callbackId) => journal.answer(callbackId, {}),
    });

    expect((await result).outcome).toBe('succeeded');
    const approvals = calls.filter(({ kind }) => kind === 'advance').map(({ approved }) => approved);
    expect(approvals[0]).toEqual([]);
    expect(approvals.at(-1)).toEqual(['go']);
  });

  test('passes the signal of the invocation to begin, advance and rollBack', async () => {
    const { calls, run } = script([failed], [{ outcome: 'rolledBack' }]);

    await run({}, { timeoutMilliseconds: 900_000 }).result;

    expect(new Set(calls.map(({ kind }) => kind))).toEqual(new Set(['begin', 'advance', 'rollBack']));
    expect(calls.every(({ signal }) => signal instanceof AbortSignal)).toBe(true);
  });

  test('rolls back a change that still asks for an approval that was given', async () => {
    const { run } = script([held], [{ outcome: 'rolledBack' }]);
    const requestApproval = vi.fn((callbackId: string) => journal.answer(callbackId, {}));
    const { journal, result } = run({ requestApproval });

    expect(await result).toMatchObject({
      outcome: 'rolledBack',
      reason: 'The change still asks for the approval to go on, which it has',
    });
    expect(requestApproval).toHaveBeenCalledOnce();
  });

  test('rolls back a change that needs an approval, without requestApproval', async () => {
    const { run } = script([held], [{ outcome: 'rolledBack' }]);

    expect(await run().result).toMatchObject({
      outcome: 'rolledBack',
      reason: 'Not approved to go on: requestApproval is missing',
    });
  });

  test('retries a rollback as one, though the change does not summarize its states', async () => {
    const rollbackFailures = Array.from({ length: 19 }, () => failed);
    const { calls, run } = script(
      [...Array.from({ length: 5 }, () => failed), ...rollbackFailures, { outcome: 'rolledBack' }],
      [{ waitSeconds: 60 }],
    );

    const { outcome, reason } = await run().result;

    expect({ outcome, reason }).toEqual({
      outcome: 'rolledBack',
      reason: 'The change cannot proceed: no network',
    });
    expect(calls.filter(({ kind }) => kind === 'rollBack')).toHaveLength(1);
  });

  describe('whose calls fail so often that the operations run short during an approval', () => {
    const hour = 3600;
    /** Each call succeeds in its fifth attempt. */
    const advances = (count: number, result: Result) =>
      Array.from({ length: count * 5 }, (_, index) => (index % 5 === 4 ? result : failed));
    const options = { operationLimit: 100, approvalTimeoutSeconds: 24 * hour };

    test('stops the checks, and applies the answer', async () => {
      const { clock, calls, run } = script(advances(40, held), [], { plannedApprovals: () => ['go'] });
      const startedAt = clock.now();
      const requestApproval = (callbackId: string) =>
        clock.schedule(23 * hour, () => journal.answer(callbackId, {}));
      const invoke = async () => ({ outcome: 'succeeded', state: { step: 99 } });

      const { journal, result } = run({ ...options, requestApproval, continueIn: 'change:live' }, { invoke });

      expect(await result).toEqual({ outcome: 'succeeded', state: { step: 99 } });
      const waits = journal.entries.filter(({ kind }) => kind === 'wait');
      expect(calls.length + waits.length).toBeGreaterThan(80);
      expect(calls.length + waits.length).toBeLessThanOrEqual(97);
      // The first call was repeated for 40 s, and the answer is read by a call.
      expect((clock.now() - startedAt) / 1000).toBe(40 + 23 * hour);
    });

    test('ends when the approval expires', async () => {
      const { clock, run } = script([], [], {
        plannedApprovals: () => ['go'],
        advance: async (state) => {
          if (clock.now() >= expiresAt) return { state, waitSeconds: 0, events: [], outcome: 'halted' };
          attempts += 1;
          if (attempts % 5 !== 0) throw failed;
          return {
            state,
            waitSeconds: 30,
            events: [],
            heldAt: { key: 'go', detail: 'go on', expiresAt },
          };
        },
      });
      let attempts = 0;
      const expiresAt = clock.now() + 23 * hour * 1000;

      const { journal, result } = run({ ...options, requestApproval: () => {} });

      expect((await result).outcome).toBe('halted');
      expect(clock.now()).toBe(expiresAt);
      const waits = journal.entries.filter(({ kind }) => kind === 'wait');
      expect(attempts + waits.length).toBeLessThanOrEqual(97);
    });
  });

  test('ends with the change when it ends during an approval', async () => {
    const { calls, run } = script([held, held, { outcome: 'halted' }, new Error('called after the end')]);

    const { outcome } = await run({ requestApproval: () => {} }).result;

    expect(outcome).toBe('halted');
    expect(calls.filter(({ kind }) => kind === 'advance')).toHaveLength(3);
  });

  test('continues a change of another execution, whatever it plans', async () => {
    const { run } = script([{ outcome: 'succeeded' }], [], { plannedCalls: () => 5000 });
    const continued = { request: 'go', state: { step: 7 } };

    const { result } = run({}, {}, { continued });

    expect(await result).toStrictEqual({ outcome: 'succeeded', state: { step: 8 } });
  });

  test('rolls back a continued change that cannot proceed, and halts a continued rollback', async () => {
    const reason = 'The change cannot proceed: no network';
    const continued = { request: 'go', state: { step: 7 } };

    const change = script([failed], [{ outcome: 'rolledBack' }]).run({}, {}, { continued });
    const rollback = script([failed]).run({}, {}, { continued: { ...continued, isRollingBack: true } });

    expect(await change.result).toMatchObject({ outcome: 'rolledBack', reason });
    expect(await rollback.result).toMatchObject({ outcome: 'halted', reason });
  });

  test('continues in one other execution: a rollback stays in this one, and halts when its operations run short', async () => {
    const { calls, run } = script([{ waitSeconds: 60 }], [], {
      summarize: () => ({ isRollingBack: false, isComplete: false, mayHaveSucceeded: false, details: {} }),
    });
    const invoke = vi.fn().mockRejectedValue(new Error('No such function'));

    const { journal, result } = run({ operationLimit: 100, continueIn: 'change:live' }, { invoke });

    expect(await result).toMatchObject({
      outcome: 'halted',
      reason: 'The durable execution has no operations left',
    });
    expect(calls.filter(({ kind }) => kind === 'rollBack')).toHaveLength(1);
    expect(invoke).toHaveBeenCalledOnce();
    expect(journal.entries.length).toBe(100);
  });
});
