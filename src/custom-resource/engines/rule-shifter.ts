import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import type { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { CallOptions } from '../../core/aws-call.js';
import type { Clock } from '../../core/clock.js';
import { ResourceStateError } from '../../core/errors.js';
import type { Logger } from '../../core/logger.js';
import type { StackReference } from '../../core/stack-reference.js';
import type { AdvanceOptions } from '../../resumable/types.js';
import type { ShiftRequest } from '../../traffic/shift/shift-request.js';
import type { ShiftState } from '../../traffic/shift/shift-state.js';
import type { ShiftProgress } from '../../traffic/shifter-options.js';
import { TrafficShifter } from '../../traffic/traffic-shifter.js';
import { RequestEndedError } from '../ledger/request-ended.js';
import type { RequestLedger } from '../ledger.js';
import type { RuleShiftPlan } from '../plan/shift-plan.js';
import { ManagedRuleTarget } from '../rule/managed-rule-target.js';
import type { ListenerRuleProperties } from '../rule/properties.js';
import { checksOf, type MetricDependencies, policyOf } from './metric-checks.js';

export interface RuleShifterDependencies extends MetricDependencies {
  readonly elasticLoadBalancing: ElasticLoadBalancingV2Client;
  readonly cloudWatch: CloudWatchClient;
  readonly ledger: RequestLedger;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** Shifts the traffic of a rule with the checks of its properties while its request is the newest. */
export class RuleShifter extends TrafficShifter {
  readonly #plan: RuleShiftPlan;
  readonly #target: ManagedRuleTarget;
  readonly #dependencies: RuleShifterDependencies;
  #lastError: unknown;

  /** @throws InvalidInputError when the keys of Datadog are missing, or a metric is malformed. */
  constructor(
    plan: RuleShiftPlan,
    properties: ListenerRuleProperties,
    dependencies: RuleShifterDependencies,
  ) {
    const { clock, logger } = dependencies;
    const target = new ManagedRuleTarget(plan, dependencies);
    super({
      target,
      // A rollback ignores the metrics: no result would be a reason to keep the traffic where it is.
      ...(!plan.goesBack && { checks: checksOf(properties, dependencies), policy: policyOf(properties) }),
      // Checked in begin, with a remedy for users of a template.
      minimumHealthyCount: 0,
      clock,
      logger,
    });
    this.#plan = plan;
    this.#target = target;
    this.#dependencies = dependencies;
  }

  /** Begins with the live weights. A rollback restores the weights of the template before. */
  override async begin(request: ShiftRequest, options: CallOptions = {}): Promise<ShiftState> {
    const state = await super.begin(request, options);
    if (state.phase === 'shifting') await this.#requireHealthy(state.incoming, options);
    return { ...state, initialWeights: this.#plan.initialWeights };
  }

  /** Halts when the request is no longer the newest. */
  override async advance(state: ShiftState, options: AdvanceOptions = {}): Promise<ShiftProgress> {
    try {
      await this.#dependencies.ledger.check({ signal: options.signal });
      const progress = await super.advance(state, options);
      const { phase, throttled } = progress.state;
      if (throttled?.message !== undefined) this.#lastError = throttled.message;
      else if (phase === 'shifting') this.#lastError = undefined;
      return progress;
    } catch (error) {
      if (error instanceof RequestEndedError) return this.halt(state, error.message);
      if (!options.signal?.aborted) this.#lastError = error;
      throw error;
    }
  }

  /** The last error of {@link advance}, for the reason of a rollout that ran out of time. */
  get lastError(): unknown {
    return this.#lastError;
  }

  async #requireHealthy(incoming: StackReference, { signal }: CallOptions): Promise<void> {
    const { healthy, total, detail } = await this.#target.readHealth(incoming, { signal });
    if (healthy > 0) return;
    const targetGroup = this.#plan.targetGroups[incoming];
    throw new ResourceStateError(`Target group ${targetGroup} is not ready for traffic`, {
      resource: targetGroup,
      expected: 'a healthy target',
      actual: `${healthy} of ${total} healthy${detail ? ` (${detail})` : ''}`,
      remedy: 'Make its targets healthy, then update the stack again, or continue its rollback',
    });
  }
}
