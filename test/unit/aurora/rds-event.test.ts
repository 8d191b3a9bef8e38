import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseRdsEvent } from '../../../src/aurora/rds-event.js';
import { InvalidInputError } from '../../../src/core/index.js';
import {
  inAllForms,
  insightsDisabledRecord,
  rdsEventBridgeEvent,
  rdsEventRecord,
} from '../../support/rds-events.js';

const bySns = (message: unknown) => ({ Sns: { Message: JSON.stringify(message) } });

describe('parseRdsEvent', () => {
  test.each(inAllForms('reader-1'))('reads a created instance from %s', (_, event) => {
    expect(parseRdsEvent(event)).toEqual({ kind: 'instanceCreated', instance: 'reader-1' });
  });

  test.each(inAllForms('reader-1', 'insightsDisabled'))(
    'reads disabled Performance Insights from %s',
    (_, event) => {
      expect(parseRdsEvent(event)).toEqual({ kind: 'performanceInsightsDisabled', instance: 'reader-1' });
    },
  );

  test('reads a created instance by the event ID, whatever the text is', () => {
    const record = rdsEventRecord('reader-1', { 'Event Message': 'Instanz erstellt' });

    expect(parseRdsEvent(record)).toEqual({ kind: 'instanceCreated', instance: 'reader-1' });
  });

  test('ignores another event ID, whatever the text is', () => {
    const record = rdsEventRecord('reader-1', { 'Event ID': 'https://example.org/#RDS-EVENT-0043' });

    expect(parseRdsEvent(record)).toEqual({ kind: 'other', instance: 'reader-1' });
  });

  test('reads the text when there is no event ID', () => {
    const record = rdsEventRecord('reader-1', { 'Event ID': undefined });

    expect(parseRdsEvent(record)).toEqual({ kind: 'instanceCreated', instance: 'reader-1' });
  });

  test('removes the prefix of the identifier that the samples of AWS have', () => {
    const event = rdsEventBridgeEvent('rds:reader-1');

    expect(parseRdsEvent(event)).toEqual({ kind: 'instanceCreated', instance: 'reader-1' });
  });

  test.each([
    ['SNS', rdsEventRecord('blue', { 'Event Source': 'db-cluster', 'Event ID': undefined })],
    [
      'EventBridge',
      rdsEventBridgeEvent('blue', {
        SourceType: 'CLUSTER',
        EventID: undefined,
        Message: 'Performance Insights has been disabled',
      }),
    ],
  ])('ignores the same words about a cluster from %s', (_, event) => {
    expect(parseRdsEvent(event)).toEqual({ kind: 'other', instance: 'blue' });
  });

  test('accepts any identifier of an event that it ignores', () => {
    const event = rdsEventBridgeEvent('rds:blue-2026-01-01', {
      EventID: 'RDS-EVENT-0042',
      SourceType: 'SNAPSHOT',
    });

    expect(parseRdsEvent(event)).toEqual({ kind: 'other', instance: 'blue-2026-01-01' });
  });

  test.each([
    ['undefined', undefined],
    ['null', null],
    ['an empty object', {}],
    ['an empty message', { Sns: { Message: '' } }],
    ['a message that is no text', { Sns: { Message: 5 } }],
    ['a message that is no JSON', { Sns: { Message: 'DB instance created' } }],
    ['a message that is no object', { Sns: { Message: '1' } }],
    ['a message without the fields of an event', { Sns: { Message: '{}' } }],
    ['the notification of an alarm', bySns({ AlarmName: 'blue-cpu', NewStateValue: 'ALARM' })],
    ['an event ID that is no text', rdsEventRecord('reader-1', { 'Event ID': 5 })],
    ['a created instance without a name', rdsEventRecord(undefined)],
    ['a created instance without a name from EventBridge', rdsEventBridgeEvent(undefined)],
    ['an event of another service', { source: 'aws.ec2', detail: { EventID: 'RDS-EVENT-0005' } }],
    ['an event without a detail', { source: 'aws.rds' }],
    ['a detail without a source', { detail: { EventID: 'RDS-EVENT-0005', SourceIdentifier: 'reader-1' } }],
    [
      'a call that CloudTrail reports',
      bySns({ source: 'aws.rds', detail: { eventName: 'CreateDBInstance' } }),
    ],
    ['a whole event of SNS', { Records: [rdsEventRecord('reader-1')] }],
  ])('throws InvalidInputError for %s', (_, event) => {
    expect(() => parseRdsEvent(event)).toThrowError(InvalidInputError);
  });

  test.each(['blue-%E0%A4%A', 'blue-%', '100%', '\ud800x', '\udc00', '', 'a'.repeat(64), 'a--b', 'a_b'])(
    'throws InvalidInputError for a created instance with the name %j',
    (instance) => {
      for (const [, event] of inAllForms(instance))
        expect(() => parseRdsEvent(event)).toThrowError(InvalidInputError);
    },
  );

  test('names the field that is wrong', () => {
    const problems = [expect.objectContaining({ field: 'detail.SourceIdentifier', actual: 'nothing' })];

    expect(() => parseRdsEvent(rdsEventBridgeEvent(undefined))).toThrowError(
      expect.objectContaining({ problems }),
    );
    expect(() => parseRdsEvent({ Records: [insightsDisabledRecord('reader-1')] })).toThrowError(
      /a list of records: pass one of them/,
    );
  });

  test('returns an event or throws InvalidInputError for any input', () => {
    const hostile = fc.oneof(
      fc.anything({ withNullPrototype: true, withBigInt: true, withSparseArray: true }),
      fc.json().map((Message) => ({ Sns: { Message } })),
      fc.record({ Sns: fc.anything() }),
      fc.record({ source: fc.constantFrom('aws.rds', 5), detail: fc.anything() }),
      fc.string({ unit: 'binary' }).map((it) => rdsEventBridgeEvent(it)),
    );
    fc.assert(
      fc.property(hostile, (event) => {
        try {
          expect(parseRdsEvent(event)).toHaveProperty('kind');
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidInputError);
        }
      }),
    );
  });
});
