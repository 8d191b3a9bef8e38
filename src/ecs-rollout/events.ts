import type { CheckError } from '../traffic/shift/shift-events.js';
import type { CheckResult } from '../traffic/types.js';

/** The phase of a creation or a rollout. */
export type RolloutPhase =
  /** Reads the service, and cleans up the canary of an earlier run. */
  | 'prepare'
  /** Registers the task definition, or finds it. */
  | 'registerTaskDefinition'
  /** Creates the service (`EcsRollout.up`). */
  | 'createService'
  /** Starts the canary, and waits until it runs. */
  | 'startCanary'
  /** Waits for the canary's container health checks. */
  | 'containerHealth'
  /** Registers the canary with the target groups, and waits until it is healthy in each. */
  | 'targetHealth'
  /** Watches the canary: for an idle time, or while the checks are evaluated. */
  | 'observe'
  /** Updates the service. */
  | 'updateService'
  /** Waits until the service is stable with the new task definition. */
  | 'serviceStable'
  /** Deregisters, drains and stops the canary. */
  | 'cleanUp';

/** Common part of all events. */
export interface RolloutEventTime {
  /** Time of the event, in milliseconds since 1970. */
  readonly at: number;
}

/** A phase begins. */
export interface RolloutPhaseStarted extends RolloutEventTime {
  /** Discriminates the events. */
  readonly type: 'phaseStarted';
  /** The phase. */
  readonly phase: RolloutPhase;
}

/** A canary of an earlier run of the same rollout was found, and is being cleaned up. */
export interface LeftoverFound extends RolloutEventTime {
  /** Discriminates the events. */
  readonly type: 'leftoverFound';
  /** The ARN of the task. */
  readonly taskArn: string;
}

/** The task definition is registered. */
export interface TaskDefinitionReady extends RolloutEventTime {
  /** Discriminates the events. */
  readonly type: 'taskDefinitionReady';
  /** Its ARN. */
  readonly taskDefinition: string;
  /** False when one that was registered already is used. */
  readonly registered: boolean;
}

/** ECS has accepted a new service. */
export interface ServiceCreated extends RolloutEventTime {
  /** Discriminates the events. */
  readonly type: 'serviceCreated';
  /** Its ARN. */
  readonly serviceArn: string;
}

/**
 * Features that ECS gives to the tasks of a service only. A canary of such a service runs without them:
 *
 * - `serviceConnect`: the canary does not resolve the namespace's names and is no endpoint;
 * - `serviceRegistries`: the canary has no DNS record of the service's Cloud Map registry;
 * - `vpcLattice`: the canary is no target of the service's VPC Lattice target groups;
 * - `gatewayConnectors`: the canary gets no traffic from the service's gateways.
 */
export type ServiceOnlyFeature = 'serviceConnect' | 'serviceRegistries' | 'vpcLattice' | 'gatewayConnectors';

/** The canary will run without features that ECS gives to the tasks of a service only: the rollout does not try them. */
export interface FeaturesUntried extends RolloutEventTime {
  /** Discriminates the events. */
  readonly type: 'featuresUntried';
  /** The features. */
  readonly features: readonly ServiceOnlyFeature[];
}

/** ECS has accepted the canary. */
export interface CanaryStarted extends RolloutEventTime {
  /** Discriminates the events. */
  readonly type: 'canaryStarted';
  /** The ARN of the task. */
  readonly taskArn: string;
}

/** The status or the health of the canary has changed. */
export interface CanaryChanged extends RolloutEventTime {
  /** Discriminates the events. */
  readonly type: 'canaryChanged';
  /** The ARN of the task. */
  readonly taskArn: string;
  /** Its last status, such as `PROVISIONING` or `RUNNING`. */
  readonly status: string;
  /** The health of its containers, when they have health checks. */
  readonly health: string;
}

/** The canary is registered with a target group. */
export interface CanaryRegistered extends RolloutEventTime {
  /** Discriminates the events. */
  readonly type: 'canaryRegistered';
  /** The ARN of the target group. */
  readonly targetGroupArn: string;
  /** The IP address or the instance ID of the target. */
  readonly targetId: string;
  /** The port. */
  readonly port: number;
}

