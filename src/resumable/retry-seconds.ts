const minSeconds = 10;
const maxSeconds = 300;

/**
 * Returns the seconds between a failed call and the next attempt. Constant while the change moves forward, because it can still
 * roll back; growing during a rollback, because there is no other way out.
 *
 * @param attempt - number of the failed attempt, from 1.
 */
export function retrySeconds(
  attempt: number,
  { isRollingBack }: { readonly isRollingBack: boolean },
): number {
  return isRollingBack ? Math.min(minSeconds * 2 ** (attempt - 1), maxSeconds) : minSeconds;
}
