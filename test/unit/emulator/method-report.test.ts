import { describe, expect, test } from 'vitest';
import { reportMethods } from '../../emulator/method-report.js';

const methods = ['SqsTools.purgeQueues', 'SqsTools.waitForPurge'];
const everything = { methods, answered: new Set(methods), excused: {}, unansweredBehaviour: [] };

describe('the report of the emulator run', () => {
  test('is content when every method was carried out', () => {
    const { lines, problems } = reportMethods({ ...everything, unansweredBehaviour: ['SQS: no delays'] });

    expect(problems).toEqual([]);
    expect(lines).toEqual([
      '2 of 2 public methods were carried out on moto. It could not answer:',
      '  SQS: no delays',
    ]);
  });

  test('takes a reason for a method that was not', () => {
    const { lines, problems } = reportMethods({
      ...everything,
      answered: new Set(['SqsTools.purgeQueues']),
      excused: { 'SqsTools.waitForPurge': 'no counts' },
    });

    expect(problems).toEqual([]);
    expect(lines).toContain('  SqsTools.waitForPurge: no counts');
  });

  test('fails for a method that was forgotten', () => {
    const { problems } = reportMethods({ ...everything, answered: new Set(['SqsTools.purgeQueues']) });

    expect(problems).toEqual(['SqsTools.waitForPurge was not carried out on moto, and no reason is given']);
  });

  test('fails for a reason that no longer holds', () => {
    const excused = { 'SqsTools.purgeQueues': 'no purges', 'SqsTools.gone': 'it went' };

    const { problems } = reportMethods({ ...everything, excused });

    expect(problems).toEqual([
      'SqsTools.purgeQueues is excused, but moto carried it out',
      'SqsTools.gone is excused, but no tool has it',
    ]);
  });
});
