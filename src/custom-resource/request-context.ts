import { afterLastError, OperationAbortedError, ToolkitError } from '../core/errors.js';
import { settlesWithin } from '../core/settles-within.js';
import { type TimeLeft, timeLeftOf } from '../core/time-left.js';
import type { ShiftRequest } from '../traffic/shift/shift-request.js';
import { checksOf } from './engines/metric-checks.js';
import { RuleShifter } from './engines/rule-shifter.js';
import { type End, RequestEndedError } from './ledger/request-ended.js';
import { RequestLedger } from './ledger.js';
import { rolloutSecondsWithin } from './plan/rollout-time.js';
import type { RuleShiftPlan } from './plan/shift-plan.js';
import { parseRequest, physicalIdIn, propertiesIn, type ResponseAddress } from './protocol/event.js';
import { type Conclusion, describeFailure, type ResourceResponse } from './protocol/response.js';
import { ResponseDeadline } from './protocol/response-deadline.js';
import { ListenerRuleResource } from './rule/listener-rule-resource.js';
import { ListenerRules } from './rule/listener-rules.js';
import { type ListenerRuleProperties, parseProperties } from './rule/properties.js';
import { successOf } from './rule/rule-finish.js';
import { uncreatedId } from './rule/rule-removal.js';
import { isRuleArn } from './rule/rule-settings.js';
import { RuleTags } from './rule/rule-tags.js';
import type { Settings } from './settings.js';

/** Reserved for sending the response. */
const respondingMilliseconds = 15_000;

/** For a recording that was cut off to end with its last error. */
const stoppingMilliseconds = 1_000;

type Respond = Extract<Conclusion, { readonly kind: 'respond' }>;

/** One run of a CloudFormation request with its dependencies. The same for every engine. */
export class RequestContext {
  readonly event: unknown;
  readonly address: ResponseAddress;
  readonly deadline: ResponseDeadline;
  readonly ledger: RequestLedger;
  readonly resource: ListenerRuleResource;
  readonly #settings: Settings;
  #hasEnded = false;

  constructor(event: unknown, address: ResponseAddress, settings: Settings) {
    this.event = event;
    this.address = address;
    this.#settings = settings;
    const { clock, logger } = settings;
    const tags = new RuleTags(settings);
    this.deadline = new ResponseDeadline(event, address, clock);
    this.ledger = new RequestLedger(address, event, { tags, deadline: this.deadline, clock, logger });
    const rules = new ListenerRules({ ...settings, ledger: this.ledger });
    this.resource = new ListenerRuleResource(address, {
      rules,
      tags,
      ledger: this.ledger,
      parse: (properties) => this.#parse(properties),
      delegates: settings.delegate !== undefined,
      clock,
      logger,
    });
  }

  /** The wanted state of the template. @throws InvalidInputError */
  get properties(): ListenerRuleProperties {
    return this.#parse(propertiesIn(this.event));
  }

  /** @throws RequestEndedError when CloudFormation has stopped waiting for the response. */
  requireInTime(): void {
    if (this.deadline.isOver)
      throw new RequestEndedError({ kind: 'expired' }, this.address.logicalResourceId);
  }

