import type { RecordedCall } from 'aws-blue-green-toolkit/testing';

/** Virtual milliseconds that each call takes in these measurements. */
export const latencyMilliseconds = 50;

/** What a part of a procedure asked of AWS. */
export interface CallCount {
  /** The calls, in their order, without the polls. */
  readonly actions: readonly string[];
  /** The longest row of calls of which each begins when the one before has been answered. */
  readonly roundTrips: number;
  /** The same read again, because AWS tells nobody when a slow change is over. */
  readonly polls: number;
}

/**
 * Counts calls. A read that repeats itself while its service is not changed is a poll: how many there are depends on how
 * slow AWS is and how often somebody looks, so they are counted apart.
 */
export function countCalls(calls: readonly RecordedCall[]): CallCount {
  const seen = new Map<string, Set<string>>();
  const counted: RecordedCall[] = [];
  for (const call of calls) {
    const [service = ''] = call.action.split(':');
    const reads = seen.get(service) ?? new Set();
    const question = `${call.action} ${JSON.stringify(call.input)}`;
    if (reads.has(question)) continue;
    if (isRead(call.action)) seen.set(service, reads.add(question));
    else seen.delete(service);
    counted.push(call);
  }
  return {
    actions: counted.map(({ action }) => action),
    roundTrips: maxChain(counted),
    polls: calls.length - counted.length,
  };
}

function isRead(action: string): boolean {
  return /:(Describe|Get|List)/.test(action);
}

/** All calls take the same time, so a call that begins when another has ended follows upon it. */
function maxChain(calls: readonly RecordedCall[]): number {
  let length = 0;
  let endsAt = Number.NEGATIVE_INFINITY;
  for (const { at } of calls.toSorted((one, other) => one.at - other.at)) {
    if (at < endsAt) continue;
    length += 1;
    endsAt = at + latencyMilliseconds;
  }
  return length;
}
