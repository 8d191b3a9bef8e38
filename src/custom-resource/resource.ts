import type { Rule, Tag } from '@aws-sdk/client-elastic-load-balancing-v2';
import { type CallOptions, requireField } from '../core/aws-call.js';
import { ResourceNotFoundError } from '../core/errors.js';
import type { Logger } from '../core/logger.js';
import { type ListenerRules, priorityTaken } from './listener-rules.js';
import { listenerArnIn, propertiesBefore } from './old-properties.js';
import type { ListenerRuleProperties } from './properties.js';
import { RuleRemoval } from './removal.js';
import type { AnswerAddress, ResourceRequest } from './request.js';
import { goesBack, hasBegunAsAnswered, recordOf } from './request-log.js';
import { RequestMemory } from './request-memory.js';
import type { ResourceAnswer } from './response.js';
import {
  destinationsOf,
  elbConditions,
  forwardTo,
  haveSameMeaning,
  isCreatedFor,
  isInListener,
  isRuleArn,
  tagsOf,
  withDestinations,
} from './rule.js';
import { somebodyElse, successOf } from './rule-answer.js';
import { haveSameShares, haveSameTargetGroups, planShift, type RuleShiftPlan } from './shift-plan.js';

/**
 * What is left to do for a request: nothing but the answer, or a shift and its end; or nothing at all, because an execution
 * is at work on it.
 */
export type Prepared =
  | { readonly kind: 'done'; readonly answer: ResourceAnswer }
  | { readonly kind: 'delegated' }
  | {
      readonly kind: 'shift';
      readonly plan: RuleShiftPlan;
      /** An earlier run has handed it over, or has died when it was about to. */
      readonly mayBeUnderWay: boolean;
    };

/** A listener rule as a resource of a stack: everything about it but the shift of its traffic. */
export class ListenerRuleResource {
  /** What the rule remembers of the request. */
  readonly memory: RequestMemory;
  readonly #rules: ListenerRules;
  readonly #address: AnswerAddress;
  readonly #removal: RuleRemoval;
  readonly #parse: (properties: unknown) => ListenerRuleProperties;
  readonly #logger: Logger;

  #ruleArn: string | undefined;

  /** @param parse - gives the properties, or throws an InvalidInputError. */
  constructor(
    address: AnswerAddress,
    {
      rules,
      parse,
      logger,
    }: {
      readonly rules: ListenerRules;
      readonly parse: (properties: unknown) => ListenerRuleProperties;
      readonly logger: Logger;
    },
  ) {
    this.memory = new RequestMemory(address, rules, logger);
    this.#rules = rules;
    this.#address = address;
    this.#removal = new RuleRemoval(address, rules, logger);
    this.#parse = parse;
    this.#logger = logger;
  }

  /** The rule, as soon as it is known. */
  get ruleArn(): string | undefined {
    return this.#ruleArn;
  }

  /**
   * Does what a request asks for as far as no traffic is to be shifted. It can be repeated.
   *
   * @throws InvalidInputError before anything is done; ResourceStateError, AccessDeniedError
   */
  async prepare(request: ResourceRequest, options: CallOptions): Promise<Prepared> {
    if (request.type === 'Delete') {
      await this.#removal.delete(request, options);
      const { physicalResourceId } = request;
      return { kind: 'done', answer: { status: 'SUCCESS', physicalResourceId } };
    }
    const wanted = this.#parse(request.properties);
    if (request.type === 'Create') return this.#claim(wanted, options);
    return this.#update(request, wanted, options);
  }

  /** Takes the target groups without traffic out of a rule, so that those of a shift are alone in it. */
  async clear({ ruleArn, targetGroups }: RuleShiftPlan, options: CallOptions): Promise<void> {
    const rule = await this.#rules.find(ruleArn, options);
    if (rule === undefined)
      throw new ResourceNotFoundError('The listener rule is gone', { resource: ruleArn });
    const live = destinationsOf(rule);
    const pair = [targetGroups.blue, targetGroups.green];
    const kept = live.filter(({ targetGroupArn, weight }) => weight > 0 || pair.includes(targetGroupArn));
    if (kept.length === live.length) return;
    await this.#rules.changeActions(ruleArn, withDestinations(rule.Actions ?? [], kept), options);
  }

  /**
   * What comes after the traffic is where it shall be: the target groups without traffic, the conditions, the priority.
   *
   * @throws ResourceStateError when the traffic is somewhere else
   */
  async finish(
    ruleArn: string,
    wanted: ListenerRuleProperties,
    options: CallOptions,
  ): Promise<ResourceAnswer> {
    const rule = await this.#rules.find(ruleArn, options);
    if (rule === undefined)
      throw new ResourceNotFoundError('The listener rule is gone', { resource: ruleArn });
    const live = destinationsOf(rule);
    if (!haveSameShares(live, wanted.destinations)) throw somebodyElse(ruleArn, live, wanted.destinations);
    const call = { action: 'elasticloadbalancing:DescribeRules', resource: ruleArn };
    if (!haveSameTargetGroups(live, wanted.destinations)) {
      const actions = requireField(rule.Actions, 'Actions', call);
      await this.#rules.changeActions(ruleArn, withDestinations(actions, wanted.destinations), options);
    }
    const conditions = elbConditions(wanted.conditions);
    if (!haveSameMeaning(rule.Conditions ?? [], conditions)) {
      await this.#rules.changeConditions(ruleArn, conditions, options);
    }
    if (rule.Priority !== String(wanted.priority)) {
      await this.#rules.changePriority(ruleArn, wanted.priority, options);
    }
    return successOf(ruleArn, wanted);
  }

