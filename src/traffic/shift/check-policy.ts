import * as v from 'valibot';
import { nonEmptyString, positiveCount, seconds } from '../../core/schemas.js';

const checkName = v.pipe(
  nonEmptyString,
  // Tallies are kept by name, in a plain object.
  v.check((name) => !(name in {}), 'a name that not every object has as a property'),
);

/** Checks that can be told apart. */
export const checksSchema = v.pipe(
  v.array(v.object({ name: checkName, dryRun: v.optional(v.boolean()), evaluate: v.function() })),
  v.check(
    (checks) => new Set(checks.map(({ name }) => name)).size === checks.length,
    'checks whose names differ',
  ),
);

/** When checks are made, with every default filled in. */
export const policySchema = v.object({
  intervalSeconds: v.optional(
    v.pipe(
      seconds,
      v.check((value) => value > 0, 'more than 0 seconds'),
    ),
    60,
  ),
  initialDelaySeconds: v.optional(seconds, 60),
  failureThreshold: v.optional(positiveCount, 1),
  inconclusiveThreshold: v.optional(positiveCount, 5),
  errorThreshold: v.optional(positiveCount, 3),
  successThreshold: v.optional(positiveCount, 1),
});
