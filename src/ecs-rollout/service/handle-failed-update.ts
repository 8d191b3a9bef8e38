import { messageOf } from '../../core/describe-error.js';
import { OperationAbortedError } from '../../core/errors.js';
import type { Prepared } from '../prepare-rollout.js';
import { type RolloutContext, unstoppable } from '../rollout-context.js';
import type { parseRollOutOptions } from '../rollout-options.js';
import type { RolledService, ServiceSettings } from '../types.js';
import { rollBackService } from './roll-back-service.js';
import { isNewestCompleted } from './rollout-service.js';
import { previousSettings } from './service-settings.js';

/** A rollout that failed after the update of the service. */
export interface FailedUpdate {
  readonly prepared: Prepared;
  /** The ARN of the new task definition. */
  readonly next: string;
  /** The settings that the update changed, besides the task definition. */
  readonly settings: ServiceSettings;
  readonly options: ReturnType<typeof parseRollOutOptions>;
  readonly cause: unknown;
}

/**
 * Rolls a service back, depending on `onUnstable` and `onAbort`. Adds a failure to the leftovers instead of throwing it,
 * because the canary has to be cleaned up in any case.
 */
export async function handleFailedUpdate(
  stoppable: RolloutContext,
  { prepared, next, settings, options, cause }: FailedUpdate,
): Promise<RolledService> {
  const context = unstoppable(stoppable);
  const { previous, primary, service } = prepared;
  // When only settings have changed, the earlier state is known.
  if (previous === next && !isNewestCompleted(service)) {
    context.leftovers.addProblem('The task definition that the service ran before is not known');
    return 'unsettled';
  }
  const { onAbort, onUnstable, limits } = options;
  const reaction = cause instanceof OperationAbortedError ? onAbort : onUnstable;
  // The task definition cannot show whether the new settings are in effect.
  if (previous === next && reaction === 'leave') return 'unsettled';
  const previousValues = previousSettings(service, settings);
  try {
    const isBack = await rollBackService(context, {
      previous,
      known: [previous, primary, next],
      settings: previousValues,
      mayUpdate: reaction === 'rollBack',
      reason: messageOf(cause),
      maxWaitSeconds: limits.rollbackSeconds,
    });
    if (!isBack) return 'unsettled';
  } catch (error) {
    context.leftovers.addProblem(`The service could not be rolled back: ${messageOf(error)}`);
    return 'unsettled';
  }
  if (Object.keys(previousValues).length === 0) return 'rolledBack';
  if (reaction === 'leave') {
    context.leftovers.addProblem(`It runs ${previous} again, with the settings of the update`);
    return 'unsettled';
  }
  if (previous === primary) return 'rolledBack';
  // An interrupted run has updated settings whose earlier values can no longer be read.
  context.leftovers.addProblem(`It runs ${previous} again, but its earlier settings are not known`);
  return 'unsettled';
}
