import type {
  Action,
  ProtocolEnum,
  RuleCondition,
  TargetHealth,
} from '@aws-sdk/client-elastic-load-balancing-v2';

/** A load balancer of the `SimulatedElasticLoadBalancing`. */
export interface SimulatedLoadBalancer {
  /** The load balancer's ARN. */
  readonly arn: string;
  /** The load balancer's name. */
  readonly name: string;
  /** Application or Network Load Balancer. */
  readonly type: 'application' | 'network';
}

/** A listener of the `SimulatedElasticLoadBalancing`, with its default rule. */
export interface SimulatedListener {
  /** The listener's ARN. */
  readonly arn: string;
  /** The ARN of its load balancer. */
  readonly loadBalancerArn: string;
  /** The port. */
  readonly port: number;
  /** The protocol. */
  readonly protocol: ProtocolEnum;
  /** The ARN of the rule with the default action, which ModifyRule cannot change. */
  readonly defaultRuleArn: string;
  /** Actions for requests that no rule matches. */
  readonly defaultActions: readonly Action[];
}

/** A rule of the `SimulatedElasticLoadBalancing`. */
export interface SimulatedListenerRule {
  /** The rule's ARN. */
  readonly arn: string;
  /** The ARN of its listener. */
  readonly listenerArn: string;
  /** 1–50000; the lowest is evaluated first. */
  readonly priority: number;
  /** Conditions that a request has to meet. */
  readonly conditions: readonly RuleCondition[];
  /** Actions for requests that match. */
  readonly actions: readonly Action[];
}

/** A target group of the `SimulatedElasticLoadBalancing`. */
export interface SimulatedTargetGroup {
  /** The target group's ARN. */
  readonly arn: string;
  /** The target group's name. */
  readonly name: string;
  /** The type of its targets. */
  readonly targetType: 'instance' | 'ip' | 'lambda';
  /** The default port of targets; undefined for Lambda functions. */
  readonly port: number | undefined;
  /** Seconds between two health checks of a target. The first passed check makes it healthy. */
  readonly healthCheckIntervalSeconds: number;
  /** Number of failed checks that makes a target unhealthy. */
  readonly unhealthyThresholdCount: number;
  /** Seconds that a deregistered target drains. */
  readonly deregistrationDelaySeconds: number;
  /** True with target stickiness: requests of a client go to the same target. */
  readonly stickiness: boolean;
  /** The registered targets. */
  readonly targets: readonly SimulatedTarget[];
}

/** A target that is registered with a {@link SimulatedTargetGroup}. */
export interface SimulatedTarget {
  /** An instance ID, an IP address or the ARN of a Lambda function. */
  readonly id: string;
  /** The port of its traffic. */
  readonly port: number | undefined;
  /** Time of its registration, in milliseconds since 1970; undefined for a target that has been registered for long. */
  readonly registeredAt?: number | undefined;
  /** End of its draining after deregistration, in milliseconds since 1970. */
  readonly drainingUntil?: number | undefined;
  /**
   * The health that a test has set. Without it, a target is checked while a rule or a default action names its group,
   * whatever the weight, and `unused` otherwise.
   */
  readonly health?: TargetHealth | undefined;
}
