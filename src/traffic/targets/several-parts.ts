import { ResourceStateError } from '../../core/errors.js';
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
 * those of a part that the change has not reached, so that a shift continues it.
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
  const wanted = expected.at(-1);
  return parts.find(({ weights }) => !areSame(weights, wanted))?.weights ?? first.weights;
}
