import type { Clock } from '../core/clock.js';
import type { Logger } from '../core/logger.js';
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

/** What ECS sends to a hook's Lambda. */
export interface EcsHookEvent {
  /**
   * The unique identifier of this execution of the hook, as AWS has it. AWS does not say whether it stays the same when ECS
   * calls back after `IN_PROGRESS`; the toolkit takes it that one execution lasts until the hook has succeeded or failed.
   */
  readonly executionId: string;
  /** The stage that the deployment is in; AWS may add some. */
  readonly lifecycleStage: EcsLifecycleStage | (string & {});
  /** The ARN of the service deployment. */
  readonly resourceArn: string;
  /** What is being deployed. */
  readonly executionDetails: {
    /** The ARN of the service. */
    readonly serviceArn: string;
    /** The ARN of the revision that is being deployed, also when the deployment is rolled back. */
    readonly targetServiceRevisionArn: string;
    /** Percent of the test traffic by the ARN of the revision; empty at most stages. */
    readonly testTrafficWeights?: Readonly<Record<string, number>> | undefined;
    /** Percent of the production traffic by the ARN of the revision; empty at most stages. */
    readonly productionTrafficWeights?: Readonly<Record<string, number>> | undefined;
  };
  /** What the hook is configured with, and what it has answered with `IN_PROGRESS`. */
  readonly hookDetails?: unknown;
}

/** What a hook's Lambda answers. */
export interface EcsHookResponse {
  /** Go on, roll back, or call again. */
  readonly hookStatus: 'SUCCEEDED' | 'FAILED' | 'IN_PROGRESS';
  /** Whole seconds until ECS calls again; only with `IN_PROGRESS`. */
  readonly callBackDelay?: number;
  /** Comes back with the next call; only with `IN_PROGRESS`. */
  readonly hookDetails?: Readonly<Record<string, unknown>>;
}

/**
 * Which way the deployment goes. It can be told for certain where ECS comes along both ways: at `TEST_TRAFFIC_SHIFT` and
 * `PRODUCTION_TRAFFIC_SHIFT`, by the weight of the target revision. At the other stages there is only the way forward.
 * `'unknown'` where the weight is missing.
 */
export type EcsHookDirection = 'forward' | 'rollback' | 'unknown';

/** What a function in an ECS hook is given. */
export interface EcsHookInvocation {
  /** Identifies this execution of this hook. */
  readonly executionId: string;
  /** The stage that the deployment is in. */
  readonly stage: string;
  /** Which way the deployment goes. */
  readonly direction: EcsHookDirection;
  /** The ARN of the service deployment. */
  readonly deploymentArn: string;
  /** The ARN of the service. */
  readonly serviceArn: string;
  /** The ARN of the revision that is being deployed. */
  readonly targetServiceRevisionArn: string;
  /**
   * Percent of the traffic that the target revision gets at this traffic shift: 10, 20, … at the steps of a linear
   * deployment, 0 in a rollback; at `PRE_PRODUCTION_TRAFFIC_SHIFT`, what it has before. Missing where ECS does not tell it.
   */
  readonly targetPercent?: number;
  /** What the hook is configured with in the service; the toolkit's own entry is left out. */
  readonly hookDetails: Readonly<Record<string, unknown>>;
  /** What an earlier function of this stage has kept. */
  readonly kept: unknown;
  /**
   * Keeps a value for the functions that come later in this stage, in this invocation and the next ones: the ID of
   * something that was started, for example. There is one value; it has to be JSON, and at most 4,096 bytes of it.
   *
   * @throws InvalidInputError when it is not.
   */
  keep(value: unknown): void;
  /** Aborted, with a `DeadlineError`, when the time left for the work is over: hand it to every tool's method. */
  readonly signal: AbortSignal;
  /** The hook's logger. */
  readonly logger: Logger;
  /** Seconds until the signal will be aborted. */
  remainingSeconds(): number;
}

/**
 * Work in an ECS hook: resolves when it is done, throws when the deployment may not go on. When the Lambda's time is over
 * before it has ended, it is run again in the next invocation, so everything in it has to be repeatable; the toolkit's
 * methods are.
 */
export type EcsHookFunction = (invocation: EcsHookInvocation) => unknown;

/** What is done at a stage: a function, or steps one after the other. A list within the list is for steps that belong together. */
export type EcsHookWork = EcsHookFunction | readonly (EcsHookStep | readonly EcsHookStep[])[];

/** What is done at a stage which ECS comes along both ways. */
export interface EcsHookDirections {
  /**
   * On the way forward.
   * @default nothing
   */
  readonly forward?: EcsHookWork | undefined;
  /**
   * In a rollback.
   * @default nothing
   */
  readonly rollback?: EcsHookWork | undefined;
  /**
   * When ECS does not tell which way it goes.
   * @default the answer is `FAILED`
   */
  readonly unknown?: EcsHookWork | undefined;
}

/** What is done, by stage. A function or a list alone is for the way forward. */
export type EcsHookStages = {
  readonly [Stage in EcsLifecycleStage]?: EcsHookWork | EcsHookDirections | undefined;
};

/** How `ecsLifecycleHook` works. */
export interface EcsLifecycleHookOptions {
  /**
   * Where the answers, and above all the failures, are logged to.
   * @default console
   */
  readonly logger?: Logger | undefined;
  /**
   * Where the time comes from; how much of it an invocation has left is always read from the Lambda context.
   * @default the machine's clock
   */
  readonly clock?: Clock | undefined;
  /**
   * Seconds before the Lambda's own deadline at which the signal is aborted, 1 or more. The first half of them is for
   * the function to clean up, the second half for the answer. Of a Lambda whose time-out is so short that the margin
   * would be more than half of it, half of the time-out is taken.
   * @default 30
   */
  readonly deadlineMarginSeconds?: number | undefined;
  /**
   * Seconds after the first invocation at a stage at which the answer is `FAILED` if the stage is not done; a traffic shift
   * is rolled back first. Stay below the hook's time-out in the service, after which ECS acts without asking.
   * @default 82800: 23 hours, an hour less than ECS's own default
   */
  readonly maxStageSeconds?: number | undefined;
}

/** A Lambda handler for an ECS lifecycle hook. It never rejects. */
export type EcsLifecycleHookHandler = (
  event: unknown,
  context: HookLambdaContext,
) => Promise<EcsHookResponse>;
