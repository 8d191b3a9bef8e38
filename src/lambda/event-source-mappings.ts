import {
  CreateEventSourceMappingCommand,
  DeleteEventSourceMappingCommand,
  type EventSourceMappingConfiguration,
  GetEventSourceMappingCommand,
  type LambdaClient,
  paginateListEventSourceMappings,
  UpdateEventSourceMappingCommand,
} from '@aws-sdk/client-lambda';
import { type CallOptions, callAws, collectPages, isAwsError, requireField } from '../core/aws-call.js';
import type { Clock } from '../core/clock.js';
import { ResourceStateError } from '../core/errors.js';
import type { Logger } from '../core/logger.js';
import { mapConcurrently } from '../core/map-concurrently.js';
import { type Poll, pollUntil, type WaitOptions } from '../core/poll-until.js';
import { RecentWrites } from '../core/recent-writes.js';
import { stopwatch } from '../core/stopwatch.js';
import { isArnOf, qualifiedName } from './function-names.js';
import { decideSwitch, isSameMapping } from './mapping-decisions.js';
import type {
  EventMappingOptions,
  EventMappingReport,
  EventMappingState,
  EventSourceMappingParameters,
  LambdaStackOptions,
} from './types.js';

const defaultMaxWaitSeconds = 300;
const intervalSeconds = 5;

/** With these Lambda refuses a change while another one is under way; creating also when the mapping exists. */
const busyErrors = ['ResourceInUseException', 'ResourceConflictException'];

/** The event source mappings of the stacks' functions. */
export class EventSourceMappings {
  readonly #lambda: LambdaClient;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #lastSet: RecentWrites<EventMappingState>;
  /** The UUIDs of what this object has created, with the function, and deleted: a look may be older than that. */
  readonly #created = new Map<string, string>();
  readonly #deleted = new Set<string>();

  constructor({ lambda, clock, logger }: { lambda: LambdaClient; clock: Clock; logger: Logger }) {
    this.#lambda = lambda;
    this.#clock = clock;
    this.#lastSet = new RecentWrites(clock);
    this.#logger = logger;
  }

