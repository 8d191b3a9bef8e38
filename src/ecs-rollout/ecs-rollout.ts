import { ECSClient } from '@aws-sdk/client-ecs';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { resolveClients } from '../core/clients.js';
import type { Clock } from '../core/clock.js';
import type { Logger } from '../core/logger.js';
import { dependenciesOf } from '../core/tool-options.js';
import { nameOf, type ServiceName } from '../ecs/ecs-service.js';
import { Leftovers } from './leftovers.js';
import type { RolloutContext } from './rollout-context.js';
import { RolloutJournal } from './rollout-journal.js';
import {
  parseDefinitionsInput,
  parseRollOutInput,
  parseRollOutOptions,
  parseRolloutOptions,
  parseUpOptions,
} from './rollout-options.js';
import { RolloutRun } from './rollout-run.js';
import { ServiceCreation } from './service/service-creation.js';
import { steadyClock } from './steady-clock.js';
import type {
  EcsDefinitions,
  EcsRolloutClients,
  EcsRolloutOptions,
  RollOutInput,
  RollOutOptions,
  RollOutResult,
  UpOptions,
  UpResult,
} from './types.js';

/**
 * Creates an ECS service, and rolls out its next task definition after one canary task has tried it. For a service that ECS
 * rolls task by task: it has no blue and green.
 *
 * @example
 * ```ts
 * import { EcsRollout, loadDefinitions } from 'aws-blue-green-toolkit/ecs-rollout';
 *
 * const web = new EcsRollout({ cluster: 'shop', service: 'web', logger: console });
 *
 * const { service, taskDefinitionAfter } = await web.rollOut(await loadDefinitions('./deploy'));
 * console.log(service, taskDefinitionAfter); // updated arn:aws:ecs:…:task-definition/web:43
 * ```
 */
export class EcsRollout {
  readonly #name: ServiceName;
  readonly #desiredCount: number | undefined;
  readonly #clients: EcsRolloutClients;
  readonly #clock: Clock;
  readonly #logger: Logger;

  /** @throws InvalidInputError when an option is missing, malformed or unknown. */
  constructor(options: EcsRolloutOptions) {
    const { cluster, service, desiredCount } = parseRolloutOptions(options);
    this.#clients = resolveClients<EcsRolloutClients>(options, {
      ecs: ECSClient,
      elasticLoadBalancing: ElasticLoadBalancingV2Client,
    });
    this.#name = { cluster, service };
    this.#desiredCount = desiredCount;
    const { clock, logger } = dependenciesOf(options);
    this.#clock = clock;
    this.#logger = logger;
  }

  /**
   * Registers a task definition, creates the service with it, and waits until it is stable. A created service that does not become
   * stable stays, so that its tasks can be examined.
   *
   * @param definitions - the content of `service.json` and `task-definition.json`, as `loadDefinitions` returns it. The
   * desired count is that of the `EcsRollout` when `service.json` has none.
   * @remarks IAM: ecs:DescribeServices, ecs:DescribeTaskDefinition, ecs:RegisterTaskDefinition, ecs:CreateService,
   * ecs:TagResource (with tags), iam:PassRole (for the roles of the task definition); to explain a failure ecs:ListTasks,
   * ecs:DescribeTasks
   * @throws RolloutError with the phase and the cause, also when the service exists already (see `existing`);
   * InvalidInputError
   */
  async up(definitions: EcsDefinitions, options: UpOptions = {}): Promise<UpResult> {
    const parsed = parseUpOptions(options);
    const desiredCount = this.#desiredCount;
    const copy = parseDefinitionsInput(definitions, { ...this.#name, desiredCount });
    const { context, journal } = this.#begin(parsed);
    const plan = { definitions: copy, desiredCount, options: parsed };
    try {
      return await new ServiceCreation(context, journal, plan).run();
    } finally {
      await journal.listenerSettled();
    }
  }

  /**
   * Rolls a task definition out to the service, after one canary task with the service's own settings has shown that it runs,
   * that its container health checks pass, and that it is healthy in every target group of the service. Then the service
   * is updated, and has to become stable; otherwise it goes back to its previous task definition.
   *
   * In every case the canary is deregistered, drained and stopped at the end. After a crash of the process, run the same rollout
   * again: it removes the earlier canary first. A service that runs the task definition already is only waited for.
   *
   * A canary is a standalone task: it has no Service Connect, no service registry and no VPC Lattice target group. Such a feature
   * of the service is logged as a warning, and listed in `untriedFeatures`.
   *
   * @param input - a task definition to register, or the ARN of one; the result of `loadDefinitions` is an input, too.
   * @remarks IAM: ecs:DescribeServices, ecs:DescribeTaskDefinition, ecs:RegisterTaskDefinition, ecs:ListTasks,
   * ecs:DescribeTasks, ecs:RunTask (with `containerInstance` ecs:StartTask), ecs:TagResource, ecs:StopTask,
   * ecs:UpdateService, iam:PassRole (for the roles of the task definition); with `containerInstance`
   * ecs:ListContainerInstances; for a service with target groups elasticloadbalancing:DescribeTargetGroups,
   * elasticloadbalancing:RegisterTargets, elasticloadbalancing:DescribeTargetHealth,
   * elasticloadbalancing:DeregisterTargets, and for those by instance ecs:DescribeContainerInstances
   * @throws RolloutError with the phase, the cause and the state of the service; InvalidInputError
   */
  async rollOut(input: RollOutInput, options: RollOutOptions = {}): Promise<RollOutResult> {
    const parsed = parseRollOutOptions(options);
    const copy = parseRollOutInput(input, this.#name);
    const { context, journal } = this.#begin(parsed);
    try {
      return await new RolloutRun(context, journal, { input: copy, options: parsed }).run();
    } finally {
      await journal.listenerSettled();
    }
  }

  #begin({ signal, onEvent }: Pick<UpOptions, 'signal' | 'onEvent'>) {
    const resource = nameOf(this.#name);
    const base = { resource, clock: steadyClock(this.#clock), logger: this.#logger };
    const journal = new RolloutJournal({ ...base, onEvent });
    const context: RolloutContext = {
      ...base,
      ...this.#clients,
      name: this.#name,
      leftovers: new Leftovers(),
      signal,
      emit: (event, durationMs) => journal.emit(event, durationMs),
    };
    return { context, journal };
  }
}
