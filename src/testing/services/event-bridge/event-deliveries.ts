import type { RuleState } from '@aws-sdk/client-eventbridge';
import type { SimulatedInvocation } from '../lambda/simulated-lambda-invocation.js';

/** An event that an AWS service sends to the default bus. */
export interface SimulatedServiceEvent {
  /** The service: `aws.codedeploy`. */
  readonly source: string;
  /** The kind of event. */
  readonly detailType: string;
  /** The ARNs that it concerns. */
  readonly resources: readonly string[];
  /** Its content. */
  readonly detail: Readonly<Record<string, unknown>>;
}

/** The event as a rule's target receives it. */
export interface SimulatedRuleEvent {
  /** Always `'0'`. */
  readonly version: '0';
  /** Differs for each event; a second delivery has the same. */
  readonly id: string;
  /** The service, or `aws.events` for a schedule. */
  readonly source: string;
  /** The kind of event. */
  readonly 'detail-type': string;
  /** The account. */
  readonly account: string;
  /** The time of the event, not of its delivery. */
  readonly time: string;
  /** The region. */
  readonly region: string;
  /** The ARNs that it concerns. */
  readonly resources: readonly string[];
  /** Its content. */
  readonly detail: Readonly<Record<string, unknown>>;
}

/**
 * The delivery of one event, in seconds after the event: `[]` loses it, `[0, 3600]` delivers it again an hour later, and a
 * time after that of the next event turns their order round.
 */
export type SimulatedEventDelivery = (event: SimulatedRuleEvent) => readonly number[];

/** One delivery of an event to a function. */
export interface SimulatedDelivery {
  /** The rule that matched. */
  readonly rule: string;
  /** The event. */
  readonly event: SimulatedRuleEvent;
  /** The invocations of the function, which Lambda retries. */
  readonly invocations: readonly SimulatedInvocation[];
}

/** An event pattern: the event matches when each of its members is one of the listed values. */
export interface SimulatedEventPattern {
  readonly [member: string]: readonly (string | number | boolean | null)[] | SimulatedEventPattern;
}

/** Returns true when the event matches the pattern. */
export function matchesPattern(pattern: SimulatedEventPattern, event: unknown): boolean {
  return Object.entries(pattern).every(([member, wanted]) => {
    const value = (event as Record<string, unknown> | undefined)?.[member];
    if (!isList(wanted)) return matchesPattern(wanted, value);
    const values: readonly unknown[] = Array.isArray(value) ? value : [value];
    return values.some((it) => wanted.some((other) => other === it));
  });
}

/**
 * Checks that the simulation can match the pattern.
 *
 * @throws TypeError for a content filter such as `{ prefix: … }`.
 */
export function requireListsOfValues(pattern: SimulatedEventPattern): void {
  for (const wanted of Object.values(pattern)) {
    if (!isList(wanted)) requireListsOfValues(wanted);
    else if (wanted.some((it) => typeof it === 'object' && it !== null))
      throw new TypeError(`SimulatedCloud does not simulate the filter ${JSON.stringify(wanted)}`);
  }
}

function isList<Value>(wanted: readonly Value[] | SimulatedEventPattern): wanted is readonly Value[] {
  return Array.isArray(wanted);
}

/** Returns the seconds of `rate(5 minutes)`; undefined for a `cron(…)`. */
export function secondsOfRate(expression: string): number | undefined {
  const [, value, unit] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  if (value === undefined) return undefined;
  const seconds = unit === 'minute' ? 60 : unit === 'hour' ? 3_600 : 86_400;
  return Number(value) * seconds;
}

/** A rule of the `SimulatedEventBridge`. */
export interface SimulatedRule {
  /** The rule's name, which is unique on its bus. */
  readonly name: string;
  /** The rule's ARN. */
  readonly arn: string;
  /** The event bus of the rule. */
  readonly eventBusName: string;
  /** The AWS service that owns the rule. No other principal can change it. */
  readonly managedBy: string | undefined;
  /** The ARNs that the rule invokes. */
  readonly targets: readonly string[];
  /** The events that it matches; undefined for a rule with a schedule, or without either. */
  readonly eventPattern: SimulatedEventPattern | undefined;
  /** The schedule of a rule that invokes its targets regularly: `rate(5 minutes)`. */
  readonly scheduleExpression: string | undefined;
  /** The state. A disabled rule invokes no targets. */
  state: RuleState;
}
