import {
  type EventSourceMappingConfiguration,
  GetEventSourceMappingCommand,
  type LambdaClient,
  paginateListEventSourceMappings,
} from '@aws-sdk/client-lambda';
import { type CallOptions, callAws, collectPages, requireField } from '../core/aws-call.js';
import { mapConcurrently } from '../core/map-concurrently.js';
import { unlessMissing } from '../core/not-found.js';
import type { RecentWrites } from '../core/recent-writes.js';
import { isArnOf, qualifiedName } from './function-names.js';
import { type MappingWrite, mayBeInvisible, secondsAfter } from './mapping-decisions.js';
import type { ReadMapping } from './mapping-wait.js';
import type { LambdaStackOptions } from './types.js';

/** The mappings that Lambda lists for a function's name. */
export interface ListedMappings {
  /** Those of the stack's function, or of its alias. */
  readonly own: readonly EventSourceMappingConfiguration[];
  /** Those of the function's other aliases and versions. */
  readonly others: readonly EventSourceMappingConfiguration[];
}

/** Reads event source mappings, and corrects what is older than this process's own changes. */
export class MappingReader {
  readonly #lambda: LambdaClient;
  readonly #recentWrites: RecentWrites<MappingWrite>;

  constructor(lambda: LambdaClient, recentWrites: RecentWrites<MappingWrite>) {
    this.#lambda = lambda;
    this.#recentWrites = recentWrites;
  }

  async list(
    stack: LambdaStackOptions,
    { signal }: CallOptions,
    eventSourceArn?: string,
  ): Promise<ListedMappings> {
    const call = { action: 'lambda:ListEventSourceMappings', resource: qualifiedName(stack), signal };
    const input = { FunctionName: qualifiedName(stack), EventSourceArn: eventSourceArn };
    const mappings = await collectPages(
      call,
      (http) => paginateListEventSourceMappings({ client: this.#lambda }, input, http),
      (page) => page.EventSourceMappings,
    );
    const isOwn = ({ FunctionArn }: EventSourceMappingConfiguration) =>
      isArnOf(requireField(FunctionArn, 'FunctionArn', call), stack);
    return { own: mappings.filter(isOwn), others: mappings.filter((it) => !isOwn(it)) };
  }

  /** The listing, with what this process has created meanwhile and the listing does not show yet. */
  async listWithRecent(stack: LambdaStackOptions, options: CallOptions): Promise<ListedMappings> {
    const { own, others } = await this.list(stack, options);
    const missing = this.#recentWrites
      .known()
      .filter(
        ([uuid, { isNew, owner }]) =>
          isNew &&
          owner === qualifiedName(stack) &&
          this.#mayBeInvisible(uuid) &&
          own.every(({ UUID }) => UUID !== uuid),
      );
    const found = await mapConcurrently(
      missing,
      async ([uuid]) => (await this.find(uuid, options)) ?? { UUID: uuid, State: 'unknown' },
    );
    const shown = own.map((it) => (this.isDeleted(it.UUID) ? { ...it, State: 'Deleting' } : it));
    return { own: [...shown, ...found], others };
  }

  /** Returns undefined when the mapping does not exist. */
  async find(uuid: string, { signal }: CallOptions): Promise<EventSourceMappingConfiguration | undefined> {
    const command = new GetEventSourceMappingCommand({ UUID: uuid });
    const call = {
      action: 'lambda:GetEventSourceMapping',
      resource: `event source mapping ${uuid}`,
      signal,
    };
    const response = callAws(call, (http) => this.#lambda.send(command, http));
    return unlessMissing(response, 'ResourceNotFoundException');
  }

  /** True when this process has deleted the mapping. */
  isDeleted(uuid: string | undefined): boolean {
    return uuid !== undefined && this.#recentWrites.get(uuid)?.outcome === 'Deleted';
  }

  /** Marks a read that is, or may be, older than this process's last change of the mapping. */
  readOf(mapping: EventSourceMappingConfiguration): ReadMapping {
    const uuid = uuidOf(mapping);
    const seconds = secondsAfter(this.#recentWrites.get(uuid), mapping);
    const isComparable = seconds !== undefined && this.#mayBeInvisible(uuid);
    return { mapping, uuid, isOld: isComparable && seconds < 0, mayBeOld: isComparable && seconds <= 0 };
  }

  #mayBeInvisible(uuid: string): boolean {
    return mayBeInvisible(this.#recentWrites.secondsSince(uuid));
  }
}

export function uuidOf({ UUID, FunctionArn }: EventSourceMappingConfiguration): string {
  return requireField(UUID, 'UUID', {
    action: 'lambda:ListEventSourceMappings',
    resource: String(FunctionArn),
  });
}
