import type { ApplicationAutoScalingClient } from '@aws-sdk/client-application-auto-scaling';
import type { ECSClient } from '@aws-sdk/client-ecs';
import type { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { WaitOptions } from '../core/poll-until.js';
import type { ToolOptions } from '../core/tool-options.js';

/** The service of one stack. */
export interface EcsStackOptions {
  /** The name or ARN of the cluster that the service runs in. */
  readonly cluster: string;
  /** The name or ARN of the service. */
  readonly service: string;
  /** How many tasks the service runs when it is enabled. */
  readonly desiredCount: number;
}

/** The clients that `EcsTools` works with. */
export interface EcsToolsClients {
  /** Reads and updates the services. */
  readonly ecs: ECSClient;
  /** Suspends and resumes the scaling of services that Application Auto Scaling manages. */
  readonly applicationAutoScaling: ApplicationAutoScalingClient;
  /** Puts the canary of a rollout behind the service's target groups. */
  readonly elasticLoadBalancing: ElasticLoadBalancingV2Client;
}

/** How `EcsTools` is made. */
export type EcsToolsOptions = ToolOptions<EcsStackOptions, EcsToolsClients>;

/** How long `EcsTools.waitForServiceStable` waits, and for what. */
export interface ServiceStableOptions extends WaitOptions {
  /**
   * The task definition that has to run: its ARN, or `family:revision`.
   * @default the one that the service is on, or on its way to, when the wait begins
   */
  readonly taskDefinition?: string | undefined;
}

/** A service that has become stable. */
export interface StableService {
  /** The service's ARN. */
  readonly serviceArn: string;
  /** The ARN of the task definition that its tasks run. */
  readonly taskDefinition: string;
  /** How many tasks run it. */
  readonly runningCount: number;
}
