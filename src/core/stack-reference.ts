import { describeValue } from './describe-value.js';
import { invalidInput } from './errors.js';

/** Stacks of a blue/green pair. */
export const StackReference = {
  /** The blue stack. */
  blue: 'blue',
  /** The green stack. */
  green: 'green',
} as const;

/** One stack of a pair. It is a plain string, so an event or an environment variable can hold it. */
export type StackReference = (typeof StackReference)[keyof typeof StackReference];

/** One value for each stack of a pair. */
export type StackPair<T> = Readonly<Record<StackReference, T>>;

/**
 * Returns the other stack of the pair.
 *
 * @example
 * ```ts
 * import { partnerOf } from 'aws-blue-green-toolkit/core';
 *
 * partnerOf('blue'); // 'green'
 * ```
 */
export function partnerOf(stack: StackReference): StackReference {
  return parseStackReference(stack) === 'blue' ? 'green' : 'blue';
}

/**
 * Parses a stack reference from an event, an environment variable or a command line.
 *
 * @throws {@link InvalidInputError} for anything but `'blue'` and `'green'`.
 */
export function parseStackReference(value: unknown): StackReference {
  if (value === 'blue' || value === 'green') return value;
  throw invalidInput('Stack reference', {
    field: 'stack',
    expected: '"blue" or "green"',
    actual: describeValue(value),
  });
}
