import {
  type GetSubscriptionAttributesCommandInput,
  type GetSubscriptionAttributesCommandOutput,
  InvalidParameterException,
  NotFoundException,
  type SetSubscriptionAttributesCommandInput,
} from '@aws-sdk/client-sns';
import { nonEmptyString } from '../../../core/schemas.js';
import { parseInput } from '../../../core/validate.js';
import {
  clientFault,
  type OperationOutput,
  required,
  type SimulatedEnvironment,
  type SimulatedService,
} from '../../cloud/environment.js';
import { requireOptions } from '../../cloud/require-options.js';
import type { SimulatedSqs } from '../sqs/simulated-sqs.js';
import { envelopeDelivery, rawDelivery, type SimulatedMessageAttributes } from './sns-delivery.js';
import { type FilterPolicyScope, matches, reasonToRefuse } from './sns-filter-policy.js';

/** A topic of the {@link SimulatedSns}. */
export interface SimulatedTopic {
  /** The topic's name. */
  readonly name: string;
  /** The topic's ARN. */
  readonly arn: string;
}

/** A queue's subscription to a topic of the {@link SimulatedSns}. */
export interface SimulatedSubscription {
  /** The subscription's ARN. */
  readonly arn: string;
  /** The ARN of its topic. */
  readonly topicArn: string;
  /** The ARN of its queue. */
  readonly queueArn: string;
  /** The part of a message that the filter policy is matched against. */
  readonly filterPolicyScope: FilterPolicyScope;
  /** True when the queue gets the message as it was published, false when it gets SNS's JSON envelope. */
  readonly rawMessageDelivery: boolean;
  /** True until the endpoint confirms the subscription. Nothing is delivered meanwhile. */
  pendingConfirmation: boolean;
  /** The filter policy as a read shows it. It may not be in effect yet. */
  filterPolicy: string | undefined;
}

/** A filter policy and the time from which it is in effect. The last one in effect decides. */
interface PolicyChange {
  readonly policy: string | undefined;
  readonly inEffectAt: number;
}

/** SNS in memory: topics, subscriptions of queues, and filter policies with a propagation time. */
export class SimulatedSns implements SimulatedService {
  readonly serviceId = 'SNS';
  readonly iamPrefix = 'sns';
  readonly throttlingError = 'ThrottledException';
  /** @internal */
  readonly operations = {
    GetSubscriptionAttributes: (
      input: GetSubscriptionAttributesCommandInput,
    ): OperationOutput<GetSubscriptionAttributesCommandOutput> => {
      const subscription = this.subscription(required(input.SubscriptionArn, 'SubscriptionArn'));
      return {
        Attributes: {
          SubscriptionArn: subscription.arn,
          TopicArn: subscription.topicArn,
          Owner: this.#environment.accountId,
          Protocol: 'sqs',
          Endpoint: subscription.queueArn,
          RawMessageDelivery: String(subscription.rawMessageDelivery),
          PendingConfirmation: String(subscription.pendingConfirmation),
          // SNS shows the scope only when there is a policy.
          ...(subscription.filterPolicy !== undefined && {
            FilterPolicy: subscription.filterPolicy,
            FilterPolicyScope: subscription.filterPolicyScope,
          }),
        },
      };
    },

    SetSubscriptionAttributes: (input: SetSubscriptionAttributesCommandInput): void => {
      const subscription = this.subscription(required(input.SubscriptionArn, 'SubscriptionArn'));
      const name = required(input.AttributeName, 'AttributeName');
      if (name !== 'FilterPolicy') throw new TypeError(`SimulatedSns does not simulate setting ${name}`);
      this.#setPolicy(subscription, input.AttributeValue, this.filterPropagationSeconds);
    },
  };

  /** Seconds until a changed filter policy is in effect. The default is SNS's maximum. */
  filterPropagationSeconds = 900;

  readonly #environment: SimulatedEnvironment;
  readonly #sqs: SimulatedSqs;
  readonly #topics: SimulatedTopic[] = [];
  readonly #policies = new Map<string, PolicyChange[]>();
  #subscriptions: SimulatedSubscription[] = [];

  constructor(environment: SimulatedEnvironment, { sqs }: { sqs: SimulatedSqs }) {
    this.#environment = environment;
    this.#sqs = sqs;
  }

