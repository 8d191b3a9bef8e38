import {
  type Action,
  DescribeTargetGroupAttributesCommand,
  type ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { type CallOptions, callAws, requireField } from '../../core/aws-call.js';
import { ResourceStateError } from '../../core/errors.js';
import type { Logger } from '../../core/logger.js';
import { mapConcurrently } from '../../core/map-concurrently.js';
import { requireFound } from '../../core/not-found.js';
import type { StackPair } from '../../core/stack-reference.js';
import type { TrafficWeights } from '../types.js';
import { missingTargetGroup } from './elastic-load-balancing.js';

/** Action list of a rule or a listener, as read. */
export interface ActionsBefore {
  readonly resource: string;
  readonly actions: readonly Action[];
}

/** True when a forward action of the list names the target group, whatever its weight. */
export function namesGroup(actions: readonly Action[], targetGroupArn: string): boolean {
  return actions.some(
    (action) =>
      action.TargetGroupArn === targetGroupArn ||
      action.ForwardConfig?.TargetGroups?.some((it) => it.TargetGroupArn === targetGroupArn) === true,
  );
}

/**
 * Rejects an added target group where AWS would: one of the pair has target stickiness, and the action has no group stickiness.
 * IAM: elasticloadbalancing:DescribeTargetGroupAttributes.
 *
 * @throws ResourceStateError when the traffic cannot be split.
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/sticky-sessions.html
 */
export async function requireSplittable(
  client: ElasticLoadBalancingV2Client,
  lists: readonly ActionsBefore[],
  targetGroups: StackPair<string>,
  options: CallOptions,
): Promise<void> {
  const unsticky = lists.find(
    // Network Load Balancers have no group stickiness by cookie.
    ({ resource, actions }) => isOfApplicationLoadBalancer(resource) && !hasGroupStickiness(actions),
  );
  if (unsticky === undefined) return;
  const groups = [targetGroups.blue, targetGroups.green];
  const areSticky = await mapConcurrently(groups, (arn) => hasTargetStickiness(client, arn, options));
  const sticky = groups.filter((_, index) => areSticky[index]);
  if (sticky.length === 0) return;
  throw new ResourceStateError('The traffic cannot be split between the two target groups', {
    resource: unsticky.resource,
    expected: 'group stickiness in the forward action, which AWS requires with target stickiness',
    actual: `none, and target stickiness on ${sticky.join(' and ')}`,
    remedy:
      'Enable group stickiness in the forward action (TargetGroupStickinessConfig) and accept it (stickiness: accept), or disable stickiness.enabled on the target groups',
  });
}

/** Write that can route traffic to a target group without health checks so far. */
export interface AddingWrite {
  readonly resource: string;
  readonly targetGroups: StackPair<string>;
  readonly weights: TrafficWeights;
  /** True when the action named the target group before the write. */
  readonly wasNamed: (targetGroup: string) => boolean;
}

/** Logs a warning for a target group that received traffic before its first health check. */
export function warnAboutUnchecked(
  logger: Logger,
  { resource, targetGroups, weights, wasNamed }: AddingWrite,
): void {
  for (const stack of ['blue', 'green'] as const) {
    const targetGroup = targetGroups[stack];
    if (weights[stack] === 0 || wasNamed(targetGroup)) continue;
    logger.warn('Added a target group before its first health check', {
      resource,
      targetGroup,
      remedy:
        'Move the traffic with a TrafficShifter, which adds it with the weight 0 first, or add it so yourself',
    });
  }
}

/** A Network Load Balancer can have the name `app`. */
function isOfApplicationLoadBalancer(arn: string): boolean {
  return /:listener(-rule)?\/app\//.test(arn);
}

function hasGroupStickiness(actions: readonly Action[]): boolean {
  return actions.some(({ ForwardConfig }) => ForwardConfig?.TargetGroupStickinessConfig?.Enabled);
}

async function hasTargetStickiness(
  client: ElasticLoadBalancingV2Client,
  arn: string,
  { signal }: CallOptions,
): Promise<boolean> {
  const call = { action: 'elasticloadbalancing:DescribeTargetGroupAttributes', resource: arn, signal };
  const command = new DescribeTargetGroupAttributesCommand({ TargetGroupArn: arn });
  const { Attributes } = await requireFound([missingTargetGroup(arn)], () =>
    callAws(call, (http) => client.send(command, http)),
  );
  return requireField(Attributes, 'Attributes', call).some(
    ({ Key, Value }) => Key === 'stickiness.enabled' && Value === 'true',
  );
}
