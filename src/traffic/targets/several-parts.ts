import { ResourceStateError } from '../../core/errors.js';
import type { TrafficWeights } from '../types.js';
import { areSame, describeWeights } from '../weights.js';

/** The weights of one of several parts that move together. */
export interface PartWeights {
  readonly name: string;
  readonly weights: TrafficWeights;
}

/**
 * The one answer for parts that move together: their weights when they agree. When they differ, and `explained` is given,
 * the weights of a part that nobody can explain, so that a shift stops at them; when there is none, a change was left half
 * made, and the answer is a part that it has not reached, so that a shift goes on with it.
 *
 * @throws ResourceStateError when they differ and nothing is said about what is explained.
 */
export function weightsOfParts(
  parts: readonly PartWeights[],
  resource: string,
  explained: readonly TrafficWeights[] | undefined,
): TrafficWeights {
  const [first] = parts;
  if (first === undefined) throw new TypeError(`${resource} has no parts`);
  if (parts.every(({ weights }) => areSame(weights, first.weights))) return first.weights;
  if (explained === undefined) {
    throw new ResourceStateError('What should move together is apart', {
      resource,
      expected: 'the same weights on each',
      actual: parts.map(({ name, weights }) => `${describeWeights(weights)} on ${name}`).join('; '),
      remedy: 'Go on with the shift that was interrupted, or give each the same weights by hand',
    });
  }
  const foreign = parts.find(({ weights }) => !explained.some((it) => areSame(weights, it)));
  if (foreign !== undefined) return foreign.weights;
  const wanted = explained.at(-1);
  return parts.find(({ weights }) => !areSame(weights, wanted))?.weights ?? first.weights;
}
