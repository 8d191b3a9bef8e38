import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import type { SQSClient } from '@aws-sdk/client-sqs';
import * as v from 'valibot';
import type { ClientOptions } from '../core/clients.js';
import { lazyClient, readyClients } from '../core/lazy-client.js';
import { nonEmptyString, secondsFrom, strictObject, wholeFrom } from '../core/schemas.js';
import { sqsModule } from '../core/sdk-modules-of-gates.js';
import { sleep } from '../core/sleep.js';
import { clientOptionsEntries } from '../core/tool-options.js';
import { parseInput } from '../core/validate.js';
import {
  describePerStack,
  describeTime,
  ofStack,
  type PerStack,
  perStack,
} from '../traffic/checks/check-options.js';
import type { Check } from '../traffic/types.js';
import { createGate, type GateContext, type GateReading, stackOf } from './gate.js';
import { gateEntries, type StackGateOptions, stackEntry } from './gate-options.js';
import { gatePermissions } from './permissions.js';
import {
  countDeadLettersBefore,
  type DeadLetterQueue,
  type QueueCounts,
  QueueReader,
} from './queue-reader.js';
import { metricReader, type ReadMetrics } from './read-metrics.js';

/** Clients of {@link queueDrained}. */
export interface QueueDrainedClients {
  /** Amazon SQS. */
  readonly sqs: SQSClient;
  /** Amazon CloudWatch, for the earlier count of a dead-letter queue that holds messages. */
  readonly cloudWatch: CloudWatchClient;
}

/** Options of {@link queueDrained}. */
export type QueueDrainedOptions = StackGateOptions &
  ClientOptions<QueueDrainedClients> & {
    /** Name or URL of the queue, or that of each stack. */
    readonly queue: PerStack<string>;
    /**
     * Number of reads in a row that must all show an empty queue: 1 to 20.
     * @default 3
     */
    readonly consecutiveReads?: number | undefined;
    /**
     * Seconds between two of these reads: 1 to 60. One evaluation lasts for all of them.
     * @default 10
     */
    readonly readIntervalSeconds?: number | undefined;
    /**
     * Seconds from the present weights, or from the first evaluation of a step, before which no count is believed. The counts of SQS
     * are approximate until a minute after the last message was sent.
     * @default 60
     */
    readonly settleSeconds?: number | undefined;
    /**
     * True to fail when the dead-letter queue of the queue holds more messages than when the shift or the step began.
     * @default true
     */
    readonly deadLetters?: boolean | undefined;
  };

const nameOrUrl = v.pipe(
  nonEmptyString,
  v.check((queue) => !queue.startsWith('arn:'), 'the name of a queue, or its URL; not its ARN'),
);

const optionsSchema = strictObject({
  ...gateEntries,
  ...stackEntry,
  ...clientOptionsEntries,
  queue: perStack(nameOrUrl),
  consecutiveReads: v.optional(wholeFrom(1, 20), 3),
  readIntervalSeconds: v.optional(secondsFrom(1, 60), 10),
  settleSeconds: v.optional(secondsFrom(0, 3_600), 60),
  deadLetters: v.optional(v.boolean(), true),
});

type Settings = v.InferOutput<typeof optionsSchema>;

/**
 * Passes when a queue has no visible, in-flight or delayed message in several reads in a row, and its dead-letter queue did not grow.
 * A dead-letter queue that holds messages is compared with its CloudWatch metric from before the beginning; without that metric the
 * gate is inconclusive. It fails when the dead-letter queue grew.
 *
 * @example
 * ```ts
 * import { queueDrained } from 'aws-blue-green-toolkit/gates';
 * import { check } from 'aws-blue-green-toolkit/swap';
 *
 * const drained = check(
 *   queueDrained({ queue: { blue: 'orders-blue', green: 'orders-green' }, stack: 'outgoing' }),
 *   { maxWaitSeconds: 1800 },
 * );
 * ```
 *
 * @remarks IAM: sqs:GetQueueUrl, sqs:GetQueueAttributes, and cloudwatch:GetMetricData when the dead-letter queue holds messages
 * @throws InvalidInputError when an option is missing, unknown or malformed.
 */
