import { type ListenerRuleProperties, parseDestinations, type RuleDestination } from '../rule/properties.js';
import { haveSameShares, isBetween } from './shift-plan.js';

/** A request for a rule: the wanted properties, and what they change of the old ones. */
export interface RuleChange {
  readonly wanted: ListenerRuleProperties;
  /** The destinations of the old properties; undefined for a creation, or when they cannot be read. */
  readonly before: readonly RuleDestination[] | undefined;
  /** The old and the new properties have the same shares: the live weights stay, whatever they are. */
  readonly keepsWeights: boolean;
}

/** The change of a creation. */
export function creationOf(wanted: ListenerRuleProperties): RuleChange {
  return { wanted, before: undefined, keepsWeights: false };
}

/** The change of an update. Old properties may be those of another handler, so only the destinations are read. */
export function updateOf(wanted: ListenerRuleProperties, oldProperties: unknown): RuleChange {
  const before = parseDestinations(oldProperties);
  const keepsWeights = before !== undefined && haveSameShares(before, wanted.destinations);
  return { wanted, before, keepsWeights };
}

/**
 * True when the live weights are those of an update that has stopped half-way, and this change leads back to before it. That
 * is what a rollback of the stack looks like without the ledger.
 */
export function seemsToGoBack(live: readonly RuleDestination[], { wanted, before }: RuleChange): boolean {
  return before !== undefined && isBetween(live, before, wanted.destinations);
}

/**
 * The destinations of a rule whose weights stay: an idle target group may be replaced, one that has traffic stays, whatever the
 * template says.
 */
export function withLiveWeights(
  live: readonly RuleDestination[],
  wanted: readonly RuleDestination[],
): RuleDestination[] {
  const isLive = ({ targetGroupArn }: RuleDestination) =>
    live.some((it) => it.targetGroupArn === targetGroupArn);
  const isWanted = ({ targetGroupArn }: RuleDestination) =>
    wanted.some((it) => it.targetGroupArn === targetGroupArn);
  const kept = live.filter((it) => it.weight > 0 || isWanted(it));
  const added = wanted.filter((it) => !isLive(it)).map((it) => ({ ...it, weight: 0 }));
  return [...kept, ...added];
}

/** The listener of old properties. Read by itself, because it decides whether the rule stays the same one. */
export function listenerArnIn(properties: unknown): string | undefined {
  const { ListenerArn: arn } = (properties ?? {}) as { readonly ListenerArn?: unknown };
  return typeof arn === 'string' ? arn : undefined;
}
