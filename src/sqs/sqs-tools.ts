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
import type { Clock } from '../core/clock.js';
import { describeValue } from '../core/describe-value.js';
import { UnexpectedResponseError } from '../core/errors.js';
import type { Logger } from '../core/logger.js';
import { mapConcurrently } from '../core/map-concurrently.js';
import { requireFound } from '../core/not-found.js';
import { pollUntil, type WaitOptions } from '../core/poll-until.js';
import { propagationTimes } from '../core/propagation-times.js';
import { RecentWrites } from '../core/recent-writes.js';
import { retryOnConflict } from '../core/retry-on-conflict.js';
import {
  callOptionsEntries,
  nonEmptyString,
  stackPair,
  strictObject,
  waitOptionsSchema,
} from '../core/schemas.js';
import { sleep } from '../core/sleep.js';
import { parseStackReference, type StackPair, type StackReference } from '../core/stack-reference.js';
import { stopwatch } from '../core/stopwatch.js';
import { toolDependencies, toolOptionsEntries } from '../core/tool-options.js';
import { mayBeSameResource, parseInput, requireDistinct } from '../core/validate.js';
import type { PurgeQueuesOptions, SqsStackOptions, SqsToolsClients, SqsToolsOptions } from './types.js';

/** SQS refuses a second purge, and may still delete messages, for this long. */
const purgeSeconds = propagationTimes.purge;

const countAttributes = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
] as const satisfies readonly QueueAttributeName[];

const queueNameOrUrl = v.pipe(
  nonEmptyString,
  v.check(
    (queue) => !queue.startsWith('arn:') && (!isUrl(queue) || isPlainUrl(queue)),
    'the name of a queue, or its URL without user and password; not its ARN',
  ),
);

const optionsSchema = strictObject({
  ...stackPair(strictObject({ queue: queueNameOrUrl, deadLetterQueue: v.optional(queueNameOrUrl) })),
  ...toolOptionsEntries,
});

const purgeOptionsSchema = strictObject({
  ...callOptionsEntries,
  purgeAgain: v.optional(v.boolean(), false),
});

