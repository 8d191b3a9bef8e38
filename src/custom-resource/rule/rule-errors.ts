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

/** Another rule is at the priority at which one shall be created. */
export function priorityTakenAtCreation(
  { ruleArn, priority, owner }: PriorityHolder,
  { stackId }: ResourceOwner,
): ResourceStateError {
  const remedy =
    owner?.stackId === stackId
      ? `Give another Priority. If ${owner.logicalResourceId} moves to a free one in the same update, let this resource depend on it (DependsOn)`
      : 'Give another Priority; for a rule that this resource shall take over, AdoptExisting: true';
  return priorityTaken({ ruleArn, priority, owner }, remedy);
}

/** Another rule is at the priority to which an update shall move one. */
export function priorityTakenInUpdate(
  { ruleArn, priority, owner }: PriorityHolder,
  { stackId }: ResourceOwner,
): ResourceStateError {
  const remedy =
    owner?.stackId === stackId
      ? `If ${owner.logicalResourceId} moves to a free Priority in the same update, let this resource depend on it (DependsOn). ` +
        `To swap priorities, use three updates: ${owner.logicalResourceId} to a free Priority, this resource to ${priority}, then ${owner.logicalResourceId} to its new one`
      : 'Give a Priority that is free, or free this one first; an update takes no other rule over';
  return priorityTaken({ ruleArn, priority, owner }, remedy);
}

/** The priority was taken when a rule was to be put there, and free again right afterwards. */
export function priorityFreedAgain(resource: string, priority: number): ResourceStateError {
  return new ResourceStateError('Another rule had the priority', {
    resource,
    expected: `no rule at Priority ${priority}`,
    actual: 'a rule that has gone since',
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

/** The weights at the end of a shift are not those that it ended with. */
export function changedOutside(
  resource: string,
  live: readonly RuleDestination[],
  wanted: readonly RuleDestination[],
): ResourceStateError {
  const inWords = (list: readonly RuleDestination[]) =>
    list.map(({ targetGroupArn, weight }) => `${weight} for ${targetGroupArn}`).join(', ');
  return new ResourceStateError(`Listener rule weights changed outside CloudFormation on ${resource}`, {
    resource,
    expected: inWords(wanted),
    actual: inWords(live),
    remedy: 'Update the stack again when the other change is finished',
  });
}
