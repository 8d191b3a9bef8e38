import type { Tag } from '@aws-sdk/client-elastic-load-balancing-v2';
import { type CallOptions, isAwsError } from '../../core/aws-call.js';
import { describeError } from '../../core/describe-error.js';
import { ToolkitError } from '../../core/errors.js';
import type { Logger } from '../../core/logger.js';
import { RequestEndedError } from '../ledger/request-ended.js';
import type { RequestHistory } from '../ledger/request-history.js';
import type { OpenedRule, RequestLedger } from '../ledger.js';
import type { ResourceOwner, ResourceRequest } from '../protocol/event.js';
import type { ListenerRules } from './listener-rules.js';
import { hasValidRetainOnDelete, parsePlace, parseRetainOnDelete } from './properties.js';
import type { RuleDependencies } from './rule-dependencies.js';
import { isCreatedFor, isRuleArn } from './rule-settings.js';
import type { RuleTags } from './rule-tags.js';

/** Removes rules of a resource, and only those. */
export class RuleRemoval {
  readonly #owner: ResourceOwner;
  readonly #rules: ListenerRules;
  readonly #tags: RuleTags;
  readonly #ledger: RequestLedger;
  readonly #logger: Logger;

  constructor(owner: ResourceOwner, { rules, tags, ledger, logger }: RuleDependencies) {
    this.#owner = owner;
    this.#rules = rules;
    this.#tags = tags;
    this.#ledger = ledger;
    this.#logger = logger;
  }

