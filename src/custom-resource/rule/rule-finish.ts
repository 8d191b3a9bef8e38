import type { Rule } from '@aws-sdk/client-elastic-load-balancing-v2';
import { type CallOptions, requireField } from '../../core/aws-call.js';
import type { Clock } from '../../core/clock.js';
import { ElapsedTime } from '../../core/elapsed-time.js';
import { ResourceNotFoundError } from '../../core/errors.js';
import type { RequestLedger } from '../ledger.js';
import { type RuleChange, withLiveWeights } from '../plan/rule-change.js';
import { haveSameShares, haveSameTargetGroups, type RuleShiftPlan, shareOf } from '../plan/shift-plan.js';
import type { ResourceOwner } from '../protocol/event.js';
import type { ResourceResponse } from '../protocol/response.js';
import type { ListenerRules } from './listener-rules.js';
import type { ListenerRuleProperties, RuleDestination } from './properties.js';
import type { RuleDependencies } from './rule-dependencies.js';
import { changedOutside, priorityFreedAgain, priorityTakenInUpdate } from './rule-errors.js';
import {
  arnOf,
  destinationsOf,
  elbConditions,
  haveSameMeaning,
  isForwarding,
  ownerIn,
  withDestinations,
} from './rule-settings.js';
import type { RuleTags } from './rule-tags.js';

/** Seconds after a shift in which a reading can be stale; the same as in the shift itself. */
const propagationSeconds = 30;
const readAgainSeconds = 2;

/** Changes of a rule around a shift of its traffic. */
export class RuleFinish {
  readonly #owner: ResourceOwner;
  readonly #rules: ListenerRules;
  readonly #tags: RuleTags;
  readonly #ledger: RequestLedger;
  readonly #clock: Clock;

  constructor(owner: ResourceOwner, { rules, tags, ledger, clock }: RuleDependencies) {
    this.#owner = owner;
    this.#rules = rules;
    this.#tags = tags;
    this.#ledger = ledger;
    this.#clock = clock;
  }

  /** Removes target groups without traffic from a rule that are not part of the shift. */
  async clear({ ruleArn, targetGroups }: RuleShiftPlan, options: CallOptions): Promise<void> {
    const rule = await this.read(ruleArn, options);
    const live = destinationsOf(rule);
    const pair = [targetGroups.blue, targetGroups.green];
    const kept = live.filter(({ targetGroupArn, weight }) => weight > 0 || pair.includes(targetGroupArn));
    if (kept.length === live.length) return;
    await this.#rules.changeActions(ruleArn, withDestinations(rule.Actions ?? [], kept), options);
  }

  /**
   * Applies the wanted state except for the weights: target groups without traffic, conditions, priority.
   *
   * @throws ResourceStateError when the weights differ from the wanted ones, or the priority is taken
   */
  async finish(
    ruleArn: string,
    change: Omit<RuleChange, 'before'>,
    options: CallOptions,
  ): Promise<ResourceResponse> {
    const { wanted } = change;
    await this.#ledger.untilReadingsAreNew(options);
    const rule = await this.#readFinished(ruleArn, change, options);
    await this.#finishDestinations(rule, change, options);
    const conditions = elbConditions(wanted.conditions);
    if (!haveSameMeaning(rule.Conditions ?? [], conditions)) {
      await this.#rules.changeConditions(ruleArn, conditions, options);
    }
    if (rule.Priority !== String(wanted.priority)) {
      const isChanged = await this.#rules.changePriority(ruleArn, wanted.priority, options);
      if (!isChanged) await this.requireFreePriority(rule, wanted, options);
      if (!isChanged) throw priorityFreedAgain(ruleArn, wanted.priority);
    }
    return successOf(ruleArn, wanted);
  }

  /** @throws ResourceStateError when another rule has the priority. */
  async requireFreePriority(
    rule: Rule,
    { listenerArn, priority }: ListenerRuleProperties,
    options: CallOptions,
  ): Promise<void> {
    if (rule.Priority === String(priority)) return;
    const holder = await this.#rules.findAt(listenerArn, priority, options);
    if (holder === undefined || holder.RuleArn === rule.RuleArn) return;
    const ruleArn = arnOf(holder);
    const owner = ownerIn((await this.#tags.read(ruleArn, options)) ?? []);
    throw priorityTakenInUpdate({ ruleArn, priority, owner }, this.#owner);
  }

  /** @throws ResourceNotFoundError */
  async read(ruleArn: string, options: CallOptions): Promise<Rule> {
    const rule = await this.#rules.find(ruleArn, options);
    if (rule !== undefined) return rule;
    throw new ResourceNotFoundError(`Listener rule ${ruleArn} not found`, { resource: ruleArn });
  }

  /** Reads until the weights are as wanted: right after a shift a reading can be stale. */
  async #readFinished(
    ruleArn: string,
    change: Omit<RuleChange, 'before'>,
    options: CallOptions,
  ): Promise<Rule> {
    const elapsed = new ElapsedTime(this.#clock);
    for (;;) {
      const rule = await this.read(ruleArn, options);
      // An update that keeps the weights also keeps a fixed response or a redirect in their place.
      if (change.keepsWeights) return rule;
      const live = destinationsOf(rule);
      if (haveSameShares(live, change.wanted.destinations)) return rule;
      if (elapsed.seconds >= propagationSeconds)
        throw changedOutside(ruleArn, live, change.wanted.destinations);
      await elapsed.sleepSeconds(readAgainSeconds, { ...options, resource: ruleArn });
    }
  }

  async #finishDestinations(
    rule: Rule,
    change: Omit<RuleChange, 'before'>,
    options: CallOptions,
  ): Promise<void> {
    if (!isForwarding(rule)) return;
    const ruleArn = arnOf(rule);
    const live = destinationsOf(rule);
    const destinations = lastDestinations(live, change);
    if (haveSameTargetGroups(live, destinations)) return;
    const call = { action: 'elasticloadbalancing:DescribeRules', resource: ruleArn };
    const actions = requireField(rule.Actions, 'Actions', call);
    await this.#rules.changeActions(ruleArn, withDestinations(actions, destinations), options);
  }
}

/** Response after a shift that succeeded or was not needed. */
export function successOf(
  ruleArn: string,
  { destinations, priority }: ListenerRuleProperties,
): ResourceResponse {
  const [first, second] = destinations.map(({ targetGroupArn }) => shareOf(targetGroupArn, destinations));
  return {
    status: 'SUCCESS',
    physicalResourceId: ruleArn,
    data: {
      RuleArn: ruleArn,
      Priority: String(priority),
      FirstWeight: String(first),
      SecondWeight: String(second),
    },
  };
}

/** True when the rule has the wanted state. */
export function isAsWanted(rule: Rule, change: RuleChange): boolean {
  const { priority, conditions } = change.wanted;
  const hasSettings =
    rule.Priority === String(priority) && haveSameMeaning(rule.Conditions ?? [], elbConditions(conditions));
  if (!hasSettings || !isForwarding(rule)) return false;
  const live = destinationsOf(rule);
  const destinations = lastDestinations(live, change);
  return haveSameShares(live, destinations) && haveSameTargetGroups(live, destinations);
}

function lastDestinations(
  live: readonly RuleDestination[],
  { wanted, keepsWeights }: Omit<RuleChange, 'before'>,
): readonly RuleDestination[] {
  return keepsWeights ? withLiveWeights(live, wanted.destinations) : wanted.destinations;
}
