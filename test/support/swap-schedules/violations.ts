import { partnerOf } from '../../../src/core/stack-reference.js';
import { type ObservedChange, outgoingOf } from './observed-changes.js';
import type { FinishedSchedule } from './run-schedule.js';
import type { SwapSchedule } from './schedule.js';
import type { ScheduledWorld } from './scheduled-world.js';
import type { StackState } from './small-stacks.js';

const on = { subscription: true, mapping: true, alarms: true };
const off = { subscription: false, mapping: false, alarms: false, sessions: false };

/** Describes every violation. */
export function violationsOf(finished: FinishedSchedule): string[] {
  const { changes } = finished.world.observed;
  return [
    ...changes.flatMap(violationsOfChange),
    ...violationsOfHelp(finished),
    ...violationsOfDeployments(finished),
    ...violationsOfEnd(finished),
  ];
}

/** Describes what was wrong with a change at its time. */
export function violationsOfChange(change: ObservedChange): string[] {
  const { at, action, stack, percent, swap, by } = change;
  const label = `${action} on ${stack} with ${percent} % by ${by} at ${new Date(at).toISOString()} (${swap?.phase})`;
  const isRetiring = swap === undefined || swap.phase === 'retiring';
  return [
    // A call that was sent before may still take effect, once: no claim can prevent it.
    ...(change.takesAway && percent > 0 && !change.isHeldUp ? [`under users: ${label}`] : []),
    ...(swap !== undefined && !isRetiring && stack === outgoingOf(swap) ? [`outgoing: ${label}`] : []),
    ...(swap?.phase === 'retiring' && !change.canRetire
      ? [`before the end of the deployment: ${label}`]
      : []),
    ...(change.claimLeft < 0 ? [`without a claim: ${label}, ${change.claimLeft} ms`] : []),
    ...(change.otherHolder !== undefined && !change.isLate
      ? [`beside the claim of ${change.otherHolder}: ${label}`]
      : []),
  ];
}

/** While the traffic is split, both stacks stay on. */
function violationsOfHelp({ help }: FinishedSchedule): string[] {
  if (help?.phase !== 'returningTraffic') return [];
  return (['blue', 'green'] as const).flatMap((stack) =>
    isOn(help[stack]) ? [] : [`${stack} is not on while its traffic is not returned`],
  );
}

/** A healthy deployment succeeds. */
function violationsOfDeployments({ schedule, world }: FinishedSchedule): string[] {
  if (!isHealthy(schedule)) return [];
  return world.deployments.flatMap(({ deploymentId, status }) =>
    status === 'Succeeded' ? [] : [`healthy deployment ${deploymentId} is ${status}`],
  );
}

/** True when Lambda's retries suffice for every fault. */
function isHealthy({
  testFails,
  missingHook,
  deployments,
  faults,
  invocations,
  sameStack,
}: SwapSchedule): boolean {
  const kinds = faults.map(({ kind }) => kind);
  const kills = kinds.filter((kind) => kind === 'killBefore' || kind === 'killAfter');
  return (
    !testFails &&
    missingHook === undefined &&
    invocations.length === 0 &&
    kills.length <= 2 &&
    !kinds.includes('accessDenied') &&
    faults.every(({ times = 1 }) => times <= 2) &&
    deployments.every(
      ({ kind, stop, rollBackAfterSeconds }) =>
        stop === undefined &&
        rollBackAfterSeconds === undefined &&
        (kind === 'swap' || sameStack === 'deployOnly'),
    )
  );
}

function isOn(state: StackState): boolean {
  return state.subscription && state.mapping && state.alarms;
}

/** The end of a schedule, for the counts. */
export function endOf({ observed }: Pick<ScheduledWorld, 'observed'>): string {
  const { swap, orphans = [], ended = [] } = observed.item ?? {};
  if (swap !== undefined) return swap.phase;
  if (orphans.length > 0) return 'orphans';
  return ended.at(-1)?.end ?? 'no swap';
}

/** All old, all new, or halted with a reason. */
function violationsOfEnd({ world, before }: FinishedSchedule): string[] {
  const { observed, stacks, live, deployments } = world;
  const { item } = observed;
  const end = endOf(world);
  if (end === 'halted') return item?.swap?.haltReason ? [] : ['halted without a reason'];
  if (item?.swap !== undefined) return [`does not end: ${JSON.stringify(item.swap)}`];
  if (item !== undefined && item.orphans.length > 0) return [`orphans: ${JSON.stringify(item.orphans)}`];
  if (live === undefined) return ['the traffic is split'];
  if (item !== undefined && item.live !== live) return [`${live} is live, the record has ${item.live}`];
  const hasSwapped = item?.ended.some((it) => it.end === 'succeeded') === true;
  const swapped = hasSwapped ? { [live]: on, [partnerOf(live)]: off } : before;
  // A person has chosen the stack, and looks at the other one.
  const wanted: Partial<Record<'blue' | 'green', object>> = end === 'abandoned' ? { [live]: on } : swapped;
  return (['blue', 'green'] as const).flatMap((stack) => {
    // A call that was held up until after the last look undoes what the look has seen: no claim can prevent it.
    if (observed.changes.findLast((it) => it.stack === stack)?.isHeldUp) return [];
    const state = stacks.stateOf(stack);
    const wrong = Object.entries(wanted[stack] ?? {}).filter(
      ([name, value]) => state[name as keyof typeof state] !== value,
    );
    const statuses = deployments.map(({ status }) => status).join();
    return wrong.map(([name, value]) => `${stack} ${name} is not ${value} after ${end} (${statuses})`);
  });
}
