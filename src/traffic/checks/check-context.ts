import * as v from 'valibot';
import { stackReference, time } from '../../core/schemas.js';
import type { StackReference } from '../../core/stack-reference.js';
import { parseInput } from '../../core/validate.js';
import type { CheckContext } from '../types.js';

const stackEntries = { incoming: stackReference };
const stackContext = v.object(stackEntries);
const metricContext = v.object({ ...stackEntries, now: time, weightsSince: time });
const comparisonEntries = {
  ...stackEntries,
  outgoing: stackReference,
  weights: v.object({ blue: v.number(), green: v.number() }),
};
const comparisonContext = v.pipe(
  v.object(comparisonEntries),
  v.forward(
    v.partialCheck(
      [['incoming'], ['outgoing']],
      ({ incoming, outgoing }) => incoming !== outgoing,
      'the other stack than incoming',
    ),
    ['outgoing'],
  ),
);
const shiftContext = v.object({ startedAt: time });

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

/**
 * Validates the fields of a context that a comparison of both stacks needs.
 *
 * @throws InvalidInputError when a stack, a time or the weights are missing, or when the stacks are the same.
 */
export function requireComparisonContext(context: CheckContext): void {
  requireMetricContext(context);
  parseInput('Check context', comparisonContext, context);
}

/**
 * Validates the fields of a context that a comparison over the whole shift needs.
 *
 * @throws InvalidInputError when the time of the beginning is missing, and as {@link requireComparisonContext} does.
 */
export function requireShiftContext(context: CheckContext): void {
  requireComparisonContext(context);
  parseInput('Check context', shiftContext, context);
}
