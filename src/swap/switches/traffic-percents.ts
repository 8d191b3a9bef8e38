import { ResourceStateError } from '../../core/errors.js';
import type { StackReference } from '../../core/stack-reference.js';
import type { RuleWeights } from './listener-weights.js';
import type { TargetGroupTasks } from './service-revisions.js';
import type { TrafficPercents } from './types.js';

/** The service and its listener, for messages. */
export interface ProbedService {
  readonly service: string;
  readonly listenerArn: string;
}

/** A task definition with traffic, and the target groups through which it has it. */
export interface LiveTasks extends TargetGroupTasks {
  readonly group: string;
}

/**
 * Returns the rules that carry the production traffic of a service: those of the listener that forward to one of its target
 * groups, without the test rule of ECS, which can be in the same listener.
 *
 * @throws ResourceStateError when no rule forwards to the service, when a rule gives no target group any traffic, and when ECS shifts a
 * rule of another listener.
 */
export function productionRules(
  rules: readonly RuleWeights[],
  tasks: readonly TargetGroupTasks[],
  probed: ProbedService,
): readonly RuleWeights[] {
  requireProductionListener(rules, tasks, probed);
  const groups = new Set(tasks.flatMap(({ targetGroupArns }) => targetGroupArns));
  const testRules = new Set(tasks.flatMap((it) => it.testRules));
  const found = rules.filter(
    ({ ruleArn, weights }) => !testRules.has(ruleArn) && [...weights.keys()].some((arn) => groups.has(arn)),
  );
  if (found.length === 0) {
    throw unknown(probed, {
      expected: `a rule that forwards to a target group of service ${probed.service}`,
      actual: 'none',
      remedy: 'Give the ARN of the production listener as listenerArn',
    });
  }
  const dead = found.find(({ weights }) => totalOf(weights) === 0);
  if (dead === undefined) return found;
  throw unknown(probed, {
    expected: 'a weight above 0',
    actual: `the weights 0 in rule ${dead.ruleArn}`,
    remedy: 'Restore the weights of the rule',
  });
}

/**
 * Returns the tasks behind each target group that has traffic. Tasks that are being stopped count only where no others are.
 *
 * @throws ResourceStateError for a target group with traffic and without tasks of the service.
 */
export function liveTasks(
  rules: readonly RuleWeights[],
  tasks: readonly TargetGroupTasks[],
  probed: ProbedService,
): readonly LiveTasks[] {
  const live = rules.flatMap(({ weights }) => [...weights].filter(([, weight]) => weight > 0));
  return [...new Set(live.map(([group]) => group))].flatMap((group) => {
    const behind = tasks.filter(({ targetGroupArns }) => targetGroupArns.includes(group));
    const steady = behind.filter(({ isDraining }) => !isDraining);
    if (behind.length > 0) return (steady.length > 0 ? steady : behind).map((it) => ({ ...it, group }));
    throw unknown(probed, {
      expected: `tasks of service ${probed.service} behind each target group with traffic`,
      actual: `none behind ${group}`,
      remedy: 'Look for a deployment that has left its weights, or for a change of the listener by hand',
    });
  });
}

/**
 * Returns the share of each stack. Of rules that differ it is their mean: 0 and 100 mean that this holds in every rule.
 *
 * @param stacksOf - the stacks that a task definition names.
 * @throws ResourceStateError when a target group with traffic does not belong to exactly one stack.
 */
export function percentsOf(
  rules: readonly RuleWeights[],
  live: readonly LiveTasks[],
  stacksOf: ReadonlyMap<string, readonly StackReference[]>,
  probed: ProbedService & { readonly boundBy: string },
): TrafficPercents {
  const greenGroups = new Set<string>();
  for (const group of new Set(live.map((it) => it.group))) {
    const behind = live.filter((it) => it.group === group);
    if (stackOf(behind, stacksOf, probed) === 'green') greenGroups.add(group);
  }
  const greenShares = rules.map(({ weights }) => {
    const green = [...weights].filter(([group]) => greenGroups.has(group));
    return (totalOf(new Map(green)) * 100) / totalOf(weights);
  });
  const green = greenShares.reduce((sum, share) => sum + share, 0) / rules.length;
  return { blue: 100 - green, green };
}

function stackOf(
  behind: readonly LiveTasks[],
  stacksOf: ReadonlyMap<string, readonly StackReference[]>,
  { service, boundBy, listenerArn }: ProbedService & { readonly boundBy: string },
): StackReference {
  const named = behind.map(({ taskDefinition }) => stacksOf.get(taskDefinition) ?? []);
  const [stack, ...others] = new Set(named.flat());
  if (stack !== undefined && others.length === 0 && named.every(({ length }) => length === 1)) return stack;
  const actual = behind.map(({ name, taskDefinition }) => {
    const stacks = stacksOf.get(taskDefinition) ?? [];
    return `${name} with ${taskDefinition}, bound to ${stacks.join(' and ') || 'none'}`;
  });
  throw unknown(
    { service, listenerArn },
    {
      expected: `one stack in ${boundBy} of every task definition behind a target group`,
      actual: actual.join('; '),
      remedy: `Deploy a task definition whose containers set ${boundBy} to blue or to green`,
    },
  );
}

/** The weights of the test listener are not those of the production traffic. */
function requireProductionListener(
  rules: readonly RuleWeights[],
  tasks: readonly TargetGroupTasks[],
  probed: ProbedService,
): void {
  const arns = new Set([probed.listenerArn, ...rules.map(({ ruleArn }) => ruleArn)]);
  const other = tasks.find(
    (it) => it.productionRules.length > 0 && !it.productionRules.some((arn) => arns.has(arn)),
  );
  if (other === undefined) return;
  throw unknown(probed, {
    expected: `the listener of the production rule ${other.productionRules.join(' or ')}`,
    actual: probed.listenerArn,
    remedy: 'Give the ARN of the production listener as listenerArn',
  });
}

function totalOf(weights: ReadonlyMap<string, number>): number {
  return [...weights.values()].reduce((sum, weight) => sum + weight, 0);
}

function unknown(
  { service, listenerArn }: ProbedService,
  details: { expected: string; actual: string; remedy: string },
): ResourceStateError {
  return new ResourceStateError(`Cannot determine which stack of service ${service} has the traffic`, {
    resource: `listener ${listenerArn}`,
    ...details,
  });
}
