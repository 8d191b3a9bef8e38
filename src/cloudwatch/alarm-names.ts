import { invalidInput } from '../core/errors.js';
import { partnerOf, type StackPair, type StackReference } from '../core/stack-reference.js';
import type { CloudWatchStackOptions } from './types.js';

/** True for an alarm of the stack: its name fits, and does not fit the partner's narrower names. */
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
 * Refuses two stacks that share alarms. The names of one stack may lie within those of the other: `app-green-cpu` belongs to
 * `app-green`, not to `app`.
 *
 * @throws InvalidInputError
 */
export function requireDistinctNames({ blue, green }: StackPair<CloudWatchStackOptions>): void {
  if (!canShareNames(blue, green)) return;
  if (isWithin(blue, green) !== isWithin(green, blue)) return;
  throw invalidInput('CloudWatchTools options', {
    field: 'green.alarmNamePrefix',
    expected: 'a prefix or a suffix that distinguishes the alarms from those of blue',
    actual: `${inWords(green)}, while blue has ${inWords(blue)}`,
  });
}

function fits(name: string, { alarmNamePrefix, alarmNameSuffix = '' }: CloudWatchStackOptions): boolean {
  return name.startsWith(alarmNamePrefix) && name.endsWith(alarmNameSuffix);
}

/** True when every name that fits the inner stack fits the outer one too. */
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
