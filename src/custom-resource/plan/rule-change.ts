import { type ListenerRuleProperties, parseDestinations, type RuleDestination } from '../rule/properties.js';
import { haveSameShares, isBetween } from './shift-plan.js';

/** Change of a rule: the wanted properties compared with the old ones. */
export interface RuleChange {
  readonly wanted: ListenerRuleProperties;
  /** The destinations of the old properties; undefined for a creation, or when they cannot be read. */
  readonly before: readonly RuleDestination[] | undefined;
  /** True when the old and the new properties have the same shares: the live weights stay then. */
  readonly keepsWeights: boolean;
}

export function creationOf(wanted: ListenerRuleProperties): RuleChange {
  return { wanted, before: undefined, keepsWeights: false };
}

/** The change of an update. Reads only the destinations of the old properties, which may belong to another handler. */
export function updateOf(wanted: ListenerRuleProperties, oldProperties: unknown): RuleChange {
  const before = parseDestinations(oldProperties);
  const keepsWeights = before !== undefined && haveSameShares(before, wanted.destinations);
  return { wanted, before, keepsWeights };
}

/**
 * True when the live weights are between the old and the new ones: probably a rollback of the stack after an update that
 * stopped half-way. For use without the ledger.
 */
export function seemsToGoBack(live: readonly RuleDestination[], { wanted, before }: RuleChange): boolean {
  return before !== undefined && isBetween(live, before, wanted.destinations);
}

/**
 * Destinations of a rule whose weights stay. An idle target group can be replaced; one that has traffic stays, also when the
 * template does not name it.
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

/** The listener of old properties. Parsed separately, because a change of the listener needs a new rule. */
export function listenerArnIn(properties: unknown): string | undefined {
  const { ListenerArn: arn } = (properties ?? {}) as { readonly ListenerArn?: unknown };
  return typeof arn === 'string' ? arn : undefined;
}
