import type { Rule } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { CallOptions } from '../../core/aws-call.js';
import type { Logger } from '../../core/logger.js';
import type { RequestLedger } from '../ledger.js';
import {
  creationOf,
  listenerArnIn,
  type RuleChange,
  updateOf,
  withLiveWeights,
} from '../plan/rule-change.js';
import type { RuleShiftPlan } from '../plan/shift-plan.js';
import type { ResourceOwner, ResourceRequest } from '../protocol/event.js';
import type { ResourceResponse } from '../protocol/response.js';
import type { ListenerRules } from './listener-rules.js';
import type { ListenerRuleProperties, RuleDestination } from './properties.js';
import type { RuleDependencies } from './rule-dependencies.js';
import { priorityFreedAgain, priorityTakenAtCreation } from './rule-errors.js';
import { RuleFinish, successOf } from './rule-finish.js';
import { RuleRemoval } from './rule-removal.js';
import {
  arnOf,
  destinationsOf,
  elbConditions,
  forwardTo,
  isCreatedFor,
  isForwarding,
  isInListener,
  isRuleArn,
  ownerIn,
  ownerTags,
} from './rule-settings.js';
import { type Prepared, RuleUpdate } from './rule-update.js';

/** Listener rule as a resource of a stack, without the shift of its traffic. */
export class ListenerRuleResource {
  readonly #owner: ResourceOwner;
  readonly #rules: ListenerRules;
  readonly #ledger: RequestLedger;
  readonly #update: RuleUpdate;
  readonly #finish: RuleFinish;
  readonly #removal: RuleRemoval;
  readonly #parse: (properties: unknown) => ListenerRuleProperties;
  readonly #logger: Logger;

  #ruleArn: string | undefined;

  constructor(owner: ResourceOwner, dependencies: RuleDependencies) {
    this.#owner = owner;
    this.#rules = dependencies.rules;
    this.#ledger = dependencies.ledger;
    this.#finish = new RuleFinish(owner, dependencies);
    this.#update = new RuleUpdate(this.#finish, dependencies);
    this.#removal = new RuleRemoval(owner, dependencies);
    this.#parse = dependencies.parse;
    this.#logger = dependencies.logger;
  }

  /** ARN of the rule, once it is known. */
  get ruleArn(): string | undefined {
    return this.#ruleArn;
  }

  /**
   * Runs a request up to its shift, or to its end when it shifts nothing. Repeatable.
   *
   * @throws InvalidInputError before any call; RequestEndedError, ResourceStateError, AccessDeniedError
   */
  async prepare(request: ResourceRequest, options: CallOptions): Promise<Prepared> {
    if (request.type === 'Delete') {
      await this.#removal.delete(request, options);
      const { physicalResourceId } = request;
      return { kind: 'done', response: { status: 'SUCCESS', physicalResourceId } };
    }
    const wanted = this.#parse(request.properties);
    if (request.type === 'Create') return this.#claim(creationOf(wanted), options);
    return this.#change(request, updateOf(wanted, request.oldProperties), options);
  }

  /** Removes target groups without traffic from a rule that are not part of the shift. */
  async clear(plan: RuleShiftPlan, options: CallOptions): Promise<void> {
    await this.#finish.clear(plan, options);
  }

  /**
   * Runs the changes after a shift.
   *
   * @throws ResourceStateError when the weights differ from the wanted ones
   */
  async finish(
    ruleArn: string,
    wanted: ListenerRuleProperties,
    options: CallOptions,
  ): Promise<ResourceResponse> {
    return this.#finish.finish(ruleArn, creationOf(wanted), options);
  }

  /** The rule of a request that has its response. */
  async ruleArnOf(request: ResourceRequest, options: CallOptions): Promise<string | undefined> {
    const { listenerArn, priority } = this.#parse(request.properties);
    const isSame = 'physicalResourceId' in request && isInListener(request.physicalResourceId, listenerArn);
    if (isSame) return request.physicalResourceId;
    return (await this.#rules.findAt(listenerArn, priority, options))?.RuleArn;
  }

  async #change(
    { physicalResourceId: id, oldProperties }: ResourceRequest & { readonly type: 'Update' },
    change: RuleChange,
    options: CallOptions,
  ): Promise<Prepared> {
    const rule = isRuleArn(id) ? await this.#rules.find(id, options) : undefined;
    // A failed move to another listener can leave a rule there that CloudFormation does not know.
    const oldListenerArn = listenerArnIn(oldProperties);
    const mayHaveLeft = oldListenerArn !== undefined && !isInListener(id, oldListenerArn);
    const clean = async () => {
      if (mayHaveLeft) await this.#removal.deleteUnknownToCloudFormation(oldProperties, options);
    };
    if (rule !== undefined && isInListener(id, change.wanted.listenerArn)) {
      this.#ruleArn = id;
      return this.#update.prepare({ rule, change }, options, clean);
    }
    // The rule was deleted by hand, or moves to another listener: that needs a new rule, and CloudFormation deletes the old one.
    if (rule !== undefined) {
      await this.#ledger.open(id, options);
      await this.#ledger.begin(options);
      await this.#ledger.untilQuiet(options);
    }
    await clean();
    return this.#claim(change, options, rule);
  }

  /** Prepares the rule at the wanted priority: a new one, the resource's own of an earlier attempt, or one to adopt. */
  async #claim(change: RuleChange, options: CallOptions, from?: Rule): Promise<Prepared> {
    const { wanted } = change;
    const { listenerArn, priority } = wanted;
    const found = await this.#rules.findAt(listenerArn, priority, options);
    if (found !== undefined) return this.#useExisting(found, change, options);
    const created = await this.#rules.create(
      {
        listenerArn,
        priority,
        conditions: elbConditions(wanted.conditions),
        actions: forwardTo(firstDestinations(change, from)),
        tags: [...ownerTags(this.#owner), this.#ledger.initialTag()],
      },
      options,
    );
    if (created !== undefined) {
      this.#ruleArn = arnOf(created);
      this.#ledger.adopt(this.#ruleArn);
      return { kind: 'done', response: successOf(this.#ruleArn, wanted) };
    }
    const other = await this.#rules.findAt(listenerArn, priority, options);
    if (other === undefined) throw priorityFreedAgain(listenerArn, priority);
    return this.#useExisting(other, change, options);
  }

  async #useExisting(rule: Rule, change: RuleChange, options: CallOptions): Promise<Prepared> {
    const ruleArn = arnOf(rule);
    const { tags } = await this.#ledger.open(ruleArn, options);
    if (!isCreatedFor(this.#owner, tags)) {
      const { adoptExisting, priority } = change.wanted;
      if (!adoptExisting) {
        this.#ledger.close(ruleArn);
        throw priorityTakenAtCreation({ ruleArn, priority, owner: ownerIn(tags) }, this.#owner);
      }
      this.#logger.debug('Adopted listener rule', { resource: ruleArn });
    }
    this.#ruleArn = ruleArn;
    return this.#update.prepare({ rule, change }, options);
  }
}

/** Destinations of a new rule: the live weights of the rule before when an update keeps them. */
function firstDestinations({ wanted, keepsWeights }: RuleChange, from?: Rule): readonly RuleDestination[] {
  if (!keepsWeights || from === undefined || !isForwarding(from)) return wanted.destinations;
  return withLiveWeights(destinationsOf(from), wanted.destinations);
}
