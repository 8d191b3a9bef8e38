import { type CallOptions, isAwsError } from '../core/aws-call.js';
import { ToolkitError } from '../core/errors.js';
import type { Logger } from '../core/logger.js';
import type { ListenerRules } from './listener-rules.js';
import { parsePlace, parseRetainOnDelete, saysRetainOnDelete } from './properties.js';
import type { ResourceRequest } from './request.js';
import { wasReported } from './request-log.js';
import { isCreatedFor, isRuleArn, type RuleOwner } from './rule.js';

/** Removes rules of a resource, and no others. */
export class RuleRemoval {
  readonly #owner: RuleOwner;
  readonly #rules: ListenerRules;
  readonly #logger: Logger;

  constructor(owner: RuleOwner, rules: ListenerRules, logger: Logger) {
    this.#owner = owner;
    this.#rules = rules;
    this.#logger = logger;
  }

  /** Carries a deletion out, as far as there is something to delete. */
  async delete(
    { physicalResourceId, properties }: ResourceRequest & { readonly type: 'Delete' },
    options: CallOptions,
  ): Promise<void> {
    const keep = (reason: string) =>
      this.#logger.debug('Keeps the listener rule', { resource: physicalResourceId, reason });
    // What a creation that failed was answered with, or CloudFormation's own, of one that it did not wait for.
    const isUncreated = !isRuleArn(physicalResourceId);
    // The deletion after a creation that was refused for this very property: to refuse it too would leave the stack stuck.
    if (isUncreated && !saysRetainOnDelete(properties ?? {})) return keep('its creation was refused');
    if (parseRetainOnDelete(properties ?? {})) return keep('RetainOnDelete');
    if (isUncreated) return this.deleteUnreported(properties, options);
    const tags = await this.#rules.tagsOf(physicalResourceId, options);
    if (tags === undefined) return keep('it is gone');
    if (!isCreatedFor(this.#owner, tags)) return keep('it was not created for this resource');
    await this.#rules.delete(physicalResourceId, options);
  }

  /**
   * Deletes the rule of a run that died, or was given up, between creating it and telling CloudFormation of it. The marks
   * of the resource alone do not say so: a later creation of the same name may have a rule there that is in use, of which
   * CloudFormation knows. That one remembers the request that it was reported for.
   */
  async deleteUnreported(properties: unknown, options: CallOptions): Promise<void> {
    const place = parsePlace(properties);
    if (place === undefined) return;
    const found = await this.#findAt(place, options);
    if (found === undefined) return;
    const tags = (await this.#rules.tagsOf(found, options)) ?? [];
    if (isCreatedFor(this.#owner, tags) && !wasReported(tags)) {
      await this.#rules.delete(found, options);
    }
  }

  /** Nothing where nobody can have created a rule: without the listener, or without permission to look. */
  async #findAt(
    { listenerArn, priority }: { readonly listenerArn: string; readonly priority: number },
    options: CallOptions,
  ): Promise<string | undefined> {
    try {
      return (await this.#rules.findAt(listenerArn, priority, options))?.RuleArn;
    } catch (error) {
      const isDenied = ToolkitError.isInstance(error) && error.code === 'ACCESS_DENIED';
      if (isDenied || isAwsError(error, 'ListenerNotFoundException', 'ValidationError')) return undefined;
      throw error;
    }
  }
}