  /** Deletes the rule of a resource. For a kept rule, waits until no earlier request can write to it. */
  async delete(
    { physicalResourceId: ruleArn, properties }: ResourceRequest & { readonly type: 'Delete' },
    options: CallOptions,
  ): Promise<void> {
    if (!isRuleArn(ruleArn)) return this.#deleteWithoutRule(ruleArn, properties ?? {}, options);
    const isRetained = parseRetainOnDelete(properties ?? {});
    const opened = await this.#open(ruleArn, options);
    if (opened === undefined) {
      this.#logKept(ruleArn, 'it does not exist');
      return isRetained ? undefined : this.#deleteLateCreation(properties, { ...options, replacedUntil: 0 });
    }
    const isOwn = isCreatedFor(this.#owner, opened.tags);
    if (isOwn && !isRetained) {
      await this.#rules.delete(ruleArn, options);
      this.#ledger.close(ruleArn);
      const { newestMadeAt } = opened.history;
      return this.#deleteLateCreation(properties, {
        ...options,
        newestMadeAt,
        replacedUntil: newestMadeAt ?? 0,
      });
    }
    this.#logKept(ruleArn, isRetained ? 'RetainOnDelete' : 'it was not created for this resource');
    await this.#keepRule(ruleArn, opened.history, options);
  }

  /**
   * Deletes the rule of a run that died or was replaced between the creation and the response. Matching owner tags do not
   * prove that: a later creation of the same logical name may own the rule at that place.
   */
  async deleteUnknownToCloudFormation(properties: unknown, options: CallOptions): Promise<void> {
    const ruleArn = await this.#findIn(properties, options);
    const tags = ruleArn && (await this.#tags.read(ruleArn, options));
    if (tags && this.#isUnknownToCloudFormation(tags)) await this.#rules.delete(ruleArn, options);
  }

  /** Deletes a resource without a rule. Its ID is from this package after a failure, and from CloudFormation after a time-out. */
  async #deleteWithoutRule(id: string, properties: unknown, options: CallOptions): Promise<void> {
    // The creation was rejected for this property. Rejecting the deletion too would leave the stack stuck.
    if (!hasValidRetainOnDelete(properties)) return this.#logKept(id, 'its creation was refused');
    if (parseRetainOnDelete(properties)) return this.#logKept(id, 'RetainOnDelete');
    const hasFound = await this.#deleteRuleAtPlace(properties, options);
    if (!hasFound && !isUncreatedId(id)) await this.#deleteLateCreation(properties, options);
  }

  /**
   * An earlier request that is not recorded may still create a rule. Waits until it no longer can, then deletes that rule.
   *
   * @param options - `replacedUntil`: requests made until then were replaced by newer ones; 0 when no time is known.
   */
  async #deleteLateCreation(
    properties: unknown,
    {
      newestMadeAt,
      replacedUntil,
      ...options
    }: CallOptions & { readonly newestMadeAt?: number | undefined; readonly replacedUntil?: number },
  ): Promise<void> {
    const place = parsePlace(properties);
    if (place === undefined) return;
    if (!(await this.#ledger.untilNoCreation({ ...options, newestMadeAt }))) return;
    const isUnknown = (tags: readonly Tag[]) => this.#isUnknownToCloudFormation(tags, replacedUntil);
    const ruleArn = await this.#ifReadable(async () => {
      // That request may have had another priority: search all rules of the listener.
      const rules = await this.#rules.list(place.listenerArn, options);
      const arns = rules.flatMap(({ RuleArn, IsDefault }) => (RuleArn && !IsDefault ? [RuleArn] : []));
      return this.#tags.find(arns, isUnknown, options);
    });
    const opened = ruleArn && (await this.#open(ruleArn, options));
    if (ruleArn && opened && isUnknown(opened.tags)) await this.#rules.delete(ruleArn, options);
  }

  /**
   * Deletes the rule at the listener and priority of the properties, if CloudFormation does not know it. Returns true when a rule was
   * found, deleted or not.
   */
  async #deleteRuleAtPlace(properties: unknown, options: CallOptions): Promise<boolean> {
    const ruleArn = await this.#findIn(properties, options);
    const opened = ruleArn && (await this.#open(ruleArn, options));
    if (!ruleArn || !opened) return false;
    if (this.#isUnknownToCloudFormation(opened.tags)) await this.#rules.delete(ruleArn, options);
    else await this.#keepRule(ruleArn, opened.history, options);
    return true;
  }

  #isUnknownToCloudFormation(tags: readonly Tag[], replacedUntil?: number): boolean {
    return isCreatedFor(this.#owner, tags) && !this.#ledger.wasReported(tags, replacedUntil);
  }

  /** Records the deletion on a rule that is kept, so that no earlier request writes to it any more. */
  async #keepRule(ruleArn: string, history: RequestHistory, options: CallOptions): Promise<void> {
    if (!history.hasOthers) return this.#ledger.close(ruleArn);
    try {
      await this.#ledger.begin(options);
    } catch (error) {
      if (error instanceof RequestEndedError || history.mayOthersWrite) throw error;
      const data = { resource: ruleArn, error: describeError(error).error };
      this.#logger.warn('Could not record the request on the listener rule', data);
      return this.#ledger.close(ruleArn);
    }
    await this.#ledger.untilQuiet(options);
  }

  async #open(ruleArn: string, options: CallOptions): Promise<OpenedRule | undefined> {
    try {
      return await this.#ledger.open(ruleArn, options);
    } catch (error) {
      if (!isToolkitError(error, 'RESOURCE_NOT_FOUND')) throw error;
      this.#ledger.close(ruleArn);
      return undefined;
    }
  }

  /** Returns undefined where no rule can exist: without the listener, or without permission to read. */
  async #findIn(properties: unknown, options: CallOptions): Promise<string | undefined> {
    const place = parsePlace(properties);
    if (place === undefined) return undefined;
    const { listenerArn, priority } = place;
    return this.#ifReadable(async () => (await this.#rules.findAt(listenerArn, priority, options))?.RuleArn);
  }

  async #ifReadable(find: () => Promise<string | undefined>): Promise<string | undefined> {
    try {
      return await find();
    } catch (error) {
      const cannotExist =
        isToolkitError(error, 'ACCESS_DENIED') ||
        isAwsError(error, 'ListenerNotFoundException', 'ValidationError');
      if (cannotExist) return undefined;
      throw error;
    }
  }

  #logKept(resource: string, reason: string): void {
    this.#logger.debug('Kept listener rule', { resource, reason });
  }
}

/** The physical ID of a creation that has no rule. */
export function uncreatedId(requestId: string): string {
  return `not-created-${requestId}`;
}

function isUncreatedId(physicalResourceId: string): boolean {
  return physicalResourceId.startsWith('not-created-');
}

function isToolkitError(error: unknown, code: string): boolean {
  return ToolkitError.isInstance(error) && error.code === code;
}
