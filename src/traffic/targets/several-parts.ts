import { ResourceStateError } from '../../core/errors.js';
import type { TrafficWeights } from '../types.js';
import { areSame, describeWeights } from '../weights.js';

/** The weights of one of several parts that move together. */
export interface PartWeights {
  readonly name: string;
  readonly weights: TrafficWeights;
}

/**
 * The weights of parts that move together. When the parts differ and there are expected weights, those of a part with other
 * weights, so that a shift stops at drift. When each part has expected ones, a change was left half made: then those of a part
 * that it has not reached, so that a shift continues it.
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
  const foreign = parts.find(({ weights }) => !expected.some((it) => areSame(weights, it)));
  if (foreign !== undefined) return foreign.weights;
  const wanted = expected.at(-1);
  return parts.find(({ weights }) => !areSame(weights, wanted))?.weights ?? first.weights;
}
