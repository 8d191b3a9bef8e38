import {
  CreateEventSourceMappingCommand,
  DeleteEventSourceMappingCommand,
  type EventSourceMappingConfiguration,
  type LambdaClient,
  UpdateEventSourceMappingCommand,
} from '@aws-sdk/client-lambda';
import { type CallOptions, callAws, isAwsError, requireField } from '../core/aws-call.js';
import type { Clock } from '../core/clock.js';
import { messageOf } from '../core/describe-error.js';
import { ResourceStateError, WaitTimeoutError } from '../core/errors.js';
import { isConflict, isRefusedForNow, isThrottle } from '../core/failures.js';
import type { Logger } from '../core/logger.js';
import { mapConcurrently } from '../core/map-concurrently.js';
import { requireMatch } from '../core/match-options.js';
import { type Poll, pollUntil, type WaitOptions } from '../core/poll-until.js';
import { RecentWrites } from '../core/recent-writes.js';
import { stopwatch } from '../core/stopwatch.js';
import { isArnOf, partsOf, qualifiedName } from './function-names.js';
import { requireFunction } from './function-reads.js';
import { decideSwitch, isSameMapping, type MappingWrite, stateOf } from './mapping-decisions.js';
import { MappingReader, uuidOf } from './mapping-reader.js';
import { MappingWait, MappingWaits, type ReadMapping } from './mapping-wait.js';
import { describeSource, type EventSource } from './options.js';
import type {
  EventMappingMatchOptions,
  EventMappingOptions,
  EventMappingReport,
  EventMappingState,
  EventMappingSwitchOptions,
  LambdaStackOptions,
} from './types.js';

const defaultMaxWaitSeconds = 300;
const intervalSeconds = 5;

/** An attempt at a change, and AWS's refusal if it was refused for now. */
interface Attempt {
  /** The state that prevents the change; undefined once none does. */
  readonly obstacle?: string | undefined;
  readonly refusal?: unknown;
}

/** The event source mappings of the stacks' functions. */
export class EventSourceMappings {
  readonly #lambda: LambdaClient;
  readonly #clock: Clock;
  readonly #logger: Logger;
  /** By UUID. */
  readonly #recentWrites: RecentWrites<MappingWrite>;
  readonly #reader: MappingReader;
  readonly #waits: MappingWaits;

  constructor({ lambda, clock, logger }: { lambda: LambdaClient; clock: Clock; logger: Logger }) {
    this.#lambda = lambda;
    this.#clock = clock;
    this.#recentWrites = new RecentWrites(clock);
    this.#reader = new MappingReader(lambda, this.#recentWrites);
    this.#waits = new MappingWaits(clock);
    this.#logger = logger;
  }

  /** Every mapping of the function, or of its alias. */
  async list(
    stack: LambdaStackOptions,
    options: CallOptions,
    eventSourceArn?: string,
  ): Promise<readonly EventSourceMappingConfiguration[]> {
    const { own } = await this.#reader.list(stack, options, eventSourceArn);
    return own;
  }

