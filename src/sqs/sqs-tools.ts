import {
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  PurgeQueueCommand,
  type QueueAttributeName,
  SQSClient,
} from '@aws-sdk/client-sqs';
import * as v from 'valibot';
import { type CallOptions, callAws, isAwsError, requireField } from '../core/aws-call.js';
import { resolveClients } from '../core/clients.js';
import { type Clock, systemClock } from '../core/clock.js';
import { ResourceNotFoundError } from '../core/errors.js';
import { type Logger, silentLogger } from '../core/logger.js';
import { mapConcurrently } from '../core/map-concurrently.js';
import { pollUntil, type WaitOptions } from '../core/poll-until.js';
import { nonEmptyString, stackPair } from '../core/schemas.js';
import { sleep } from '../core/sleep.js';
import { parseStackReference, type StackPair, type StackReference } from '../core/stack-reference.js';
import { stopwatch } from '../core/stopwatch.js';
import { mayBeSameResource, parseInput, requireDistinct } from '../core/validate.js';
import type { PurgeQueuesOptions, SqsStackOptions, SqsToolsClients, SqsToolsOptions } from './types.js';

/** SQS refuses a second purge, and may still delete messages, for this long. */
const purgeSeconds = 60;
/** A purge that is older is no longer taken for the last one: this object may live on for days, and others purge, too. */
const rememberedSeconds = 900;

const countAttributes = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
] as const satisfies readonly QueueAttributeName[];

const optionsSchema = v.object(
  stackPair(v.object({ queue: nonEmptyString, deadLetterQueue: v.optional(nonEmptyString) })),
);

/**
 * Empties the queues of a stack that is at rest, standard and FIFO queues alike.
 *
 * @example
 * ```ts
 * import { SqsTools } from 'aws-blue-green-toolkit/sqs';
 *
 * const queues = new SqsTools({
 *   blue: { queue: 'orders-blue', deadLetterQueue: 'orders-blue-dlq' },
 *   green: { queue: 'orders-green', deadLetterQueue: 'orders-green-dlq' },
 * });
 *
 * await queues.purgeQueues('blue');
 * await queues.waitForPurge('blue', { maxWaitSeconds: 120 });
 * ```
 */
export class SqsTools {
  readonly #stacks: StackPair<SqsStackOptions>;
  readonly #sqs: SQSClient;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #purgedAt = new Map<string, number>();
  /** A queue has the same URL as long as its name, also when it is created anew. */
  readonly #urls = new Map<string, string>();

