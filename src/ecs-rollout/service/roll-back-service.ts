import { ResourceStateError } from '../../core/errors.js';
import { stopwatch } from '../../core/stopwatch.js';
import { readService } from '../../ecs/read-service.js';
import { primaryRollout } from '../../ecs/service-stability.js';
import { pollPastFailures, retryPassing } from '../retry-passing.js';
import type { RolloutContext } from '../rollout-context.js';
import type { ServiceSettings } from '../types.js';
import { awaitStable, outdatedReadings } from './await-stable.js';
import { updateService } from './service-update.js';

const intervalSeconds = 10;
/** Seconds to retry the update of a rollback: longer than a read, because it removes a bad version. */
const maxWriteSeconds = 300;

/** Options of {@link rollBackService}. */
export interface RollBackOptions {
  /** The ARN of the task definition to return to. */
  readonly previous: string;
  /** Task definitions the rollout may have set. Any other one is an external change and is left in place. */
  readonly known: readonly string[];
  /** The present values of the settings that the update has changed. */
  readonly settings: ServiceSettings;
  /** False when the service is only waited for, in case that it returns by itself. */
  readonly mayUpdate: boolean;
  readonly reason: string;
  readonly maxWaitSeconds: number;
}

/**
 * Returns the service to a task definition, and waits until it is stable with it. Returns false when it was not updated. A
 * service that has returned by itself is updated all the same, because a reading may be older than the update to take back;
 * ECS begins no further deployment then. The context has to be one without a signal.
 */
export async function rollBackService(
  context: RolloutContext,
  { previous, known, settings, mayUpdate, reason, maxWaitSeconds }: RollBackOptions,
): Promise<boolean> {
  const elapsed = stopwatch(context.clock);
  const service = await retryPassing(context, () => readService(context.ecs, context.name, context));
  const primary = primaryRollout(service)?.taskDefinition;
  if (!mayUpdate && primary !== previous) return false;
  if (primary !== undefined && !known.includes(primary)) throw changedOutside(context, previous, primary);
  context.emit({ type: 'rollingBack', to: previous, reason });
  if (mayUpdate) {
    const outcome = await retryPassing(
      context,
      () => updateService(context, previous, settings),
      maxWriteSeconds,
    );
    if ('refusal' in outcome) throw outcome.refusal;
    await awaitPrimary(context, previous, outcome.response.deployment);
  }
  await awaitStable(context, { taskDefinition: previous, maxWaitSeconds });
  context.emit({ type: 'rolledBack', taskDefinition: previous }, elapsed());
  return true;
}

/** A reading that is older than the update would show the failed deployment as the newest. */
async function awaitPrimary(
  context: RolloutContext,
  wanted: string,
  deployment: string | undefined,
): Promise<void> {
  const { clock, resource } = context;
  let readings = 0;
  await pollPastFailures({
    clock,
    resource: `Service ${resource}`,
    expected: `a deployment of ${wanted}`,
    maxWaitSeconds: maxWriteSeconds,
    intervalSeconds,
    observe: async () => {
      const service = await readService(context.ecs, context.name, context);
      readings += 1;
      return primaryRollout(service);
    },
    isDone: (primary) => {
      const isWanted = primary?.taskDefinition === wanted;
      if (isWanted && (deployment === undefined || primary.id === deployment)) return true;
      if (readings <= outdatedReadings) return false;
      // ECS itself may have begun another deployment of it.
      if (isWanted) return true;
      throw changedOutside(context, wanted, primary?.taskDefinition);
    },
    describe: (primary) => primary?.taskDefinition ?? 'no PRIMARY deployment',
  });
}

function changedOutside({ resource }: RolloutContext, expected: string, actual = 'no PRIMARY deployment') {
  const remedy = 'Let one rollout of a service end before the next one begins';
  return new ResourceStateError(`Service ${resource} was updated outside of this rollout`, {
    resource,
    expected,
    actual,
    remedy,
  });
}
