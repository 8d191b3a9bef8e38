import { type CallOptions, throwIfAborted } from '../../core/aws-call.js';
import type { Clock } from '../../core/clock.js';
import { messageOf } from '../../core/describe-error.js';
import { ResourceStateError } from '../../core/errors.js';
import { classifyFailure } from '../../core/failures.js';
import type { Logger } from '../../core/logger.js';
import { mapConcurrently } from '../../core/map-concurrently.js';
import { stopwatch } from '../../core/stopwatch.js';
import type { TrafficWeights } from '../types.js';
import { areSame, describeWeights } from '../weights.js';

/** Weights of one of several parts that move together. */
export interface PartWeights {
  readonly name: string;
  readonly weights: TrafficWeights;
}

/**
 * Returns the weights of parts that move together. When the parts differ and there are expected weights, returns those of a part
 * with unexpected weights, so that a shift halts at drift. When each part has expected weights, a change was interrupted: returns
 * those farthest from the pending ones, so that a shift continues it. They are the least weights of the incoming stack, and its
 * most in a rollback.
 *
 * @throws ResourceStateError when the parts differ and there are no expected weights.
 */
export function weightsOfParts(
  parts: readonly PartWeights[],
  resource: string,
  expected: readonly TrafficWeights[] | undefined,
): TrafficWeights {
  const [first] = parts;
  if (first === undefined) throw new TypeError(`${resource} has no parts`);
  if (parts.every(({ weights }) => areSame(weights, first.weights))) return first.weights;
  if (expected === undefined) {
    throw new ResourceStateError('The weights of parts that move together differ', {
      resource,
      expected: 'the same weights on each',
      actual: parts.map(({ name, weights }) => `${describeWeights(weights)} on ${name}`).join('; '),
      remedy: 'Continue the shift that was interrupted, or set the same weights on each by hand',
    });
  }
  const drifted = parts.find(({ weights }) => !expected.some((it) => areSame(weights, it)));
  if (drifted !== undefined) return drifted.weights;
  const pending = expected.at(-1) ?? first.weights;
  const distance = ({ weights }: PartWeights) => Math.abs(weights.blue - pending.blue);
  return parts.reduce((farthest, part) => (distance(part) > distance(farthest) ? part : farthest)).weights;
}

/** Write of one of several parts that move together. */
export interface PartWrite {
  readonly name: string;
  /** Throws when the part may have been changed since it was read. */
  readonly verify?: (options: CallOptions) => Promise<void>;
  /** Writes the new weights. */
  readonly write: (options: CallOptions) => Promise<void>;
  /** Writes the previous weights. */
  readonly restore: () => Promise<void>;
}

/** Resource with several parts, and its dependencies. */
export interface PartsOwner {
  readonly resource: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Writes all parts at once, for a rollback and for changes besides the weights: one that fails, or waits for its service, does not keep
 * the others on a bad stack.
 */
export async function writeEachPart(
  parts: readonly Pick<PartWrite, 'write'>[],
  { resource }: Pick<PartsOwner, 'resource'>,
  options: CallOptions,
): Promise<void> {
  throwIfAborted({ signal: options.signal, resource });
  const errors: unknown[] = [];
  await Promise.all(parts.map(({ write }) => write(options).catch((error: unknown) => errors.push(error))));
  // A failure that may pass comes first: it is worth another attempt, unlike a final one.
  if (errors.length > 0) throw errors.find((error) => classifyFailure(error) !== 'final') ?? errors[0];
}

/** Writes the parts in order. After a failure, restores those that were written. */
export async function writeAllParts(
  parts: readonly PartWrite[],
  owner: PartsOwner,
  options: CallOptions,
): Promise<void> {
  throwIfAborted({ signal: options.signal, resource: owner.resource });
  for (const [index, { verify, write }] of parts.entries()) {
    let isWriting = false;
    try {
      await verify?.(options);
      isWriting = true;
      await write(options);
    } catch (error) {
      // After a failure that may pass, the part may have been changed: only its response may be lost. After a final failure, or
      // one that another writer caused, it was not.
      const mayBeWritten = isWriting && classifyFailure(error) === 'passing';
      const touched = parts.slice(0, mayBeWritten ? index + 1 : index);
      if (parts.length > 1) await restoreParts(touched, owner);
      throw error;
    }
  }
}

/**
 * Restores the previous weights, without the caller's signal, because an abort must not leave the parts with different weights.
 * The next reading finds a part that could not be restored.
 */
async function restoreParts(touched: readonly PartWrite[], { clock, logger }: PartsOwner): Promise<void> {
  await mapConcurrently(touched, async ({ name: resource, restore }) => {
    const elapsed = stopwatch(clock);
    try {
      await restore();
      logger.info('Restored previous weights', { resource, durationMs: elapsed() });
    } catch (error) {
      logger.warn('Could not restore previous weights', { resource, error: messageOf(error) });
    }
  });
}
