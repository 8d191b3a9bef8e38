import {
  type GetQueueAttributesCommandInput,
  type GetQueueAttributesCommandOutput,
  type GetQueueUrlCommandInput,
  type GetQueueUrlCommandOutput,
  InvalidAttributeName,
  type MessageAttributeValue,
  type PurgeQueueCommandInput,
  PurgeQueueInProgress,
  QueueAttributeName,
  QueueDoesNotExist,
} from '@aws-sdk/client-sqs';
import {
  clientFault,
  type OperationOutput,
  required,
  type SimulatedEnvironment,
  type SimulatedService,
} from '../../cloud/environment.js';
import { requireOptions } from '../../cloud/require-options.js';

/** Seconds of a purge, during which a second one is refused. */
const purgeSeconds = 60;

/** The names that GetQueueAttributes accepts. The response omits attributes that a queue does not have. */
const attributeNames: readonly string[] = Object.values(QueueAttributeName);

/** A message in a {@link SimulatedQueue}. */
export interface SimulatedMessage {
  /** The message ID. */
  readonly id: string;
  /** The body as it was sent. */
  readonly body: string;
  /** The message's attributes, by name. */
  readonly messageAttributes: Readonly<Record<string, MessageAttributeValue>>;
  /** The virtual time of sending, in milliseconds since 1970. */
  readonly sentAt: number;
  /** The number of times it was received. */
  receiveCount: number;
  /** The virtual time until which the message is in flight, in milliseconds since 1970. */
  invisibleUntil: number;
}

/** A queue of the {@link SimulatedSqs}. */
export interface SimulatedQueue {
  /** The name. The name of a FIFO queue ends with `.fifo`. */
  readonly name: string;
  /** The URL that GetQueueUrl returns. */
  readonly url: string;
  /** The ARN. */
  readonly arn: string;
  /** Seconds that a received message stays invisible. */
  readonly visibilityTimeoutSeconds: number;
  /** The redrive policy. */
  readonly redrive?: {
    /** The queue for messages that were received too often. */
    readonly deadLetterQueueArn: string;
    /** The most times that a message is received before. */
    readonly maxReceiveCount: number;
  };
  /**
   * Seconds after which the counts of GetQueueAttributes include a new message. AWS documents up to a minute.
   * @default 0
   */
  countLagSeconds: number;
  /** The messages in the queue, oldest first, including those in flight. */
  messages: SimulatedMessage[];
  /** The virtual time until which a second purge is refused. */
  purgeEndsAt: number;
}