  /** @throws InvalidInputError when an option is missing or malformed, or when both stacks share a queue. */
  constructor(options: SqsToolsOptions) {
    this.#stacks = parseInput('SqsTools options', optionsSchema, options);
    const [blue, green] = [queuesOf(this.#stacks.blue), queuesOf(this.#stacks.green)];
    requireDistinct('SqsTools options', 'queue', blue, green, mayBeSameResource);
    this.#sqs = resolveClients<SqsToolsClients>(options, { sqs: SQSClient }).sqs;
    this.#clock = options.clock ?? systemClock;
    this.#logger = options.logger ?? silentLogger;
  }

  /**
   * Purges the stack's queue and its dead-letter queue. Returns when SQS has accepted the purge; the messages are gone
   * up to 60 s later, and messages that are sent in the meantime may go with them ({@link waitForPurge}). A purge that
   * is already under way counts as success.
   *
   * @remarks IAM: sqs:GetQueueUrl, sqs:PurgeQueue
   * @throws ResourceNotFoundError when a queue does not exist, MultipleFailuresError when both queues fail, AccessDeniedError,
   * OperationAbortedError
   */
  async purgeQueues(stack: StackReference, options: PurgeQueuesOptions = {}): Promise<void> {
    await mapConcurrently(this.#queuesOf(stack), async (queue) => {
      const elapsed = stopwatch(this.#clock);
      const url = await this.#urlOf(queue, options);
      if (await this.#purge(url, elapsed, options)) return;
      if (!options.purgeAgain) return;
      await sleep(this.#clock, purgeSeconds * 1000, { signal: options.signal, resource: url });
      await this.#purge(url, elapsed, options);
    });
  }

  /**
   * Waits until a purge is over: 60 s have passed since it was asked for (since now, when another process asked, or this
   * object more than 15 minutes ago), and the queues' approximate counts read 0. The counts stay above 0 while something
   * still sends to the queue.
   *
   * @param options - `maxWaitSeconds` is 180 by default.
   * @remarks IAM: sqs:GetQueueUrl, sqs:GetQueueAttributes
   * @throws WaitTimeoutError; ResourceNotFoundError when a queue does not exist, MultipleFailuresError when both queues
   * fail, AccessDeniedError, OperationAbortedError
   */
  async waitForPurge(stack: StackReference, options: WaitOptions = {}): Promise<void> {
    await mapConcurrently(this.#queuesOf(stack), async (queue) => {
      const url = await this.#urlOf(queue, options);
      const purgeEndsAt = this.#lastPurge(url, rememberedSeconds) + purgeSeconds * 1000;
      await pollUntil({
        resource: url,
        expected: `an empty queue, ${purgeSeconds} s after its purge`,
        maxWaitSeconds: options.maxWaitSeconds ?? 180,
        signal: options.signal,
        initialDelaySeconds: (purgeEndsAt - this.#clock.now()) / 1000,
        intervalSeconds: 5,
        clock: this.#clock,
        observe: () => this.#countMessages(url, options),
        isDone: (messages) => messages === 0 && this.#clock.now() >= purgeEndsAt,
        describe: (messages) => `${messages} messages`,
      });
    });
  }

  #queuesOf(stack: StackReference): string[] {
    return queuesOf(this.#stacks[parseStackReference(stack)]);
  }

  /** Asks for the URL: one put together from a name would be wrong in another partition or account. */
  async #urlOf(queue: string, { signal }: CallOptions): Promise<string> {
    if (/^https?:\/\//.test(queue)) return queue;
    const known = this.#urls.get(queue);
    if (known !== undefined) return known;
    const call = { action: 'sqs:GetQueueUrl', resource: queue, signal };
    const { QueueUrl } = await callQueue(call, (http) =>
      this.#sqs.send(new GetQueueUrlCommand({ QueueName: queue }), http),
    );
    const url = requireField(QueueUrl, 'QueueUrl', call);
    this.#urls.set(queue, url);
    return url;
  }

  /** Whether SQS began a purge; it does not while another is under way. */
  async #purge(url: string, elapsed: () => number, { signal }: CallOptions): Promise<boolean> {
    try {
      await callQueue({ action: 'sqs:PurgeQueue', resource: url, signal }, (http) =>
        this.#sqs.send(new PurgeQueueCommand({ QueueUrl: url }), http),
      );
    } catch (error) {
      if (!isAwsError(error, 'PurgeQueueInProgress')) throw error;
      // When it is not this object's own, it may have begun just now.
      this.#purgedAt.set(url, this.#lastPurge(url, purgeSeconds));
      this.#logger.debug('A purge is already under way', { resource: url });
      return false;
    }
    this.#purgedAt.set(url, this.#clock.now());
    this.#logger.info('Purged queue', { resource: url, durationMs: elapsed() });
    return true;
  }

  /** When this object has purged the queue, if it was so short a time ago; otherwise another may have, until now. */
  #lastPurge(url: string, seconds: number): number {
    const now = this.#clock.now();
    const purgedAt = this.#purgedAt.get(url) ?? now;
    return now - purgedAt > seconds * 1000 ? now : purgedAt;
  }

  async #countMessages(url: string, { signal }: CallOptions): Promise<number> {
    const call = { action: 'sqs:GetQueueAttributes', resource: url, signal };
    const command = new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: [...countAttributes] });
    const { Attributes = {} } = await callQueue(call, (http) => this.#sqs.send(command, http));
    return countAttributes.reduce((sum, name) => sum + Number(requireField(Attributes[name], name, call)), 0);
  }
}

/** SQS does not say which queue does not exist. */
async function callQueue<T>(...[call, send]: Parameters<typeof callAws<T>>): Promise<T> {
  try {
    return await callAws(call, send);
  } catch (error) {
    if (!isAwsError(error, 'QueueDoesNotExist')) throw error;
    throw new ResourceNotFoundError(`Queue ${call.resource} does not exist`, {
      resource: call.resource,
      remedy: 'Check its name or URL, the region and the account',
      cause: error,
    });
  }
}

function queuesOf({ queue, deadLetterQueue }: SqsStackOptions): string[] {
  return deadLetterQueue === undefined ? [queue] : [queue, deadLetterQueue];
}
