import type { ApplicationAutoScalingClient } from '@aws-sdk/client-application-auto-scaling';
import type { ECSClient } from '@aws-sdk/client-ecs';
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
