import type { ApplicationAutoScalingClient } from '@aws-sdk/client-application-auto-scaling';
import type { ECSClient } from '@aws-sdk/client-ecs';
import type { CallOptions } from '../core/aws-call.js';
import type { WaitOptions } from '../core/poll-until.js';
import type { ToolOptions } from '../core/tool-options.js';

/** The service of one stack. */
export interface EcsStackOptions {
  /** The name or ARN of the cluster that the service runs in. */
  readonly cluster: string;
  /** The name or ARN of the service. */
  readonly service: string;
  /** The desired count of the service while it is enabled. */
  readonly desiredCount: number;
}

/** The AWS clients of `EcsTools`. */
export interface EcsToolsClients {
  /** Reads and updates the services. */
  readonly ecs: ECSClient;
  /** Suspends and resumes the scaling of services that Application Auto Scaling manages. */
  readonly applicationAutoScaling: ApplicationAutoScalingClient;
}

/** Options of `EcsTools`. */
export type EcsToolsOptions = ToolOptions<EcsStackOptions, EcsToolsClients>;

/** Options of `EcsTools.enableService`. */
export interface EnableServiceOptions extends CallOptions {
  /**
   * Desired count of the service, for example the one of before its disabling.
   * @default `desiredCount` of the stack
   */
  readonly desiredCount?: number | undefined;
}

/** Result of `EcsTools.getServiceCounts`. */
export interface ServiceCounts {
  /** The present desired count. */
  readonly desiredCount: number;
  /** Number of running tasks. */
  readonly runningCount: number;
  /** Desired count that `enableService` would set now. */
  readonly enabledCount: number;
  /**
   * Scaling by Application Auto Scaling: `none` for a service that it does not manage, `running` when at least one part runs,
   * `suspended` by `disableService`, or `suspendedByOwner`.
   */
  readonly scaling: 'none' | 'running' | 'suspended' | 'suspendedByOwner';
}

/** Options of `EcsTools.waitForServiceStable`. */
export interface ServiceStableOptions extends WaitOptions {
  /**
   * The task definition that has to run: its ARN, or `family:revision`.
   * @default the one that the service runs, or is being updated to, when the wait begins
   */
  readonly taskDefinition?: string | undefined;
}

/** A service that has become stable. */
export interface StableService {
  /** The service's ARN. */
  readonly serviceArn: string;
  /** The ARN of the task definition that its tasks run. */
  readonly taskDefinition: string;
  /** The number of running tasks. */
  readonly runningCount: number;
}
