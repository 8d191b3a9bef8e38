import {
  DescribeRuleCommand,
  type DescribeRuleCommandOutput,
  DisableRuleCommand,
  EnableRuleCommand,
  type EventBridgeClient,
  ListRuleNamesByTargetCommand,
} from '@aws-sdk/client-eventbridge';
import { type CallOptions, callAws, isAwsError } from '../core/aws-call.js';
import type { Clock } from '../core/clock.js';
import { UnexpectedResponseError } from '../core/errors.js';
import type { Logger } from '../core/logger.js';
import { mapConcurrently } from '../core/map-concurrently.js';
import { pollUntil } from '../core/poll-until.js';
import { RecentWrites } from '../core/recent-writes.js';
import { stopwatch } from '../core/stopwatch.js';
import type { EventRule, EventRuleReport } from './types.js';

/** How long a rule may be under change by somebody else before that is an error. */
const maxWaitSeconds = 60;

type Outcome = keyof EventRuleReport | 'gone' | 'busy';

/** The EventBridge rules which target the stacks' functions. */
export class EventRules {
  readonly #eventBridge: EventBridgeClient;
  readonly #eventBusNames: readonly string[];
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #lastSet: RecentWrites<boolean>;

  constructor(options: {
    eventBridge: EventBridgeClient;
    eventBusNames: readonly string[];
    clock: Clock;
    logger: Logger;
  }) {
    this.#eventBridge = options.eventBridge;
    this.#eventBusNames = options.eventBusNames;
    this.#clock = options.clock;
    this.#lastSet = new RecentWrites(options.clock);
    this.#logger = options.logger;
  }

  /** A rule which targets the partner as well is neither stack's to switch. */
  async switchAll(
    arns: { readonly own: string; readonly partner: string | undefined },
    enabled: boolean,
    options: CallOptions,
  ): Promise<EventRuleReport> {
    const [rules, partnerRules] = await Promise.all([
      this.#listAll(arns.own, options),
      arns.partner === undefined ? [] : this.#listAll(arns.partner, options),
    ]);
    const outcomes = await mapConcurrently(rules, async (rule) => {
      const isShared = partnerRules.some((it) => isSameRule(it, rule));
      return {
        rule,
        outcome: isShared ? this.#skipShared(rule) : await this.#switch(rule, enabled, options),
      };
    });
    const rulesWith = (wanted: Outcome) =>
      outcomes.filter(({ outcome }) => outcome === wanted).map(({ rule }) => rule);
    return {
      changed: rulesWith('changed'),
      unchanged: rulesWith('unchanged'),
      skippedManaged: rulesWith('skippedManaged'),
      skippedShared: rulesWith('skippedShared'),
    };
  }

  async #listAll(targetArn: string, options: CallOptions): Promise<EventRule[]> {
    const listed = await mapConcurrently(this.#eventBusNames, (bus) => this.#list(bus, targetArn, options));
    return listed.flat();
  }

  #skipShared({ name, eventBusName }: EventRule): Outcome {
    this.#logger.warn('Skipped rule which targets both stacks', { resource: name, bus: eventBusName });
    return 'skippedShared';
  }

  /** Every rule of a bus which targets the function. The SDK has no paginator for this operation. */
  async #list(eventBusName: string, targetArn: string, { signal }: CallOptions): Promise<EventRule[]> {
    const call = { action: 'events:ListRuleNamesByTarget', resource: targetArn, signal };
    const rules: EventRule[] = [];
    const seenTokens = new Set<string>();
    let token: string | undefined;
    for (;;) {
      const command = new ListRuleNamesByTargetCommand({
        TargetArn: targetArn,
        EventBusName: eventBusName,
        NextToken: token,
      });
      const page = await callAws(call, (http) => this.#eventBridge.send(command, http));
      rules.push(...(page.RuleNames ?? []).map((name) => ({ eventBusName, name })));
      token = page.NextToken;
      if (!token) return rules;
      if (seenTokens.has(token))
        throw new UnexpectedResponseError({ ...call, field: 'NextToken of a new page' });
      seenTokens.add(token);
    }
  }

  async #switch(rule: EventRule, enabled: boolean, options: CallOptions): Promise<Outcome> {
    const elapsed = stopwatch(this.#clock);
    const description = await this.#describe(rule, options);
    if (description === undefined) return 'gone';
    const outcome = decideRule(description, enabled, this.#lastSet.mayBeOther(keyOf(rule), enabled));
    const { State, ManagedBy } = description;
    if (outcome === 'skippedManaged')
      this.#logger.warn('Skipped managed rule', {
        resource: rule.name,
        bus: rule.eventBusName,
        managedBy: ManagedBy,
      });
    return outcome === 'changed'
      ? this.#change(rule, enabled, { ...options, from: State, elapsed })
      : outcome;
  }

  async #describe(
    { name, eventBusName }: EventRule,
    { signal }: CallOptions,
  ): Promise<DescribeRuleCommandOutput | undefined> {
    const command = new DescribeRuleCommand({ Name: name, EventBusName: eventBusName });
    try {
      return await callAws({ action: 'events:DescribeRule', resource: name, signal }, (http) =>
        this.#eventBridge.send(command, http),
      );
    } catch (error) {
      if (isAwsError(error, 'ResourceNotFoundException')) return undefined;
      throw error;
    }
  }

  async #change(
    rule: EventRule,
    enabled: boolean,
    options: CallOptions & { from: string | undefined; elapsed: () => number },
  ): Promise<Outcome> {
    const outcome = await pollUntil({
      resource: rule.name,
      expected: 'a rule that nobody else is changing',
      maxWaitSeconds,
      intervalSeconds: 2,
      signal: options.signal,
      clock: this.#clock,
      observe: () => this.#tryChange(rule, enabled, options),
      isDone: (it) => it !== 'busy',
      describe: () => 'concurrent modifications',
    });
    if (outcome !== 'changed') return outcome;
    const to = enabled ? 'ENABLED' : 'DISABLED';
    this.#logger.info('Switched rule', {
      resource: rule.name,
      bus: rule.eventBusName,
      from: options.from ?? 'unknown',
      to,
      durationMs: options.elapsed(),
    });
    return outcome;
  }

  async #tryChange(rule: EventRule, enabled: boolean, options: CallOptions): Promise<Outcome> {
    try {
      await this.#lastSet.change([keyOf(rule)], enabled, () => this.#send(rule, enabled, options));
      return 'changed';
    } catch (error) {
      if (isAwsError(error, 'ManagedRuleException')) return 'skippedManaged';
      if (isAwsError(error, 'ResourceNotFoundException')) return 'gone';
      if (isAwsError(error, 'ConcurrentModificationException')) return 'busy';
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

/** A rule is enabled in every state but one; `ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS` is enabled and more. */
function decideRule(
  { State, ManagedBy }: DescribeRuleCommandOutput,
  enabled: boolean,
  mayBeOld: boolean,
): keyof EventRuleReport {
  if (ManagedBy) return 'skippedManaged';
  return (State !== 'DISABLED') === enabled && !mayBeOld ? 'unchanged' : 'changed';
}

function keyOf({ name, eventBusName }: EventRule): string {
  return JSON.stringify([eventBusName, name]);
}

function isSameRule(one: EventRule, other: EventRule): boolean {
  return one.name === other.name && one.eventBusName === other.eventBusName;
}
