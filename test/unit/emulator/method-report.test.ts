import { describe, expect, test } from 'vitest';
import { reportMethods } from '../../emulator/method-report.js';

const methods = ['SqsTools.purgeQueues', 'SqsTools.waitForPurge'];
const everything = { methods, succeeded: new Set(methods), excused: {}, unsupportedBehaviour: [] };

describe('reportMethods', () => {
  test('returns no problems when every method succeeded', () => {
    const { lines, problems } = reportMethods({ ...everything, unsupportedBehaviour: ['SQS: no delays'] });

    expect(problems).toEqual([]);
    expect(lines).toEqual([
      '2 of 2 public methods succeeded on moto. Not supported by moto:',
      '  SQS: no delays',
    ]);
  });

  test('accepts a reason for a method that did not succeed', () => {
    const { lines, problems } = reportMethods({
      ...everything,
      succeeded: new Set(['SqsTools.purgeQueues']),
      excused: { 'SqsTools.waitForPurge': 'no counts' },
    });

    expect(problems).toEqual([]);
    expect(lines).toContain('  SqsTools.waitForPurge: no counts');
  });

  test('reports a method without a reason', () => {
    const { problems } = reportMethods({ ...everything, succeeded: new Set(['SqsTools.purgeQueues']) });

    expect(problems).toEqual(['SqsTools.waitForPurge did not succeed on moto, and no reason is given']);
  });

  test('reports an outdated reason', () => {
    const excused = { 'SqsTools.purgeQueues': 'no purges', 'SqsTools.gone': 'it went' };

    const { problems } = reportMethods({ ...everything, excused });

    expect(problems).toEqual([
      'SqsTools.purgeQueues is excused, but succeeded on moto',
      'SqsTools.gone is excused, but is no method of a tool',
    ]);
  });
});
