import { messageOf } from '../../core/describe-error.js';
import { OperationAbortedError } from '../../core/errors.js';
import type { Prepared } from '../prepare-rollout.js';
import { type RolloutContext, unstoppable } from '../rollout-context.js';
import type { parseRollOutOptions } from '../rollout-options.js';
import type { RolledService, ServiceSettings } from '../types.js';
import { rollBackService } from './roll-back-service.js';
import { isSettled } from './rollout-service.js';
import { formerSettings } from './service-settings.js';

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
 * Rolls a service back, if that is wanted. A failure is added to the leftovers instead of thrown, because the canary has to be
 * cleaned up all the same.
 */
export async function settleService(
  stoppable: RolloutContext,
  { prepared, next, settings, options, cause }: FailedUpdate,
): Promise<RolledService> {
  const context = unstoppable(stoppable);
  const { previous, primary, service } = prepared;
  // With settings alone, the state before is known, too.
  if (previous === next && !isSettled(service)) {
    context.leftovers.addProblem('The task definition that the service ran before is not known');
    return 'unsettled';
  }
  const { onAbort, onUnstable, limits } = options;
  const wish = cause instanceof OperationAbortedError ? onAbort : onUnstable;
  // The task definition would be the wanted one also with the new settings in effect.
  if (previous === next && wish === 'leave') return 'unsettled';
  const former = formerSettings(service, settings);
  try {
    const isBack = await rollBackService(context, {
      previous,
      known: [previous, primary, next],
      settings: former,
      mayUpdate: wish === 'rollBack',
      reason: messageOf(cause),
      maxWaitSeconds: limits.rollbackSeconds,
    });
    if (!isBack) return 'unsettled';
  } catch (error) {
    context.leftovers.addProblem(`The service could not be rolled back: ${messageOf(error)}`);
    return 'unsettled';
  }
  if (Object.keys(former).length === 0) return 'rolledBack';
  if (wish === 'leave') {
    context.leftovers.addProblem(`It runs ${previous} again, with the settings of the update`);
    return 'unsettled';
  }
  if (previous === primary) return 'rolledBack';
  // An interrupted run has made its update with settings of its own; their earlier values cannot be read any more.
  context.leftovers.addProblem(`It runs ${previous} again, but its earlier settings are not known`);
  return 'unsettled';
}
