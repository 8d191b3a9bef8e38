import type { QueueAttributeName, SQSClient } from '@aws-sdk/client-sqs';
import * as v from 'valibot';
import { callAws, requireField } from '../core/aws-call.js';
import { describeValue } from '../core/describe-value.js';
import { UnexpectedResponseError } from '../core/errors.js';
import { fromJson } from '../core/from-json.js';
import type { Loaded } from '../core/lazy-client.js';
import { requireFound } from '../core/not-found.js';
import type { GateContext } from './gate.js';
import { highestOf, type ReadMetrics } from './read-metrics.js';

type SqsModule = typeof import('@aws-sdk/client-sqs');

/** Approximate numbers of the messages of a queue. */
export interface QueueCounts {
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
}

/** Queue for messages that were received too often. */
export interface DeadLetterQueue {
  readonly name: string;
  readonly url: string;
}

const attributes = {
  visible: 'ApproximateNumberOfMessages',
  inFlight: 'ApproximateNumberOfMessagesNotVisible',
  delayed: 'ApproximateNumberOfMessagesDelayed',
} as const satisfies Record<keyof QueueCounts, QueueAttributeName>;

const redriveSchema = v.object({ deadLetterTargetArn: v.pipe(v.string(), v.startsWith('arn:')) });

/** Reads the attributes of queues. */
export class QueueReader {
  readonly #sdk: SqsModule;
  readonly #sqs: SQSClient;
  readonly #signal: AbortSignal;
  readonly #resource: string;

  constructor(
    { sdk, client }: Loaded<SqsModule, SQSClient>,
    { resource, signal }: { readonly resource: string; readonly signal: AbortSignal },
  ) {
    this.#sdk = sdk;
    this.#sqs = client;
    this.#resource = resource;
    this.#signal = signal;
  }

  /** Reads the URL of a queue by its name. One built from the name would be wrong in another partition. */
  async urlOf(nameOrUrl: string, account?: string): Promise<string> {
    if (/^https?:\/\//i.test(nameOrUrl)) return nameOrUrl;
    const call = { action: 'sqs:GetQueueUrl', resource: nameOrUrl, signal: this.#signal };
    const command = new this.#sdk.GetQueueUrlCommand({
      QueueName: nameOrUrl,
      QueueOwnerAWSAccountId: account,
    });
    const { QueueUrl } = await ofExistingQueue(nameOrUrl, () =>
      callAws(call, (http) => this.#sqs.send(command, http)),
    );
    return requireField(QueueUrl, 'QueueUrl', call);
  }

  async count(url: string): Promise<QueueCounts> {
    const read = await this.#attributes(url, Object.values(attributes));
    const numberOf = (kind: keyof QueueCounts) => {
      const name = attributes[kind];
      const text = read[name];
      if (text !== undefined && /^\d+$/.test(text)) return Number(text);
      const call = { action: 'sqs:GetQueueAttributes', resource: this.#resource };
      throw new UnexpectedResponseError({ ...call, field: name, actual: describeValue(text) });
    };
    return { visible: numberOf('visible'), inFlight: numberOf('inFlight'), delayed: numberOf('delayed') };
  }

  /** Finds the dead-letter queue. It is in the account of the queue, which need not be the caller's. */
  async deadLetterQueueOf(url: string): Promise<DeadLetterQueue | undefined> {
    const { RedrivePolicy } = await this.#attributes(url, ['RedrivePolicy']);
    if (RedrivePolicy === undefined) return undefined;
    const parsed = v.safeParse(redriveSchema, fromJson(RedrivePolicy));
    const [, , , , account, name] = parsed.success ? parsed.output.deadLetterTargetArn.split(':') : [];
    if (!name)
      throw new UnexpectedResponseError({
        action: 'sqs:GetQueueAttributes',
        resource: this.#resource,
        field: 'RedrivePolicy.deadLetterTargetArn',
        actual: describeValue(RedrivePolicy),
      });
    return { name, url: await this.urlOf(name, account || undefined) };
  }

  async #attributes(
    url: string,
    names: readonly QueueAttributeName[],
  ): Promise<Readonly<Record<string, string | undefined>>> {
    const call = { action: 'sqs:GetQueueAttributes', resource: this.#resource, signal: this.#signal };
    const command = new this.#sdk.GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: [...names] });
    const { Attributes = {} } = await ofExistingQueue(url, () =>
      callAws(call, (http) => this.#sqs.send(command, http)),
    );
    return Attributes;
  }
}

/** SQS sends the metrics of an active queue every minute. */
const metricSeconds = 60;

/** The longest time before the beginning from which a count still counts as that of the beginning. */
const lookBackSeconds = 900;

/** Returns the last count of a queue before the beginning, or the reason why it is unknown. */
export async function countDeadLettersBefore(
  queueName: string,
  { startedAt, signal }: Pick<GateContext, 'startedAt' | 'signal'>,
  readMetrics: ReadMetrics,
): Promise<number | string> {
  const end = startedAt - metricSeconds * 1000;
  const window = { start: startedAt - lookBackSeconds * 1000, end };
  const names = ['ApproximateNumberOfMessagesVisible', 'ApproximateNumberOfMessagesNotVisible'];
  const metrics = names.map((metricName) => ({
    namespace: 'AWS/SQS',
    metricName,
    dimensions: { QueueName: queueName },
  }));
  const [visible, inFlight] = await readMetrics(metrics, window, { resource: queueName, signal });
  const latest = newestOf(visible);
  if (typeof latest === 'string') return latest;
  // SQS sends no metric of messages in flight for a queue that none was received from.
  const hidden = newestOf(inFlight);
  return latest + (typeof hidden === 'string' ? 0 : hidden);
}

function newestOf(read: Awaited<ReturnType<ReadMetrics>>[number] | undefined): number | string {
  const highest = highestOf(read, lookBackSeconds);
  if (typeof highest === 'string' || read === undefined || 'unknown' in read) return highest;
  return read.values.reduce((newest, it) => (it.at > newest.at ? it : newest)).value;
}

/** Adds the name of the queue to the error of SQS, which lacks it. */
function ofExistingQueue<T>(resource: string, call: () => Promise<T>): Promise<T> {
  const remedy = 'Check its name or URL, the Region and the account';
  return requireFound([{ errorName: 'QueueDoesNotExist', kind: 'Queue', resource, remedy }], call);
}
