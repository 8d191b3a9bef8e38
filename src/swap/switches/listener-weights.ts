import type { Action, ElasticLoadBalancingV2Client, Rule } from '@aws-sdk/client-elastic-load-balancing-v2';
import { type CallOptions, collectPages, isAwsError, requireField } from '../../core/aws-call.js';
import { ResourceNotFoundError, UnexpectedResponseError } from '../../core/errors.js';
import type { Loaded } from '../../core/lazy-client.js';

type ElasticLoadBalancing = Loaded<
  typeof import('@aws-sdk/client-elastic-load-balancing-v2'),
  ElasticLoadBalancingV2Client
>;

/** Weights of a rule that forwards. */
export interface RuleWeights {
  readonly ruleArn: string;
  /** Weights by the ARN of the target group. */
  readonly weights: ReadonlyMap<string, number>;
}

const action = 'elasticloadbalancing:DescribeRules';

/**
 * Reads the rules of a listener, its default rule included: DescribeRules returns it for the listeners of Application and Network Load
 * Balancers (boto/boto3#3591).
 *
 * @throws ResourceNotFoundError when the listener does not exist.
 */
export async function readRules(
  { sdk, client }: ElasticLoadBalancing,
  listenerArn: string,
  { signal }: CallOptions,
): Promise<readonly RuleWeights[]> {
  const resource = `listener ${listenerArn}`;
  const call = { action, resource, signal };
  try {
    const rules = await collectPages(
      call,
      (http) => sdk.paginateDescribeRules({ client }, { ListenerArn: listenerArn }, http),
      (page) => page.Rules,
    );
    if (!rules.some(({ IsDefault }) => IsDefault)) throw incomplete(resource, 'the default rule');
    return rules.map((rule) => weightsOf(rule, resource));
  } catch (error) {
    if (isAwsError(error, 'ListenerNotFoundException'))
      throw new ResourceNotFoundError(`Listener ${listenerArn} not found`, {
        resource,
        remedy: 'Correct listenerArn, or the Region and the account of the client',
        cause: error,
      });
    throw error;
  }
}

function weightsOf({ RuleArn, Actions = [] }: Rule, resource: string): RuleWeights {
  const ruleArn = requireField(RuleArn, 'RuleArn', { action, resource });
  const forward = Actions.find(({ Type }) => Type === 'forward');
  return { ruleArn, weights: forward === undefined ? new Map() : destinationsOf(forward, ruleArn) };
}

/** A single target group has all the traffic, whatever its weight. */
function destinationsOf({ TargetGroupArn, ForwardConfig }: Action, resource: string): Map<string, number> {
  const tuples = ForwardConfig?.TargetGroups ?? [];
  const only = tuples.length === 1 ? tuples[0]?.TargetGroupArn : TargetGroupArn;
  if (tuples.length < 2) return new Map([[requireField(only, 'TargetGroupArn', { action, resource }), 1]]);
  return new Map(
    tuples.map(({ TargetGroupArn: arn, Weight }) => [
      requireField(arn, 'TargetGroupArn', { action, resource }),
      requireField(Weight, 'Weight', { action, resource }),
    ]),
  );
}

function incomplete(resource: string, field: string): UnexpectedResponseError {
  return new UnexpectedResponseError({ action, resource, field });
}
