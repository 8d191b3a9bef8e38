import type {
  CreateServiceCommandInput,
  ECSClient,
  RegisterTaskDefinitionCommandInput,
  UpdateServiceCommandInput,
} from '@aws-sdk/client-ecs';
import type { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { CallOptions } from '../core/aws-call.js';
import type { ClientOptions } from '../core/clients.js';
import type { Clock } from '../core/clock.js';
import type { Logger } from '../core/logger.js';
import type { StackReference } from '../core/stack-reference.js';
import type { Check, CheckPolicy } from '../traffic/types.js';
import type { RolloutEvent, ServiceOnlyFeature } from './events.js';

/** The AWS clients of `EcsRollout`. */
export interface EcsRolloutClients {
  /** Reads, creates and updates the service, and runs the canary. */
  readonly ecs: ECSClient;
  /** Registers the canary with the service's target groups. */
  readonly elasticLoadBalancing: ElasticLoadBalancingV2Client;
}

/** Options of `EcsRollout`. */
export type EcsRolloutOptions = ClientOptions<EcsRolloutClients> & {
  /** The name or ARN of the cluster that the service runs in. */
  readonly cluster: string;
  /** The name or ARN of the service. */
  readonly service: string;
  /**
   * The desired count of a service that `up` creates, when its definition has none.
   * @default none: then the definition needs a `desiredCount`, unless it is a daemon
   */
  readonly desiredCount?: number | undefined;
  /**
   * Receives one structured line for each change.
   * @default nothing is logged
   */
  readonly logger?: Logger | undefined;
  /**
   * Source of the time and of all waits.
   * @default the machine's clock
   */
  readonly clock?: Clock | undefined;
};

/** A task definition as `aws ecs register-task-definition` takes it. */
export type TaskDefinitionInput = RegisterTaskDefinitionCommandInput;

/**
 * A service as `aws ecs create-service` takes it. The cluster, the name and the task definition may be missing: they come
 * from the `EcsRollout` and from the other file. Those of another cluster or service are refused.
 */
export type ServiceInput = Omit<CreateServiceCommandInput, 'serviceName'> & {
  /** The name of the service. It has to be that of the `EcsRollout`. */
  readonly serviceName?: string | undefined;
};

/** The content of a folder with `service.json` and `task-definition.json`. */
export interface EcsDefinitions {
  /** The content of `service.json`. */
  readonly service: ServiceInput;
  /** The content of `task-definition.json`. */
  readonly taskDefinition: TaskDefinitionInput;
}

/** The input of a rollout. The result of `loadDefinitions` is one. */
export interface RollOutInput {
  /** A task definition to register, or the ARN or `family:revision` of one that is registered. */
  readonly taskDefinition: TaskDefinitionInput | string;
  /** The service's settings. They are used only with `updateSettings`. */
  readonly service?: ServiceInput | undefined;
}

/** Options of `EcsRollout.up`. */
export interface UpOptions extends CallOptions {
  /**
   * Handling of an active service of this name: `'fail'` ends with an error; `'take'` leaves it unchanged and waits until it
   * is stable.
   * @default 'fail'
   */
  readonly existing?: 'fail' | 'take' | undefined;
  /**
   * Seconds that the service may take to become stable.
   * @default 600
   */
  readonly maxWaitSeconds?: number | undefined;
  /**
   * Receives every event as it happens. An error or a rejection of the listener is logged and otherwise ignored; at the end
   * `up` waits up to 5 s for its promises.
   */
  readonly onEvent?: ((event: RolloutEvent) => void) | undefined;
}

/** Result of `EcsRollout.up`. */
export interface UpResult {
  /** The ARN of the service. */
  readonly serviceArn: string;
  /** The ARN of the task definition that it runs. */
  readonly taskDefinition: string;
  /** False when an existing service was left unchanged. */
  readonly created: boolean;
  /** The number of running tasks. */
  readonly runningCount: number;
  /** Start of the creation, in milliseconds since 1970. */
  readonly startedAt: number;
  /** Time at which the service was stable, in milliseconds since 1970. */
  readonly endedAt: number;
}

/** Time limit of each phase of a rollout, in seconds. */
export interface RollOutLimits {
  /**
   * From the start of the canary until it runs.
   * @default 600
   */
  readonly canaryRunningSeconds?: number | undefined;
  /**
   * From then until its container health checks pass.
   * @default 300
   */
  readonly containerHealthSeconds?: number | undefined;
  /**
   * From its registration until it is healthy in every target group.
   * @default 900
   */
  readonly targetHealthSeconds?: number | undefined;
  /**
   * From the end of `observeSeconds` until every check has passed as often as the policy wants.
   * @default 900
   */
  readonly checksSeconds?: number | undefined;
  /**
   * From the update of the service until it is stable with the new task definition.
   * @default 900
   */
  readonly serviceStableSeconds?: number | undefined;
  /**
   * From the rollback of the service until it is stable with its previous task definition.
   * @default 900
   */
  readonly rollbackSeconds?: number | undefined;
  /**
   * From the deregistration of the canary until it is drained. That takes the target group's deregistration delay: 300 s by
   * default, an hour at most.
   * @default 3900
   */
  readonly drainingSeconds?: number | undefined;
  /**
   * From the request to stop the canary until it is stopped.
   * @default 300
   */
  readonly canaryStoppedSeconds?: number | undefined;
}

/** Options of `EcsRollout.rollOut`. */
export interface RollOutOptions extends CallOptions {
  /**
   * The ID of the rollout, as a tag of its canary. A run cleans up the canary of an earlier run with the same ID, so two
   * rollouts at the same time need two IDs.
   * @default the cluster and the service
   */
  readonly rolloutId?: string | undefined;
  /**
   * The container instance to place the canary on: its EC2 instance ID, its container instance ID or its ARN.
   * @default ECS places the canary as it places the service's tasks
   */
  readonly containerInstance?: string | undefined;
  /**
   * Also updates the service's other settings from `service` of the input; a rollback restores them. The number of tasks
   * stays unchanged, and so does everything that can be set only when a service is created, such as its tags. A run that
   * continues an interrupted one does not know the earlier settings: after its rollback the service counts as `unsettled`.
   * @default false
   */
  readonly updateSettings?: boolean | undefined;
  /**
   * Handling of a target group that is not in use: no listener and no rule names it, or its load balancer is not enabled
   * for the task's Availability Zone, so that Elastic Load Balancing does not check its targets. `'fail'` ends the rollout
   * after a minute. `'accept'` judges by the other target groups and the container health checks, and without any by the
   * `idleSeconds`.
   *
   * A target group with the weight 0 is in use: the load balancer checks its targets.
   * @default 'fail'
   */
  readonly unusedTargets?: 'fail' | 'accept' | undefined;
  /**
   * Seconds that the canary has to run when no target group and no container health check can judge it.
   * @default 15
   */
  readonly idleSeconds?: number | undefined;
  /**
   * The checks that have to pass while the canary takes traffic, before the service is updated: those of a
   * `TrafficShifter`.
   * @default none
   */
  readonly checks?: readonly Check[] | undefined;
  /**
   * The stack that the service belongs to, for checks with values per stack: the `incoming` one of their context.
   * @default 'green'
   */
  readonly stack?: StackReference | undefined;
  /**
   * Times and tolerances of the checks.
   * @default that of `CheckPolicy`
   */
  readonly policy?: CheckPolicy | undefined;
  /**
   * Seconds for which the canary is watched before the service is updated, also after every check has passed.
   * @default 300 with checks, 0 without
   */
  readonly observeSeconds?: number | undefined;
  /** Time limits of the phases. */
  readonly limits?: RollOutLimits | undefined;
  /**
   * Handling of a service that does not become stable with the new task definition: roll it back to the previous one, or
   * leave it as it is.
   * @default 'rollBack'
   */
  readonly onUnstable?: 'rollBack' | 'leave' | undefined;
  /**
   * Handling of an abort after the update of the service: roll it back to the previous task definition, or leave it to ECS,
   * which continues with the new one. The canary is cleaned up either way.
   * @default 'rollBack'
   */
  readonly onAbort?: 'rollBack' | 'leave' | undefined;
  /**
   * Receives every event as it happens. An error or a rejection of the listener is logged and otherwise ignored; at the end
   * `rollOut` waits up to 5 s for its promises.
   */
  readonly onEvent?: ((event: RolloutEvent) => void) | undefined;
}

/** State of the service after a rollout. */
export type RolledService =
  /** It was not changed. */
  | 'unchanged'
  /** It is stable with the new task definition. */
  | 'updated'
  /** It was updated, and is stable with its previous task definition again. */
  | 'rolledBack'
  /** It was updated, and is not known to be stable with either. */
  | 'unsettled';

/** Result of a successful rollout. A rollout that fails throws a `RolloutError`. */
export interface RollOutResult {
  /** The ID in the canary's tag. */
  readonly rolloutId: string;
  /** The ARN of the service. */
  readonly serviceArn: string;
  /** State of the service; `unchanged` when it ran the task definition already. */
  readonly service: RolledService;
  /** True when the service is unchanged, stable with the new task definition, or rolled back. */
  readonly serviceIntact: boolean;
  /** The ARN of the task definition that the service ran before. */
  readonly taskDefinitionBefore: string;
  /** The ARN of the task definition that it runs now. */
  readonly taskDefinitionAfter: string;
  /** The ARN of the canary; undefined when the service ran the task definition already. */
  readonly canaryTaskArn: string | undefined;
  /** Features of the service that the canary ran without, and which the rollout therefore has not tried. */
  readonly untriedFeatures: readonly ServiceOnlyFeature[];
  /** Start of the rollout, in milliseconds since 1970. */
  readonly startedAt: number;
  /** End of the rollout and of its cleanup, in milliseconds since 1970. */
  readonly endedAt: number;
  /** Every event, oldest first. */
  readonly history: readonly RolloutEvent[];
}

/** A target that a rollout could not remove from its target group. */
export interface LeftoverTarget {
  /** The ARN of the target group. */
  readonly targetGroupArn: string;
  /** The IP address or the instance ID. */
  readonly targetId: string;
  /** The port. */
  readonly port: number;
}

/** Everything that a failed rollout could not remove. A further run with the same ID removes the tasks and their targets. */
export interface RolloutLeftovers {
  /** The ARNs of canaries that may still run, also those of earlier runs. */
  readonly tasks: readonly string[];
  /** Targets of canaries that may still get traffic. */
  readonly targets: readonly LeftoverTarget[];
  /** A sentence for each failed rollback or cleanup. */
  readonly problems: readonly string[];
}

/** The settings of a service that an update can change. */
export type ServiceSettings = Omit<UpdateServiceCommandInput, 'cluster' | 'service' | 'taskDefinition'>;
