import type { SimulatedFunction, SimulatedInvocation } from './simulated-lambda-invocation.js';

/** What CodeDeploy sends to a hook's Lambda. */
export interface CodeDeployHookEvent {
  readonly DeploymentId: string;
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
 * What happens in a deployment, in this order: `BeforeInstall`, `Install`, `AfterInstall`, `AllowTestTraffic`,
 * `AfterAllowTestTraffic`, `BeforeAllowTraffic`, `AllowTraffic`, `AfterAllowTraffic`. The last two are no lifecycle
 * events of CodeDeploy's, though steps of its deployments: `TerminateOriginal` ends a deployment that succeeded,
 * `RollBack` one that failed.
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
  | SimulatedFunction<CodeDeployHookEvent>['handler']
  | SimulatedFunction<CodeDeployHookEvent>;

/** Which task set each listener sends its traffic to. */
export interface SimulatedTraffic {
  readonly production: 'original' | 'replacement';
  readonly test: 'original' | 'replacement';
}

/** A deployment for the simulated CodeDeploy to run. */
export interface SimulatedDeploymentOptions {
  /**
   * The ECS service, whose deployment controller has to be `CODE_DEPLOY`.
   * @default none: installing just takes its time
   */
  readonly service?: { readonly cluster: string; readonly service: string } | undefined;
  /**
   * The task definition of the replacement.
   * @default the one that the service has
   */
  readonly taskDefinition?: string | undefined;
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
  readonly name: CodeDeployStepName;
  readonly status: 'Succeeded' | 'Failed';
  readonly startedAt: number;
  readonly endedAt: number;
  /** The Lambda invocations of a hook; one that retries after its answer may go on. */
  readonly invocations: readonly SimulatedInvocation[];
}

/** How a simulated deployment ended. */
export interface SimulatedDeploymentResult {
  readonly deploymentId: string;
  readonly status: 'Succeeded' | 'Failed';
  /** The steps that were carried out, in order. */
  readonly lifecycleEvents: readonly SimulatedLifecycleEvent[];
  readonly traffic: SimulatedTraffic;
  /** The task set that takes the production traffic; none without a service. */
  readonly activeTaskSet?: string;
}

/** An answer of a hook that took effect. */
export interface SimulatedHookAnswer {
  readonly deploymentId: string;
  readonly lifecycleEventHookExecutionId: string;
  readonly status: 'Succeeded' | 'Failed';
  /** The virtual time in milliseconds since 1970. */
  readonly at: number;
}
