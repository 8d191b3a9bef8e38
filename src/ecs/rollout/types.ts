import type {
  CreateServiceCommandInput,
  RegisterTaskDefinitionCommandInput,
  UpdateServiceCommandInput,
} from '@aws-sdk/client-ecs';
import type { CallOptions } from '../../core/aws-call.js';
import type { Check, CheckPolicy } from '../../traffic/types.js';
import type { RolloutEvent } from './events.js';

/** A task definition as `aws ecs register-task-definition` takes it. */
export type TaskDefinitionInput = RegisterTaskDefinitionCommandInput;

/**
 * A service as `aws ecs create-service` takes it. The cluster, the name and the task definition may be missing: they come
 * from the tool's stack and from the other file. Those of another cluster or service are refused.
 */
export type ServiceInput = Omit<CreateServiceCommandInput, 'serviceName'> & {
  /** The name of the service; when it is given, it has to be that of the stack. */
  readonly serviceName?: string | undefined;
};

/** What a folder with `service.json` and `task-definition.json` holds. */
export interface EcsDefinitions {
  /** The content of `service.json`. */
  readonly service: ServiceInput;
  /** The content of `task-definition.json`. */
  readonly taskDefinition: TaskDefinitionInput;
}

/** What is rolled out; what `loadDefinitions` gives fits. */
export interface RollOutInput {
  /** A task definition to register, or the ARN or `family:revision` of one that is registered. */
  readonly taskDefinition: TaskDefinitionInput | string;
  /** The service's settings. They are looked at only with `updateSettings`. */
  readonly service?: ServiceInput | undefined;
}

/** How `EcsTools.up` creates a service. */
export interface UpOptions extends CallOptions {
  /**
   * What to do when there is an active service of this name already: fail, or take it as it is and wait until it is
   * stable.
   * @default 'fail'
   */
  readonly existing?: 'fail' | 'take' | undefined;
  /**
   * Seconds that the service may take to become stable.
   * @default 600
   */
  readonly maxWaitSeconds?: number | undefined;
  /**
   * Is told everything that happens, as it happens. What it throws, or rejects with, is logged and passed over; at the end
   * it is waited for, 5 s at most.
   */
  readonly onEvent?: ((event: RolloutEvent) => void) | undefined;
}

/** What `EcsTools.up` came to. */
export interface UpResult {
  /** The ARN of the service. */
  readonly serviceArn: string;
  /** The ARN of the task definition that it runs. */
  readonly taskDefinition: string;
  /** Whether it was created; `false` when an existing one was taken as it is. */
  readonly created: boolean;
  /** How many tasks run. */
  readonly runningCount: number;
  /** When it began: milliseconds since 1970. */
  readonly startedAt: number;
  /** When the service was stable: milliseconds since 1970. */
  readonly endedAt: number;
}

/** The longest that each phase of a rollout may take, in seconds. */
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
   * Until a deregistered canary is drained. How long that takes is the target group's deregistration delay: 300 s unless
   * it is set, an hour at most.
   * @default 3900
   */
  readonly drainingSeconds?: number | undefined;
  /**
   * From the order to stop the canary until it is stopped.
   * @default 300
   */
  readonly canaryStoppedSeconds?: number | undefined;
}

/** How `EcsTools.rollOut` goes about it. */
export interface RollOutOptions extends CallOptions {
  /**
   * What the canary is tagged with. A further run cleans up what an earlier one with the same ID has left behind, so two
   * rollouts at a time need two IDs.
   * @default the cluster and the service
   */
  readonly rolloutId?: string | undefined;
  /**
   * The container instance to place the canary on: its EC2 instance ID, its container instance ID or its ARN.
   * @default ECS places the canary as it places the service's tasks
   */
  readonly containerInstance?: string | undefined;
  /**
   * Whether the service's other settings are updated from `service` of the input, too, and put back by a rollback. How many
   * tasks it has is left alone, and so is what can be said only when a service is created, such as its tags. A run that goes on
   * with an interrupted one does not know what the settings were: after its rollback the service counts as `unsettled`.
   * @default false
   */
  readonly updateSettings?: boolean | undefined;
  /**
   * What to make of a target group that gets no traffic, such as that of a stack which waits for its turn with the weight 0:
   * Elastic Load Balancing does not check the health of its targets. The rollout fails, after a minute; or it goes by the
   * other target groups and the container health checks, and without any by the `idleSeconds`.
   * @default 'fail'
   */
  readonly unusedTargets?: 'fail' | 'accept' | undefined;
  /**
   * Seconds that the canary has to run when there is no target group and no container health check that could tell.
   * @default 15
   */
  readonly idleSeconds?: number | undefined;
  /**
   * What has to hold while the canary takes traffic, before the service is updated: the checks of a `TrafficShifter`. The
   * stack of the service is the `incoming` one of their context.
   * @default none
   */
  readonly checks?: readonly Check[] | undefined;
  /**
   * When the checks are made, and what is tolerated.
   * @default that of `CheckPolicy`
   */
  readonly policy?: CheckPolicy | undefined;
  /**
   * Seconds for which the canary is watched before the service is updated, also after every check has passed.
   * @default 300 with checks, 0 without
   */
  readonly observeSeconds?: number | undefined;
  /** How long each phase may take. */
  readonly limits?: RollOutLimits | undefined;
  /**
   * What becomes of a service that does not become stable with the new task definition: back to the previous one, or left
   * as it is.
   * @default 'rollBack'
   */
  readonly onUnstable?: 'rollBack' | 'leave' | undefined;
  /**
   * What an abort does once the service was updated: back to the previous task definition, or left to ECS, which goes on
   * with the new one. The canary is cleaned up either way.
   * @default 'rollBack'
   */
  readonly onAbort?: 'rollBack' | 'leave' | undefined;
  /**
   * Is told everything that happens, as it happens. What it throws, or rejects with, is logged and passed over; at the end
   * it is waited for, 5 s at most.
   */
  readonly onEvent?: ((event: RolloutEvent) => void) | undefined;
}

/** What a rollout has made of the service. */
export type RolledService =
  /** It was not touched. */
  | 'unchanged'
  /** It is stable with the new task definition. */
  | 'updated'
  /** It was updated, and is stable with its previous task definition again. */
  | 'rolledBack'
  /** It was updated, and it is not known to be stable with either. */
  | 'unsettled';

/** What a rollout that succeeded came to; one that did not throws a `RolloutError`. */
export interface RollOutResult {
  /** What the canary was tagged with. */
  readonly rolloutId: string;
  /** The ARN of the service. */
  readonly serviceArn: string;
  /** What became of the service: `unchanged` when it ran the task definition already. */
  readonly service: RolledService;
  /** Whether the service is whole: unchanged, stable with the new task definition, or rolled back. */
  readonly serviceIntact: boolean;
  /** The ARN of the task definition that the service ran. */
  readonly taskDefinitionBefore: string;
  /** The ARN of the task definition that it runs. */
  readonly taskDefinitionAfter: string;
  /** The ARN of the canary; none was started when the service ran the task definition already. */
  readonly canaryTaskArn: string | undefined;
  /** When it began: milliseconds since 1970. */
  readonly startedAt: number;
  /** When everything, the cleaning up included, was done: milliseconds since 1970. */
  readonly endedAt: number;
  /** Everything that happened. */
  readonly history: readonly RolloutEvent[];
}

/** The settings of a service that an update can change. */
export type ServiceSettings = Omit<UpdateServiceCommandInput, 'cluster' | 'service' | 'taskDefinition'>;
