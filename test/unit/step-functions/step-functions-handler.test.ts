import { describe, expect, expectTypeOf, test, vi } from 'vitest';
import { InvalidInputError } from '../../../src/core/errors.js';
import { silentLogger } from '../../../src/core/logger.js';
import {
  type ExecutionInput,
  type ExecutionState,
  type StepFunctionsHandlerOptions,
  stepFunctionsHandler,
} from '../../../src/step-functions/index.js';
import { SimulatedCloud } from '../../../src/testing/index.js';
import { customCheck } from '../../../src/traffic/checks/custom-check.js';
import type { ShiftEvent } from '../../../src/traffic/shift/shift-events.js';
import type { ShiftState } from '../../../src/traffic/shift/shift-state.js';
import { TrafficShifter } from '../../../src/traffic/traffic-shifter.js';
import type { Check } from '../../../src/traffic/types.js';
import { failingListeners } from '../../support/failing-listeners.js';
import { FakeTarget } from '../../support/fake-target.js';

const shift = {
  incoming: 'green',
  strategy: { type: 'linear', stepPercent: 50, intervalSeconds: 60 },
} as const;
const input = { request: shift, service: 'orders' };

/** State of the machine, whose details are those of a shift. */
type ShiftExecution = ExecutionState<ShiftState> & {
  readonly details: { readonly phase: string; readonly incomingPercent: number };
};

type Options = StepFunctionsHandlerOptions<ExecutionInput, ShiftState, ShiftEvent>;

function setUp(options: Partial<Options> = {}, checks: readonly Check[] = []) {
  const { clock } = new SimulatedCloud();
  const target = new FakeTarget({ clock });
  const logger = { ...silentLogger, error: vi.fn() };
  const makeShifter = vi.fn((_input: unknown) => new TrafficShifter({ target, checks, clock }));
  const handler = stepFunctionsHandler(makeShifter, { clock, logger, ...options });
  const context = (seconds = 60) => {
    const deadline = clock.now() + seconds * 1000;
    return { getRemainingTimeInMillis: () => deadline - clock.now() };
  };
  const call = async (action: string, state: object = { input }, more: object = {}, seconds?: number) =>
    JSON.parse(JSON.stringify(await handler({ action, state, ...more }, context(seconds)))) as ShiftExecution;
  /** Calls until the shift waits for an approval. */
  const untilHeld = async (more: object = {}) => {
    let state = await call('begin', { input: gated }, more);
    while (state.heldAt === undefined) {
      await clock.sleep(state.waitSeconds * 1000);
      state = await call('advance', state, more);
    }
    return state;
  };
  return { clock, target, logger, makeShifter, handler, context, call, untilHeld };
}

function serviceOf(executionInput: ExecutionInput) {
  return { service: String(executionInput['service']) };
}

const gated = { request: { ...shift, approvalPercents: [50] } };

