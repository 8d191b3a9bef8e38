import type { SimulatedHookLambda, SimulatedInvocation } from '../lambda/simulated-lambda-invocation.js';

/** What CodeDeploy sends to a hook's Lambda. */
export interface CodeDeployHookEvent {
  /** `d-` and nine capitals or digits. */
  readonly DeploymentId: string;
  /** Identifies this execution of this hook. */
  readonly LifecycleEventHookExecutionId: string;
}

/** The lifecycle events of an ECS deployment at which a Lambda can be run. */
export type CodeDeployHookName =
  | 'BeforeInstall'
  | 'AfterInstall'
  | 'AfterAllowTestTraffic'
  | 'BeforeAllowTraffic'
  | 'AfterAllowTraffic';

/**
 * The steps of a deployment: the lifecycle events `BeforeInstall`, `Install`, `AfterInstall`, `AllowTestTraffic`,
 * `AfterAllowTestTraffic`, `BeforeAllowTraffic`, `AllowTraffic` and `AfterAllowTraffic`, in this order. CodeDeploy has no
 * names for the two that may follow: `TerminateOriginal` ends a deployment that went well, `RollBack` one that failed.
 */
export type CodeDeployStepName =
  | CodeDeployHookName
  | 'Install'
  | 'AllowTestTraffic'
  | 'AllowTraffic'
  | 'TerminateOriginal'
  | 'RollBack';

/** A hook: a handler with Lambda's longest time-out, or with one of its own. */
export type SimulatedHook =
  | SimulatedHookLambda<CodeDeployHookEvent>['handler']
  | SimulatedHookLambda<CodeDeployHookEvent>;

/** Which task set each listener sends its traffic to. */
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
   * @default none: installing just takes its time
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
   * @default the one that the service has
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
  /** Is told when a step begins and how it ends; `at` is the virtual time in milliseconds since 1970. */
  readonly onLifecycleEvent?:
    | ((name: CodeDeployStepName, progress: 'started' | 'succeeded' | 'failed', at: number) => void)
    | undefined;
}

/** A step of a simulated deployment that has been carried out. */
export interface SimulatedLifecycleEvent {
  /** The step. */
  readonly name: CodeDeployStepName;
  /** How it ended. */
  readonly status: 'Succeeded' | 'Failed';
  /** The virtual time in milliseconds since 1970. */
  readonly startedAt: number;
  /** The virtual time in milliseconds since 1970. */
  readonly endedAt: number;
  /** The Lambda invocations of a hook; one that retries after its answer may go on. */
  readonly invocations: readonly SimulatedInvocation[];
}

/** How a simulated deployment ended. */
export interface SimulatedDeploymentResult {
  /** Also the external ID of the replacement task set. */
  readonly deploymentId: string;
  /** `Failed` after a rollback. */
  readonly status: 'Succeeded' | 'Failed';
  /** The steps that were carried out, in order. */
  readonly lifecycleEvents: readonly SimulatedLifecycleEvent[];
  /** Where the listeners send the traffic in the end. */
  readonly traffic: SimulatedTraffic;
  /** The task set that takes the production traffic; none without a service. */
  readonly activeTaskSet?: string;
}

/** An answer of a hook that took effect. */
export interface SimulatedHookAnswer {
  /** The deployment that waited for it. */
  readonly deploymentId: string;
  /** The hook execution that it is about. */
  readonly lifecycleEventHookExecutionId: string;
  /** What the hook said. */
  readonly status: 'Succeeded' | 'Failed';
  /** The virtual time in milliseconds since 1970. */
  readonly at: number;
}
