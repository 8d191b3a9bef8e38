import type { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Clock } from '../../core/clock.js';
import type { Logger } from '../../core/logger.js';
import { AlbListenerRuleTarget } from '../../traffic/targets/alb-listener-rule.js';
import type { TrafficWeights, WriteWeightsOptions } from '../../traffic/types.js';
import type { RequestLedger } from '../ledger.js';
import type { RuleShiftPlan } from '../plan/shift-plan.js';

export interface ManagedRuleTargetDependencies {
  readonly elasticLoadBalancing: ElasticLoadBalancingV2Client;
  readonly ledger: RequestLedger;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Target of a managed rule. Writes weights only when the ledger allows. */
export class ManagedRuleTarget extends AlbListenerRuleTarget {
  readonly #ledger: RequestLedger;

  constructor(
    { ruleArn, targetGroups }: Pick<RuleShiftPlan, 'ruleArn' | 'targetGroups'>,
    { elasticLoadBalancing, ledger, clock, logger }: ManagedRuleTargetDependencies,
  ) {
    super({
      ruleArns: [ruleArn],
      blue: { targetGroupArn: targetGroups.blue },
      green: { targetGroupArn: targetGroups.green },
      clients: { elasticLoadBalancing },
      clock,
      logger,
    });
    this.#ledger = ledger;
  }

  /** Changes only the weights: the template names both target groups, and decides about stickiness. */
  override async readSetup(): Promise<undefined> {
    return undefined;
  }

  override async writeWeights(weights: TrafficWeights, options: WriteWeightsOptions = {}): Promise<void> {
    const { signal, isRollback = false } = options;
    await this.#ledger.write((call) => super.writeWeights(weights, { ...options, ...call }), {
      signal,
      isRollback: isRollback || this.#ledger.isRollback,
    });
  }
}