describe('stepFunctionsHandler', () => {
  describe('validate', () => {
    test('returns the input, and calls nothing', async () => {
      const { call, target } = setUp();

      expect(await call('validate')).toEqual({ input });
      expect(target.calls).toEqual([]);
    });
  });

  test('accepts an input of exactly the payload limit', async () => {
    const { call } = setUp();
    const empty = { input: { ...input, notes: '' } };
    const notes = 'x'.repeat(131_072 - JSON.stringify(empty).length);

    const state = await call('validate', { input: { ...input, notes } });

    expect(JSON.stringify(state)).toHaveLength(131_072);
  });

  describe.each(['validate', 'begin'])('%s', (action) => {
    test('throws InvalidInputError for a state above the payload limit', async () => {
      const { call, target } = setUp();

      await expect(call(action, { input: { ...input, notes: 'x'.repeat(131_072) } })).rejects.toThrow(
        /^Invalid execution input: expected at most 131072 bytes together with the state of the change, got 131\d+$/,
      );
      expect(target.calls.filter(({ kind }) => kind === 'write')).toEqual([]);
    });
  });

  describe('begin', () => {
    test('writes nothing, and returns the state of the shift', async () => {
      const { call, target } = setUp();

      const state = await call('begin');

      expect(state).toMatchObject({
        input,
        state: { version: 1 },
        approved: [],
        outcome: 'inProgress',
        reason: '',
        isRollingBack: false,
        isComplete: false,
        details: { phase: 'shifting', incoming: 'green', incomingPercent: 0 },
        waitSeconds: 0,
        calls: 1,
      });
      expect(target.writes).toEqual([]);
    });

    test("creates the shifter from the execution's input", async () => {
      const { call, makeShifter } = setUp();

      await call('begin');

      expect(makeShifter).toHaveBeenCalledWith(input);
    });

    test('accepts the longest strategies: a thousand steps take less than half of the payload limit', async () => {
      const { call } = setUp();
      const strategy = { type: 'linear', stepPercent: 0.1, intervalSeconds: 1 } as const;

      const state = await call('begin', { input: { request: { ...shift, strategy } } });

      expect(state.state.strategy.steps).toHaveLength(1000);
      expect(JSON.stringify(state).length).toBeLessThan(128 * 1024);
    });
  });

  test.each([undefined, null, {}, { begin: 5 }, Symbol('x')])('refuses the shifter %o', async (made) => {
    const handler = stepFunctionsHandler(() => made as never, { logger: silentLogger });
    const event = { action: 'begin', state: { input } };

    const begun = handler(event, { getRemainingTimeInMillis: () => 60_000 });

    await expect(begun).rejects.toThrow(
      /makeResumable.*expected the field methods parseRequest, parseState, begin, advance and rollBack/,
    );
  });

  describe('advance', () => {
    test('advances the shift by one step, and counts the calls', async () => {
      const { call, target } = setUp();

      const state = await call('advance', await call('begin'));

      expect(state).toMatchObject({ details: { phase: 'shifting', incomingPercent: 50 }, calls: 2 });
      expect(target.writes).toEqual([{ blue: 50, green: 50 }]);
    });

    test('truncates the reason of a check that exceeds the payload limit', async () => {
      const detail = 'x'.repeat(300_000);
      const check = customCheck('bad', () => ({ outcome: 'fail', detail }));
      const { call, clock } = setUp({}, [check]);
      let state = await call('advance', await call('begin'));
      await clock.sleep(60_000);
      state = await call('advance', state);

      expect(state).toMatchObject({
        isRollingBack: true,
        details: { phase: 'rollingBack' },
        reason: expect.stringMatching(/^The check bad failed/),
      });
      expect(JSON.stringify(state).length).toBeLessThan(8192);
    });

    test('returns whole seconds, rounded up', async () => {
      const { call, clock } = setUp();
      let state = await call('advance', await call('begin'));
      await clock.sleep(300);
      state = await call('advance', state);

      expect(state.waitSeconds).toBe(60);
    });

    test('limits waitSeconds to the time left of maxDurationSeconds', async () => {
      const { call, clock } = setUp();
      const strategy = { type: 'linear', stepPercent: 50, intervalSeconds: 600 } as const;
      let state = await call('begin', {
        input: { request: { ...shift, strategy, maxDurationSeconds: 700 } },
      });
      await clock.sleep(670_000);
      state = await call('advance', state);
      expect(state).toMatchObject({ details: { incomingPercent: 50 }, waitSeconds: 30 });
      await clock.sleep(30_000);

      expect(await call('advance', state)).toMatchObject({ isRollingBack: true, waitSeconds: 0 });
    });

    test('throws InvalidInputError for a hold that is longer than an execution can last', async () => {
      const { call } = setUp();
      const strategy = { type: 'canary', percent: 10, holdSeconds: 1e12 } as const;

      await expect(call('begin', { input: { request: { ...shift, strategy } } })).rejects.toThrow(
        'strategy.holdSeconds: expected a number of seconds from 0 to 366 days',
      );
    });

    test('returns the reason of a rollback', async () => {
      const failing = { name: 'errors', evaluate: async () => ({ outcome: 'fail', detail: '9 %' }) as const };
      const { call, clock } = setUp({}, [failing]);
      let state = await call('advance', await call('begin'));
      while (state.outcome !== 'rolledBack') {
        await clock.sleep(state.waitSeconds * 1000);
        state = await call('advance', state);
      }

      expect(state).toMatchObject({ isComplete: true, reason: expect.stringContaining('errors') });
    });

    test("rejects with the shifter's error, which the state machine retries", async () => {
      const { call, target, logger } = setUp();
      const state = await call('begin');
      target.faults.set(target.calls.length + 1, { kind: 'throw' });

      await expect(call('advance', state)).rejects.toThrow('The call failed (throw)');
      expect(logger.error).toHaveBeenCalledOnce();
    });

    describe('deadline', () => {
      async function setUpHeld(isApproved: NonNullable<StepFunctionsHandlerOptions['isApproved']>) {
        const { handler, context, call } = setUp({ isApproved });
        const input = { request: { ...shift, approvalPercents: [0] } };
        const event = { action: 'advance', state: await call('begin', { input }) };
        const invocation = context(60);
        return { answer: handler(event, invocation), invocation };
      }

      test('aborts the step before the Lambda ends', async () => {
        const { answer, invocation } = await setUpHeld(
          ({ signal }) =>
            new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
        );

        await expect(answer).rejects.toMatchObject({ name: 'DeadlineError' });
        expect(invocation.getRemainingTimeInMillis()).toBeGreaterThan(0);
      });

      test('returns no response while a step ignores the signal: another invocation would resume it', async () => {
        const { answer, invocation } = await setUpHeld(() => new Promise(() => {}));

        await expect(answer).rejects.toMatchObject({ name: 'DeadlineError' });
        expect(invocation.getRemainingTimeInMillis()).toBeLessThan(0);
      });
    });
  });

  describe('own change', () => {
    const progress = { state: { step: 1 }, waitSeconds: 0, events: [] };

    function setUpOwn(advance: () => object, more: object = {}, options: object = {}) {
      const change = {
        description: 'own change',
        parseRequest: String,
        parseState: (value: unknown) => value,
        begin: async () => ({ step: 0 }),
        advance: async () => ({ ...progress, ...advance() }),
        rollBack: async () => progress,
        ...more,
      };
      const handler = stepFunctionsHandler(() => change as never, { logger: silentLogger, ...options });
      return async (action: string, state: object, also: object = {}) =>
        handler(
          { action, state: { input: { request: 'go' }, ...state }, ...also },
          { getRemainingTimeInMillis: () => 60_000 },
        );
    }

    test('waits for at most the 99,999,999 s of a Wait state', async () => {
      const call = setUpOwn(() => ({ waitSeconds: 1e9 }));

      expect(await call('advance', { state: {} })).toMatchObject({ waitSeconds: 99_999_999 });
    });

    test('gives an approval that has expired a second', async () => {
      const heldAt = { key: 'go', detail: 'go on', expiresAt: Date.now() - 60_000 };
      const call = setUpOwn(() => ({ heldAt }));

      expect(await call('advance', { state: {} }, { approvalTimeoutSeconds: 300 })).toMatchObject({
        heldAt,
        approvalTimeoutSeconds: 1,
      });
    });

    test('keeps the reason and the direction of a rollback that it does not summarize', async () => {
      const call = setUpOwn(() => ({}));

      const started = await call('rollBack', { state: {}, failure: { Error: 'Refused' } });
      const repeated = await call('rollBack', { ...started, failure: { Error: 'Other' } });
      const advanced = await call('advance', repeated);

      const reason = 'The change cannot proceed: Refused';
      expect(started).toMatchObject({ outcome: 'inProgress', isRollingBack: true, reason, calls: 2 });
      expect(repeated).toMatchObject({ isRollingBack: true, reason, calls: 4 });
      expect(advanced).toMatchObject({ isRollingBack: true, reason, calls: 5 });
    });

    test('keeps the approvals that were given before', async () => {
      const heldAt = { key: 'b', detail: 'go on' };
      const approved = vi.fn();
      const call = setUpOwn(() => ({ heldAt }), {
        advance: async (_state: unknown, options: object) => {
          approved(options);
          return progress;
        },
      });

      const state = await call('decide', {
        state: {},
        approved: ['a'],
        heldAt,
        answer: { approved: true },
      });
      const again = await call('decide', { ...state, heldAt, answer: { approved: true } });

      expect(state).toMatchObject({ approved: ['a', 'b'] });
      expect(again).toMatchObject({ approved: ['a', 'b'] });
      expect(approved).toHaveBeenCalledWith({ approved: ['a', 'b'], signal: expect.any(AbortSignal) });
    });

    test('passes the signal to begin and to rollBack', async () => {
      const begin = vi.fn(async () => ({ step: 0 }));
      const rollBack = vi.fn(async () => progress);
      const call = setUpOwn(() => ({}), { begin, rollBack });

      await call('begin', {});
      await call('rollBack', { state: { step: 3 }, failure: {} });

      const options = { signal: expect.any(AbortSignal) };
      expect(begin).toHaveBeenCalledWith('go', options);
      expect(rollBack).toHaveBeenCalledWith(
        { step: 3 },
        'The change cannot proceed: an error without a name',
        options,
      );
    });

    test('is rolled back at an approval that nothing can give, with its reason', async () => {
      const call = setUpOwn(() => ({ heldAt: { key: 'go', detail: 'go on' }, events: ['held'] }));

      expect(await call('advance', { state: {} })).toMatchObject({
        isRollingBack: true,
        reason: 'Not approved to go on: neither the definition has an approval nor the handler an isApproved',
      });
    });

    test('names the request that it rejects', async () => {
      const parseRequest = () => {
        throw new Error('no such name');
      };

      await expect(setUpOwn(() => ({}), { parseRequest })('begin', {})).rejects.toThrow(
        'Invalid request: expected a value that is accepted for own change, got no such name',
      );
    });

    test('has no state beyond its own after a validation', async () => {
      const begin = vi.fn();

      expect(await setUpOwn(() => ({}), { begin })('validate', {})).toEqual({ input: { request: 'go' } });
      expect(begin).not.toHaveBeenCalled();
    });
  });

  describe('isApproved', () => {
    test('continues the shift when it returns true, and is called only when nothing else is missing', async () => {
      const isApproved = vi.fn(() => false as boolean);
      const { call, untilHeld, target } = setUp({ isApproved });

      const held = await untilHeld();
      isApproved.mockReturnValue(true);
      const approved = await call('advance', held);
      const next = await call('advance', await call('advance', approved));

      expect(isApproved).toHaveBeenCalledWith({
        input: gated,
        key: '50',
        detail: 'go past 50 %',
        signal: expect.any(AbortSignal),
      });
      expect(held).toMatchObject({ heldAt: { key: '50' }, details: { incomingPercent: 50 } });
      expect(approved).toMatchObject({ waitSeconds: 0, approved: ['50'] });
      expect(approved).not.toHaveProperty('heldAt');
      expect(next.details.incomingPercent).toBe(100);
      expect(target.writes).toHaveLength(2);
    });

    test("rolls the shift back when it returns 'refused'", async () => {
      const { call, untilHeld } = setUp({
        isApproved: vi.fn().mockReturnValueOnce(false).mockReturnValue('refused'),
      });

      expect(await call('advance', await untilHeld())).toMatchObject({
        outcome: 'rolledBack',
        isComplete: true,
        reason: 'Not approved: refused to go past 50 %',
      });
    });

    test.each([undefined, null, 1, 'yes', {}])('does not approve when it returns %j', async (answer) => {
      const { call, untilHeld } = setUp({ isApproved: () => answer as never });

      expect(await call('advance', await untilHeld())).toMatchObject({ heldAt: { key: '50' } });
    });

    test('is not called when the definition has an approval', async () => {
      const isApproved = vi.fn(() => true);
      const { untilHeld } = setUp({ isApproved });

      expect(await untilHeld({ approvalTimeoutSeconds: 300 })).toMatchObject({
        heldAt: { key: '50', detail: 'go past 50 %' },
        approvalTimeoutSeconds: 300,
      });
      expect(isApproved).not.toHaveBeenCalled();
    });
  });

  describe('onEvent', () => {
    type Emitted = [type: string, phase: string, input: unknown];
    const failing: Check = { name: 'errors', evaluate: async () => ({ outcome: 'fail', detail: 'many' }) };

    function listen() {
      const emitted: Emitted[] = [];
      const onEvent: Options['onEvent'] = ({ type }, { phase }, of) => {
        emitted.push([type, phase, of]);
      };
      return { emitted, onEvent, types: () => emitted.map(([type]) => type) };
    }

    test('receives each event of an execution, with its input', async () => {
      const { emitted, onEvent, types } = listen();
      const { call, clock } = setUp({ onEvent });

      let state = await call('begin');
      while (state.outcome === 'inProgress' && !state.isRollingBack) {
        await clock.sleep(state.waitSeconds * 1000);
        state = await call('advance', state);
      }

      expect(types()).toEqual([
        'started',
        'weightsWritten',
        'weightsVerified',
        'weightsWritten',
        'weightsVerified',
        'succeeded',
      ]);
      expect(emitted.at(-1)).toEqual(['succeeded', 'succeeded', input]);
      expect(state).not.toHaveProperty('events');
    });

    test('receives the events of a rollback after a failed check', async () => {
      const { onEvent, types } = listen();
      const { call, clock } = setUp({ onEvent }, [failing]);

      const shifted = await call('advance', await call('begin'));
      await clock.sleep(60_000);
      await call('advance', shifted);

      expect(types().slice(-2)).toEqual(['checkEvaluated', 'rollingBack']);
    });

    test('receives the events of a rollback that the state machine requests', async () => {
      const { onEvent, types } = listen();
      const { call } = setUp({ onEvent });
      const failure = { Error: 'Lambda.Unknown', Cause: 'gone' };

      await call('rollBack', { ...(await call('advance', await call('begin'))), failure });

      expect(types()).toContain('rollingBack');
    });

    test('receives the events of a refusal, and those before it in the same step', async () => {
      const { onEvent, types } = listen();
      const { call, clock } = setUp({ onEvent, isApproved: () => 'refused' });

      let state = await call('begin', { input: gated });
      while (state.outcome === 'inProgress' && !state.isRollingBack) {
        await clock.sleep(state.waitSeconds * 1000);
        state = await call('advance', state);
      }

      const asked = types().indexOf('held');
      expect(asked).toBeGreaterThan(0);
      expect(types()[asked + 1]).toBe('rollingBack');
    });

    test('receives the events of a repeated task again, and none of a failed step', async () => {
      const { onEvent, types } = listen();
      const { call, target } = setUp({ onEvent });
      const begun = await call('begin');
      target.faults.set(target.calls.length + 1, { kind: 'throw' });

      await expect(call('advance', begun)).rejects.toThrow();
      expect(types()).toEqual(['started']);
      await call('begin');

      expect(types()).toEqual(['started', 'started']);
    });

    test('is awaited, because the Lambda is frozen afterwards', async () => {
      const done: string[] = [];
      const { call, clock } = setUp({
        onEvent: async ({ type }) => {
          await clock.sleep(1000);
          done.push(type);
        },
      });

      await call('begin');

      expect(done).toEqual(['started']);
    });

    test.each([
      [60, 5],
      [6, 3],
    ])('with %d s left delays the response for at most %d s', async (left, seconds) => {
      const { call, clock } = setUp({ onEvent: () => new Promise(() => {}) });
      const startedAt = clock.now();

      const state = await call('begin', { input }, {}, left);

      expect(state.details.phase).toBe('shifting');
      expect((clock.now() - startedAt) / 1000).toBe(seconds);
    });

    test.each(failingListeners)('leaves the shift unchanged when it %s', async (_name, onEvent) => {
      const { call, logger, target } = setUp({ onEvent });

      await call('advance', await call('begin'));

      expect(target.writes).toEqual([{ blue: 50, green: 50 }]);
      expect(logger.error).toHaveBeenCalledWith('Event listener of the change failed', {
        resource: target.description,
        event: 'started',
        error: 'Error: no display',
      });
    });
  });

  describe('decide', () => {
    const asked = { approvalTimeoutSeconds: 300 };

    test('passes the share that is approved', async () => {
      const { call, untilHeld } = setUp();
      const held = await untilHeld(asked);

      let state = await call('decide', { ...held, answer: { approved: true } }, asked);
      state = await call('advance', await call('advance', state, asked), asked);

      expect(state.details.incomingPercent).toBe(100);
    });

    test.each([
      [{ approved: false, reason: 'it is Friday' }, 'Not approved: it is Friday'],
      [{ approved: false }, 'Not approved: refused'],
      [{ approved: 'true' }, 'Not approved: expected an answer with approved: true or false'],
      [{}, 'Not approved: expected an answer with approved: true or false'],
      [undefined, 'Not approved: expected an answer with approved: true or false'],
    ])('rolls back for the answer %j', async (answer, reason) => {
      const { call, untilHeld } = setUp();

      const state = await call('decide', { ...(await untilHeld(asked)), answer }, asked);

      expect(state).toMatchObject({ outcome: 'rolledBack', reason });
    });

    test('limits the approval to the time left of maxDurationSeconds', async () => {
      const { call, clock } = setUp();
      const bounded = { request: { ...shift, approvalPercents: [0], maxDurationSeconds: 200 } };
      const state = await call('begin', { input: bounded }, asked);
      await clock.sleep(30_000);

      expect(await call('advance', state, asked)).toMatchObject({ approvalTimeoutSeconds: 170 });
    });
  });

  describe('rollBack', () => {
    test.each<[unknown, string]>([
      [{ Error: 'States.Timeout' }, 'The change cannot proceed: States.Timeout'],
      [{ Error: 'Lambda.Unknown', Cause: '' }, 'The change cannot proceed: Lambda.Unknown'],
      [
        {
          Error: 'TypeError',
          Cause: '{"errorType":"TypeError","errorMessage":"no network","trace":["at …"]}',
        },
        'The change cannot proceed: TypeError: no network',
      ],
      [{ Error: 'Refused', Cause: '{"by":"me"}' }, 'The change cannot proceed: Refused: {"by":"me"}'],
      [undefined, 'The change cannot proceed: an error without a name'],
      [{ approval: { Error: 'States.Timeout' } }, 'Not approved: no answer in time'],
      [{ approval: { Error: 'States.HeartbeatTimeout' } }, 'Not approved: no answer in time'],
      [{ approval: { Error: 'Refused', Cause: 'by me' } }, 'Not approved: Refused: by me'],
      [{ approval: {} }, 'Not approved: an error without a name'],
    ])('returns the reason of the failure %j', async (failure, reason) => {
      const { call, target } = setUp();
      const state = await call('advance', await call('begin'));

      const back = await call('rollBack', { ...state, failure });

      expect(back).toMatchObject({ outcome: 'rolledBack', isComplete: true, reason, calls: 4 });
      expect(target.writes.at(-1)).toEqual({ blue: 100, green: 0 });
    });

    test('needs no isApproved, which a deployment may have removed', async () => {
      const { call, target } = setUp();
      const begun = await call('begin', { input: gated }, { approvalTimeoutSeconds: 60 });
      const state = await call('advance', begun, { approvalTimeoutSeconds: 60 });
      const refused = await call('advance', state).catch((error: Error) => error);
      expect(refused).toBeInstanceOf(InvalidInputError);

      const back = await call('rollBack', { ...state, failure: { Error: 'InvalidInputError' } });

      expect(back).toMatchObject({ outcome: 'rolledBack', isComplete: true });
      expect(target.writes.map(({ green }) => green)).toEqual([50, 0]);
    });

    test('truncates a long reason', async () => {
      const { call } = setUp();
      const state = await call('advance', await call('begin'));

      const failure = { Error: 'Long', Cause: 'x'.repeat(30_000) };

      expect((await call('rollBack', { ...state, failure })).reason).toHaveLength(1000);
    });
  });

  describe('input', () => {
    const kept = { approved: [], reason: '', isRollingBack: false, calls: 1 };

    test.each<[string, unknown, string | RegExp]>([
      ['a malformed event', { action: 'begin' }, /^Invalid step functions task: state: expected/i],
      [
        'approvals that nothing can give',
        { action: 'begin', state: { input: { request: { ...shift, approvalPercents: [0, 50] } } } },
        'Invalid request: approvals: expected none, because neither the definition has an approval nor the handler an isApproved, got 0, 50',
      ],
    ])('names the part that is wrong in %s', async (_, event, message) => {
      const { handler, context } = setUp();

      await expect(handler(event, context())).rejects.toThrow(message);
    });

    test.each<[string, unknown]>([
      ['nothing', undefined],
      ['a text', 'begin'],
      ['an unknown action', { action: 'promote', state: { input } }],
      ['no state', { action: 'begin' }],
      ['no input', { action: 'begin', state: {} }],
      ['no request', { action: 'begin', state: { input: {} } }],
      ['an unknown stack', { action: 'begin', state: { input: { request: { ...shift, incoming: 'red' } } } }],
      ['an unknown field', { action: 'begin', state: { input: { request: { ...shift, speed: 9 } } } }],
      ['approvals without isApproved', { action: 'begin', state: { input: gated } }],
      ['approvals without isApproved, in validate', { action: 'validate', state: { input: gated } }],
      ['no state of the shift', { action: 'advance', state: { input, ...kept } }],
      ['a state of another kind', { action: 'rollBack', state: { input, ...kept, state: { version: 7 } } }],
      ['approvals that are no list', { action: 'advance', state: { input, ...kept, approved: '50' } }],
      ['a count that is none', { action: 'advance', state: { input, ...kept, state: {}, calls: -1 } }],
    ])('throws InvalidInputError before any call for %s', async (_, event) => {
      const { handler, context, target } = setUp();

      await expect(handler(event, context())).rejects.toMatchObject({ name: 'InvalidInputError' });
      expect(target.calls).toEqual([]);
    });

    test('throws InvalidInputError for a malformed context', async () => {
      const { handler, makeShifter } = setUp();

      const begun = handler({ action: 'begin', state: { input } }, {} as never);

      await expect(begun).rejects.toThrow(InvalidInputError);
      await expect(begun).rejects.toThrow(/^Invalid lambda context: getRemainingTimeInMillis: expected/i);
      expect(makeShifter).not.toHaveBeenCalled();
    });

    test('is replaced by the result of parseInput', async () => {
      const { clock } = new SimulatedCloud();
      const target = new FakeTarget({ clock });
      const services: string[] = [];
      const handler = stepFunctionsHandler(
        ({ service }) => {
          expectTypeOf(service).toEqualTypeOf<string>();
          services.push(service);
          return new TrafficShifter({ target, clock });
        },
        { parseInput: serviceOf, clock, logger: silentLogger },
      );

      const state = await handler(
        { action: 'begin', state: { input } },
        { getRemainingTimeInMillis: () => 60_000 },
      );

      expect(services).toEqual(['orders']);
      // The next call gets the execution's input.
      expect(state.input).toEqual(input);
    });

    const own = new InvalidInputError({
      subject: 'input',
      problems: [{ field: 'service', expected: 'a', actual: 'b' }],
    });
    const asInput =
      'Invalid execution input: expected an input that parseInput accepts, got service is missing';

    test.each([
      [new TypeError('service is missing'), asInput],
      [own, own.message],
      ['service is missing', asInput],
    ])('throws InvalidInputError when parseInput throws %s', async (thrown, message) => {
      const { handler, context, makeShifter } = setUp({
        parseInput: () => {
          throw thrown;
        },
      });

      await expect(handler({ action: 'begin', state: { input } }, context())).rejects.toThrow(
        expect.objectContaining({ name: 'InvalidInputError', message }),
      );
      expect(makeShifter).not.toHaveBeenCalled();
    });
  });

  describe('options', () => {
    test.each<[string, object]>([
      ['makeResumable', {}],
      ['parseInput', { parseInput: 1 }],
      ['isApproved', { isApproved: true }],
      ['onEvent', { onEvent: 'a topic' }],
      ['deadlineMarginSeconds', { deadlineMarginSeconds: 0 }],
    ])('throw InvalidInputError for a wrong %s', (field, options) => {
      const makeShifter = field === 'makeResumable' ? undefined : () => {};

      const subject = field === 'makeResumable' ? 'stepFunctionsHandler' : 'stepFunctionsHandler options';

      expect(() => stepFunctionsHandler(makeShifter as never, options as never)).toThrow(
        `Invalid ${subject}: ${field}: expected`,
      );
    });

    test('log to the console by default', async () => {
      const error = vi.spyOn(console, 'error').mockReturnValue();
      const handler = stepFunctionsHandler(() => {
        throw new Error('no such service');
      });

      await expect(
        handler({ action: 'begin', state: { input } }, { getRemainingTimeInMillis: () => 60_000 }),
      ).rejects.toThrow('no such service');
      expect(error).toHaveBeenCalledOnce();
    });
  });
});
