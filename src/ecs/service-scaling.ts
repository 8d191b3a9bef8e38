import {
  type ApplicationAutoScalingClient,
  ListTagsForResourceCommand,
  paginateDescribeScalableTargets,
  RegisterScalableTargetCommand,
  type ScalableTarget,
  type SuspendedState,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-application-auto-scaling';
import { type CallOptions, callAws, collectPages, requireField } from '../core/aws-call.js';
import type { Clock } from '../core/clock.js';
import type { Logger } from '../core/logger.js';
import { RecentWrites } from '../core/recent-writes.js';
import { retryOnConflict } from '../core/retry-on-conflict.js';
import { sleep } from '../core/sleep.js';
import { stopwatch } from '../core/stopwatch.js';
import {
  allSuspended,
  fromTagValue,
  resumed,
  runningParts,
  suspendedParts,
  suspendedPartsTag,
  toTagValue,
} from './suspended-scaling.js';

const namespace = 'ecs';
const dimension = 'ecs:service:DesiredCount';

/** Readings that rule out a response from before another process has written the tag. */
const conclusiveReadings = 3;
const intervalSeconds = 5;

/**
 * Suspends and resumes the scaling of ECS services. The suspended parts are first written into a tag of the scalable target,
 * and the tag is removed last: after a crash at any point, suspending or resuming again finds the owner's setting. The tag is
 * deleted with the target, as the suspension is.
 *
 * Reads are eventually consistent. Suspending always writes the tag, and what this process has written recently is preferred
 * to a read that may be older.
 */
export class ServiceScaling {
  readonly #client: ApplicationAutoScalingClient;
  readonly #clock: Clock;
  readonly #logger: Logger;
  /** The running parts of each target, in the form of the tag. */
  readonly #running: RecentWrites<string>;
  /** The value of each target's tag; empty after its removal. */
  readonly #tags: RecentWrites<string>;

  constructor(options: { client: ApplicationAutoScalingClient; clock: Clock; logger: Logger }) {
    this.#client = options.client;
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#running = new RecentWrites(options.clock);
    this.#tags = new RecentWrites(options.clock);
  }

  /** Returns the scalable target of a service, or undefined when Application Auto Scaling does not manage it. */
  async find(resource: string, { signal }: CallOptions): Promise<ScalableTarget | undefined> {
    const call = { action: 'application-autoscaling:DescribeScalableTargets', resource, signal };
    const targets = await collectPages(
      call,
      (http) =>
        paginateDescribeScalableTargets(
          { client: this.#client },
          { ServiceNamespace: namespace, ResourceIds: [resource], ScalableDimension: dimension },
          http,
        ),
      (page) => page.ScalableTargets,
    );
    return targets[0];
  }

  /**
   * Suspends the parts that are running. Returns false when all parts are suspended already.
   *
   * A target of which some part is running is as its owner wants it, so that those parts are recorded. A target that is
   * suspended as a whole keeps its tag, or stays without one.
   */
  async suspend(target: ScalableTarget, options: CallOptions): Promise<boolean> {
    const elapsed = stopwatch(this.#clock);
    const { resource, arn } = identify(target);
    const parts = await this.#runningParts(target, options);
    const isOutcomeUnknown =
      this.#running.mayBeOther(resource, '') && this.#running.get(resource) === undefined;
    if (parts === '' && !isOutcomeUnknown) return false;
    if (parts !== '') await this.#tag(arn, parts, options);
    await this.#register(resource, allSuspended, options);
    this.#logger.info('Suspended scaling', { resource, parts, durationMs: elapsed() });
    return true;
  }

  /** Resumes the parts that {@link suspend} has suspended, in whichever process. The others stay as they are. */
  async resume(target: ScalableTarget, options: CallOptions): Promise<void> {
    const elapsed = stopwatch(this.#clock);
    const { resource, arn } = identify(target);
    const parts = await this.#suspendedParts(target, options);
    if (parts === '') return;
    const state = resumed(target, fromTagValue(parts));
    await this.#register(resource, state, options);
    await this.#untag(arn, options);
    const suspended = toTagValue(suspendedParts({ SuspendedState: state }));
    const data = { resource, parts, ...(suspended !== '' && { suspended }) };
    this.#logger.info('Resumed scaling', { ...data, durationMs: elapsed() });
  }

  /** Reads by whom the scaling of a target is suspended as a whole. */
  async stateOf(
    target: ScalableTarget,
    options: CallOptions,
  ): Promise<'running' | 'suspended' | 'suspendedByOwner'> {
    if (runningParts(target).length > 0) return 'running';
    return (await this.#readTag(identify(target).arn, options)) ? 'suspended' : 'suspendedByOwner';
  }

  /** The parts that are running, in the form of the tag. Reads again while a read contradicts what this process has resumed. */
  async #runningParts(target: ScalableTarget, options: CallOptions): Promise<string> {
    const { resource } = identify(target);
    let parts = toTagValue(runningParts(target));
    for (let reading = 1; parts === '' && this.#running.get(resource); reading += 1) {
      // Its owner has suspended it since.
      if (reading === conclusiveReadings) return '';
      await sleep(this.#clock, intervalSeconds * 1000, { ...options, resource });
      parts = toTagValue(runningParts((await this.find(resource, options)) ?? target));
    }
    return parts;
  }

  /** The parts that a call of {@link suspend} has suspended, in the form of the tag; empty when there are none. */
  async #suspendedParts(target: ScalableTarget, options: CallOptions): Promise<string> {
    const { resource, arn } = identify(target);
    const isSuspended = () => (this.#running.get(resource) ?? toTagValue(runningParts(target))) === '';
    for (let reading = 1; ; reading += 1) {
      const parts = this.#tags.get(arn) || (await this.#readTag(arn, options));
      if (parts) return parts;
      if (!isSuspended()) return '';
      if (reading === conclusiveReadings) break;
      await sleep(this.#clock, intervalSeconds * 1000, { ...options, resource });
    }
    const reason = `no tag ${suspendedPartsTag}, so its owner has suspended it`;
    this.#logger.warn('Left scaling suspended', { resource, reason });
    return '';
  }

  async #readTag(arn: string, options: CallOptions): Promise<string | undefined> {
    const { Tags } = await callAws(callOf('ListTagsForResource', arn, options), (http) =>
      this.#client.send(new ListTagsForResourceCommand({ ResourceARN: arn }), http),
    );
    return Tags?.[suspendedPartsTag];
  }

  async #tag(arn: string, value: string, options: CallOptions): Promise<void> {
    const command = new TagResourceCommand({ ResourceARN: arn, Tags: { [suspendedPartsTag]: value } });
    await this.#tags.change([arn], value, () =>
      retryOnConflict(callOf('TagResource', arn, options), { clock: this.#clock }, (http) =>
        this.#client.send(command, http),
      ),
    );
  }

  async #untag(arn: string, options: CallOptions): Promise<void> {
    const command = new UntagResourceCommand({ ResourceARN: arn, TagKeys: [suspendedPartsTag] });
    await this.#tags.change([arn], '', () =>
      retryOnConflict(callOf('UntagResource', arn, options), { clock: this.#clock }, (http) =>
        this.#client.send(command, http),
      ),
    );
  }

  async #register(resource: string, state: Required<SuspendedState>, options: CallOptions): Promise<void> {
    const command = new RegisterScalableTargetCommand({
      ServiceNamespace: namespace,
      ResourceId: resource,
      ScalableDimension: dimension,
      SuspendedState: state,
    });
    const running = toTagValue(runningParts({ SuspendedState: state }));
    await this.#running.change([resource], running, () =>
      retryOnConflict(callOf('RegisterScalableTarget', resource, options), { clock: this.#clock }, (http) =>
        this.#client.send(command, http),
      ),
    );
  }
}

function callOf(operation: string, resource: string, { signal }: CallOptions) {
  return { action: `application-autoscaling:${operation}`, resource, signal };
}

function identify({ ResourceId, ScalableTargetARN }: ScalableTarget): { resource: string; arn: string } {
  const call = callOf('DescribeScalableTargets', ResourceId ?? 'scalable target', {});
  return {
    resource: requireField(ResourceId, 'ResourceId', call),
    arn: requireField(ScalableTargetARN, 'ScalableTargetARN', call),
  };
}
