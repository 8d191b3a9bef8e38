import type { AutoRollbackEvent, DeploymentStatus } from '@aws-sdk/client-codedeploy';
import type { SimulatedDeploymentConfiguration } from './deployment-configurations.js';
import type { SimulatedDeploymentOptions, SimulatedLifecycleEvent } from './simulated-code-deploy-types.js';
import type { SimulatedTrafficRoute } from './target-group-pair.js';

/** A deployment group of an ECS service, for `SimulatedCodeDeploy.addDeploymentGroup`. */
export interface SimulatedDeploymentGroupOptions {
  /** The name of its application. */
  readonly application: string;
  /** The name of the group. */
  readonly name: string;
  /**
   * The ECS service, whose deployment controller has to be `CODE_DEPLOY`.
   * @default none: installations take a fixed time
   */
  readonly service?: SimulatedDeploymentOptions['service'];
  /**
   * The listeners and the two target groups.
   * @default none: only `traffic` shows the shift
   */
  readonly route?: SimulatedTrafficRoute | undefined;
  /**
   * The hooks of every revision whose AppSpec names none, the one that is deployed at the beginning included.
   * @default none
   */
  readonly hooks?: SimulatedDeploymentOptions['hooks'];
  /** @default 'CodeDeployDefault.ECSAllAtOnce' */
  readonly deploymentConfig?: SimulatedDeploymentConfiguration | undefined;
  /**
   * The events that roll a deployment back; `true` for all of them, `false` for none, as in a new group.
   * @default false
   */
  readonly autoRollback?: boolean | readonly AutoRollbackEvent[] | undefined;
  /**
   * Seconds between the end of `AfterAllowTraffic` and the termination of the original task set.
   * @default 0
   */
  readonly terminationWaitSeconds?: number | undefined;
  /**
   * The names of alarms that stop a deployment while they are in `ALARM`.
   * @default none
   */
  readonly alarms?: readonly string[] | undefined;
  /**
   * Runs the hooks of the previous revision in a rollback deployment. AWS documents that a rollback is a new deployment of
   * the previous revision, and not whether its hooks run: test both.
   * @default false
   */
  readonly hooksInRollback?: boolean | undefined;
  /**
   * The state in the event of a rollback deployment that has succeeded; `'none'` for no event. AWS documents none.
   * @default 'SUCCESS'
   */
  readonly rollbackEventState?: 'SUCCESS' | 'ROLLBACK' | 'none' | undefined;
  /**
   * The place of the AppSpec files. GetApplicationRevision returns the content of an `AppSpecContent`, and not of a file in
   * S3.
   * @default 'AppSpecContent'
   */
  readonly revisionType?: 'AppSpecContent' | 'S3' | undefined;
  /**
   * The status of a deployment that waits for the termination. AWS documents none.
   * @default 'InProgress'
   */
  readonly statusWhileWaiting?: 'InProgress' | 'Baking' | undefined;
}

/** A deployment for `SimulatedCodeDeploy.startDeployment`. */
export interface SimulatedDeploymentRequest
  extends Pick<
    SimulatedDeploymentOptions,
    'taskDefinition' | 'hooks' | 'onLifecycleEvent' | 'deploymentConfig'
  > {
  /** The name of the application. */
  readonly application: string;
  /** The name of the deployment group. */
  readonly group: string;
}

/** A deployment of a deployment group, or the rollback deployment of one. */
export interface SimulatedGroupDeployment {
  /** Also the external ID of the replacement task set. */
  readonly deploymentId: string;
  /** `codeDeployRollback` for a rollback deployment. */
  readonly creator: 'user' | 'codeDeployRollback';
  /** The present status. */
  readonly status: DeploymentStatus;
  /** Percent of the production traffic that the replacement has. */
  readonly replacementPercent: number;
  /** The finished steps, in order. */
  readonly lifecycleEvents: readonly SimulatedLifecycleEvent[];
  /** The rollback deployment, if one has started. */
  readonly rollback: SimulatedGroupDeployment | undefined;
  /** Resolves to the final status. */
  readonly ended: Promise<DeploymentStatus>;
  /**
   * Stops the deployment, as a person does. Without `rollBack` the deployment group decides about the rollback.
   */
  stop(options?: { readonly rollBack?: boolean }): void;
  /** Stops the deployment after this many seconds. */
  stopAfter(seconds: number, options?: { readonly rollBack?: boolean }): void;
}
