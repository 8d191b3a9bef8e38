import { invalidInput } from '../../core/errors.js';
import { partnerOf, type StackPair, StackReference } from '../../core/stack-reference.js';
import { sharesBetween } from '../../traffic/strategies/even-shares.js';
import { steps } from '../../traffic/strategies/steps.js';
import type { ShiftStrategy, TrafficWeights } from '../../traffic/types.js';
import { areSame, smallestDifference, tidyPercent, weightsOf } from '../../traffic/weights.js';
import type { ListenerRuleProperties, RuleDestination } from '../rule/properties.js';

/** Shift of a rule's traffic from the live weights to the wanted ones. JSON, so that any engine can store it. */
export interface RuleShiftPlan {
  readonly ruleArn: string;
  /** The target groups between which the traffic moves. */
  readonly targetGroups: StackPair<string>;
  /** The stack whose share rises. */
  readonly incoming: StackReference;
  readonly strategy: ShiftStrategy;
  /** Weights after a rollback. */
  readonly initialWeights: TrafficWeights;
  /** True when the shift rolls an update back that has not succeeded: in one step and without checks. */
  readonly goesBack?: boolean | undefined;
}

/** Input of {@link planShift}. */
export interface PlanInput {
  readonly ruleArn: string;
  /** Live destinations of the rule. */
  readonly live: readonly RuleDestination[];
  readonly wanted: ListenerRuleProperties;
  /** Destinations of the template before. */
  readonly before?: readonly RuleDestination[] | undefined;
  /** True when traffic for a target group rolls an update back that has not succeeded. */
  readonly isRollbackTo?: ((targetGroupArn: string) => boolean) | undefined;
}

/**
 * Plans a shift. Returns undefined when the traffic is as wanted. Ignores target groups without traffic, so that a release can
 * replace the idle one.
 *
 * @throws InvalidInputError when more than two target groups would have traffic.
 */
export function planShift({
  ruleArn,
  live,
  wanted,
  before,
  isRollbackTo,
}: PlanInput): RuleShiftPlan | undefined {
  if (haveSameShares(live, wanted.destinations)) return undefined;
  const targetGroups = pairOf(live, wanted.destinations);
  const from = sharesOf(targetGroups, live);
  const to = sharesOf(targetGroups, wanted.destinations);
  const incoming = to.blue > from.blue ? StackReference.blue : StackReference.green;
  const goesBack = isRollbackTo?.(targetGroups[incoming]) === true;
  return {
    ruleArn,
    targetGroups,
    incoming,
    strategy: goesBack ? singleStep(to[incoming]) : strategyOf(from[incoming], to[incoming], wanted),
    initialWeights: rollbackWeights({ from, incoming, targetGroups, before }),
    ...(goesBack && { goesBack }),
  };
}

/** The ARN of the target group that gets the traffic when a shift fails. */
export function rollbackArnOf({
  targetGroups,
  incoming,
  goesBack,
}: Pick<RuleShiftPlan, 'targetGroups' | 'incoming' | 'goesBack'>): string {
  return targetGroups[goesBack ? incoming : partnerOf(incoming)];
}

/** True when each target group has the same share of the traffic in two lists. */
export function haveSameShares(one: readonly RuleDestination[], other: readonly RuleDestination[]): boolean {
  const arns = [...activeOf(one), ...activeOf(other)];
  return arns.every((arn) => Math.abs(shareOf(arn, one) - shareOf(arn, other)) < smallestDifference);
}

/** True when each share is between those of two other lists, and the whole list equals neither of them. */
export function isBetween(
  list: readonly RuleDestination[],
  one: readonly RuleDestination[],
  other: readonly RuleDestination[],
): boolean {
  if (haveSameShares(list, one) || haveSameShares(list, other)) return false;
  return [...activeOf(list), ...activeOf(one), ...activeOf(other)].every((arn) => {
    const [low = 0, high = 0] = [shareOf(arn, one), shareOf(arn, other)].sort((a, b) => a - b);
    const share = shareOf(arn, list);
    return share > low - smallestDifference && share < high + smallestDifference;
  });
}

