import type { ECSClient } from '@aws-sdk/client-ecs';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { ClientConfig } from '../../core/clients.js';
import type { Clock } from '../../core/clock.js';
import type { Logger } from '../../core/logger.js';
import { safeLogger } from '../../core/safe-logger.js';
import type { StackReference } from '../../core/stack-reference.js';
import { nameOf } from '../ecs-service.js';
import type { EcsStackOptions } from '../types.js';
import type { RolloutContext } from './context.js';
import { RolloutJournal } from './rollout-journal.js';
import {
  checkDefinitions,
  checkRollOutInput,
  parseRollOutOptions,
  parseUpOptions,
} from './rollout-options.js';
import { RolloutRun } from './rollout-run.js';
import { createAndAwait } from './service-creation.js';
import type {
  EcsDefinitions,
  RollOutInput,
  RollOutOptions,
  RollOutResult,
  UpOptions,
  UpResult,
} from './types.js';

/** What the rollouts of an `EcsTools` share. */
export interface RolloutsOptions {
  readonly ecs: ECSClient;
  /** Made when it is missing. */
  readonly elasticLoadBalancing: ElasticLoadBalancingV2Client | undefined;
  readonly clientConfig: ClientConfig | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What `EcsTools` imports only when it is used: `up` and `rollOut`, with the client that nothing else needs. */
export class Rollouts {
  readonly #ecs: ECSClient;
  readonly #elasticLoadBalancing: ElasticLoadBalancingV2Client;
  readonly #clock: Clock;
  readonly #logger: Logger;

  constructor({ ecs, elasticLoadBalancing, clientConfig = {}, clock, logger }: RolloutsOptions) {
    this.#ecs = ecs;
    this.#elasticLoadBalancing = elasticLoadBalancing ?? new ElasticLoadBalancingV2Client(clientConfig);
    this.#clock = clock;
    this.#logger = safeLogger(logger);
  }

  async up(stack: EcsStackOptions, definitions: EcsDefinitions, options: UpOptions): Promise<UpResult> {
    const parsed = parseUpOptions(options);
    checkDefinitions(definitions, stack);
    const { desiredCount } = stack;
    const { context, journal } = this.#begin(stack, options);
    try {
      return await createAndAwait(context, journal, { definitions, desiredCount, options: parsed });
    } finally {
      await journal.listenerSettled();
    }
  }

  async rollOut(
    stack: StackReference,
    settings: EcsStackOptions,
    input: RollOutInput,
    options: RollOutOptions,
  ): Promise<RollOutResult> {
    const parsed = parseRollOutOptions(options);
    checkRollOutInput(input, settings);
    const { context, journal } = this.#begin(settings, options);
    try {
      return await new RolloutRun(context, journal, { stack, input, options: parsed }).run();
    } finally {
      await journal.listenerSettled();
    }
  }

  #begin({ cluster, service }: EcsStackOptions, { signal, onEvent }: UpOptions) {
    const resource = nameOf({ cluster, service });
    const base = { resource, clock: this.#clock, logger: this.#logger };
    const journal = new RolloutJournal({ ...base, onEvent });
    const context: RolloutContext = {
      ...base,
      ecs: this.#ecs,
      elasticLoadBalancing: this.#elasticLoadBalancing,
      name: { cluster, service },
      signal,
      tell: (event, durationMs) => journal.tell(event, durationMs),
    };
    return { context, journal };
  }
}
