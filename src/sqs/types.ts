import type { SQSClient } from '@aws-sdk/client-sqs';
import type { CallOptions } from '../core/aws-call.js';
import type { ToolOptions } from '../core/tool-options.js';

/** The queues of one stack. */
export interface SqsStackOptions {
  /** The queue's name, or its URL when it belongs to another account. Two queues of one name are both given by URL. */
  readonly queue: string;
  /** The name or URL of its dead-letter queue, which is purged with it. */
  readonly deadLetterQueue?: string | undefined;
}

/** The clients that {@link SqsTools} works with. */
export interface SqsToolsClients {
  /** Purges queues, and reads their URLs and counts. */
  readonly sqs: SQSClient;
}

/** Options of {@link SqsTools}. */
export type SqsToolsOptions = ToolOptions<SqsStackOptions, SqsToolsClients>;

/** Options of {@link SqsTools.purgeQueues}. */
export interface PurgeQueuesOptions extends CallOptions {
  /**
   * When a purge is already under way, wait for its 60 s to pass and purge once more, so that messages which arrived
   * after it began go too.
   * @default false
   */
  readonly purgeAgain?: boolean | undefined;
}
