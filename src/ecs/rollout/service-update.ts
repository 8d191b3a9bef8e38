import { type Deployment, type Service, UpdateServiceCommand } from '@aws-sdk/client-ecs';
import { callAws, isAwsError, throwIfAborted } from '../../core/aws-call.js';
import { AccessDeniedError, ResourceStateError } from '../../core/errors.js';
import { lastSegment } from '../../core/last-segment.js';
import { pollUntil } from '../../core/poll-until.js';
import { stopwatch } from '../../core/stopwatch.js';
import { summarize } from '../ecs-service.js';
import { readService } from '../read-service.js';
import { RolloutWatch } from '../rollout-watch.js';
import { primaryRollout } from '../service-stability.js';
import type { StableService } from '../types.js';
import { ecsCall, type RolloutContext, unstoppable } from './context.js';
import { retryCleanup } from './retry-cleanup.js';
import type { ServiceSettings } from './types.js';

const intervalSeconds = 10;
/** Looks that may still show what was before an update. */
const outdatedLooks = 3;

/** Has the service run a task definition, and gives the ID of its newest deployment from then on. */
export async function updateService(
  context: RolloutContext,
  taskDefinition: string,
  settings: ServiceSettings,
): Promise<string | undefined> {
  throwIfAborted(context);
  const command = new UpdateServiceCommand({ ...settings, ...context.name, taskDefinition });
  const call = ecsCall('UpdateService', unstoppable(context));
  const { service } = await callAws(call, (http) => context.ecs.send(command, http));
  return service && primaryRollout(service)?.id;
}

/** Refusals of an update after which nothing has changed; after any other error it may have been made. */
const refusals = [
  'BlockedException',
  'ClientException',
  'ClusterNotFoundException',
  'InvalidParameterException',
  'NamespaceNotFoundException',
  'PlatformTaskDefinitionIncompatibilityException',
  'PlatformUnknownException',
  'ServiceNotActiveException',
  'ServiceNotFoundException',
  'UnsupportedFeatureException',
];

/** Whether an update that threw this has certainly changed nothing. */
export function isRefusal(error: unknown): boolean {
  return error instanceof AccessDeniedError || isAwsError(error, ...refusals);
}

/**
 * Waits until the service is stable with a task definition.
 *
 * @param deployment - the ID of the deployment that has to become stable, when it runs what the one before it ran: then its
 * task definition does not tell whether it was rolled back.
 * @throws ResourceStateError when the deployment failed, or was rolled back: by the circuit breaker, or by somebody
 */
export async function awaitStable(
  context: RolloutContext,
  wanted: string,
  maxWaitSeconds: number,
  deployment?: string,
): Promise<StableService> {
  const { clock, signal, resource } = context;
  const watch = new RolloutWatch({ resource, wanted, countSet: undefined });
  let wasSeen = false;
  let told = '';
  const { service } = await pollUntil({
    clock,
    signal,
    resource,
    expected: `a service that is stable with ${wanted}`,
    maxWaitSeconds,
    intervalSeconds,
    observe: async () => {
      // A look that AWS refuses for some seconds is no reason to take a whole rollout back.
      const actual = await retryCleanup(context, () => readService(context.ecs, context.name, context));
      const detail = describeDeployments(actual);
      if (detail !== told) context.tell({ type: 'serviceChanged', detail });
      told = detail;
      const isMeant = deployment === undefined || primaryRollout(actual)?.id === deployment;
      if (wasSeen && !isMeant) throw replaced(context, detail);
      wasSeen = isMeant;
      return { service: actual, isStable: isMeant && watch.look(actual).state === 'stable', detail };
    },
    isDone: ({ isStable }) => isStable,
    describe: ({ detail }) => detail,
  });
  const stable = summarize(service);
  const { taskDefinition, runningCount } = stable;
  context.tell({ type: 'serviceStable', taskDefinition, runningCount });
  return stable;
}

/** How a service is brought back. */
export interface RollBackOptions {
  /** The ARN of the task definition that it goes back to. */
  readonly previous: string;
  /** What the service may run now; anything else is somebody else's, and is left alone. */
  readonly known: readonly string[];
  /** The settings that the update has changed, as they were. */
  readonly settings: ServiceSettings;
  /** Whether it may be updated; otherwise it is waited for only when it goes back by itself. */
  readonly mayUpdate: boolean;
  readonly reason: string;
  readonly maxWaitSeconds: number;
}

/**
 * Brings the service back to a task definition, waits until it is stable with it, and gives whether it is. One that has gone
 * back by itself is updated all the same, because a look may be older than the update that is to be taken back; for AWS
 * that is no further deployment. The context has to be one without a signal.
 */
export async function rollBackService(
  context: RolloutContext,
  { previous, known, settings, mayUpdate, reason, maxWaitSeconds }: RollBackOptions,
): Promise<boolean> {
  const elapsed = stopwatch(context.clock);
  const service = await retryCleanup(context, () => readService(context.ecs, context.name, context));
  const primary = primaryRollout(service)?.taskDefinition;
  if (!mayUpdate && primary !== previous) return false;
  if (primary !== undefined && !known.includes(primary)) throw someoneElse(context, previous, primary);
  context.tell({ type: 'rollingBack', to: previous, reason });
  if (mayUpdate) {
    const deployment = await retryCleanup(context, () => updateService(context, previous, settings));
    await awaitPrimary(context, previous, deployment);
  }
  await awaitStable(context, previous, maxWaitSeconds);
  context.tell({ type: 'rolledBack', taskDefinition: previous }, elapsed());
  return true;
}

/** A look that is older than the update would show the deployment which is left as the newest, and so a failure. */
async function awaitPrimary(
  context: RolloutContext,
  wanted: string,
  deployment: string | undefined,
): Promise<void> {
  const { clock, resource } = context;
  let looks = 0;
  await pollUntil({
    clock,
    resource,
    expected: `a deployment of ${wanted}`,
    maxWaitSeconds: outdatedLooks * intervalSeconds,
    intervalSeconds,
    observe: async () => {
      looks += 1;
      return primaryRollout(
        await retryCleanup(context, () => readService(context.ecs, context.name, context)),
      );
    },
    isDone: (primary) => {
      const isWanted = primary?.taskDefinition === wanted;
      if (isWanted && (deployment === undefined || primary.id === deployment)) return true;
      if (looks <= outdatedLooks) return false;
      // ECS itself may have begun another deployment of it.
      if (isWanted) return true;
      throw someoneElse(context, wanted, primary?.taskDefinition);
    },
    describe: (primary) => primary?.taskDefinition ?? 'no PRIMARY deployment',
  });
}

function replaced({ resource }: RolloutContext, actual: string): ResourceStateError {
  return new ResourceStateError(`The new settings of ${resource} were rolled back, or changed again`, {
    resource,
    expected: 'the deployment with the new settings',
    actual,
    remedy: "The service's events and its stopped tasks tell why",
  });
}

function someoneElse({ resource }: RolloutContext, expected: string, actual = 'no PRIMARY deployment') {
  const remedy = 'Let one rollout of a service end before the next one begins';
  return new ResourceStateError(`Somebody else updates ${resource}`, { resource, expected, actual, remedy });
}

function describeDeployments({ deployments = [] }: Service): string {
  return deployments.map(describeDeployment).join('; ') || 'no deployment';
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
