import { describeError } from '../core/describe-error.js';
import { settlesWithin } from '../core/settles-within.js';
import type { TimeLeft } from '../core/time-left.js';
import type { ShiftRequest } from '../traffic/shift/shift-request.js';
import type { ShiftResult } from '../traffic/shifter-options.js';
import type { TrafficWeights } from '../traffic/types.js';
import { ListenerRules } from './listener-rules.js';
import { millisecondsToResponseDeadline } from './patience.js';
import { type ListenerRuleProperties, parseProperties } from './properties.js';
import { type AnswerAddress, physicalIdIn, requestTypeIn } from './request.js';
import { ListenerRuleResource } from './resource.js';
import type { ResourceAnswer } from './response.js';
import { answerableSeconds } from './rollout-time.js';
import { isRuleArn } from './rule.js';
import { checksOf, RuleShifter } from './rule-shifter.js';
import type { Settings } from './settings.js';
import type { RuleShiftPlan } from './shift-plan.js';

/** The answer itself has to be given too. */
const maxRemembering = 10_000;

/** One request of CloudFormation, and what it is worked on with: the same for every engine. */
export class RequestContext {
  readonly event: unknown;
  readonly address: AnswerAddress;
  readonly resource: ListenerRuleResource;
  readonly #settings: Settings;

  constructor(event: unknown, address: AnswerAddress, settings: Settings) {
    this.event = event;
    this.address = address;
    this.#settings = settings;
    this.resource = new ListenerRuleResource(address, {
      rules: new ListenerRules(settings),
      parse: (properties) => this.#parse(properties),
      logger: settings.logger,
    });
  }

  /** What the template wants. @throws InvalidInputError */
  get properties(): ListenerRuleProperties {
    const { ResourceProperties } = this.event as { readonly ResourceProperties?: unknown };
    return this.#parse(ResourceProperties);
  }

  /** What moves the traffic as planned. */
  shifterFor(plan: RuleShiftPlan): RuleShifter {
    return new RuleShifter(plan, this.properties, this.#settings);
  }

  /** Seconds that a rollout may take from now on, so that CloudFormation still waits for its answer. */
  answerableSeconds(): number {
    return answerableSeconds(
      this.properties,
      millisecondsToResponseDeadline(this, this.#settings.clock) / 1000,
    );
  }

  /** The planned shift, for an engine that outlives this Lambda but not CloudFormation's patience. */
  requestFor({ incoming, strategy }: RuleShiftPlan, answerable: number): ShiftRequest {
    const maxDurationSeconds = Math.floor(answerable);
    return { incoming, strategy, acceptLiveWeights: true, maxDurationSeconds };
  }

  /**
   * The answer to a request that failed. A creation whose rule is known is answered with it, so that CloudFormation has it
   * deleted; everything else keeps the ID that it has.
   */
  failure(reason: string, ruleArn = this.resource.ruleArn): ResourceAnswer {
    const physicalResourceId = physicalIdIn(this.event) ?? ruleArn ?? this.#noRule;
    return { status: 'FAILED', physicalResourceId, reason };
  }

  /**
   * Has the rule that an answer names remember it, before it is given; gives the answer that is to be given. A rule that is
   * new to CloudFormation has to: one that remembers nothing counts as never reported, and would be deleted as such. A
   * creation that failed on a rule which was there already is answered without it, or it would be deleted with its users.
   * Never rejects.
   */
  async remember(answer: ResourceAnswer, timeLeft: TimeLeft): Promise<ResourceAnswer> {
    const { physicalResourceId: ruleArn, status } = answer;
    if (!isRuleArn(ruleArn) || requestTypeIn(this.event) === 'Delete') return answer;
    const { clock, logger } = this.#settings;
    const tooLong = new AbortController();
    const remembered = this.#rememberAt(ruleArn, answer, tooLong.signal).catch((error: unknown) => ({
      error,
    }));
    const limit = Math.min(maxRemembering, timeLeft.getRemainingTimeInMillis() / 4);
    const isSettled = await settlesWithin(remembered, limit, clock);
    tooLong.abort();
    const outcome = isSettled ? await remembered : { error: `AddTags: no answer within ${limit / 1000} s` };
    if (!('error' in outcome)) return outcome;
    const error = typeof outcome.error === 'string' ? outcome.error : describeFailure(outcome.error);
    logger.warn('The rule does not remember the answer', { resource: ruleArn, error });
    const idBefore = physicalIdIn(this.event);
    const given =
      status === 'FAILED' || ruleArn === idBefore
        ? answer
        : this.failure(`The rule could not be marked as reported: ${error}`);
    return idBefore === undefined ? { ...given, physicalResourceId: this.#noRule } : given;
  }

  async #rememberAt(ruleArn: string, answer: ResourceAnswer, signal: AbortSignal): Promise<ResourceAnswer> {
    const { memory } = this.resource;
    await memory.remember(ruleArn, answer.status, { signal });
    if (answer.status === 'SUCCESS' || physicalIdIn(this.event) !== undefined) return answer;
    const wasThere = await memory.wasReportedBefore(ruleArn, { signal });
    return wasThere ? { ...answer, physicalResourceId: this.#noRule } : answer;
  }

  /** The ID of what there is no rule of: its deletion finds one that this creation has left behind. */
  get #noRule(): string {
    return `not-created-${this.address.requestId}`;
  }

  #parse(properties: unknown): ListenerRuleProperties {
    const parsed = parseProperties(properties);
    checksOf(parsed, this.#settings);
    return parsed;
  }
}

/** Why a shift did not succeed; nothing when it did. */
export function reasonOf(
  { outcome, state, reason }: Omit<ShiftResult, 'history'>,
  plan: RuleShiftPlan,
): string | undefined {
  if (outcome === 'succeeded') return undefined;
  const shares = describeShares(plan, state.verifiedWeights);
  return outcome === 'rolledBack'
    ? `The traffic was rolled back to ${shares}: ${reason}`
    : `The shift of the traffic has halted at ${shares}: ${reason}`;
}

/** Weights with the names of the target groups, which the template's readers know. */
export function describeShares({ targetGroups }: RuleShiftPlan, { blue, green }: TrafficWeights): string {
  return `${nameOf(targetGroups.blue)} ${blue} %, ${nameOf(targetGroups.green)} ${green} %`;
}

/** An error as CloudFormation's events show it. */
export function describeFailure(error: unknown): string {
  return describeError(error).error;
}

/** `web-blue` of an ARN that ends in `:targetgroup/web-blue/73e2d6bc24d8a067`. */
function nameOf(targetGroupArn: string): string {
  return targetGroupArn.split('/').at(-2) ?? targetGroupArn;
}
