const soon = 10;
const longest = 300;

/**
 * Seconds between a call that failed and the next try. On the way there soon, because the way back is open; on the way back
 * more and more patiently, because there is no other way.
 *
 * @param attempt - the one that failed, from 1.
 */
export function retrySeconds(
  attempt: number,
  { isOnTheWayBack }: { readonly isOnTheWayBack: boolean },
): number {
  return isOnTheWayBack ? Math.min(soon * 2 ** (attempt - 1), longest) : soon;
}
