import type { RegressionPeriod } from './regression-options.js';

/** Outgoing requests of a period below which they can be too few, and the share of the incoming stack above which they are. */
const [minOutgoingRequests, maxIncomingShare] = [10, 0.9];

/**
 * True when the outgoing stack has enough requests to compare with. A few requests that remain at 100 %, such as those of sticky
 * sessions, are not: by their number alone, hardly any failure would be theirs, so failures of the incoming stack prove nothing.
 */
export function isComparable({
  incoming,
  outgoing,
}: Pick<RegressionPeriod, 'incoming' | 'outgoing'>): boolean {
  if (outgoing.requests >= minOutgoingRequests) return true;
  const share = incoming.requests / (incoming.requests + outgoing.requests);
  return outgoing.requests > 0 && share <= maxIncomingShare;
}
