import type { Action, Rule, RuleCondition, Tag } from '@aws-sdk/client-elastic-load-balancing-v2';
import { ResourceStateError } from '../core/errors.js';
import { writable } from '../traffic/targets/forward-action.js';
import type { RuleConditions, RuleDestination } from './properties.js';

/** Whose a rule is. */
export interface RuleOwner {
  readonly stackId: string;
  readonly logicalResourceId: string;
}

const tagKeys = {
  stackId: 'aws-blue-green-toolkit:stack-id',
  logicalResourceId: 'aws-blue-green-toolkit:logical-id',
} as const;

/** The marks of a rule that was created for a resource of a stack. */
export function tagsOf(owner: RuleOwner): Tag[] {
  return [
    { Key: tagKeys.stackId, Value: owner.stackId },
    { Key: tagKeys.logicalResourceId, Value: owner.logicalResourceId },
  ];
}

/** Whether a rule with these tags was created for the resource. */
export function isCreatedFor(owner: RuleOwner, tags: readonly Tag[]): boolean {
  return tagsOf(owner).every(({ Key, Value }) => tags.some((tag) => tag.Key === Key && tag.Value === Value));
}

/** Whether a physical ID is the ARN of a rule; others are made up. */
export function isRuleArn(physicalResourceId: string): boolean {
  return /^arn:[^:]+:elasticloadbalancing:[^:]*:[^:]*:listener-rule\//.test(physicalResourceId);
}

/** Whether a rule is one of a listener's: its ARN is that of the listener, with an ID of its own behind it. */
export function isInListener(ruleArn: string, listenerArn: string): boolean {
  return ruleArn.startsWith(`${listenerArn.replace(':listener/', ':listener-rule/')}/`);
}

/**
 * The conditions of a rule as Elastic Load Balancing takes them; a request has to meet each of them. The pairs of a query
 * string are one condition, of which one pair is enough: so it is with courier.
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

/** Whether two lists of conditions are for the same requests, in whatever order and form. */
export function haveSameMeaning(one: readonly RuleCondition[], other: readonly RuleCondition[]): boolean {
  return JSON.stringify(meaningOf(one)) === JSON.stringify(meaningOf(other));
}

/** The forward action of a new rule. */
export function forwardTo(destinations: readonly RuleDestination[]): Action[] {
  return [{ Type: 'forward', ForwardConfig: { TargetGroups: tuplesOf(destinations) } }];
}

/** Where a rule forwards to. @throws ResourceStateError when it does not forward, or nothing of the traffic. */
export function destinationsOf({ RuleArn = '', Actions = [] }: Rule): RuleDestination[] {
  const forward = Actions.find(({ Type }) => Type === 'forward');
  if (forward === undefined) {
    throw new ResourceStateError('Nothing is forwarded', {
      resource: RuleArn,
      expected: 'a forward action',
      actual: Actions.map(({ Type }) => Type).join(', ') || 'no action',
      remedy: 'Delete the rule, or give another priority',
    });
  }
  const { ForwardConfig, TargetGroupArn } = forward;
  const tuples = ForwardConfig?.TargetGroups ?? (TargetGroupArn ? [{ TargetGroupArn, Weight: 1 }] : []);
  const destinations = tuples.map(({ TargetGroupArn: arn = '', Weight }) => ({
    targetGroupArn: arn,
    // The weight of an only target group means nothing.
    weight: tuples.length === 1 ? 1 : (Weight ?? 1),
  }));
  if (destinations.some(({ weight }) => weight > 0)) return destinations;
  throw new ResourceStateError('All weights are 0', {
    resource: RuleArn,
    expected: 'a target group that has the traffic, from which it can be shifted',
    actual: 'traffic for none of them',
    remedy: 'Give one of the target groups a weight by hand, then update the stack again',
  });
}

/** The action list with other destinations; all the rest, stickiness and authentication too, is as it was. */
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

/** Elastic Load Balancing tells hosts and paths twice, in an older form too. */
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

/** Without what is absent, keys and lists in one order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((it) => JSON.stringify(sorted(it))).sort();
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value)
    .filter(([, it]) => it !== undefined)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, it]) => [key, sorted(it)]);
}
