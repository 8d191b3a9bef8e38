import { describe, expect, test } from 'vitest';
import { messagesOf, SourceTexts } from '../../support/documented-messages.js';
import { pages } from '../../support/guide-programs.js';

const source = new SourceTexts();

describe('SourceTexts.has', () => {
  test.each([
    ['a message with a value', 'Cannot start database cluster orders-green'],
    ['a message with a placeholder', 'Cannot … database cluster …'],
    ['the expected and the actual value', 'Service … is being deleted: expected the status ACTIVE, got …'],
    [
      'an invalid option',
      'Invalid LambdaTools.getAlias: name: expected an alias, because … has none, got nothing',
    ],
    ['an error code of a state machine', 'ShiftHalted'],
  ])('returns true for %s', (_, message) => {
    expect(source.has(message)).toBe(true);
  });

  test.each([
    ['another verb', 'Could not database cluster orders-green'],
    ['another expected value', 'Service … is being deleted: expected a purple cow, got …'],
    ['a placeholder alone', '…'],
    ['a message that goes on', 'Cannot switch subscription … at night. Call the operator'],
  ])('returns false for %s', (_, message) => {
    expect(source.has(message)).toBe(false);
  });
});

test.each(pages)('quotes only messages of the source in %s', (page) => {
  const unknown = messagesOf(page).filter(({ text }) => !source.has(text));

  expect(unknown.map(({ text }) => text)).toEqual([]);
});
