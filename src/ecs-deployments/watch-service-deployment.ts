import { ECSClient } from '@aws-sdk/client-ecs';
import * as v from 'valibot';
import { type CallOptions, throwIfAborted } from '../core/aws-call.js';
import { type ClientOptions, resolveClients } from '../core/clients.js';
import type { Clock } from '../core/clock.js';
import { ElapsedTime } from '../core/elapsed-time.js';
import { ResourceStateError, WaitTimeoutError } from '../core/errors.js';
import { EventFeed } from '../core/event-feed.js';
import { classifyFailure } from '../core/failures.js';
import type { Logger } from '../core/logger.js';
import {
  abortSignal,
  functionOf,
  nonEmptyString,
  seconds,
  secondsFrom,
  strictObject,
} from '../core/schemas.js';
import { clientOptionsOf, toolDependencies, toolOptionsEntries } from '../core/tool-options.js';
import { parseInput } from '../core/validate.js';
import { requestRollback } from './change-deployment.js';
import {
  describeDeployment,
  type ObservedDeployment,
  phaseOf,
  rollbackCauseOf,
} from './deployment-status.js';
import type { EcsDeploymentClients } from './pause-types.js';
import { readDeployment, resourceOf } from './read-deployment.js';

/** Options of {@link rollBackServiceDeployment}. */
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

/** Options of {@link watchServiceDeployment}. */
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
   * Requests a rollback when it is aborted, and goes on watching to the end of the rollback. The reason of the abort is logged.
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

const deploymentEntries = {
  ...toolOptionsEntries,
  signal: v.optional(abortSignal),
  serviceDeploymentArn: v.pipe(
    nonEmptyString,
    v.check((arn) => arn.includes(':service-deployment/'), 'the ARN of a service deployment'),
  ),
};

const rollBackSchema = strictObject(deploymentEntries);

const watchSchema = strictObject({
  ...deploymentEntries,
  maxWaitSeconds: v.optional(seconds, 86_400),
  intervalSeconds: v.optional(secondsFrom(1, 3600), 15),
  rollBackSignal: v.optional(abortSignal),
  onChange: v.optional(functionOf<(reading: ServiceDeploymentReading) => unknown>()),
});

/**
 * Watches a service deployment to its end, and distinguishes a rollback from a success. The status of a service cannot: after a
 * rollback the service is stable as well.
 *
 * A status or stage that ECS has added since counts as in progress. A failure that passes, such as a throttle, does not end the
 * watch.
 *
 * @remarks IAM: ecs:DescribeServiceDeployments; with `rollBackSignal` ecs:StopServiceDeployment
 * @throws InvalidInputError, ResourceNotFoundError, WaitTimeoutError, UnexpectedResponseError, AccessDeniedError,
 * OperationAbortedError
 * @example
 * ```ts
 * import { watchServiceDeployment } from 'aws-blue-green-toolkit/ecs-deployments';
 *
 * const { outcome, reason } = await watchServiceDeployment({
 *   serviceDeploymentArn: process.env['SERVICE_DEPLOYMENT_ARN'] ?? '',
 * });
 * if (outcome !== 'succeeded') throw new Error(`The deployment ended as ${outcome}: ${reason}`);
 * ```
 */
export async function watchServiceDeployment(
  options: WatchServiceDeploymentOptions,
): Promise<EndedServiceDeployment> {
  const parsed = parseInput('watchServiceDeployment options', watchSchema, options);
  const {
    serviceDeploymentArn: arn,
    maxWaitSeconds,
    intervalSeconds,
    rollBackSignal,
    signal,
    onChange,
  } = parsed;
  const { ecs } = resolveClients<EcsDeploymentClients>(clientOptionsOf(parsed), { ecs: ECSClient });
  const { clock, logger } = toolDependencies(parsed);
  const resource = resourceOf(arn);
  const feed = new EventFeed<ServiceDeploymentReading>({
    onEvent: onChange,
    subject: 'change',
    resource,
    clock,
    logger,
  });
  const elapsed = new ElapsedTime(clock);
  let before = '';
  let isRequested = false;
  for (;;) {
    throwIfAborted({ signal, resource });
    const deployment = await unlessPassing(() => readDeployment(ecs, arn, { signal }));
    if (!('failure' in deployment)) {
      const reading = readingOf(deployment);
      if (JSON.stringify(reading) !== before) {
        before = JSON.stringify(reading);
        logger.debug('Read change of deployment', { resource, ...reading });
        feed.emit([reading]);
      }
      const phase = phaseOf(deployment);
      if (phase !== 'underWay' && phase !== 'returning') {
        await feed.settled();
        return endOf(deployment, reading, phase);
      }
      if (rollBackSignal?.aborted === true && !isRequested) {
        const requested = await unlessPassing(() => requestRollback(ecs, arn, { signal }));
        isRequested = !('failure' in requested);
        if (isRequested) logger.info('Requested rollback of deployment', { resource });
      }
    }
    const remaining = maxWaitSeconds - elapsed.seconds;
    if (remaining <= 0) throw timedOut(resource, { maxWaitSeconds, deployment });
    const pause = Math.min(intervalSeconds, remaining);
    await sleepUntilAborted(elapsed, pause, {
      signal,
      rollBackSignal: isRequested ? undefined : rollBackSignal,
      resource,
    });
  }
}

