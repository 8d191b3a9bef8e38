import type { Clock } from '../core/clock.js';
import type { Logger } from '../core/logger.js';
import type { EcsHookFunction } from './ecs-invocation.js';
import type { EcsHookStep } from './ecs-steps.js';
import type { HookLambdaContext } from './types.js';

/** The stages of an ECS service deployment at which ECS can run a Lambda. */
export type EcsLifecycleStage =
  | 'RECONCILE_SERVICE'
  | 'PRE_SCALE_UP'
  | 'POST_SCALE_UP'
  | 'TEST_TRAFFIC_SHIFT'
  | 'POST_TEST_TRAFFIC_SHIFT'
  | 'PRE_PRODUCTION_TRAFFIC_SHIFT'
  | 'PRODUCTION_TRAFFIC_SHIFT'
  | 'POST_PRODUCTION_TRAFFIC_SHIFT';

/** Event that ECS sends to a hook's Lambda. */
export interface EcsHookEvent {
  /**
   * Unique identifier of this execution of the hook. AWS does not document that it stays the same when ECS calls back after
   * `IN_PROGRESS`; the toolkit assumes that one execution lasts until the hook has succeeded or failed.
   */
  readonly executionId: string;
  /** The stage that the deployment is in. AWS may add stages. */
  readonly lifecycleStage: EcsLifecycleStage | (string & {});
  /** The ARN of the service deployment. */
  readonly resourceArn: string;
  /** The deployment. */
  readonly executionDetails: {
    /** The ARN of the service. */
    readonly serviceArn: string;
    /** The ARN of the revision that is being deployed, also during a rollback. */
    readonly targetServiceRevisionArn: string;
    /** Percent of the test traffic by the ARN of the revision; empty at most stages. */
    readonly testTrafficWeights?: Readonly<Record<string, number>> | undefined;
    /** Percent of the production traffic by the ARN of the revision; empty at most stages. */
    readonly productionTrafficWeights?: Readonly<Record<string, number>> | undefined;
  };
  /** The hook's configuration, and the details of its last `IN_PROGRESS` response. */
  readonly hookDetails?: unknown;
}

/** Response of a hook's Lambda. */
export interface EcsHookResponse {
  /** Continue, roll back, or call again. */
  readonly hookStatus: 'SUCCEEDED' | 'FAILED' | 'IN_PROGRESS';
  /** Whole seconds until ECS calls again; only with `IN_PROGRESS`. */
  readonly callBackDelay?: number;
  /** Details that ECS sends with the next call; only with `IN_PROGRESS`. */
  readonly hookDetails?: Readonly<Record<string, unknown>>;
}

/** Work of a stage: a function, or a list of steps in their order. A nested list groups steps that belong together. */
export type EcsHookWork = EcsHookFunction | readonly (EcsHookStep | readonly EcsHookStep[])[];

/** Work of a stage that ECS runs in both directions. */
export interface EcsHookDirections {
  /**
   * Work of a deployment.
   * @default nothing
   */
  readonly forward?: EcsHookWork | undefined;
  /**
   * Work of a rollback.
   * @default nothing
   */
  readonly rollback?: EcsHookWork | undefined;
  /**
   * Work when ECS does not send the direction.
   * @default the response is `FAILED`
   */
  readonly unknown?: EcsHookWork | undefined;
}

/** Work by stage. A function or a list without a direction runs forward only. */
export type EcsHookStages = {
  readonly [Stage in EcsLifecycleStage]?: EcsHookWork | EcsHookDirections | undefined;
};

/** Options of `ecsLifecycleHook`. */
export interface EcsLifecycleHookOptions {
  /**
   * Receives a line for each response, failures at `error`.
   * @default console
   */
  readonly logger?: Logger | undefined;
  /**
   * Source of the time. The time left in an invocation is always read from the Lambda context.
   * @default the machine's clock
   */
  readonly clock?: Clock | undefined;
  /**
   * Seconds before the Lambda's own deadline at which the signal is aborted, 1 or more. The function has the first half of them
   * for its clean-up; the second half is for the response. At most half of the Lambda's time-out is used.
   * @default 30
   */
  readonly deadlineMarginSeconds?: number | undefined;
  /**
   * Seconds after the first invocation at a stage at which the response is `FAILED` if the stage is not done. A traffic shift is
   * rolled back first. Stay below the hook's time-out in the service, after which ECS acts without a response.
   * @default 82800: 23 hours, an hour less than ECS's own default
   */
  readonly maxStageSeconds?: number | undefined;
}

/** A Lambda handler for an ECS lifecycle hook. It never rejects. */
export type EcsLifecycleHookHandler = (
  event: unknown,
  context: HookLambdaContext,
) => Promise<EcsHookResponse>;