  shifterFor(plan: RuleShiftPlan): RuleShifter {
    return new RuleShifter(plan, this.properties, { ...this.#settings, ledger: this.ledger });
  }

  /** Seconds for a rollout that still ends before the response deadline. */
  get rolloutSeconds(): number {
    return rolloutSecondsWithin(this.properties, this.deadline.millisecondsToResponseDeadline() / 1000);
  }

  /** The planned shift, for an engine that can run longer than this Lambda function but not past the response deadline. */
  shiftRequestFor({ incoming, strategy }: RuleShiftPlan, rolloutSeconds: number): ShiftRequest {
    const maxDurationSeconds = Math.floor(rolloutSeconds);
    return { incoming, strategy, acceptLiveWeights: true, maxDurationSeconds };
  }

  /**
   * Returns the response to a request that failed. A creation whose rule is known names the rule, so that CloudFormation deletes
   * it. Every other request keeps its physical ID.
   */
  failure(reason: string, ruleArn = this.resource.ruleArn): ResourceResponse {
    const physicalResourceId = physicalIdIn(this.event) ?? ruleArn ?? this.#noRule;
    const note = this.ledger.unreadNote;
    return {
      status: 'FAILED',
      physicalResourceId,
      reason: note === undefined ? reason : `${reason}. ${note}`,
    };
  }

  /** Returns the conclusion for an error: the one of a request that has ended, or a failure. */
  async conclusionOf(error: unknown, detail = ''): Promise<Conclusion> {
    if (error instanceof RequestEndedError) return this.#conclusionAfter(error.end, error.message, detail);
    const response = this.failure(`${describeFailure(error)}${detail}`);
    const isMalformed = ToolkitError.isInstance(error) && error.code === 'INVALID_INPUT';
    return { kind: 'respond', response, isMalformed };
  }

  /**
   * Records a response on the rule before it is sent, and returns the response to send. A rule that is new to CloudFormation
   * needs the record: a rule without one counts as never reported, and is deleted later. A creation that failed on an existing
   * rule responds without its ARN, because CloudFormation would delete the rule. Never rejects.
   */
  async conclude(conclusion: Conclusion, timeLeft: TimeLeft): Promise<Conclusion> {
    if (conclusion.kind !== 'respond' || this.#hasEnded) return conclusion;
    const { clock } = this.#settings;
    const left = timeLeft.getRemainingTimeInMillis();
    const limit = Math.max(left / 4, left - respondingMilliseconds);
    const recordingTime = timeLeftOf({ getRemainingTimeInMillis: () => limit }, clock);
    this.ledger.engineTime = {
      secondsToTry: () => recordingTime.getRemainingTimeInMillis() / 1000,
      isLastChance: () => false,
    };
    const tooLong = new AbortController();
    const recording = this.#record(conclusion, tooLong.signal).catch((error: unknown) => ({ error }));
    const isSettled = await settlesWithin(recording, limit, clock);
    tooLong.abort();
    this.ledger.stop();
    const hasStopped = isSettled || (await settlesWithin(recording, stoppingMilliseconds, clock));
    const late = `AddTags: no response within ${limit / 1000} s`;
    const outcome = hasStopped ? await recording : { error: late };
    if (!('error' in outcome)) return { kind: 'respond', response: outcome };
    if (outcome.error instanceof RequestEndedError) return this.conclusionOf(outcome.error);
    const { error } = outcome;
    const isAborted = error instanceof OperationAbortedError;
    const reason = isAborted ? `${late}${afterLastError(error.lastError)}` : error;
    return { kind: 'respond', response: this.#unrecorded(conclusion.response, reason) };
  }

  async #record(conclusion: Respond, signal: AbortSignal): Promise<ResourceResponse> {
    const { response } = conclusion;
    await this.ledger.cutOff({ signal });
    if (!this.ledger.hasBegun) await this.#recordFailure(conclusion, signal);
    if (!this.ledger.hasBegun) return this.#withoutUnrecordedRule(response);
    // Also for a failure: no earlier request may write after the response.
    await this.ledger.untilQuiet({ signal });
    const history = await this.ledger.end(response.status, { signal });
    const isNewAndFailed = response.status === 'FAILED' && physicalIdIn(this.event) === undefined;
    return isNewAndFailed && history.wasReportedBefore
      ? { ...response, physicalResourceId: this.#noRule }
      : response;
  }

  /** Records a request that failed before its first record, so that no earlier request writes after its response. */
  async #recordFailure({ response, isMalformed }: Respond, signal: AbortSignal): Promise<void> {
    const ruleArn = physicalIdIn(this.event) ?? '';
    if (response.status !== 'FAILED' || !isRuleArn(ruleArn)) return;
    const { history } = await this.ledger.open(ruleArn, { signal });
    const isHarmless = isMalformed && !history.mayOthersWrite;
    if (history.hasOthers && !isHarmless) await this.ledger.begin({ signal });
  }

  #unrecorded(response: ResourceResponse, error: unknown): ResourceResponse {
    const reason = typeof error === 'string' ? error : describeFailure(error);
    const { physicalResourceId: ruleArn, status } = response;
    this.#settings.logger.warn('Could not record the response on the listener rule', {
      resource: ruleArn,
      error: reason,
    });
    const idBefore = physicalIdIn(this.event);
    const given =
      status === 'FAILED' || ruleArn === idBefore
        ? response
        : this.failure(`The rule could not be marked as reported: ${reason}`);
    return idBefore === undefined ? { ...given, physicalResourceId: this.#noRule } : given;
  }

  #withoutUnrecordedRule(response: ResourceResponse): ResourceResponse {
    const isNewRule = physicalIdIn(this.event) === undefined && isRuleArn(response.physicalResourceId);
    return isNewRule && response.status === 'FAILED'
      ? { ...response, physicalResourceId: this.#noRule }
      : response;
  }

  async #conclusionAfter(end: End, message: string, detail: string): Promise<Conclusion> {
    this.#hasEnded = true;
    this.ledger.stop();
    const { logger } = this.#settings;
    if (end.kind !== 'ended') {
      const { logicalResourceId: resource, requestId } = this.address;
      logger.warn('Stopped work on request', { resource, requestId, reason: message });
    }
    if (end.kind === 'duplicate') return { kind: 'duplicate' };
    if (end.kind !== 'ended') return { kind: 'respond', response: this.failure(`${message}${detail}`) };
    const ruleArn = await this.#ruleArnBefore();
    const physicalResourceId = ruleArn ?? physicalIdIn(this.event) ?? this.#noRule;
    logger.debug('Repeated response to request', { resource: physicalResourceId, status: end.status });
    if (end.status === 'SUCCESS' && ruleArn !== undefined) {
      return { kind: 'respond', response: successOf(ruleArn, this.properties) };
    }
    const reason =
      'This request failed in an earlier run, which has logged the reason. The request was not run again';
    return {
      kind: 'respond',
      response:
        end.status === 'SUCCESS'
          ? { status: 'SUCCESS', physicalResourceId }
          : { ...this.failure(reason), physicalResourceId: physicalIdIn(this.event) ?? physicalResourceId },
    };
  }

  async #ruleArnBefore(): Promise<string | undefined> {
    try {
      const request = parseRequest(this.event);
      return request.type === 'Delete' ? undefined : await this.resource.ruleArnOf(request, {});
    } catch {
      return this.resource.ruleArn;
    }
  }

  /** Physical ID of a resource without a rule. Its deletion finds a leftover rule of this creation. */
  get #noRule(): string {
    return uncreatedId(this.address.requestId);
  }

  #parse(properties: unknown): ListenerRuleProperties {
    const parsed = parseProperties(properties);
    checksOf(parsed, this.#settings);
    return parsed;
  }
}
