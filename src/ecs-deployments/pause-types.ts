import type { ECSClient } from '@aws-sdk/client-ecs';
import type { CallOptions } from '../core/aws-call.js';
import type { ClientOptions } from '../core/clients.js';
import type { Clock } from '../core/clock.js';
import type { Logger } from '../core/logger.js';
import type { StackReference } from '../core/stack-reference.js';
import type { Check, CheckPolicy } from '../traffic/types.js';

/** Clients of `EcsPause` and `watchServiceDeployment`. */
export interface EcsDeploymentClients {
  /** Client for Amazon ECS. */
  readonly ecs: ECSClient;
}

/** Stages at which ECS can pause. ECS refuses a pause at TEST_TRAFFIC_SHIFT and PRODUCTION_TRAFFIC_SHIFT. */
export type EcsPauseStage =
  | 'RECONCILE_SERVICE'
  | 'PRE_SCALE_UP'
  | 'POST_SCALE_UP'
  | 'POST_TEST_TRAFFIC_SHIFT'
  | 'PRE_PRODUCTION_TRAFFIC_SHIFT'
  | 'POST_PRODUCTION_TRAFFIC_SHIFT';

/** A pause that waits for a response. */
export interface EcsPauseInfo {
  /** ARN of the service deployment. */
  readonly serviceDeploymentArn: string;
  /** ARN of the service, when it is known. */
  readonly serviceArn?: string;
  /** ID of the pause. Each step of a linear or canary deployment has its own. */
  readonly hookId: string;
  /** Stage of the deployment. */
  readonly stage: EcsPauseStage;
  /**
   * Percent of the production traffic that the new revision has: 0 at the first pause before the production traffic moves. Absent
   * for a service whose traffic ECS does not shift.
   */
  readonly productionPercent?: number;
  /** Time at which ECS acts by itself: milliseconds since 1970. */
  readonly expiresAt?: number;
  /** Action of ECS at that time: `ROLLBACK` or `CONTINUE`. */
  readonly timeoutAction?: string;
}

/** A step before the checks of a pause, such as a smoke test. */
export interface EcsPauseStep {
  /** Unique within the pause. */
  readonly name: string;
  /**
   * The work. It is called again when the process stops before its end is stored, so it must bear that. Throws to fail, or
   * returns `false` or `{ status: 'Failed' }`: the call is repeated by the driver, and the deployment rolled back after too many
   * failures.
   */
  readonly run: (pause: EcsPauseInfo, options: CallOptions) => unknown;
}

/** Work of a pause: its steps in their order, then its checks. Without work the pause is continued at once. */
export interface EcsPauseWork {
  /**
   * Steps.
   * @default none
   */
  readonly steps?: readonly EcsPauseStep[] | undefined;
  /**
   * Checks that must pass, by the rules of a traffic shift.
   * @default none
   */
  readonly checks?: readonly Check[] | undefined;
  /** Schedule and thresholds of the checks. */
  readonly policy?: CheckPolicy | undefined;
}

/** Work by stage. A function is called for each pause, so that the work can depend on the share of the new revision. */
export type EcsPauseStages = {
  readonly [Stage in EcsPauseStage]?: EcsPauseWork | ((pause: EcsPauseInfo) => EcsPauseWork) | undefined;
};

/** Options of `EcsPause`. */
export type EcsPauseOptions = ClientOptions<EcsDeploymentClients> & {
  /**
   * Work of each stage. Pauses of other stages are left to others, such as a person. ECS does not name the hook of a pause: all
   * pauses of a stage get the same work.
   */
  readonly stages: EcsPauseStages;
  /**
   * Stack that the new revision counts as in the context of the checks.
   * @default 'green'
   */
  readonly incoming?: StackReference | undefined;
  /**
   * Seconds between two readings of the deployment: 1 to 3600.
   * @default 15
   */
  readonly intervalSeconds?: number | undefined;
  /**
   * Seconds before the expiry of a pause at which a deployment whose checks have not passed yet is rolled back. After its expiry a
   * pause gets no response.
   * @default 60
   */
  readonly expiryMarginSeconds?: number | undefined;
  /**
   * Logger of the pauses.
   * @default nothing is logged
   */
  readonly logger?: Logger | undefined;
  /**
   * Source of the time and of waits.
   * @default the machine's clock
   */
  readonly clock?: Clock | undefined;
};

/** Request of `EcsPause`. */
export interface EcsPauseRequest {
  /** ARN of the service deployment. */
  readonly serviceDeploymentArn: string;
  /**
   * ID of the only pause to respond to, as an event names it.
   * @default every pause until the deployment has ended
   */
  readonly hookId?: string | undefined;
  /**
   * Stage of that pause, as its event names it.
   * @default the stage that ECS returns with the deployment
   */
  readonly lifecycleStage?: string | undefined;
  /**
   * Ends after the rollback of ECS. False: ends when ECS has accepted the rollback; only with `hookId`.
   * @default true
   */
  readonly waitForRollback?: boolean | undefined;
}
