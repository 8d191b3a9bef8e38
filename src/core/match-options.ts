import * as v from 'valibot';
import type { CallOptions } from './aws-call.js';
import { ResourceNotFoundError } from './errors.js';
import { abortSignal } from './schemas.js';

/** Options of a method that acts on all resources that it finds. */
export interface MatchOptions extends CallOptions {
  /**
   * Accepts that there is nothing to act on.
   * @default false: a method that finds nothing throws a {@link ResourceNotFoundError}, because a misspelt name finds nothing
   */
  readonly allowNone?: boolean | undefined;
}

/** The entries of {@link MatchOptions}. Bundlers keep an object with a spread also where nothing uses it. */
export const matchOptionsEntries = {
  signal: v.optional(abortSignal),
  allowNone: v.optional(v.boolean()),
};

/**
 * Requires that something was found, unless that is accepted.
 *
 * @throws ResourceNotFoundError
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
