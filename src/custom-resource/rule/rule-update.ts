import type { Rule } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { CallOptions } from '../../core/aws-call.js';
import { describeError } from '../../core/describe-error.js';
import { classifyFailure } from '../../core/failures.js';
import type { Logger } from '../../core/logger.js';
import { RequestEndedError } from '../ledger/request-ended.js';
import type { RequestHistory } from '../ledger/request-history.js';
import type { RequestLedger } from '../ledger.js';
import { type RuleChange, seemsToGoBack } from '../plan/rule-change.js';
import { haveSameShares, planShift, type RuleShiftPlan, rollbackArnOf, shareOf } from '../plan/shift-plan.js';
import type { ResourceResponse } from '../protocol/response.js';
import type { ListenerRules } from './listener-rules.js';
import type { RuleDependencies } from './rule-dependencies.js';
import { isAsWanted, type RuleFinish, successOf } from './rule-finish.js';
import { arnOf, destinationsOf, isForwarding, withDestinations } from './rule-settings.js';

/** Remaining work of a request: the response, a shift and its finish, or nothing when an execution continues it. */
export type Prepared =
  | { readonly kind: 'done'; readonly response: ResourceResponse }
  | { readonly kind: 'delegated' }
  | {
      readonly kind: 'shift';
      readonly plan: RuleShiftPlan;
      /** True when an earlier run has delegated the shift, or died while it did. */
      readonly mayBeUnderWay: boolean;
    };

/** A rule, and the change of a request. */
interface Subject {
  readonly rule: Rule;
  readonly change: RuleChange;
}

/** Prepares the change of an existing rule: records the request, waits for earlier ones, and plans the shift. */
export class RuleUpdate {
  readonly #rules: ListenerRules;
  readonly #finish: RuleFinish;
  readonly #ledger: RequestLedger;
  readonly #delegates: boolean;
  readonly #logger: Logger;

  constructor(finish: RuleFinish, { rules, ledger, delegates, logger }: RuleDependencies) {
    this.#rules = rules;
    this.#finish = finish;
    this.#ledger = ledger;
    this.#delegates = delegates;
    this.#logger = logger;
  }