/**
 * Empties the queues of the idle stack, standard and FIFO queues alike.
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
  /** The purges that this tool knows of, by queue URL. */
  readonly #purges: RecentWrites<'purged'>;
  /** A queue keeps its URL as long as its name, even when it is deleted and created again. */
  readonly #urls = new Map<string, string>();

  /** @throws InvalidInputError when an option is missing, malformed or unknown, or when both stacks share a queue. */
  constructor(options: SqsToolsOptions) {
    const { blue, green, ...settings } = parseInput('SqsTools options', optionsSchema, options);
    requireDistinct('SqsTools options', 'queue', queuesOf(blue), queuesOf(green), mayBeSameResource);
    this.#stacks = { blue, green };
    this.#sqs = resolveClients<SqsToolsClients>(options, { sqs: SQSClient }).sqs;
    const { clock, logger } = toolDependencies(settings);
    this.#clock = clock;
    this.#logger = logger;
    this.#purges = new RecentWrites(clock);
  }

  /**
   * Purges the stack's queue and its dead-letter queue. Returns when SQS has accepted the purge. The messages are gone up
   * to 60 s later, and messages that are sent in the meantime may be deleted with them ({@link waitForPurge}). A purge
   * that is already under way counts as success.
   *
   * @remarks IAM: sqs:GetQueueUrl, sqs:PurgeQueue
   * @throws ResourceNotFoundError when a queue does not exist; MultipleFailuresError when both queues fail;
   * InvalidInputError, AccessDeniedError, OperationAbortedError
   */
  async purgeQueues(stack: StackReference, options: PurgeQueuesOptions = {}): Promise<void> {
    const { purgeAgain, signal } = parseInput('purgeQueues options', purgeOptionsSchema, options);
    await mapConcurrently(this.#queuesOf(stack), async (queue) => {
      const elapsed = stopwatch(this.#clock);
      const url = await this.#urlOf(queue, { signal });
      if (await this.#purge(url, elapsed, { signal })) return;
      if (!purgeAgain) return;
      await sleep(this.#clock, purgeSeconds * 1000, { signal, resource: url });
      // A purge that is under way now began after this call, so it deletes the same messages.
      await this.#purge(url, elapsed, { signal });
    });
  }

  /**
   * Waits until a purge is over: 60 s have passed since it was requested (since now, when another process requested it, or
   * this object more than 15 minutes ago), and the approximate counts of the queues are 0. The counts stay above 0 while
   * something still sends to the queue.
   *
   * @param options - `maxWaitSeconds` is 180 by default.
   * @remarks IAM: sqs:GetQueueUrl, sqs:GetQueueAttributes
   * @throws WaitTimeoutError; ResourceNotFoundError when a queue does not exist; MultipleFailuresError when both queues
   * fail; InvalidInputError, AccessDeniedError, OperationAbortedError
   */
  async waitForPurge(stack: StackReference, options: WaitOptions = {}): Promise<void> {
    const parsed = parseInput('waitForPurge options', waitOptionsSchema, options);
    const { maxWaitSeconds = 180, signal } = parsed;
    await mapConcurrently(this.#queuesOf(stack), async (queue) => {
      const url = await this.#urlOf(queue, { signal });
      const remainingSeconds = Math.max(0, purgeSeconds - (this.#purges.secondsSince(url) ?? 0));
      const isCutOff = remainingSeconds > maxWaitSeconds;
      await pollUntil({
        resource: url,
        expected: `an empty queue, ${purgeSeconds} s after its purge`,
        maxWaitSeconds,
        signal,
        initialDelaySeconds: remainingSeconds,
        intervalSeconds: 5,
        clock: this.#clock,
        observe: () => this.#countMessages(url, { signal }),
        isDone: (messages) => messages === 0 && !isCutOff,
        describe: (messages) => `${messages} messages${isCutOff ? ' while the purge is under way' : ''}`,
      });
    });
  }

  #queuesOf(stack: StackReference): string[] {
    return queuesOf(this.#stacks[parseStackReference(stack)]);
  }

  /** Reads the URL: one built from the name would be wrong in another partition or account. */
  async #urlOf(queue: string, { signal }: CallOptions): Promise<string> {
    if (isUrl(queue)) return queue;
    const known = this.#urls.get(queue);
    if (known !== undefined) return known;
    const call = { action: 'sqs:GetQueueUrl', resource: queue, signal };
    const { QueueUrl } = await ofExistingQueue(queue, () =>
      callAws(call, (http) => this.#sqs.send(new GetQueueUrlCommand({ QueueName: queue }), http)),
    );
    const url = requireField(QueueUrl, 'QueueUrl', call);
    this.#urls.set(queue, url);
    return url;
  }

  /** True when SQS began a purge; false while another one is under way. */
  async #purge(url: string, elapsed: () => number, { signal }: CallOptions): Promise<boolean> {
    const call = { action: 'sqs:PurgeQueue', resource: url, signal };
    const command = new PurgeQueueCommand({ QueueUrl: url });
    const outcome = await ofExistingQueue(url, () =>
      retryOnConflict(call, { clock: this.#clock }, (http) =>
        this.#sqs.send(command, http).catch((error: unknown) => {
          // A purge that is under way counts as success.
          if (isAwsError(error, 'PurgeQueueInProgress')) return 'inProgress' as const;
          throw error;
        }),
      ),
    );
    if (outcome === 'inProgress') {
      // A purge by another process may have begun just now.
      const age = this.#purges.secondsSince(url);
      if (age === undefined || age > purgeSeconds) this.#purges.record([url], 'purged');
      this.#logger.debug('Skipped purge', { resource: url, reason: 'inProgress' });
      return false;
    }
    this.#purges.record([url], 'purged');
    this.#logger.info('Purged queue', { resource: url, durationMs: elapsed() });
    return true;
  }

  async #countMessages(url: string, { signal }: CallOptions): Promise<number> {
    const call = { action: 'sqs:GetQueueAttributes', resource: url, signal };
    const command = new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: [...countAttributes] });
    const { Attributes = {} } = await ofExistingQueue(url, () =>
      callAws(call, (http) => this.#sqs.send(command, http)),
    );
    return countAttributes.reduce((sum, name) => {
      const count = requireField(Attributes[name], name, call);
      if (!/^\d+$/.test(count))
        throw new UnexpectedResponseError({ ...call, field: name, actual: describeValue(count) });
      return sum + Number(count);
    }, 0);
  }
}

/** Adds the name of the queue to the error of SQS, which lacks it. */
function ofExistingQueue<T>(resource: string, call: () => Promise<T>): Promise<T> {
  const remedy = 'Check its name or URL, the region and the account';
  return requireFound([{ errorName: 'QueueDoesNotExist', kind: 'Queue', resource, remedy }], call);
}

function queuesOf({ queue, deadLetterQueue }: SqsStackOptions): string[] {
  return deadLetterQueue === undefined ? [queue] : [queue, deadLetterQueue];
}

function isUrl(queue: string): boolean {
  return /^https?:\/\//i.test(queue);
}

/** Error messages and log lines contain the URL, so it must not contain credentials. */
function isPlainUrl(queue: string): boolean {
  if (!URL.canParse(queue)) return false;
  const { username, password } = new URL(queue);
  return username === '' && password === '';
}
