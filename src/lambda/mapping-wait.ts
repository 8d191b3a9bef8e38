import type { EventSourceMappingConfiguration } from '@aws-sdk/client-lambda';
import type { Clock } from '../core/clock.js';
import { ElapsedTime } from '../core/elapsed-time.js';
import { ResourceStateError } from '../core/errors.js';
import {
  describeMapping,
  hasFallenBack,
  type MappingReads,
  nextReads,
  stateOf,
} from './mapping-decisions.js';
import type { EventMappingState } from './types.js';

export interface ReadMapping {
  readonly uuid: string;
  readonly mapping: EventSourceMappingConfiguration;
  /** True when the read is older than this process's last change. */
  readonly isOld: boolean;
  /** True also when it shows no change by Lambda since: only such a change can be a fallback. */
  readonly mayBeOld: boolean;
}

/** Seconds after which the reads of a paused wait are discarded. */
const maxPauseSeconds = 600;

/**
 * The waits of a tool that timed out. A caller that polls, such as an ECS lifecycle hook, makes many waits of one read
 * each: the next wait continues with the reads of the last one.
 */
export class MappingWaits {
  readonly #waits = new Map<string, { readonly wait: MappingWait; readonly pause: ElapsedTime }>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Resumes the wait of a key, or creates one. */
  resume(key: string, create: () => MappingWait): MappingWait {
    const paused = this.#waits.get(key);
    this.#waits.delete(key);
    return paused !== undefined && paused.pause.seconds < maxPauseSeconds ? paused.wait : create();
  }

  /** Stores a wait that timed out. */
  pause(key: string, wait: MappingWait): void {
    this.#waits.set(key, { wait, pause: new ElapsedTime(this.#clock) });
  }

  /** Discards all reads, because the mappings were switched. */
  clear(): void {
    this.#waits.clear();
  }
}

/** One wait until every mapping of a stack is in a state. */
export class MappingWait {
  readonly #wanted: EventMappingState;
  readonly #isEnoughWithoutMapping: boolean;
  readonly #wasAccepted: (uuid: string) => boolean;
  readonly #reads = new Map<string, MappingReads>();
  #isFirstRead = true;

  constructor(
    wanted: EventMappingState,
    options: {
      readonly isEnoughWithoutMapping: boolean;
      /** True when Lambda has accepted a change to the wanted state from this process. */
      readonly wasAccepted: (uuid: string) => boolean;
    },
  ) {
    this.#wanted = wanted;
    this.#isEnoughWithoutMapping = options.isEnoughWithoutMapping;
    this.#wasAccepted = options.wasAccepted;
  }

  get isFirstRead(): boolean {
    return this.#isFirstRead;
  }

  /**
   * True when every mapping is in the wanted state.
   *
   * @throws ResourceStateError as soon as a mapping has fallen back to the opposite state.
   */
  isOver(mappings: readonly ReadMapping[]): boolean {
    this.#isFirstRead = false;
    for (const it of mappings) if (!it.mayBeOld) this.#requireProgress(it);
    if (mappings.length === 0) return this.#isEnoughWithoutMapping;
    return mappings.every(({ mapping, isOld }) => !isOld && mapping.State === this.#wanted);
  }

  describe(mappings: readonly ReadMapping[]): string {
    return (
      mappings.map(({ uuid, mapping }) => `${uuid} ${describeMapping(mapping)}`).join(', ') ||
      'no mapping at all'
    );
  }

  #requireProgress({ uuid, mapping }: ReadMapping): void {
    const accepted = { wasOnItsWay: this.#wasAccepted(uuid), inOpposite: 0 };
    const reads = nextReads(this.#reads.get(uuid) ?? accepted, mapping.State, this.#wanted);
    this.#reads.set(uuid, reads);
    if (!hasFallenBack(reads, mapping)) return;
    throw new ResourceStateError(`Event source mapping ${uuid} fell back to ${stateOf(mapping)}`, {
      resource: uuid,
      expected: this.#wanted,
      actual: describeMapping(mapping),
      remedy: `Remove the cause, then switch it to ${this.#wanted} again`,
    });
  }
}
