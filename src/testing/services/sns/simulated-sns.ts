import {
  type GetSubscriptionAttributesCommandInput,
  type GetSubscriptionAttributesCommandOutput,
  InvalidParameterException,
  NotFoundException,
  type SetSubscriptionAttributesCommandInput,
} from '@aws-sdk/client-sns';
import {
  type Answer,
  clientFault,
  required,
  type SimulatedEnvironment,
  type SimulatedService,
} from '../../cloud/environment.js';
import type { SimulatedSqs } from '../sqs/simulated-sqs.js';
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
  /** The ARN of the queue to which it delivers. */
  readonly queueArn: string;
  /** What the filter policy looks at. */
  readonly filterPolicyScope: FilterPolicyScope;
  /** The endpoint has not confirmed it, so nothing is delivered. */
  pendingConfirmation: boolean;
  /** The filter policy as it is set and read back, without regard to when it comes into force. */
  filterPolicy: string | undefined;
}

/** A filter policy, and when it came or comes into force; the last one that is in force decides. */
interface PolicyInForce {
  readonly policy: string | undefined;
  readonly inForceAt: number;
}

/** SNS in memory: topics, subscriptions of queues, and filter policies that come into force late. */
export class SimulatedSns implements SimulatedService {
  readonly serviceId = 'SNS';
  readonly iamPrefix = 'sns';
  readonly throttlingError = 'ThrottledException';
  /** @internal */
  readonly operations = {
    GetSubscriptionAttributes: (
      input: GetSubscriptionAttributesCommandInput,
    ): Answer<GetSubscriptionAttributesCommandOutput> => {
      const subscription = this.subscription(required(input.SubscriptionArn, 'SubscriptionArn'));
      return {
        Attributes: {
          SubscriptionArn: subscription.arn,
          TopicArn: subscription.topicArn,
          Owner: this.#environment.accountId,
          Protocol: 'sqs',
          Endpoint: subscription.queueArn,
          RawMessageDelivery: 'true',
          PendingConfirmation: String(subscription.pendingConfirmation),
          // SNS tells the scope only when there is a policy.
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

  /** Seconds until a changed filter policy decides deliveries. The default is the longest that SNS takes. */
  filterPropagationSeconds = 900;

  readonly #environment: SimulatedEnvironment;
  readonly #sqs: SimulatedSqs;
  readonly #topics: SimulatedTopic[] = [];
  readonly #policies = new Map<string, PolicyInForce[]>();
  #subscriptions: SimulatedSubscription[] = [];

  constructor(environment: SimulatedEnvironment, { sqs }: { sqs: SimulatedSqs }) {
    this.#environment = environment;
    this.#sqs = sqs;
  }

  /** Creates a topic. */
  addTopic(name: string): SimulatedTopic {
    const topic = { name, arn: this.#environment.arn('sns', name) };
    this.#topics.push(topic);
    return topic;
  }

  /** Subscribes a queue to a topic, each given by its name or ARN. The filter policy is in force at once. */
  subscribe(options: {
    topic: string;
    queue: string;
    filterPolicy?: string | Readonly<Record<string, unknown>>;
    scope?: FilterPolicyScope;
    pendingConfirmation?: boolean;
  }): SimulatedSubscription {
    const topic = this.topic(options.topic);
    const { filterPolicy } = options;
    const subscription: SimulatedSubscription = {
      arn: `${topic.arn}:${this.#environment.nextId()}`,
      topicArn: topic.arn,
      queueArn: this.#sqs.queue(options.queue).arn,
      filterPolicyScope: options.scope ?? 'MessageAttributes',
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
   * Publishes a message: the body goes, as it is, to every queue whose subscription lets it pass. Gives how many.
   */
  publish(
    nameOrArn: string,
    body: string,
    attributes: Readonly<Record<string, string | number | readonly string[]>> = {},
  ): number {
    const { arn } = this.topic(nameOrArn);
    const now = this.#environment.clock.now();
    const receivers = this.#subscriptions.filter((subscription) => {
      if (subscription.topicArn !== arn || subscription.pendingConfirmation) return false;
      const policy = this.#policies
        .get(subscription.arn)
        ?.findLast(({ inForceAt }) => inForceAt <= now)?.policy;
      return policy === undefined || matches(policy, subscription.filterPolicyScope, { body, attributes });
    });
    for (const { queueArn } of receivers) this.#sqs.send(queueArn, body);
    return receivers.length;
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

  #setPolicy(subscription: SimulatedSubscription, value: string | undefined, delaySeconds: number): void {
    const json = value || '{}';
    const reason = reasonToRefuse(json, subscription.filterPolicyScope);
    if (reason !== undefined) {
      throw new InvalidParameterException(clientFault(`Invalid parameter: FilterPolicy: ${reason}`));
    }
    const policy = Object.keys(JSON.parse(json)).length === 0 ? undefined : json;
    subscription.filterPolicy = policy;
    const inForceAt = this.#environment.clock.now() + delaySeconds * 1000;
    const earlier = this.#policies.get(subscription.arn) ?? [];
    this.#policies.set(subscription.arn, [...earlier, { policy, inForceAt }]);
  }
}
