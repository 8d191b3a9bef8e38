import {
  type EventSourceMappingConfiguration,
  InvalidParameterValueException,
  ResourceConflictException,
  ResourceInUseException,
  ResourceNotFoundException,
} from '@aws-sdk/client-lambda';
import { clientFault, type SimulatedEnvironment } from '../../cloud/environment.js';
import type { SimulatedMessage, SimulatedSqs } from '../sqs/simulated-sqs.js';

/** Every change of a mapping takes this long. */
const transitionSeconds = 20;
/** How often an enabled mapping asks its queue for messages. */
const pollSeconds = 1;

/** What Lambda says about a mapping. */
export type SimulatedMappingState =
  | 'Creating'
  | 'Enabling'
  | 'Enabled'
  | 'Disabling'
  | 'Disabled'
  | 'Updating'
  | 'Deleting';

/** An event source mapping of the simulated Lambda. */
export interface SimulatedEventSourceMapping {
  /** What identifies the mapping. */
  readonly uuid: string;
  /** The ARN of the function, or of the alias that the mapping invokes. */
  readonly functionArn: string;
  /** The ARN of the queue or stream that the mapping reads; only queues are really read. */
  readonly eventSourceArn: string;
  /** What else was said when the mapping was made or changed. */
  parameters: Partial<EventSourceMappingConfiguration>;
  /** Where the mapping is in its life. */
  state: SimulatedMappingState;
}

interface Entry {
  readonly mapping: SimulatedEventSourceMapping;
  lastModified: number;
  stopPolling: (() => void) | undefined;
}

/** Gives a batch of records to a function; rejects when the function throws. */
export type DeliverRecords = (
  mapping: SimulatedEventSourceMapping,
  event: { readonly Records: readonly object[] },
) => Promise<void>;

/** The event source mappings of the simulated Lambda: their transitions, and the polling of SQS queues. */
export class SimulatedMappings {
  readonly #environment: SimulatedEnvironment;
  readonly #sqs: SimulatedSqs;
  readonly #deliver: DeliverRecords;
  #entries: Entry[] = [];

  constructor(environment: SimulatedEnvironment, sqs: SimulatedSqs, deliver: DeliverRecords) {
    this.#environment = environment;
    this.#sqs = sqs;
    this.#deliver = deliver;
  }

  get all(): SimulatedEventSourceMapping[] {
    return this.#entries.map(({ mapping }) => mapping);
  }

  get(uuid: string): SimulatedEventSourceMapping {
    return this.#entry(uuid).mapping;
  }

  describe(uuid: string): EventSourceMappingConfiguration {
    const { mapping, lastModified } = this.#entry(uuid);
    return {
      BatchSize: 10,
      ...mapping.parameters,
      UUID: uuid,
      FunctionArn: mapping.functionArn,
      EventSourceArn: mapping.eventSourceArn,
      EventSourceMappingArn: this.#environment.arn('lambda', `event-source-mapping:${uuid}`),
      State: mapping.state,
      LastModified: new Date(lastModified),
      StateTransitionReason: 'USER_INITIATED',
    };
  }

  /** Puts a mapping there as it is, without a transition. */
  add(
    options: Pick<SimulatedEventSourceMapping, 'functionArn' | 'eventSourceArn' | 'state'> & {
      parameters?: Partial<EventSourceMappingConfiguration>;
    },
  ): SimulatedEventSourceMapping {
    const mapping = {
      uuid: this.#environment.nextId(),
      functionArn: options.functionArn,
      eventSourceArn: options.eventSourceArn,
      parameters: options.parameters ?? {},
      state: options.state,
    };
    const entry: Entry = { mapping, lastModified: 0, stopPolling: undefined };
    this.#entries.push(entry);
    this.#enter(entry, options.state);
    return mapping;
  }

