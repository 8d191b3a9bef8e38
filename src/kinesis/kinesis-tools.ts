import { KinesisClient } from '@aws-sdk/client-kinesis';
import * as v from 'valibot';
import { type CallOptions, requireField } from '../core/aws-call.js';
import { resolveClients } from '../core/clients.js';
import type { Clock } from '../core/clock.js';
import { pollUntil, type WaitOptions } from '../core/poll-until.js';
import {
  callOptionsSchema,
  nonEmptyString,
  stackPair,
  strictObject,
  waitOptionsSchema,
} from '../core/schemas.js';
import { parseStackReference, type StackPair, type StackReference } from '../core/stack-reference.js';
import { stopwatch } from '../core/stopwatch.js';
import { toolDependencies, toolOptionsEntries } from '../core/tool-options.js';
import { parseInput, requireDistinct } from '../core/validate.js';
import { isActive, isRegistered, type Observation } from './consumer.js';
import { type ConsumerChange, StreamConsumers } from './stream-consumers.js';
import type {
  ConsumerDescription,
  ConsumerEndState,
  KinesisStackOptions,
  KinesisToolsClients,
  KinesisToolsOptions,
} from './types.js';

const defaultMaxWaitSeconds = 300;

const streamArnSchema = v.pipe(
  v.string(),
  v.check((value) => /^arn:[^:\s]+:kinesis:[^:\s]+:\d+:stream\/[\w.-]+$/.test(value), 'the ARN of a stream'),
);

const optionsSchema = strictObject({
  streamArn: streamArnSchema,
  ...stackPair(strictObject({ consumerName: nonEmptyString })),
  ...toolOptionsEntries,
});

const endStateSchema = v.picklist(['ACTIVE', 'DELETED'], '"ACTIVE" or "DELETED"');

/**
 * Registers and deregisters the enhanced fan-out consumer with which a stack reads a Kinesis data stream.
 *
 * @example
 * ```ts
 * import { KinesisTools } from 'aws-blue-green-toolkit/kinesis';
 *
 * const consumers = new KinesisTools({
 *   streamArn: 'arn:aws:kinesis:eu-west-1:123456789012:stream/orders',
 *   blue: { consumerName: 'orders-blue' },
 *   green: { consumerName: 'orders-green' },
 * });
 *
 * const { consumerArn } = await consumers.registerConsumer('green');
 * await consumers.waitForConsumerState('green', 'ACTIVE', { maxWaitSeconds: 300 });
 * await consumers.deregisterConsumer('blue');
 * console.log(`green reads through ${consumerArn}`);
 * ```
 */
export class KinesisTools {
  readonly #stacks: StackPair<KinesisStackOptions>;
  readonly #consumers: StreamConsumers;
  readonly #clock: Clock;

  /** @throws InvalidInputError when an option is missing, malformed or unknown, or when both stacks share a consumer. */
  constructor(options: KinesisToolsOptions) {
    const parsed = parseInput('KinesisTools options', optionsSchema, options);
    const { streamArn, blue, green } = parsed;
    const { clock, logger } = toolDependencies(parsed);
    requireDistinct('KinesisTools options', 'consumerName', [blue.consumerName], [green.consumerName]);
    const { kinesis } = resolveClients<KinesisToolsClients>(options, { kinesis: KinesisClient });
    this.#stacks = { blue, green };
    this.#clock = clock;
    this.#consumers = new StreamConsumers({ kinesis, streamArn, clock, logger });
  }