/** True when two lists name the same target groups, whatever their order and weights. */
export function haveSameTargetGroups(
  one: readonly RuleDestination[],
  other: readonly RuleDestination[],
): boolean {
  const arns = other.map(({ targetGroupArn }) => targetGroupArn);
  return one.length === arns.length && one.every(({ targetGroupArn }) => arns.includes(targetGroupArn));
}

/** Percent of the traffic of a target group. */
export function shareOf(targetGroupArn: string, destinations: readonly RuleDestination[]): number {
  const total = destinations.reduce((sum, { weight }) => sum + weight, 0);
  const own = destinations.find((it) => it.targetGroupArn === targetGroupArn)?.weight ?? 0;
  return total === 0 ? 0 : tidyPercent((own / total) * 100);
}

function activeOf(destinations: readonly RuleDestination[]): string[] {
  return destinations.filter(({ weight }) => weight > 0).map(({ targetGroupArn }) => targetGroupArn);
}

/** The pair of the template in its order; otherwise the target group with the traffic, and the incoming one. */
function pairOf(
  live: readonly RuleDestination[],
  wanted: ListenerRuleProperties['destinations'],
): StackPair<string> {
  const active = new Set([...activeOf(live), ...activeOf(wanted)]);
  const inTemplate = wanted.map(({ targetGroupArn }) => targetGroupArn);
  const foreign = [...active].filter((arn) => !inTemplate.includes(arn));
  const [blue = '', green = ''] = foreign.length === 0 ? inTemplate : active;
  if (active.size <= 2) return { blue, green };
  throw invalidInput('Listener rule properties', {
    field: 'Destinations',
    expected: 'at most two target groups that have traffic now or get some; change them in two updates',
    actual: [...active].join(', '),
  });
}

function sharesOf({ blue }: StackPair<string>, destinations: readonly RuleDestination[]): TrafficWeights {
  return weightsOf('blue', shareOf(blue, destinations));
}

/** One step, as in a rollback of the update itself. */
function singleStep(percent: number): ShiftStrategy {
  return steps([{ percent, holdSeconds: 0 }], {
    name: 'back at once',
    ...(percent < 100 && { partial: true }),
  });
}

function strategyOf(
  from: number,
  to: number,
  { stepWeight, stepIntervalSeconds, cloudWatchMetric, datadogMetric }: ListenerRuleProperties,
): ShiftStrategy {
  const isChecked = cloudWatchMetric !== undefined || datadogMetric !== undefined;
  const before = sharesBetween(from, to, stepWeight).map((percent) => ({
    percent,
    holdSeconds: stepIntervalSeconds,
  }));
  // The last share is checked too when there is a metric.
  const last = { percent: to, holdSeconds: isChecked ? stepIntervalSeconds : 0 };
  return steps([...before, last], {
    name: `${stepWeight} % every ${stepIntervalSeconds} s`,
    ...(to < 100 && { partial: true }),
  });
}

/**
 * Returns the weights after a rollback: those of the template before, because a run that continues after another one died must
 * roll back all of the shift. The incoming target group never gets more than its live weight.
 */
function rollbackWeights({
  from,
  incoming,
  targetGroups,
  before,
}: {
  readonly from: TrafficWeights;
  readonly incoming: StackReference;
  readonly targetGroups: StackPair<string>;
  readonly before: readonly RuleDestination[] | undefined;
}): TrafficWeights {
  if (before === undefined) return from;
  const pair: readonly string[] = [targetGroups.blue, targetGroups.green];
  if (!activeOf(before).every((arn) => pair.includes(arn))) return from;
  const old = sharesOf(targetGroups, before);
  return old[incoming] < from[incoming] && !areSame(old, from) ? old : from;
}
