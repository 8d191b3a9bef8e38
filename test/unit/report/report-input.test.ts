import { describe, expect, test } from 'vitest';
import { InvalidInputError } from '../../../src/core/errors.js';
import { renderReport } from '../../../src/report/index.js';
import { hostileValues } from '../../support/hostile-values.js';
import {
  failedRollout,
  rehearsal,
  rolledBackShift,
  rolledBackState,
  rolledBackSwap,
  waitingRecord,
} from '../../support/reports.js';

/** Renders an input of an untyped caller. */
function render(input: unknown): string {
  return renderReport(input as Parameters<typeof renderReport>[0]);
}

function errorOf(input: unknown): InvalidInputError {
  try {
    render(input);
  } catch (error) {
    if (error instanceof InvalidInputError) return error;
    throw error;
  }
  throw new Error('the input is valid');
}

describe('renderReport with an invalid input', () => {
  test.each([
    ['nothing to render', {}, ''],
    ['a shift without a history and a state', { shift: {} }, 'shift'],
    ['a swap without a history, a record and a status', { swap: {} }, 'swap'],
    ['a rollout without a history', { rollout: {} }, 'rollout.history'],
    [
      'an event of an unknown type',
      { shift: { history: [{ type: 'vanished', at: 0 }] } },
      'shift.history[0].type',
    ],
    [
      'an event without a time',
      { shift: { history: [{ type: 'halted', reason: 'x' }] } },
      'shift.history[0].at',
    ],
    [
      'a time as text',
      { shift: { history: [{ type: 'halted', reason: 'x', at: '2026-11-29' }] } },
      'shift.history[0].at',
    ],
    [
      'a state of another version',
      { shift: { state: { ...rolledBackState(), version: 2 } } },
      'shift.state.version',
    ],
    [
      'a record of another format',
      { swap: { record: { ...waitingRecord(), format: 2 } } },
      'swap.record.format',
    ],
    ['a title that is no text', { title: 5, shift: { history: [] } }, 'title'],
    ['a fact that is no text', { facts: { a: {} }, shift: { history: [] } }, 'facts.a'],
    [
      'a rehearsal without its shifts',
      { rehearsal: [rehearsal(), { ...rehearsal(), rehearsed: undefined }] },
      'rehearsal[1].rehearsed',
    ],
  ])('throws InvalidInputError for %s', (_name, input, field) => {
    expect(errorOf(input).problems.map((problem) => problem.field)).toContain(field);
  });

  test('throws InvalidInputError with the nearest name for an unknown option', () => {
    expect(errorOf({ shifts: { history: [] } }).message).toContain('did you mean shift?');
    expect(errorOf({ shift: { histories: [], state: rolledBackState() } }).message).toContain(
      'did you mean history?',
    );
  });

  test.each(hostileValues)('throws InvalidInputError for %s in every place', (_name, value) => {
    for (const name of ['shift', 'rollout', 'swap', 'title', 'facts']) {
      if (name === 'facts' && typeof value === 'object') continue;
      errorOf({ shift: { history: [] }, [name]: value });
    }
    errorOf(value);
    errorOf({ rehearsal: [value] });
    for (const [index, event] of rolledBackShift().entries()) {
      const history = rolledBackShift().with(index, { ...event, type: value } as never);
      errorOf({ shift: { history } });
    }
    errorOf({ swap: { history: rolledBackSwap().map((event) => ({ ...event, at: value })) } });
    errorOf({ rollout: { history: failedRollout().map((event) => ({ ...event, at: value })) } });
  });
});
