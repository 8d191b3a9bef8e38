import { describe, expect, test } from 'vitest';
import { parseRdsEvent } from '../../../src/aurora/rds-event.js';
import { InvalidInputError } from '../../../src/core/index.js';
import { insightsDisabledRecord, rdsEventRecord } from '../../support/rds-events.js';

describe('Function: parseRdsEvent', () => {
  test('knows a created instance by the event ID, whatever the text says', () => {
    const record = rdsEventRecord('reader-1', { 'Event Message': 'Instanz erstellt' });

    expect(parseRdsEvent(record)).toEqual({ kind: 'instanceCreated', instance: 'reader-1' });
  });

  test('does not take another event ID for it, whatever the text says', () => {
    const record = rdsEventRecord('reader-1', { 'Event ID': 'https://example.org/#RDS-EVENT-0043' });

    expect(parseRdsEvent(record)).toEqual({ kind: 'other', instance: 'reader-1' });
  });

  test('falls back to the text when there is no event ID', () => {
    const record = rdsEventRecord('reader-1', { 'Event ID': undefined });

    expect(parseRdsEvent(record)).toEqual({ kind: 'instanceCreated', instance: 'reader-1' });
  });

  test('knows disabled Performance Insights by the text', () => {
    expect(parseRdsEvent(insightsDisabledRecord('reader-1'))).toEqual({
      kind: 'performanceInsightsDisabled',
      instance: 'reader-1',
    });
  });

  test('leaves an event alone that has neither ID nor text nor source', () => {
    expect(parseRdsEvent({ Sns: { Message: '{}' } })).toEqual({ kind: 'other', instance: undefined });
  });

  test.each([
    ['no record', {}],
    ['an empty message', { Sns: { Message: '' } }],
    ['a message that is no JSON', { Sns: { Message: 'DB instance created' } }],
    ['a message that is no object', { Sns: { Message: '1' } }],
    ['an event ID that is no text', rdsEventRecord('reader-1', { 'Event ID': 5 })],
    ['a created instance without a name', rdsEventRecord(undefined)],
  ])('refuses %s', (_what, record) => {
    // @ts-expect-error some of the records are malformed
    expect(() => parseRdsEvent(record)).toThrowError(InvalidInputError);
  });
});
