import * as v from 'valibot';
import type { CallOptions } from './aws-call.js';
import { ResourceNotFoundError } from './errors.js';
import { abortSignal } from './schemas.js';

/** Options of a method that acts on all resources that it finds. */
export interface MatchOptions extends CallOptions {
  /**
   * Accepts an empty match.
   * @default false: a method without a match throws a {@link ResourceNotFoundError}, because a misspelt name matches nothing
   */
  readonly allowNone?: boolean | undefined;
}

/** Schema entries of {@link MatchOptions}, without a spread, because bundlers keep an unused object that has one. */
export const matchOptionsEntries = {
  signal: v.optional(abortSignal),
  allowNone: v.optional(v.boolean()),
};

/**
 * Requires a match.
 *
 * @throws ResourceNotFoundError when nothing was found, unless `allowNone` is set.
 */
export function requireMatch(
  found: readonly unknown[],
  { allowNone = false }: MatchOptions,
  { what, resource, remedy }: { readonly what: string; readonly resource: string; readonly remedy: string },
): void {
  if (found.length > 0 || allowNone) return;
  throw new ResourceNotFoundError(`Found no ${what}`, {
    resource,
    remedy: `${remedy}, or set allowNone: true when there may be none`,
  });
}
