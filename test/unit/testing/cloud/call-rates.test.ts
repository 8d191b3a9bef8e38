import { GetQueueAttributesCommand, GetQueueUrlCommand } from '@aws-sdk/client-sqs';
import { describe, expect, test } from 'vitest';
import { type CallRate, SimulatedCloud } from '../../../../src/testing/index.js';

function makeCloud(...callRates: CallRate[]) {
  const cloud = new SimulatedCloud({ callRates, latencyMilliseconds: 50 });
  cloud.sqs.addQueue({ name: 'orders' });
  return cloud;
}

const askForUrl = (cloud: SimulatedCloud, abortSignal?: AbortSignal) =>
  cloud.clients.sqs.send(new GetQueueUrlCommand({ QueueName: 'orders' }), {
    ...(abortSignal && { abortSignal }),
  });

const outcomesOf = (cloud: SimulatedCloud) => cloud.calls.map(({ outcome }) => outcome);

describe('Class: SimulatedCloud', () => {
  describe('Option: callRates', () => {
    test('throttles what comes above the burst, with the error of the service', async () => {
      const cloud = makeCloud({ actions: ['sqs:GetQueueUrl'], perSecond: 1, burst: 2 });

      await Promise.all([askForUrl(cloud), askForUrl(cloud), askForUrl(cloud)]);

      expect(outcomesOf(cloud).slice(0, 3)).toEqual(['ok', 'ok', 'ThrottlingException']);
    });

    test('answers as often as the rate says in the long run', async () => {
      const cloud = makeCloud({ actions: ['sqs:GetQueueUrl'], perSecond: 10, burst: 1 });
      await cloud.clock.sleep(60_000); // a rest, which gives no more than the burst

      const start = cloud.clock.now();
      const asking = Array.from({ length: 50 }, () => askForUrl(cloud));
      await Promise.allSettled(asking);

      const seconds = (cloud.clock.now() - start) / 1000;
      const answered = outcomesOf(cloud).filter((outcome) => outcome === 'ok').length;
      expect(answered).toBeGreaterThan(10);
      expect(answered).toBeLessThanOrEqual(1 + 10 * seconds);
    });

    test('holds for the calls that it names, each for itself or the service as a whole', async () => {
      const each = makeCloud({ actions: ['sqs:GetQueueUrl'], perSecond: 1 });
      const whole = makeCloud({ actions: ['sqs:*'], perSecond: 1 });
      const ask = (cloud: SimulatedCloud) =>
        Promise.all([
          askForUrl(cloud),
          cloud.clients.sqs.send(new GetQueueAttributesCommand({ QueueUrl: cloud.sqs.queue('orders').url })),
        ]);

      await Promise.all([ask(each), ask(whole)]);

      expect(outcomesOf(each)).toEqual(['ok', 'ok']);
      expect(outcomesOf(whole).slice(0, 2)).toEqual(['ok', 'ThrottlingException']);
    });

    test('lets the SDK wait in virtual time before it tries again, the same time in every run', async () => {
      const run = async () => {
        const cloud = makeCloud({ actions: ['sqs:*'], perSecond: 1 });
        await Promise.all([askForUrl(cloud), askForUrl(cloud)]);
        return cloud.calls.map(({ at }) => at - Date.parse('2026-01-01T00:00:00Z'));
      };

      const times = await run();

      const [first, second, third] = times;
      expect([first, second]).toEqual([0, 0]);
      expect(third).toBeGreaterThan(50);
      expect(third).toBeLessThanOrEqual(1_050);
      expect(await run()).toEqual(times);
    });

    test('does not stop a fault, whose retry waits as well', async () => {
      const cloud = makeCloud({ actions: ['sqs:*'], perSecond: 100 });
      cloud.injectFault({ kind: 'serverError' });

      await askForUrl(cloud);

      const [failed, answered] = cloud.calls.map(({ at }) => at);
      expect(outcomesOf(cloud)).toEqual(['InternalFailure', 'ok']);
      expect(Number(answered) - Number(failed)).toBeLessThanOrEqual(100);
    });

    test('an abort ends the wait before a retry', async () => {
      const cloud = makeCloud({ actions: ['sqs:*'], perSecond: 0.001, burst: 1 });
      await askForUrl(cloud);
      const controller = new AbortController();
      const start = cloud.clock.now();
      cloud.clock.schedule(0.06, () => controller.abort());

      await expect(askForUrl(cloud, controller.signal)).rejects.toMatchObject({ name: 'AbortError' });

      expect(cloud.clock.now() - start).toBe(60);
      expect(cloud.calls).toHaveLength(2);
    });

    test.each<[CallRate, RegExp]>([
      [{ actions: ['sqs:Purge'], perSecond: 1 }, /does not simulate sqs:Purge/],
      [{ actions: ['s3:*'], perSecond: 1 }, /does not simulate s3:\*/],
      [{ actions: ['sqs:*'], perSecond: 0 }, /lets none pass/],
      [{ actions: ['sqs:*'], perSecond: Number.NaN }, /lets none pass/],
      [{ actions: ['sqs:*'], perSecond: 1, burst: 0.5 }, /lets none pass/],
    ])('refuses %j', (rate, message) => {
      expect(() => makeCloud(rate)).toThrowError(message);
    });
  });
});
