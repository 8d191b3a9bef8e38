import {
  type Action,
  CreateRuleCommand,
  DeleteRuleCommand,
  type ElasticLoadBalancingV2Client,
  ModifyRuleCommand,
  type ModifyRuleCommandInput,
  paginateDescribeRules,
  type Rule,
  type RuleCondition,
  SetRulePrioritiesCommand,
  type Tag,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  type AwsCall,
  type CallOptions,
  callAws,
  collectPages,
  isAwsError,
  requireField,
} from '../../core/aws-call.js';
import type { Clock } from '../../core/clock.js';
import type { Logger } from '../../core/logger.js';
import { unlessMissing } from '../../core/not-found.js';
import { stopwatch } from '../../core/stopwatch.js';
import { namesGroup } from '../../traffic/targets/added-groups.js';
import { readTargetGroup, summarizeHealth } from '../../traffic/targets/target-group-health.js';
import type { GuardedWriteOptions, RequestLedger } from '../ledger.js';

/** A rule to create. */
export interface NewRule {
  readonly listenerArn: string;
  readonly priority: number;
  readonly conditions: RuleCondition[];
  readonly actions: Action[];
  readonly tags: Tag[];
}

/** Reads listener rules, and changes them when the ledger allows. */
export class ListenerRules {
  readonly #client: ElasticLoadBalancingV2Client;
  readonly #ledger: Pick<RequestLedger, 'write'>;
  readonly #clock: Clock;
  readonly #logger: Logger;

  constructor(options: {
    readonly elasticLoadBalancing: ElasticLoadBalancingV2Client;
    readonly ledger: Pick<RequestLedger, 'write'>;
    readonly clock: Clock;
    readonly logger: Logger;
  }) {
    this.#client = options.elasticLoadBalancing;
    this.#ledger = options.ledger;
    this.#clock = options.clock;
    this.#logger = options.logger;
  }

  /** Reads a rule. Returns undefined when the rule does not exist. */
  async find(ruleArn: string, { signal }: CallOptions): Promise<Rule | undefined> {
    const call = { action: 'elasticloadbalancing:DescribeRules', resource: ruleArn, signal };
    const rules = collectPages(
      call,
      (http) => paginateDescribeRules({ client: this.#client }, { RuleArns: [ruleArn] }, http),
      (page) => page.Rules,
    );
    return (await unlessMissing(rules, 'RuleNotFoundException'))?.[0];
  }

  /** Lists the rules of a listener, including its default rule. */
  async list(listenerArn: string, { signal }: CallOptions): Promise<readonly Rule[]> {
    const call = { action: 'elasticloadbalancing:DescribeRules', resource: listenerArn, signal };
    return collectPages(
      call,
      (http) => paginateDescribeRules({ client: this.#client }, { ListenerArn: listenerArn }, http),
      (page) => page.Rules,
    );
  }

  /** Finds the rule of a listener at a priority. Returns undefined when there is none. */
  async findAt(listenerArn: string, priority: number, options: CallOptions): Promise<Rule | undefined> {
    const rules = await this.list(listenerArn, options);
    return rules.find(({ Priority }) => Priority === String(priority));
  }

  /** True when a target of the group can take traffic. Includes unused targets, unless the rule names the group already. */
  async isHealthy({ Actions = [] }: Rule, targetGroupArn: string, options: CallOptions): Promise<boolean> {
    const targets = await readTargetGroup(this.#client, targetGroupArn, options);
    const isNamed = async () => namesGroup(Actions, targetGroupArn);
    return (await summarizeHealth(targets, isNamed)).healthy > 0;
  }

  /** Creates a rule with its tags, in one call. Returns undefined when the priority is taken. */
  async create(rule: NewRule, options: GuardedWriteOptions): Promise<Rule | undefined> {
    const elapsed = stopwatch(this.#clock);
    const call = { action: 'elasticloadbalancing:CreateRule', resource: rule.listenerArn };
    const command = new CreateRuleCommand({
      ListenerArn: rule.listenerArn,
      Priority: rule.priority,
      Conditions: rule.conditions,
      Actions: rule.actions,
      Tags: rule.tags,
    });
    try {
      const { Rules } = await this.#write(call, (http) => this.#client.send(command, http), options);
      const created = requireField(Rules?.[0], 'Rules', call);
      const resource = requireField(created.RuleArn, 'RuleArn', call);
      const durationMs = elapsed();
      this.#logger.info('Created listener rule', { resource, priority: rule.priority, durationMs });
      return created;
    } catch (error) {
      // Also after a lost response to a creation: the tags of the rule name its owner.
      if (isAwsError(error, 'PriorityInUseException')) return undefined;
      throw error;
    }
  }

  /** Changes the conditions, and nothing else. */
  async changeConditions(
    ruleArn: string,
    conditions: RuleCondition[],
    options: GuardedWriteOptions,
  ): Promise<void> {
    const elapsed = stopwatch(this.#clock);
    await this.#modify({ RuleArn: ruleArn, Conditions: conditions }, options);
    this.#logger.info('Changed conditions of listener rule', { resource: ruleArn, durationMs: elapsed() });
  }

  /** Changes the actions, and nothing else. */
  async changeActions(ruleArn: string, actions: Action[], options: GuardedWriteOptions): Promise<void> {
    const elapsed = stopwatch(this.#clock);
    await this.#modify({ RuleArn: ruleArn, Actions: actions }, options);
    this.#logger.info('Changed destinations of listener rule', { resource: ruleArn, durationMs: elapsed() });
  }

  /** Changes the priority. Returns false when another rule has it. */
  async changePriority(ruleArn: string, priority: number, options: GuardedWriteOptions): Promise<boolean> {
    const elapsed = stopwatch(this.#clock);
    const call = { action: 'elasticloadbalancing:SetRulePriorities', resource: ruleArn };
    const command = new SetRulePrioritiesCommand({
      RulePriorities: [{ RuleArn: ruleArn, Priority: priority }],
    });
    try {
      await this.#write(call, (http) => this.#client.send(command, http), options);
    } catch (error) {
      if (!isAwsError(error, 'PriorityInUseException')) throw error;
      const rule = await this.find(ruleArn, options);
      if (rule?.Priority !== String(priority)) return false;
    }
    const data = { resource: ruleArn, to: priority, durationMs: elapsed() };
    this.#logger.info('Changed priority of listener rule', data);
    return true;
  }

  /** Deletes a rule. Succeeds when the rule does not exist. */
  async delete(ruleArn: string, options: CallOptions): Promise<void> {
    const elapsed = stopwatch(this.#clock);
    const call = { action: 'elasticloadbalancing:DeleteRule', resource: ruleArn };
    const command = new DeleteRuleCommand({ RuleArn: ruleArn });
    try {
      const guard = { ...options, needsRecord: false };
      await this.#write(call, (http) => this.#client.send(command, http), guard);
      this.#logger.info('Deleted listener rule', { resource: ruleArn, durationMs: elapsed() });
    } catch (error) {
      if (!isAwsError(error, 'RuleNotFoundException')) throw error;
    }
  }

  async #modify(input: ModifyRuleCommandInput, options: GuardedWriteOptions): Promise<void> {
    const call = { action: 'elasticloadbalancing:ModifyRule', resource: input.RuleArn ?? '' };
    await this.#write(call, (http) => this.#client.send(new ModifyRuleCommand(input), http), options);
  }

  #write<Output>(
    call: AwsCall,
    send: Parameters<typeof callAws<Output>>[1],
    options: GuardedWriteOptions,
  ): Promise<Output> {
    return this.#ledger.write(({ signal }) => callAws({ ...call, signal }, send), options);
  }
}
