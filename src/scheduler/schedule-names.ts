import { invalidInput } from '../core/errors.js';
import { partnerOf, type StackPair, type StackReference } from '../core/stack-reference.js';

/** Schedules of a stack, with the defaults of its options. */
export interface ScheduleNames {
  readonly groupName: string;
  /** Empty for every schedule of the group. */
  readonly namePrefix: string;
}

/** True for a schedule of the stack's group: its name fits, and does not fit a longer prefix of the partner. */
export function isScheduleOf(stacks: StackPair<ScheduleNames>, stack: StackReference, name: string): boolean {
  const own = stacks[stack];
  const other = stacks[partnerOf(stack)];
  const isOfOther =
    other.groupName === own.groupName &&
    other.namePrefix.length > own.namePrefix.length &&
    name.startsWith(other.namePrefix);
  return name.startsWith(own.namePrefix) && !isOfOther;
}

/**
 * Refuses a stack without a limit, and two stacks that share schedules.
 *
 * @throws InvalidInputError
 */
export function requireDistinctSchedules(stacks: StackPair<ScheduleNames>): void {
  const subject = 'SchedulerTools options';
  for (const stack of ['blue', 'green'] as const) {
    const { groupName, namePrefix } = stacks[stack];
    if (groupName === 'default' && namePrefix === '')
      throw invalidInput(subject, {
        field: `${stack}.namePrefix`,
        expected: 'a prefix in the group default, which has the schedules of other programs too',
        actual: 'undefined',
      });
  }
  const { blue, green } = stacks;
  if (blue.groupName !== green.groupName || blue.namePrefix !== green.namePrefix) return;
  throw invalidInput(subject, {
    field: 'green.namePrefix',
    expected: 'a group or a prefix that distinguishes the schedules from those of blue',
    actual: inWords(green),
  });
}

export function inWords({ groupName, namePrefix }: ScheduleNames): string {
  return `schedules ${groupName}/${namePrefix}*`;
}
