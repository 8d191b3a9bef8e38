import * as v from 'valibot';
import { invalidInput } from '../../core/errors.js';
import { parseInput } from '../../core/validate.js';
import type { SetupChange } from '../types.js';

/** Forward actions before a shift, by rule or listener. */
const originalSchema = v.record(
  v.string(),
  v.object({
    TargetGroupArn: v.optional(v.string()),
    ForwardConfig: v.optional(
      v.looseObject({
        TargetGroups: v.optional(
          v.array(v.looseObject({ TargetGroupArn: v.string(), Weight: v.optional(v.number()) })),
        ),
        TargetGroupStickinessConfig: v.optional(
          v.looseObject({ Enabled: v.optional(v.boolean()), DurationSeconds: v.optional(v.number()) }),
        ),
      }),
    ),
  }),
);

export type OriginalForwards = v.InferOutput<typeof originalSchema>;
/** Forward action before a shift. */
export type OriginalForward = OriginalForwards[string];

/** @throws InvalidInputError for anything but forward actions by rule or listener. */
export function originalsOf({ original }: SetupChange): OriginalForwards {
  return parseInput('original configuration of the shift', originalSchema, original);
}

/**
 * Returns the forward action of a rule or listener. Another process can continue a shift, and its target may have other rules.
 *
 * @throws InvalidInputError when the shift began without it.
 */
export function originalOf(originals: OriginalForwards, resource: string): OriginalForward {
  const original = Object.hasOwn(originals, resource) ? originals[resource] : undefined;
  if (original !== undefined) return original;
  throw invalidInput('original configuration of the shift', {
    field: '',
    expected: `the forward action of ${resource}: continue a shift with the target that began it`,
    actual: `that of ${Object.keys(originals).join(', ') || 'nothing'}`,
  });
}
