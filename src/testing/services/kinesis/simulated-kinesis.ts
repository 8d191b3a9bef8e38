import {
  type Consumer,
  type ConsumerStatus,
  type DeregisterStreamConsumerCommandInput,
  type DescribeStreamConsumerCommandInput,
  type DescribeStreamConsumerCommandOutput,
  LimitExceededException,
  type RegisterStreamConsumerCommandInput,
  type RegisterStreamConsumerCommandOutput,
  ResourceInUseException,
  ResourceNotFoundException,
} from '@aws-sdk/client-kinesis';
import {
  clientFault,
  type OperationOutput,
  required,
  type SimulatedEnvironment,
  type SimulatedService,
} from '../../cloud/environment.js';
import { requireOptions } from '../../cloud/require-options.js';

const registrationSeconds = 60;
const deregistrationSeconds = 30;
const maxConsumers = 20;
const maxInCreation = 5;

/** A data stream of the {@link SimulatedKinesis}. */
export interface SimulatedStream {
  /** The stream's name. */
  readonly name: string;
  /** The stream's ARN. */
  readonly arn: string;
}

/** An enhanced fan-out consumer of a {@link SimulatedStream}. */
export interface SimulatedConsumer {
  /** The consumer's name. */
  readonly name: string;
  /** The consumer's ARN, which differs for each registration. */
  readonly arn: string;
  /** The ARN of its stream. */
  readonly streamArn: string;
  /** The virtual time of its registration, in milliseconds since 1970. */
  readonly createdAt: number;
  /** `CREATING`, `ACTIVE` or `DELETING`. */
  status: ConsumerStatus;
}

/** Kinesis Data Streams in memory: streams and their enhanced fan-out consumers. */
export class SimulatedKinesis implements SimulatedService {
  readonly serviceId = 'Kinesis';
  readonly iamPrefix = 'kinesis';
  readonly throttlingError = 'LimitExceededException';
  /** @internal */
  readonly operations = {
    RegisterStreamConsumer: (
      input: RegisterStreamConsumerCommandInput,
    ): OperationOutput<RegisterStreamConsumerCommandOutput> => {
      const stream = this.#stream(required(input.StreamARN, 'StreamARN'));
      const name = required(input.ConsumerName, 'ConsumerName');
      const others = this.#consumers.filter(({ streamArn }) => streamArn === stream.arn);
      if (others.some((consumer) => consumer.name === name)) {
        throw new ResourceInUseException(
          clientFault(`Consumer ${name} under stream ${stream.name} already exists`),
        );
      }
      const inCreation = others.filter(({ status }) => status === 'CREATING');
      if (others.length >= maxConsumers) {
        throw new LimitExceededException(
          clientFault(`Stream ${stream.name} has ${maxConsumers} consumers, the most that it may have`),
        );
      }
      // Unlike the limit above, this one ends within a minute.
      if (inCreation.length >= maxInCreation) {
        throw new LimitExceededException(
          clientFault(`Stream ${stream.name} has ${maxInCreation} consumers that are being created`),
        );
      }
      const consumer = this.addConsumer({ streamArn: stream.arn, name, status: 'CREATING' });
      this.#environment.clock.schedule(registrationSeconds, () => {
        consumer.status = 'ACTIVE';
      });
      return { Consumer: describe(consumer) };
    },

    DeregisterStreamConsumer: (input: DeregisterStreamConsumerCommandInput): void => {
      const consumer = this.#wanted(input);
      // The documentation names no state in which Kinesis refuses. The simulation uses the strictest possible rule.
      if (consumer.status !== 'ACTIVE') {
        throw new ResourceInUseException(clientFault(`Consumer ${consumer.name} is not in ACTIVE status`));
      }
      consumer.status = 'DELETING';
      this.#environment.clock.schedule(deregistrationSeconds, () => {
        this.#consumers = this.#consumers.filter((other) => other !== consumer);
      });
    },

    DescribeStreamConsumer: (
      input: DescribeStreamConsumerCommandInput,
    ): OperationOutput<DescribeStreamConsumerCommandOutput> => {
      const consumer = this.#wanted(input);
      return { ConsumerDescription: { ...describe(consumer), StreamARN: consumer.streamArn } };
    },
  };

  readonly #environment: SimulatedEnvironment;
  readonly #streams: SimulatedStream[] = [];
  #consumers: SimulatedConsumer[] = [];

  constructor(environment: SimulatedEnvironment) {
    this.#environment = environment;
  }

  /** Creates a stream. */
  addStream(options: { name: string }): SimulatedStream {
    requireOptions('SimulatedKinesis.addStream', options, { name: 'text' });
    const stream = { name: options.name, arn: this.#environment.arn('kinesis', `stream/${options.name}`) };
    this.#streams.push(stream);
    return stream;
  }

  /** Adds a consumer in any state, which it keeps. */
  addConsumer(options: { streamArn: string; name: string; status?: ConsumerStatus }): SimulatedConsumer {
    requireOptions('SimulatedKinesis.addConsumer', options, {
      streamArn: 'text',
      name: 'text',
      status: 'optional',
    });
    const { arn } = this.#stream(options.streamArn);
    const createdAt = this.#environment.clock.now();
    const consumer: SimulatedConsumer = {
      name: options.name,
      arn: `${arn}/consumer/${options.name}:${Math.floor(createdAt / 1000)}`,
      streamArn: arn,
      createdAt,
      status: options.status ?? 'ACTIVE',
    };
    this.#consumers.push(consumer);
    return consumer;
  }

  /** Returns the stream of this ARN, or `undefined` when it does not exist. */
  findStream(arn: string): SimulatedStream | undefined {
    return this.#streams.find((stream) => stream.arn === arn);
  }

  /** Returns the consumer of this name, or `undefined` when it is not registered. */
  findConsumer(streamArn: string, name: string): SimulatedConsumer | undefined {
    return this.#consumers.find((consumer) => consumer.streamArn === streamArn && consumer.name === name);
  }

  #wanted(input: DescribeStreamConsumerCommandInput): SimulatedConsumer {
    const consumer =
      input.ConsumerARN === undefined
        ? this.findConsumer(
            this.#stream(required(input.StreamARN, 'StreamARN')).arn,
            required(input.ConsumerName, 'ConsumerName'),
          )
        : this.#consumers.find(({ arn }) => arn === input.ConsumerARN);
    if (consumer !== undefined) return consumer;
    const wanted = input.ConsumerARN ?? input.ConsumerName;
    throw new ResourceNotFoundException(clientFault(`Consumer ${wanted} not found`));
  }

  #stream(arn: string): SimulatedStream {
    const stream = this.findStream(arn);
    if (stream === undefined) throw new ResourceNotFoundException(clientFault(`Stream ${arn} not found`));
    return stream;
  }
}

function describe(consumer: SimulatedConsumer): Consumer {
  return {
    ConsumerName: consumer.name,
    ConsumerARN: consumer.arn,
    ConsumerStatus: consumer.status,
    ConsumerCreationTimestamp: new Date(consumer.createdAt),
  };
}
