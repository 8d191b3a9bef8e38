import * as v from 'valibot';
import type { StackReference } from '../../core/stack-reference.js';
import { parseInput } from '../../core/validate.js';
import type { CheckContext } from '../types.js';

/** Greatest time value of ECMAScript. */
const maxTime = 8.64e15;

const time = v.pipe(
  v.number(),
  v.check((value) => Math.abs(value) <= maxTime, 'a time in milliseconds since 1970'),
);

const stackEntries = { incoming: v.picklist(['blue', 'green']) };
const stackContext = v.object(stackEntries);
const metricContext = v.object({ ...stackEntries, now: time, weightsSince: time });

/**
 * Reads the incoming stack of a context.
 *
 * @throws InvalidInputError when it is not a stack.
 */
export function incomingOf(context: Pick<CheckContext, 'incoming'>): StackReference {
  return parseInput('Check context', stackContext, context).incoming;
}

/**
 * Validates the fields of a context that a metric needs, so that no window without a start or an end is read.
 *
 * @throws InvalidInputError when the stack or a time is missing.
 */
export function requireMetricContext(context: CheckContext): void {
  parseInput('Check context', metricContext, context);
}
