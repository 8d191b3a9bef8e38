import {
  type Action,
  InvalidLoadBalancerActionException,
  TargetGroupAssociationLimitException,
  TargetGroupNotFoundException,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { awsError, clientFault } from '../../cloud/environment.js';

const maxTargetGroups = 5;
const highestWeight = 999;
const maxStickinessSeconds = 604_800;

/** Dependencies of the validation of an action list. */
export interface ActionListContext {
  readonly loadBalancerType: 'application' | 'network';
  readonly hasTargetGroup: (arn: string) => boolean;
  /** True when another load balancer forwards to the target group, whatever its weight. */
  readonly hasOtherLoadBalancer: (arn: string) => boolean;
  readonly hasTargetStickiness: (arn: string) => boolean;
  /** The replaced list; empty for a new rule or listener. */
  readonly present: readonly Action[];
}

/** Validates an action list as Elastic Load Balancing does, and returns it as it is stored, without secrets. */
export function acceptActions(actions: readonly Action[] | undefined, context: ActionListContext): Action[] {
  if (actions === undefined || actions.length === 0) throw refused('You must specify actions');
  const last = actions.at(-1);
  if (actions.length > 1 && actions.some(({ Order }) => Order === undefined))
    throw refused('Each of several actions needs an order');
  if (actions.slice(0, -1).some(({ Type }) => !isPreparatory(Type)) || isPreparatory(last?.Type))
    throw refused('The last action, and no other, must be forward, redirect or fixed-response');
  return actions.map((action) => accepted(action, context));
}

/** Returns the weights of the target groups in an action list, by ARN; empty when it does not forward. */
export function weightsOfTargetGroups(actions: readonly Action[]): Readonly<Record<string, number>> {
  const tuples = actions.find(({ Type }) => Type === 'forward')?.ForwardConfig?.TargetGroups ?? [];
  return Object.fromEntries(tuples.map(({ TargetGroupArn = '', Weight = 1 }) => [TargetGroupArn, Weight]));
}

/** Returns the seconds of group stickiness in an action list; undefined while it is off. */
export function stickinessSecondsOf(actions: readonly Action[]): number | undefined {
  const stickiness = actions.find(({ Type }) => Type === 'forward')?.ForwardConfig
    ?.TargetGroupStickinessConfig;
  return stickiness?.Enabled ? stickiness.DurationSeconds : undefined;
}

function accepted(action: Action, context: ActionListContext): Action {
  if (action.Type === 'forward') return forwardAsStored(action, context);
  if (action.AuthenticateOidcConfig !== undefined) return oidcAsStored(action, context.present);
  return structuredClone(action);
}

/** AWS returns every forward action in its long form, and a single target group in the short form too. */
function forwardAsStored(action: Action, context: ActionListContext): Action {
  const { TargetGroupArn, ForwardConfig, ...rest } = action;
  const tuples = ForwardConfig?.TargetGroups ?? (TargetGroupArn ? [{ TargetGroupArn }] : []);
  if (tuples.length === 0) throw refused('A forward action needs a target group');
  if (tuples.length > maxTargetGroups)
    throw refused(`A forward action has at most ${maxTargetGroups} target groups, not ${tuples.length}`);
  const arns = tuples.map((tuple) => tuple.TargetGroupArn ?? '');
  if (new Set(arns).size < arns.length) throw refused('A target group is in the action more than once');
  if (TargetGroupArn !== undefined && (arns.length > 1 || arns[0] !== TargetGroupArn))
    throw refused('TargetGroupArn and ForwardConfig must name the same single target group');
  requireUsableGroups(arns, context);
  const kept = tuples.map((tuple) => ({
    TargetGroupArn: tuple.TargetGroupArn ?? '',
    Weight: validWeight(tuple.Weight ?? 1),
  }));
  if (kept.every(({ Weight }) => Weight === 0)) throw refused('At least one weight must be above 0');
  const stickiness = ForwardConfig?.TargetGroupStickinessConfig ?? { Enabled: false };
  const duration = stickiness.DurationSeconds;
  if (stickiness.Enabled && context.loadBalancerType === 'application' && !isStickinessDuration(duration))
    throw refused(`Stickiness lasts 1 to ${maxStickinessSeconds} seconds, not ${duration}`);
  if (!stickiness.Enabled && arns.length > 1 && arns.some(context.hasTargetStickiness))
    throw refused('Group stickiness must be enabled when one of the target groups has target stickiness');
  return structuredClone({
    ...rest,
    ...(arns.length === 1 && { TargetGroupArn: arns[0] }),
    ForwardConfig: { TargetGroups: kept, TargetGroupStickinessConfig: stickiness },
  });
}

/** Requires existing target groups of this load balancer. A group belongs to one load balancer, even at weight 0. */
function requireUsableGroups(
  arns: readonly string[],
  { hasTargetGroup, hasOtherLoadBalancer }: ActionListContext,
): void {
  const unknown = arns.find((arn) => !hasTargetGroup(arn));
  if (unknown !== undefined)
    throw new TargetGroupNotFoundException(clientFault(`Target groups '${unknown}' not found`));
  const elsewhere = arns.filter(hasOtherLoadBalancer);
  if (elsewhere.length === 0) return;
  const message = `Target groups that belong to another load balancer cannot be associated with this one: ${elsewhere.join(', ')}`;
  throw new TargetGroupAssociationLimitException(clientFault(message));
}

/** Removes the client secret, which AWS never returns. A change has to contain it again, or set UseExistingClientSecret. */
function oidcAsStored(action: Action, present: readonly Action[]): Action {
  const { ClientSecret, UseExistingClientSecret, ...shown } = action.AuthenticateOidcConfig ?? {};
  if (ClientSecret !== undefined && UseExistingClientSecret)
    throw refused('You cannot both specify a client secret and set UseExistingClientSecret to true');
  const hasPresent = present.some(({ Type }) => Type === 'authenticate-oidc');
  if (ClientSecret === undefined && !(UseExistingClientSecret && hasPresent))
    throw refused('You must specify a client secret');
  return structuredClone({ ...action, AuthenticateOidcConfig: shown as Action['AuthenticateOidcConfig'] });
}

function isPreparatory(type: string | undefined): boolean {
  return type?.startsWith('authenticate-') === true || type === 'jwt-validation';
}

function isStickinessDuration(seconds: number | undefined): boolean {
  return (
    seconds !== undefined && Number.isInteger(seconds) && seconds >= 1 && seconds <= maxStickinessSeconds
  );
}

function validWeight(weight: number): number {
  if (Number.isInteger(weight) && weight >= 0 && weight <= highestWeight) return weight;
  throw awsError('ValidationError', `A weight is a whole number, 0 to ${highestWeight}, not ${weight}`);
}

function refused(message: string): InvalidLoadBalancerActionException {
  return new InvalidLoadBalancerActionException(clientFault(message));
}
