import * as v from 'valibot';
import { anyFunction, nonEmptyString, positiveSeconds, seconds, strictObject } from '../../core/schemas.js';

const permissionSchema = v.object({
  action: nonEmptyString,
  resources: v.union([v.literal('*'), v.array(nonEmptyString)]),
});

/** A step's `undo` is checked with the plan, because its absence needs an explanation. */
const stepSchema = strictObject({
  name: v.pipe(nonEmptyString, v.maxLength(100, 'a name of at most 100 characters')),
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
  repeatable: v.optional(v.boolean()),
  permissions: v.optional(v.array(permissionSchema)),
});

/** Steps of `parallel`. */
export const stepsSchema = v.pipe(v.array(stepSchema), v.minLength(1, 'at least one step'));

const parallelSchema = strictObject({ parallel: stepsSchema });

/** A list of steps and of `parallel` groups. */
export const stepListSchema = v.array(
  v.lazy((input): typeof stepSchema | typeof parallelSchema =>
    typeof input === 'object' && input !== null && 'parallel' in input ? parallelSchema : stepSchema,
  ),
);
