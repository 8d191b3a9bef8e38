import {
  DisableRuleCommand,
  EnableRuleCommand,
  type EventBridgeClient,
  type Rule,
} from '@aws-sdk/client-eventbridge';
import { type CallOptions, callAws, isAwsError } from '../core/aws-call.js';
import type { Clock } from '../core/clock.js';
import { isConflict } from '../core/failures.js';
import type { Logger } from '../core/logger.js';
import { mapConcurrently } from '../core/map-concurrently.js';
import { type MatchOptions, requireMatch } from '../core/match-options.js';
import { pollUntil } from '../core/poll-until.js';
import { RecentWrites } from '../core/recent-writes.js';
import { stopwatch } from '../core/stopwatch.js';
import { keyOf, maxConcurrentCalls, RuleReader } from './rule-reader.js';
import type { EventRule, EventRuleOptions, EventRuleReport, ListedRule } from './types.js';

/** Another change of a rule takes seconds. */
const defaultMaxWaitSeconds = 60;
const intervalSeconds = 2;

type Outcome = keyof EventRuleReport | 'gone';

/** One attempt to change a rule. */
interface Attempt {
  /** Undefined while another change of the rule is under way. */
  readonly outcome?: Outcome;
  readonly refusal?: unknown;
}

/** The rules' targets of the two stacks. */
export interface TargetArns {
  readonly own: readonly string[];
  readonly partner: readonly string[];
}

/** The EventBridge rules that target the stacks' functions. */
export class EventRules {
  readonly #eventBridge: EventBridgeClient;
  readonly #eventBusNames: readonly string[];
  readonly #reader: RuleReader;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #recentWrites: RecentWrites<boolean>;

  constructor(options: {
    eventBridge: EventBridgeClient;
    eventBusNames: readonly string[];
    clock: Clock;
    logger: Logger;
  }) {
    this.#eventBridge = options.eventBridge;
    this.#eventBusNames = options.eventBusNames;
    this.#reader = new RuleReader(options.eventBridge, options.eventBusNames);
    this.#clock = options.clock;
    this.#recentWrites = new RecentWrites(options.clock);
    this.#logger = options.logger;
  }

  /**
   * Switches the rules of a stack. A rule that targets the partner as well belongs to neither stack.
   *
   * @param arns - read meanwhile: the states of the rules do not depend on them.
   */
  async switchAll(
    functionName: string,
    arns: Promise<TargetArns>,
    { enabled, only, ...options }: EventRuleOptions & { readonly enabled: boolean },
  ): Promise<EventRuleReport> {
    const { rules, states, shared } = await this.#find(functionName, arns, options);
    const keys = only && new Set(only.map(keyOf));
    const selected = rules.filter((rule) => keys?.has(keyOf(rule)) ?? true);
    const switchOne = async (rule: EventRule) => {
      const outcome = shared.has(keyOf(rule))
        ? this.#skipShared(rule)
        : await this.#switch(rule, states.get(keyOf(rule)), { enabled, ...options });
      return { rule, outcome };
    };
    return reportOf(await mapConcurrently(selected, switchOne, maxConcurrentCalls));
  }

  /** Lists the rules of a stack with their states. A rule whose state the listing does not show yet is reported as disabled. */
  async list(functionName: string, arns: Promise<TargetArns>, options: MatchOptions): Promise<ListedRule[]> {
    const { rules, states, shared } = await this.#find(functionName, arns, options);
    return rules.map(({ eventBusName, name }) => {
      const read = states.get(keyOf({ eventBusName, name }));
      const isShared = shared.has(keyOf({ eventBusName, name }));
      const skipped = read?.ManagedBy ? 'managed' : isShared ? 'shared' : undefined;
      const isEnabled = isEnabledState(read?.State);
      return { eventBusName, name, isEnabled, ...(skipped && { skipped }) };
    });
  }

  async #find(functionName: string, arns: Promise<TargetArns>, options: MatchOptions) {
    const [states, { own, partner }] = await Promise.all([this.#reader.readRules(options), arns]);
    const rulesOf = await this.#reader.findRules([...own, ...partner], options);
    const rules = rulesOf(own);
    requireMatch(rules, options, {
      what: `EventBridge rules of ${functionName}`,
      resource: functionName,
      remedy: `Check functionName, alias and eventBusNames (${this.#eventBusNames.join(', ')})`,
    });
    return { rules, states, shared: new Set(rulesOf(partner).map(keyOf)) };
  }

  #skipShared({ name, eventBusName }: EventRule): Outcome {
    this.#logger.warn('Skipped rule which targets both stacks', { resource: name, bus: eventBusName });
    return 'skippedShared';
  }

