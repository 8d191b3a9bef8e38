import { ApplicationAutoScalingClient } from '@aws-sdk/client-application-auto-scaling';
import { ECSClient, type Service, UpdateServiceCommand } from '@aws-sdk/client-ecs';
import * as v from 'valibot';
import { type CallOptions, requireField } from '../core/aws-call.js';
import { resolveClients } from '../core/clients.js';
import type { Clock } from '../core/clock.js';
import { ResourceStateError } from '../core/errors.js';
import type { Logger } from '../core/logger.js';
import { pollUntil } from '../core/poll-until.js';
import { RecentWrites } from '../core/recent-writes.js';
import { retryOnConflict } from '../core/retry-on-conflict.js';
import {
  callOptionsEntries,
  callOptionsSchema,
  nonEmptyString,
  stackPair,
  strictObject,
  waitOptionsEntries,
  wholeNumber,
} from '../core/schemas.js';
import { parseStackReference, type StackPair, type StackReference } from '../core/stack-reference.js';
import { stopwatch } from '../core/stopwatch.js';
import { toolDependencies, toolOptionsEntries } from '../core/tool-options.js';
import { parseInput, requireDistinct } from '../core/validate.js';
import { nameOf, scalableResource, summarize } from './ecs-service.js';
import { readActiveService, readService } from './read-service.js';
import { RolloutWatch } from './rollout-watch.js';
import { ServiceScaling } from './service-scaling.js';
import { countToEnable } from './suspended-scaling.js';
import type {
  EcsStackOptions,
  EcsToolsClients,
  EcsToolsOptions,
  EnableServiceOptions,
  ServiceCounts,
  ServiceStableOptions,
  StableService,
} from './types.js';

const optionsSchema = strictObject({
  ...stackPair(strictObject({ cluster: nonEmptyString, service: nonEmptyString, desiredCount: wholeNumber })),
  ...toolOptionsEntries,
});

const enableOptionsSchema = strictObject({ ...callOptionsEntries, desiredCount: v.optional(wholeNumber) });

const stableOptionsSchema = strictObject({
  ...waitOptionsEntries,
  taskDefinition: v.optional(
    v.pipe(
      v.string(),
      // A family alone could be any revision.
      v.check((value) => /[^:/]:\d+$/.test(value), 'the ARN of a task definition, or family:revision'),
    ),
  ),
});

/** One change of a service's desired count. */
interface CountChange {
  readonly from: number | undefined;
  readonly to: number;
  readonly elapsed: () => number;
}

/**
 * Starts and stops the ECS service of a stack, and waits until it is stable. The scaling of a service that Application Auto
 * Scaling manages is suspended while the service is disabled, so that it does not start the tasks again.
 *
 * Use `EcsRollout` (`aws-blue-green-toolkit/ecs-rollout`) to create a service and to roll out its next task definition.
 *
 * @example
 * ```ts
 * import { EcsTools } from 'aws-blue-green-toolkit/ecs';
 *
 * const workers = new EcsTools({
 *   blue: { cluster: 'shop', service: 'worker-blue', desiredCount: 4 },
 *   green: { cluster: 'shop', service: 'worker-green', desiredCount: 4 },
 * });
 *
 * await workers.enableService('green');
 * await workers.waitForServiceStable('green', { maxWaitSeconds: 300 });
 * await workers.disableService('blue');
 * ```
 */
export class EcsTools {
  readonly #stacks: StackPair<EcsStackOptions>;
  readonly #ecs: ECSClient;
  readonly #scaling: ServiceScaling;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #recentCounts: RecentWrites<number>;

  /**
   * @throws InvalidInputError when an option is missing, malformed or unknown, or when both stacks have the same service.
   */
  constructor(options: EcsToolsOptions) {
    const { blue, green, ...settings } = parseInput('EcsTools options', optionsSchema, options);
    requireDistinct('EcsTools options', 'service', [nameOf(blue)], [nameOf(green)]);
    const { ecs, applicationAutoScaling } = resolveClients<EcsToolsClients>(options, {
      ecs: ECSClient,
      applicationAutoScaling: ApplicationAutoScalingClient,
    });
    this.#stacks = { blue, green };
    this.#ecs = ecs;
    const dependencies = toolDependencies(settings);
    this.#clock = dependencies.clock;
    this.#logger = dependencies.logger;
    this.#recentCounts = new RecentWrites(this.#clock);
    this.#scaling = new ServiceScaling({ client: applicationAutoScaling, ...dependencies });
  }

