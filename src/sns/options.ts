import * as v from 'valibot';
import { nonEmptyString, stackPair, strictObject, waitOptionsEntries } from '../core/schemas.js';
import type { StackPair } from '../core/stack-reference.js';
import { toolOptionsEntries } from '../core/tool-options.js';
import { parseInput, requireDistinct } from '../core/validate.js';
import { disabledMarker } from './filter-policy.js';

/** One stack's options, with every default and shorthand resolved. */
export interface Stack {
  /** One ARN or more. */
  readonly subscriptionArns: readonly string[];
  /** JSON text. */
  readonly enabledFilterPolicy?: string | undefined;
}

/** True for the ARN of a resource of another service, such as the queue. */
const isOther = (arn: string) => /^arn:[^:]+:(?!sns:)[^:]+:[^:]*:\d{12}:/.test(arn);

/** Infrastructure tools show `PendingConfirmation` instead of an ARN until the endpoint has confirmed. */
const arn = v.pipe(
  nonEmptyString,
  v.check((value) => value.startsWith('arn:') && !isOther(value), 'the ARN of a confirmed subscription'),
);

const filterPolicy = v.pipe(
  v.unknown(),
  v.check(
    (value) => isRecord(value) && !Object.hasOwn(value, disabledMarker) && isJson(value, maxDepth),
    `a filter policy, without undefined values and the key ${disabledMarker}, of plain JSON`,
  ),
  v.transform((policy) => JSON.stringify(policy)),
);

const stackSchema = v.pipe(
  strictObject({
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
      subscriptionArns: [...new Set([subscriptionArn].flat())],
      enabledFilterPolicy,
    }),
  ),
);

const optionsSchema = strictObject({ ...toolOptionsEntries, ...stackPair(stackSchema) });

/** Options of a method that switches subscriptions. */
export const switchOptionsSchema = strictObject({ ...waitOptionsEntries, only: v.optional(v.array(arn)) });

/** @throws InvalidInputError when an option is unknown, missing or malformed, or when both stacks share a subscription. */
export function parseOptions(
  options: unknown,
): StackPair<Stack> & Pick<v.InferOutput<typeof optionsSchema>, 'clock' | 'logger'> {
  const parsed = parseInput('SnsTools options', optionsSchema, options);
  const { blue, green } = parsed;
  requireDistinct('SnsTools options', 'subscriptionArn', blue.subscriptionArns, green.subscriptionArns);
  return parsed;
}

/** Far more levels than SNS accepts. A cyclic policy has more than any limit. */
const maxDepth = 100;

/** JSON omits undefined values, and a policy without a key matches more messages than intended. */
function isJson(value: unknown, depth: number): boolean {
  if (depth === 0) return false;
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return true;
  if (Array.isArray(value)) return Array.from(value).every((item) => isJson(item, depth - 1));
  return isRecord(value) && Object.values(value).every((item) => isJson(item, depth - 1));
}

/** False for a `Date` or a `Map`, of which JSON makes something else. */
function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || (Object.getPrototypeOf(prototype) === null && !('toJSON' in value));
}
