import {
  type EventSourceMappingConfiguration,
  ResourceConflictException,
  ResourceInUseException,
  ResourceNotFoundException,
} from '@aws-sdk/client-lambda';
import { clientFault, type SimulatedEnvironment } from '../../cloud/environment.js';
import { processedMessages, toRecord } from './simulated-batch.js';
import {
  arnOfSource,
  defaultBatchSize,
  type EventSourceServices,
  isQueue,
  requirePosition,
  requireSettings,
  requireSource,
  sourceIdentity,
} from './simulated-event-sources.js';

/** Seconds of every transition of a mapping. */
const transitionSeconds = 20;
/** Seconds between two polls of a queue. */
const pollSeconds = 1;

/** The state of a mapping. */
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
  /** Identifies the mapping. */
  readonly uuid: string;
  /** The ARN of the invoked function or alias. */
  readonly functionArn: string;
  /** The ARN of the source. The simulation delivers messages of queues only. */
  readonly eventSourceArn: string;
  /** The other settings. */
  parameters: Partial<EventSourceMappingConfiguration>;
  /** The state, which only a transition changes. */
  state: SimulatedMappingState;
  /**
   * Lambda's reason why it cannot read the source: `PROBLEM: …`. With a problem, `Enabling` ends in `Disabled`.
   * @default none
   */
  problem?: string | undefined;
}

interface Entry {
  readonly mapping: SimulatedEventSourceMapping;
  lastModified: number;
  stopPolling: (() => void) | undefined;
}

/** Invokes a function with a batch of records and returns its response; rejects when the function throws. */
export type DeliverRecords = (
  mapping: SimulatedEventSourceMapping,
  event: { readonly Records: readonly object[] },
) => Promise<unknown>;

/** Returns the time-out of the function with this ARN. */
export type TimeoutOf = (functionArn: string) => { readonly timeoutSeconds: number };

/** The event source mappings of the simulated Lambda, with their transitions and polls of SQS queues. */
export class SimulatedMappings {
  readonly #environment: SimulatedEnvironment;
  readonly #sources: EventSourceServices;
  readonly #deliver: DeliverRecords;
  readonly #timeoutOf: TimeoutOf;
  #entries: Entry[] = [];

  constructor(
    environment: SimulatedEnvironment,
    sources: EventSourceServices,
    functions: { readonly deliver: DeliverRecords; readonly timeoutOf: TimeoutOf },
  ) {
    this.#environment = environment;
    this.#sources = sources;
    this.#deliver = functions.deliver;
    this.#timeoutOf = functions.timeoutOf;
  }

  get all(): SimulatedEventSourceMapping[] {
    return this.#entries.map(({ mapping }) => mapping);
  }

  get(uuid: string): SimulatedEventSourceMapping {
    return this.#entry(uuid).mapping;
  }

  describe(uuid: string): EventSourceMappingConfiguration {
    const { mapping, lastModified } = this.#entry(uuid);
    const isStream = !isQueue(mapping.eventSourceArn);
    return {
      BatchSize: defaultBatchSize(mapping.eventSourceArn),
      ...(isStream && { LastProcessingResult: mapping.problem ?? 'No records processed' }),
      ...mapping.parameters,
      UUID: uuid,
      FunctionArn: mapping.functionArn,
      EventSourceArn: arnOfSource(mapping.eventSourceArn),
      EventSourceMappingArn: this.#environment.arn('lambda', `event-source-mapping:${uuid}`),
      State: mapping.state,
      LastModified: new Date(lastModified),
      StateTransitionReason: 'USER_INITIATED',
    };
  }

  /** Adds a mapping without a transition and without validation. */
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
    const identity = sourceIdentity(eventSourceArn, parameters);
    const twin = this.all.find(
      (other) =>
        other.functionArn === functionArn &&
        sourceIdentity(other.eventSourceArn, other.parameters) === identity,
    );
    if (twin !== undefined) {
      throw new ResourceConflictException(
        clientFault(
          `A mapping of the event source ${eventSourceArn} and the function ${functionArn} already exists, with the UUID ${twin.uuid}`,
          409,
        ),
      );
    }
    requirePosition(eventSourceArn, parameters);
    requireSettings(eventSourceArn, parameters);
    requireSource(eventSourceArn, this.#sources, this.#timeoutOf(functionArn));
    const { uuid } = this.add({ ...target, parameters, state: 'Creating' });
    this.#advance(this.#entry(uuid), enabled ? 'Enabled' : 'Disabled');
    return this.describe(uuid);
  }

  update(
    uuid: string,
    enabled: boolean | undefined,
    parameters: Partial<EventSourceMappingConfiguration>,
  ): EventSourceMappingConfiguration {
    const entry = this.#requireStable(uuid);
    const { mapping } = entry;
    const before = mapping.state;
    const after = enabled === undefined ? before : enabled ? 'Enabled' : 'Disabled';
    if (Object.keys(parameters).length > 0) {
      requireSettings(mapping.eventSourceArn, { ...mapping.parameters, ...parameters });
      mapping.parameters = { ...mapping.parameters, ...parameters };
    }
    this.#enter(entry, before === after ? 'Updating' : enabled ? 'Enabling' : 'Disabling');
    this.#advance(entry, after);
    return this.describe(uuid);
  }

  delete(uuid: string): EventSourceMappingConfiguration {
    const entry = this.#requireStable(uuid);
    this.#enter(entry, 'Deleting');
    this.#environment.clock.schedule(transitionSeconds, () => {
      entry.stopPolling?.();
      this.#entries = this.#entries.filter((other) => other !== entry);
    });
    return this.describe(uuid);
  }

  /** Ends a transition. A mapping that cannot read its source falls back to `Disabled`. */
  #advance(entry: Entry, next: SimulatedMappingState): void {
    this.#environment.clock.schedule(transitionSeconds, () => {
      const fallsBack = next === 'Enabled' && entry.mapping.problem !== undefined;
      this.#enter(entry, fallsBack ? 'Disabled' : next);
    });
  }

  /** Enters a state. A mapping polls its queue from `Enabled` until it is `Disabled` or deleted, also during transitions. */
  #enter(entry: Entry, state: SimulatedMappingState): void {
    entry.mapping.state = state;
    entry.lastModified = this.#environment.clock.now();
    if (state === 'Enabled' && isQueue(entry.mapping.eventSourceArn)) {
      entry.stopPolling ??= this.#environment.clock.every(pollSeconds, () => this.#poll(entry.mapping));
    }
    if (state === 'Disabled') {
      entry.stopPolling?.();
      entry.stopPolling = undefined;
    }
  }

  async #poll(mapping: SimulatedEventSourceMapping): Promise<void> {
    const { eventSourceArn, parameters } = mapping;
    const { sqs } = this.#sources;
    const { region } = this.#environment;
    try {
      const messages = sqs.receive(eventSourceArn, parameters.BatchSize ?? defaultBatchSize(eventSourceArn));
      if (messages.length === 0) return;
      const Records = messages.map((message) => toRecord(message, { eventSourceArn, region }));
      const response = await this.#deliver(mapping, { Records });
      for (const message of processedMessages(messages, response, parameters.FunctionResponseTypes))
        sqs.delete(eventSourceArn, message);
    } catch {
      // The queue was deleted, or the function threw: the messages are visible again after their visibility timeout.
    }
  }

  #requireStable(uuid: string): Entry {
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
}