  async #switch(
    rule: EventRule,
    read: Rule | undefined,
    { enabled, ...options }: EventRuleOptions & { readonly enabled: boolean },
  ): Promise<Outcome> {
    const elapsed = stopwatch(this.#clock);
    const outcome = decideRule(read, enabled, this.#recentWrites.mayBeOther(keyOf(rule), enabled));
    if (outcome === 'skippedManaged')
      this.#logger.warn('Skipped managed rule', {
        resource: rule.name,
        bus: rule.eventBusName,
        managedBy: read?.ManagedBy,
      });
    if (outcome !== 'changed') return outcome;
    const changed = await this.#change(rule, enabled, options);
    if (changed === 'changed')
      this.#logger.info(`${enabled ? 'Enabled' : 'Disabled'} rule`, {
        resource: rule.name,
        bus: rule.eventBusName,
        from: read?.State ?? 'unknown',
        to: enabled ? 'ENABLED' : 'DISABLED',
        durationMs: elapsed(),
      });
    return changed;
  }

  async #change(
    rule: EventRule,
    enabled: boolean,
    { signal, maxWaitSeconds = defaultMaxWaitSeconds }: EventRuleOptions,
  ): Promise<Outcome> {
    const { outcome = 'gone' } = await pollUntil<Attempt>({
      resource: rule.name,
      expected: 'no other change of the rule',
      maxWaitSeconds,
      intervalSeconds,
      signal,
      clock: this.#clock,
      observe: () => this.#tryChange(rule, enabled, { signal }),
      isDone: (it) => it.outcome !== undefined,
      describe: () => 'concurrent modifications',
      causeOf: ({ refusal }) => refusal,
    });
    return outcome;
  }

  async #tryChange(rule: EventRule, enabled: boolean, options: CallOptions): Promise<Attempt> {
    try {
      await this.#recentWrites.change([keyOf(rule)], enabled, () => this.#send(rule, enabled, options));
      return { outcome: 'changed' };
    } catch (error) {
      if (isAwsError(error, 'ManagedRuleException')) return { outcome: 'skippedManaged' };
      if (isAwsError(error, 'ResourceNotFoundException')) return { outcome: 'gone' };
      // Throttled rules are repeated together, and fewer at a time.
      if (isConflict(error)) return { refusal: error };
      throw error;
    }
  }

  async #send({ name, eventBusName }: EventRule, enabled: boolean, { signal }: CallOptions): Promise<void> {
    const input = { Name: name, EventBusName: eventBusName };
    if (enabled) {
      await callAws({ action: 'events:EnableRule', resource: name, signal }, (http) =>
        this.#eventBridge.send(new EnableRuleCommand(input), http),
      );
    } else {
      await callAws({ action: 'events:DisableRule', resource: name, signal }, (http) =>
        this.#eventBridge.send(new DisableRuleCommand(input), http),
      );
    }
  }
}

/** `ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS` is an enabled state as well. */
function isEnabledState(state: string | undefined): boolean {
  return /^ENABLED/.test(state ?? '');
}

/**
 * Decides about a rule. In an unknown state, and for a rule that the listing does not show yet, the wanted one is written.
 */
function decideRule(read: Rule | undefined, enabled: boolean, mayBeOld: boolean): keyof EventRuleReport {
  if (read?.ManagedBy) return 'skippedManaged';
  const isWanted = enabled ? isEnabledState(read?.State) : read?.State === 'DISABLED';
  return isWanted && !mayBeOld ? 'unchanged' : 'changed';
}

function reportOf(outcomes: readonly { rule: EventRule; outcome: Outcome }[]): EventRuleReport {
  const rulesWith = (wanted: Outcome) =>
    outcomes.filter(({ outcome }) => outcome === wanted).map(({ rule }) => rule);
  return {
    changed: rulesWith('changed'),
    unchanged: rulesWith('unchanged'),
    skippedManaged: rulesWith('skippedManaged'),
    skippedShared: rulesWith('skippedShared'),
  };
}