export function queueDrained(options: QueueDrainedOptions): Check {
  const settings = parseInput('queueDrained options', optionsSchema, options);
  const names = ['sqs', 'cloudWatch'] as const;
  const clients = readyClients<QueueDrainedClients>(settings, names);
  const { ready, config } = clients;
  const load = lazyClient(sqsModule, { ready: ready.sqs, config }, (sdk) => sdk.SQSClient);
  const readMetrics = metricReader(clients);
  return createGate({
    name: settings.name ?? `queueDrained ${describePerStack(settings.queue)}`,
    settings,
    permissions: gatePermissions.queueDrained,
    pauseSeconds: (settings.consecutiveReads - 1) * settings.readIntervalSeconds,
    async read(context) {
      const resource = ofStack<string>(settings.queue, stackOf(settings.stack, context));
      const reader = new QueueReader(await load(), { resource, signal: context.signal });
      return readQueue(reader, { ...settings, resource }, { context, readMetrics });
    },
  });
}

async function readQueue(
  reader: QueueReader,
  settings: Settings & { readonly resource: string },
  { context, readMetrics }: { readonly context: GateContext; readonly readMetrics: ReadMetrics },
): Promise<GateReading> {
  const { consecutiveReads, readIntervalSeconds, settleSeconds, resource } = settings;
  const { clock, signal, weightsSince, now } = context;
  const url = await reader.urlOf(resource);
  const deadLetterQueue = settings.deadLetters ? await reader.deadLetterQueueOf(url) : undefined;
  const readDeadLetters = async () =>
    deadLetterQueue && judgeDeadLetters(reader, deadLetterQueue, { context, readMetrics });
  const deadLettersBefore = await readDeadLetters();
  if (deadLettersBefore !== undefined && deadLettersBefore.state !== 'open') return deadLettersBefore;
  for (let read = 1; read <= consecutiveReads; read += 1) {
    const counts = await reader.count(url);
    if (totalOf(counts) > 0)
      return { state: 'closed', detail: describe(resource, counts), value: totalOf(counts) };
    if (read < consecutiveReads) await sleep(clock, readIntervalSeconds * 1000, { signal, resource });
  }
  // Again, because the last messages of the queue can have become dead letters meanwhile.
  const deadLetters = await readDeadLetters();
  if (deadLetters !== undefined && deadLetters.state !== 'open') return deadLetters;
  const readyAt = weightsSince + settleSeconds * 1000;
  const shown = `${resource} was empty in ${consecutiveReads} reads${deadLetters ? `, and ${deadLetters.detail}` : ''}`;
  if (now < readyAt)
    return { state: 'early', detail: `${shown}; the counts are approximate until ${describeTime(readyAt)}` };
  return { state: 'open', detail: shown, value: 0 };
}

/** Compares a dead-letter queue with its count at the beginning. */
async function judgeDeadLetters(
  reader: QueueReader,
  queue: DeadLetterQueue,
  { context, readMetrics }: { readonly context: GateContext; readonly readMetrics: ReadMetrics },
): Promise<GateReading> {
  const value = totalOf(await reader.count(queue.url));
  // An empty queue did not grow, and SQS sends no metrics of a queue without activity.
  if (value === 0) return { state: 'open', detail: `${queue.name} is empty` };
  const before = await countDeadLettersBefore(queue.name, context, readMetrics);
  const holds = `${queue.name} holds ${value} messages`;
  if (typeof before === 'string')
    return {
      state: 'unknown',
      detail: `${holds}, and its count from the beginning is unknown: ${before}`,
      value,
    };
  if (value > before) return { state: 'broken', detail: `${holds}, ${before} at the beginning`, value };
  return { state: 'open', detail: `${holds}, as many as ${before} at the beginning` };
}

function totalOf({ visible, inFlight, delayed }: QueueCounts): number {
  return visible + inFlight + delayed;
}

function describe(resource: string, { visible, inFlight, delayed }: QueueCounts): string {
  return `${resource} has ${visible} visible, ${inFlight} in-flight and ${delayed} delayed messages`;
}
