import { type Duration, Token } from 'aws-cdk-lib';
import type { IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import * as v from 'valibot';
import { invalidInput } from '../core/errors.js';
import { nonEmptyString, strictObject } from '../core/schemas.js';
import { parseInput } from '../core/validate.js';
import { handlerPropsOf, type TimedHandlerProps, timedHandlerEntries } from './function-props.js';
import type { ManagedListenerRuleProvider } from './managed-listener-rule-provider.js';
import { arnOf, cdkObject, durationFrom, fineDurationFrom, integerFrom } from './props.js';

/** A target group and its share of the traffic. */
export interface ManagedRuleDestination {
  /** ARN of the target group. */
  readonly targetGroupArn: string;
  /** Weight, 0 to 999; the two weights are relative to each other. */
  readonly weight: number;
}

/** Bounds of a healthy metric: at least one. */
export interface ManagedRuleBounds {
  /**
   * Smallest healthy value.
   * @default no lower bound
   */
  readonly min?: number | undefined;
  /**
   * Largest healthy value.
   * @default no upper bound
   */
  readonly max?: number | undefined;
  /**
   * Time between two evaluations, 1 second to 1 hour.
   * @default 1 minute
   */
  readonly interval?: Duration | undefined;
}

/** A CloudWatch metric that has to stay within its bounds while the traffic shifts. */
export interface ManagedRuleMetric extends ManagedRuleBounds {
  /** Metric, or math expression of metrics, of the target group that gets the traffic. A step takes one to two of its periods. */
  readonly metric: IMetric;
}

/** A Datadog query that has to stay within its bounds. The keys are those of the handler. */
export interface ManagedRuleDatadogMetric extends ManagedRuleBounds {
  /** Query in the syntax of Datadog. */
  readonly query: string;
  /**
   * URL of the Datadog site.
   * @default https://api.datadoghq.com
   */
  readonly address?: string | undefined;
}

/** Props of {@link ManagedListenerRule}. At least one condition is required: hosts, pathPatterns and so on. */
export interface ManagedListenerRuleProps extends TimedHandlerProps {
  /**
   * Provider of another rule in the same stack, in place of `entry` and `code`.
   * @default the construct creates a provider
   */
  readonly provider?: ManagedListenerRuleProvider | undefined;
  /** ARN of the listener of an Application Load Balancer. */
  readonly listenerArn: string;
  /** Priority of the rule, 1 to 50,000. */
  readonly priority: number;
  /** The two target groups. Change their weights to shift the traffic. */
  readonly destinations: readonly [ManagedRuleDestination, ManagedRuleDestination];
  /**
   * Host names of the condition.
   * @default none
   */
  readonly hosts?: readonly string[] | undefined;
  /**
   * Path patterns of the condition.
   * @default none
   */
  readonly pathPatterns?: readonly string[] | undefined;
  /**
   * HTTP methods of the condition.
   * @default none
   */
  readonly methods?: readonly string[] | undefined;
  /**
   * CIDR ranges of the condition.
   * @default none
   */
  readonly sourceIps?: readonly string[] | undefined;
  /**
   * Values of the condition by the name of the header.
   * @default none
   */
  readonly headers?: Readonly<Record<string, readonly string[]>> | undefined;
  /**
   * Values of the condition by the key of the query string; one pair has to match.
   * @default none
   */
  readonly queryStrings?: Readonly<Record<string, string>> | undefined;
  /**
   * Percent of the traffic that each step adds, 1 to 100.
   * @default 50
   */
  readonly stepWeight?: number | undefined;
  /**
   * Duration of a step, up to 1 hour.
   * @default 1 second
   */
  readonly stepInterval?: Duration | undefined;
  /**
   * CloudWatch metric to check.
   * @default none
   */
  readonly cloudWatchMetric?: ManagedRuleMetric | undefined;
  /**
   * Datadog metric to check.
   * @default none
   */
  readonly datadogMetric?: ManagedRuleDatadogMetric | undefined;
  /**
   * Keeps the rule when the resource is deleted.
   * @default false
   */
  readonly retainOnDelete?: boolean | undefined;
  /**
   * Adopts an existing rule with this priority.
   * @default false
   */
  readonly adoptExisting?: boolean | undefined;
  /**
   * Time that CloudFormation waits for a rollout, up to 1 hour.
   * @default 1 hour
   */
  readonly serviceTimeout?: Duration | undefined;
}

const strings = v.optional(v.array(nonEmptyString));
const finite = v.pipe(
  v.number(),
  // Some tokens of numbers are not finite.
  v.check((value) => Token.isUnresolved(value) || Number.isFinite(value), 'a finite number'),
);
const bounds = {
  min: v.optional(finite),
  max: v.optional(finite),
  interval: v.optional(fineDurationFrom(1, 3600)),
};
const destination = strictObject({
  targetGroupArn: arnOf('elasticloadbalancing', 'targetgroup/'),
  weight: integerFrom(0, 999),
});

const ruleEntries = {
  listenerArn: arnOf('elasticloadbalancing', 'listener/app/'),
  priority: integerFrom(1, 50_000),
  destinations: v.strictTuple([destination, destination]),
  hosts: strings,
  pathPatterns: strings,
  methods: strings,
  sourceIps: strings,
  headers: v.optional(v.record(nonEmptyString, v.array(nonEmptyString))),
  queryStrings: v.optional(v.record(nonEmptyString, nonEmptyString)),
  stepWeight: v.optional(integerFrom(1, 100)),
  stepInterval: v.optional(fineDurationFrom(0, 3600)),
  cloudWatchMetric: v.optional(
    strictObject({
      metric: cdkObject<IMetric>('a metric of aws-cdk-lib/aws-cloudwatch', 'toMetricConfig'),
      ...bounds,
    }),
  ),
  datadogMetric: v.optional(
    strictObject({ query: nonEmptyString, address: v.optional(nonEmptyString), ...bounds }),
  ),
  retainOnDelete: v.optional(v.boolean()),
  adoptExisting: v.optional(v.boolean()),
  serviceTimeout: v.optional(durationFrom(1, 3600)),
};

const propsSchema = strictObject({
  ...timedHandlerEntries,
  provider: v.optional(
    cdkObject<ManagedListenerRuleProvider>('a ManagedListenerRuleProvider', 'allowListener', 'stateMachine'),
  ),
  ...ruleEntries,
});

export const subject = 'ManagedListenerRule props';

/** @throws InvalidInputError that names every wrong prop. */
export function requireRuleProps(props: ManagedListenerRuleProps): void {
  parseInput(subject, propsSchema, props);
  requireRule(props);
}

/** @throws InvalidInputError for props that are well-formed each, and do not fit together. */
function requireRule(props: ManagedListenerRuleProps): void {
  const problem = (field: string, expected: string, actual: string) =>
    invalidInput(subject, { field, expected, actual });
  const { hosts, pathPatterns, methods, sourceIps, headers = {}, queryStrings = {} } = props;
  const lists = [hosts, pathPatterns, methods, sourceIps, Object.keys(headers), Object.keys(queryStrings)];
  if (lists.every((list = []) => list.length === 0))
    throw problem(
      'hosts',
      'a condition: hosts, pathPatterns, methods, sourceIps, headers or queryStrings',
      'none',
    );
  const [one, other] = props.destinations;
  if (one.targetGroupArn === other.targetGroupArn)
    throw problem('destinations[1].targetGroupArn', 'another target group than the first', 'the same');
  if (one.weight === 0 && other.weight === 0)
    throw problem('destinations', 'a weight above 0 for one of the two', '0 for both');
  for (const field of ['cloudWatchMetric', 'datadogMetric'] as const) {
    const metric = props[field];
    if (metric !== undefined && !hasBounds(metric))
      throw problem(`${field}.max`, 'a min, a max, or both with min below max', 'none that fit');
  }
  if (props.provider === undefined) return;
  const [set] = Object.keys(handlerPropsOf(props));
  if (set !== undefined) throw problem(set, 'no value beside provider, which has its own', 'a value');
}

/** True for one bound, and for two in order. A token has its value only later. */
function hasBounds({ min, max }: ManagedRuleBounds): boolean {
  if (min === undefined || max === undefined) return min !== max;
  return Token.isUnresolved(min) || Token.isUnresolved(max) || min <= max;
}
