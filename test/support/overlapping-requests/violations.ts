import { expect } from 'vitest';
import type { LandedWrite, OverlapWorld, SentRequest } from './overlap-world.js';
import { runSchedule } from './run-schedule.js';
import { scheduleOf } from './schedule.js';

/**
 * Runs the schedules of consecutive seeds, expects no violation, and prints the counts of the requests
 * by their responses.
 */
export async function expectNoViolations({ first, count }: { first: number; count: number }): Promise<void> {
  const counts = new Map<string, number>();
  for (let seed = first; seed < first + count; seed += 1) {
    const schedule = scheduleOf(seed);
    const world = await runSchedule(schedule);
    expect(violationsOf(world), `seed ${seed}: ${JSON.stringify(schedule)}`).toEqual([]);
    for (const { type, isRollback, responses } of world.requests) {
      const outcome = `${isRollback ? 'rollbacks' : `${type}s`} ${responses[0]?.status ?? 'without a response'}`;
      counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
    }
  }
  const list = [...counts].map(([outcome, number]) => `${number} ${outcome}`).join(', ');
  // biome-ignore lint/suspicious/noConsole: the seeds and the counts are what this property reports
  console.info(`overlapping requests: seeds ${first} to ${first + count - 1}, 0 violations: ${list}`);
}

/** Describes every violation. */
export function violationsOf(world: OverlapWorld): string[] {
  return [
    ...world.astray.map((error) => `thrown outside of a request: ${String(error)}`),
    ...world.requests.flatMap((request) => responsesOf(request, world)),
    ...world.requests.flatMap((request) => writesAfter(request, world)),
    ...endOf(world),
    ...turnsOf(world.writes),
  ];
}

/** Each request with an invocation that did not crash gets one response, however often it was sent. */
function responsesOf(request: SentRequest, world: OverlapWorld): string[] {
  const { index, responses, ends } = request;
  const statuses = [...new Set(responses.map(({ status }) => status))];
  // CloudFormation has continued without the response to a replaced request.
  if (statuses.length > 1 && !isOvertaken(request, world)) {
    return [`request ${index} has the responses ${statuses.join(' and ')}`];
  }
  const canRespond = ends.length === 0 || ends.some((end) => end !== 'crashed');
  return statuses.length === 0 && canRespond ? [`request ${index} has no response`] : [];
}

/**
 * After the newest request has its response, neither an older one nor another run of it writes. The record of the requests is
 * deleted with the rule: a creation that arrives during a deletion is deleted before the deletion has its response.
 */
function writesAfter(request: SentRequest, world: OverlapWorld): string[] {
  const { index, responses } = request;
  const [first] = responses;
  if (first === undefined) return [];
  const isNewest = !isOvertaken(request, world);
  return world.writes
    .filter(({ action, at }) => at > first.at && !action.endsWith('Tags'))
    .filter((write) => write.request < index || (write.request === index && isNewest))
    .filter((write) => !isDuringDeletion(write, world))
    .map(
      ({ run, action, at }) =>
        `${action} by run ${run} at ${at}, after request ${index} had its response at ${first.at}`,
    );
}

/** True for a creation between the first deletion of the rule and the response to the request for it. */
function isDuringDeletion({ action, at, request }: LandedWrite, { requests, writes }: OverlapWorld): boolean {
  return requests.some(({ index, type, responses: [response] }) => {
    const first = writes.find((write) => write.request === index && write.action === 'DeleteRule');
    const isUnderWay = first !== undefined && first.at < at && (response === undefined || at < response.at);
    return type === 'Delete' && index > request && action === 'CreateRule' && isUnderWay;
  });
}

/** True when a newer request was made before the response. */
function isOvertaken({ index, responses: [first] }: SentRequest, { requests }: OverlapWorld): boolean {
  return requests.some((it) => it.index > index && it.madeAt <= (first?.at ?? Number.POSITIVE_INFINITY));
}

/** The rule has the state of the newest request, if that succeeded. */
function endOf({ requests, live }: OverlapWorld): string[] {
  const last = requests.at(-1);
  if (last?.responses[0]?.status !== 'SUCCESS') return [];
  if (last.type === 'Delete') return live === undefined ? [] : ['the rule was not deleted'];
  const { green, priority } = last.wanted;
  if (live !== undefined && Math.abs(live.green - green) < 0.01 && live.priority === priority) return [];
  return [`the rule is ${JSON.stringify(live)}, though request ${last.index} succeeded with ${green} %`];
}

/** A run that rolls back does not raise the share again. */
function turnsOf(writes: readonly LandedWrite[]): string[] {
  const runs = [...new Set(writes.map(({ run }) => run))];
  return runs.flatMap((run) => {
    const shares = writes.flatMap((it) => (it.run === run && it.green !== undefined ? [it.green] : []));
    const steps = shares.slice(1).map((share, index) => Math.sign(share - (shares[index] ?? share)));
    const turns = steps
      .filter((step) => step !== 0)
      .filter((step, index, all) => index > 0 && step !== all[index - 1]);
    return turns.length > 1 ? [`run ${run} wrote ${shares.join(', ')}`] : [];
  });
}