  async #update(
    { physicalResourceId, oldProperties }: ResourceRequest & { readonly type: 'Update' },
    wanted: ListenerRuleProperties,
    options: CallOptions,
  ): Promise<Prepared> {
    const rule = isRuleArn(physicalResourceId)
      ? await this.#rules.find(physicalResourceId, options)
      : undefined;
    const tags = (rule && (await this.#rules.tagsOf(physicalResourceId, options))) ?? [];
    const before = this.memory.answerIn(tags, physicalResourceId, wanted);
    if (before !== undefined) return { kind: 'done', answer: before };
    // A move to another listener that failed may have left a rule there, of which CloudFormation knows nothing.
    const oldListenerArn = listenerArnIn(oldProperties);
    if (oldListenerArn !== undefined && !isInListener(physicalResourceId, oldListenerArn)) {
      await this.#removal.deleteUnreported(oldProperties, options);
    }
    // Somebody has deleted it; or in another listener it is another rule, and CloudFormation has the old one deleted.
    if (rule === undefined || !isInListener(physicalResourceId, wanted.listenerArn)) {
      return this.#claim(wanted, options);
    }
    return this.#change(rule, wanted, { tags, before: propertiesBefore(oldProperties) }, options);
  }

  /** The rule at the wanted place: a new one, the resource's own of an earlier attempt, or one that may be adopted. */
  async #claim(wanted: ListenerRuleProperties, options: CallOptions): Promise<Prepared> {
    const { listenerArn, priority } = wanted;
    const found = await this.#rules.findAt(listenerArn, priority, options);
    if (found !== undefined) return this.#takeOver(found, wanted, options);
    const created = await this.#rules.create(
      {
        listenerArn,
        priority,
        conditions: elbConditions(wanted.conditions),
        actions: forwardTo(wanted.destinations),
        tags: tagsOf(this.#address),
      },
      options,
    );
    if (created !== undefined) {
      this.#ruleArn = arnOf(created);
      return { kind: 'done', answer: successOf(this.#ruleArn, wanted) };
    }
    const other = await this.#rules.findAt(listenerArn, priority, options);
    if (other === undefined) throw priorityTaken(listenerArn, priority);
    return this.#takeOver(other, wanted, options);
  }

  async #takeOver(rule: Rule, wanted: ListenerRuleProperties, options: CallOptions): Promise<Prepared> {
    const ruleArn = arnOf(rule);
    const tags = (await this.#rules.tagsOf(ruleArn, options)) ?? [];
    if (!isCreatedFor(this.#address, tags)) {
      if (!wanted.adoptExisting) throw priorityTaken(ruleArn, wanted.priority);
      this.#logger.debug('Adopts a listener rule', { resource: ruleArn });
    }
    const answer = this.memory.answerIn(tags, ruleArn, wanted);
    if (answer !== undefined) return { kind: 'done', answer };
    return this.#change(rule, wanted, { tags }, options);
  }

  async #change(
    rule: Rule,
    wanted: ListenerRuleProperties,
    { tags, before }: { readonly tags: readonly Tag[]; readonly before?: ListenerRuleProperties | undefined },
    options: CallOptions,
  ): Promise<Prepared> {
    const ruleArn = arnOf(rule);
    this.#ruleArn = ruleArn;
    const live = destinationsOf(rule);
    const { requestId } = this.#address;
    // Only then: where an update was to bring the traffic that did not succeed, nobody has seen it well.
    const from = hasBegunAsAnswered(requestId, tags) ? before?.destinations : undefined;
    const isWayBack = (targetGroupArn: string) =>
      before !== undefined &&
      goesBack(requestId, tags, { targetGroupArn, hasArrived: haveSameShares(live, before.destinations) });
    const plan = planShift({ ruleArn, live, wanted, before: from, isWayBack });
    if (plan?.goesBack) this.#logger.info('Takes back an update that did not succeed', { resource: ruleArn });
    const mayBeUnderWay = recordOf(requestId, tags)?.status === 'delegated';
    if (plan !== undefined) return { kind: 'shift', plan, mayBeUnderWay };
    // The traffic is there, but is still watched.
    if (mayBeUnderWay) return { kind: 'delegated' };
    return { kind: 'done', answer: await this.finish(ruleArn, wanted, options) };
  }
}

function arnOf({ RuleArn }: Rule): string {
  const call = { action: 'elasticloadbalancing:DescribeRules', resource: 'listener rule' };
  return requireField(RuleArn, 'RuleArn', call);
}
