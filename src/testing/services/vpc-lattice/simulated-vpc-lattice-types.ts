import type { RuleAction, RuleMatch, TargetStatus } from '@aws-sdk/client-vpc-lattice';

/** A listener of the `SimulatedVpcLattice`. */
export interface SimulatedLatticeListener {
  /** The listener's ID. */
  readonly id: string;
  /** The listener's ARN. */
  readonly arn: string;
  /** The ID of its service. */
  readonly serviceId: string;
  /** The ARN of its service. */
  readonly serviceArn: string;
  /** The action for requests that no rule matches. */
  readonly defaultAction: RuleAction;
}

/** A rule of the `SimulatedVpcLattice`. */
export interface SimulatedLatticeRule {
  /** The rule's ID. */
  readonly id: string;
  /** The rule's ARN. */
  readonly arn: string;
  /** The ID of its listener. */
  readonly listenerId: string;
  /** 1–2000; the lowest is evaluated first. */
  readonly priority: number;
  /** Conditions that a request has to meet. */
  readonly match: RuleMatch;
  /** The action for requests that match. */
  readonly action: RuleAction;
}

/** A target group of the `SimulatedVpcLattice`. */
export interface SimulatedLatticeTargetGroup {
  /** The target group's ID. */
  readonly id: string;
  /** The target group's ARN. */
  readonly arn: string;
  /** The registered targets. */
  readonly targets: readonly SimulatedLatticeTarget[];
}

/** A target that is registered with a {@link SimulatedLatticeTargetGroup}. */
export interface SimulatedLatticeTarget {
  /** An instance ID, an IP address or an ARN. */
  readonly id: string;
  /** The port of its traffic. */
  readonly port: number;
  /**
   * The status that a test has set. Without it, a target is healthy while an action names its group, whatever the weight,
   * and unused otherwise.
   */
  readonly status?: TargetStatus | undefined;
}
