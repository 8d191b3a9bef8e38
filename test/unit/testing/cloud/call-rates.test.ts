import { GetQueueAttributesCommand, GetQueueUrlCommand } from '@aws-sdk/client-sqs';
import { describe, expect, test } from 'vitest';
import { type CallRate, SimulatedCloud } from '../../../../src/testing/index.js';

function createCloud(...callRates: CallRate[]) {
  const cloud = new SimulatedCloud({ callRates, latencyMilliseconds: 50 });
  cloud.sqs.addQueue({ name: 'orders' });
  return cloud;
}

const askForUrl = (cloud: SimulatedCloud, abortSignal?: AbortSignal) =>
  cloud.clients.sqs.send(new GetQueueUrlCommand({ QueueName: 'orders' }), {
    ...(abortSignal && { abortSignal }),
  });

const outcomesOf = (cloud: SimulatedCloud) => cloud.calls.map(({ outcome }) => outcome);

describe('SimulatedCloud', () => {
  describe('callRates', () => {
    test('throttles calls above the burst with the error of the service', async () => {
      const cloud = createCloud({ actions: ['sqs:GetQueueUrl'], perSecond: 1, burst: 2 });

      await Promise.all([askForUrl(cloud), askForUrl(cloud), askForUrl(cloud)]);

      expect(outcomesOf(cloud).slice(0, 3)).toEqual(['ok', 'ok', 'ThrottlingException']);
    });

    test('accepts calls at the sustained rate', async () => {
      const cloud = createCloud({ actions: ['sqs:GetQueueUrl'], perSecond: 10, burst: 1 });
      await cloud.clock.sleep(60_000); // a pause refills no more than the burst

      const start = cloud.clock.now();
      const asking = Array.from({ length: 50 }, () => askForUrl(cloud));
      await Promise.allSettled(asking);

      const seconds = (cloud.clock.now() - start) / 1000;
      const succeeded = outcomesOf(cloud).filter((outcome) => outcome === 'ok').length;
      expect(succeeded).toBeGreaterThan(10);
      expect(succeeded).toBeLessThanOrEqual(1 + 10 * seconds);
    });

    test('applies to the named operations, or to a whole service', async () => {
      const each = createCloud({ actions: ['sqs:GetQueueUrl'], perSecond: 1 });
      const whole = createCloud({ actions: ['sqs:*'], perSecond: 1 });
      const ask = (cloud: SimulatedCloud) =>
        Promise.all([
          askForUrl(cloud),
          cloud.clients.sqs.send(new GetQueueAttributesCommand({ QueueUrl: cloud.sqs.queue('orders').url })),
        ]);

      await Promise.all([ask(each), ask(whole)]);

      expect(outcomesOf(each)).toEqual(['ok', 'ok']);
      expect(outcomesOf(whole).slice(0, 2)).toEqual(['ok', 'ThrottlingException']);
    });

    test('delays the retries of the SDK in virtual time, equally in every run', async () => {
      const run = async () => {
        const cloud = createCloud({ actions: ['sqs:*'], perSecond: 1 });
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

    test('delays the retry after a fault, too', async () => {
      const cloud = createCloud({ actions: ['sqs:*'], perSecond: 100 });
      cloud.injectFault({ kind: 'serverError' });

      await askForUrl(cloud);

      const [failed, succeeded] = cloud.calls.map(({ at }) => at);
      expect(outcomesOf(cloud)).toEqual(['InternalFailure', 'ok']);
      expect(Number(succeeded) - Number(failed)).toBeLessThanOrEqual(100);
    });

    test('ends the delay before a retry on an abort', async () => {
      const cloud = createCloud({ actions: ['sqs:*'], perSecond: 0.001, burst: 1 });
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
      [{ actions: ['sqs:*'], perSecond: 0 }, /expected perSecond above 0/],
      [{ actions: ['sqs:*'], perSecond: Number.NaN }, /expected perSecond above 0/],
      [{ actions: ['sqs:*'], perSecond: 1, burst: 0.5 }, /a burst of at least 1/],
    ])('throws TypeError for %j', (rate, message) => {
      expect(() => createCloud(rate)).toThrowError(message);
    });

    test.each([{}, { actions: 'sqs:*', perSecond: 1 }, { actions: ['sqs:*'] }])(
      'throws InvalidInputError for %j',
      (rate) => {
        expect(() => createCloud(rate as never)).toThrowError(
          expect.objectContaining({ name: 'InvalidInputError' }),
        );
      },
    );
  });
});
