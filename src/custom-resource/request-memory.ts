import type { Tag } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { CallOptions } from '../core/aws-call.js';
import { describeError } from '../core/describe-error.js';
import type { Logger } from '../core/logger.js';
import type { ListenerRules } from './listener-rules.js';
import type { ListenerRuleProperties } from './properties.js';
import { type AnswerAddress, requestedAt } from './request.js';
import { isOvertaken, type RequestRecord, recordOf, tagWith, wasReportedBefore } from './request-log.js';
import type { ResourceAnswer } from './response.js';
import { overtaken, repeatedFailure, successOf } from './rule-answer.js';
import { type RuleShiftPlan, wayBackOf } from './shift-plan.js';

/** What a rule remembers of one request: an event that comes twice is answered as before, and not worked on. */
export class RequestMemory {
  readonly #requestId: string;
  readonly #madeAt: number | undefined;
  readonly #rules: ListenerRules;
  readonly #logger: Logger;

  constructor(address: AnswerAddress, rules: ListenerRules, logger: Logger) {
    this.#requestId = address.requestId;
    this.#madeAt = requestedAt(address);
    this.#rules = rules;
    this.#logger = logger;
  }

  /** Has the rule remember what became of the request, so that nobody works on it again when the event comes twice. */
  async remember(
    ruleArn: string,
    status: RequestRecord['status'],
    { wayBack, ...options }: CallOptions & { readonly wayBack?: string },
  ): Promise<void> {
    const requestId = this.#requestId;
    const tags = await this.#rules.tagsOf(ruleArn, options);
    if (tags === undefined) return;
    const known = recordOf(requestId, tags);
    // One that came too late would look like the latest.
    if (known === undefined ? isOvertaken(requestId, tags, this.#madeAt) : known.status === status) return;
    await this.#rules.addTag(
      ruleArn,
      tagWith({ requestId, status }, tags, { wayBackArn: wayBack, madeAt: this.#madeAt }),
      options,
    );
  }

  /**
   * Has the rule remember that its traffic begins to move, so that a repetition knows how far to go back. One that cannot is
   * no reason to leave the users where they are.
   */
  async rememberBeginning({ ruleArn, ...plan }: RuleShiftPlan, options: CallOptions): Promise<void> {
    try {
      await this.remember(ruleArn, 'begun', { ...options, wayBack: wayBackOf(plan) });
    } catch (error) {
      const data = { resource: ruleArn, error: describeError(error).error };
      this.#logger.warn('The rule does not remember the beginning', data);
    }
  }

  /** Whether CloudFormation knew the rule before the request. */
  async wasReportedBefore(ruleArn: string, options: CallOptions): Promise<boolean> {
    return wasReportedBefore(this.#requestId, (await this.#rules.tagsOf(ruleArn, options)) ?? []);
  }

  /** The answer that the request has had already, or that is left for it; nothing when there is work to do. */
  async answerBefore(
    ruleArn: string,
    wanted: ListenerRuleProperties,
    options: CallOptions,
  ): Promise<ResourceAnswer | undefined> {
    return this.answerIn((await this.#rules.tagsOf(ruleArn, options)) ?? [], ruleArn, wanted);
  }

  /** The same, out of tags that were read. */
  answerIn(
    tags: readonly Tag[],
    physicalResourceId: string,
    wanted: ListenerRuleProperties,
  ): ResourceAnswer | undefined {
    const status = recordOf(this.#requestId, tags)?.status;
    if (status !== 'SUCCESS' && status !== 'FAILED') {
      return isOvertaken(this.#requestId, tags, this.#madeAt) ? overtaken(physicalResourceId) : undefined;
    }
    this.#logger.debug('Repeats the answer to a request', { resource: physicalResourceId, status });
    return status === 'SUCCESS' ? successOf(physicalResourceId, wanted) : repeatedFailure(physicalResourceId);
  }
}
