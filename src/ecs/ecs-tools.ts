import { ApplicationAutoScalingClient } from '@aws-sdk/client-application-auto-scaling';
import { ECSClient, type Service, UpdateServiceCommand } from '@aws-sdk/client-ecs';
import * as v from 'valibot';
import { type CallOptions, callAws } from '../core/aws-call.js';
import { resolveClients } from '../core/clients.js';
import { type Clock, systemClock } from '../core/clock.js';
import { ResourceStateError } from '../core/errors.js';
import { type Logger, silentLogger } from '../core/logger.js';
import { pollUntil } from '../core/poll-until.js';
import { RecentWrites } from '../core/recent-writes.js';
import { nonEmptyString, stackPair, wholeNumber } from '../core/schemas.js';
import { parseStackReference, type StackPair, type StackReference } from '../core/stack-reference.js';
import { stopwatch } from '../core/stopwatch.js';
import { parseInput, requireDistinct } from '../core/validate.js';
import { nameOf, scalableResource, summarize } from './ecs-service.js';
import { readService } from './read-service.js';
import type { Rollouts } from './rollout/rollouts.js';
import type {
  EcsDefinitions,
  RollOutInput,
  RollOutOptions,
  RollOutResult,
  UpOptions,
  UpResult,
} from './rollout/types.js';
import { RolloutWatch } from './rollout-watch.js';
import { ServiceScaling } from './service-scaling.js';
import { countToEnable } from './suspended-scaling.js';
import type {
  EcsStackOptions,
  EcsToolsClients,
  EcsToolsOptions,
  ServiceStableOptions,
  StableService,
} from './types.js';

const optionsSchema = v.object(
  stackPair(v.object({ cluster: nonEmptyString, service: nonEmptyString, desiredCount: wholeNumber })),
);

const stableOptionsSchema = v.object({
  taskDefinition: v.optional(
    v.pipe(
      v.string(),
      v.check((value) => /[^:/]:\d+$/.test(value), 'the ARN of a task definition, or family:revision'),
    ),
  ),
});