  /**
   * Registers the stack's consumer and returns its description. Returns when Kinesis has accepted it; the consumer can read
   * about a minute later ({@link waitForConsumerState}). A consumer that is already registered is returned unchanged. One
   * that is being deleted is waited for, and then registered again. So are a stream that is being changed, and the limit on
   * consumers that are created at the same time.
   *
   * @param options - `maxWaitSeconds` is 300 by default.
   * @remarks IAM: kinesis:DescribeStreamConsumer, kinesis:RegisterStreamConsumer
   * @throws ResourceNotFoundError when the stream does not exist; ResourceStateError when it has all the consumers that it
   * may have; WaitTimeoutError, InvalidInputError, AccessDeniedError, OperationAbortedError
   */
  async registerConsumer(stack: StackReference, options: WaitOptions = {}): Promise<ConsumerDescription> {
    const { name, change, ...wait } = this.#begin('registerConsumer', stack, options);
    const consumer = await this.#poll(name, wait, {
      expected: 'the consumer registered',
      change,
      observe: () => this.#consumers.register(name, change),
      isDone: isRegistered,
    });
    return requireField(consumer, 'Consumer', { action: 'kinesis:RegisterStreamConsumer', resource: name });
  }

  /**
   * Deregisters the stack's consumer. Returns when Kinesis has accepted it; the consumer is gone a little later ({@link
   * waitForConsumerState}). A consumer that is being deleted, or that is not registered, counts as success. One that is
   * being created is waited for when Kinesis refuses to delete it.
   *
   * @param options - `maxWaitSeconds` is 300 by default, for a consumer that is being created.
   * @remarks IAM: kinesis:DescribeStreamConsumer, kinesis:DeregisterStreamConsumer
   * @throws WaitTimeoutError, InvalidInputError, AccessDeniedError, OperationAbortedError
   */
  async deregisterConsumer(stack: StackReference, options: WaitOptions = {}): Promise<void> {
    const { name, change, ...wait } = this.#begin('deregisterConsumer', stack, options);
    await this.#poll(name, wait, {
      expected: 'the consumer being deleted',
      change,
      observe: () => this.#consumers.deregister(name, change),
      isDone: (consumer) => consumer === undefined,
    });
  }

  /**
   * Returns the stack's consumer as Kinesis describes it, or `undefined` when it is not registered. Kinesis reports
   * a missing stream in the same way.
   *
   * @remarks IAM: kinesis:DescribeStreamConsumer
   * @throws InvalidInputError, AccessDeniedError, OperationAbortedError
   */
  async describeConsumer(
    stack: StackReference,
    options: CallOptions = {},
  ): Promise<ConsumerDescription | undefined> {
    const { consumerName } = this.#stacks[parseStackReference(stack)];
    return this.#consumers.describe(
      consumerName,
      parseInput('describeConsumer options', callOptionsSchema, options),
    );
  }

  /**
   * Waits until the stack's consumer can read (`ACTIVE`), or until it is gone (`DELETED`). It neither registers nor
   * deregisters the consumer.
   *
   * @param options - `maxWaitSeconds` is 300 by default.
   * @remarks IAM: kinesis:DescribeStreamConsumer
   * @throws ResourceStateError when `ACTIVE` is waited for and the consumer is being deleted; WaitTimeoutError,
   * InvalidInputError, AccessDeniedError, OperationAbortedError
   */
  async waitForConsumerState(
    stack: StackReference,
    state: ConsumerEndState,
    options: WaitOptions = {},
  ): Promise<void> {
    const { name, change, ...wait } = this.#begin('waitForConsumerState', stack, options);
    const wanted = parseInput('consumer state', endStateSchema, state);
    await this.#poll(name, wait, {
      expected: `the consumer ${wanted}`,
      change,
      observe: () => this.#consumers.describe(name, wait),
      isDone: (consumer) => (wanted === 'DELETED' ? consumer === undefined : isActive(name, consumer)),
    });
  }

  #begin(method: string, stack: StackReference, options: WaitOptions) {
    const { consumerName: name } = this.#stacks[parseStackReference(stack)];
    const wait = parseInput(`${method} options`, waitOptionsSchema, options);
    const change: ConsumerChange = { elapsed: stopwatch(this.#clock), signal: wait.signal };
    return { name, change, ...wait };
  }

  #poll(
    name: string,
    { maxWaitSeconds = defaultMaxWaitSeconds, signal }: WaitOptions,
    wait: {
      expected: string;
      change: ConsumerChange;
      observe: () => Promise<Observation>;
      isDone: (consumer: Observation) => boolean;
    },
  ): Promise<Observation> {
    const { change, ...poll } = wait;
    return pollUntil({
      ...poll,
      resource: name,
      maxWaitSeconds,
      signal,
      intervalSeconds: 5,
      clock: this.#clock,
      describe: (consumer) => {
        const status = consumer?.status ?? 'no such consumer';
        return change.refusal === undefined ? status : `${status} (${change.refusal.message})`;
      },
      causeOf: () => change.refusal,
    });
  }
}
