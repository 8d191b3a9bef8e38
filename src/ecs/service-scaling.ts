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
import { retryOnConflict } from '../core/retry-on-conflict.js';
import { stopwatch } from '../core/stopwatch.js';
import {
  allSuspended,
  fromTagValue,
  resumed,
  runningParts,
  suspendedPartsTag,
  toTagValue,
} from './suspended-scaling.js';

const namespace = 'ecs';
const dimension = 'ecs:service:DesiredCount';

/**
 * The scaling of ECS services. What it suspends it first writes into a tag of the scalable target, and it removes the
 * tag last: after a crash at any point, suspending or resuming again finds what the owner had set. The tag lives and
 * dies with the target, as the suspension does.
 */
export class ServiceScaling {
  readonly #client: ApplicationAutoScalingClient;
  readonly #clock: Clock;
  readonly #logger: Logger;

  constructor({
    client,
    clock,
    logger,
  }: { client: ApplicationAutoScalingClient; clock: Clock; logger: Logger }) {
    this.#client = client;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** The scalable target of a service, when Application Auto Scaling manages it. */
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
   * Suspends what is not suspended yet, and gives whether there was anything. A target of which some part goes on is
   * as its owner wants it, so that is what is remembered; one that is suspended altogether is left alone.
   */
  async suspend(target: ScalableTarget, options: CallOptions): Promise<boolean> {
    const parts = runningParts(target);
    if (parts.length === 0) return false;
    const elapsed = stopwatch(this.#clock);
    const { resource, arn } = identify(target);
    const value = toTagValue(parts);
    if ((await this.#readTag(arn, options)) !== value) {
      const command = new TagResourceCommand({ ResourceARN: arn, Tags: { [suspendedPartsTag]: value } });
      await callAws(callOf('TagResource', arn, options), (http) => this.#client.send(command, http));
    }
    await this.#register(resource, allSuspended, options);
    this.#logger.info('Suspended scaling', { resource, parts: value, durationMs: elapsed() });
    return true;
  }

  /** Resumes what {@link suspend} has suspended, whoever called it; the rest stays as it is. */
  async resume(target: ScalableTarget, options: CallOptions): Promise<void> {
    const elapsed = stopwatch(this.#clock);
    const { resource, arn } = identify(target);
    const value = await this.#readTag(arn, options);
    if (value === undefined) {
      if (runningParts(target).length === 0)
        this.#logger.warn('Scaling stays suspended: no tag tells that it was running', { resource });
      return;
    }
    await this.#register(resource, resumed(target, fromTagValue(value)), options);
    const command = new UntagResourceCommand({ ResourceARN: arn, TagKeys: [suspendedPartsTag] });
    await callAws(callOf('UntagResource', arn, options), (http) => this.#client.send(command, http));
    this.#logger.info('Resumed scaling', { resource, parts: value, durationMs: elapsed() });
  }

  async #readTag(arn: string, options: CallOptions): Promise<string | undefined> {
    const { Tags } = await callAws(callOf('ListTagsForResource', arn, options), (http) =>
      this.#client.send(new ListTagsForResourceCommand({ ResourceARN: arn }), http),
    );
    return Tags?.[suspendedPartsTag];
  }

  async #register(resource: string, state: Required<SuspendedState>, options: CallOptions): Promise<void> {
    const command = new RegisterScalableTargetCommand({
      ServiceNamespace: namespace,
      ResourceId: resource,
      ScalableDimension: dimension,
      SuspendedState: state,
    });
    const call = callOf('RegisterScalableTarget', resource, options);
    await retryOnConflict(call, { clock: this.#clock }, (http) => this.#client.send(command, http));
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
