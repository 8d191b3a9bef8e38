import { messageOf } from '../core/describe-error.js';
import { ToolkitError } from '../core/errors.js';
import type { RolloutEvent, RolloutPhase, ServiceOnlyFeature } from './events.js';
import type { RolledService, RolloutLeftovers } from './types.js';

/** The details of a {@link RolloutError}. */
export interface RolloutErrorDetails {
  /** The operation that failed: `EcsRollout.rollOut`, or `EcsRollout.up`. */
  readonly operation: 'rollout' | 'creation';
  /** The service, as errors name it. */
  readonly resource: string;
  /** The phase in which it failed. */
  readonly phase: RolloutPhase;
  /** ECS's reason for the stop of the task, when it stopped. */
  readonly stoppedReason: string | undefined;
  /** The exit codes of the stopped task's containers, by their names. */
  readonly exitCodes: Readonly<Record<string, number>>;
  /** State of the service. */
  readonly service: RolledService;
  /** The ARN of the canary, when one was started. */
  readonly canaryTaskArn: string | undefined;
  /** Features of the service that the canary ran without. */
  readonly untriedFeatures: readonly ServiceOnlyFeature[];
  /** Everything that could not be removed. */
  readonly leftovers: RolloutLeftovers;
  /** Every event until then, oldest first. */
  readonly history: readonly RolloutEvent[];
  /** The error that led to this one. */
  readonly cause: unknown;
}

const stateOfService: Readonly<Record<RolledService, string>> = {
  unchanged: 'The service is intact: it was not changed',
  updated: 'The service runs the new task definition, and is stable',
  rolledBack: 'The service is intact: it was rolled back to its previous task definition',
  unsettled: 'The service was created or updated, and may not be stable: check it',
};

/** A rollout, or the creation of a service, failed or was aborted. Carries the state of the service. */
export class RolloutError extends ToolkitError {
  override readonly name = 'RolloutError';
  readonly code = 'ROLLOUT';
  /** The phase in which it failed. */
  readonly phase: RolloutPhase;
  /** ECS's reason for the stop of the task, when it stopped. */
  readonly stoppedReason: string | undefined;
  /** The exit codes of the stopped task's containers, by their names. */
  readonly exitCodes: Readonly<Record<string, number>>;
  /** State of the service. */
  readonly service: RolledService;
  /** True when the service is unchanged, stable with the new task definition, or rolled back. */
  readonly serviceIntact: boolean;
  /** The ARN of the canary, when one was started. */
  readonly canaryTaskArn: string | undefined;
  /** Features of the service that the canary ran without. */
  readonly untriedFeatures: readonly ServiceOnlyFeature[];
  /** Everything that could not be removed: canaries that may still run, targets that may still get traffic. */
  readonly leftovers: RolloutLeftovers;
  /** Every event until then, oldest first. */
  readonly history: readonly RolloutEvent[];

  constructor(details: RolloutErrorDetails) {
    const { operation, resource, phase, cause, service, leftovers } = details;
    const remedy = [
      stateOfService[service],
      ...describeUntried(details),
      ...describeLeftovers(leftovers),
    ].join('. ');
    super(`${operations[operation]} of ${resource} failed in the phase ${phase}: ${messageOf(cause)}`, {
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
    this.untriedFeatures = details.untriedFeatures;
    this.leftovers = leftovers;
    this.history = details.history;
  }
}

const operations = { rollout: 'Rollout', creation: 'Creation' } as const;

/** Names the untried features only when they may explain the failure. */
function describeUntried({ untriedFeatures, service }: RolloutErrorDetails): string[] {
  if (untriedFeatures.length === 0 || service !== 'unchanged') return [];
  const names = untriedFeatures.join(', ');
  return [`The canary ran without ${names}, which ECS supports only for tasks of a service`];
}

function describeLeftovers({ tasks, targets, problems }: RolloutLeftovers): string[] {
  const names = targets.map((it) => `${it.targetId}:${it.port} in ${it.targetGroupArn}`);
  return [
    ...problems,
    ...(tasks.length > 0 ? [`Canaries that may still run: ${tasks.join(', ')}`] : []),
    ...(names.length > 0 ? [`Targets that may still get traffic: ${names.join(', ')}`] : []),
  ];
}
