import { describe, expect, test } from 'vitest';
import { ResponseDeadline } from '../../../../src/custom-resource/protocol/response-deadline.js';

const at = Date.parse('2026-01-01T00:00:00Z');

function deadlineAt(now: number, properties: unknown, date = '20260101T000000Z') {
  const clock = { now: () => now, sleep: async () => {} };
  const address = {
    responseUrl: `https://s3.example/key?X-Amz-Date=${date}`,
    stackId: 's',
    requestId: 'r',
    logicalResourceId: 'l',
  };
  const deadline = new ResponseDeadline({ ResourceProperties: properties }, address, clock);
  return {
    deadline,
    setTo: (time: number) => {
      clock.now = () => time;
    },
  };
}

describe('ResponseDeadline', () => {
  test('is the ServiceTimeout after the request was made', () => {
    const { deadline } = deadlineAt(at + 100_000, { ServiceTimeout: '600' });

    expect(deadline.millisecondsToResponseDeadline()).toBe(500_000);
    expect(deadline.isOver).toBe(false);
  });

  test.each([undefined, null, 5, {}, { ServiceTimeout: 'x' }])(
    'is an hour for the properties %j',
    (properties) => {
      expect(deadlineAt(at, properties).deadline.millisecondsToResponseDeadline()).toBe(3_600_000);
    },
  );

  test('is over when the time has passed', () => {
    const { deadline, setTo } = deadlineAt(at, { ServiceTimeout: 60 });

    setTo(at + 60_000);

    expect(deadline.millisecondsToResponseDeadline()).toBe(0);
    expect(deadline.isOver).toBe(true);
  });

  test('does not move when the clock is set back', () => {
    const { deadline, setTo } = deadlineAt(at, { ServiceTimeout: 60 });
    setTo(at + 30_000);
    const before = deadline.millisecondsToResponseDeadline();

    setTo(at - 7_200_000);
    const after = deadline.millisecondsToResponseDeadline();
    setTo(at - 7_200_000 + 30_000);

    expect([before, after]).toEqual([30_000, 30_000]);
    expect(deadline.isOver).toBe(true);
  });

  test('counts a request from the future from now', () => {
    expect(deadlineAt(at - 500_000, { ServiceTimeout: 60 }).deadline.millisecondsToResponseDeadline()).toBe(
      60_000,
    );
  });

  test('counts a request without a date from now', () => {
    expect(deadlineAt(at, {}, '').deadline.millisecondsToResponseDeadline()).toBe(3_600_000);
  });
});
