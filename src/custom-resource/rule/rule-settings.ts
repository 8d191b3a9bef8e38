import type { Action, Rule, RuleCondition, Tag } from '@aws-sdk/client-elastic-load-balancing-v2';
import { requireField } from '../../core/aws-call.js';
import { ResourceStateError } from '../../core/errors.js';
import { writable } from '../../traffic/targets/forward-action.js';
import type { ResourceOwner } from '../protocol/event.js';
import type { RuleConditions, RuleDestination } from './properties.js';

const tagKeys = {
  stackId: 'aws-blue-green-toolkit:stack-id',
  logicalResourceId: 'aws-blue-green-toolkit:logical-id',
} as const;

/** Returns the tags of a rule that is created for a resource of a stack. */
export function ownerTags(owner: ResourceOwner): Tag[] {
  return [
    { Key: tagKeys.stackId, Value: owner.stackId },
    { Key: tagKeys.logicalResourceId, Value: owner.logicalResourceId },
  ];
}

/** Reads the resource that a rule was created for. Returns undefined for a rule that no resource has created. */
export function ownerIn(tags: readonly Tag[]): ResourceOwner | undefined {
  const [stackId, logicalResourceId] = [tagKeys.stackId, tagKeys.logicalResourceId].map(
    (key) => tags.find(({ Key }) => Key === key)?.Value,
  );
  return stackId === undefined || logicalResourceId === undefined
    ? undefined
    : { stackId, logicalResourceId };
}

/** True when a rule with these tags was created for the resource. */
export function isCreatedFor({ stackId, logicalResourceId }: ResourceOwner, tags: readonly Tag[]): boolean {
  const owner = ownerIn(tags);
  return owner?.stackId === stackId && owner.logicalResourceId === logicalResourceId;
}

/** True when a physical ID is the ARN of a rule. */
export function isRuleArn(physicalResourceId: string): boolean {
  return /^arn:[^:]+:elasticloadbalancing:[^:]*:[^:]*:listener-rule\//.test(physicalResourceId);
}

/** True when a rule belongs to a listener: its ARN is the listener's with a further ID. */
export function isInListener(ruleArn: string, listenerArn: string): boolean {
  return ruleArn.startsWith(`${listenerArn.replace(':listener/', ':listener-rule/')}/`);
}

/**
 * Returns the conditions of a rule in Elastic Load Balancing's form. A request has to meet all of them. The pairs of a query
 * string are one condition, which one matching pair meets, as in courier.
 */
export function elbConditions(conditions: RuleConditions): RuleCondition[] {
  const { hosts, pathPatterns, methods, sourceIps, headers, queryStrings } = conditions;
  const pairs = Object.entries(queryStrings).map(([Key, Value]) => ({ Key, Value }));
  return [
    ...some(hosts, (Values) => ({ Field: 'host-header', HostHeaderConfig: { Values } })),
    ...some(pathPatterns, (Values) => ({ Field: 'path-pattern', PathPatternConfig: { Values } })),
    ...some(methods, (Values) => ({ Field: 'http-request-method', HttpRequestMethodConfig: { Values } })),
    ...some(sourceIps, (Values) => ({ Field: 'source-ip', SourceIpConfig: { Values } })),
    ...Object.entries(headers).flatMap(([HttpHeaderName, list]) =>
      some(list, (Values) => ({ Field: 'http-header', HttpHeaderConfig: { HttpHeaderName, Values } })),
    ),
    ...some(pairs, (Values) => ({ Field: 'query-string', QueryStringConfig: { Values } })),
  ];
}

/** True when two lists of conditions match the same requests. Ignores their order and form. */
export function haveSameMeaning(one: readonly RuleCondition[], other: readonly RuleCondition[]): boolean {
  return JSON.stringify(meaningOf(one)) === JSON.stringify(meaningOf(other));
}

export function forwardTo(destinations: readonly RuleDestination[]): Action[] {
  return [{ Type: 'forward', ForwardConfig: { TargetGroups: tuplesOf(destinations) } }];
}

/** The ARN of a rule. @throws UnexpectedResponseError for one without an ARN. */
export function arnOf({ RuleArn }: Rule): string {
  const call = { action: 'elasticloadbalancing:DescribeRules', resource: 'listener rule' };
  return requireField(RuleArn, 'RuleArn', call);
}

/** True when a rule forwards its requests. False for a fixed response or a redirect. */
export function isForwarding({ Actions = [] }: Rule): boolean {
  return Actions.some(({ Type }) => Type === 'forward');
}

/**
 * Returns the target groups that a rule forwards to.
 *
 * @throws ResourceStateError when the rule does not forward, or all weights are 0.
 */
export function destinationsOf({ RuleArn = '', Actions = [] }: Rule): RuleDestination[] {
  const forward = Actions.find(({ Type }) => Type === 'forward');
  if (forward === undefined) {
    throw new ResourceStateError('The listener rule does not forward', {
      resource: RuleArn,
      expected: 'a forward action',
      actual: Actions.map(({ Type }) => Type).join(', ') || 'no action',
      remedy: 'Add a forward action to the rule by hand, then update the stack again',
    });
  }
  const { ForwardConfig, TargetGroupArn } = forward;
  const tuples = ForwardConfig?.TargetGroups ?? (TargetGroupArn ? [{ TargetGroupArn, Weight: 1 }] : []);
  const destinations = tuples.map(({ TargetGroupArn: arn = '', Weight }) => ({
    targetGroupArn: arn,
    // A single target group gets all the traffic, regardless of its weight.
    weight: tuples.length === 1 ? 1 : (Weight ?? 1),
  }));
  if (destinations.some(({ weight }) => weight > 0)) return destinations;
  throw new ResourceStateError('All weights of the listener rule are 0', {
    resource: RuleArn,
    expected: 'a weight above 0 for one target group',
    actual: 'only 0',
    remedy: 'Set a weight for one of the target groups by hand, then update the stack again',
  });
}

/** Returns the action list with other destinations. Keeps everything else, such as stickiness and authentication. */
export function withDestinations(
  actions: readonly Action[],
  destinations: readonly RuleDestination[],
): Action[] {
  return writable(actions).map((action) => {
    if (action.Type !== 'forward') return action;
    const { TargetGroupArn: _single, ...rest } = action;
    return { ...rest, ForwardConfig: { ...rest.ForwardConfig, TargetGroups: tuplesOf(destinations) } };
  });
}

function tuplesOf(destinations: readonly RuleDestination[]) {
  return destinations.map(({ targetGroupArn, weight }) => ({
    TargetGroupArn: targetGroupArn,
    Weight: weight,
  }));
}

function some<Item>(items: readonly Item[], condition: (values: Item[]) => RuleCondition): RuleCondition[] {
  return items.length > 0 ? [condition([...items])] : [];
}

/** Normalizes conditions. Elastic Load Balancing returns hosts and paths twice, once in an older form. */
function meaningOf(conditions: readonly RuleCondition[]): string[] {
  return conditions
    .map(({ Values, ...condition }) =>
      JSON.stringify(
        sorted({
          ...condition,
          ...(!condition.HostHeaderConfig && !condition.PathPatternConfig && Values && { Values }),
        }),
      ),
    )
    .sort();
}

/** Drops absent keys, and puts keys and lists in one order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((it) => JSON.stringify(sorted(it))).sort();
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value)
    .filter(([, it]) => it !== undefined)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, it]) => [key, sorted(it)]);
}