  /** @param whenQuiet - work to run when no earlier request can write any more. */
  async prepare(
    subject: Subject,
    options: CallOptions,
    whenQuiet: () => Promise<void> = async () => {},
  ): Promise<Prepared> {
    const { rule, change } = subject;
    const ruleArn = arnOf(rule);
    const history = await this.#openLedger(subject, options);
    const planned = planOf(subject, history);
    const { delegatedRun } = history;
    if (this.#delegates && delegatedRun !== undefined) {
      this.#ledger.resume([ruleArn], delegatedRun);
      // Without a plan the traffic has arrived, and the execution still runs its checks.
      return planned ? { kind: 'shift', plan: planned, mayBeUnderWay: true } : { kind: 'delegated' };
    }
    // Rejects before the shift a change that would be rejected after it. A rollback is never rejected.
    if (!planned?.goesBack) await this.#finish.requireFreePriority(rule, change.wanted, options);
    this.#ledger.isRollback = planned?.goesBack === true;
    const recorded = await this.#begin(planned, subject, history, options);
    if (recorded === undefined) return { kind: 'done', response: successOf(ruleArn, change.wanted) };
    const plan = this.#ledger.hadOthers
      ? await this.#planInQuiet(planned, subject, options)
      : (planned ?? (await this.#planAgain(subject, recorded, options)));
    await whenQuiet();
    if (plan !== undefined) return { kind: 'shift', plan, mayBeUnderWay: false };
    return { kind: 'done', response: await this.#finish.finish(ruleArn, change, options) };
  }

  /** Reads the ledger. A request that seems to be a rollback writes at the end of its time even without the ledger. */
  async #openLedger(subject: Subject, { signal }: CallOptions): Promise<RequestHistory> {
    const { rule, change } = subject;
    const isRollback = isForwarding(rule) && seemsToGoBack(destinationsOf(rule), change);
    try {
      return (await this.#ledger.open(arnOf(rule), { signal, isRollback })).history;
    } catch (error) {
      if (error instanceof RequestEndedError || !isRollback) throw error;
      await this.#rollBackTraffic(subject, {});
      throw error;
    }
  }

  /**
   * Records the request. A rollback writes at the end of its time even without the record. Returns undefined for a request that
   * must not be recorded and has nothing to change.
   */
  async #begin(
    plan: RuleShiftPlan | undefined,
    subject: Subject,
    history: RequestHistory,
    options: CallOptions,
  ): Promise<RequestHistory | undefined> {
    try {
      return await this.#ledger.begin({ ...options, rollbackArn: plan && rollbackArnOf(plan) });
    } catch (error) {
      if (error instanceof RequestEndedError) throw error;
      if (plan?.goesBack) await this.#rollBackTraffic(subject, {});
      const { rule, change } = subject;
      // A creation needs the record, or its rule would count as unreported.
      const isUpdate = change.before !== undefined;
      const hasNothingToDo = isUpdate && !history.mayOthersWrite && isAsWanted(rule, change);
      if (classifyFailure(error) !== 'final' || !hasNothingToDo) throw error;
      const data = { resource: arnOf(rule), error: describeError(error).error };
      this.#logger.warn('Could not record the request on the listener rule', data);
      return undefined;
    }
  }

  /** Plans again after a wait: right after the end of another request, a reading of the weights can be stale. */
  async #planAgain(
    { rule, change }: Subject,
    recorded: RequestHistory,
    options: CallOptions,
  ): Promise<RuleShiftPlan | undefined> {
    if (change.keepsWeights || !(await this.#ledger.untilReadingsAreNew(options))) return undefined;
    const now = await this.#finish.read(arnOf(rule), options);
    const plan = planOf({ rule: now, change }, recorded);
    if (plan !== undefined) await this.#follow(plan, options);
    return plan;
  }

  /** Plans when no earlier request can write any more. A rollback writes before this wait. */
  async #planInQuiet(
    planned: RuleShiftPlan | undefined,
    subject: Subject,
    options: CallOptions,
  ): Promise<RuleShiftPlan | undefined> {
    const { change } = subject;
    const ruleArn = arnOf(subject.rule);
    if (planned?.goesBack) await this.#rollBackTraffic(subject, options);
    await this.#ledger.untilQuiet(options);
    const rule = await this.#finish.read(ruleArn, options);
    const { history } = await this.#ledger.open(ruleArn, options);
    const plan = planOf({ rule, change }, history);
    if (plan !== undefined) {
      await this.#follow(plan, options);
    } else if (!change.keepsWeights) {
      // The reading can be stale. This write makes its weights the last ones.
      const actions = withDestinations(rule.Actions ?? [], destinationsOf(rule));
      await this.#rules.changeActions(ruleArn, actions, options);
    }
    return plan;
  }

  async #follow(plan: RuleShiftPlan, options: CallOptions): Promise<void> {
    this.#ledger.isRollback = plan.goesBack === true;
    await this.#ledger.amend({ ...options, rollbackArn: rollbackArnOf(plan) });
  }

  /** Rolls the traffic back in one write, if the target group is healthy. The shift that follows retries a failure. */
  async #rollBackTraffic({ rule, change: { wanted } }: Subject, { signal }: CallOptions): Promise<void> {
    const ruleArn = arnOf(rule);
    try {
      const live = destinationsOf(rule);
      const incoming = wanted.destinations.filter(
        ({ targetGroupArn: arn }) => shareOf(arn, wanted.destinations) > shareOf(arn, live),
      );
      for (const { targetGroupArn } of incoming) {
        if (!(await this.#rules.isHealthy(rule, targetGroupArn, { signal }))) return;
      }
      const actions = withDestinations(rule.Actions ?? [], wanted.destinations);
      await this.#rules.changeActions(ruleArn, actions, { signal, isRollback: true });
    } catch (error) {
      if (error instanceof RequestEndedError) throw error;
      const data = { resource: ruleArn, error: describeError(error).error };
      this.#logger.warn('Could not roll traffic back yet', data);
    }
  }
}

function planOf(
  { rule, change: { wanted, before, keepsWeights } }: Subject,
  history: RequestHistory,
): RuleShiftPlan | undefined {
  if (keepsWeights) return undefined;
  const live = destinationsOf(rule);
  const hasArrived = before !== undefined && haveSameShares(live, before);
  return planShift({
    ruleArn: arnOf(rule),
    live,
    wanted,
    // Only after a success: otherwise the weights of the template before were never healthy with all the traffic.
    before: history.hasBegunAfterSuccess ? before : undefined,
    isRollbackTo: (targetGroupArn) =>
      before !== undefined && history.goesBack({ targetGroupArn, hasArrived }),
  });
}
