import type { ConsumerStatus, KinesisClient } from '@aws-sdk/client-kinesis';
import type { ToolOptions } from '../core/tool-options.js';

/** The stream consumer of one stack. */
export interface KinesisStackOptions {
  /** The name of the enhanced fan-out consumer. */
  readonly consumerName: string;
}

/** The clients that {@link KinesisTools} works with. */
export interface KinesisToolsClients {
  /** The client for Kinesis Data Streams. */
  readonly kinesis: KinesisClient;
}

/** Options of {@link KinesisTools}. */
export type KinesisToolsOptions = ToolOptions<KinesisStackOptions, KinesisToolsClients> & {
  /** The ARN of the stream that both stacks read. */
  readonly streamArn: string;
};

/** A consumer as Kinesis describes it. */
export interface ConsumerDescription {
  /** Its name. */
  readonly consumerName: string;
  /** Its ARN, for event source mappings. A consumer that is registered again gets a new one. */
  readonly consumerArn: string;
  /** `CREATING`, `ACTIVE`, `DELETING`, or a state that AWS has added since. */
  readonly status: ConsumerStatus | (string & {});
}

/** The states that {@link KinesisTools.waitForConsumerState} waits for: ready to read, or no longer there. */
export type ConsumerEndState = 'ACTIVE' | 'DELETED';
