import { ResourceStateError } from '../../core/errors.js';
import type { ResourceOwner } from '../protocol/event.js';
import type { RuleDestination } from './properties.js';

/** The rule at a priority that a resource wants. */
export interface PriorityHolder {
  readonly ruleArn: string;
  readonly priority: number;
  /** Undefined for a rule that no managed resource has created. */
  readonly owner: ResourceOwner | undefined;
}

/** Error of a creation at a priority that another rule has. */
export function priorityTakenAtCreation(
  { ruleArn, priority, owner }: PriorityHolder,
  { stackId }: ResourceOwner,
): ResourceStateError {
  const remedy =
    owner?.stackId === stackId
      ? `Use another Priority. If ${owner.logicalResourceId} moves to a free one in the same update, add DependsOn: ${owner.logicalResourceId} to this resource`
      : 'Use another Priority, or AdoptExisting: true to adopt the rule';
  return priorityTaken({ ruleArn, priority, owner }, remedy);
}

/** Error of an update to a priority that another rule has. */
export function priorityTakenInUpdate(
  { ruleArn, priority, owner }: PriorityHolder,
  { stackId }: ResourceOwner,
): ResourceStateError {
  const remedy =
    owner?.stackId === stackId
      ? `If ${owner.logicalResourceId} moves to a free Priority in the same update, add DependsOn: ${owner.logicalResourceId} to this resource. ` +
        `To swap priorities, use three updates: ${owner.logicalResourceId} to a free Priority, this resource to ${priority}, then ${owner.logicalResourceId} to its new one`
      : 'Use a free Priority, or move the other rule first; an update adopts no rule';
  return priorityTaken({ ruleArn, priority, owner }, remedy);
}

/** Error of a priority that was taken at the write, and free right afterwards. */
export function priorityFreedAgain(resource: string, priority: number): ResourceStateError {
  return new ResourceStateError('Another rule had the priority', {
    resource,
    expected: `no rule at Priority ${priority}`,
    actual: 'a rule that was removed since',
    remedy: 'Update the stack again',
  });
}

function priorityTaken({ ruleArn, priority, owner }: PriorityHolder, remedy: string): ResourceStateError {
  const actual =
    owner === undefined
      ? `${ruleArn}, which was not created for this resource of this stack`
      : `${ruleArn}, which was created for ${owner.logicalResourceId} of the stack ${owner.stackId}`;
  return new ResourceStateError('Another rule has the priority', {
    resource: ruleArn,
    expected: `no rule at Priority ${priority}`,
    actual,
    remedy,
  });
}

/** Error of weights that differ from those at the end of the shift. */
export function changedOutside(
  resource: string,
  live: readonly RuleDestination[],
  wanted: readonly RuleDestination[],
): ResourceStateError {
  const describe = (list: readonly RuleDestination[]) =>
    list.map(({ targetGroupArn, weight }) => `${weight} for ${targetGroupArn}`).join(', ');
  return new ResourceStateError(`Listener rule weights changed outside CloudFormation on ${resource}`, {
    resource,
    expected: describe(wanted),
    actual: describe(live),
    remedy: 'Update the stack again when the other change is finished',
  });
}
