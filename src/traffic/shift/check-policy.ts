import * as v from 'valibot';
import {
  anyFunction,
  nonEmptyString,
  notAFunction,
  permissionList,
  positiveCount,
  positiveSeconds,
  seconds,
  strictObject,
} from '../../core/schemas.js';

const checkName = v.pipe(
  nonEmptyString,
  // Tallies are stored by name in a plain object.
  v.check((name) => !(name in {}), 'a name that is not a property of every object'),
);

export const checksSchema = v.pipe(
  v.array(
    notAFunction(
      'a check: use customCheck(name, fn)',
      v.object({
        name: checkName,
        dryRun: v.optional(v.boolean()),
        evaluate: anyFunction,
        permissions: v.optional(permissionList),
      }),
    ),
  ),
  v.check(
    (checks) => new Set(checks.map(({ name }) => name)).size === checks.length,
    'checks whose names differ',
  ),
);

/** Policy of the checks, with every default applied. */
export const policySchema = strictObject({
  intervalSeconds: v.optional(positiveSeconds, 60),
  initialDelaySeconds: v.optional(seconds, 60),
  failureThreshold: v.optional(positiveCount, 1),
  inconclusiveThreshold: v.optional(positiveCount, 5),
  errorThreshold: v.optional(positiveCount, 3),
  successThreshold: v.optional(positiveCount, 1),
});

/** Policy of the checks, with every default applied. */
export type ResolvedPolicy = Readonly<v.InferOutput<typeof policySchema>>;
