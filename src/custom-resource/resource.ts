import type { Rule } from '@aws-sdk/client-elastic-load-balancing-v2';
import { answered, type CallOptions } from '../core/aws-call.js';
import { ResourceNotFoundError, ResourceStateError, ToolkitError } from '../core/errors.js';
import type { Logger } from '../core/logger.js';
import { type ListenerRules, priorityTaken } from './listener-rules.js';
import {
  type ListenerRuleProperties,
  parseProperties,
  parseRetainOnDelete,
  type RuleDestination,
} from './properties.js';
import type { ResourceRequest } from './request.js';
import type { ResourceAnswer } from './response.js';
import {
  destinationsOf,
  elbConditions,
  forwardTo,
  haveSameMeaning,
  isCreatedFor,
  type RuleOwner,
  tagsOf,
  withDestinations,
} from './rule.js';
import { haveSameShares, planShift, type RuleShiftPlan, shareOf } from './shift-plan.js';

/** What is left to do for a request: nothing but the answer, or a shift and its end. */
export type Prepared =
  | { readonly kind: 'done'; readonly answer: ResourceAnswer }
  | { readonly kind: 'shift'; readonly plan: RuleShiftPlan };

/** A listener rule as a resource of a stack: everything about it but the shift of its traffic. */
export class ListenerRuleResource {
  readonly #rules: ListenerRules;
  readonly #owner: RuleOwner;
  readonly #parse: (properties: unknown) => ListenerRuleProperties;
  readonly #logger: Logger;

  #ruleArn: string | undefined;

  /** @param parse - gives the properties, or throws an InvalidInputError. */
  constructor(
    owner: RuleOwner,
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
    this.#rules = rules;
    this.#owner = owner;
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
    if (request.type === 'Delete') return { kind: 'done', answer: await this.#delete(request, options) };
    const wanted = this.#parse(request.properties);
    if (request.type === 'Create') return this.#claim(wanted, options);
    // In another listener it is another rule; CloudFormation has the old one deleted.
    const oldListenerArn = listenerArnIn(request.oldProperties);
    if (oldListenerArn !== undefined && oldListenerArn !== wanted.listenerArn) {
      return this.#claim(wanted, options);
    }
    const before = propertiesBefore(request.oldProperties);
    const rule = isRuleArn(request.physicalResourceId)
      ? await this.#rules.find(request.physicalResourceId, options)
      : undefined;
    // Somebody has deleted it.
    if (rule === undefined) return this.#claim(wanted, options);
    return this.#change(rule, wanted, before, options);
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
      const actions = answered(rule.Actions, 'Actions', call);
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
        tags: tagsOf(this.#owner),
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
    if (!isCreatedFor(this.#owner, tags)) {
      if (!wanted.adoptExisting) throw priorityTaken(ruleArn, wanted.priority);
      this.#logger.info('Adopts a listener rule', { resource: ruleArn });
    }
    return this.#change(rule, wanted, undefined, options);
  }

  async #change(
    rule: Rule,
    wanted: ListenerRuleProperties,
    before: ListenerRuleProperties | undefined,
    options: CallOptions,
  ): Promise<Prepared> {
    const ruleArn = arnOf(rule);
    this.#ruleArn = ruleArn;
    const live = destinationsOf(rule);
    const plan = planShift({ ruleArn, live, wanted, before: before?.destinations });
    if (plan !== undefined) return { kind: 'shift', plan };
    return { kind: 'done', answer: await this.finish(ruleArn, wanted, options) };
  }

  async #delete(
    { physicalResourceId, properties }: ResourceRequest & { readonly type: 'Delete' },
    options: CallOptions,
  ): Promise<ResourceAnswer> {
    const done: ResourceAnswer = { status: 'SUCCESS', physicalResourceId };
    const keep = (why: string) => {
      this.#logger.info('Keeps the listener rule', { resource: physicalResourceId, why });
      return done;
    };
    // What a creation that failed was answered with, or CloudFormation's own, of one that it did not wait for.
    if (!isRuleArn(physicalResourceId)) return keep('it is no rule');
    if (parseRetainOnDelete(properties ?? {})) return keep('RetainOnDelete');
    const tags = await this.#rules.tagsOf(physicalResourceId, options);
    if (tags === undefined) return keep('it is gone');
    if (!isCreatedFor(this.#owner, tags)) return keep('it was not created for this resource');
    await this.#rules.delete(physicalResourceId, options);
    return done;
  }
}

/** What a shift that ended well, or needed none, is answered with. */
function successOf(ruleArn: string, { destinations, priority }: ListenerRuleProperties): ResourceAnswer {
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

/** Old properties were good once; what another handler took may be unknown to this one. */
function propertiesBefore(properties: unknown): ListenerRuleProperties | undefined {
  try {
    return parseProperties(properties);
  } catch (error) {
    if (ToolkitError.isInstance(error)) return undefined;
    throw error;
  }
}

/** Read by itself, because it decides whether the rule stays the same one. */
function listenerArnIn(properties: unknown): string | undefined {
  const { ListenerArn: arn } = (properties ?? {}) as { readonly ListenerArn?: unknown };
  return typeof arn === 'string' ? arn : undefined;
}

function haveSameTargetGroups(one: readonly RuleDestination[], other: readonly RuleDestination[]): boolean {
  const arns = other.map(({ targetGroupArn }) => targetGroupArn);
  return one.length === arns.length && one.every(({ targetGroupArn }) => arns.includes(targetGroupArn));
}

function isRuleArn(physicalResourceId: string): boolean {
  return /^arn:[^:]+:elasticloadbalancing:[^:]*:[^:]*:listener-rule\//.test(physicalResourceId);
}

function arnOf({ RuleArn }: Rule): string {
  const call = { action: 'elasticloadbalancing:DescribeRules', resource: 'listener rule' };
  return answered(RuleArn, 'RuleArn', call);
}

function somebodyElse(
  resource: string,
  live: readonly RuleDestination[],
  wanted: readonly RuleDestination[],
): ResourceStateError {
  const inWords = (list: readonly RuleDestination[]) =>
    list.map(({ targetGroupArn, weight }) => `${weight} for ${targetGroupArn}`).join(', ');
  return new ResourceStateError('Somebody else has changed the weights', {
    resource,
    expected: inWords(wanted),
    seen: inWords(live),
    remedy: 'Update the stack again when nobody else is at work',
  });
}
