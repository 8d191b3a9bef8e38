import { setImmediate } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import type { Clock } from '../../../src/core/clock.js';
import { type DurableOptions, type DurableRequest, runDurably } from '../../../src/durable/index.js';
import type { Check, ShiftEvent, ShiftRequest, ShiftState } from '../../../src/traffic/index.js';
import { parseShiftRequest } from '../../../src/traffic/shift/shift-request.js';
import { makeDurableWorld, passing } from '../../support/durable-world.js';
import { failingListeners } from '../../support/failing-listeners.js';
import type { CallFault } from '../../support/fake-target.js';
import { createRecorder } from '../../support/recorded-lines.js';

const canary: ShiftRequest = {
  incoming: 'green',
  strategy: { type: 'canary', percent: 10, holdSeconds: 300 },
};
const gated: ShiftRequest = { ...canary, approvalPercents: [10] };
const failing: Check = { name: 'errors', evaluate: async () => ({ outcome: 'fail', detail: 'too many' }) };

/** A clock without deadlines. */
function withoutDeadlines(clock: Pick<Clock, 'now'>): Clock {
  return { now: () => clock.now(), sleep: () => new Promise(() => {}) };
}

/** Faults of all calls from a number on. */
function from(first: number, kind: 'throw' | 'denied', times = 200): ReadonlyMap<number, CallFault> {
  return new Map(Array.from({ length: times }, (_, index) => [first + index, { kind }]));
}

