import type { Standing } from '../resumable/standing.js';

/** Facts before a step. */
export interface Before extends Standing {
  readonly approved: readonly string[];
  /** Time at which the pending approval expires: milliseconds since 1970. */
  readonly expiresAt?: number | undefined;
}
