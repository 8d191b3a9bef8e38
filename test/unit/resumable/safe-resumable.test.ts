import { describe, expect, test, vi } from 'vitest';
import { InvalidInputError, UnexpectedResponseError } from '../../../src/core/errors.js';
import { silentLogger } from '../../../src/core/logger.js';
import { SafeResumable } from '../../../src/resumable/safe-resumable.js';
import { standingOf } from '../../../src/resumable/standing.js';
import type { Resumable } from '../../../src/resumable/types.js';

type Change = Resumable<unknown, { version: number }, { type: string }>;

const state = { version: 1 };
const progress = { state, waitSeconds: 0, events: [] };

function make(methods: Partial<Record<keyof Change, unknown>> = {}) {
  const change: Change = {
    description: 'record shop',
    parseRequest: (value) => value,
    parseState: () => state,
    begin: async () => state,
    advance: async () => progress,
    rollBack: async () => progress,
  };
  return new SafeResumable<unknown, { version: number }, { type: string }>({
    ...change,
    ...methods,
  } as Change);
}

describe('SafeResumable', () => {
  test.each([
    ['record shop', 'record shop'],
    ['', 'resumable change'],
    [undefined, 'resumable change'],
    [7, 'resumable change'],
  ])('describes a change with the description %o as %s', (description, expected) => {
    expect(make({ description }).description).toBe(expected);
  });

  test('keeps the InvalidInputError of a parser', () => {
    const error = new InvalidInputError({ subject: 'Request', problems: [] });
    const throwing = () => {
      throw error;
    };

    expect(() => make({ parseRequest: throwing }).parseRequest({})).toThrow(error);
    expect(() => make({ parseState: throwing }).parseState({})).toThrow(error);
  });

  test.each([new TypeError('name is missing'), 'name is missing'])(
    'turns %o into an InvalidInputError',
    (thrown) => {
      const throwing = () => {
        throw thrown;
      };
      const expected = /accepted for record shop, got .*name is missing/;

      expect(() => make({ parseRequest: throwing }).parseRequest({}, 'request')).toThrowError(
        InvalidInputError,
      );
      expect(() => make({ parseRequest: throwing }).parseRequest({}, 'request')).toThrowError(expected);
      expect(() => make({ parseState: throwing }).parseState({})).toThrowError(expected);
    },
  );

  test.each([undefined, null])('rejects the first state %o', async (begun) => {
    await expect(make({ begin: async () => begun }).begin({}, {})).rejects.toThrowError(
      UnexpectedResponseError,
    );
  });

  test.each([
    ['waitSeconds', { waitSeconds: -1 }],
    ['waitSeconds', { waitSeconds: '5' }],
    ['events', { events: {} }],
    ['outcome', { outcome: 'finished' }],
    ['heldAt.key', { heldAt: { key: '', detail: 'go on' } }],
    ['heldAt.expiresAt', { heldAt: { key: 'a', detail: 'go on', expiresAt: Number.NaN } }],
    ['state', { state: null }],
  ])('rejects a progress with a wrong %s: %o', async (field, wrong) => {
    const change = make({
      advance: async () => ({ ...progress, ...wrong }),
      rollBack: async () => ({ ...progress, ...wrong }),
      halt: () => ({ ...progress, ...wrong }),
    });

    await expect(change.advance(state, {})).rejects.toThrowError(
      new RegExp(`Response of advance for record shop.*expected the field .*${field}`),
    );
    await expect(change.rollBack(state, 'no', {})).rejects.toThrowError(
      'Response of rollBack for record shop',
    );
    expect(() => change.halt(state, 'no')).toThrowError('Response of halt for record shop');
  });

  test('drops unknown fields, and the approval of an ended change', async () => {
    const heldAt = { key: 'a', detail: 'go on', by: 'me' };
    const held = make({ advance: async () => ({ ...progress, heldAt, done: true }) });
    const ended = make({ advance: async () => ({ ...progress, heldAt, outcome: 'succeeded' }) });

    expect(await held.advance(state, {})).toEqual({ ...progress, heldAt: { key: 'a', detail: 'go on' } });
    expect(await ended.advance(state, {})).toEqual({ ...progress, outcome: 'succeeded' });
  });

  test('halts a change that cannot halt by itself', () => {
    expect(make().halt(state, 'no')).toEqual({ ...progress, outcome: 'halted' });
    expect(make({ halt: () => ({ ...progress, waitSeconds: 5 }) }).halt(state, 'no')).toEqual({
      ...progress,
      waitSeconds: 5,
      outcome: 'halted',
    });
  });

  test('returns undefined for the optional methods that are missing', () => {
    const change = make();

    expect([change.plannedCalls({}), change.plannedApprovals({}), change.summarize(state)]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(change.startEvents(state)).toEqual([]);
  });

  test.each([0, 12])('returns %i planned calls', (calls) => {
    expect(make({ plannedCalls: () => calls }).plannedCalls({})).toBe(calls);
  });

  test('leaves out a reason that the summary does not have', () => {
    const summary = { isRollingBack: false, isComplete: false, details: {}, reason: undefined };

    expect(make({ summarize: () => summary }).summarize(state)).toStrictEqual({
      isRollingBack: false,
      isComplete: false,
      details: {},
    });
  });

  test('turns other errors of the toolkit into an InvalidInputError too', () => {
    const throwing = () => {
      throw new UnexpectedResponseError({ action: 'a', resource: 'b', field: 'c' });
    };

    expect(() => make({ parseRequest: throwing }).parseRequest({})).toThrowError(
      /^Invalid request: expected/,
    );
    expect(() => make({ parseState: throwing }).parseState({})).toThrowError(/^Invalid state: expected/);
  });

  test.each([
    ['plannedCalls', 'many', 'a number, 0 or more'],
    ['plannedCalls', '12', 'a number, 0 or more'],
    ['plannedCalls', Number.NaN, 'a number, 0 or more'],
    ['plannedCalls', -1, 'a number, 0 or more'],
    ['plannedApprovals', 'all', 'a list of keys'],
    ['plannedApprovals', [50], 'a list of keys'],
    ['startEvents', 'none', 'a list of events'],
    ['summarize', { isRollingBack: false, isComplete: 'yes', details: {} }, 'isComplete'],
    ['summarize', {}, 'isRollingBack, isComplete, details'],
    ['summarize', 'fine', 'an object'],
  ] as const)('rejects the result of %s: %o', (method, result, field) => {
    const call = () => make({ [method]: () => result })[method](state);

    expect(call).toThrowError(UnexpectedResponseError);
    expect(call).toThrowError(
      `Response of ${method} for record shop is incomplete: expected the field ${field}, got`,
    );
  });
});

describe('standingOf', () => {
  const known = { reason: 'by hand', isRollingBack: false };

  test('counts every end of a change without a summary as complete', () => {
    expect(standingOf(make(), { state, outcome: 'rolledBack' }, known, silentLogger)).toEqual({
      reason: 'by hand',
      isRollingBack: false,
      isComplete: true,
      mayHaveSucceeded: true,
      outcome: 'rolledBack',
      details: {},
    });
  });

  test('has no reason after a success', () => {
    const standing = standingOf(make(), { state, outcome: 'succeeded' }, known, silentLogger);

    expect(standing).not.toHaveProperty('reason');
  });

  test('prefers the summary, and keeps the rollback that the driver has started', () => {
    const summary = {
      reason: 'errors',
      isRollingBack: false,
      isComplete: false,
      mayHaveSucceeded: false,
      outcome: 'halted',
      details: { phase: 'halted' },
    };
    const change = make({ summarize: () => summary });

    expect(standingOf(change, { state }, { isRollingBack: true }, silentLogger)).toEqual({
      ...summary,
      isRollingBack: true,
    });
  });

  test('counts the end as incomplete when the summary fails, and logs it', () => {
    const logger = { ...silentLogger, error: vi.fn() };
    const summarize = () => {
      throw new Error('no such field');
    };

    const standing = standingOf(make({ summarize }), { state, outcome: 'succeeded' }, known, logger);

    expect(standing).toMatchObject({ isComplete: false, outcome: 'succeeded' });
    expect(logger.error).toHaveBeenCalledExactlyOnceWith('Could not summarize the state', {
      resource: 'record shop',
      error: 'no such field',
    });
  });
});
