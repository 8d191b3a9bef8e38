import { ECSClient } from '@aws-sdk/client-ecs';
import * as v from 'valibot';
import { throwIfAborted } from '../core/aws-call.js';
import { resolveClients } from '../core/clients.js';
import type { Clock } from '../core/clock.js';
import { ElapsedTime } from '../core/elapsed-time.js';
import { WaitTimeoutError } from '../core/errors.js';
import { EventFeed } from '../core/event-feed.js';
import { classifyFailure } from '../core/failures.js';
import type { Logger } from '../core/logger.js';
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
  const { ecs } = resolveClients<EcsDeploymentClients>(clientOptionsOf(parsed), { ecs: ECSClient });
  return new DeploymentWatch({ ...parsed, ...toolDependencies(parsed), ecs }).toEnd();
}

type WatchSettings = Omit<v.InferOutput<typeof watchSchema>, 'clock' | 'logger'> & {
  readonly ecs: ECSClient;
  readonly clock: Clock;
  readonly logger: Logger;
};

class DeploymentWatch {
  readonly #settings: WatchSettings;
  readonly #resource: string;
  readonly #feed: EventFeed<ServiceDeploymentReading>;
  readonly #elapsed: ElapsedTime;
  #lastReading = '';
  #isRollbackRequested = false;

  constructor(settings: WatchSettings) {
    const { serviceDeploymentArn, onChange: onEvent, clock, logger } = settings;
    this.#settings = settings;
    this.#resource = resourceOf(serviceDeploymentArn);
    this.#feed = new EventFeed({ onEvent, subject: 'change', resource: this.#resource, clock, logger });
    this.#elapsed = new ElapsedTime(clock);
  }

  async toEnd(): Promise<EndedServiceDeployment> {
    const { signal, maxWaitSeconds } = this.#settings;
    const resource = this.#resource;
    for (;;) {
      throwIfAborted({ signal, resource });
      const deployment = await this.#read();
      const end = 'failure' in deployment ? undefined : this.#endOf(deployment);
      if (end !== undefined) {
        await this.#feed.settled();
        return end;
      }
      if (!('failure' in deployment)) await this.#requestRollback(deployment);
      const remaining = maxWaitSeconds - this.#elapsed.seconds;
      if (remaining <= 0) throw timedOut(resource, { maxWaitSeconds, deployment });
      await this.#pause(remaining);
    }
  }

  #read(): Promise<ObservedDeployment | PassingFailure> {
    const { ecs, serviceDeploymentArn, signal } = this.#settings;
    return unlessPassing(() => readDeployment(ecs, serviceDeploymentArn, { signal }));
  }

  /** Reports a reading that differs from the one before. Returns undefined while the deployment is in progress. */
  #endOf(deployment: ObservedDeployment): EndedServiceDeployment | undefined {
    const reading = readingOf(deployment);
    const text = JSON.stringify(reading);
    if (text !== this.#lastReading) {
      this.#lastReading = text;
      this.#settings.logger.debug('Read change of deployment', { resource: this.#resource, ...reading });
      this.#feed.emit([reading]);
    }
    const phase = phaseOf(deployment);
    return phase === 'underWay' || phase === 'returning' ? undefined : endOf(deployment, reading, phase);
  }

  /** Requests the rollback once. A request that fails for now is repeated after the next reading. */
  async #requestRollback(deployment: ObservedDeployment): Promise<void> {
    const { ecs, serviceDeploymentArn, signal, rollBackSignal, clock, logger } = this.#settings;
    if (rollBackSignal?.aborted !== true || this.#isRollbackRequested) return;
    const elapsed = stopwatch(clock);
    const requested = await unlessPassing(() => requestRollback(ecs, serviceDeploymentArn, { signal }));
    if ('failure' in requested) return;
    this.#isRollbackRequested = true;
    if (!requested.isAccepted || phaseOf(deployment) !== 'underWay') return;
    logger.info('Requested rollback of deployment', { resource: this.#resource, durationMs: elapsed() });
  }

  /** Sleeps until the next reading, or until a rollback is requested. */
  async #pause(remaining: number): Promise<void> {
    const { signal, rollBackSignal, intervalSeconds } = this.#settings;
    const resource = this.#resource;
    const pauseSeconds = Math.min(intervalSeconds, remaining);
    if (rollBackSignal === undefined || rollBackSignal.aborted)
      return this.#elapsed.sleepSeconds(pauseSeconds, { signal, resource });
    const either = signal === undefined ? rollBackSignal : AbortSignal.any([signal, rollBackSignal]);
    try {
      await this.#elapsed.sleepSeconds(pauseSeconds, { signal: either, resource });
    } catch (error) {
      if (!rollBackSignal.aborted) throw error;
    }
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
