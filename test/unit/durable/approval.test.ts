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
    'does not take %j for an approval',
    (result) => {
      const reason = `The answer was not understood: ${result}`;

      expect(readApproval(result)).toEqual({ isApproved: false, reason });
    },
  );

  test.each([null, 5, true, {}, { approved: 'yes' }])(
    'does not take the value %j for an approval',
    (result) => {
      expect(readApproval(result)).toMatchObject({
        isApproved: false,
        reason: expect.stringContaining('The answer was not understood'),
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
])('a reason is no longer than what a step can keep', (answer) => {
  expect(JSON.stringify(answer).length).toBeLessThan(1100);
});

describe('readRefusal', () => {
  test("gives the failure's message", () => {
    expect(readRefusal(new Error('Not on a Friday'), 60)).toEqual({
      isApproved: false,
      reason: 'Not on a Friday',
    });
  });

  test.each([undefined, null, 'no', new Error(), { message: 7 }])('knows no reason in %j', (error) => {
    expect(readRefusal(error, 60)).toEqual({ isApproved: false, reason: 'Refused' });
  });

  test.each([
    Object.assign(new Error('Callback timed out'), { name: 'CallbackTimeoutError' }),
    Object.assign(new Error('Callback timed out'), { name: 'e', errorType: 'CallbackTimeoutError' }),
  ])('tells a timeout, also when a bundler has renamed the class', (error) => {
    expect(readRefusal(error, 60)).toEqual({ isApproved: false, reason: 'Nobody answered within 60 s' });
  });
});
