import {
  type ApplicationAutoScalingClient,
  DescribeScalableTargetsCommand,
  RegisterScalableTargetCommand,
  type SuspendedState,
} from '@aws-sdk/client-application-auto-scaling';
import { type CallOptions, callAws, requireField } from '../core/aws-call.js';
import type { Clock } from '../core/clock.js';
import { ResourceNotFoundError, ResourceStateError } from '../core/errors.js';
import type { Logger } from '../core/logger.js';
import { RecentWrites } from '../core/recent-writes.js';
import { retryOnConflict } from '../core/retry-on-conflict.js';
import { stopwatch } from '../core/stopwatch.js';
import type { ReaderBounds, SuspendedScaling } from './types.js';

/** The bounds alone, as they are logged. */
type Bounds = Pick<ReaderBounds, 'minimum' | 'maximum'>;

/** One change of the bounds. */
interface BoundsChange {
  readonly present: Bounds;
  readonly wanted: Bounds;
  readonly elapsed: () => number;
  /** @default true when the maximum changes */
  readonly writesMaximum?: boolean;
}

const scalingParts = ['DynamicScalingIn', 'DynamicScalingOut', 'ScheduledScaling'] as const;

/** The bounds with the wanted minimum, or `'refuse'` when the maximum would have to be raised and may not. */
export function boundsWithMinimum(
  { maximum }: Bounds,
  minimum: number,
  onMaxCapacityTooLow: 'raise' | 'refuse',
): Bounds | 'refuse' {
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
   * Sets the minimum, and raises the maximum when that is needed and allowed. The present bounds are read while the wanted
   * minimum is still being determined.
   *
   * @param needed - the part of the scaling without which the bounds have no effect.
   */
  async setMinimum(
    cluster: string,
    pendingMinimum: number | Promise<number>,
    needed: SuspendedScaling,
    options: CallOptions,
  ): Promise<ReaderBounds> {
    const elapsed = stopwatch(this.#clock);
    const [{ present, suspended }, minimum] = await Promise.all([
      this.#read(cluster, options),
      pendingMinimum,
    ]);
    const wanted = boundsWithMinimum(present, minimum, this.#onMaxCapacityTooLow);
    if (wanted === 'refuse') throw maximumTooLow(cluster, minimum, present);
    await this.#change(cluster, { present, wanted, elapsed }, options);
    if (suspended.includes(needed))
      this.#logger.warn('Found suspended scaling of readers', {
        resource: cluster,
        suspended,
      });
    return withSuspended(wanted, suspended);
  }

  /** Sets both bounds. */
  async setBounds(cluster: string, wanted: Bounds, options: CallOptions): Promise<ReaderBounds> {
    const elapsed = stopwatch(this.#clock);
    const { present, suspended } = await this.#read(cluster, options);
    // The read may be older than a change of the maximum, so the maximum is always written.
    await this.#change(cluster, { present, wanted, elapsed, writesMaximum: true }, options);
    return withSuspended(wanted, suspended);
  }

  /** Reads the present bounds. */
  async getBounds(cluster: string, options: CallOptions): Promise<ReaderBounds> {
    const { present, suspended } = await this.#read(cluster, options);
    return withSuspended(present, suspended);
  }

  /** Writes bounds that are not set, or that a read may show although they are not set any more. */
  async #change(
    cluster: string,
    { present, wanted, elapsed, writesMaximum = wanted.maximum !== present.maximum }: BoundsChange,
    options: CallOptions,
  ): Promise<void> {
    const isSet = wanted.minimum === present.minimum && wanted.maximum === present.maximum;
    if (isSet && !this.#lastMinimum.mayBeOther(cluster, wanted.minimum)) return;
    const write = () => this.#write(cluster, { ...wanted, writesMaximum }, options);
    await this.#lastMinimum.change([cluster], wanted.minimum, write);
    this.#logger.info('Changed reader bounds', {
      resource: cluster,
      from: present,
      to: wanted,
      durationMs: elapsed(),
    });
  }

  async #read(
    cluster: string,
    { signal }: CallOptions,
  ): Promise<{ present: Bounds; suspended: SuspendedScaling[] }> {
    const call = { action: 'application-autoscaling:DescribeScalableTargets', resource: cluster, signal };
    const { ResourceId, ...target } = targetOf(cluster);
    const command = new DescribeScalableTargetsCommand({ ...target, ResourceIds: [ResourceId] });
    const { ScalableTargets } = await callAws(call, (http) => this.#client.send(command, http));
    const [found] = requireField(ScalableTargets, 'ScalableTargets', call);
    if (found === undefined) {
      throw new ResourceNotFoundError(`Scalable target of the readers of ${cluster} not found`, {
        resource: cluster,
        expected: `a scalable target ${ResourceId} with the dimension ${target.ScalableDimension}`,
        actual: 'none',
        remedy:
          'Add an auto scaling policy to the cluster in the console, or register the target (RegisterScalableTarget)',
      });
    }
    return {
      present: {
        minimum: requireField(found.MinCapacity, 'MinCapacity', call),
        maximum: requireField(found.MaxCapacity, 'MaxCapacity', call),
      },
      suspended: suspendedParts(found.SuspendedState),
    };
  }

  /** RegisterScalableTarget leaves unchanged what is left out: the suspensions, and a maximum that stays. */
  async #write(
    cluster: string,
    { minimum, maximum, writesMaximum }: Bounds & { readonly writesMaximum: boolean },
    { signal }: CallOptions,
  ): Promise<void> {
    const command = new RegisterScalableTargetCommand({
      ...targetOf(cluster),
      MinCapacity: minimum,
      ...(writesMaximum && { MaxCapacity: maximum }),
    });
    const call = { action: 'application-autoscaling:RegisterScalableTarget', resource: cluster, signal };
    await retryOnConflict(call, { clock: this.#clock }, (http) => this.#client.send(command, http));
  }
}

function withSuspended(bounds: Bounds, suspended: readonly SuspendedScaling[]): ReaderBounds {
  return suspended.length > 0 ? { ...bounds, suspended } : bounds;
}

function suspendedParts(state: SuspendedState = {}): SuspendedScaling[] {
  return scalingParts.filter((part) => state[`${part}Suspended`] === true);
}

function maximumTooLow(resource: string, minimum: number, present: Bounds): ResourceStateError {
  return new ResourceStateError(`Cannot raise the minimum reader count of ${resource}`, {
    resource,
    expected: `a maximum of ${minimum} or more`,
    actual: `a maximum of ${present.maximum}`,
    remedy: 'Raise the maximum of the scalable target, or set onMaxCapacityTooLow: "raise"',
  });
}

function targetOf(cluster: string) {
  return {
    ServiceNamespace: 'rds',
    ScalableDimension: 'rds:cluster:ReadReplicaCount',
    ResourceId: `cluster:${cluster}`,
  } as const;
}
