import { ECSClient } from '@aws-sdk/client-ecs';
import * as v from 'valibot';
import { throwIfAborted } from '../core/aws-call.js';
import { resolveClients } from '../core/clients.js';
import { ElapsedTime } from '../core/elapsed-time.js';
import { WaitTimeoutError } from '../core/errors.js';
import { EventFeed } from '../core/event-feed.js';
import { classifyFailure } from '../core/failures.js';
import { abortSignal, functionOf, seconds, secondsFrom, strictObject } from '../core/schemas.js';
import { stopwatch } from '../core/stopwatch.js';
import { clientOptionsOf, toolDependencies } from '../core/tool-options.js';
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
import { deploymentEntries } from './roll-back-service-deployment.js';
import type {
  EndedServiceDeployment,
  ServiceDeploymentReading,
  WatchServiceDeploymentOptions,
} from './watch-types.js';

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
        const duration = stopwatch(clock);
        const requested = await unlessPassing(() => requestRollback(ecs, arn, { signal }));
        isRequested = !('failure' in requested);
        const isChanged = 'isAccepted' in requested && requested.isAccepted && phase === 'underWay';
        if (isChanged) logger.info('Requested rollback of deployment', { resource, durationMs: duration() });
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
