import type { ServiceDeploymentStatus } from '@aws-sdk/client-ecs';
import type { SimulatedHookLambda, SimulatedInvocation } from '../lambda/simulated-lambda-invocation.js';

/** The stages at which ECS runs hooks. */
export type EcsHookStageName =
  | 'RECONCILE_SERVICE'
  | 'PRE_SCALE_UP'
  | 'POST_SCALE_UP'
  | 'TEST_TRAFFIC_SHIFT'
  | 'POST_TEST_TRAFFIC_SHIFT'
  | 'PRE_PRODUCTION_TRAFFIC_SHIFT'
  | 'PRODUCTION_TRAFFIC_SHIFT'
  | 'POST_PRODUCTION_TRAFFIC_SHIFT';

/** The share of the traffic that the new revision has. */
export interface SimulatedTargetPercent {
  /** Percent of the test traffic. */
  readonly test: number;
  /** Percent of the production traffic. */
  readonly production: number;
}

/** The stages of a service deployment. */
export type EcsDeploymentStageName = EcsHookStageName | 'SCALE_UP' | 'BAKE_TIME' | 'CLEAN_UP';

/** The event that ECS sends to the Lambda function of a hook. */
export interface EcsHookLambdaEvent {
  /** Identifies this execution of this hook. Stays the same when ECS calls again; AWS does not document that. */
  readonly executionId: string;
  /** The stage that the deployment is in. */
  readonly lifecycleStage: EcsHookStageName;
  /** The ARN of the service deployment. */
  readonly resourceArn: string;
  /** The deployment. */
  readonly executionDetails: {
    /** The ARN of the service. */
    readonly serviceArn: string;
    /** The ARN of the revision that is being deployed, in a rollback too. */
    readonly targetServiceRevisionArn: string;
    /** Percent by revision, at `TEST_TRAFFIC_SHIFT`. */
    readonly testTrafficWeights: Readonly<Record<string, number>>;
    /** Percent by revision, at the stages around the shift of the production traffic. */
    readonly productionTrafficWeights: Readonly<Record<string, number>>;
  };
  /** The details of the hook's configuration, and those of its `IN_PROGRESS` responses in this deployment. */
  readonly hookDetails?: Readonly<Record<string, unknown>>;
}

/** A Lambda hook of a service deployment. */
export interface SimulatedEcsHook extends SimulatedHookLambda<EcsHookLambdaEvent> {
  /** The stages at which it runs. */
  readonly stages: readonly EcsHookStageName[];
  /**
   * The details of its configuration.
   * @default nothing
   */
  readonly hookDetails?: Readonly<Record<string, unknown>> | undefined;
  /**
   * Minutes for which a stage waits for it, 1 to 1440.
   * @default 1440
   */
  readonly timeoutInMinutes?: number | undefined;
  /**
   * Handling of a time-out.
   * @default 'ROLLBACK'
   */
  readonly timeoutAction?: 'ROLLBACK' | 'CONTINUE' | undefined;
}

/**
 * A pause hook of a service deployment: each stage waits until `ContinueServiceDeployment` responds to it, or until it expires.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/pause-lifecycle-hooks.html
 */
export interface SimulatedEcsPauseHook {
  /** The kind of hook. */
  readonly targetType: 'PAUSE';
  /** The stages at which it pauses. ECS refuses TEST_TRAFFIC_SHIFT and PRODUCTION_TRAFFIC_SHIFT. */
  readonly stages: readonly EcsHookStageName[];
  /**
   * Minutes until a pause expires, 1 to 20160.
   * @default 1440
   */
  readonly timeoutInMinutes?: number | undefined;
  /**
   * Action of ECS when a pause expires.
   * @default 'ROLLBACK'
   */
  readonly timeoutAction?: 'ROLLBACK' | 'CONTINUE' | undefined;
}

/** The strategy of the production traffic. */
export type SimulatedEcsStrategy =
  | {
      /** All at once. */
      readonly type: 'BLUE_GREEN';
    }
  | {
      /** In equal steps. */
      readonly type: 'LINEAR';
      /** 3 to 100; by default 10. */
      readonly stepPercent?: number | undefined;
      /** By default 6; none after the last step. */
      readonly stepBakeTimeInMinutes?: number | undefined;
    }
  | {
      /** A small share first, then the rest. */
      readonly type: 'CANARY';
      /** 0.1 to 100; by default 5. */
      readonly canaryPercent?: number | undefined;
      /** By default 10. */
      readonly canaryBakeTimeInMinutes?: number | undefined;
    };

