import type { CallOptions } from '../core/aws-call.js';
import type { ClientOptions } from '../core/clients.js';
import type { Clock } from '../core/clock.js';
import type { Logger } from '../core/logger.js';
import type { EcsDeploymentClients } from './pause-types.js';

/** Options of `rollBackServiceDeployment`. */
export type RollBackServiceDeploymentOptions = ClientOptions<EcsDeploymentClients> &
  CallOptions & {
    /** ARN of the service deployment. */
    readonly serviceDeploymentArn: string;
    /**
     * Logger of the request.
     * @default nothing is logged
     */
    readonly logger?: Logger | undefined;
    /**
     * Source of the time.
     * @default the machine's clock
     */
    readonly clock?: Clock | undefined;
  };

/** Options of `watchServiceDeployment`. */
export type WatchServiceDeploymentOptions = RollBackServiceDeploymentOptions & {
  /**
   * Seconds after which the watch ends with a WaitTimeoutError. The deployment carries on.
   * @default 86400 (a day)
   */
  readonly maxWaitSeconds?: number | undefined;
  /**
   * Seconds between two readings: 1 to 3600.
   * @default 15
   */
  readonly intervalSeconds?: number | undefined;
  /**
   * Requests a rollback when it is aborted, and continues to watch until the end of the rollback. The reason of the abort is logged.
   * @default never
   */
  readonly rollBackSignal?: AbortSignal | undefined;
  /**
   * Called with the first reading, and with each one that differs from the one before. Its errors are logged and ignored.
   * @default none
   */
  readonly onChange?: ((reading: ServiceDeploymentReading) => unknown) | undefined;
};

/** One reading of a service deployment. */
export interface ServiceDeploymentReading {
  /** ARN of the service deployment. */
  readonly serviceDeploymentArn: string;
  /** Status as ECS returns it. ECS may add statuses. */
  readonly status: string;
  /** Stage as ECS returns it; absent between two stages. ECS may add stages. */
  readonly stage?: string;
  /** Percent of the production traffic that the new revision has; absent without a managed shift. */
  readonly productionPercent?: number;
  /** IDs of the pauses that wait for a response. */
  readonly pauses: readonly string[];
}

/** End of a service deployment. */
export interface EndedServiceDeployment extends ServiceDeploymentReading {
  /**
   * `succeeded`: the new revision has the traffic. `rolledBack`: the previous one has it. `rollbackFailed`: ECS could not finish the
   * rollback. `stopped`: the deployment ended without either, such as when another one has replaced it.
   */
  readonly outcome: 'succeeded' | 'rolledBack' | 'rollbackFailed' | 'stopped';
  /** Alarms that have started the rollback. */
  readonly triggeredAlarms: readonly string[];
  /** True when the circuit breaker has started the rollback. */
  readonly isCircuitBroken: boolean;
  /** Reason of an end other than success, as ECS names it. */
  readonly reason?: string;
}
