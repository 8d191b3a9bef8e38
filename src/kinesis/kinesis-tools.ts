import {
  DeregisterStreamConsumerCommand,
  DescribeStreamConsumerCommand,
  KinesisClient,
  RegisterStreamConsumerCommand,
} from '@aws-sdk/client-kinesis';
import * as v from 'valibot';
import { type CallOptions, callAws, isAwsError, requireField } from '../core/aws-call.js';
import { resolveClients } from '../core/clients.js';
import { type Clock, systemClock } from '../core/clock.js';
import { type Logger, silentLogger } from '../core/logger.js';
import { pollUntil, type WaitOptions } from '../core/poll-until.js';
import { nonEmptyString, stackPair } from '../core/schemas.js';
import { parseStackReference, type StackPair, type StackReference } from '../core/stack-reference.js';
import { stopwatch } from '../core/stopwatch.js';
import { parseInput, requireDistinct } from '../core/validate.js';
import { explainRefusal, isActive, type Observation, toDescription } from './consumer.js';
import type {
  ConsumerDescription,
  ConsumerEndState,
  KinesisStackOptions,
  KinesisToolsClients,
  KinesisToolsOptions,
} from './types.js';

const defaultMaxWaitSeconds = 300;

const optionsSchema = v.object({
  streamArn: v.pipe(
    v.string(),
    v.check((value) => value.startsWith('arn:'), 'the ARN of a stream'),
  ),
  ...stackPair(v.object({ consumerName: nonEmptyString })),
});

