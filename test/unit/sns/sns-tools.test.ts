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
import { invalidOptions, invalidTexts } from '../../support/method-options.js';

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

function createTools(
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

describe('SnsTools', () => {
  describe('constructor', () => {
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

    test('throws InvalidInputError for a policy with a key that JSON omits', () => {
      const policy = { store: ['oslo'], channel: undefined };

      expect(() => createTools(green, { enabledFilterPolicy: policy })).toThrowError(
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
    ])('throws InvalidInputError for a policy that JSON would change (%s)', (_, policy) => {
      expect(() => createTools(green, { enabledFilterPolicy: policy as never })).toThrowError(
        /blue.enabledFilterPolicy: expected a filter policy/,
      );
    });

    test('throws InvalidInputError for a cyclic policy', () => {
      const policy: Record<string, unknown> = { type: ['order'] };
      policy['self'] = policy;

      expect(() => createTools('arn:aws:sns:eu-west-1:1:a:1', { enabledFilterPolicy: policy })).toThrowError(
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

    test.each(invalidTexts)('throws InvalidInputError for %s as an ARN', (_, subscriptionArn) => {
      expect(() => createTools(subscriptionArn as never)).toThrowError(InvalidInputError);
      expect(() => createTools([subscriptionArn] as never)).toThrowError(InvalidInputError);
    });

    test.each(invalidOptions)('throws InvalidInputError for %s', (_, options) => {
      expect(() => new SnsTools(options as never)).toThrowError(InvalidInputError);
    });

    test('throws InvalidInputError when both stacks share a subscription', () => {
      expect(() => createTools(['arn:aws:sns:eu-west-1:123456789012:orders:1', green])).toThrowError(
        InvalidInputError,
      );
    });
  });

  describe('disableSubscription', () => {
    test('stops the deliveries once the change is in effect', async () => {
      const blue = subscribe({ filterPolicy: { type: ['order'] } });

      await createTools(blue).disableSubscription('blue');

      await cloud.clock.sleep(899_000);
      cloud.sns.publish('orders', 'an early order', { type: 'order' });
      await cloud.clock.sleep(1_000);
      cloud.sns.publish('orders', 'a late order', { type: 'order' });
      expect(received()).toEqual(['an early order']);
    });

    test('leaves the other stack unchanged', async () => {
      await createTools(subscribe()).disableSubscription('blue');

      expect(policyOf(green)).toBeUndefined();
    });

    test('logs one line for a change, and none without a change', async () => {
      const logger = { ...console, info: vi.fn() };
      const blue = subscribe();
      const tools = createTools(blue, { logger });

      await tools.disableSubscription('blue');
      await tools.disableSubscription('blue');

      expect(logger.info.mock.calls).toEqual([
        ['Disabled subscription', { resource: blue, from: 'enabled', to: 'disabled', durationMs: 0 }],
      ]);
    });

    test('writes only the subscriptions that are not disabled yet', async () => {
      const [one, two] = [subscribe(), subscribe({ filterPolicy: { type: ['order'] } })];
      await createTools(one).disableSubscription('blue');

      await createTools([one, two]).disableSubscription('blue');

      const writes = cloud.calls.filter(({ action }) => action === 'sns:SetSubscriptionAttributes');
      expect(writes.map(({ input }) => input)).toEqual([
        expect.objectContaining({ SubscriptionArn: one }),
        expect.objectContaining({ SubscriptionArn: two }),
      ]);
    });

    test('switches the other subscriptions even when one is gone', async () => {
      const [one, two] = [subscribe(), subscribe()];
      cloud.sns.unsubscribe(one);

      const disabling = createTools([one, two]).disableSubscription('blue');

      await expect(disabling).rejects.toThrowError(ResourceNotFoundError);
      expect(policyOf(two)).toContain(disabledMarker);
    });

    test('throws ResourceNotFoundError when the subscription is deleted before the write', async () => {
      const blue = subscribe();
      const gone = Object.assign(new Error('gone'), { name: 'NotFoundException' });
      cloud.injectFault({ kind: gone, action: 'sns:SetSubscriptionAttributes' });

      await expect(createTools(blue).disableSubscription('blue')).rejects.toThrowError(ResourceNotFoundError);
    });

    test('throws ResourceStateError for a subscription that is not confirmed', async () => {
      const blue = subscribe({ pendingConfirmation: true });

      const disabling = createTools(blue).disableSubscription('blue');

      await expect(disabling).rejects.toThrowError(ResourceStateError);
      await expect(disabling).rejects.toMatchObject({ resource: blue, remedy: 'Confirm it first' });
    });

    test('throws ResourceStateError for a marker with the value of another program', async () => {
      const filterPolicy = { [disabledMarker]: ['mine'] };
      const blue = subscribe({ filterPolicy });

      await expect(createTools(blue).disableSubscription('blue')).rejects.toThrowError(ResourceStateError);

      expect(policyOf(blue)).toBe(JSON.stringify(filterPolicy));
    });

    test('throws ResourceStateError for a policy that is too large, and leaves it unchanged', async () => {
      const long = 'x'.repeat(256 * 1024 - 30);
      const filterPolicy = JSON.stringify({ type: [long] });
      const blue = subscribe({ filterPolicy });

      const disabling = createTools(blue).disableSubscription('blue');

      await expect(disabling).rejects.toThrowError(ResourceStateError);
      await expect(disabling).rejects.toMatchObject({ actual: expect.stringContaining('too large') });
      expect(policyOf(blue)).toBe(filterPolicy);
    });

    test('throws ResourceStateError when the quota of filter policies is reached', async () => {
      const blue = subscribe();
      const full = Object.assign(new Error('too many'), { name: 'FilterPolicyLimitExceededException' });
      cloud.injectFault({ kind: full, action: 'sns:SetSubscriptionAttributes' });

      const disabling = createTools(blue).disableSubscription('blue');

      await expect(disabling).rejects.toThrowError(ResourceStateError);
      await expect(disabling).rejects.toMatchObject({ actual: 'too many', cause: full });
    });

    test('throws AccessDeniedError with the IAM action when a permission is missing', async () => {
      const blue = subscribe();
      cloud.injectFault({ kind: 'accessDenied', action: 'sns:SetSubscriptionAttributes' });

      const disabling = createTools(blue).disableSubscription('blue');

      await expect(disabling).rejects.toThrowError(AccessDeniedError);
      await expect(disabling).rejects.toMatchObject({ action: 'sns:SetSubscriptionAttributes' });
    });

    test('ends when the signal is aborted', async () => {
      const options = { signal: AbortSignal.abort(new Error('the deadline is near')) };

      const disabling = createTools(subscribe()).disableSubscription('blue', options);

      await expect(disabling).rejects.toThrowError(OperationAbortedError);
    });
  });

  describe('enableSubscription', () => {
    const fiveKeys = { a: ['1'], b: ['2'], c: ['3'], d: ['4'], e: ['5'] };
    test.each<[string, Subscribing]>([
      ['no policy', {}],
      ['an attribute policy', { filterPolicy: '{ "z": ["order"], "a": [100.0, 12345678901234567890] }' }],
      ['a body policy', { scope: 'MessageBody', filterPolicy: { order: { type: ['new'] }, store: ['a'] } }],
      ['five keys', { filterPolicy: fiveKeys }],
      ['five keys in the body', { scope: 'MessageBody', filterPolicy: fiveKeys }],
      [
        'as many combinations as SNS accepts',
        { filterPolicy: { a: Array.from({ length: 150 }, (_, i) => i) } },
      ],
    ])('restores the policy from before the disabling: %s', async (_, options) => {
      const blue = subscribe(options);
      const { filterPolicy, filterPolicyScope } = cloud.sns.subscription(blue);
      const tools = createTools(blue);

      await tools.disableSubscription('blue');
      expect(policyOf(blue)).toContain(disabledMarker);
      await tools.enableSubscription('blue');

      expect(cloud.sns.subscription(blue)).toMatchObject({ filterPolicy, filterPolicyScope });
    });

    test('delivers messages again', async () => {
      const blue = subscribe();
      const tools = createTools(blue);
      await tools.disableSubscription('blue');
      await cloud.clock.sleep(900_000);
      cloud.sns.publish('orders', 'a lost order');

      await tools.enableSubscription('blue');

      await cloud.clock.sleep(900_000);
      cloud.sns.publish('orders', 'an order');
      expect(received()).toEqual(['an order']);
    });

    test('does not write a subscription that was never disabled', async () => {
      await createTools(subscribe({ filterPolicy: { type: ['order'] } })).enableSubscription('blue');

      expect(cloud.calls.map(({ action }) => action)).toEqual(['sns:GetSubscriptionAttributes']);
    });

    test('writes the stated policy over any other one', async () => {
      const enabledFilterPolicy = { type: ['order'] };
      const blue = subscribe({ filterPolicy: { type: ['never sent'] } });

      await createTools(blue, { enabledFilterPolicy }).enableSubscription('blue');

      expect(policyOf(blue)).toBe(JSON.stringify(enabledFilterPolicy));
    });

    test('compares the stated policy by its content, not by its text', async () => {
      const filterPolicy = '{ "b": ["2"], "a": ["1"] }';
      const blue = subscribe({ filterPolicy });

      await createTools(blue, { enabledFilterPolicy: { a: ['1'], b: ['2'] } }).enableSubscription('blue');

      expect(policyOf(blue)).toBe(filterPolicy);
    });

    test('removes the policy when none is stated as {}', async () => {
      const blue = subscribe({ filterPolicy: { type: ['order'] } });

      await createTools(blue, { enabledFilterPolicy: {} }).enableSubscription('blue');

      expect(policyOf(blue)).toBeUndefined();
    });

    test('throws ResourceStateError with the reason of SNS for the stated policy', async () => {
      const blue = subscribe();

      const enabling = createTools(blue, { enabledFilterPolicy: { type: 'order' } }).enableSubscription(
        'blue',
      );

      await expect(enabling).rejects.toThrowError(ResourceStateError);
      await expect(enabling).rejects.toMatchObject({
        actual: expect.stringContaining('must be an object or an array'),
      });
    });

    test('throws ResourceStateError for a subscription that is not confirmed', async () => {
      const blue = subscribe({ pendingConfirmation: true });

      await expect(createTools(blue).enableSubscription('blue')).rejects.toThrowError(ResourceStateError);
    });

    test('throws other errors as they are', async () => {
      const blue = subscribe();
      const tools = createTools(blue);
      await tools.disableSubscription('blue');
      const failure = Object.assign(new Error('out of order'), { name: 'KMSDisabledException' });
      cloud.injectFault({ kind: failure, action: 'sns:SetSubscriptionAttributes' });

      await expect(tools.enableSubscription('blue')).rejects.toBe(failure);
    });
  });

  describe('enableSubscription, disableSubscription', () => {
    test.each([
      ['disableSubscription', 'enableSubscription'],
      ['enableSubscription', 'disableSubscription'],
    ] as const)('after %s, %s ignores a read from before', async (first, second) => {
      const arn = subscribe({ filterPolicy: '{"store":["oslo"]}' });
      const tools = createTools(arn);
      await tools[second]('blue');
      const wanted = policyOf(arn);
      await tools[first]('blue');
      cloud.injectFault({ kind: 'staleRead', action: 'sns:GetSubscriptionAttributes', times: 1 });

      await tools[second]('blue');

      expect(policyOf(arn)).toBe(wanted);
    });
  });

  describe('enableSubscription, disableSubscription, isSubscriptionEnabled', () => {
    const methods = ['enableSubscription', 'disableSubscription', 'isSubscriptionEnabled'] as const;

    test.each(methods)('%s throws InvalidInputError for options that are no object', async (method) => {
      const tools = createTools(subscribe());
      for (const [, options] of invalidOptions)
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
        const tools = createTools(blue);
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

      const disable = createTools(subscribe()).disableSubscription('blue', { maxWaitSeconds: 12 });

      await expect(disable).rejects.toBe(conflict);
      expect(cloud.clock.now() - startedAt).toBe(12_000);
    });

    test('names the subscription when one of several is refused', async () => {
      const [one, two] = [subscribe(), subscribe()];
      const failure = Object.assign(new Error('out of order'), { name: 'KMSDisabledException' });
      cloud.injectFault({ kind: failure, action: 'sns:SetSubscriptionAttributes' });

      const disable = createTools([one, two]).disableSubscription('blue');

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
        await expect(createTools(green.replace('orders', 'other'))[method]('blue')).rejects.toMatchObject({
          name: 'UnexpectedResponseError',
        });
    });
  });

  describe('isSubscriptionEnabled', () => {
    test.each([
      ['disableSubscription', true],
      ['enableSubscription', false],
    ] as const)('reads again when the answer is older than %s', async (method, before) => {
      const tools = createTools(subscribe());
      if (!before) await tools.disableSubscription('blue');
      await tools.isSubscriptionEnabled('blue');
      await tools[method]('blue');
      cloud.injectFault({ kind: 'staleRead', action: 'sns:GetSubscriptionAttributes' });

      expect(await tools.isSubscriptionEnabled('blue')).toBe(!before);
    });

    test('returns the state that another process has set since', async () => {
      const blue = subscribe();
      const tools = createTools(blue);
      await tools.disableSubscription('blue');
      await createTools(blue).enableSubscription('blue');

      expect(await tools.isSubscriptionEnabled('blue')).toBe(true);
    });

    test('returns true only when every subscription is enabled', async () => {
      const [one, two] = [subscribe(), subscribe()];
      const tools = createTools([one, two]);
      const before = await tools.isSubscriptionEnabled('blue');
      await createTools(two).disableSubscription('blue');

      const after = await tools.isSubscriptionEnabled('blue');

      expect([before, after]).toEqual([true, false]);
    });

    test('returns false while the subscription waits for its confirmation', async () => {
      const blue = subscribe({ pendingConfirmation: true });

      expect(await createTools(blue).isSubscriptionEnabled('blue')).toBe(false);
    });

    test('returns false while the policy is not the stated one', async () => {
      const tools = createTools(subscribe(), { enabledFilterPolicy: { type: ['order'] } });

      expect(await tools.isSubscriptionEnabled('blue')).toBe(false);
    });

    test('throws ResourceStateError for a marker with the value of another program', async () => {
      const blue = subscribe({ filterPolicy: { [disabledMarker]: ['mine'] } });

      await expect(createTools(blue).isSubscriptionEnabled('blue')).rejects.toThrowError(ResourceStateError);
    });
  });

  describe('faults of the original toolkit', () => {
    test("keeps the subscription's own filter policy on enabling", async () => {
      const filterPolicy = { type: ['order'], store: [{ prefix: 'eu-' }] };
      const blue = subscribe({ filterPolicy });
      const tools = createTools(blue);

      await tools.disableSubscription('blue');
      await tools.enableSubscription('blue');

      expect(policyOf(blue)).toBe(JSON.stringify(filterPolicy));
    });

    test('accepts ARNs of every partition', async () => {
      cloud = new SimulatedCloud({ partition: 'aws-us-gov', region: 'us-gov-west-1' });
      cloud.sns.addTopic('orders');
      cloud.sqs.addQueue({ name: 'blue' });
      const blue = subscribe();

      await createTools(blue).disableSubscription('blue');

      expect(blue).toMatch(/^arn:aws-us-gov:/);
      expect(policyOf(blue)).toContain(disabledMarker);
    });
  });
});
