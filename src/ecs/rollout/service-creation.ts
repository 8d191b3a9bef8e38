import { randomUUID } from 'node:crypto';
import { CreateServiceCommand, DescribeServicesCommand, type Service } from '@aws-sdk/client-ecs';
import { callAws, isAwsError, requireField, throwIfAborted } from '../../core/aws-call.js';
import { messageOf } from '../../core/describe-error.js';
import { ResourceStateError } from '../../core/errors.js';
import { stopwatch } from '../../core/stopwatch.js';
import { noCluster } from '../read-service.js';
import { primaryRollout } from '../service-stability.js';
import type { StableService } from '../types.js';
import { ecsCall, type RolloutContext, unstoppable } from './context.js';
import { RolloutError } from './rollout-error.js';
import type { RolloutJournal } from './rollout-journal.js';
import type { parseUpOptions } from './rollout-options.js';
import { newestStop } from './service-stops.js';
import { awaitStable, isRefusal } from './service-update.js';
import type { StoppedTask } from './stopped-task.js';
import { provideDefinition } from './task-definitions.js';
import type { EcsDefinitions, UpResult } from './types.js';

/** What a creation is given. */
export interface CreationPlan {
  readonly definitions: EcsDefinitions;
  /** How many tasks the service gets when its definition does not say. */
  readonly desiredCount: number;
  readonly options: ReturnType<typeof parseUpOptions>;
}

/**
 * Creates a service, and waits until it is stable.
 *
 * @throws RolloutError; a service that was created stays
 */
export async function createAndAwait(
  context: RolloutContext,
  journal: RolloutJournal,
  plan: CreationPlan,
): Promise<UpResult> {
  const startedAt = context.clock.now();
  let registered: string | undefined;
  try {
    journal.enter('prepare');
    const existing = await findService(context);
    if (existing !== undefined) requireTaking(context, existing, plan);
    const taskDefinition = existing
      ? primaryRollout(existing)?.taskDefinition
      : await create(context, journal, plan, (arn) => {
          registered = arn;
        });
    journal.enter('serviceStable');
    const wanted = requireField(taskDefinition, 'taskDefinition', ecsCall('DescribeServices', context));
    const stable: StableService = await awaitStable(context, wanted, plan.options.maxWaitSeconds);
    context.tell({ type: 'succeeded', taskDefinition: stable.taskDefinition });
    return { ...stable, created: existing === undefined, startedAt, endedAt: context.clock.now() };
  } catch (cause) {
    // After a refusal AWS has created nothing.
    if (journal.phase === 'createService' && isRefusal(cause)) registered = undefined;
    const stopped = registered === undefined ? undefined : await newestStop(unstoppable(context), registered);
    throw failed(context, journal, { cause, stopped, isCreated: registered !== undefined });
  }
}

/** @param begin - is told that AWS may create the service with this task definition from now on. */
async function create(
  context: RolloutContext,
  journal: RolloutJournal,
  { definitions, desiredCount }: CreationPlan,
  begin: (taskDefinition: string) => void,
): Promise<string> {
  journal.enter('registerTaskDefinition');
  const { arn } = await provideDefinition(context, definitions.taskDefinition, undefined);
  journal.enter('createService');
  throwIfAborted(context);
  begin(arn);
  const elapsed = stopwatch(context.clock);
  const { schedulingStrategy } = definitions.service;
  const command = new CreateServiceCommand({
    // AWS refuses a count for a daemon.
    ...(schedulingStrategy !== 'DAEMON' && { desiredCount }),
    ...definitions.service,
    cluster: context.name.cluster,
    serviceName: context.name.service.replace(/^.*\//, ''),
    taskDefinition: arn,
    clientToken: definitions.service.clientToken ?? randomUUID(),
  });
  const call = ecsCall('CreateService', unstoppable(context));
  const { service } = await callAws(call, (http) => context.ecs.send(command, http));
  const serviceArn = requireField(service?.serviceArn, 'serviceArn', call);
  context.tell({ type: 'serviceCreated', serviceArn }, elapsed());
  return arn;
}

/** The service, unless it is gone; one that is going is none that could be taken, nor created. */
async function findService(context: RolloutContext): Promise<Service | undefined> {
  const { cluster, service } = context.name;
  const command = new DescribeServicesCommand({ cluster, services: [service] });
  try {
    const { services } = await callAws(ecsCall('DescribeServices', context), (http) =>
      context.ecs.send(command, http),
    );
    const found = services?.[0];
    return found?.status === 'INACTIVE' ? undefined : found;
  } catch (error) {
    throw isAwsError(error, 'ClusterNotFoundException') ? noCluster(cluster, error) : error;
  }
}

function requireTaking({ resource }: RolloutContext, { status }: Service, { options }: CreationPlan): void {
  if (status === 'ACTIVE' && options.existing === 'take') return;
  const isActive = status === 'ACTIVE';
  throw new ResourceStateError(
    `The service ${resource} ${isActive ? 'exists already' : 'is being deleted'}`,
    {
      resource,
      expected: 'no service of this name',
      actual: status ?? 'no status',
      remedy: isActive
        ? "Roll the task definition out to it, or take it as it is with existing: 'take'"
        : 'Create it anew once it is gone',
    },
  );
}

function failed(
  context: RolloutContext,
  journal: RolloutJournal,
  { cause, stopped, isCreated }: { cause: unknown; stopped: StoppedTask | undefined; isCreated: boolean },
): RolloutError {
  const { phase } = journal;
  const reason = messageOf(cause);
  context.tell({ type: 'failed', phase, reason, serviceIntact: !isCreated });
  return new RolloutError({
    operation: 'creation',
    resource: context.resource,
    phase,
    cause,
    stoppedReason: stopped?.stoppedReason,
    exitCodes: stopped?.exitCodes ?? {},
    service: isCreated ? 'unsettled' : 'unchanged',
    canaryTaskArn: undefined,
    leftovers: [],
    history: journal.history,
  });
}
