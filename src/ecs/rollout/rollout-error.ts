import { messageOf } from '../../core/describe-error.js';
import { ToolkitError } from '../../core/errors.js';
import type { RolloutEvent, RolloutPhase } from './events.js';
import type { RolledService } from './types.js';

/** What a {@link RolloutError} tells besides its message. */
export interface RolloutErrorDetails {
  /** What failed: `EcsTools.rollOut`, or `EcsTools.up`. */
  readonly operation: 'rollout' | 'creation';
  /** The service, as errors name it. */
  readonly resource: string;
  /** The phase in which it failed. */
  readonly phase: RolloutPhase;
  /** Why the task stopped, in ECS's words, when it did. */
  readonly stoppedReason: string | undefined;
  /** The exit codes of the stopped task's containers, by their names. */
  readonly exitCodes: Readonly<Record<string, number>>;
  /** What became of the service. */
  readonly service: RolledService;
  /** The ARN of the canary, when one was started. */
  readonly canaryTaskArn: string | undefined;
  /**
   * What could not be put in order: a rollback that failed, a canary that is still there. A further run with the same ID
   * cleans the canary up.
   */
  readonly leftovers: readonly string[];
  /** Everything that happened until then. */
  readonly history: readonly RolloutEvent[];
  /** The error that led to this one. */
  readonly cause: unknown;
}

const stateOfService: Readonly<Record<RolledService, string>> = {
  unchanged: 'The service is intact: it was not changed',
  updated: 'The service runs the new task definition, and is stable',
  rolledBack: 'The service is intact: it was rolled back to its previous task definition',
  unsettled: 'The service was created or updated, and may not be stable: look at it',
};

/** A rollout, or the creation of a service, failed or was aborted. The service's state is told with it. */
export class RolloutError extends ToolkitError {
  override readonly name = 'RolloutError';
  readonly code = 'ROLLOUT';
  /** The phase in which it failed. */
  readonly phase: RolloutPhase;
  /** Why the task stopped, in ECS's words, when it did. */
  readonly stoppedReason: string | undefined;
  /** The exit codes of the stopped task's containers, by their names. */
  readonly exitCodes: Readonly<Record<string, number>>;
  /** What became of the service. */
  readonly service: RolledService;
  /** Whether the service is whole: unchanged, stable with the new task definition, or rolled back. */
  readonly serviceIntact: boolean;
  /** The ARN of the canary, when one was started. */
  readonly canaryTaskArn: string | undefined;
  /** What could not be put in order: a rollback that failed, a canary that is still there. */
  readonly leftovers: readonly string[];
  /** Everything that happened until then. */
  readonly history: readonly RolloutEvent[];

  constructor(details: RolloutErrorDetails) {
    const { operation, resource, phase, cause, service, leftovers } = details;
    const reason = messageOf(cause);
    const remedy = [stateOfService[service], ...leftovers].join('. ');
    super(`The ${operation} of ${resource} failed in the phase ${phase}: ${reason}`, {
      resource,
      remedy,
      cause,
    });
    this.phase = phase;
    this.stoppedReason = details.stoppedReason;
    this.exitCodes = details.exitCodes;
    this.service = service;
    this.serviceIntact = service !== 'unsettled';
    this.canaryTaskArn = details.canaryTaskArn;
    this.leftovers = leftovers;
    this.history = details.history;
  }
}
