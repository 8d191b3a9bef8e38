import type { RecordedCall } from 'aws-blue-green-toolkit/testing';

/** Virtual milliseconds of each call. */
export const latencyMilliseconds = 50;

/** Calls of a part of a procedure. */
export interface CallCount {
  /** The calls, in their order, without the polls. */
  readonly actions: readonly string[];
  /** Length of the longest chain of calls of which each begins after the response to the previous one. */
  readonly roundTrips: number;
  /** Number of repeated reads, which wait for a slow change. */
  readonly polls: number;
}

/**
 * Counts calls. A read that repeats itself while its service is not changed is a poll. Polls are counted separately, because their
 * number depends on the speed of AWS and on the interval.
 */
export function countCalls(calls: readonly RecordedCall[]): CallCount {
  const readsByService = new Map<string, Set<string>>();
  const counted: RecordedCall[] = [];
  for (const call of calls) {
    const [service = ''] = call.action.split(':');
    const reads = readsByService.get(service) ?? new Set();
    const request = `${call.action} ${JSON.stringify(call.input)}`;
    if (reads.has(request)) continue;
    if (isRead(call.action)) readsByService.set(service, reads.add(request));
    else readsByService.delete(service);
    counted.push(call);
  }
  return {
    actions: counted.map(({ action }) => action),
    roundTrips: maxChain(counted),
    polls: calls.length - counted.length,
  };
}

/**
 * Returns how often a read was made at most before the first change of its service, or before the first change at all when its
 * service is not changed. A poll after the change does not count.
 */
export function maxReadsBeforeChange(calls: readonly RecordedCall[]): number {
  const serviceOf = ({ action }: RecordedCall) => action.split(':')[0];
  const changes = calls.filter(({ action }) => !isRead(action));
  const counts = new Map<string, number>();
  for (const [index, call] of calls.entries()) {
    const change = changes.find((it) => serviceOf(it) === serviceOf(call)) ?? changes[0];
    if (!isRead(call.action) || change === undefined || index > calls.indexOf(change)) continue;
    const request = `${call.action} ${JSON.stringify(call.input)}`;
    counts.set(request, (counts.get(request) ?? 0) + 1);
  }
  return Math.max(0, ...counts.values());
}

function isRead(action: string): boolean {
  return /:(Describe|Get|List)/.test(action);
}

/** Counts a call that begins at or after the end of another as its successor, because all calls take the same time. */
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