  /** Creates a topic. */
  addTopic(name: string): SimulatedTopic {
    parseInput('SimulatedSns.addTopic name', nonEmptyString, name);
    const topic = { name, arn: this.#environment.arn('sns', name) };
    this.#topics.push(topic);
    return topic;
  }

  /** Subscribes a queue to a topic, by names or ARNs. The filter policy is in effect at once. */
  subscribe(options: {
    topic: string;
    queue: string;
    filterPolicy?: string | Readonly<Record<string, unknown>>;
    scope?: FilterPolicyScope;
    pendingConfirmation?: boolean;
    /**
     * Delivers the message as it was published, with its attributes.
     * @default false: the queue gets SNS's JSON envelope
     */
    rawMessageDelivery?: boolean;
  }): SimulatedSubscription {
    requireOptions('SimulatedSns.subscribe', options, {
      topic: 'text',
      queue: 'text',
      filterPolicy: 'optional',
      scope: ['MessageAttributes', 'MessageBody'],
      pendingConfirmation: 'optional',
      rawMessageDelivery: 'optional',
    });
    const topic = this.topic(options.topic);
    const { filterPolicy } = options;
    const subscription: SimulatedSubscription = {
      arn: `${topic.arn}:${this.#environment.nextId()}`,
      topicArn: topic.arn,
      queueArn: this.#sqs.queue(options.queue).arn,
      filterPolicyScope: options.scope ?? 'MessageAttributes',
      rawMessageDelivery: options.rawMessageDelivery ?? false,
      pendingConfirmation: options.pendingConfirmation ?? false,
      filterPolicy: undefined,
    };
    this.#setPolicy(
      subscription,
      typeof filterPolicy === 'string' ? filterPolicy : JSON.stringify(filterPolicy ?? {}),
      0,
    );
    this.#subscriptions.push(subscription);
    return subscription;
  }

  /** Removes a subscription. */
  unsubscribe(arn: string): void {
    this.#subscriptions = this.#subscriptions.filter((subscription) => subscription.arn !== arn);
  }

  /**
   * Publishes a message to every queue whose filter policy matches, in SNS's JSON envelope or raw. Returns the number of
   * queues.
   */
  publish(nameOrArn: string, body: string, attributes: SimulatedMessageAttributes = {}): number {
    const { arn } = this.topic(nameOrArn);
    const messageId = this.#environment.nextId();
    const receivers = this.#subscriptions.filter(
      (subscription) => subscription.topicArn === arn && this.#lets(subscription, { body, attributes }),
    );
    return receivers.filter((it) => this.#deliver(it, { body, attributes, messageId })).length;
  }

  /** The topic of this name or ARN. */
  topic(nameOrArn: string): SimulatedTopic {
    const topic = this.#topics.find(({ name, arn }) => nameOrArn === name || nameOrArn === arn);
    if (topic === undefined) throw new NotFoundException(clientFault('Topic does not exist', 404));
    return topic;
  }

  /** The subscription of this ARN. */
  subscription(arn: string): SimulatedSubscription {
    const subscription = this.#subscriptions.find((it) => it.arn === arn);
    if (subscription === undefined)
      throw new NotFoundException(clientFault('Subscription does not exist', 404));
    return subscription;
  }

  #lets(
    { arn, filterPolicyScope, pendingConfirmation }: SimulatedSubscription,
    message: { body: string; attributes: SimulatedMessageAttributes },
  ): boolean {
    if (pendingConfirmation) return false;
    const now = this.#environment.clock.now();
    const policy = this.#policies.get(arn)?.findLast(({ inEffectAt }) => inEffectAt <= now)?.policy;
    return policy === undefined || matches(policy, filterPolicyScope, message);
  }

  #deliver(
    { arn, topicArn, queueArn, rawMessageDelivery }: SimulatedSubscription,
    message: { body: string; attributes: SimulatedMessageAttributes; messageId: string },
  ): boolean {
    const { body, attributes, messageId } = message;
    const { clock, partition, region } = this.#environment;
    const at = new Date(clock.now());
    const delivery = rawMessageDelivery
      ? rawDelivery(body, attributes)
      : envelopeDelivery(body, attributes, {
          messageId,
          topicArn,
          subscriptionArn: arn,
          partition,
          region,
          at,
        });
    if (delivery === undefined) return false;
    this.#sqs.send(queueArn, delivery.body, delivery.messageAttributes);
    return true;
  }

  #setPolicy(subscription: SimulatedSubscription, value: string | undefined, delaySeconds: number): void {
    const json = value || '{}';
    const reason = reasonToRefuse(json, subscription.filterPolicyScope);
    if (reason !== undefined) {
      throw new InvalidParameterException(clientFault(`Invalid parameter: FilterPolicy: ${reason}`));
    }
    const policy = Object.keys(JSON.parse(json)).length === 0 ? undefined : json;
    subscription.filterPolicy = policy;
    const inEffectAt = this.#environment.clock.now() + delaySeconds * 1000;
    const earlier = this.#policies.get(subscription.arn) ?? [];
    this.#policies.set(subscription.arn, [...earlier, { policy, inEffectAt }]);
  }
}
