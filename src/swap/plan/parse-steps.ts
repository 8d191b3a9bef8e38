import * as v from 'valibot';
import {
  anyFunction,
  nonEmptyString,
  notAFunction,
  permissionList,
  positiveSeconds,
  seconds,
  strictObject,
} from '../../core/schemas.js';
import type { StepList, SwapStep } from './step.js';

/** A step's `undo` is checked with the plan, because its absence needs an explanation. */
const stepSchema = notAFunction(
  'a step: { name, run, undo }',
  strictObject({
    name: v.pipe(
      nonEmptyString,
      v.maxLength(100, 'a name of at most 100 characters'),
      // The name is a key of the record, and a parser drops or confuses these keys.
      v.check((name) => !(name in {}) && name !== 'prototype', 'another name than a member of every object'),
    ),
    stack: v.optional(v.picklist(['incoming', 'outgoing'])),
    isDone: v.optional(anyFunction),
    before: v.optional(anyFunction),
    run: anyFunction,
    undo: v.optional(v.union([v.literal('none'), anyFunction], "a function, or 'none'")),
    isUndone: v.optional(anyFunction),
    propagationSeconds: v.optional(seconds),
    maxWaitSeconds: v.optional(seconds),
    intervalSeconds: v.optional(positiveSeconds),
    undoMaxWaitSeconds: v.optional(seconds),
    deletes: v.optional(v.boolean()),
    switchesOff: v.optional(v.boolean()),
    irreversible: v.optional(v.boolean()),
    repeatable: v.optional(v.boolean()),
    permissions: v.optional(permissionList),
  }),
);

/** Steps of `parallel`. */
export const stepsSchema = v.pipe(v.array(stepSchema), v.minLength(1, 'at least one step'));

const parallelSchema = strictObject({ parallel: stepsSchema });

/** A list of steps and of `parallel` groups. */
export const stepListSchema = v.array(
  v.lazy((input): typeof stepSchema | typeof parallelSchema =>
    typeof input === 'object' && input !== null && 'parallel' in input ? parallelSchema : stepSchema,
  ),
);

/** A step after validation. */
type ParsedStep = v.InferOutput<typeof stepSchema>;

/**
 * Copies parsed steps, so that later changes of the given ones do not reach the plan. Their functions are bound to the given steps,
 * because they can use `this`.
 */
export function ownSteps(parsed: v.InferOutput<typeof stepListSchema> = [], given: StepList = []): StepList {
  return parsed.map((entry, index) => {
    const source = given[index];
    if ('parallel' in entry) {
      const sources = source !== undefined && 'parallel' in source ? source.parallel : [];
      return { parallel: entry.parallel.map((step, position) => ownStep(step, sources[position])) };
    }
    return ownStep(entry, source !== undefined && 'parallel' in source ? undefined : source);
  });
}

function ownStep(step: ParsedStep, source: SwapStep | undefined): SwapStep {
  const bound = Object.entries(step).map(([name, value]) => [
    name,
    typeof value === 'function' ? value.bind(source) : value,
  ]);
  return Object.fromEntries(bound);
}