describe('runDurably', () => {
  test('runs a whole shift', async () => {
    const { execution, handler, target } = makeDurableWorld();

    const result = await execution().run(handler(canary));

    expect(result).toStrictEqual({
      outcome: 'succeeded',
      state: expect.objectContaining({ phase: 'succeeded' }),
    });
    expect(target.writes.map(({ green }) => green)).toEqual([10, 100]);
  });

  test('names its operations in their order', async () => {
    const { execution, handler } = makeDurableWorld({ checks: [] });
    const journal = execution();

    await journal.run(handler(canary));

    expect(journal.entries.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'step begin',
      'step advance-1',
      'wait wait-1',
      'step advance-2',
      'step advance-3',
      'step advance-4',
    ]);
  });

  test('names the operations of an approval after its key', async () => {
    const { execution, handler } = makeDurableWorld({ checks: [] });
    const journal = execution();
    const requestApproval = (callbackId: string) => journal.answer(callbackId, {});

    await journal.run(handler(gated, { requestApproval }));

    expect(journal.entries.map(({ kind, name }) => `${kind} ${name}`)).toEqual(
      expect.arrayContaining(['callback approval-10', 'step request-approval-10']),
    );
  });

  test('stores no request and no events in the results of steps', async () => {
    const { execution, handler } = makeDurableWorld();
    const journal = execution();

    await journal.run(handler(canary));

    const kept = journal.entries.flatMap(({ result }) => (result === undefined ? [] : [JSON.parse(result)]));
    expect(kept).not.toEqual([]);
    for (const it of kept) {
      expect(it).not.toHaveProperty('run');
      expect(it).not.toHaveProperty('events');
    }
  });

  test('ends at once when the incoming stack has all the traffic', async () => {
    const { execution, handler, target } = makeDurableWorld({ weights: { blue: 0, green: 100 } });

    const { outcome } = await execution().run(handler(canary));

    expect(outcome).toBe('succeeded');
    expect(target.writes).toEqual([]);
  });

  test('waits for whole seconds, rounded up', async () => {
    const { execution, handler } = makeDurableWorld({ checks: [] });
    const strategy = { name: 'odd', steps: [{ percent: 100, holdSeconds: 0.2 }] };

    const { outcome } = await execution().run(handler({ incoming: 'green', strategy }));

    expect(outcome).toBe('succeeded');
  });

  describe('throws InvalidInputError before the first operation', () => {
    test.each<[string, unknown, DurableOptions<ShiftState, ShiftEvent>, string]>([
      ['no request', undefined, {}, 'Invalid shift request'],
      ['a request that is null', null, {}, 'Invalid shift request'],
      ['a request that is malformed', { incoming: 'red' }, {}, 'incoming: expected'],
      ['a run that is malformed', { continued: { request: canary, state: {} } }, {}, 'shift state'],
      ['a run without a state', { continued: 5 }, {}, 'Invalid continued change'],
      [
        'approvals without requestApproval',
        { ...gated, approvalPercents: [0, 10] },
        {},
        'Invalid runDurably options: requestApproval: expected a function, because the request needs approvals (0, 10), got nothing',
      ],
      [
        'an approval time of 0',
        canary,
        { approvalTimeoutSeconds: 0 },
        'Invalid runDurably options: approvalTimeoutSeconds: expected',
      ],
      [
        'an approval time above 366 days',
        canary,
        { approvalTimeoutSeconds: 31_622_401 },
        'approvalTimeoutSeconds: expected',
      ],
      ['half a second', canary, { approvalTimeoutSeconds: 0.5 }, 'approvalTimeoutSeconds: expected'],
      ['no attempts', canary, { maxAttempts: 0 }, 'maxAttempts: expected'],
      ['no attempts of the rollback', canary, { maxRollbackAttempts: 0 }, 'maxRollbackAttempts: expected'],
      ['more operations than there are', canary, { operationLimit: 3001 }, 'operationLimit: expected'],
      ['too few operations', canary, { operationLimit: 99 }, 'operationLimit: expected'],
      ['a function without a name', canary, { continueIn: ' ' }, 'continueIn: expected'],
    ])('%s', async (_name, request, options, message) => {
      const { execution, handler, target } = makeDurableWorld();
      const journal = execution();

      const result = journal.run(handler(request as DurableRequest<ShiftRequest, ShiftState>, options));

      await expect(result).rejects.toThrow(message);
      await expect(result).rejects.toMatchObject({ name: 'InvalidInputError' });
      expect([journal.entries, target.calls]).toEqual([[], []]);
    });

    test('an unusable context or change', async () => {
      const { execution, shifter } = makeDurableWorld();

      await expect(runDurably({} as never, shifter, canary)).rejects.toThrow(
        'Invalid runDurably: context: expected a durable context',
      );
      await expect(execution().run((context) => runDurably(context, {} as never, canary))).rejects.toThrow(
        'Invalid runDurably: resumable: expected a resumable change',
      );
    });
  });

  test.each<[string, DurableOptions<ShiftState, ShiftEvent>]>([
    ['shortest', { approvalTimeoutSeconds: 1, operationLimit: 100 }],
    ['longest', { approvalTimeoutSeconds: 31_622_400, operationLimit: 3000 }],
  ])(
    'accepts the %s approval time and the limit of operations at the end of its range',
    async (_, options) => {
      const { execution, handler } = makeDurableWorld();

      const { outcome } = await execution().run(handler(canary, options));

      expect(outcome).toBe('succeeded');
    },
  );

  describe('begin', () => {
    test('fails the execution when it fails', async () => {
      const { execution, handler, target } = makeDurableWorld({ weights: { blue: 90, green: 10 } });

      await expect(execution().run(handler(canary))).rejects.toThrow('has traffic already');
      expect(target.writes).toEqual([]);
    });

    test('is retried when the call fails', async () => {
      const { execution, handler } = makeDurableWorld({ faults: from(1, 'throw', 4) });

      const { outcome } = await execution().run(handler(canary));

      expect(outcome).toBe('succeeded');
    });
  });

  describe('failures', () => {
    test('are retried up to maxAttempts', async () => {
      const { execution, handler } = makeDurableWorld({ faults: from(3, 'throw', 4) });

      const { outcome } = await execution().run(handler(canary));

      expect(outcome).toBe('succeeded');
    });

    test('roll the shift back after maxAttempts', async () => {
      const { execution, handler, target } = makeDurableWorld({ faults: from(6, 'throw', 7) });

      const { outcome, reason } = await execution().run(handler(canary));

      expect({ outcome, reason }).toEqual({
        outcome: 'rolledBack',
        reason: 'The change cannot proceed: The call failed (throw)',
      });
      expect(target.rule.weights).toEqual({ blue: 100, green: 0 });
    });

    test('halt the shift when the rollback fails too, with both reasons', async () => {
      const { execution, handler, target } = makeDurableWorld({ faults: from(6, 'throw') });
      const logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
      const journal = execution();

      const { outcome, reason, state } = await journal.run(handler(canary, { logger }));

      expect(outcome).toBe('halted');
      expect(reason).toBe(
        'The change cannot proceed: The call failed (throw); the rollback failed: The call failed (throw)',
      );
      expect(state).toMatchObject({ phase: 'halted', reason });
      expect(journal.entries.map(({ name, attempts }) => [name, attempts]).slice(-3)).toEqual([
        [expect.stringMatching(/^advance/), 5],
        ['roll-back', 20],
        ['halt', 0],
      ]);
      expect(logger.error).toHaveBeenCalledExactlyOnceWith('Halted change', {
        resource: 'fake rule 1',
        reason,
      });
      expect(target.rule.weights).toEqual({ blue: 90, green: 10 });
    });

    test('halt a rollback that is continued from another execution', async () => {
      const rollback = { stepPercent: 10, intervalSeconds: 60 };
      const world = makeDurableWorld({ rollback, checks: [failing], weights: { blue: 70, green: 30 } });
      const request: ShiftRequest = {
        incoming: 'green',
        strategy: { type: 'canary', percent: 60, holdSeconds: 300 },
        acceptLiveWeights: true,
      };
      world.clock.schedule(80, () => {
        for (const [call, fault] of from(world.target.calls.length + 3, 'throw'))
          world.target.faults.set(call, fault);
      });

      const { outcome, state } = await world.execution().run(world.handler(request));

      expect(outcome).toBe('halted');
      expect(state).toMatchObject({
        haltedIn: 'rollingBack',
        rollbackReason: expect.stringContaining('errors'),
      });

      world.target.faults.clear();
      const resumed = await world
        .execution()
        .run(world.handler({ continued: { request: parseShiftRequest(request), state } }));

      expect(resumed.outcome).toBe('rolledBack');
      expect(world.target.rule.weights).toEqual({ blue: 70, green: 30 });
    });

    test('need no requestApproval when a rollback is continued', async () => {
      const rollback = { stepPercent: 5, intervalSeconds: 60 };
      const { shifter, execution, handler, target } = makeDurableWorld({ checks: [], rollback });
      const request = parseShiftRequest(gated);
      const { state } = await shifter.advance(await shifter.begin(request));
      const turned = await shifter.rollBack(state, 'too slow');
      expect(turned.state.phase).toBe('rollingBack');

      const result = await execution().run(handler({ continued: { request, state: turned.state } }));

      expect(result).toMatchObject({ outcome: 'rolledBack', reason: 'too slow' });
      expect(target.rule.weights).toEqual({ blue: 100, green: 0 });
    });

    test('throw: a step runs 5 times', async () => {
      const { execution, handler } = makeDurableWorld({ faults: from(6, 'throw') });
      const journal = execution();

      await journal.run(handler(canary));

      const failed = journal.entries.find(
        ({ name, status }) => name.startsWith('advance') && status === 'failed',
      );
      expect(failed?.attempts).toBe(5);
    });

    test('denied: a step runs once', async () => {
      const { execution, handler } = makeDurableWorld({ faults: from(6, 'denied') });
      const journal = execution();

      const result = await journal.run(handler(canary));

      expect(result).toMatchObject({ outcome: 'halted', reason: expect.stringContaining('denied') });
      expect(journal.entries.filter(({ status }) => status === 'failed')).toEqual([]);
      expect(Math.max(...journal.entries.map(({ attempts }) => attempts))).toBe(0);
    });
  });

  describe('onEvent', () => {
    test('receives each event once, however often the function is replayed', async () => {
      const { execution, handler } = makeDurableWorld();
      const events: ShiftEvent[] = [];
      const journal = execution();
      const shift = handler(canary, { onEvent: (event) => events.push(event) });

      await journal.run(shift);
      const emitted = events.length;
      await journal.run(shift);

      expect(journal.invocations).toBeGreaterThan(5);
      expect(events).toHaveLength(emitted);
      expect(events.map(({ type }) => type).filter((type) => type !== 'checkEvaluated')).toEqual([
        'started',
        'weightsWritten',
        'weightsVerified',
        'weightsWritten',
        'weightsVerified',
        'succeeded',
      ]);
    });

    test('receives the event of a halt', async () => {
      const { execution, handler } = makeDurableWorld({ faults: from(6, 'denied') });
      const onEvent = vi.fn();

      await execution().run(handler(canary, { onEvent }));

      expect(onEvent).toHaveBeenLastCalledWith(
        expect.objectContaining({ type: 'halted' }),
        expect.objectContaining({ phase: 'halted' }),
      );
    });

    test.each(failingListeners)('leaves the shift unchanged when it %s', async (_name, onEvent) => {
      const { execution, handler, clock } = makeDurableWorld();
      const logger = createRecorder();

      const { outcome } = await execution().run(
        handler(canary, { onEvent, logger, clock: withoutDeadlines(clock) }),
      );

      expect(outcome).toBe('succeeded');
      expect(logger.take().at(-1)).toMatchObject({
        level: 'error',
        message: 'Event listener of the change failed',
        data: { resource: 'fake rule 1', event: 'succeeded', error: 'Error: no display' },
      });
    });

    test('is awaited within the step, because the function is suspended afterwards', async () => {
      const { execution, handler, clock } = makeDurableWorld();
      const done: string[] = [];
      const onEvent = async ({ type }: ShiftEvent) => {
        await setImmediate();
        done.push(type);
      };

      await execution().run(handler(canary, { onEvent, clock: withoutDeadlines(clock) }));

      expect(done.at(-1)).toBe('succeeded');
    });
  });

  test('rolls a shift back after maxDurationSeconds', async () => {
    const { execution, handler, clock, target } = makeDurableWorld({
      checks: [{ name: 'errors', evaluate: async () => ({ outcome: 'inconclusive', detail: 'no data' }) }],
      policy: { inconclusiveThreshold: 1000 },
    });
    const startedAt = clock.now();

    const { outcome, reason } = await execution().run(handler({ ...canary, maxDurationSeconds: 650 }));

    expect(outcome).toBe('rolledBack');
    expect(reason).toMatch(/^Not done by/);
    // The wait before ends early, so that the time limit ends the shift, not the next check.
    expect(clock.now() - startedAt).toBe(650_000);
    expect(target.rule.weights).toEqual({ blue: 100, green: 0 });
  });
});