/**
 * Requests that ECS rolls a deployment back. Returns when ECS has accepted the request, or is rolling back already; {@link
 * watchServiceDeployment} waits for the end.
 *
 * @remarks IAM: ecs:DescribeServiceDeployments, ecs:StopServiceDeployment
 * @throws ResourceStateError when the deployment has ended otherwise; InvalidInputError, ResourceNotFoundError, AccessDeniedError,
 * OperationAbortedError
 */
export async function rollBackServiceDeployment(options: RollBackServiceDeploymentOptions): Promise<void> {
  const parsed = parseInput('rollBackServiceDeployment options', rollBackSchema, options);
  const { serviceDeploymentArn: arn, signal } = parsed;
  const { ecs } = resolveClients<EcsDeploymentClients>(clientOptionsOf(parsed), { ecs: ECSClient });
  const { logger } = toolDependencies(parsed);
  const resource = resourceOf(arn);
  const deployment = await readDeployment(ecs, arn, { signal });
  if (isReturned(deployment)) return;
  requireUnderWay(deployment);
  const result = await requestRollback(ecs, arn, { signal });
  if (result.isAccepted) {
    logger.info('Requested rollback of deployment', { resource });
    return;
  }
  if (!isReturned(result.deployment)) requireUnderWay(result.deployment);
}

function isReturned(deployment: ObservedDeployment): boolean {
  const phase = phaseOf(deployment);
  return phase === 'returning' || phase === 'rolledBack';
}

/** @throws ResourceStateError for a deployment that has ended. */
function requireUnderWay(deployment: ObservedDeployment): void {
  if (phaseOf(deployment) === 'underWay') return;
  const { serviceDeploymentArn } = deployment;
  throw new ResourceStateError(`Service deployment ${serviceDeploymentArn} cannot be rolled back`, {
    resource: resourceOf(serviceDeploymentArn),
    expected: 'a deployment in progress',
    actual: describeDeployment(deployment),
    remedy: 'Deploy the previous task definition',
  });
}

function readingOf({
  serviceDeploymentArn,
  status,
  stage,
  productionPercent,
  hooks,
}: ObservedDeployment): ServiceDeploymentReading {
  const waiting = hooks.filter((hook) => hook.isPause && hook.status === 'AWAITING_ACTION');
  return {
    serviceDeploymentArn,
    status,
    ...(stage !== undefined && { stage }),
    ...(productionPercent !== undefined && { productionPercent }),
    pauses: waiting.map(({ hookId }) => hookId),
  };
}

function endOf(
  deployment: ObservedDeployment,
  reading: ServiceDeploymentReading,
  outcome: EndedServiceDeployment['outcome'],
): EndedServiceDeployment {
  const { triggeredAlarms, isCircuitBroken, status } = deployment;
  const reason = rollbackCauseOf(deployment) || `ECS names no reason for ${status}`;
  return {
    ...reading,
    outcome,
    triggeredAlarms,
    isCircuitBroken,
    ...(outcome !== 'succeeded' && { reason }),
  };
}

interface PassingFailure {
  readonly failure: unknown;
}

/** Returns a failure that passes, and throws any other. */
async function unlessPassing<T>(call: () => Promise<T>): Promise<T | PassingFailure> {
  try {
    return await call();
  } catch (error) {
    if (classifyFailure(error) === 'final') throw error;
    return { failure: error };
  }
}

function timedOut(
  resource: string,
  {
    maxWaitSeconds,
    deployment,
  }: { readonly maxWaitSeconds: number; readonly deployment: ObservedDeployment | PassingFailure },
): WaitTimeoutError {
  return new WaitTimeoutError({
    resource,
    maxWaitSeconds,
    expected: 'the end of the deployment',
    ...('failure' in deployment
      ? { actual: 'no reading', cause: deployment.failure }
      : { actual: describeDeployment(deployment) }),
    remedy: 'Watch it again, or request a rollback with rollBackServiceDeployment',
  });
}

/** Sleeps until the time is over or a rollback is requested. */
async function sleepUntilAborted(
  elapsed: ElapsedTime,
  pauseSeconds: number,
  {
    signal,
    rollBackSignal,
    resource,
  }: {
    readonly signal: AbortSignal | undefined;
    readonly rollBackSignal: AbortSignal | undefined;
    readonly resource: string;
  },
): Promise<void> {
  // A request whose call has failed is repeated at the next interval.
  if (rollBackSignal === undefined || rollBackSignal.aborted)
    return elapsed.sleepSeconds(pauseSeconds, { signal, resource });
  const either = signal === undefined ? rollBackSignal : AbortSignal.any([signal, rollBackSignal]);
  try {
    await elapsed.sleepSeconds(pauseSeconds, { signal: either, resource });
  } catch (error) {
    if (!rollBackSignal.aborted) throw error;
  }
}
