import {
  type Action,
  AddTagsCommand,
  CreateRuleCommand,
  DeleteRuleCommand,
  DescribeTagsCommand,
  type ElasticLoadBalancingV2Client,
  ModifyRuleCommand,
  type ModifyRuleCommandInput,
  paginateDescribeRules,
  type Rule,
  type RuleCondition,
  SetRulePrioritiesCommand,
  type Tag,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { type CallOptions, callAws, collectPages, isAwsError, requireField } from '../core/aws-call.js';
import type { Clock } from '../core/clock.js';
import { ResourceStateError } from '../core/errors.js';
import type { Logger } from '../core/logger.js';
import { stopwatch } from '../core/stopwatch.js';

/** A rule that there shall be. */
export interface NewRule {
  readonly listenerArn: string;
  readonly priority: number;
  readonly conditions: RuleCondition[];
  readonly actions: Action[];
  readonly tags: Tag[];
}

/** The rules of load balancers, as Elastic Load Balancing keeps them. */
export class ListenerRules {
  readonly #client: ElasticLoadBalancingV2Client;
  readonly #clock: Clock;
  readonly #logger: Logger;

  constructor({
    elasticLoadBalancing,
    clock,
    logger,
  }: {
    readonly elasticLoadBalancing: ElasticLoadBalancingV2Client;
    readonly clock: Clock;
    readonly logger: Logger;
  }) {
    this.#client = elasticLoadBalancing;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** The rule of this ARN; nothing when there is none. */
  async find(ruleArn: string, { signal }: CallOptions): Promise<Rule | undefined> {
    const call = { action: 'elasticloadbalancing:DescribeRules', resource: ruleArn, signal };
    try {
      const [rule] = await collectPages(
        call,
        (http) => paginateDescribeRules({ client: this.#client }, { RuleArns: [ruleArn] }, http),
        (page) => page.Rules,
      );
      return rule;
    } catch (error) {
      if (isAwsError(error, 'RuleNotFoundException')) return undefined;
      throw error;
    }
  }

  /** The rules of a listener, its default one too. */
  async list(listenerArn: string, { signal }: CallOptions): Promise<readonly Rule[]> {
    const call = { action: 'elasticloadbalancing:DescribeRules', resource: listenerArn, signal };
    return collectPages(
      call,
      (http) => paginateDescribeRules({ client: this.#client }, { ListenerArn: listenerArn }, http),
      (page) => page.Rules,
    );
  }

  /** The rule of a listener at a priority; nothing when there is none. */
  async findAt(listenerArn: string, priority: number, options: CallOptions): Promise<Rule | undefined> {
    const rules = await this.list(listenerArn, options);
    return rules.find(({ Priority }) => Priority === String(priority));
  }

  /** The tags of a rule; nothing when it is gone. */
  async tagsOf(ruleArn: string, { signal }: CallOptions): Promise<readonly Tag[] | undefined> {
    const call = { action: 'elasticloadbalancing:DescribeTags', resource: ruleArn, signal };
    try {
      const command = new DescribeTagsCommand({ ResourceArns: [ruleArn] });
      const { TagDescriptions } = await callAws(call, (http) => this.#client.send(command, http));
      const [description] = requireField(TagDescriptions, 'TagDescriptions', call);
      return requireField(description, 'TagDescriptions', call).Tags ?? [];
    } catch (error) {
      if (isAwsError(error, 'RuleNotFoundException')) return undefined;
      throw error;
    }
  }

  /** Adds a tag, or replaces the one of its key. */
  async addTag(ruleArn: string, tag: Tag, { signal }: CallOptions): Promise<void> {
    const call = { action: 'elasticloadbalancing:AddTags', resource: ruleArn, signal };
    const command = new AddTagsCommand({ ResourceArns: [ruleArn], Tags: [tag] });
    await callAws(call, (http) => this.#client.send(command, http));
  }

  /** Creates a rule with its tags, in one call; nothing when the priority is taken. */
  async create(rule: NewRule, { signal }: CallOptions): Promise<Rule | undefined> {
    const elapsed = stopwatch(this.#clock);
    const call = { action: 'elasticloadbalancing:CreateRule', resource: rule.listenerArn, signal };
    const command = new CreateRuleCommand({
      ListenerArn: rule.listenerArn,
      Priority: rule.priority,
      Conditions: rule.conditions,
      Actions: rule.actions,
      Tags: rule.tags,
    });
    try {
      const { Rules } = await callAws(call, (http) => this.#client.send(command, http));
      const created = requireField(Rules?.[0], 'Rules', call);
      const resource = requireField(created.RuleArn, 'RuleArn', call);
      const durationMs = elapsed();
      this.#logger.info('Created listener rule', { resource, priority: rule.priority, durationMs });
      return created;
    } catch (error) {
      // Also when the rule was made, and the answer got lost: whose it is, is seen by its tags.
      if (isAwsError(error, 'PriorityInUseException')) return undefined;
      throw error;
    }
  }

  /** Changes the conditions, and nothing else. */
  async changeConditions(ruleArn: string, conditions: RuleCondition[], options: CallOptions): Promise<void> {
    const elapsed = stopwatch(this.#clock);
    await this.#modify({ RuleArn: ruleArn, Conditions: conditions }, options);
    this.#logger.info('Changed conditions of listener rule', { resource: ruleArn, durationMs: elapsed() });
  }

  /** Changes the actions, and nothing else. */
  async changeActions(ruleArn: string, actions: Action[], options: CallOptions): Promise<void> {
    const elapsed = stopwatch(this.#clock);
    await this.#modify({ RuleArn: ruleArn, Actions: actions }, options);
    this.#logger.info('Changed destinations of listener rule', { resource: ruleArn, durationMs: elapsed() });
  }

  /** @throws ResourceStateError when another rule has the priority. */
  async changePriority(ruleArn: string, priority: number, { signal }: CallOptions): Promise<void> {
    const elapsed = stopwatch(this.#clock);
    const call = { action: 'elasticloadbalancing:SetRulePriorities', resource: ruleArn, signal };
    const command = new SetRulePrioritiesCommand({
      RulePriorities: [{ RuleArn: ruleArn, Priority: priority }],
    });
    try {
      await callAws(call, (http) => this.#client.send(command, http));
    } catch (error) {
      if (!isAwsError(error, 'PriorityInUseException')) throw error;
      const rule = await this.find(ruleArn, { signal });
      if (rule?.Priority !== String(priority)) throw priorityTaken(ruleArn, priority);
    }
    const data = { resource: ruleArn, to: priority, durationMs: elapsed() };
    this.#logger.info('Changed priority of listener rule', data);
  }

  /** Deletes a rule; one that is gone is deleted. */
  async delete(ruleArn: string, { signal }: CallOptions): Promise<void> {
    const elapsed = stopwatch(this.#clock);
    const call = { action: 'elasticloadbalancing:DeleteRule', resource: ruleArn, signal };
    try {
      await callAws(call, (http) => this.#client.send(new DeleteRuleCommand({ RuleArn: ruleArn }), http));
      this.#logger.info('Deleted listener rule', { resource: ruleArn, durationMs: elapsed() });
    } catch (error) {
      if (!isAwsError(error, 'RuleNotFoundException')) throw error;
    }
  }

  async #modify(input: ModifyRuleCommandInput, { signal }: CallOptions): Promise<void> {
    const resource = input.RuleArn ?? '';
    const call = { action: 'elasticloadbalancing:ModifyRule', resource, signal };
    await callAws(call, (http) => this.#client.send(new ModifyRuleCommand(input), http));
  }
}

/** A rule of somebody else is where one shall be. */
export function priorityTaken(resource: string, priority: number): ResourceStateError {
  return new ResourceStateError('Another rule has the priority', {
    resource,
    expected: `no rule at Priority ${priority}`,
    actual: 'a rule that was not created for this resource of this stack',
    remedy: 'Give another Priority; for a rule that this resource shall take over, AdoptExisting: true',
  });
}
