import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2';
import { ResourceStateError } from '../../core/errors.js';
import type { StackPair } from '../../core/stack-reference.js';
import type { TrafficWeights } from '../types.js';
import {
  type Destination,
  type DestinationsOwner,
  toForwardWeights,
  weightsOfDestinations,
} from './destinations.js';

/**
 * The weights of two target groups in a load balancer's action list.
 *
 * @throws ResourceStateError when the list does not forward, or forwards to other target groups too.
 */
export function weightsOfActions(
  actions: readonly Action[],
  targetGroups: StackPair<string>,
  owner: DestinationsOwner,
): TrafficWeights {
  return weightsOfDestinations(destinationsOf(forwardActionOf(actions, owner)), targetGroups, owner);
}

/**
 * The action list with other weights for the two target groups. A target group that is missing is added; all the rest,
 * the order too, is as it was.
 */
export function withWeights(
  actions: readonly Action[],
  targetGroups: StackPair<string>,
  weights: TrafficWeights,
  owner: DestinationsOwner,
): Action[] {
  const forward = forwardActionOf(actions, owner);
  const present = destinationsOf(forward).map(({ id }) => id);
  const missing = [targetGroups.blue, targetGroups.green].filter((arn) => !present.includes(arn));
  const { blue, green } = toForwardWeights(weights);
  const tuples = [...present, ...missing].map((arn) => ({
    TargetGroupArn: arn,
    Weight: arn === targetGroups.blue ? blue : green,
  }));
  // Beside several target groups the short form for a single one is refused.
  const { TargetGroupArn: _single, ...rest } = forward;
  const changed = { ...rest, ForwardConfig: { ...forward.ForwardConfig, TargetGroups: tuples } };
  return writable(actions.map((action) => (action === forward ? changed : action)));
}

/**
 * An action list that was read, as it can be written back. AWS never shows an OIDC client's secret, and refuses the list
 * unless it asks to keep the present one.
 */
export function writable(actions: readonly Action[]): Action[] {
  return actions.map((action) =>
    action.AuthenticateOidcConfig === undefined || action.AuthenticateOidcConfig.ClientSecret !== undefined
      ? action
      : {
          ...action,
          AuthenticateOidcConfig: { ...action.AuthenticateOidcConfig, UseExistingClientSecret: true },
        },
  );
}

/** A forward action ends its list; actions that authenticate may come before it. */
function forwardActionOf(actions: readonly Action[], { resource }: DestinationsOwner): Action {
  const forward = actions.find(({ Type }) => Type === 'forward');
  if (forward !== undefined) return forward;
  throw new ResourceStateError('Nothing is forwarded', {
    resource,
    expected: 'a forward action',
    actual: actions.map(({ Type }) => Type).join(', ') || 'no action',
    remedy: 'Let it forward to the target group of one of the stacks',
  });
}

function destinationsOf({ TargetGroupArn, ForwardConfig }: Action): Destination[] {
  const tuples = ForwardConfig?.TargetGroups ?? [];
  if (tuples.length === 0)
    return TargetGroupArn === undefined ? [] : [{ id: TargetGroupArn, weight: undefined }];
  return tuples.map(({ TargetGroupArn: id = '(none)', Weight: weight }) => ({ id, weight }));
}