/** A change that is under way. */
interface ConsumerChange {
  /** With which errors Kinesis has refused it so far. */
  readonly refusals: Error[];
  readonly elapsed: () => number;
}

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
  readonly #streamArn: string;
  readonly #stacks: StackPair<KinesisStackOptions>;
  readonly #kinesis: KinesisClient;
  readonly #clock: Clock;
  readonly #logger: Logger;
  /**
   * What this object has registered, by name, and deregistered, by ARN: a look may be older than that, and then shows no
   * consumer, or one that is about to go.
   */
  readonly #registered = new Map<string, ConsumerDescription>();
  readonly #deregistered = new Set<string>();

  /** @throws InvalidInputError when an option is missing or malformed, or when both stacks share a consumer. */
  constructor(options: KinesisToolsOptions) {
    const { streamArn, blue, green } = parseInput('KinesisTools options', optionsSchema, options);
    requireDistinct('KinesisTools options', 'consumerName', [blue.consumerName], [green.consumerName]);
    this.#streamArn = streamArn;
    this.#stacks = { blue, green };
    this.#kinesis = resolveClients<KinesisToolsClients>(options, { kinesis: KinesisClient }).kinesis;
    this.#clock = options.clock ?? systemClock;
    this.#logger = options.logger ?? silentLogger;
  }

  /**
   * Registers the stack's consumer, and gives its description. Returns when Kinesis has accepted it; it can read about a
   * minute later ({@link waitForConsumerState}). A consumer that is registered already is given back as it is; one that is being
   * deleted is waited out, and then registered anew.
   *
   * @param options - `maxWaitSeconds` is 300 by default, for a consumer that is being deleted.
   * @remarks IAM: kinesis:DescribeStreamConsumer, kinesis:RegisterStreamConsumer
   * @throws ResourceNotFoundError when there is no such stream; ResourceStateError when it can have no further consumer;
   * WaitTimeoutError, AccessDeniedError, OperationAbortedError
   */
  async registerConsumer(stack: StackReference, options: WaitOptions = {}): Promise<ConsumerDescription> {
    const { consumerName } = this.#stacks[parseStackReference(stack)];
    const change = { refusals: [], elapsed: stopwatch(this.#clock) };
    const consumer = await this.#poll(consumerName, options, {
      expected: 'the consumer registered',
      refusals: change.refusals,
      observe: async () =>
        (await this.#describe(consumerName, options)) ??
        (await this.#register(consumerName, options, change)),
      isDone: (seen) =>
        seen !== undefined && seen.status !== 'DELETING' && !this.#deregistered.has(seen.consumerArn),
    });
    return requireField(consumer, 'Consumer', {
      action: 'kinesis:RegisterStreamConsumer',
      resource: consumerName,
    });
  }

  /**
   * Takes the stack's consumer off the stream. Returns when Kinesis has accepted it; the consumer is gone a little later
   * ({@link waitForConsumerState}). A consumer that is being deleted, or that is not registered, counts as success; one that is
   * being created is waited for when Kinesis refuses to delete it.
   *
   * @param options - `maxWaitSeconds` is 300 by default, for a consumer that is being created.
   * @remarks IAM: kinesis:DescribeStreamConsumer, kinesis:DeregisterStreamConsumer
   * @throws WaitTimeoutError, AccessDeniedError, OperationAbortedError
   */
  async deregisterConsumer(stack: StackReference, options: WaitOptions = {}): Promise<void> {
    const { consumerName } = this.#stacks[parseStackReference(stack)];
    const change = { refusals: [], elapsed: stopwatch(this.#clock) };
    await this.#poll(consumerName, options, {
      expected: 'the consumer being deleted',
      refusals: change.refusals,
      observe: async () => {
        const seen = (await this.#describe(consumerName, options)) ?? this.#registered.get(consumerName);
        if (seen === undefined || seen.status === 'DELETING') return undefined;
        return (await this.#deregister(seen, options, change)) ? undefined : seen;
      },
      isDone: (seen) => seen === undefined,
    });
  }

  /**
   * The stack's consumer as Kinesis describes it, or `undefined` when it is not registered. Kinesis does not tell a
   * missing stream from a missing consumer.
   *
   * @remarks IAM: kinesis:DescribeStreamConsumer
   * @throws AccessDeniedError, OperationAbortedError
   */
  async describeConsumer(
    stack: StackReference,
    options: CallOptions = {},
  ): Promise<ConsumerDescription | undefined> {
    return this.#describe(this.#stacks[parseStackReference(stack)].consumerName, options);
  }

  /**
   * Waits until the stack's consumer can read (`ACTIVE`), or until it is gone (`DELETED`). It neither registers nor
   * deregisters it.
   *
   * @param options - `maxWaitSeconds` is 300 by default.
   * @remarks IAM: kinesis:DescribeStreamConsumer
   * @throws ResourceStateError when `ACTIVE` is waited for and the consumer is being deleted; WaitTimeoutError,
   * AccessDeniedError, OperationAbortedError
   */
  async waitForConsumerState(
    stack: StackReference,
    state: ConsumerEndState,
    options: WaitOptions = {},
  ): Promise<void> {
    const { consumerName } = this.#stacks[parseStackReference(stack)];
    parseInput('Consumer state', v.object({ state: v.picklist(['ACTIVE', 'DELETED']) }), { state });
    await this.#poll(consumerName, options, {
      expected: `the consumer ${state}`,
      observe: () => this.#describe(consumerName, options),
      isDone: (seen) => (state === 'DELETED' ? seen === undefined : isActive(consumerName, seen)),
    });
  }

  #poll(
    consumerName: string,
    { maxWaitSeconds = defaultMaxWaitSeconds, signal }: WaitOptions,
    wait: {
      expected: string;
      /** Told with what was seen, so that nobody has to guess what stood in the way. */
      refusals?: readonly Error[];
      observe: () => Promise<Observation>;
      isDone: (seen: Observation) => boolean;
    },
  ): Promise<Observation> {
    const { refusals = [], ...poll } = wait;
    return pollUntil({
      ...poll,
      resource: consumerName,
      maxWaitSeconds,
      signal,
      intervalSeconds: 5,
      clock: this.#clock,
      describe: (seen) => {
        const status = seen?.status ?? 'no such consumer';
        const refusal = refusals.at(-1);
        return refusal === undefined ? status : `${status} (${refusal.message})`;
      },
    });
  }

  async #describe(consumerName: string, { signal }: CallOptions): Promise<Observation> {
    const call = { action: 'kinesis:DescribeStreamConsumer', resource: consumerName, signal };
    const command = new DescribeStreamConsumerCommand({
      StreamARN: this.#streamArn,
      ConsumerName: consumerName,
    });
    try {
      const { ConsumerDescription } = await callAws(call, (http) => this.#kinesis.send(command, http));
      return toDescription(ConsumerDescription, call);
    } catch (error) {
      if (isAwsError(error, 'ResourceNotFoundException')) return undefined;
      throw error;
    }
  }

  /** The consumer, or `undefined` while something that is just going, or a change of the stream, is in its way. */
  async #register(
    consumerName: string,
    options: CallOptions,
    { refusals, elapsed }: ConsumerChange,
  ): Promise<Observation> {
    const call = {
      action: 'kinesis:RegisterStreamConsumer',
      resource: consumerName,
      signal: options.signal,
    };
    const command = new RegisterStreamConsumerCommand({
      StreamARN: this.#streamArn,
      ConsumerName: consumerName,
    });
    try {
      const { Consumer } = await callAws(call, (http) => this.#kinesis.send(command, http));
      this.#logger.info('Registered stream consumer', {
        resource: consumerName,
        stream: this.#streamArn,
        durationMs: elapsed(),
      });
      const registered = toDescription(Consumer, call);
      this.#registered.set(consumerName, registered);
      return registered;
    } catch (error) {
      // It was registered meanwhile, perhaps by this very call, whose first answer was lost.
      if (!isAwsError(error, 'ResourceInUseException')) throw explainRefusal(this.#streamArn, error);
      refusals.push(error);
      return this.#describe(consumerName, options);
    }
  }

  /** Whether the consumer is going or gone; Kinesis may refuse while it is being created. */
  async #deregister(
    { consumerArn, consumerName, status }: ConsumerDescription,
    { signal }: CallOptions,
    { refusals, elapsed }: ConsumerChange,
  ): Promise<boolean> {
    const call = { action: 'kinesis:DeregisterStreamConsumer', resource: consumerName, signal };
    // By its ARN: an account other than the stream's own has no other way.
    const command = new DeregisterStreamConsumerCommand({ ConsumerARN: consumerArn });
    try {
      await callAws(call, (http) => this.#kinesis.send(command, http));
    } catch (error) {
      if (isAwsError(error, 'ResourceNotFoundException')) {
        this.#registered.delete(consumerName);
        return true;
      }
      if (!isAwsError(error, 'ResourceInUseException')) throw error;
      refusals.push(error);
      return false;
    }
    this.#registered.delete(consumerName);
    this.#deregistered.add(consumerArn);
    this.#logger.info('Deregistered stream consumer', {
      resource: consumerName,
      stream: this.#streamArn,
      from: status,
      durationMs: elapsed(),
    });
    return true;
  }
}
