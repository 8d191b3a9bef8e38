import {
  DeregisterStreamConsumerCommand,
  DescribeStreamConsumerCommand,
  type KinesisClient,
  RegisterStreamConsumerCommand,
} from '@aws-sdk/client-kinesis';
import { type CallOptions, callAws, isAwsError } from '../core/aws-call.js';
import type { Clock } from '../core/clock.js';
import { isRefusedForNow } from '../core/failures.js';
import type { Logger } from '../core/logger.js';
import { unlessMissing } from '../core/not-found.js';
import { RecentWrites } from '../core/recent-writes.js';
import { explainRefusal, type Observation, toDescription } from './consumer.js';
import type { ConsumerDescription } from './types.js';

/** A change in progress. */
export interface ConsumerChange extends CallOptions {
  readonly elapsed: () => number;
  /** The last error with which Kinesis refused the change for now. */
  refusal?: Error;
  /** The state of the consumer at that time. */
  refusedIn?: string;
}

/** The consumers of one stream, and the calls that read and change them. */
export class StreamConsumers {
  readonly #kinesis: KinesisClient;
  readonly #streamArn: string;
  readonly #logger: Logger;
  /** A read may be older than these: then it shows no consumer, or one that is about to go. */
  readonly #registered: RecentWrites<ConsumerDescription>;
  /** By ARN, which differs for each registration. */
  readonly #deregistered: RecentWrites<'deregistered'>;

  constructor(options: { kinesis: KinesisClient; streamArn: string; clock: Clock; logger: Logger }) {
    this.#kinesis = options.kinesis;
    this.#streamArn = options.streamArn;
    this.#logger = options.logger;
    this.#registered = new RecentWrites(options.clock);
    this.#deregistered = new RecentWrites(options.clock);
  }

  /** The consumer as Kinesis describes it. */
  async describe(name: string, { signal }: CallOptions): Promise<Observation> {
    const call = { action: 'kinesis:DescribeStreamConsumer', resource: name, signal };
    const command = new DescribeStreamConsumerCommand({ StreamARN: this.#streamArn, ConsumerName: name });
    const response = callAws(call, (http) => this.#kinesis.send(command, http));
    const found = await unlessMissing(response, 'ResourceNotFoundException');
    return found && toDescription(found.ConsumerDescription, call);
  }

  /** One step of a registration: the consumer, or `undefined` while Kinesis refuses to register it. */
  async register(name: string, change: ConsumerChange): Promise<Observation> {
    const consumer = await this.describe(name, change);
    if (consumer !== undefined)
      return this.#wasDeregistered(consumer) ? { ...consumer, status: 'DELETING' } : consumer;
    const call = { action: 'kinesis:RegisterStreamConsumer', resource: name, signal: change.signal };
    const command = new RegisterStreamConsumerCommand({ StreamARN: this.#streamArn, ConsumerName: name });
    try {
      const { Consumer } = await callAws(call, (http) => this.#kinesis.send(command, http));
      this.#log('Registered stream consumer', name, change);
      const registered = toDescription(Consumer, call);
      this.#registered.record([name], registered);
      return registered;
    } catch (error) {
      // The consumer may have been registered meanwhile, or by this call when its first response was lost.
      const mayExist = isAwsError(error, 'ResourceInUseException') || isRefusedForNow(error);
      if (!(error instanceof Error) || !mayExist) throw explainRefusal(this.#streamArn, error);
      change.refusal = error;
      return this.describe(name, change);
    }
  }

  /** One step of a deregistration: `undefined` when the consumer is being deleted or gone. */
  async deregister(name: string, change: ConsumerChange): Promise<Observation> {
    const consumer = this.#notDeregistered(name, await this.describe(name, change));
    if (consumer === undefined || consumer.status === 'DELETING') return undefined;
    // Kinesis may refuse while a consumer is being created, and keeps refusing until the state changes.
    if (consumer.status === change.refusedIn && consumer.status !== 'ACTIVE') return consumer;
    const call = { action: 'kinesis:DeregisterStreamConsumer', resource: name, signal: change.signal };
    // By its ARN: an account other than the stream's own has no other way.
    const command = new DeregisterStreamConsumerCommand({ ConsumerARN: consumer.consumerArn });
    try {
      await callAws(call, (http) => this.#kinesis.send(command, http));
    } catch (error) {
      if (isAwsError(error, 'ResourceNotFoundException')) {
        this.#recordDeregistration(consumer);
        return this.#notDeregistered(name, await this.describe(name, change));
      }
      if (!(error instanceof Error) || !isRefusedForNow(error)) throw error;
      change.refusal = error;
      change.refusedIn = consumer.status;
      return consumer;
    }
    this.#recordDeregistration(consumer);
    this.#log('Deregistered stream consumer', name, change, { from: consumer.status });
    return undefined;
  }

  /** Returns the consumer to deregister: of two, the one that this tool has not deregistered yet. */
  #notDeregistered(name: string, consumer: Observation): Observation {
    const isCurrent = consumer !== undefined && !this.#wasDeregistered(consumer);
    return isCurrent ? consumer : this.#registered.get(name);
  }

  #wasDeregistered({ consumerArn }: ConsumerDescription): boolean {
    return this.#deregistered.get(consumerArn) !== undefined;
  }

  #recordDeregistration({ consumerName, consumerArn }: ConsumerDescription): void {
    this.#deregistered.record([consumerArn], 'deregistered');
    if (this.#registered.get(consumerName)?.consumerArn === consumerArn)
      this.#registered.forget(consumerName);
  }

  #log(message: string, resource: string, { elapsed }: ConsumerChange, data: { from?: string } = {}): void {
    this.#logger.info(message, { resource, stream: this.#streamArn, ...data, durationMs: elapsed() });
  }
}
