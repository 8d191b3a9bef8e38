import { SwapConflictError } from '../errors.js';
import type { SwapClaim } from '../record/types.js';
import { takeoverMilliseconds } from './limits.js';

/** Creates the error about another process. */
export function conflictOf(
  problem: string,
  application: string,
  remedy = 'Nothing was changed by this call. Call again in 2 minutes',
): SwapConflictError {
  return new SwapConflictError(`${problem}: swap of ${application}`, { resource: application, remedy });
}

/** Returns the time until which a claim of another process counts; undefined when there is none. */
export function otherClaimUntil(
  claim: SwapClaim | undefined,
  ownId: string | undefined,
  now: number,
): number | undefined {
  if (claim === undefined || claim.id === ownId) return undefined;
  const until = claim.expiresAt + takeoverMilliseconds;
  return until > now ? until : undefined;
}
