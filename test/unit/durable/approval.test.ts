import { describe, expect, test } from 'vitest';
import { readApproval, readRefusal } from '../../../src/durable/approval.js';

describe('readApproval', () => {
  test.each([undefined, '', ' \n', '{"approved":true}', '{"approved":true,"by":"ann"}'])(
    'approves by %j',
    (result) => {
      expect(readApproval(result)).toEqual({ isApproved: true });
    },
  );

  test.each(['{"approved":false}', '{"approved":false,"reason":"Too late"}'])(
    'does not approve by %j',
    (result) => {
      const reason = result.includes('late') ? 'Too late' : 'Refused';

      expect(readApproval(result)).toEqual({ isApproved: false, reason });
    },
  );

  test.each(['no', 'true', 'null', '{}', '{"approved":"yes"}', '{"approved":'])(
    'does not approve by %j',
    (result) => {
      const reason = `expected an answer with approved: true or false, got ${result}`;

      expect(readApproval(result)).toEqual({ isApproved: false, reason });
    },
  );

  test.each([null, 5, true, {}, { approved: 'yes' }])(
    'does not take the value %j for an approval',
    (result) => {
      expect(readApproval(result)).toMatchObject({
        isApproved: false,
        reason: expect.stringContaining('expected an answer with approved: true or false'),
      });
    },
  );

  test('reads a result that the runtime has parsed already', () => {
    expect(readApproval({ approved: true })).toEqual({ isApproved: true });
    expect(readApproval({ approved: false, reason: 'Too late' })).toEqual({
      isApproved: false,
      reason: 'Too late',
    });
  });
});

test.each([
  readApproval('x'.repeat(262_144)),
  readApproval(JSON.stringify({ approved: false, reason: 'x'.repeat(262_000) })),
  readRefusal(new Error('x'.repeat(262_144)), 60),
])('truncates the reason to what a step can store', (answer) => {
  expect(JSON.stringify(answer).length).toBeLessThan(1100);
});

describe('readRefusal', () => {
  test("returns the failure's message", () => {
    expect(readRefusal(new Error('Not on a Friday'), 60)).toEqual({
      isApproved: false,
      reason: 'Not on a Friday',
    });
  });

  test.each([undefined, null, 'no', new Error(), { message: 7 }])('returns Refused for %j', (error) => {
    expect(readRefusal(error, 60)).toEqual({ isApproved: false, reason: 'Refused' });
  });

  test.each([
    Object.assign(new Error('Callback timed out'), { name: 'CallbackTimeoutError' }),
    Object.assign(new Error('Callback timed out'), { name: 'e', errorType: 'CallbackTimeoutError' }),
  ])('reports a timeout, also when a bundler has renamed the class', (error) => {
    expect(readRefusal(error, 60)).toEqual({ isApproved: false, reason: 'no answer within 60 s' });
  });
});