describe('runDurably › approval', () => {
  test('is requested with the key, the state, the time limit and the signal', async () => {
    const world = makeDurableWorld();
    const journal = world.execution();
    const requestApproval = vi.fn((callbackId: string) => journal.answer(callbackId, {}));
    const logger = createRecorder();

    const { outcome } = await journal.run(
      world.handler(gated, { requestApproval, approvalTimeoutSeconds: 600, logger }),
    );

    expect(outcome).toBe('succeeded');
    expect(logger.take()).toEqual([]);
    expect(requestApproval).toHaveBeenCalledExactlyOnceWith(expect.any(String), {
      key: '10',
      detail: 'go past 10 %',
      timeoutSeconds: 600,
      state: expect.objectContaining({ step: 0 }),
      signal: undefined,
    });
  });

  test('is awaited while the checks keep running', async () => {
    const evaluate = vi.fn(passing.evaluate);
    const world = makeDurableWorld({ checks: [{ name: 'errors', evaluate }] });
    world.clock.schedule(3600, () => evaluate.mockImplementation(failing.evaluate));

    const { outcome, reason } = await world
      .execution()
      .run(world.handler(gated, { requestApproval: () => {} }));

    expect({ outcome, reason }).toEqual({ outcome: 'rolledBack', reason: expect.stringContaining('errors') });
    expect(world.target.writes.map(({ green }) => green)).toEqual([10, 0]);
  });

  test('takes effect at once, before the next checks are due', async () => {
    const world = makeDurableWorld({ checks: [] });
    const journal = world.execution();
    const startedAt = world.clock.now();
    const requestApproval = (callbackId: string) =>
      world.clock.schedule(1234, () => journal.answer(callbackId, {}));

    await journal.run(world.handler(gated, { requestApproval, approvalTimeoutSeconds: 1_000_000 }));

    expect((world.clock.now() - startedAt) / 1000).toBe(300 + 1234);
  });

  test.each([
    ['refused', { message: 'Not today' }, 'Not today'],
    ['refused by a success', { result: '{"approved":false,"reason":"Not today"}' }, 'Not today'],
    [
      'answered with an unknown text',
      { result: 'hm' },
      'expected an answer with approved: true or false, got hm',
    ],
  ])('%s: rolls the shift back', async (_name, answer, why) => {
    const world = makeDurableWorld();
    const journal = world.execution();
    const requestApproval = (callbackId: string) => journal.answer(callbackId, answer);

    const { outcome, reason } = await journal.run(world.handler(gated, { requestApproval }));

    expect({ outcome, reason }).toEqual({
      outcome: 'rolledBack',
      reason: `Not approved to go past 10 %: ${why}`,
    });
    expect(world.target.rule.weights).toEqual({ blue: 100, green: 0 });
  });

  test('counts as refused after approvalTimeoutSeconds', async () => {
    const world = makeDurableWorld();
    const startedAt = world.clock.now();
    const options = { requestApproval: () => {}, approvalTimeoutSeconds: 5000 };

    const { outcome, reason } = await world.execution().run(world.handler(gated, options));

    expect({ outcome, reason }).toEqual({
      outcome: 'rolledBack',
      reason: 'Not approved to go past 10 %: no answer within 5000 s',
    });
    expect((world.clock.now() - startedAt) / 1000).toBe(300 + 5000);
  });

  test('is requested again when the request fails, up to maxAttempts', async () => {
    const world = makeDurableWorld();
    const requestApproval = vi.fn().mockRejectedValue(new Error('No such chat'));

    const { outcome, reason } = await world.execution().run(world.handler(gated, { requestApproval }));

    expect(requestApproval).toHaveBeenCalledTimes(5);
    expect({ outcome, reason }).toEqual({
      outcome: 'rolledBack',
      reason: 'Could not request the approval to go past 10 %: No such chat',
    });
  });

  test('to begin rolls back without a write when it is refused', async () => {
    const world = makeDurableWorld();
    const journal = world.execution();
    const requestApproval = (callbackId: string) => journal.answer(callbackId, { message: 'No' });

    const { outcome } = await journal.run(
      world.handler({ ...canary, approvalPercents: [0] }, { requestApproval }),
    );

    expect(outcome).toBe('rolledBack');
    expect(world.target.rule.weights).toEqual({ blue: 100, green: 0 });
  });

  test('takes no more operations for two weeks than for a day', async () => {
    const counts = [];
    for (const approvalTimeoutSeconds of [3600 * 24, 14 * 24 * 3600]) {
      const world = makeDurableWorld();
      const journal = world.execution();
      const options = { requestApproval: () => {}, operationLimit: 300, approvalTimeoutSeconds };
      await journal.run(world.handler(gated, options));
      counts.push(journal.entries.length);
    }

    expect(counts.every((count) => count < 300 * 0.7)).toBe(true);
    expect(counts[1]).toBeLessThanOrEqual((counts[0] ?? 0) + 3);
  });
});