  async create(
    stack: LambdaStackOptions,
    source: EventSource,
    options: EventMappingOptions,
  ): Promise<EventSourceMappingConfiguration> {
    const resource = `${qualifiedName(stack)} with ${describeSource(source)}`;
    const call = { action: 'lambda:CreateEventSourceMapping', resource, signal: options.signal };
    const elapsed = stopwatch(this.#clock);
    const command = new CreateEventSourceMappingCommand({ ...source, FunctionName: qualifiedName(stack) });
    const { mapping } = await this.#poll(resource, 'an event source mapping', options, {
      observe: async () => {
        try {
          const created = await callAws(call, (http) => this.#lambda.send(command, http));
          const uuid = requireField(created.UUID, 'UUID', call);
          const outcome = source.Enabled === false ? 'Disabled' : 'Enabled';
          this.#recentWrites.record([uuid], this.#writeOf(stack, { outcome, isNew: true }, created));
          this.#logger.info('Created event source mapping', { resource, uuid, durationMs: elapsed() });
          return { mapping: created };
        } catch (refusal) {
          return { mapping: await this.#findConflicting(stack, source, { refusal, ...options }), refusal };
        }
      },
      isDone: (it) => it.mapping !== undefined,
      describe: ({ refusal }) => messageOf(refusal),
      causeOf: ({ refusal }) => refusal,
    });
    return requireField(mapping, 'UUID', call);
  }

  async delete(stack: LambdaStackOptions, uuid: string, options: EventMappingOptions): Promise<void> {
    const resource = `event source mapping ${uuid}`;
    const elapsed = stopwatch(this.#clock);
    const call = { action: 'lambda:DeleteEventSourceMapping', resource, signal: options.signal };
    await this.#untilAccepted(resource, 'a state in which it can be deleted', options, async () => {
      const mapping = await this.#reader.find(uuid, options);
      const write = this.#recentWrites.get(uuid);
      const mayExist = write?.isNew === true && write.owner === qualifiedName(stack);
      if (mapping?.State === 'Deleting' || (mapping === undefined && !mayExist)) return {};
      if (mapping !== undefined) requireOwn(mapping, uuid, stack);
      const from = mapping === undefined ? 'unknown' : stateOf(mapping);
      const command = new DeleteEventSourceMappingCommand({ UUID: uuid });
      const { refusal } = await attempt(callAws(call, (http) => this.#lambda.send(command, http)));
      if (refusal !== undefined) return { obstacle: from, refusal };
      this.#recentWrites.record([uuid], this.#writeOf(stack, { outcome: 'Deleted', isNew: false }));
      this.#logger.info('Deleted event source mapping', { resource: uuid, from, durationMs: elapsed() });
      return {};
    });
  }

  async switchAll(
    stack: LambdaStackOptions,
    wanted: EventMappingState,
    { only, ...options }: EventMappingSwitchOptions,
  ): Promise<EventMappingReport> {
    const { own, others } = await this.#reader.listWithRecent(stack, options);
    this.#waits.clear();
    requireMatch(own, options, {
      what: `event source mappings of ${qualifiedName(stack)}`,
      resource: qualifiedName(stack),
      remedy: remedyFor(others),
    });
    const wantedOnes = own.filter((it) => only?.includes(uuidOf(it)) ?? true);
    const outcomes = await mapConcurrently(wantedOnes, async (mapping) => {
      const uuid = uuidOf(mapping);
      return { uuid, changed: await this.#switch(uuid, mapping, wanted, { stack, ...options }) };
    });
    return {
      changed: outcomes.filter(({ changed }) => changed).map(({ uuid }) => uuid),
      unchanged: outcomes.filter(({ changed }) => !changed).map(({ uuid }) => uuid),
    };
  }

  async waitFor(
    stack: LambdaStackOptions,
    wanted: EventMappingState,
    options: EventMappingMatchOptions,
  ): Promise<void> {
    const { allowNone = false } = options;
    const key = JSON.stringify([qualifiedName(stack), wanted, allowNone]);
    const wait = this.#waits.resume(
      key,
      () =>
        new MappingWait(wanted, {
          isEnoughWithoutMapping: allowNone || wanted === 'Disabled',
          wasAccepted: (uuid) => this.#recentWrites.get(uuid)?.outcome === wanted,
        }),
    );
    try {
      await this.#poll(qualifiedName(stack), `every event source mapping ${wanted}`, options, {
        observe: () => this.#read(stack, wait, options),
        isDone: (mappings) => wait.isOver(mappings),
        describe: (mappings) => wait.describe(mappings),
      });
    } catch (error) {
      if (error instanceof WaitTimeoutError) this.#waits.pause(key, wait);
      throw error;
    }
  }