  /**
   * Sets the service's desired count to its normal value, then resumes the scaling that {@link disableService} has
   * suspended. Scaling that its owner had suspended stays suspended. Returns when AWS has accepted the change ({@link
   * waitForServiceStable} waits for the tasks). The count of a scaled service stays within the bounds of the scaling (a
   * maximum below the normal value is logged as a warning), and a count that scaling has raised is not lowered.
   *
   * @param options - `desiredCount` replaces the normal value.
   * @remarks IAM: ecs:DescribeServices, ecs:UpdateService, application-autoscaling:DescribeScalableTargets; and for a
   * service that is scaled application-autoscaling:ListTagsForResource, application-autoscaling:RegisterScalableTarget,
   * application-autoscaling:UntagResource; by way of Application Auto Scaling alone cloudwatch:DeleteAlarms,
   * cloudwatch:DescribeAlarms, cloudwatch:PutMetricAlarm
   * @throws ResourceNotFoundError, ResourceStateError (not active, or a daemon), InvalidInputError, AccessDeniedError,
   * OperationAbortedError
   */
  async enableService(stack: StackReference, options: EnableServiceOptions = {}): Promise<void> {
    const { signal, desiredCount } = parseInput('enableService options', enableOptionsSchema, options);
    const elapsed = stopwatch(this.#clock);
    const own = this.#settingsOf(stack);
    const settings = { ...own, desiredCount: desiredCount ?? own.desiredCount };
    const service = await this.#describeReplicas(settings, { signal });
    const target = await this.#scaling.find(scalableResource(service), { signal });
    // A resumed target is brought within its bounds at once, so the count is set first.
    const count = countToEnable(service.desiredCount ?? 0, settings.desiredCount, target);
    if (count < settings.desiredCount) this.#warnOfMaximum(settings, count);
    if (service.desiredCount !== count || this.#mayBeDisabled(settings, count))
      await this.#setDesiredCount(settings, { from: service.desiredCount, to: count, elapsed }, { signal });
    if (target !== undefined) await this.#scaling.resume(target, { signal });
  }

  /**
   * Suspends the service's scaling, if Application Auto Scaling manages it, then sets its desired count to 0. Returns
   * when AWS has accepted the change ({@link waitForServiceStable} waits until the tasks are gone).
   *
   * The parts of the scaling that were running are recorded in the tag `aws-blue-green-toolkit:suspended` of the scalable
   * target. A program that removes unknown tags makes {@link enableService} leave the scaling suspended.
   *
   * @remarks IAM: ecs:DescribeServices, ecs:UpdateService, application-autoscaling:DescribeScalableTargets; and for a
   * service that is scaled application-autoscaling:TagResource, application-autoscaling:RegisterScalableTarget; by way of
   * Application Auto Scaling alone cloudwatch:DeleteAlarms, cloudwatch:DescribeAlarms, cloudwatch:PutMetricAlarm
   * @throws ResourceNotFoundError, ResourceStateError (not active, or a daemon), InvalidInputError, AccessDeniedError,
   * OperationAbortedError
   */
  async disableService(stack: StackReference, options: CallOptions = {}): Promise<void> {
    const { signal } = parseInput('disableService options', callOptionsSchema, options);
    const elapsed = stopwatch(this.#clock);
    const settings = this.#settingsOf(stack);
    const service = await this.#describeReplicas(settings, { signal });
    const target = await this.#scaling.find(scalableResource(service), { signal });
    const hasSuspended = target !== undefined && (await this.#scaling.suspend(target, { signal }));
    // Registering a target brings the count within its bounds, so a count that was 0 before may have changed.
    if (service.desiredCount !== 0 || hasSuspended || this.#recentCounts.mayBeOther(nameOf(settings), 0))
      await this.#setDesiredCount(settings, { from: service.desiredCount, to: 0, elapsed }, { signal });
  }

  /**
   * Returns the counts of the service, and the state of its scaling. ECS may respond with the counts before a recent change.
   *
   * @remarks IAM: ecs:DescribeServices, application-autoscaling:DescribeScalableTargets; and for a service that is scaled
   * application-autoscaling:ListTagsForResource
   * @throws ResourceNotFoundError, ResourceStateError (not active, or a daemon), InvalidInputError, AccessDeniedError,
   * OperationAbortedError
   */
  async getServiceCounts(stack: StackReference, options: CallOptions = {}): Promise<ServiceCounts> {
    const { signal } = parseInput('getServiceCounts options', callOptionsSchema, options);
    const settings = this.#settingsOf(stack);
    const service = await this.#describeReplicas(settings, { signal });
    const call = { action: 'ecs:DescribeServices', resource: nameOf(settings) };
    const desiredCount = requireField(service.desiredCount, 'desiredCount', call);
    const target = await this.#scaling.find(scalableResource(service), { signal });
    return {
      desiredCount,
      runningCount: requireField(service.runningCount, 'runningCount', call),
      enabledCount: countToEnable(desiredCount, settings.desiredCount, target),
      scaling: target === undefined ? 'none' : await this.#scaling.stateOf(target, { signal }),
    };
  }

  /**
   * Waits until the service's wanted task definition, and no other, runs in the desired number of tasks. A rollout
   * that failed or was rolled back ends the wait at once, although the service may be stable by then. ECS may respond
   * with the state before a change: a reading with another desired count than this object has set last counts only when the
   * next reading is the same.
   *
   * A service that CodeDeploy or another controller deploys is stable when its PRIMARY task set is. Its other task sets
   * do not matter.
   *
   * @param options - `maxWaitSeconds` is 600 by default.
   * @remarks IAM: ecs:DescribeServices
   * @throws ResourceStateError when the rollout failed or was rolled back, or the service is being deleted;
   * ResourceNotFoundError, WaitTimeoutError, InvalidInputError, AccessDeniedError, OperationAbortedError
   */
  async waitForServiceStable(
    stack: StackReference,
    options: ServiceStableOptions = {},
  ): Promise<StableService> {
    const parsed = parseInput('waitForServiceStable options', stableOptionsSchema, options);
    const { taskDefinition, maxWaitSeconds = 600, signal } = parsed;
    const settings = this.#settingsOf(stack);
    const resource = nameOf(settings);
    const watch = new RolloutWatch({
      resource,
      wanted: taskDefinition,
      countSet: this.#recentCounts.get(resource),
    });
    const { service } = await pollUntil({
      resource,
      expected: 'a service that is stable with the wanted task definition',
      maxWaitSeconds,
      signal,
      intervalSeconds: 10,
      clock: this.#clock,
      observe: async () => {
        const reading = await readService(this.#ecs, settings, { signal });
        return { service: reading, stability: watch.judge(reading) };
      },
      isDone: ({ stability }) => stability.state === 'stable',
      describe: ({ stability }) => ('actual' in stability ? stability.actual : stability.state),
    });
    return summarize(service);
  }

  #settingsOf(stack: StackReference): EcsStackOptions {
    return this.#stacks[parseStackReference(stack)];
  }

  /** Reads a service whose count can be set. ECS itself decides the number of tasks of a daemon. */
  async #describeReplicas(stack: EcsStackOptions, options: CallOptions): Promise<Service> {
    const dependencies = { ecs: this.#ecs, clock: this.#clock };
    const service = await readActiveService(dependencies, stack, options);
    if (service.schedulingStrategy !== 'DAEMON') return service;
    throw new ResourceStateError(`Service ${nameOf(stack)} does not support a desired count`, {
      resource: nameOf(stack),
      expected: 'the scheduling strategy REPLICA',
      actual: 'DAEMON',
      remedy: 'A daemon runs on every container instance: change its placement constraints instead',
    });
  }

  /** True when a reading that shows an enabled service may be older than its disabling. Any other count is that of scaling. */
  #mayBeDisabled(stack: EcsStackOptions, count: number): boolean {
    const resource = nameOf(stack);
    return this.#recentCounts.mayBeOther(resource, this.#recentCounts.get(resource) || count);
  }

  #warnOfMaximum(stack: EcsStackOptions, count: number): void {
    this.#logger.warn('Limited desired count to maximum of scaling', {
      resource: nameOf(stack),
      desiredCount: stack.desiredCount,
      maximum: count,
    });
  }

  async #setDesiredCount(
    { cluster, service }: EcsStackOptions,
    { from, to, elapsed }: CountChange,
    { signal }: CallOptions,
  ): Promise<void> {
    const resource = nameOf({ cluster, service });
    const command = new UpdateServiceCommand({ cluster, service, desiredCount: to });
    const call = { action: 'ecs:UpdateService', resource, signal };
    await this.#recentCounts.change([resource], to, () =>
      retryOnConflict(call, { clock: this.#clock }, (http) => this.#ecs.send(command, http)),
    );
    this.#logger.info('Set desired count', { resource, from, to, durationMs: elapsed() });
  }
}