/** SQS in memory: queues, dead-letter queues, messages in flight, and purges that take a minute. */
export class SimulatedSqs implements SimulatedService {
  readonly serviceId = 'SQS';
  readonly iamPrefix = 'sqs';
  readonly throttlingError = 'ThrottlingException';
  /** @internal */
  readonly operations = {
    GetQueueUrl: (input: GetQueueUrlCommandInput): OperationOutput<GetQueueUrlCommandOutput> => {
      const name = required(input.QueueName, 'QueueName');
      const { QueueOwnerAWSAccountId: owner } = input;
      const isWanted = (queue: SimulatedQueue) =>
        queue.name === name && (owner === undefined || queue.arn.split(':')[4] === owner);
      return { QueueUrl: this.#find(isWanted, name).url };
    },

    GetQueueAttributes: (
      input: GetQueueAttributesCommandInput,
    ): OperationOutput<GetQueueAttributesCommandOutput> => {
      const all = this.#attributes(this.#byUrl(required(input.QueueUrl, 'QueueUrl')));
      const wanted: readonly string[] = input.AttributeNames ?? [];
      const unknown = wanted.find((name) => !attributeNames.includes(name));
      if (unknown !== undefined)
        throw new InvalidAttributeName(clientFault(`Queues have no attribute ${unknown}.`));
      const names = wanted.includes('All') ? Object.keys(all) : wanted;
      return { Attributes: Object.fromEntries(Object.entries(all).filter(([name]) => names.includes(name))) };
    },

    PurgeQueue: (input: PurgeQueueCommandInput): void => {
      const queue = this.#byUrl(required(input.QueueUrl, 'QueueUrl'));
      const now = this.#environment.clock.now();
      if (now < queue.purgeEndsAt) {
        throw new PurgeQueueInProgress(
          clientFault(
            `Only one PurgeQueue operation on ${queue.name} is allowed every ${purgeSeconds} seconds.`,
            403,
          ),
        );
      }
      queue.purgeEndsAt = now + purgeSeconds * 1000;
      // AWS may also delete messages that are sent during the purge. The simulation always does, see isDoomed.
      this.#environment.clock.schedule(purgeSeconds, () => {
        queue.messages = queue.messages.filter((message) => message.sentAt >= queue.purgeEndsAt);
      });
    },
  };

  readonly #environment: SimulatedEnvironment;
  readonly #queues: SimulatedQueue[] = [];

  constructor(environment: SimulatedEnvironment) {
    this.#environment = environment;
  }

  /** Creates a queue. Its dead-letter queue has to exist. */
  addQueue(options: {
    name: string;
    deadLetterQueue?: string;
    maxReceiveCount?: number;
    visibilityTimeoutSeconds?: number;
    /** Seconds after which the counts include a new message; @default 0 */
    countLagSeconds?: number;
  }): SimulatedQueue {
    requireOptions('SimulatedSqs.addQueue', options, {
      name: 'text',
      deadLetterQueue: 'optional',
      maxReceiveCount: 'optional',
      visibilityTimeoutSeconds: 'optional',
      countLagSeconds: 'optional',
    });
    const { partition, region, accountId } = this.#environment;
    const suffix = partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com';
    const queue: SimulatedQueue = {
      name: options.name,
      url: `https://sqs.${region}.${suffix}/${accountId}/${options.name}`,
      arn: this.#environment.arn('sqs', options.name),
      visibilityTimeoutSeconds: options.visibilityTimeoutSeconds ?? 30,
      ...(options.deadLetterQueue && {
        redrive: {
          deadLetterQueueArn: this.queue(options.deadLetterQueue).arn,
          maxReceiveCount: options.maxReceiveCount ?? 3,
        },
      }),
      countLagSeconds: options.countLagSeconds ?? 0,
      messages: [],
      purgeEndsAt: 0,
    };
    this.#queues.push(queue);
    return queue;
  }

  /** The queue of this name, ARN or URL. */
  queue(nameArnOrUrl: string): SimulatedQueue {
    return this.#find((queue) => [queue.name, queue.arn, queue.url].includes(nameArnOrUrl), nameArnOrUrl);
  }

  /** Puts a message into a queue, as SNS or a producer would. */
  send(
    nameArnOrUrl: string,
    body: string,
    messageAttributes: Readonly<Record<string, MessageAttributeValue>> = {},
  ): void {
    this.queue(nameArnOrUrl).messages.push({
      id: this.#environment.nextId(),
      body,
      messageAttributes,
      sentAt: this.#environment.clock.now(),
      receiveCount: 0,
      invisibleUntil: 0,
    });
  }

  /** Receives messages as a consumer. A message that was received too often is moved to the dead-letter queue. */
  receive(nameArnOrUrl: string, maxMessages = 10): SimulatedMessage[] {
    const queue = this.queue(nameArnOrUrl);
    const now = this.#environment.clock.now();
    const received: SimulatedMessage[] = [];
    const receivable = queue.messages.filter(
      (message) => message.invisibleUntil <= now && !isDoomed(queue, message, now),
    );
    for (const message of receivable) {
      if (received.length === maxMessages) break;
      if (queue.redrive !== undefined && message.receiveCount >= queue.redrive.maxReceiveCount) {
        this.#remove(queue, message);
        this.queue(queue.redrive.deadLetterQueueArn).messages.push({
          ...message,
          receiveCount: 0,
          invisibleUntil: 0,
        });
        continue;
      }
      message.receiveCount += 1;
      message.invisibleUntil = now + queue.visibilityTimeoutSeconds * 1000;
      received.push(message);
    }
    return received;
  }

  /** Deletes a message, as a consumer does after processing. */
  delete(nameArnOrUrl: string, message: SimulatedMessage): void {
    this.#remove(this.queue(nameArnOrUrl), message);
  }

  #remove(queue: SimulatedQueue, message: SimulatedMessage): void {
    queue.messages = queue.messages.filter((other) => other.id !== message.id);
  }

  #attributes(queue: SimulatedQueue): Record<string, string> {
    const now = this.#environment.clock.now();
    const counted = queue.messages.filter(({ sentAt }) => sentAt + queue.countLagSeconds * 1000 <= now);
    const inFlight = counted.filter(({ invisibleUntil }) => invisibleUntil > now).length;
    return {
      QueueArn: queue.arn,
      VisibilityTimeout: String(queue.visibilityTimeoutSeconds),
      ApproximateNumberOfMessages: String(counted.length - inFlight),
      ApproximateNumberOfMessagesNotVisible: String(inFlight),
      ApproximateNumberOfMessagesDelayed: '0',
      ...(queue.redrive && {
        RedrivePolicy: JSON.stringify({
          deadLetterTargetArn: queue.redrive.deadLetterQueueArn,
          maxReceiveCount: queue.redrive.maxReceiveCount,
        }),
      }),
      ...(queue.name.endsWith('.fifo') && { FifoQueue: 'true' }),
    };
  }

  #byUrl(url: string): SimulatedQueue {
    return this.#find((queue) => queue.url === url, url);
  }

  #find(matches: (queue: SimulatedQueue) => boolean, wanted: string): SimulatedQueue {
    const queue = this.#queues.find(matches);
    if (queue === undefined)
      throw new QueueDoesNotExist(clientFault(`The specified queue does not exist: ${wanted}`));
    return queue;
  }
}

/** Returns true for a message sent during a purge. AWS may delete it, so the simulation never delivers it. */
function isDoomed({ purgeEndsAt }: SimulatedQueue, { sentAt }: SimulatedMessage, now: number): boolean {
  return now < purgeEndsAt && sentAt >= purgeEndsAt - purgeSeconds * 1000;
}
