import type { Logger } from '../core/logger.js';

/**
 * Direction of the deployment. ECS runs `TEST_TRAFFIC_SHIFT` and `PRODUCTION_TRAFFIC_SHIFT` in both directions; there it follows
 * from the weight of the target revision, and is `'unknown'` when the weight is missing. The other stages run only forward.
 */
export type EcsHookDirection = 'forward' | 'rollback' | 'unknown';

/** Argument of a function in an ECS hook. */
export interface EcsHookInvocation {
  /** Identifies this execution of this hook. */
  readonly executionId: string;
  /** The stage that the deployment is in. */
  readonly stage: string;
  /** Direction of the deployment. */
  readonly direction: EcsHookDirection;
  /** The ARN of the service deployment. */
  readonly deploymentArn: string;
  /** The ARN of the service. */
  readonly serviceArn: string;
  /** The ARN of the revision that is being deployed. */
  readonly targetServiceRevisionArn: string;
  /**
   * Percent of the traffic that the target revision gets at this traffic shift: 10, 20, … at the steps of a linear
   * deployment, 0 in a rollback. At `PRE_PRODUCTION_TRAFFIC_SHIFT`, the percentage before the shift. Missing where ECS does not
   * send it.
   */
  readonly targetPercent?: number;
  /** The hook's configuration in the service, without the toolkit's own entry. */
  readonly hookDetails: Readonly<Record<string, unknown>>;
  /** Value that an earlier function of this stage kept. */
  readonly kept: unknown;
  /**
   * Keeps a value for later functions of this stage, in this invocation and the next ones: the ID of a started task, for
   * example. Replaces the value before. The value has to be JSON of at most 4,096 bytes.
   *
   * @throws InvalidInputError when the value is not JSON, or larger.
   */
  keep(value: unknown): void;
  /** Aborted with a `DeadlineError` when the time for the work is over. Pass it to every tool's method. */
  readonly signal: AbortSignal;
  /** The hook's logger. */
  readonly logger: Logger;
  /** Seconds until the signal will be aborted. */
  remainingSeconds(): number;
}

/**
 * Work in an ECS hook. Resolves when it is done; throws when the deployment must not continue. A returned `false`, or a `hookStatus`
 * other than `SUCCEEDED`, is a failure too. Work that the Lambda's time-out interrupts is repeated in the next invocation, so it has
 * to be repeatable. The toolkit's methods are.
 */
export type EcsHookFunction = (invocation: EcsHookInvocation) => unknown;