/** The canary's health in a target group has changed. */
export interface TargetHealthChanged extends RolloutEventTime {
  /** Discriminates the events. */
  readonly type: 'targetHealthChanged';
  /** The ARN of the target group. */
  readonly targetGroupArn: string;
  /** The state, such as `initial` or `healthy`. */
  readonly state: string;
  /** AWS's reason code and description. */
  readonly detail: string | undefined;
}

/** A check was evaluated while the canary took traffic. */
export interface RolloutCheckEvaluated extends RolloutEventTime {
  /** Discriminates the events. */
  readonly type: 'checkEvaluated';
  /** The name of the check. */
  readonly check: string;
  /** True when the outcome decides nothing. */
  readonly dryRun: boolean;
  /** The result, or the error that the check threw. */
  readonly result: CheckResult | CheckError;
}

/** ECS has accepted the update of the service. */
export interface ServiceUpdated extends RolloutEventTime {
  /** Discriminates the events. */
  readonly type: 'serviceUpdated';
  /** The ARN of the previous task definition. */
  readonly from: string;
  /** The ARN of the new task definition. */
  readonly to: string;
}

/** The deployments of the service have changed. */
export interface ServiceChanged extends RolloutEventTime {
  /** Discriminates the events. */
  readonly type: 'serviceChanged';
  /** The deployments in words: task definition, counts, rollout state. */
  readonly detail: string;
}

/** The service is stable with the wanted task definition. */
export interface ServiceStable extends RolloutEventTime {
  /** Discriminates the events. */
  readonly type: 'serviceStable';
  /** The ARN of the task definition. */
  readonly taskDefinition: string;
  /** The number of tasks that run it. */
  readonly runningCount: number;
}

/** The service is being rolled back to its previous task definition. */
export interface ServiceRollingBack extends RolloutEventTime {
  /** Discriminates the events. */
  readonly type: 'rollingBack';
  /** The ARN of the previous task definition. */
  readonly to: string;
  /** The reason. */
  readonly reason: string;
}

/** The service is stable with its previous task definition again. */
export interface ServiceRolledBack extends RolloutEventTime {
  /** Discriminates the events. */
  readonly type: 'rolledBack';
  /** The ARN of the task definition that it runs. */
  readonly taskDefinition: string;
}

/** The canary gets no new traffic from a target group, and drains. */
export interface CanaryDeregistered extends RolloutEventTime {
  /** Discriminates the events. */
  readonly type: 'canaryDeregistered';
  /** The ARN of the target group. */
  readonly targetGroupArn: string;
}

/** The canary has stopped. */
export interface CanaryStopped extends RolloutEventTime {
  /** Discriminates the events. */
  readonly type: 'canaryStopped';
  /** The ARN of the task. */
  readonly taskArn: string;
}

/** The end: the service is stable with the new task definition, and the canary is gone. */
export interface RolloutSucceeded extends RolloutEventTime {
  /** Discriminates the events. */
  readonly type: 'succeeded';
  /** The ARN of the task definition that the service runs. */
  readonly taskDefinition: string;
}

/** The end: a `RolloutError` is thrown. */
export interface RolloutFailed extends RolloutEventTime {
  /** Discriminates the events. */
  readonly type: 'failed';
  /** The phase in which it failed. */
  readonly phase: RolloutPhase;
  /** The reason. */
  readonly reason: string;
  /** True when the service is unchanged, stable with the new task definition, or rolled back. */
  readonly serviceIntact: boolean;
}

/** Something that happened in `EcsRollout.up` or `EcsRollout.rollOut`. */
export type RolloutEvent =
  | RolloutPhaseStarted
  | LeftoverFound
  | TaskDefinitionReady
  | ServiceCreated
  | FeaturesUntried
  | CanaryStarted
  | CanaryChanged
  | CanaryRegistered
  | TargetHealthChanged
  | RolloutCheckEvaluated
  | ServiceUpdated
  | ServiceChanged
  | ServiceStable
  | ServiceRollingBack
  | ServiceRolledBack
  | CanaryDeregistered
  | CanaryStopped
  | RolloutSucceeded
  | RolloutFailed;