  create(
    target: Pick<SimulatedEventSourceMapping, 'functionArn' | 'eventSourceArn'>,
    enabled: boolean,
    parameters: Partial<EventSourceMappingConfiguration>,
  ): EventSourceMappingConfiguration {
    const { eventSourceArn, functionArn } = target;
    const twin = this.all.find(
      (other) => other.eventSourceArn === eventSourceArn && other.functionArn === functionArn,
    );
    if (twin !== undefined) {
      throw new ResourceConflictException(
        clientFault(
          `The event source arn (" ${eventSourceArn} ") and function (" ${functionArn} ") provided mapping already exists. Please update or delete the existing mapping with UUID ${twin.uuid}`,
          409,
        ),
      );
    }
    if (this.#isQueue(eventSourceArn)) this.#requireQueue(eventSourceArn);
    const { uuid } = this.add({ ...target, parameters, state: 'Creating' });
    this.#moveOn(this.#entry(uuid), enabled ? 'Enabled' : 'Disabled');
    return this.describe(uuid);
  }

  update(
    uuid: string,
    enabled: boolean | undefined,
    parameters: Partial<EventSourceMappingConfiguration>,
  ): EventSourceMappingConfiguration {
    const entry = this.#settled(uuid);
    const before = entry.mapping.state;
    const after = enabled === undefined ? before : enabled ? 'Enabled' : 'Disabled';
    entry.mapping.parameters = { ...entry.mapping.parameters, ...parameters };
    this.#enter(entry, before === after ? 'Updating' : enabled ? 'Enabling' : 'Disabling');
    this.#moveOn(entry, after);
    return this.describe(uuid);
  }

  delete(uuid: string): EventSourceMappingConfiguration {
    const entry = this.#settled(uuid);
    this.#enter(entry, 'Deleting');
    this.#environment.clock.schedule(transitionSeconds, () => {
      entry.stopPolling?.();
      this.#entries = this.#entries.filter((other) => other !== entry);
    });
    return this.describe(uuid);
  }

  #moveOn(entry: Entry, next: SimulatedMappingState): void {
    this.#environment.clock.schedule(transitionSeconds, () => this.#enter(entry, next));
  }

  /** A mapping reads its queue from `Enabled` until it is `Disabled` or gone, also while it is on its way there. */
  #enter(entry: Entry, state: SimulatedMappingState): void {
    entry.mapping.state = state;
    entry.lastModified = this.#environment.clock.now();
    if (state === 'Enabled' && this.#isQueue(entry.mapping.eventSourceArn)) {
      entry.stopPolling ??= this.#environment.clock.every(pollSeconds, () => this.#poll(entry.mapping));
    }
    if (state === 'Disabled') {
      entry.stopPolling?.();
      entry.stopPolling = undefined;
    }
  }

  async #poll(mapping: SimulatedEventSourceMapping): Promise<void> {
    const { eventSourceArn, parameters } = mapping;
    try {
      const messages = this.#sqs.receive(eventSourceArn, parameters.BatchSize ?? 10);
      if (messages.length === 0) return;
      await this.#deliver(mapping, { Records: messages.map((it) => this.#toRecord(it, eventSourceArn)) });
      for (const message of messages) this.#sqs.delete(eventSourceArn, message);
    } catch {
      // The queue is gone, or the function threw: then the messages come back after their visibility timeout.
    }
  }

  #toRecord(message: SimulatedMessage, eventSourceARN: string) {
    return {
      messageId: message.id,
      receiptHandle: `${message.id}-${message.receiveCount}`,
      body: message.body,
      attributes: {
        ApproximateReceiveCount: String(message.receiveCount),
        SentTimestamp: String(message.sentAt),
      },
      messageAttributes: {},
      eventSource: 'aws:sqs',
      eventSourceARN,
      awsRegion: this.#environment.region,
    };
  }

  #settled(uuid: string): Entry {
    const entry = this.#entry(uuid);
    const { state } = entry.mapping;
    if (state !== 'Enabled' && state !== 'Disabled') {
      throw new ResourceInUseException(
        clientFault(`The event source mapping ${uuid} is in use: its state is ${state}.`),
      );
    }
    return entry;
  }

  #entry(uuid: string): Entry {
    const entry = this.#entries.find(({ mapping }) => mapping.uuid === uuid);
    if (entry === undefined) {
      throw new ResourceNotFoundException(clientFault('The resource you requested does not exist.', 404));
    }
    return entry;
  }

  #isQueue(eventSourceArn: string): boolean {
    return eventSourceArn.split(':')[2] === 'sqs';
  }

  #requireQueue(eventSourceArn: string): void {
    try {
      this.#sqs.queue(eventSourceArn);
    } catch {
      throw new InvalidParameterValueException(
        clientFault('Error occurred while ReceiveMessage. The specified queue does not exist.'),
      );
    }
  }
}
