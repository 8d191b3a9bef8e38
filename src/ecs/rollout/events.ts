import type { CheckError } from '../../traffic/shift/shift-events.js';
import type { CheckResult } from '../../traffic/types.js';

/** How far `EcsTools.up` or `EcsTools.rollOut` is. */
export type RolloutPhase =
  /** The service is looked at, and what an earlier run left behind is cleaned up. */
  | 'prepare'
  /** The task definition is registered, or found. */
  | 'registerTaskDefinition'
  /** The service is created (`EcsTools.up`). */
  | 'createService'
  /** The canary is started, and has to run. */
  | 'startCanary'
  /** The canary's container health checks have to pass. */
  | 'containerHealth'
  /** The canary is registered with the target groups, and has to be healthy in each. */
  | 'targetHealth'
  /** The canary is watched: for an idle time, or while the checks are made. */
  | 'observe'
  /** The service is updated. */
  | 'updateService'
  /** The service has to become stable with the new task definition. */
  | 'serviceStable'
  /** The canary is deregistered, drained and stopped. */
  | 'cleanUp';

/** What every event has. */
export interface RolloutEventTime {
  /** When it happened: milliseconds since 1970. */
  readonly at: number;
}

/** A phase begins. */
export interface RolloutPhaseStarted extends RolloutEventTime {
  /** Tells the events apart. */
  readonly type: 'phaseStarted';
  /** Which one. */
  readonly phase: RolloutPhase;
}

/** An earlier run of the same rollout left a canary behind; it is cleaned up. */
export interface LeftoverFound extends RolloutEventTime {
  /** Tells the events apart. */
  readonly type: 'leftoverFound';
  /** The ARN of the task. */
  readonly taskArn: string;
}

/** The task definition is there. */
export interface TaskDefinitionReady extends RolloutEventTime {
  /** Tells the events apart. */
  readonly type: 'taskDefinitionReady';
  /** Its ARN. */
  readonly taskDefinition: string;
  /** Whether it was registered; `false` when one that was registered already is taken. */
  readonly registered: boolean;
}

/** ECS has accepted a new service. */
export interface ServiceCreated extends RolloutEventTime {
  /** Tells the events apart. */
  readonly type: 'serviceCreated';
  /** Its ARN. */
  readonly serviceArn: string;
}

/** ECS has accepted the canary. */
export interface CanaryStarted extends RolloutEventTime {
  /** Tells the events apart. */
  readonly type: 'canaryStarted';
  /** The ARN of the task. */
  readonly taskArn: string;
}

/** The canary has changed; told at every change that a look at it has found. */
export interface CanaryChanged extends RolloutEventTime {
  /** Tells the events apart. */
  readonly type: 'canaryChanged';
  /** The ARN of the task. */
  readonly taskArn: string;
  /** Its last status, such as `PROVISIONING` or `RUNNING`. */
  readonly status: string;
  /** The health that its containers tell, when there are health checks. */
  readonly health: string;
}

/** The canary is registered with a target group. */
export interface CanaryRegistered extends RolloutEventTime {
  /** Tells the events apart. */
  readonly type: 'canaryRegistered';
  /** The ARN of the target group. */
  readonly targetGroupArn: string;
  /** The IP address or the instance ID that the canary is registered by. */
  readonly targetId: string;
  /** The port. */
  readonly port: number;
}

/** The canary's health in a target group has changed. */
export interface TargetHealthChanged extends RolloutEventTime {
  /** Tells the events apart. */
  readonly type: 'targetHealthChanged';
  /** The ARN of the target group. */
  readonly targetGroupArn: string;
  /** The state, such as `initial` or `healthy`. */
  readonly state: string;
  /** What AWS says about it. */
  readonly detail: string | undefined;
}

/** A check was evaluated while the canary took traffic. */
export interface RolloutCheckEvaluated extends RolloutEventTime {
  /** Tells the events apart. */
  readonly type: 'checkEvaluated';
  /** The name of the check. */
  readonly check: string;
  /** Whether its outcome decides nothing. */
  readonly dryRun: boolean;
  /** What it found, or that it threw. */
  readonly result: CheckResult | CheckError;
}

/** ECS has accepted the update of the service. */
export interface ServiceUpdated extends RolloutEventTime {
  /** Tells the events apart. */
  readonly type: 'serviceUpdated';
  /** The ARN of the task definition that it ran. */
  readonly from: string;
  /** The ARN of the task definition that it is to run. */
  readonly to: string;
}

/** The service's deployment has changed; told at every change that a look at it has found. */
export interface ServiceChanged extends RolloutEventTime {
  /** Tells the events apart. */
  readonly type: 'serviceChanged';
  /** The deployment in words: task definition, counts, rollout state. */
  readonly detail: string;
}

/** The service is stable with the task definition that it should run. */
export interface ServiceStable extends RolloutEventTime {
  /** Tells the events apart. */
  readonly type: 'serviceStable';
  /** The ARN of the task definition. */
  readonly taskDefinition: string;
  /** How many tasks run it. */
  readonly runningCount: number;
}

/** The service goes back to its previous task definition. */
export interface ServiceRollingBack extends RolloutEventTime {
  /** Tells the events apart. */
  readonly type: 'rollingBack';
  /** The ARN of the task definition that it goes back to. */
  readonly to: string;
  /** Why. */
  readonly reason: string;
}

/** The service is stable with its previous task definition again. */
export interface ServiceRolledBack extends RolloutEventTime {
  /** Tells the events apart. */
  readonly type: 'rolledBack';
  /** The ARN of the task definition that it runs. */
  readonly taskDefinition: string;
}

/** The canary gets no new traffic from a target group; it drains. */
export interface CanaryDeregistered extends RolloutEventTime {
  /** Tells the events apart. */
  readonly type: 'canaryDeregistered';
  /** The ARN of the target group. */
  readonly targetGroupArn: string;
}

/** The canary has stopped. */
export interface CanaryStopped extends RolloutEventTime {
  /** Tells the events apart. */
  readonly type: 'canaryStopped';
  /** The ARN of the task. */
  readonly taskArn: string;
}

/** The end: the service is stable with the new task definition, and the canary is gone. */
export interface RolloutSucceeded extends RolloutEventTime {
  /** Tells the events apart. */
  readonly type: 'succeeded';
  /** The ARN of the task definition that the service runs. */
  readonly taskDefinition: string;
}

/** The end: a `RolloutError` is thrown. */
export interface RolloutFailed extends RolloutEventTime {
  /** Tells the events apart. */
  readonly type: 'failed';
  /** The phase in which it failed. */
  readonly phase: RolloutPhase;
  /** Why, in words. */
  readonly reason: string;
  /** Whether the service is whole: unchanged, stable with the new task definition, or rolled back. */
  readonly serviceIntact: boolean;
}

/** What happened in `EcsTools.up` or `EcsTools.rollOut`. */
export type RolloutEvent =
  | RolloutPhaseStarted
  | LeftoverFound
  | TaskDefinitionReady
  | ServiceCreated
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