  async #read(
    stack: LambdaStackOptions,
    wait: MappingWait,
    options: EventMappingMatchOptions,
  ): Promise<ReadMapping[]> {
    const { own } = await this.#reader.listWithRecent(stack, options);
    // A misspelt function has no mappings either.
    if (own.length === 0 && options.allowNone !== true && wait.isFirstRead)
      await requireFunction(this.#lambda, stack, options);
    return own.map((mapping) => this.#reader.readOf(mapping));
  }

  /** Returns the mapping that caused the refusal of a creation. Throws the refusal when waiting cannot succeed. */
  async #findConflicting(
    stack: LambdaStackOptions,
    source: EventSource,
    { refusal, ...options }: CallOptions & { readonly refusal: unknown },
  ): Promise<EventSourceMappingConfiguration | undefined> {
    // One name for both: another change is under way, or the mapping exists, of which a deleted one is the passing case.
    const isConflict = isAwsError(refusal, 'ResourceConflictException');
    if (!isConflict && !isRefusedForNow(refusal)) throw refusal;
    if (isThrottle(refusal)) return undefined;
    const existing = await this.list(stack, options, source.EventSourceArn);
    return existing.find((it) => !this.#reader.isDeleted(it.UUID) && isSameMapping(it, source));
  }

  /** True when the mapping had to be changed. */
  async #switch(
    uuid: string,
    listed: EventSourceMappingConfiguration,
    wanted: EventMappingState,
    { stack, ...options }: EventMappingOptions & { readonly stack: LambdaStackOptions },
  ): Promise<boolean> {
    const resource = `event source mapping ${uuid}`;
    const call = { action: 'lambda:UpdateEventSourceMapping', resource, signal: options.signal };
    const elapsed = stopwatch(this.#clock);
    const write = this.#recentWrites.get(uuid);
    const mayBeOld = this.#recentWrites.secondsSince(uuid) !== undefined && write?.outcome !== wanted;
    let from: string | undefined;
    let known: EventSourceMappingConfiguration | undefined = listed;
    await this.#untilAccepted(resource, `the state ${wanted}`, options, async () => {
      const mapping = known ?? (await this.#reader.find(uuid, options));
      known = undefined;
      const state = mapping === undefined ? 'Deleting' : stateOf(mapping);
      const step = decideSwitch(state, wanted, mayBeOld);
      if (state === 'Deleting') from = undefined;
      if (step !== 'change') return step === 'wait' ? { obstacle: state } : {};
      from = state;
      const command = new UpdateEventSourceMappingCommand({ UUID: uuid, Enabled: wanted === 'Enabled' });
      const change = { outcome: wanted, isNew: write?.isNew === true };
      const { response, refusal } = await attempt(
        this.#recentWrites.change([uuid], this.#writeOf(stack, change), () =>
          callAws(call, (http) => this.#lambda.send(command, http)),
        ),
      );
      if (refusal !== undefined) return { obstacle: state, refusal };
      this.#recentWrites.record([uuid], this.#writeOf(stack, change, response));
      return {};
    });
    if (from === undefined) return false;
    this.#logger.info(`${wanted} event source mapping`, {
      resource: uuid,
      from,
      to: wanted,
      durationMs: elapsed(),
    });
    return true;
  }

  #writeOf(
    stack: LambdaStackOptions,
    change: Pick<MappingWrite, 'outcome' | 'isNew'>,
    { LastModified }: EventSourceMappingConfiguration = {},
  ): MappingWrite {
    return { ...change, owner: qualifiedName(stack), modifiedAt: LastModified };
  }

  /** Repeats an attempt until no state prevents it. */
  async #untilAccepted(
    resource: string,
    expected: string,
    options: EventMappingOptions,
    observe: () => Promise<Attempt>,
  ): Promise<void> {
    await this.#poll(resource, expected, options, {
      observe,
      isDone: ({ obstacle }) => obstacle === undefined,
      describe: ({ obstacle }) => `the state ${obstacle}`,
      causeOf: ({ refusal }) => refusal,
    });
  }

  #poll<T>(
    resource: string,
    expected: string,
    { maxWaitSeconds = defaultMaxWaitSeconds, signal }: WaitOptions,
    steps: Pick<Poll<T>, 'observe' | 'isDone' | 'describe' | 'causeOf'>,
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

/** Sends a change. Returns a refusal for now; a mapping that is gone needs no change. */
async function attempt<T>(
  change: Promise<T>,
): Promise<{ readonly response?: T; readonly refusal?: unknown }> {
  try {
    return { response: await change };
  } catch (error) {
    if (isAwsError(error, 'ResourceNotFoundException')) return {};
    // Throttled items are repeated together, and fewer at a time.
    if (isConflict(error)) return { refusal: error };
    throw error;
  }
}

function requireOwn(
  { FunctionArn }: EventSourceMappingConfiguration,
  uuid: string,
  stack: LambdaStackOptions,
): void {
  if (FunctionArn !== undefined && isArnOf(FunctionArn, stack)) return;
  throw new ResourceStateError(`Event source mapping ${uuid} belongs to another function`, {
    resource: uuid,
    expected: `a mapping of ${qualifiedName(stack)}`,
    actual: `one of ${FunctionArn}`,
    remedy: 'Take the UUID from listEventSourceMappings of the same stack',
  });
}

/** The usual cause of a stack without mappings: they belong to an alias of its function. */
function remedyFor(others: readonly EventSourceMappingConfiguration[]): string {
  const qualifiers = others.map(({ FunctionArn = '' }) => partsOf(FunctionArn).qualifier);
  if (qualifiers.length === 0) return 'Check functionName and alias';
  const names = [...new Set(qualifiers)].join(', ');
  return `The function has mappings of ${names}: set alias to the one that the stack uses`;
}
