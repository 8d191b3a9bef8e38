import { beforeEach, describe, expect, test, vi } from 'vitest';
import {
  AccessDeniedError,
  InvalidInputError,
  OperationAbortedError,
  ResourceNotFoundError,
  ResourceStateError,
} from '../../../src/core/index.js';
import { disabledMarker, SnsTools } from '../../../src/sns/index.js';
import { SimulatedCloud } from '../../../src/testing/index.js';
import { noOptions, noText } from '../../support/method-options.js';

type Subscribing = Omit<Parameters<SimulatedCloud['sns']['subscribe']>[0], 'topic' | 'queue'>;

let cloud: SimulatedCloud;
let green: string;

beforeEach(() => {
  cloud = new SimulatedCloud();
  cloud.sns.addTopic('orders');
  cloud.sqs.addQueue({ name: 'blue' });
  cloud.sqs.addQueue({ name: 'green' });
  green = cloud.sns.subscribe({ topic: 'orders', queue: 'green' }).arn;
});

function subscribe(options: Subscribing = {}): string {
  return cloud.sns.subscribe({ topic: 'orders', queue: 'blue', ...options }).arn;
}

function makeTools(
  blue: string | readonly string[],
  more: { enabledFilterPolicy?: Record<string, unknown>; logger?: Console } = {},
) {
  const { logger, ...stack } = more;
  return new SnsTools({
    blue: { subscriptionArn: blue, ...stack },
    green: { subscriptionArn: green },
    clients: cloud.clients,
    clock: cloud.clock,
    logger,
  });
}

/** The messages in the queue of blue. */
function received(): string[] {
  return cloud.sqs.queue('blue').messages.map(({ body }) => JSON.parse(body).Message);
}

function policyOf(arn: string): string | undefined {
  return cloud.sns.subscription(arn).filterPolicy;
}

