import {
  type ApplicationAutoScalingClient,
  DescribeScalableTargetsCommand,
  RegisterScalableTargetCommand,
} from '@aws-sdk/client-application-auto-scaling';
import { type CallOptions, callAws, requireField } from '../core/aws-call.js';
import type { Clock } from '../core/clock.js';
import { ResourceNotFoundError, ResourceStateError } from '../core/errors.js';
import type { Logger } from '../core/logger.js';
import { RecentWrites } from '../core/recent-writes.js';
import { retryOnConflict } from '../core/retry-on-conflict.js';
import { stopwatch } from '../core/stopwatch.js';
import type { ReaderBounds } from './types.js';

/** The bounds with the wanted minimum, or `'refuse'` when the maximum would have to be lifted and may not. */
export function boundsWithMinimum(
  { maximum }: ReaderBounds,
  minimum: number,
  onMaxCapacityTooLow: 'raise' | 'refuse',
): ReaderBounds | 'refuse' {
  if (minimum <= maximum) return { minimum, maximum };
  return onMaxCapacityTooLow === 'raise' ? { minimum, maximum: minimum } : 'refuse';
}

/** The bounds within which Application Auto Scaling keeps the readers of a cluster. */
export class ReaderScaling {
  readonly #client: ApplicationAutoScalingClient;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #onMaxCapacityTooLow: 'raise' | 'refuse';
  readonly #lastMinimum: RecentWrites<number>;

  constructor(options: {
    client: ApplicationAutoScalingClient;
    clock: Clock;
    logger: Logger;
    onMaxCapacityTooLow: 'raise' | 'refuse';
  }) {
    this.#client = options.client;
    this.#clock = options.clock;
    this.#lastMinimum = new RecentWrites(options.clock);
    this.#logger = options.logger;
    this.#onMaxCapacityTooLow = options.onMaxCapacityTooLow;
  }

  /**
   * Sets the minimum, and lifts the maximum when that is needed and allowed. The present bounds are read while the
   * minimum is still being found out.
   */
  async setMinimum(
    cluster: string,
    minimumToCome: number | Promise<number>,
    options: CallOptions,
  ): Promise<ReaderBounds> {
    const elapsed = stopwatch(this.#clock);
    const [present, minimum] = await Promise.all([this.#read(cluster, options), minimumToCome]);
    const wanted = boundsWithMinimum(present, minimum, this.#onMaxCapacityTooLow);
    if (wanted === 'refuse') {
      throw new ResourceStateError(`Cannot raise the minimum reader count of ${cluster}`, {
        resource: cluster,
        expected: `a maximum of ${minimum} or more`,
        actual: `a maximum of ${present.maximum}`,
        remedy:
          'Raise the maximum of the scalable target, or let it be lifted (onMaxCapacityTooLow: "raise")',
      });
    }
    const isSet = wanted.minimum === present.minimum && wanted.maximum === present.maximum;
    if (isSet && !this.#lastMinimum.mayBeOther(cluster, minimum)) return present;
    const write = () => this.#write(cluster, present, wanted, options);
    await this.#lastMinimum.change([cluster], minimum, write);
    this.#logger.info('Changed reader bounds', {
      resource: cluster,
      from: present,
      to: wanted,
      durationMs: elapsed(),
    });
    return wanted;
  }

  async #read(cluster: string, { signal }: CallOptions): Promise<ReaderBounds> {
    const call = { action: 'application-autoscaling:DescribeScalableTargets', resource: cluster, signal };
    const { ResourceId, ...target } = targetOf(cluster);
    const command = new DescribeScalableTargetsCommand({ ...target, ResourceIds: [ResourceId] });
    const { ScalableTargets } = await callAws(call, (http) => this.#client.send(command, http));
    const [found] = requireField(ScalableTargets, 'ScalableTargets', call);
    if (found === undefined) {
      throw new ResourceNotFoundError(`The readers of ${cluster} are not scaled`, {
        resource: cluster,
        expected: `a scalable target ${ResourceId} with the dimension ${target.ScalableDimension}`,
        actual: 'none',
        remedy: 'Add an auto scaling policy to the cluster (RegisterScalableTarget)',
      });
    }
    return {
      minimum: requireField(found.MinCapacity, 'MinCapacity', call),
      maximum: requireField(found.MaxCapacity, 'MaxCapacity', call),
    };
  }

  /** What is not named stays as it is, so the maximum and the suspensions are left out when they do not change. */
  async #write(
    cluster: string,
    from: ReaderBounds,
    to: ReaderBounds,
    { signal }: CallOptions,
  ): Promise<void> {
    const command = new RegisterScalableTargetCommand({
      ...targetOf(cluster),
      MinCapacity: to.minimum,
      ...(to.maximum !== from.maximum && { MaxCapacity: to.maximum }),
    });
    const call = { action: 'application-autoscaling:RegisterScalableTarget', resource: cluster, signal };
    await retryOnConflict(call, { clock: this.#clock }, (http) => this.#client.send(command, http));
  }
}

function targetOf(cluster: string) {
  return {
    ServiceNamespace: 'rds',
    ScalableDimension: 'rds:cluster:ReadReplicaCount',
    ResourceId: `cluster:${cluster}`,
  } as const;
}
