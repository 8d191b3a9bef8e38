import { describe, expect, test } from 'vitest';
import { ResourceNotFoundError } from '../../../src/core/errors.js';
import { requireMatch } from '../../../src/core/match-options.js';

const subject = { what: 'alarms blue-*', resource: 'alarms blue-*', remedy: 'Check alarmNamePrefix' };

describe('Function: requireMatch', () => {
  test('throws ResourceNotFoundError with a remedy when nothing was found', () => {
    const require = () => requireMatch([], {}, subject);

    expect(require).toThrowError(ResourceNotFoundError);
    expect(require).toThrowError(
      'Found no alarms blue-*. Check alarmNamePrefix, or set allowNone: true when there may be none',
    );
  });

  test('accepts any match, and an empty one with allowNone', () => {
    expect(() => requireMatch([], { allowNone: true }, subject)).not.toThrowError();
    expect(() => requireMatch(['blue-cpu'], {}, subject)).not.toThrowError();
  });
});