/** A deployment for the simulated ECS to run. */
export interface SimulatedEcsDeploymentOptions {
  /**
   * The strategy of the production traffic.
   * @default BLUE_GREEN
   */
  readonly strategy?: SimulatedEcsStrategy | undefined;
  /**
   * The cluster and the service, for the ARNs.
   * @default shop and web
   */
  readonly service?:
    | {
        /** The cluster's name. */
        readonly cluster: string;
        /** The service's name. */
        readonly service: string;
      }
    | undefined;
  /**
   * The hooks. Those of one stage run side by side.
   * @default none
   */
  readonly hooks?: readonly (SimulatedEcsHook | SimulatedEcsPauseHook)[] | undefined;
  /**
   * Hooks in `lifecycleHookDetails`: those that are active, or also the settled ones of the present stage. AWS does not document
   * which: test both.
   * @default 'active'
   */
  readonly listedHooks?: 'active' | 'ofStage' | undefined;
  /**
   * The alarms that roll the deployment back.
   * @default none
   */
  readonly alarmNames?: readonly string[] | undefined;
  /**
   * Minutes between the shift of the production traffic and the end of the old revision.
   * @default 0
   */
  readonly bakeTimeInMinutes?: number | undefined;
  /**
   * Seconds that the tasks of the new revision take to start.
   * @default 120
   */
  readonly scaleUpSeconds?: number | undefined;
  /**
   * More than one revision is active at the beginning, so that there is a RECONCILE_SERVICE.
   * @default false
   */
  readonly isReconciled?: boolean | undefined;
  /**
   * Rolls the deployment back when the signal is aborted, as an alarm or `StopServiceDeployment` does.
   * @default never
   */
  readonly rollBackWhen?: AbortSignal | undefined;
  /**
   * The task definition of the new revision, for DescribeServiceRevisions.
   * @default none
   */
  readonly taskDefinition?: string | undefined;
  /**
   * The task definition of the revision before the first deployment, for DescribeServiceRevisions.
   * @default none
   */
  readonly previousTaskDefinition?: string | undefined;
  /**
   * The hooks at the traffic shifts of a rollback: those of shifts that have happened, all, or none. AWS documents that they
   * run again, and not which ones after an early failure or stop: test them all.
   * @default 'afterShift'
   */
  readonly hooksInRollback?: 'afterShift' | 'always' | 'never' | undefined;
  /**
   * Handling of a running deployment of the same service. AWS documents no refusal, and a `RECONCILE_SERVICE` stage for a
   * deployment that starts while several revisions are active.
   * @default 'supersede'
   */
  readonly whileRunning?: 'supersede' | 'refuse' | undefined;
  /**
   * Sends SERVICE_DEPLOYMENT_FAILED for a failure. AWS documents it for services with a circuit breaker, which only rolling
   * deployments have.
   * @default false
   */
  readonly sendsFailedEvent?: boolean | undefined;
  /** Called at the start and the end of each stage. `at` is the virtual time in milliseconds since 1970. */
  readonly onStage?:
    | ((stage: EcsDeploymentStageName, progress: 'started' | 'succeeded' | 'failed', at: number) => void)
    | undefined;
}

/** One execution of one hook. */
export interface SimulatedEcsHookExecution {
  /** The ID in the events of the execution, and the `hookId` in the details of the deployment. */
  readonly executionId: string;
  /** The index of the hook in the options. */
  readonly hook: number;
  /** Its outcome. */
  readonly status: 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABANDONED';
  /** The reason of a failure. */
  readonly reason?: string;
  /** The invocations of the Lambda function; none of a pause hook. */
  readonly invocations: readonly SimulatedInvocation[];
}

/** A stage that a deployment went through. */
export interface SimulatedEcsStage {
  /** The stage. */
  readonly name: EcsDeploymentStageName;
  /** True during a rollback. */
  readonly isRollback: boolean;
  /** Percent of the production traffic that the new revision has at its end. */
  readonly productionPercent: number;
  /** Its outcome. */
  readonly status: 'SUCCEEDED' | 'FAILED';
  /** The virtual time in milliseconds since 1970. */
  readonly startedAt: number;
  /** The virtual time in milliseconds since 1970. */
  readonly endedAt: number;
  /** The executions of its hooks. */
  readonly hooks: readonly SimulatedEcsHookExecution[];
}

/** Outcome of a deployment. */
export interface SimulatedEcsDeploymentResult {
  /** The ARN of the service deployment. */
  readonly serviceDeploymentArn: string;
  /**
   * `ROLLBACK_FAILED` when a hook failed during the rollback; the traffic is back nevertheless. `STOPPED` when another
   * deployment has superseded it.
   */
  readonly status: 'SUCCESSFUL' | 'ROLLBACK_SUCCESSFUL' | 'ROLLBACK_FAILED' | 'STOPPED';
  /** The stages, in order. */
  readonly stages: readonly SimulatedEcsStage[];
  /** Percent of the traffic that the new revision has at the end. */
  readonly targetPercent: SimulatedTargetPercent;
}

/** A service deployment that has started. */
export interface SimulatedServiceDeployment {
  /** Its ARN. */
  readonly serviceDeploymentArn: string;
  /** The ARN of its service. */
  readonly serviceArn: string;
  /** The present status. */
  readonly status: ServiceDeploymentStatus;
  /** The present stage; undefined before the first and after the last. */
  readonly lifecycleStage: EcsDeploymentStageName | undefined;
  /** Percent of the traffic that the new revision has. */
  readonly targetPercent: SimulatedTargetPercent;
  /** The IDs of the pauses that wait for a response. */
  readonly pauses: readonly string[];
  /** Resolves when it has ended. */
  readonly ended: Promise<SimulatedEcsDeploymentResult>;
  /** Requests a rollback, as StopServiceDeployment does. */
  stop(): void;
  /** Requests a rollback after this many seconds. */
  stopAfter(seconds: number): void;
  /** Rolls the deployment back, as ECS does when one of its alarms goes into ALARM. */
  triggerAlarms(...alarmNames: readonly string[]): void;
  /** Rolls the deployment back, as the circuit breaker does. AWS documents it for rolling deployments only. */
  tripCircuitBreaker(): void;
}
