import {
  GetSubscriptionAttributesCommand,
  SetSubscriptionAttributesCommand,
  SNSClient,
} from '@aws-sdk/client-sns';
import { type CallOptions, callAws, isAwsError, requireField } from '../core/aws-call.js';
import { resolveClients } from '../core/clients.js';
import type { Clock } from '../core/clock.js';
import { ResourceNotFoundError, ResourceStateError, UnexpectedResponseError } from '../core/errors.js';
import { isConflict } from '../core/failures.js';
import type { Logger } from '../core/logger.js';
import { mapConcurrently } from '../core/map-concurrently.js';
import { RecentWrites } from '../core/recent-writes.js';
import { retryOnConflict } from '../core/retry-on-conflict.js';
import { callOptionsSchema } from '../core/schemas.js';
import { sleep } from '../core/sleep.js';
import { parseStackReference, type StackPair, type StackReference } from '../core/stack-reference.js';
import { stopwatch } from '../core/stopwatch.js';
import { toolDependencies } from '../core/tool-options.js';
import { parseInput } from '../core/validate.js';
import {
  disable,
  disabledMarker,
  enable,
  isDisabled,
  isForeign,
  isPolicy,
  isSamePolicy,
  noPolicy,
} from './filter-policy.js';
import { parseOptions, type Stack, switchOptionsSchema } from './options.js';
import type {
  SnsToolsClients,
  SnsToolsOptions,
  SubscriptionDescription,
  SubscriptionOptions,
  SubscriptionState,
} from './types.js';

/** The most repetitions of a read that contradicts this process's own write and may be older. */
const maxRereads = 3;
const rereadMilliseconds = 2000;

interface Subscription {
  readonly arn: string;
  readonly policy: string;
  /** It delivers nothing until its endpoint has confirmed it. */
  readonly isPending: boolean;
}

/**
 * Switches the SNS subscriptions of a stack on and off by their filter policies. A disabled subscription keeps its own
 * policy: one added key, `aws-blue-green-toolkit-disabled`, makes it unmatchable. Enabling removes that key and restores the
 * policy exactly. A policy that has as many keys as SNS accepts (5) is kept as a value of that key instead.
 * The filter policy scope is never changed. Setting the policy by other means enables the subscription: keep infrastructure
 * code from doing so while a stack is idle.
 *
 * SNS takes **up to 15 minutes** until a changed filter policy is in effect everywhere; until then the old one may still
 * filter messages. Enable the incoming stack early, and let both stacks tolerate a message that both receive, or that an idle
 * stack receives after its subscription was disabled.
 *
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-message-filtering.html
 *
 * @example
 * ```ts
 * import { SnsTools } from 'aws-blue-green-toolkit/sns';
 *
 * const subscriptions = new SnsTools({
 *   blue: { subscriptionArn: 'arn:aws:sns:eu-west-1:123456789012:orders:6f1c0ad4-4f49-4c8e-8f4f-3f2f5a0c9b11' },
 *   green: { subscriptionArn: 'arn:aws:sns:eu-west-1:123456789012:orders:0b7d2a51-93a4-4b3e-9d0e-5c1d7a2f8e22' },
 * });
 *
 * await subscriptions.enableSubscription('green');
 * await subscriptions.disableSubscription('blue');
 * ```
 */
export class SnsTools {
  readonly #stacks: StackPair<Stack>;
  readonly #sns: SNSClient;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #recentWrites: RecentWrites<'enabled' | 'disabled'>;

  /** @throws InvalidInputError when an option is unknown, missing or malformed, or when both stacks share a subscription. */
  constructor(options: SnsToolsOptions) {
    const { blue, green, ...settings } = parseOptions(options);
    const { clock, logger } = toolDependencies(settings);
    this.#stacks = { blue, green };
    this.#sns = resolveClients<SnsToolsClients>(options, { sns: SNSClient }).sns;
    this.#clock = clock;
    this.#recentWrites = new RecentWrites(clock);
    this.#logger = logger;
  }

