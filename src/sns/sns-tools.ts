import {
  GetSubscriptionAttributesCommand,
  SetSubscriptionAttributesCommand,
  SNSClient,
} from '@aws-sdk/client-sns';
import { type CallOptions, callAws, isAwsError, requireField } from '../core/aws-call.js';
import { resolveClients } from '../core/clients.js';
import { type Clock, systemClock } from '../core/clock.js';
import { ResourceNotFoundError, ResourceStateError } from '../core/errors.js';
import { type Logger, silentLogger } from '../core/logger.js';
import { mapConcurrently } from '../core/map-concurrently.js';
import { RecentWrites } from '../core/recent-writes.js';
import { parseStackReference, type StackPair, type StackReference } from '../core/stack-reference.js';
import { stopwatch } from '../core/stopwatch.js';
import {
  disable,
  disabledMarker,
  enable,
  isDisabled,
  isForeign,
  isSamePolicy,
  noPolicy,
} from './filter-policy.js';
import { parseOptions, type Stack } from './options.js';
import type { SnsToolsClients, SnsToolsOptions } from './types.js';

interface Subscription {
  readonly arn: string;
  readonly policy: string;
  /** It delivers nothing until its endpoint has confirmed it. */
  readonly isPending: boolean;
}

/**
 * Switches the SNS subscriptions of a stack on and off by their filter policies. A disabled subscription keeps its own
 * policy: one added key, `aws-blue-green-toolkit-disabled`, makes it unmatchable, and enabling takes that key out, so
 * that the policy comes back to the letter. A policy which has as many keys as SNS takes (5) is kept as a value of that
 * key instead. The filter policy scope is never touched. Whoever sets the policy meanwhile enables the subscription:
 * keep infrastructure code from doing so while a stack rests.
 *
 * SNS takes **up to 15 minutes** until a changed filter policy is in force everywhere; meanwhile a message may still
 * be filtered by the old one. Enable the replacement early, and let both stacks tolerate a message that comes to both
 * or, after a disabling, to a stack that is going to rest.
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
  readonly #lastSet: RecentWrites<'enabled' | 'disabled'>;

  /** @throws InvalidInputError when an option is missing or malformed, or when both stacks share a subscription. */
  constructor(options: SnsToolsOptions) {
    this.#stacks = parseOptions(options);
    this.#sns = resolveClients<SnsToolsClients>(options, { sns: SNSClient }).sns;
    this.#clock = options.clock ?? systemClock;
    this.#lastSet = new RecentWrites(this.#clock);
    this.#logger = options.logger ?? silentLogger;
  }

  /**
   * Lets the stack's subscriptions deliver again: with `enabledFilterPolicy` where it is stated, otherwise with the
   * policy (or none) that each had when it was disabled. SNS takes up to 15 minutes to apply it everywhere.
   * Subscriptions that have the wanted policy are not written.
   *
   * @remarks IAM: sns:GetSubscriptionAttributes, sns:SetSubscriptionAttributes
   * @throws ResourceNotFoundError when a subscription is gone, ResourceStateError when it is not confirmed yet or when
   * SNS refuses the policy, MultipleFailuresError when several subscriptions fail, AccessDeniedError,
   * OperationAbortedError
   */
  async enableSubscription(stack: StackReference, options: CallOptions = {}): Promise<void> {
    const { subscriptionArns, enabledFilterPolicy } = this.#stacks[parseStackReference(stack)];
    await mapConcurrently(subscriptionArns, async (subscriptionArn) => {
      const elapsed = stopwatch(this.#clock);
      const subscription = requireConfirmed(await this.#read(subscriptionArn, options));
      const wanted = enabledFilterPolicy ?? enable(requireOwn(subscription).policy);
      const isSet = isSamePolicy(subscription.policy, wanted);
      if (isSet && !this.#lastSet.mayBeOther(subscriptionArn, 'enabled')) return;
      const write = () => this.#write(subscription, wanted, options);
      await this.#lastSet.change([subscriptionArn], 'enabled', write);
      this.#logger.info('Enabled subscription', {
        resource: subscriptionArn,
        from: isDisabled(subscription.policy) ? 'disabled' : 'another filter policy',
        to: 'enabled',
        durationMs: elapsed(),
      });
    });
  }

  /**
   * Stops the deliveries of the stack's subscriptions and keeps their filter policies. SNS takes up to 15 minutes to
   * apply it everywhere: messages may be delivered until then. What the queue already holds stays there. Subscriptions that are
   * disabled already are not written.
   *
   * @remarks IAM: sns:GetSubscriptionAttributes, sns:SetSubscriptionAttributes
   * @throws ResourceNotFoundError when a subscription is gone, ResourceStateError when it is not confirmed yet or when
   * SNS refuses the policy, MultipleFailuresError when several subscriptions fail, AccessDeniedError,
   * OperationAbortedError
   */
  async disableSubscription(stack: StackReference, options: CallOptions = {}): Promise<void> {
    const { subscriptionArns } = this.#stacks[parseStackReference(stack)];
    await mapConcurrently(subscriptionArns, async (subscriptionArn) => {
      const elapsed = stopwatch(this.#clock);
      const subscription = requireOwn(requireConfirmed(await this.#read(subscriptionArn, options)));
      const isSet = isDisabled(subscription.policy);
      if (isSet && !this.#lastSet.mayBeOther(subscriptionArn, 'disabled')) return;
      const write = () => this.#write(subscription, disable(subscription.policy), options);
      await this.#lastSet.change([subscriptionArn], 'disabled', write);
      this.#logger.info('Disabled subscription', {
        resource: subscriptionArn,
        from: 'enabled',
        to: 'disabled',
        durationMs: elapsed(),
      });
    });
  }

  /**
   * Whether every subscription of the stack is confirmed and has the filter policy that {@link enableSubscription}
   * would give it. It tells what is set; SNS may take up to 15 minutes to act on it.
   *
   * @remarks IAM: sns:GetSubscriptionAttributes
   * @throws ResourceNotFoundError when a subscription is gone, ResourceStateError when its policy has the key of this
   * package with a value of somebody else, MultipleFailuresError when several subscriptions fail, AccessDeniedError,
   * OperationAbortedError
   */
  async isSubscriptionEnabled(stack: StackReference, options: CallOptions = {}): Promise<boolean> {
    const { subscriptionArns, enabledFilterPolicy } = this.#stacks[parseStackReference(stack)];
    const enabled = await mapConcurrently(subscriptionArns, async (subscriptionArn) => {
      const subscription = await this.#read(subscriptionArn, options);
      const wanted = enabledFilterPolicy ?? enable(requireOwn(subscription).policy);
      return !subscription.isPending && isSamePolicy(subscription.policy, wanted);
    });
    return enabled.every(Boolean);
  }

  async #read(resource: string, { signal }: CallOptions): Promise<Subscription> {
    const call = { action: 'sns:GetSubscriptionAttributes', resource, signal };
    const command = new GetSubscriptionAttributesCommand({ SubscriptionArn: resource });
    try {
      const { Attributes } = await callAws(call, (http) => this.#sns.send(command, http));
      const { FilterPolicy, PendingConfirmation } = requireField(Attributes, 'Attributes', call);
      return { arn: resource, policy: FilterPolicy || noPolicy, isPending: PendingConfirmation === 'true' };
    } catch (error) {
      throw isAwsError(error, 'NotFoundException') ? gone(resource, error) : error;
    }
  }

  async #write({ arn: resource }: Subscription, policy: string, { signal }: CallOptions): Promise<void> {
    const call = { action: 'sns:SetSubscriptionAttributes', resource, signal };
    const command = new SetSubscriptionAttributesCommand({
      SubscriptionArn: resource,
      AttributeName: 'FilterPolicy',
      AttributeValue: policy,
    });
    try {
      await callAws(call, (http) => this.#sns.send(command, http));
    } catch (error) {
      throw explainRefusal(resource, error);
    }
  }
}

function requireConfirmed(subscription: Subscription): Subscription {
  if (!subscription.isPending) return subscription;
  throw new ResourceStateError(`Subscription ${subscription.arn} cannot be switched`, {
    resource: subscription.arn,
    expected: 'a confirmed subscription',
    actual: 'one that waits for its confirmation and delivers nothing',
    remedy: 'Confirm it first',
  });
}

function requireOwn(subscription: Subscription): Subscription {
  if (!isForeign(subscription.policy)) return subscription;
  throw new ResourceStateError(`The filter policy of ${subscription.arn} cannot be read`, {
    resource: subscription.arn,
    expected: `the key ${disabledMarker} only as this package writes it`,
    actual: 'it with other values or other keys beside it',
    remedy: `Set the subscription's filter policy by hand, without the key ${disabledMarker}`,
  });
}

function explainRefusal(resource: string, error: unknown): unknown {
  if (isAwsError(error, 'NotFoundException')) return gone(resource, error);
  if (isAwsError(error, 'FilterPolicyLimitExceededException')) {
    return new ResourceStateError(`Subscription ${resource} cannot get a filter policy`, {
      resource,
      expected: "fewer filter policies than the topic's and the account's quotas",
      actual: error.message,
      remedy: 'Give a subscription that needs no switching another way to filter, or have the quota raised',
      cause: error,
    });
  }
  if (isAwsError(error, 'InvalidParameterException')) {
    return new ResourceStateError(`SNS refused the filter policy of ${resource}, which stays as it was`, {
      resource,
      actual: error.message,
      remedy: 'Make its own filter policy smaller, or state another one as enabledFilterPolicy',
      cause: error,
    });
  }
  return error;
}

function gone(resource: string, cause: unknown): ResourceNotFoundError {
  return new ResourceNotFoundError(`Subscription ${resource} does not exist`, {
    resource,
    remedy: 'Subscribe the queue again, and give the new ARN as subscriptionArn',
    cause,
  });
}