describe('runDurably › operations of an execution', () => {
  const hold = (hours: number): ShiftRequest => ({
    incoming: 'green',
    strategy: { type: 'canary', percent: 10, holdSeconds: hours * 3600 },
  });

  test('are at most as many as planned when nothing fails', async () => {
    const { execution, handler, shifter } = makeDurableWorld();
    const journal = execution();

    await journal.run(handler(canary));

    const planned =
      1 +
      2 *
        shifter.plannedCalls({
          incoming: 'green',
          strategy: {
            name: 'canary',
            steps: [
              { percent: 10, holdSeconds: 300 },
              { percent: 100, holdSeconds: 0 },
            ],
          },
        });
    expect(journal.entries.length).toBeLessThanOrEqual(planned);
    expect(journal.entries.length).toBeGreaterThan(planned / 2);
  });

  test('are planned beforehand: throws InvalidInputError for a shift that is too long', async () => {
    const { execution, handler, target } = makeDurableWorld();

    const result = execution().run(handler(hold(24), { operationLimit: 2000 }));

    await expect(result).rejects.toThrow(
      /expected one that takes at most 1800 operations of a durable execution, or the option continueIn, got 28\d\d operations/,
    );
    expect(target.calls).toEqual([]);
  });

  test('are those of several executions with continueIn', async () => {
    const world = makeDurableWorld();
    const counts: number[] = [];
    const options = { operationLimit: 300, continueIn: 'shift:live' };
    const invoke = async (functionName: string, event: unknown): Promise<unknown> => {
      expect(functionName).toBe('shift:live');
      return runAnother(event as DurableRequest<ShiftRequest, ShiftState>);
    };
    const runAnother = async (event: DurableRequest<ShiftRequest, ShiftState>) => {
      const journal = world.execution({ invoke });
      try {
        return await journal.run(world.handler(event, options));
      } finally {
        counts.push(journal.entries.length);
      }
    };

    const result = await runAnother(hold(6));

    expect(result.outcome).toBe('succeeded');
    expect(counts).toHaveLength(3);
    expect(Math.max(...counts)).toBeLessThanOrEqual(300);
    expect(world.target.writes.map(({ green }) => green)).toEqual([10, 100]);
  });

  test.each<[string, () => Promise<unknown>, string]>([
    ['throws', () => Promise.reject(new Error('No such function')), 'No such function'],
    [
      'returns something else',
      async () => ({ statusCode: 200 }),
      'Invalid result of the function that continued the change: outcome: expected',
    ],
  ])('run short, and the function of continueIn %s: rolls the shift back', async (_name, invoke, why) => {
    const world = makeDurableWorld();
    const journal = world.execution({ invoke });

    const { outcome, reason } = await journal.run(
      world.handler(hold(6), { operationLimit: 300, continueIn: 'shift:live' }),
    );

    expect(outcome).toBe('rolledBack');
    expect(reason).toContain(`shift:live did not continue the change: ${why}`);
    expect(journal.entries.find(({ kind }) => kind === 'invoke')?.name).toBe('continue');
    expect(world.target.rule.weights).toEqual({ blue: 100, green: 0 });
  });

  test('run short at the end, and the function of continueIn fails afterwards: halts, because the old stack may be gone', async () => {
    const world = makeDurableWorld();
    const options = { operationLimit: 300, continueIn: 'shift:live' };
    const invoke = async (_: string, event: unknown): Promise<unknown> => {
      const { outcome } = await world
        .execution()
        .run(world.handler(event as DurableRequest<ShiftRequest, ShiftState>));
      throw new Error(`${outcome}, but the old stack cannot be removed`);
    };

    const { outcome, reason } = await world
      .execution({ invoke })
      .run(world.handler({ ...canary, strategy: { type: 'allAtOnce', bakeSeconds: 3 * 3600 } }, options));

    expect({ outcome, reason }).toEqual({
      outcome: 'halted',
      reason: expect.stringMatching(
        /^shift:live did not continue the change: .*succeeded, but the old stack/,
      ),
    });
    expect(world.target.rule.weights).toEqual({ blue: 0, green: 100 });
  });

  test('run short because checks are inconclusive: rolls back with the reserved operations', async () => {
    const world = makeDurableWorld({
      checks: [{ name: 'errors', evaluate: async () => ({ outcome: 'inconclusive', detail: 'no data' }) }],
      policy: { inconclusiveThreshold: 10_000 },
    });
    const journal = world.execution();

    const { outcome, reason } = await journal.run(world.handler(canary, { operationLimit: 100 }));

    expect({ outcome, reason }).toEqual({
      outcome: 'rolledBack',
      reason: 'The durable execution has no operations left',
    });
    expect(journal.entries.length).toBeLessThanOrEqual(100);
  });

  test('run short in a rollback: halts before AWS ends the execution', async () => {
    const rollback = { stepPercent: 1, intervalSeconds: 60 };
    const world = makeDurableWorld({ rollback, checks: [failing], policy: { initialDelaySeconds: 1 } });
    const journal = world.execution();
    const request: ShiftRequest = {
      incoming: 'green',
      strategy: { type: 'canary', percent: 90, holdSeconds: 60 },
    };

    const { outcome, state } = await journal.run(world.handler(request, { operationLimit: 100 }));

    expect(outcome).toBe('halted');
    expect(state.haltedIn).toBe('rollingBack');
    expect(journal.entries.length).toBeLessThanOrEqual(100);
  });

  test('last until the late answer to an approval', async () => {
    const slow: Check = { name: 'errors', evaluate: async () => ({ outcome: 'pass', detail: 'well' }) };
    const world = makeDurableWorld({ checks: [slow], policy: { intervalSeconds: 10 } });
    const journal = world.execution({ invoke: async () => Promise.reject(new Error('No such function')) });
    const requestApproval = (callbackId: string) =>
      world.clock.schedule(90_000, () => journal.answer(callbackId, { message: 'No' }));
    const options = { requestApproval, operationLimit: 100, approvalTimeoutSeconds: 100_000 };
    const startedAt = world.clock.now();

    const { outcome, reason } = await journal.run(
      world.handler(gated, { ...options, continueIn: 'shift:live' }),
    );

    expect({ outcome, reason }).toEqual({
      outcome: 'rolledBack',
      reason: 'Not approved to go past 10 %: No',
    });
    expect((world.clock.now() - startedAt) / 1000).toBe(300 + 90_000);
    expect(journal.entries.length).toBeLessThanOrEqual(100);
  });
});

describe('runDurably › continued shift', () => {
  test('resumes from its state, with its approvals', async () => {
    const world = makeDurableWorld();
    const journal = world.execution();
    const run = {
      request: parseShiftRequest(gated),
      state: await world.shifter.begin(gated),
      approved: ['10'],
    };

    const { outcome } = await journal.run(world.handler({ continued: run }, { requestApproval: () => {} }));

    expect(outcome).toBe('succeeded');
    expect(journal.entries.some(({ kind }) => kind === 'callback')).toBe(false);
    expect(journal.entries[0]?.name).toBe('advance-1');
  });
});
