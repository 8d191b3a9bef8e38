import type { RuleAction, RuleMatch, TargetStatus } from '@aws-sdk/client-vpc-lattice';

/** A listener of the `SimulatedVpcLattice`. */
export interface SimulatedLatticeListener {
  /** The listener's ID. */
  readonly id: string;
  /** The listener's ARN. */
  readonly arn: string;
  /** The ID of the service that it belongs to. */
  readonly serviceId: string;
  /** The ARN of that service. */
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
  /** The ID of the listener that it belongs to. */
  readonly listenerId: string;
  /** 1–2000; the lowest is tried first. */
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
  /** The targets that are registered. */
  readonly targets: readonly SimulatedLatticeTarget[];
}

/** A target that is registered with a {@link SimulatedLatticeTargetGroup}. */
export interface SimulatedLatticeTarget {
  /** An instance ID, an IP address or an ARN. */
  readonly id: string;
  /** The port that it gets its traffic on. */
  readonly port: number;
  /**
   * The status that was set. Without it, a target is healthy while an action names its group, whatever the weight, and unused
   * while none does.
   */
  readonly status?: TargetStatus | undefined;
}
