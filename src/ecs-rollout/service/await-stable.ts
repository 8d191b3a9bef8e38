import type { Deployment, Service } from '@aws-sdk/client-ecs';
import { ResourceNotFoundError, ResourceStateError } from '../../core/errors.js';
import { lastSegment } from '../../core/last-segment.js';
import { summarize } from '../../ecs/ecs-service.js';
import { readService } from '../../ecs/read-service.js';
import { RolloutWatch } from '../../ecs/rollout-watch.js';
import { primaryRollout } from '../../ecs/service-stability.js';
import type { StableService } from '../../ecs/types.js';
import { pollPastFailures } from '../retry-passing.js';
import type { RolloutContext } from '../rollout-context.js';

const intervalSeconds = 10;
/** Readings that may still show the state before a change. */
export const outdatedReadings = 3;

/** The state that {@link awaitStable} waits for. */
export interface WantedService {
  /** The ARN of the task definition. */
  readonly taskDefinition: string;
  readonly maxWaitSeconds: number;
  /**
   * The ID of the deployment that has to become stable, when its task definition is that of the deployment before: then the
   * task definition does not show a rollback.
   */
  readonly deployment?: string | undefined;
  /** True when the service was created just now, so that ECS may not know it yet. */
  readonly isNew?: boolean;
}

/**
 * Waits until the service is stable with a task definition.
 *
 * @throws ResourceStateError when the deployment failed, or was rolled back by the circuit breaker or another process.
 */
export async function awaitStable(
  context: RolloutContext,
  { taskDefinition: wanted, maxWaitSeconds, deployment, isNew = false }: WantedService,
): Promise<StableService> {
  const { clock, signal, resource } = context;
  const watch = new RolloutWatch({ resource, wanted, countSet: undefined });
  let wasSeen = false;
  let emitted = '';
  let misses = 0;
  const judge = (service: Service) => {
    const detail = describeDeployments(service);
    if (detail !== emitted) context.emit({ type: 'serviceChanged', detail });
    emitted = detail;
    const isMeant = deployment === undefined || primaryRollout(service)?.id === deployment;
    if (wasSeen && !isMeant) throw replaced(context, detail);
    wasSeen = isMeant;
    return { service, isStable: isMeant && watch.judge(service).state === 'stable', detail };
  };
  const { service } = await pollPastFailures({
    clock,
    signal,
    resource: `Service ${resource}`,
    expected: `a service that is stable with ${wanted}`,
    maxWaitSeconds,
    intervalSeconds,
    observe: async () => {
      try {
        return judge(await readService(context.ecs, context.name, context));
      } catch (error) {
        misses += 1;
        const mayBeUnknown = isNew && misses <= outdatedReadings && error instanceof ResourceNotFoundError;
        if (!mayBeUnknown) throw error;
        return { service: undefined, isStable: false, detail: 'no service yet' };
      }
    },
    isDone: ({ isStable }) => isStable,
    describe: ({ detail }) => detail,
  });
  const stable = summarize(service ?? {});
  const { taskDefinition, runningCount } = stable;
  context.emit({ type: 'serviceStable', taskDefinition, runningCount });
  return stable;
}

function replaced({ resource }: RolloutContext, actual: string): ResourceStateError {
  return new ResourceStateError(`New settings of ${resource} were rolled back, or changed again`, {
    resource,
    expected: 'the deployment with the new settings',
    actual,
    remedy: "Read the service's events and the reasons of its stopped tasks",
  });
}

function describeDeployments({ status, deployments = [] }: Service): string {
  const text = deployments.map(describeDeployment).join('; ') || 'no deployment';
  return status === 'ACTIVE' ? text : `${text} (status ${status})`;
}

function describeDeployment(deployment: Deployment): string {
  const {
    status,
    taskDefinition = '',
    runningCount,
    desiredCount,
    rolloutState,
    rolloutStateReason,
  } = deployment;
  const name = lastSegment(taskDefinition);
  const state = [rolloutState, rolloutState === 'FAILED' ? rolloutStateReason : undefined]
    .filter(Boolean)
    .join(', ');
  return `${status} ${name}: ${runningCount} of ${desiredCount}${state && ` (${state})`}`;
}
