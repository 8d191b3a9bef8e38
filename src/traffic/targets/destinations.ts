import { ResourceStateError, UnexpectedResponseError } from '../../core/errors.js';
import type { StackPair } from '../../core/stack-reference.js';
import type { TrafficWeights } from '../types.js';
import { fromScale, toRatio } from '../weights.js';

/** Destination of a forward action, and its weight. */
export interface Destination {
  readonly id: string;
  readonly weight: number | undefined;
}

/** Resource of the destinations, for errors. */
export interface DestinationsOwner {
  readonly resource: string;
  /** IAM action that read them. */
  readonly action: string;
}

/** Maximum weight of a target group in a forward action of a load balancer and of VPC Lattice. */
const maxWeight = 999;

/**
 * Returns the weights of a pair in a list of destinations. A stack that is not in the list has 0 %.
 *
 * @throws ResourceStateError when there are other destinations, or when nothing gets any traffic.
 */
export function weightsOfDestinations(
  destinations: readonly Destination[],
  pair: StackPair<string>,
  owner: DestinationsOwner,
): TrafficWeights {
  requireNoOthers(destinations, pair, owner.resource);
  const only = destinations.length === 1 ? destinations[0] : undefined;
  const weightOf = (id: string): number => {
    const destination = destinations.find((it) => it.id === id);
    if (destination === undefined) return 0;
    // AWS does not require the weight of the only destination.
    if (destination.weight === undefined && destination !== only) {
      throw new UnexpectedResponseError({ ...owner, field: `weight of ${id}` });
    }
    return destination.weight ?? 1;
  };
  const weights = fromScale({ blue: weightOf(pair.blue), green: weightOf(pair.green) });
  if (weights !== undefined) return weights;
  throw new ResourceStateError('Neither stack gets any traffic', {
    resource: owner.resource,
    expected: 'a weight above 0',
    actual: destinations.length === 0 ? 'no target group' : '0 for each',
    remedy: 'Route traffic to one of the stacks first',
  });
}

/** Converts a pair of shares to two whole weights, each 0–999. See {@link toRatio}. */
export function toForwardWeights(weights: TrafficWeights): TrafficWeights {
  return toRatio(weights, maxWeight);
}

/** Returns the result of {@link toForwardWeights} in percent. */
export function nearestForwardWeights(weights: TrafficWeights): TrafficWeights {
  return fromScale(toForwardWeights(weights)) ?? weights;
}

function requireNoOthers(
  destinations: readonly Destination[],
  { blue, green }: StackPair<string>,
  resource: string,
): void {
  const others = destinations.map(({ id }) => id).filter((id) => id !== blue && id !== green);
  if (others.length === 0) return;
  throw new ResourceStateError('There are other destinations than the two stacks', {
    resource,
    expected: `${blue} and ${green} alone`,
    actual: others.join(', '),
    remedy: 'Remove them from the forward action, or correct the target groups of the stacks',
  });
}