/**
 * Starts and stops the ECS service of a stack, waits until it is stable, creates it, and rolls a new task definition out to
 * it. A service that Application Auto Scaling manages has its scaling suspended while it is disabled, so that the tasks are
 * not brought back.
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
  readonly #options: EcsToolsOptions;
  readonly #scaling: ServiceScaling;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #lastCount: RecentWrites<number>;
  #rollouts: Rollouts | undefined;

  /** @throws InvalidInputError when an option is missing or malformed, or when both stacks share a service. */
  constructor(options: EcsToolsOptions) {
    this.#stacks = parseInput('EcsTools options', optionsSchema, options);
    const { blue, green } = this.#stacks;
    requireDistinct('EcsTools options', 'service', [nameOf(blue)], [nameOf(green)]);
    const clients = resolveClients<EcsToolsClients, 'elasticLoadBalancing'>(
      options,
      { ecs: ECSClient, applicationAutoScaling: ApplicationAutoScalingClient },
      ['elasticLoadBalancing'],
    );
    this.#options = options;
    this.#ecs = clients.ecs;
    this.#clock = options.clock ?? systemClock;
    this.#lastCount = new RecentWrites(this.#clock);
    this.#logger = options.logger ?? silentLogger;
    this.#scaling = new ServiceScaling({
      client: clients.applicationAutoScaling,
      clock: this.#clock,
      logger: this.#logger,
    });
  }

  /**
   * Sets the service's desired count to its normal value, then resumes the scaling that {@link disableService} has
   * suspended; what its owner had suspended before stays suspended. Returns when AWS has accepted the change
   * ({@link waitForServiceStable}). The count of a service that is scaled stays within the scaling's bounds, and is not
   * lowered when scaling has raised it.
   *
   * @remarks IAM: ecs:DescribeServices, ecs:UpdateService, application-autoscaling:DescribeScalableTargets; and
   * for a service that is scaled application-autoscaling:ListTagsForResource,
   * application-autoscaling:RegisterScalableTarget, application-autoscaling:UntagResource; by way of Application Auto Scaling alone
   * cloudwatch:DeleteAlarms, cloudwatch:DescribeAlarms, cloudwatch:PutMetricAlarm
   * @throws ResourceNotFoundError, ResourceStateError (not active, or a daemon), AccessDeniedError, OperationAbortedError
   */
  async enableService(stack: StackReference, options: CallOptions = {}): Promise<void> {
    const elapsed = stopwatch(this.#clock);
    const settings = this.#settingsOf(stack);
    const service = await this.#describeReplicas(settings, options);
    const target = await this.#scaling.find(scalableResource(service), options);
    // A resumed target is brought within its bounds at once, so the count has to be there first.
    const count = countToEnable(service.desiredCount ?? 0, settings.desiredCount, target);
    if (service.desiredCount !== count || this.#mayBeDisabled(settings, count))
      await this.#setDesiredCount(settings, { from: service.desiredCount, to: count, elapsed }, options);
    if (target !== undefined) await this.#scaling.resume(target, options);
  }

  /**
   * Suspends the service's scaling, if Application Auto Scaling manages it, then sets its desired count to 0. Returns
   * when AWS has accepted the change ({@link waitForServiceStable} waits until the tasks are gone).
   *
   * What was not suspended before is remembered in the tag `aws-blue-green-toolkit:suspended` of the scalable target;
   * a tool that removes unknown tags would make {@link enableService} leave the scaling suspended.
   *
   * @remarks IAM: ecs:DescribeServices, ecs:UpdateService, application-autoscaling:DescribeScalableTargets; and for a
   * service that is scaled application-autoscaling:ListTagsForResource, application-autoscaling:TagResource,
   * application-autoscaling:RegisterScalableTarget; by way of Application Auto Scaling alone
   * cloudwatch:DeleteAlarms, cloudwatch:DescribeAlarms, cloudwatch:PutMetricAlarm
   * @throws ResourceNotFoundError, ResourceStateError (not active, or a daemon), AccessDeniedError, OperationAbortedError
   */
  async disableService(stack: StackReference, options: CallOptions = {}): Promise<void> {
    const elapsed = stopwatch(this.#clock);
    const settings = this.#settingsOf(stack);
    const service = await this.#describeReplicas(settings, options);
    const target = await this.#scaling.find(scalableResource(service), options);
    const hasSuspended = target !== undefined && (await this.#scaling.suspend(target, options));
    // Registering a target brings the count within its bounds, so a count that was 0 before may not be any more.
    if (service.desiredCount !== 0 || hasSuspended || this.#lastCount.mayBeOther(nameOf(settings), 0))
      await this.#setDesiredCount(settings, { from: service.desiredCount, to: 0, elapsed }, options);
  }

  /**
   * Waits until the service's wanted task definition, and no other, runs in the desired number of tasks. A rollout
   * that failed or was rolled back ends the wait at once, although the service may be stable by then. ECS may answer
   * with what was before a change: a look at another desired count than this object has set last counts only when the
   * next look says the same.
   *
   * A service that CodeDeploy or another controller deploys is stable when its PRIMARY task set is; task sets that
   * wait for their turn or for their end do not matter.
   *
   * @param options - `maxWaitSeconds` is 600 by default.
   * @remarks IAM: ecs:DescribeServices
   * @throws ResourceStateError when the rollout failed or was rolled back, or the service is not active;
   * ResourceNotFoundError, WaitTimeoutError, InvalidInputError, AccessDeniedError, OperationAbortedError
   */
  async waitForServiceStable(
    stack: StackReference,
    options: ServiceStableOptions = {},
  ): Promise<StableService> {
    const settings = this.#settingsOf(stack);
    const { taskDefinition } = parseInput('waitForServiceStable options', stableOptionsSchema, options);
    const resource = nameOf(settings);
    const watch = new RolloutWatch({
      resource,
      wanted: taskDefinition,
      countSet: this.#lastCount.get(resource),
    });
    const { service } = await pollUntil({
      resource,
      expected: 'a service that is stable with the wanted task definition',
      maxWaitSeconds: options.maxWaitSeconds ?? 600,
      signal: options.signal,
      intervalSeconds: 10,
      clock: this.#clock,
      observe: async () => {
        const seen = await readService(this.#ecs, settings, options);
        return { service: seen, stability: watch.look(seen) };
      },
      isDone: ({ stability }) => stability.state === 'stable',
      describe: ({ stability }) => ('actual' in stability ? stability.actual : stability.state),
    });
    return summarize(service);
  }

  /**
   * Registers a task definition, creates the service on it, and waits until it is stable. A service that is created and does
   * not become stable stays, for a look at it.
   *
   * @param definitions - what `service.json` and `task-definition.json` hold. The count of tasks is the stack's
   * `desiredCount` when they do not say.
   * @remarks IAM: ecs:DescribeServices, ecs:DescribeTaskDefinition, ecs:RegisterTaskDefinition, ecs:CreateService,
   * ecs:TagResource (with tags), iam:PassRole (for the roles of the task definition); to explain a failure ecs:ListTasks,
   * ecs:DescribeTasks
   * @throws RolloutError, with the phase and what led to it, also when there is such a service already (`existing`);
   * InvalidInputError
   */
  async up(stack: StackReference, definitions: EcsDefinitions, options: UpOptions = {}): Promise<UpResult> {
    const settings = this.#settingsOf(stack);
    return (await this.#loadRollouts()).up(settings, definitions, options);
  }

  /**
   * Rolls a task definition out to the service, after one canary task with the service's own settings has shown that it runs,
   * that its container health checks pass, and that it is healthy in every target group of the service. Then the service
   * is updated, and has to become stable with it; otherwise it goes back to the task definition that it had.
   *
   * In every case the canary is deregistered, drained and stopped in the end. When the process stops, run the same rollout
   * again: it cleans up what was left behind. A service that runs the task definition already is only waited for.
   *
   * @param input - a task definition to register, or the ARN of one; what `loadDefinitions` gives fits.
   * @remarks IAM: ecs:DescribeServices, ecs:DescribeTaskDefinition, ecs:RegisterTaskDefinition, ecs:ListTasks,
   * ecs:DescribeTasks, ecs:RunTask (with `containerInstance` ecs:StartTask), ecs:TagResource, ecs:StopTask,
   * ecs:UpdateService, iam:PassRole (for the roles of the task definition); with `containerInstance`
   * ecs:ListContainerInstances; for a service with target groups elasticloadbalancing:DescribeTargetGroups,
   * elasticloadbalancing:RegisterTargets, elasticloadbalancing:DescribeTargetHealth,
   * elasticloadbalancing:DeregisterTargets, and for those by instance ecs:DescribeContainerInstances
   * @throws RolloutError, with the phase, what led to it, and whether the service is intact; InvalidInputError
   */
  async rollOut(
    stack: StackReference,
    input: RollOutInput,
    options: RollOutOptions = {},
  ): Promise<RollOutResult> {
    const settings = this.#settingsOf(stack);
    return (await this.#loadRollouts()).rollOut(parseStackReference(stack), settings, input, options);
  }

  /** Loaded when it is needed: who only enables and disables services pays neither for this code nor for its client. */
  async #loadRollouts(): Promise<Rollouts> {
    const { Rollouts } = await import('./rollout/rollouts.js');
    const { clients, clientConfig } = this.#options;
    this.#rollouts ??= new Rollouts({
      ecs: this.#ecs,
      elasticLoadBalancing: clients?.elasticLoadBalancing,
      clientConfig,
      clock: this.#clock,
      logger: this.#logger,
    });
    return this.#rollouts;
  }

  #settingsOf(stack: StackReference): EcsStackOptions {
    return this.#stacks[parseStackReference(stack)];
  }

  /** A service whose count can be set; ECS itself decides how many tasks a daemon has. */
  async #describeReplicas(stack: EcsStackOptions, options: CallOptions): Promise<Service> {
    const service = await readService(this.#ecs, stack, options);
    if (service.schedulingStrategy !== 'DAEMON') return service;
    throw new ResourceStateError(`${nameOf(stack)} has no desired count that could be set`, {
      resource: nameOf(stack),
      expected: 'the scheduling strategy REPLICA',
      actual: 'DAEMON',
      remedy: 'A daemon runs on every container instance: change its placement constraints instead',
    });
  }

  /** Whether a look that shows an enabled service may be older than its disabling; any other count is that of scaling. */
  #mayBeDisabled(stack: EcsStackOptions, count: number): boolean {
    const resource = nameOf(stack);
    return this.#lastCount.mayBeOther(resource, this.#lastCount.get(resource) || count);
  }

  async #setDesiredCount(
    stack: EcsStackOptions,
    {
      from,
      to,
      elapsed,
    }: { readonly from: number | undefined; readonly to: number; readonly elapsed: () => number },
    { signal }: CallOptions,
  ): Promise<void> {
    const resource = nameOf(stack);
    const command = new UpdateServiceCommand({
      cluster: stack.cluster,
      service: stack.service,
      desiredCount: to,
    });
    const call = { action: 'ecs:UpdateService', resource, signal };
    await this.#lastCount.change([resource], to, () =>
      callAws(call, (http) => this.#ecs.send(command, http)),
    );
    this.#logger.info('Set desired count', { resource, from, to, durationMs: elapsed() });
  }
}