describe('Class: SnsTools', () => {
  describe('Method: constructor', () => {
    test('throws InvalidInputError that names every wrong option', () => {
      const options = {
        blue: { subscriptionArn: 'PendingConfirmation' },
        green: { subscriptionArn: [], enabledFilterPolicy: { [disabledMarker]: ['x'] } },
        clients: cloud.clients,
      };

      expect(() => new SnsTools(options)).toThrowError(
        expect.objectContaining({
          name: 'InvalidInputError',
          problems: [
            expect.objectContaining({
              field: 'blue.subscriptionArn',
              expected: 'the ARN of a confirmed subscription',
            }),
            expect.objectContaining({ field: 'green.subscriptionArn', expected: 'at least one ARN' }),
            expect.objectContaining({ field: 'green.enabledFilterPolicy' }),
          ],
        }),
      );
    });

    test('refuses a policy of which JSON would leave a key out', () => {
      const policy = { store: ['oslo'], channel: undefined };

      expect(() => makeTools(green, { enabledFilterPolicy: policy })).toThrowError(
        /enabledFilterPolicy: expected a filter policy, without undefined values/,
      );
    });

    test.each([
      ['nested', { order: { type: undefined } }],
      ['in an array', { type: ['order', undefined] }],
      ['NaN', { price: [{ numeric: ['>', Number.NaN] }] }],
      ['a bigint', { price: [5n] }],
      ['a date', { day: [new Date(0)] }],
      ['a function', { type: [() => 'order'] }],
      ['toJSON', { type: ['order'], toJSON: () => ({}) }],
      ['an array', [['order']]],
    ])('refuses a policy that JSON would change (%s)', (_, policy) => {
      expect(() => makeTools(green, { enabledFilterPolicy: policy as never })).toThrowError(
        /blue.enabledFilterPolicy: expected a filter policy/,
      );
    });

    test('refuses a cyclic policy', () => {
      const policy: Record<string, unknown> = { type: ['order'] };
      policy['self'] = policy;

      expect(() => makeTools('arn:aws:sns:eu-west-1:1:a:1', { enabledFilterPolicy: policy })).toThrowError(
        InvalidInputError,
      );
    });

    test.each([
      [{ subscriptionArns: green }, 'blue.subscriptionArns: unknown option; did you mean subscriptionArn?'],
      [
        { subscriptionArn: green, filterPolicy: {} },
        'blue.filterPolicy: unknown option; did you mean enabledFilterPolicy?',
      ],
    ])('throws InvalidInputError for %o', (blue, message) => {
      const options = { blue, green: { subscriptionArn: green } };

      expect(() => new SnsTools(options as never)).toThrowError(message);
    });

    test.each(noText)('throws InvalidInputError for %s as an ARN', (_, subscriptionArn) => {
      expect(() => makeTools(subscriptionArn as never)).toThrowError(InvalidInputError);
      expect(() => makeTools([subscriptionArn] as never)).toThrowError(InvalidInputError);
    });

    test.each(noOptions)('throws InvalidInputError for %s', (_, options) => {
      expect(() => new SnsTools(options as never)).toThrowError(InvalidInputError);
    });

    test('refuses a pair that shares a subscription', () => {
      expect(() => makeTools(['arn:aws:sns:eu-west-1:123456789012:orders:1', green])).toThrowError(
        InvalidInputError,
      );
    });
  });

  describe('Method: disableSubscription', () => {
    test('stops the deliveries, once SNS has spread the change', async () => {
      const blue = subscribe({ filterPolicy: { type: ['order'] } });

      await makeTools(blue).disableSubscription('blue');

      await cloud.clock.sleep(899_000);
      cloud.sns.publish('orders', 'an early order', { type: 'order' });
      await cloud.clock.sleep(1_000);
      cloud.sns.publish('orders', 'a late order', { type: 'order' });
      expect(received()).toEqual(['an early order']);
    });

    test('does not touch the other stack', async () => {
      await makeTools(subscribe()).disableSubscription('blue');

      expect(policyOf(green)).toBeUndefined();
    });

    test('logs one line for a change, and none when there is nothing to do', async () => {
      const logger = { ...console, info: vi.fn() };
      const blue = subscribe();
      const tools = makeTools(blue, { logger });

      await tools.disableSubscription('blue');
      await tools.disableSubscription('blue');

      expect(logger.info.mock.calls).toEqual([
        ['Disabled subscription', { resource: blue, from: 'enabled', to: 'disabled', durationMs: 0 }],
      ]);
    });

    test('writes only the subscriptions that are not disabled yet', async () => {
      const [one, two] = [subscribe(), subscribe({ filterPolicy: { type: ['order'] } })];
      await makeTools(one).disableSubscription('blue');

      await makeTools([one, two]).disableSubscription('blue');

      const writes = cloud.calls.filter(({ action }) => action === 'sns:SetSubscriptionAttributes');
      expect(writes.map(({ input }) => input)).toEqual([
        expect.objectContaining({ SubscriptionArn: one }),
        expect.objectContaining({ SubscriptionArn: two }),
      ]);
    });

    test('switches the other subscriptions also when one is gone', async () => {
      const [one, two] = [subscribe(), subscribe()];
      cloud.sns.unsubscribe(one);

      const disabling = makeTools([one, two]).disableSubscription('blue');

      await expect(disabling).rejects.toThrowError(ResourceNotFoundError);
      expect(policyOf(two)).toContain(disabledMarker);
    });

    test('throws ResourceNotFoundError when the subscription is deleted before the write', async () => {
      const blue = subscribe();
      const gone = Object.assign(new Error('gone'), { name: 'NotFoundException' });
      cloud.injectFault({ kind: gone, action: 'sns:SetSubscriptionAttributes' });

      await expect(makeTools(blue).disableSubscription('blue')).rejects.toThrowError(ResourceNotFoundError);
    });

    test('refuses a subscription that is not confirmed', async () => {
      const blue = subscribe({ pendingConfirmation: true });

      const disabling = makeTools(blue).disableSubscription('blue');

      await expect(disabling).rejects.toThrowError(ResourceStateError);
      await expect(disabling).rejects.toMatchObject({ resource: blue, remedy: 'Confirm it first' });
    });

    test('refuses a policy with our key and a value of another program', async () => {
      const filterPolicy = { [disabledMarker]: ['mine'] };
      const blue = subscribe({ filterPolicy });

      await expect(makeTools(blue).disableSubscription('blue')).rejects.toThrowError(ResourceStateError);

      expect(policyOf(blue)).toBe(JSON.stringify(filterPolicy));
    });

    test('throws ResourceStateError for a policy that is too large, and leaves it unchanged', async () => {
      const long = 'x'.repeat(256 * 1024 - 30);
      const filterPolicy = JSON.stringify({ type: [long] });
      const blue = subscribe({ filterPolicy });

      const disabling = makeTools(blue).disableSubscription('blue');

      await expect(disabling).rejects.toThrowError(ResourceStateError);
      await expect(disabling).rejects.toMatchObject({ actual: expect.stringContaining('too large') });
      expect(policyOf(blue)).toBe(filterPolicy);
    });

    test('throws ResourceStateError when the quota of filter policies is reached', async () => {
      const blue = subscribe();
      const full = Object.assign(new Error('too many'), { name: 'FilterPolicyLimitExceededException' });
      cloud.injectFault({ kind: full, action: 'sns:SetSubscriptionAttributes' });

      const disabling = makeTools(blue).disableSubscription('blue');

      await expect(disabling).rejects.toThrowError(ResourceStateError);
      await expect(disabling).rejects.toMatchObject({ actual: 'too many', cause: full });
    });

    test('fails at once and names the IAM action when a permission is missing', async () => {
      const blue = subscribe();
      cloud.injectFault({ kind: 'accessDenied', action: 'sns:SetSubscriptionAttributes' });

      const disabling = makeTools(blue).disableSubscription('blue');

      await expect(disabling).rejects.toThrowError(AccessDeniedError);
      await expect(disabling).rejects.toMatchObject({ action: 'sns:SetSubscriptionAttributes' });
    });

    test('ends when the signal is aborted', async () => {
      const options = { signal: AbortSignal.abort(new Error('the deadline is near')) };

      const disabling = makeTools(subscribe()).disableSubscription('blue', options);

      await expect(disabling).rejects.toThrowError(OperationAbortedError);
    });
  });

  describe('Method: enableSubscription', () => {
    const fiveKeys = { a: ['1'], b: ['2'], c: ['3'], d: ['4'], e: ['5'] };
    test.each<[string, Subscribing]>([
      ['no policy', {}],
      ['an attribute policy', { filterPolicy: '{ "z": ["order"], "a": [100.0, 12345678901234567890] }' }],
      ['a body policy', { scope: 'MessageBody', filterPolicy: { order: { type: ['new'] }, store: ['a'] } }],
      ['five keys', { filterPolicy: fiveKeys }],
      ['five keys in the body', { scope: 'MessageBody', filterPolicy: fiveKeys }],
      [
        'as many combinations as SNS takes',
        { filterPolicy: { a: Array.from({ length: 150 }, (_, i) => i) } },
      ],
    ])('brings back what was there before the disabling: %s', async (_, options) => {
      const blue = subscribe(options);
      const { filterPolicy, filterPolicyScope } = cloud.sns.subscription(blue);
      const tools = makeTools(blue);

      await tools.disableSubscription('blue');
      expect(policyOf(blue)).toContain(disabledMarker);
      await tools.enableSubscription('blue');

      expect(cloud.sns.subscription(blue)).toMatchObject({ filterPolicy, filterPolicyScope });
    });

    test('lets messages through again', async () => {
      const blue = subscribe();
      const tools = makeTools(blue);
      await tools.disableSubscription('blue');
      await cloud.clock.sleep(900_000);
      cloud.sns.publish('orders', 'a lost order');

      await tools.enableSubscription('blue');

      await cloud.clock.sleep(900_000);
      cloud.sns.publish('orders', 'an order');
      expect(received()).toEqual(['an order']);
    });

    test('does not write a subscription that was never disabled', async () => {
      await makeTools(subscribe({ filterPolicy: { type: ['order'] } })).enableSubscription('blue');

      expect(cloud.calls.map(({ action }) => action)).toEqual(['sns:GetSubscriptionAttributes']);
    });

    test('writes the stated policy over whatever is there', async () => {
      const enabledFilterPolicy = { type: ['order'] };
      const blue = subscribe({ filterPolicy: { type: ['never sent'] } });

      await makeTools(blue, { enabledFilterPolicy }).enableSubscription('blue');

      expect(policyOf(blue)).toBe(JSON.stringify(enabledFilterPolicy));
    });

    test('compares the stated policy by its content, not by its text', async () => {
      const filterPolicy = '{ "b": ["2"], "a": ["1"] }';
      const blue = subscribe({ filterPolicy });

      await makeTools(blue, { enabledFilterPolicy: { a: ['1'], b: ['2'] } }).enableSubscription('blue');

      expect(policyOf(blue)).toBe(filterPolicy);
    });

    test('removes the policy when none is stated as {}', async () => {
      const blue = subscribe({ filterPolicy: { type: ['order'] } });

      await makeTools(blue, { enabledFilterPolicy: {} }).enableSubscription('blue');

      expect(policyOf(blue)).toBeUndefined();
    });

    test('throws ResourceStateError with the reason of SNS for the stated policy', async () => {
      const blue = subscribe();

      const enabling = makeTools(blue, { enabledFilterPolicy: { type: 'order' } }).enableSubscription('blue');

      await expect(enabling).rejects.toThrowError(ResourceStateError);
      await expect(enabling).rejects.toMatchObject({
        actual: expect.stringContaining('must be an object or an array'),
      });
    });

    test('refuses a subscription that is not confirmed', async () => {
      const blue = subscribe({ pendingConfirmation: true });

      await expect(makeTools(blue).enableSubscription('blue')).rejects.toThrowError(ResourceStateError);
    });

    test('passes other errors through as they are', async () => {
      const blue = subscribe();
      const tools = makeTools(blue);
      await tools.disableSubscription('blue');
      const failure = Object.assign(new Error('out of order'), { name: 'KMSDisabledException' });
      cloud.injectFault({ kind: failure, action: 'sns:SetSubscriptionAttributes' });

      await expect(tools.enableSubscription('blue')).rejects.toBe(failure);
    });
  });

  describe('Methods: enableSubscription, disableSubscription', () => {
    test.each([
      ['disableSubscription', 'enableSubscription'],
      ['enableSubscription', 'disableSubscription'],
    ] as const)('after %s, %s ignores a read from before', async (first, second) => {
      const arn = subscribe({ filterPolicy: '{"store":["oslo"]}' });
      const tools = makeTools(arn);
      await tools[second]('blue');
      const wanted = policyOf(arn);
      await tools[first]('blue');
      cloud.injectFault({ kind: 'staleRead', action: 'sns:GetSubscriptionAttributes', times: 1 });

      await tools[second]('blue');

      expect(policyOf(arn)).toBe(wanted);
    });
  });

  describe('Methods: enableSubscription, disableSubscription, isSubscriptionEnabled', () => {
    const methods = ['enableSubscription', 'disableSubscription', 'isSubscriptionEnabled'] as const;

    test.each(methods)('%s throws InvalidInputError for options that are none', async (method) => {
      const tools = makeTools(subscribe());
      for (const [, options] of noOptions)
        await expect(tools[method]('blue', options as never)).rejects.toThrowError(InvalidInputError);
      await expect(tools[method]('blue', { sgnal: undefined } as never)).rejects.toThrowError(
        `Invalid SnsTools.${method} options: sgnal: unknown option; did you mean signal?`,
      );
      expect(cloud.calls).toEqual([]);
    });

    test.each(methods.slice(0, 2))(
      '%s waits while another change of the subscription is under way',
      async (method) => {
        const conflict = Object.assign(new Error('busy'), { name: 'ConcurrentAccessException' });
        const action = 'sns:SetSubscriptionAttributes';
        const blue = subscribe();
        const tools = makeTools(blue);
        if (method === 'enableSubscription') await tools.disableSubscription('blue');
        cloud.injectFault({ kind: conflict, action, times: 3 });

        await tools[method]('blue');

        expect(policyOf(blue)?.includes(disabledMarker) ?? false).toBe(method === 'disableSubscription');
      },
    );

    test('throws the last refusal when another change does not end', async () => {
      const conflict = Object.assign(new Error('busy'), { name: 'ConcurrentAccessException' });
      const times = Number.POSITIVE_INFINITY;
      cloud.injectFault({ kind: conflict, action: 'sns:SetSubscriptionAttributes', times });
      const startedAt = cloud.clock.now();

      const disable = makeTools(subscribe()).disableSubscription('blue', { maxWaitSeconds: 12 });

      await expect(disable).rejects.toBe(conflict);
      expect(cloud.clock.now() - startedAt).toBe(12_000);
    });

    test('names the subscription when one of several is refused', async () => {
      const [one, two] = [subscribe(), subscribe()];
      const failure = Object.assign(new Error('out of order'), { name: 'KMSDisabledException' });
      cloud.injectFault({ kind: failure, action: 'sns:SetSubscriptionAttributes' });

      const disable = makeTools([one, two]).disableSubscription('blue');

      await expect(disable).rejects.toMatchObject({
        name: 'MultipleFailuresError',
        message: `1 of 2 parts failed: ${one}: KMSDisabledException: out of order`,
      });
      expect(policyOf(two)).toContain(disabledMarker);
    });

    test('throws UnexpectedResponseError for a filter policy that is no JSON object', async () => {
      const Attributes = { FilterPolicy: 'order', PendingConfirmation: 'false' };
      vi.spyOn(cloud.clients.sns, 'send').mockImplementation(async () => ({ Attributes }));

      for (const method of methods)
        await expect(makeTools(green.replace('orders', 'other'))[method]('blue')).rejects.toMatchObject({
          name: 'UnexpectedResponseError',
        });
    });
  });

  describe('Method: isSubscriptionEnabled', () => {
    test.each([
      ['disableSubscription', true],
      ['enableSubscription', false],
    ] as const)('reads again when the answer is older than %s', async (method, before) => {
      const tools = makeTools(subscribe());
      if (!before) await tools.disableSubscription('blue');
      await tools.isSubscriptionEnabled('blue');
      await tools[method]('blue');
      cloud.injectFault({ kind: 'staleRead', action: 'sns:GetSubscriptionAttributes' });

      expect(await tools.isSubscriptionEnabled('blue')).toBe(!before);
    });

    test('believes what another process has set since', async () => {
      const blue = subscribe();
      const tools = makeTools(blue);
      await tools.disableSubscription('blue');
      await makeTools(blue).enableSubscription('blue');

      expect(await tools.isSubscriptionEnabled('blue')).toBe(true);
    });

    test('is true only when every subscription is enabled', async () => {
      const [one, two] = [subscribe(), subscribe()];
      const tools = makeTools([one, two]);
      const before = await tools.isSubscriptionEnabled('blue');
      await makeTools(two).disableSubscription('blue');

      const after = await tools.isSubscriptionEnabled('blue');

      expect([before, after]).toEqual([true, false]);
    });

    test('is false while the subscription waits for its confirmation', async () => {
      const blue = subscribe({ pendingConfirmation: true });

      expect(await makeTools(blue).isSubscriptionEnabled('blue')).toBe(false);
    });

    test('is false while the policy is not the stated one', async () => {
      const tools = makeTools(subscribe(), { enabledFilterPolicy: { type: ['order'] } });

      expect(await tools.isSubscriptionEnabled('blue')).toBe(false);
    });

    test('throws ResourceStateError for our key with a value of another program', async () => {
      const blue = subscribe({ filterPolicy: { [disabledMarker]: ['mine'] } });

      await expect(makeTools(blue).isSubscriptionEnabled('blue')).rejects.toThrowError(ResourceStateError);
    });
  });

  describe('faults of the original toolkit', () => {
    test("enabling a subscription does not overwrite the subscription's own filter policy", async () => {
      const filterPolicy = { type: ['order'], store: [{ prefix: 'eu-' }] };
      const blue = subscribe({ filterPolicy });
      const tools = makeTools(blue);

      await tools.disableSubscription('blue');
      await tools.enableSubscription('blue');

      expect(policyOf(blue)).toBe(JSON.stringify(filterPolicy));
    });

    test('ARNs are taken as they come, in every partition', async () => {
      cloud = new SimulatedCloud({ partition: 'aws-us-gov', region: 'us-gov-west-1' });
      cloud.sns.addTopic('orders');
      cloud.sqs.addQueue({ name: 'blue' });
      const blue = subscribe();

      await makeTools(blue).disableSubscription('blue');

      expect(blue).toMatch(/^arn:aws-us-gov:/);
      expect(policyOf(blue)).toContain(disabledMarker);
    });
  });
});
