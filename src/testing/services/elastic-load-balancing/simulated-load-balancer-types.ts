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
  /** The load balancer that it belongs to. */
  readonly loadBalancerArn: string;
  /** The port that it listens on. */
  readonly port: number;
  /** The protocol that it speaks. */
  readonly protocol: ProtocolEnum;
  /** The ARN of the rule that stands for the default action; it cannot be changed as a rule. */
  readonly defaultRuleArn: string;
  /** Actions for requests that no rule matches. */
  readonly defaultActions: readonly Action[];
}

/** A rule of the `SimulatedElasticLoadBalancing`. */
export interface SimulatedListenerRule {
  /** The rule's ARN. */
  readonly arn: string;
  /** The listener that it belongs to. */
  readonly listenerArn: string;
  /** 1–50000; the lowest is tried first. */
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
  /** The port of targets that are registered without one; Lambda functions have none. */
  readonly port: number | undefined;
  /** Seconds between two checks of a target; the first passed one makes it healthy. */
  readonly healthCheckIntervalSeconds: number;
  /** Failed checks that make a target unhealthy. */
  readonly unhealthyThresholdCount: number;
  /** Seconds for which a deregistered target drains. */
  readonly deregistrationDelaySeconds: number;
  /** Target stickiness: requests of a client go to the same target. */
  readonly stickiness: boolean;
  /** The targets that are registered. */
  readonly targets: readonly SimulatedTarget[];
}

/** A target that is registered with a {@link SimulatedTargetGroup}. */
export interface SimulatedTarget {
  /** An instance ID, an IP address or the ARN of a Lambda function. */
  readonly id: string;
  /** The port that it gets its traffic on. */
  readonly port: number | undefined;
  /** Time of its registration, in milliseconds since 1970; without it, the target has been there for long. */
  readonly registeredAt?: number | undefined;
  /** End of its draining, once it is deregistered. */
  readonly drainingUntil?: number | undefined;
  /**
   * The health that was set. Without it, a target is checked while a rule or a default action names its group, whatever the
   * weight, and `unused` while none does.
   */
  readonly health?: TargetHealth | undefined;
}