  /**
   * Lets the stack's subscriptions deliver again: with `enabledFilterPolicy` where it is stated, otherwise with the policy
   * (or none) that each had when it was disabled. SNS takes up to 15 minutes to apply it everywhere. Subscriptions that
   * have the wanted policy are not written.
   *
   * @remarks IAM: sns:GetSubscriptionAttributes, sns:SetSubscriptionAttributes
   * @throws ResourceNotFoundError when a subscription does not exist, ResourceStateError when it is not confirmed yet or
   * when SNS refuses the policy, MultipleFailuresError when several subscriptions fail, AccessDeniedError,
   * OperationAbortedError
   */
  async enableSubscription(stack: StackReference, options: SubscriptionOptions = {}): Promise<void> {
    const { subscriptionArns, enabledFilterPolicy } = this.#stacks[parseStackReference(stack)];
    const parsed = parseInput('SnsTools.enableSubscription options', switchOptionsSchema, options);
    await mapConcurrently(selected(subscriptionArns, parsed), async (subscriptionArn) => {
      const elapsed = stopwatch(this.#clock);
      const subscription = requireConfirmed(await this.#read(subscriptionArn, parsed));
      const wanted = enabledFilterPolicy ?? enable(requireOwn(subscription).policy);
      const isSet = isSamePolicy(subscription.policy, wanted);
      if (isSet && !this.#recentWrites.mayBeOther(subscriptionArn, 'enabled')) return;
      const write = () => this.#write(subscription, wanted, parsed);
      await this.#recentWrites.change([subscriptionArn], 'enabled', write);
      this.#logger.info('Enabled subscription', {
        resource: subscriptionArn,
        from: isDisabled(subscription.policy) ? 'disabled' : 'another filter policy',
        to: 'enabled',
        durationMs: elapsed(),
      });
    });
  }

  /**
   * Stops delivery to the stack's subscriptions and preserves their filter policies. SNS takes up to 15 minutes to apply
   * it everywhere: messages may be delivered until then. Messages that are already in the queue stay there. Subscriptions
   * that are disabled already are not written.
   *
   * @remarks IAM: sns:GetSubscriptionAttributes, sns:SetSubscriptionAttributes
   * @throws ResourceNotFoundError when a subscription does not exist, ResourceStateError when it is not confirmed yet or
   * when SNS refuses the policy, MultipleFailuresError when several subscriptions fail, AccessDeniedError,
   * OperationAbortedError
   */
  async disableSubscription(stack: StackReference, options: SubscriptionOptions = {}): Promise<void> {
    const { subscriptionArns } = this.#stacks[parseStackReference(stack)];
    const parsed = parseInput('SnsTools.disableSubscription options', switchOptionsSchema, options);
    await mapConcurrently(selected(subscriptionArns, parsed), async (subscriptionArn) => {
      const elapsed = stopwatch(this.#clock);
      const subscription = requireOwn(requireConfirmed(await this.#read(subscriptionArn, parsed)));
      const isSet = isDisabled(subscription.policy);
      if (isSet && !this.#recentWrites.mayBeOther(subscriptionArn, 'disabled')) return;
      const write = () => this.#write(subscription, disable(subscription.policy), parsed);
      await this.#recentWrites.change([subscriptionArn], 'disabled', write);
      this.#logger.info('Disabled subscription', {
        resource: subscriptionArn,
        from: 'enabled',
        to: 'disabled',
        durationMs: elapsed(),
      });
    });
  }

  /**
   * True when every subscription of the stack is confirmed and has the filter policy that {@link enableSubscription} would
   * set. Shows what is set; SNS may take up to 15 minutes to apply it. A read that contradicts a recent switch by this
   * object is repeated for some seconds, because it may be older than the switch.
   *
   * @remarks IAM: sns:GetSubscriptionAttributes
   * @throws ResourceNotFoundError when a subscription does not exist, ResourceStateError when its policy has the key of
   * this package with a value that this package does not write, MultipleFailuresError when several subscriptions fail,
   * AccessDeniedError, OperationAbortedError
   */
  async isSubscriptionEnabled(stack: StackReference, options: CallOptions = {}): Promise<boolean> {
    const { subscriptionArns, enabledFilterPolicy } = this.#stacks[parseStackReference(stack)];
    const parsed = parseInput('SnsTools.isSubscriptionEnabled options', callOptionsSchema, options);
    const states = await mapConcurrently(subscriptionArns, (subscriptionArn) =>
      this.#stateOf(subscriptionArn, enabledFilterPolicy, parsed),
    );
    return states.every((state) => state === 'enabled');
  }

  /**
   * Returns the state of every subscription of the stack. Shows what is set; SNS may take up to 15 minutes to apply it. A read
   * that contradicts a recent switch by this object is repeated for some seconds, because it may be older than the switch.
   *
   * @remarks IAM: sns:GetSubscriptionAttributes
   * @throws ResourceNotFoundError when a subscription does not exist, ResourceStateError when its policy has the key of
   * this package with a value that this package does not write, MultipleFailuresError when several subscriptions fail,
   * AccessDeniedError, OperationAbortedError
   */
  async describeSubscriptions(
    stack: StackReference,
    options: CallOptions = {},
  ): Promise<SubscriptionDescription[]> {
    const { subscriptionArns, enabledFilterPolicy } = this.#stacks[parseStackReference(stack)];
    const parsed = parseInput('SnsTools.describeSubscriptions options', callOptionsSchema, options);
    return mapConcurrently(subscriptionArns, async (subscriptionArn) => ({
      subscriptionArn,
      state: await this.#stateOf(subscriptionArn, enabledFilterPolicy, parsed),
    }));
  }

  async #stateOf(
    resource: string,
    enabledFilterPolicy: string | undefined,
    { signal }: CallOptions,
  ): Promise<SubscriptionState> {
    for (let reread = 0; ; reread += 1) {
      const state = stateOf(await this.#read(resource, { signal }), enabledFilterPolicy);
      const written = this.#recentWrites.get(resource);
      const isExpected = written === 'enabled' ? state === 'enabled' : state !== 'enabled';
      if (written === undefined || isExpected || reread === maxRereads) return state;
      await sleep(this.#clock, rereadMilliseconds, { resource, signal });
    }
  }

  async #read(resource: string, { signal }: CallOptions): Promise<Subscription> {
    const call = { action: 'sns:GetSubscriptionAttributes', resource, signal };
    const command = new GetSubscriptionAttributesCommand({ SubscriptionArn: resource });
    try {
      const { Attributes } = await callAws(call, (http) => this.#sns.send(command, http));
      const { FilterPolicy, PendingConfirmation } = requireField(Attributes, 'Attributes', call);
      const policy = FilterPolicy || noPolicy;
      if (!isPolicy(policy))
        throw new UnexpectedResponseError({
          ...call,
          field: 'FilterPolicy as a JSON object',
          actual: policy,
        });
      return { arn: resource, policy, isPending: PendingConfirmation === 'true' };
    } catch (error) {
      throw isAwsError(error, 'NotFoundException') ? notFound(resource, error) : error;
    }
  }

  async #write(
    { arn: resource }: Subscription,
    policy: string,
    { signal, maxWaitSeconds }: SubscriptionOptions,
  ): Promise<void> {
    const call = { action: 'sns:SetSubscriptionAttributes', resource, signal };
    const command = new SetSubscriptionAttributesCommand({
      SubscriptionArn: resource,
      AttributeName: 'FilterPolicy',
      AttributeValue: policy,
    });
    const times = { clock: this.#clock, maxWaitSeconds, isRepeated: isConflict };
    try {
      await retryOnConflict(call, times, (http) => this.#sns.send(command, http));
    } catch (error) {
      throw explainRefusal(resource, error);
    }
  }
}

/** The subscriptions of a stack that a switch is limited to. */
function selected(
  subscriptionArns: readonly string[],
  { only }: Pick<SubscriptionOptions, 'only'>,
): readonly string[] {
  return only === undefined ? subscriptionArns : subscriptionArns.filter((it) => only.includes(it));
}

function stateOf(subscription: Subscription, enabledFilterPolicy: string | undefined): SubscriptionState {
  const wanted = enabledFilterPolicy ?? enable(requireOwn(subscription).policy);
  if (subscription.isPending) return 'pending';
  if (isSamePolicy(subscription.policy, wanted)) return 'enabled';
  return isDisabled(subscription.policy) ? 'disabled' : 'other';
}

function requireConfirmed(subscription: Subscription): Subscription {
  if (!subscription.isPending) return subscription;
  throw new ResourceStateError(`Cannot switch subscription ${subscription.arn}`, {
    resource: subscription.arn,
    expected: 'a confirmed subscription',
    actual: 'one that waits for its confirmation and delivers nothing',
    remedy: 'Confirm it first',
  });
}

function requireOwn(subscription: Subscription): Subscription {
  if (!isForeign(subscription.policy)) return subscription;
  throw new ResourceStateError(`Cannot read the filter policy of ${subscription.arn}`, {
    resource: subscription.arn,
    expected: `the key ${disabledMarker} only as this package writes it`,
    actual: 'it with other values or other keys beside it',
    remedy: `Set the subscription's filter policy by hand, without the key ${disabledMarker}`,
  });
}

function explainRefusal(resource: string, error: unknown): unknown {
  if (isAwsError(error, 'NotFoundException')) return notFound(resource, error);
  if (isAwsError(error, 'FilterPolicyLimitExceededException')) {
    return new ResourceStateError(`Cannot set a filter policy on subscription ${resource}`, {
      resource,
      expected: "fewer filter policies than the topic's and the account's quotas",
      actual: error.message,
      remedy: 'Filter a subscription that is never switched in another way, or have the quota raised',
      cause: error,
    });
  }
  if (isAwsError(error, 'InvalidParameterException')) {
    return new ResourceStateError(`SNS refused the new filter policy of ${resource}`, {
      resource,
      actual: error.message,
      remedy: 'Make its own filter policy smaller, or state another one as enabledFilterPolicy',
      cause: error,
    });
  }
  return error;
}

function notFound(resource: string, cause: unknown): ResourceNotFoundError {
  return new ResourceNotFoundError(`Subscription ${resource} not found`, {
    resource,
    remedy: 'Subscribe the endpoint again, and give the new ARN as subscriptionArn',
    cause,
  });
}
