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
 * Returns the weights of two target groups in a load balancer's action list.
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
 * Returns the action list with other weights for the two target groups. A target group that is missing is added. Everything else,
 * including the order, stays unchanged.
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
  // AWS rejects the short form for a single target group beside several ones.
  const { TargetGroupArn: _single, ...rest } = forward;
  const changed = { ...rest, ForwardConfig: { ...forward.ForwardConfig, TargetGroups: tuples } };
  return writable(actions.map((action) => (action === forward ? changed : action)));
}

/**
 * Prepares an action list that was read for writing. AWS never returns an OIDC client's secret, and rejects the list unless it
 * sets UseExistingClientSecret.
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

/** Returns the action list with another forward action, ready to be written. */
export function withForward(
  actions: readonly Action[],
  owner: Pick<DestinationsOwner, 'resource'>,
  change: (forward: Action) => Action,
): Action[] {
  const forward = forwardActionOf(actions, owner);
  return writable(actions.map((action) => (action === forward ? change(action) : action)));
}

/** Finds the forward action, which ends the list; authentication actions can come before it. */
export function forwardActionOf(
  actions: readonly Action[],
  { resource }: Pick<DestinationsOwner, 'resource'>,
): Action {
  const forward = actions.find(({ Type }) => Type === 'forward');
  if (forward !== undefined) return forward;
  throw new ResourceStateError('The action does not forward', {
    resource,
    expected: 'a forward action',
    actual: actions.map(({ Type }) => Type).join(', ') || 'no action',
    remedy: 'Forward to the target group of one of the stacks',
  });
}

function destinationsOf({ TargetGroupArn, ForwardConfig }: Action): Destination[] {
  const tuples = ForwardConfig?.TargetGroups ?? [];
  if (tuples.length === 0)
    return TargetGroupArn === undefined ? [] : [{ id: TargetGroupArn, weight: undefined }];
  return tuples.map(({ TargetGroupArn: id = '(none)', Weight: weight }) => ({ id, weight }));
}
