import { InvalidInputError } from '../core/errors.js';
import { partnerOf, type StackPair, type StackReference } from '../core/stack-reference.js';
import type { CloudWatchStackOptions } from './types.js';

/** Whether an alarm is the stack's: its name fits, and does not fit the partner's narrower names. */
export function isAlarmOf(
  stacks: StackPair<CloudWatchStackOptions>,
  stack: StackReference,
  name: string,
): boolean {
  const own = stacks[stack];
  const other = stacks[partnerOf(stack)];
  return fits(name, own) && !(fits(name, other) && isWithin(other, own));
}

/**
 * Refuses two stacks of which nobody can say whose an alarm is. Names of which one stack's lie within the other's are
 * fine: `app-green-cpu` belongs to `app-green`, not to `app`.
 *
 * @throws InvalidInputError
 */
export function requireTellable({ blue, green }: StackPair<CloudWatchStackOptions>): void {
  if (!canShareNames(blue, green)) return;
  if (isWithin(blue, green) !== isWithin(green, blue)) return;
  throw new InvalidInputError({
    subject: 'CloudWatchTools options',
    problems: [
      {
        field: 'green.alarmNamePrefix',
        expected: 'a prefix or a suffix which tells the alarms from those of blue',
        actual: `${inWords(green)}, while blue has ${inWords(blue)}`,
      },
    ],
  });
}

function fits(name: string, { alarmNamePrefix, alarmNameSuffix = '' }: CloudWatchStackOptions): boolean {
  return name.startsWith(alarmNamePrefix) && name.endsWith(alarmNameSuffix);
}

/** Whether every name that fits the inner stack fits the outer one too. */
function isWithin(inner: CloudWatchStackOptions, outer: CloudWatchStackOptions): boolean {
  const { alarmNamePrefix, alarmNameSuffix = '' } = inner;
  return (
    alarmNamePrefix.startsWith(outer.alarmNamePrefix) && alarmNameSuffix.endsWith(outer.alarmNameSuffix ?? '')
  );
}

function canShareNames(a: CloudWatchStackOptions, b: CloudWatchStackOptions): boolean {
  const [prefix, otherPrefix] = [a.alarmNamePrefix, b.alarmNamePrefix];
  const [suffix, otherSuffix] = [a.alarmNameSuffix ?? '', b.alarmNameSuffix ?? ''];
  return (
    (prefix.startsWith(otherPrefix) || otherPrefix.startsWith(prefix)) &&
    (suffix.endsWith(otherSuffix) || otherSuffix.endsWith(suffix))
  );
}

function inWords({ alarmNamePrefix, alarmNameSuffix }: CloudWatchStackOptions): string {
  const prefix = JSON.stringify(alarmNamePrefix);
  return alarmNameSuffix === undefined ? prefix : `${prefix} … ${JSON.stringify(alarmNameSuffix)}`;
}
