import type { CallOptions } from '../../core/aws-call.js';
import type { Clock } from '../../core/clock.js';
import type { Logger } from '../../core/logger.js';
import { stopwatch } from '../../core/stopwatch.js';
import type { TrafficWeights } from '../types.js';
import { describeWeights } from '../weights.js';

/** Maximum age of a reading: an older one may miss another change, which the write would undo. */
const freshSeconds = 60;

export interface ReadingDependencies<T> {
  /** Target in the log lines. */
  readonly resource: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly read: (options: CallOptions) => Promise<T>;
}

/**
 * Last reading of a target, for the write that follows at once. The write then changes exactly the configuration that was judged,
 * without another call. A reading is used for one write, and only for a short time.
 */
export class LastReading<T> {
  readonly #dependencies: ReadingDependencies<T>;
  #kept: { readonly reading: T; readonly at: number } | undefined;

  constructor(dependencies: ReadingDependencies<T>) {
    this.#dependencies = dependencies;
  }

  /** Returns the weights of a reading, and keeps it if they can be judged. */
  async judge(reading: Promise<T>, weightsOf: (reading: T) => TrafficWeights): Promise<TrafficWeights> {
    this.#kept = undefined;
    const judged = await reading;
    const weights = weightsOf(judged);
    this.#kept = { reading: judged, at: this.#dependencies.clock.now() };
    return weights;
  }

  /** Returns the reading when it is fresh. */
  peek(): T | undefined {
    const kept = this.#kept;
    const age = kept === undefined ? 0 : this.#dependencies.clock.now() - kept.at;
    return age >= 0 && age < freshSeconds * 1000 ? kept?.reading : undefined;
  }

  /** Returns the fresh reading, or else a new one, and forgets it: the next write reads again. */
  async take({ signal }: CallOptions): Promise<T> {
    const fresh = this.peek();
    this.forget();
    return fresh ?? this.#dependencies.read({ signal });
  }

  /** Forgets the reading, because another write follows. */
  forget(): void {
    this.#kept = undefined;
  }

  /**
   * Changes the fresh reading, or else a new one, and logs the change.
   *
   * @param write - returns the weights before the write, one pair for each part of the target.
   */
  async change(
    to: TrafficWeights,
    { signal }: CallOptions,
    write: (reading: T) => Promise<readonly TrafficWeights[]>,
  ): Promise<void> {
    const { resource, clock, logger } = this.#dependencies;
    const elapsed = stopwatch(clock);
    const from = (await write(await this.take({ signal }))).map(describeWeights).join(' and ');
    const durationMs = elapsed();
    logger.info('Changed traffic weights', { resource, from, to: describeWeights(to), durationMs });
  }
}
