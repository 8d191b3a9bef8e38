import type { SimulatedHookLambda, SimulatedInvocation } from '../lambda/simulated-lambda-invocation.js';
import type { SimulatedDeploymentConfiguration } from './deployment-configurations.js';

/** The event that CodeDeploy sends to the Lambda function of a hook. */
export interface CodeDeployHookEvent {
  /** `d-` and nine capitals or digits. */
  readonly DeploymentId: string;
  /** Identifies this execution of this hook. */
  readonly LifecycleEventHookExecutionId: string;
}

/** The lifecycle events of an ECS deployment that can have a hook. */
export type CodeDeployHookName =
  | 'BeforeInstall'
  | 'AfterInstall'
  | 'AfterAllowTestTraffic'
  | 'BeforeAllowTraffic'
  | 'AfterAllowTraffic';

/**
 * The steps of a deployment: the lifecycle events `BeforeInstall`, `Install`, `AfterInstall`, `AllowTestTraffic`,
 * `AfterAllowTestTraffic`, `BeforeAllowTraffic`, `AllowTraffic` and `AfterAllowTraffic`, in this order. CodeDeploy has no
 * names for the two that may follow: `TerminateOriginal` ends a successful deployment, `RollBack` a failed one.
 */
export type CodeDeployStepName =
  | CodeDeployHookName
  | 'Install'
  | 'AllowTestTraffic'
  | 'AllowTraffic'
  | 'TerminateOriginal'
  | 'RollBack';

/**
 * A hook: a handler with Lambda's longest time-out, a handler with its own time-out, or the name of a function of
 * `cloud.lambda`.
 */
export type SimulatedHook =
  | string
  | SimulatedHookLambda<CodeDeployHookEvent>['handler']
  | SimulatedHookLambda<CodeDeployHookEvent>;

/** The task set that each listener sends its traffic to. */
export interface SimulatedTraffic {
  /** The production listener. */
  readonly production: 'original' | 'replacement';
  /** The test listener. */
  readonly test: 'original' | 'replacement';
}

/** A deployment for the simulated CodeDeploy to run. */
export interface SimulatedDeploymentOptions {
  /**
   * The ECS service, whose deployment controller has to be `CODE_DEPLOY`.
   * @default none: the installation takes a fixed time
   */
  readonly service?:
    | {
        /** The name or ARN of its cluster. */
        readonly cluster: string;
        /** Its own name or ARN. */
        readonly service: string;
      }
    | undefined;
  /**
   * The task definition of the replacement.
   * @default that of the service
   */
  readonly taskDefinition?: string | undefined;
  /**
   * The hooks, by the lifecycle event at which they run.
   * @default none
   */
  readonly hooks?: Partial<Readonly<Record<CodeDeployHookName, SimulatedHook | undefined>>> | undefined;
  /**
   * Seconds between the end of `AfterAllowTraffic` and the termination of the original task set.
   * @default 0
   */
  readonly terminationWaitSeconds?: number | undefined;
  /**
   * The shares in which the production traffic moves.
   * @default 'CodeDeployDefault.ECSAllAtOnce'
   */
  readonly deploymentConfig?: SimulatedDeploymentConfiguration | undefined;
  /** Called at the start and the end of each step. `at` is the virtual time in milliseconds since 1970. */
  readonly onLifecycleEvent?:
    | ((name: CodeDeployStepName, progress: 'started' | 'succeeded' | 'failed', at: number) => void)
    | undefined;
}

/** A finished step of a simulated deployment. */
export interface SimulatedLifecycleEvent {
  /** The step. */
  readonly name: CodeDeployStepName;
  /** The outcome. */
  readonly status: 'Succeeded' | 'Failed';
  /** Reason of a failure, such as a Lambda function that does not exist. */
  readonly reason?: string | undefined;
  /** The virtual time in milliseconds since 1970. */
  readonly startedAt: number;
  /** The virtual time in milliseconds since 1970. */
  readonly endedAt: number;
  /** The Lambda invocations of a hook. One that retries after its response may still run. */
  readonly invocations: readonly SimulatedInvocation[];
}

/** Result of a simulated deployment. */
export interface SimulatedDeploymentResult {
  /** Also the external ID of the replacement task set. */
  readonly deploymentId: string;
  /** `Failed` after a rollback. */
  readonly status: 'Succeeded' | 'Failed';
  /** The finished steps, in order. */
  readonly lifecycleEvents: readonly SimulatedLifecycleEvent[];
  /** The task sets that take the traffic at the end. */
  readonly traffic: SimulatedTraffic;
  /** The task set that takes the production traffic; none without a service. */
  readonly activeTaskSet?: string;
}

/** A response of a hook that took effect. */
export interface SimulatedHookResponse {
  /** The deployment that waited for the response. */
  readonly deploymentId: string;
  /** The hook execution. */
  readonly lifecycleEventHookExecutionId: string;
  /** The status in the response. */
  readonly status: 'Succeeded' | 'Failed';
  /** The virtual time in milliseconds since 1970. */
  readonly at: number;
}