  /** Every mapping of the function, or of its alias; AWS's listing may show those of other aliases too. */
  async list(
    stack: LambdaStackOptions,
    { signal }: CallOptions,
    eventSourceArn?: string,
  ): Promise<EventSourceMappingConfiguration[]> {
    const call = { action: 'lambda:ListEventSourceMappings', resource: qualifiedName(stack), signal };
    const input = { FunctionName: qualifiedName(stack), EventSourceArn: eventSourceArn };
    const mappings = await collectPages(
      call,
      (http) => paginateListEventSourceMappings({ client: this.#lambda }, input, http),
      (page) => page.EventSourceMappings,
    );
    return mappings.filter(({ FunctionArn }) =>
      isArnOf(requireField(FunctionArn, 'FunctionArn', call), stack),
    );
  }

  async create(
    stack: LambdaStackOptions,
    eventSourceArn: string,
    parameters: EventSourceMappingParameters,
    options: EventMappingOptions,
  ): Promise<EventSourceMappingConfiguration> {
    const resource = `${qualifiedName(stack)} with ${eventSourceArn}`;
    const call = { action: 'lambda:CreateEventSourceMapping', resource, signal: options.signal };
    const elapsed = stopwatch(this.#clock);
    const input = { ...parameters, FunctionName: qualifiedName(stack), EventSourceArn: eventSourceArn };
    const { mapping } = await this.#poll(resource, 'an event source mapping', options, {
      observe: async () => {
        try {
          const command = new CreateEventSourceMappingCommand(input);
          const created = await callAws(call, (http) => this.#lambda.send(command, http));
          const uuid = requireField(created.UUID, 'UUID', call);
          this.#created.set(uuid, qualifiedName(stack));
          this.#logger.info('Created event source mapping', { resource, uuid, durationMs: elapsed() });
          return { mapping: created, refusal: '' };
        } catch (error) {
          if (!isAwsError(error, ...busyErrors)) throw error;
          const existing = await this.list(stack, options, eventSourceArn);
          const staying = existing.filter(({ UUID }) => UUID === undefined || !this.#deleted.has(UUID));
          return { mapping: staying.find((it) => isSameMapping(it, parameters)), refusal: error.message };
        }
      },
      isDone: (it) => it.mapping !== undefined,
      describe: ({ refusal }) => refusal,
    });
    return requireField(mapping, 'UUID', call);
  }

  async delete(stack: LambdaStackOptions, uuid: string, options: EventMappingOptions): Promise<void> {
    const resource = `event source mapping ${uuid}`;
    const elapsed = stopwatch(this.#clock);
    const call = { action: 'lambda:DeleteEventSourceMapping', resource, signal: options.signal };
    await this.#untilAccepted(resource, 'a state in which it can be deleted', options, async () => {
      const mapping = await this.#find(uuid, options);
      const isOurs = this.#created.get(uuid) === qualifiedName(stack);
      if (mapping?.State === 'Deleting' || (mapping === undefined && !isOurs)) return undefined;
      if (mapping !== undefined) requireOwn(mapping, uuid, stack);
      const from = mapping === undefined ? 'unknown' : stateOf(mapping);
      const command = new DeleteEventSourceMappingCommand({ UUID: uuid });
      if (!(await isAccepted(callAws(call, (http) => this.#lambda.send(command, http))))) return from;
      this.#created.delete(uuid);
      this.#deleted.add(uuid);
      this.#logger.info('Deleted event source mapping', {
        resource: uuid,
        from,
        durationMs: elapsed(),
      });
      return undefined;
    });
  }

  async switchAll(
    stack: LambdaStackOptions,
    wanted: EventMappingState,
    options: EventMappingOptions,
  ): Promise<EventMappingReport> {
    const mappings = await this.list(stack, options);
    // A wrong name or alias looks just like this: AWS lists nothing for it.
    if (mappings.length === 0)
      this.#logger.warn('Found no event source mappings', { resource: qualifiedName(stack) });
    const outcomes = await mapConcurrently(mappings, async (mapping) => {
      const uuid = uuidOf(mapping);
      return { uuid, changed: await this.#switch(uuid, mapping, wanted, options) };
    });
    return {
      changed: outcomes.filter(({ changed }) => changed).map(({ uuid }) => uuid),
      unchanged: outcomes.filter(({ changed }) => !changed).map(({ uuid }) => uuid),
    };
  }

  async waitFor(stack: LambdaStackOptions, wanted: EventMappingState, options: WaitOptions): Promise<void> {
    await this.#poll(qualifiedName(stack), `every event source mapping ${wanted}`, options, {
      observe: () => this.list(stack, options),
      isDone: (mappings) =>
        mappings.every(({ State }) => State === wanted) && (mappings.length > 0 || wanted === 'Disabled'),
      describe: (mappings) =>
        mappings.map(({ UUID, State }) => `${UUID} ${State}`).join(', ') || 'no mapping at all',
    });
  }

  /** Whether the mapping had to be changed. */
  async #switch(
    uuid: string,
    listed: EventSourceMappingConfiguration,
    wanted: EventMappingState,
    options: EventMappingOptions,
  ): Promise<boolean> {
    const resource = `event source mapping ${uuid}`;
    const call = { action: 'lambda:UpdateEventSourceMapping', resource, signal: options.signal };
    const elapsed = stopwatch(this.#clock);
    const change: { from?: string | undefined } = {};
    const mayBeOld = this.#lastSet.mayBeOther(uuid, wanted);
    let known: EventSourceMappingConfiguration | undefined = listed;
    await this.#untilAccepted(resource, `the state ${wanted}`, options, async () => {
      const mapping = known ?? (await this.#find(uuid, options));
      known = undefined;
      const state = mapping === undefined ? 'Deleting' : stateOf(mapping);
      const step = decideSwitch(state, wanted, mayBeOld);
      if (state === 'Deleting') change.from = undefined;
      if (step !== 'change') return step === 'wait' ? state : undefined;
      change.from = state;
      const command = new UpdateEventSourceMappingCommand({ UUID: uuid, Enabled: wanted === 'Enabled' });
      const send = () => callAws(call, (http) => this.#lambda.send(command, http));
      return (await isAccepted(this.#lastSet.change([uuid], wanted, send))) ? undefined : state;
    });
    if (change.from === undefined) return false;
    this.#logger.info('Switched event source mapping', {
      resource: uuid,
      from: change.from,
      to: wanted,
      durationMs: elapsed(),
    });
    return true;
  }

  /** The mapping as it is now, unless it is gone. */
  async #find(uuid: string, { signal }: CallOptions): Promise<EventSourceMappingConfiguration | undefined> {
    const command = new GetEventSourceMappingCommand({ UUID: uuid });
    const call = {
      action: 'lambda:GetEventSourceMapping',
      resource: `event source mapping ${uuid}`,
      signal,
    };
    try {
      return await callAws(call, (http) => this.#lambda.send(command, http));
    } catch (error) {
      if (isAwsError(error, 'ResourceNotFoundException')) return undefined;
      throw error;
    }
  }

  /** Repeats an attempt until nothing stands in its way any more: it gives the state that does, if any. */
  async #untilAccepted(
    resource: string,
    expected: string,
    options: EventMappingOptions,
    attempt: () => Promise<string | undefined>,
  ): Promise<void> {
    await this.#poll(resource, expected, options, {
      observe: attempt,
      isDone: (obstacle) => obstacle === undefined,
      describe: (obstacle) => `the state ${obstacle}`,
    });
  }

  #poll<T>(
    resource: string,
    expected: string,
    { maxWaitSeconds = defaultMaxWaitSeconds, signal }: WaitOptions,
    steps: Pick<Poll<T>, 'observe' | 'isDone' | 'describe'>,
  ): Promise<T> {
    return pollUntil({
      resource,
      expected,
      maxWaitSeconds,
      signal,
      intervalSeconds,
      clock: this.#clock,
      ...steps,
    });
  }
}

/** Whether Lambda took the change; it does not during another one. There is nothing to change in what is gone. */
async function isAccepted(change: Promise<unknown>): Promise<boolean> {
  try {
    await change;
    return true;
  } catch (error) {
    if (isAwsError(error, 'ResourceNotFoundException')) return true;
    if (isAwsError(error, ...busyErrors)) return false;
    throw error;
  }
}

function requireOwn(
  { FunctionArn }: EventSourceMappingConfiguration,
  uuid: string,
  stack: LambdaStackOptions,
): void {
  if (FunctionArn !== undefined && isArnOf(FunctionArn, stack)) return;
  throw new ResourceStateError(`Event source mapping ${uuid} is not the stack's`, {
    resource: uuid,
    expected: `a mapping of ${qualifiedName(stack)}`,
    actual: `one of ${FunctionArn}`,
    remedy: 'Take the UUID from listEventSourceMappings of the same stack',
  });
}

/** A state that is not told is one that is not known, and is waited out. */
function stateOf({ State = 'unknown' }: EventSourceMappingConfiguration): string {
  return State;
}

function uuidOf({ UUID, FunctionArn }: EventSourceMappingConfiguration): string {
  return requireField(UUID, 'UUID', {
    action: 'lambda:ListEventSourceMappings',
    resource: String(FunctionArn),
  });
}
