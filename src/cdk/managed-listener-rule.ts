import { CustomResource, Duration, Stack, Token } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { withoutUndefined } from '../core/without-undefined.js';
import { handlerPropsOf } from './function-props.js';
import { requireSource } from './handler-functions.js';
import { ManagedListenerRuleProvider } from './managed-listener-rule-provider.js';
import {
  type ManagedListenerRuleProps,
  type ManagedRuleBounds,
  requireRuleProps,
  subject,
} from './managed-rule-props.js';
import { queriesOf } from './metric-query.js';

/**
 * A listener rule that CloudFormation owns: `Custom::ManagedListenerRule`. Change its weights, and the update of the stack shifts the traffic
 * step by step. It fails, with the traffic back, when a metric leaves its bounds.
 *
 * Check the target group that gets the traffic: change `cloudWatchMetric` together with the weights.
 *
 * @example
 * ```ts
 * import { Duration, Stack } from 'aws-cdk-lib';
 * import { ManagedListenerRule } from 'aws-blue-green-toolkit/cdk';
 *
 * const stack = new Stack();
 * const arnOf = (name: string) => `arn:aws:elasticloadbalancing:eu-west-1:111122223333:${name}`;
 * new ManagedListenerRule(stack, 'Rule', {
 *   entry: 'managed-rule.ts',
 *   listenerArn: arnOf('listener/app/web/50dc6c495c0c9188/f2f7dc8efc522ab2'),
 *   priority: 11,
 *   hosts: ['example.com'],
 *   destinations: [
 *     { targetGroupArn: arnOf('targetgroup/web-blue/6d0ecf831eec9f09'), weight: 100 },
 *     { targetGroupArn: arnOf('targetgroup/web-green/73e2d6bc24d8a067'), weight: 0 },
 *   ],
 *   stepWeight: 10,
 *   stepInterval: Duration.minutes(2),
 * });
 * ```
 */
export class ManagedListenerRule extends Construct {
  /** Function and state machine of the rule. */
  readonly provider: ManagedListenerRuleProvider;
  /** The custom resource. */
  readonly resource: CustomResource;
  /** ARN of the listener rule. */
  readonly ruleArn: string;

  /** @throws InvalidInputError for a missing, malformed or unknown prop. */
  constructor(scope: Construct, id: string, props: ManagedListenerRuleProps) {
    super(scope, id);
    requireRuleProps(props);
    this.provider = props.provider ?? this.#createProvider(props);
    this.provider.allowListener(props.listenerArn);
    this.resource = new CustomResource(this, 'Resource', {
      serviceToken: this.provider.function.functionArn,
      resourceType: 'Custom::ManagedListenerRule',
      serviceTimeout: props.serviceTimeout ?? Duration.hours(1),
      properties: propertiesOf(props, Stack.of(this)),
    });
    // A rollout needs the state machine and the policies, also when the stack is deleted.
    this.resource.node.addDependency(this.provider);
    this.ruleArn = this.resource.getAttString('RuleArn');
  }

  #createProvider(props: ManagedListenerRuleProps): ManagedListenerRuleProvider {
    requireSource(subject, props);
    return new ManagedListenerRuleProvider(this, 'Provider', handlerPropsOf(props));
  }
}

/** Returns the properties of the custom resource. CloudFormation sends every value as a string. */
function propertiesOf(props: ManagedListenerRuleProps, stack: Stack): Record<string, unknown> {
  const { cloudWatchMetric, datadogMetric } = props;
  return withoutUndefined<Record<string, unknown>>({
    ListenerArn: props.listenerArn,
    Priority: props.priority,
    Hosts: props.hosts,
    PathPatterns: props.pathPatterns,
    Methods: props.methods,
    SourceIPs: props.sourceIps,
    Headers: props.headers,
    QueryStrings: props.queryStrings,
    Destinations: props.destinations.map(({ targetGroupArn, weight }) => ({
      TargetGroupArn: targetGroupArn,
      Weight: weight,
    })),
    StepWeight: props.stepWeight,
    StepInterval: intervalOf(props.stepInterval),
    CloudWatchMetric: cloudWatchMetric && {
      ...boundsOf(cloudWatchMetric),
      Query: stack.toJsonString(queriesOf(cloudWatchMetric.metric, 'cloudWatchMetric.metric')),
    },
    DatadogMetric: datadogMetric && {
      ...boundsOf(datadogMetric),
      Query: datadogMetric.query,
      Address: datadogMetric.address,
    },
    RetainOnDelete: props.retainOnDelete,
    AdoptExisting: props.adoptExisting,
  });
}

/** Returns the bounds as CloudFormation sends them: as text. */
function boundsOf({ min, max, interval }: ManagedRuleBounds): Readonly<Record<string, string | undefined>> {
  return { Min: textOf(min), Max: textOf(max), Interval: intervalOf(interval) };
}

function textOf(value: number | undefined): string | undefined {
  if (value === undefined) return undefined;
  return Token.isUnresolved(value) ? Token.asString(value) : String(value);
}

function intervalOf(interval: Duration | undefined): string | undefined {
  return interval === undefined ? undefined : `${interval.toMilliseconds()}ms`;
}
