import * as v from 'valibot';
import { stackPair } from '../core/schemas.js';
import type { StackPair } from '../core/stack-reference.js';
import { parseInput, requireDistinct } from '../core/validate.js';
import { disabledMarker } from './filter-policy.js';

/** One stack's options, with every default and shorthand resolved. */
export interface Stack {
  /** One ARN or more. */
  readonly subscriptionArns: readonly string[];
  /** As JSON. */
  readonly enabledFilterPolicy?: string | undefined;
}

/** Infrastructure tools give `PendingConfirmation` in an ARN's place while there is none. */
const arn = v.pipe(
  v.string(),
  v.check((value) => value.startsWith('arn:'), 'the ARN of a confirmed subscription'),
);

const filterPolicy = v.pipe(
  v.unknown(),
  v.check(
    (value) =>
      typeof value === 'object' &&
      value !== null &&
      !Array.isArray(value) &&
      !(disabledMarker in value) &&
      // JSON leaves such a key out, and a policy without a key lets more messages pass than was meant.
      !Object.values(value).includes(undefined),
    `a filter policy, without undefined values and the key ${disabledMarker}`,
  ),
  v.transform((policy) => JSON.stringify(policy)),
);

const stackSchema = v.pipe(
  v.object({
    subscriptionArn: v.union([
      arn,
      v.pipe(
        v.array(arn),
        v.check((arns) => arns.length > 0, 'at least one ARN'),
      ),
    ]),
    enabledFilterPolicy: v.optional(filterPolicy),
  }),
  v.transform(
    ({ subscriptionArn, enabledFilterPolicy }): Stack => ({
      subscriptionArns: [subscriptionArn].flat(),
      enabledFilterPolicy,
    }),
  ),
);

/** @throws InvalidInputError when an option is missing or malformed, or when both stacks share a subscription. */
export function parseOptions(options: unknown): StackPair<Stack> {
  const { blue, green } = parseInput('SnsTools options', v.object(stackPair(stackSchema)), options);
  requireDistinct('SnsTools options', 'subscriptionArn', blue.subscriptionArns, green.subscriptionArns);
  return { blue, green };
}
