import { expect } from 'vitest';
import { silentLogger } from '../../../src/core/logger.js';
import { partnerOf, type StackReference } from '../../../src/core/stack-reference.js';
import type { StepContext, SwapStep } from '../../../src/swap/plan/step.js';
import { flatten } from '../../../src/swap/plan/swap-plan.js';
import { endOf, violationsOfChange } from '../swap-schedules/violations.js';
import { Messages } from './messages.js';
import type { FrontDoor, SwapOfDoor } from './swap-of-door.js';

const kinds = ['killBefore', 'killAfter'] as const;

/** Death of the process that makes a call. */
interface Death {
  readonly kind: (typeof kinds)[number];
  readonly atCall: number;
}

/** Calls that a run makes. */
interface StoppedRuns {
  /** Calls of the swap without a death, until its last write of the record. */
  readonly calls: number;
  readonly runs: number;
  /** Number of runs by the end of the swap. */
  readonly ends: ReadonlyMap<string, number>;
}

/**
 * Stops a swap at every nth AWS call, once before and once after the call has taken effect, lets its front door continue, and expects
 * all old or all new.
 */
export async function stopAtCalls(
  door: FrontDoor,
  { testFails, every }: { readonly testFails: boolean; readonly every: number },
): Promise<StoppedRuns> {
  const { calls } = await runWith(door, testFails, undefined);
  const ends = new Map<string, number>();
  let runs = 0;
  for (let atCall = 1; atCall <= calls; atCall += every) {
    for (const kind of kinds) {
      const { end, problems, hasDied } = await runWith(door, testFails, { kind, atCall });
      const label = `${door.name}, ${testFails ? 'failing' : 'good'}, ${kind} at call ${atCall}: ${end}`;
      expect([label, hasDied, problems]).toEqual([label, true, []]);
      expect([label, door.ends[testFails ? 'failing' : 'good']]).toEqual([
        label,
        expect.arrayContaining([end]),
      ]);
      ends.set(end, (ends.get(end) ?? 0) + 1);
      runs += 1;
    }
  }
  return { calls, runs, ends };
}

/** Runs a swap whose process dies at one call, or at none. */
async function runWith(door: FrontDoor, testFails: boolean, death: Death | undefined) {
  const swap = door.create({ testFails });
  const { cloud, stacks, observed } = swap;
  await cloud.clock.busy(() => swap.loadModules());
  await stacks.begin();
  // Until then the queue of green can get messages.
  await cloud.clock.sleep(cloud.sns.filterPropagationSeconds * 1000);
  observed.changes.length = 0;
  const messages = new Messages({ cloud, stacks, percentOf: (stack) => swap.percentOf(stack) });
  const before = { blue: stacks.stateOf('blue'), green: stacks.stateOf('green') };
  const first = cloud.calls.length;
  if (death !== undefined) cloud.injectFault(death);
  await swap.run();
  const made = cloud.calls.slice(first);
  cloud.clearFaults();
  messages.stop();
  // Until then the last orders are read.
  await cloud.clock.sleep(60_000);
  const hasDied = made.some(({ outcome }) => outcome === 'killed');
  const last = made.findLastIndex(({ action }) => action === 'dynamodb:PutItem');
  const end = endOf(swap);
  const problems = [
    ...observed.changes.flatMap(violationsOfChange),
    ...problemsOfEnd(swap, before),
    ...(await problemsOfSteps(swap, end === 'succeeded')),
    ...problemsOfMessages(swap, messages),
  ];
  return { calls: last + 1, end, problems, hasDied };
}

/** All old, all new, and nothing under way. */
function problemsOfEnd(swap: SwapOfDoor, before: Readonly<Record<StackReference, object>>): string[] {
  const { observed, stacks } = swap;
  const { item } = observed;
  const isNew = endOf(swap) === 'succeeded';
  const live = isNew ? 'green' : 'blue';
  const off = { subscription: false, mapping: false, alarms: false, sessions: false };
  const after = { blue: off, green: before.blue };
  const expected = isNew ? after : before;
  const actual = { blue: stacks.stateOf('blue'), green: stacks.stateOf('green') };
  const outgoing = observed.changes.filter(({ stack }) => stack === 'blue');
  return [
    ...(item?.swap === undefined ? [] : [`the swap is still ${item.swap.phase}`]),
    ...(item === undefined || item.live === live ? [] : [`the record has ${item.live} as live`]),
    ...(swap.percentOf(live) === 100 && swap.percentOf(partnerOf(live)) === 0
      ? []
      : [`${live} has not all traffic`]),
    ...(JSON.stringify(actual) === JSON.stringify(expected)
      ? []
      : [`the stacks are ${JSON.stringify(actual)}`]),
    ...(isNew || outgoing.length === 0 ? [] : [`${outgoing.length} changes to the outgoing stack`]),
  ];
}

/** Every step that looks agrees with the end. The memory of a purge ends with its swap. */
async function problemsOfSteps({ cloud, stacks, observed }: SwapOfDoor, isNew: boolean): Promise<string[]> {
  const { prepare, retire } = stacks.plan({ propagationSeconds: 900, testFails: false });
  const signal = new AbortController().signal;
  const contextOf = (stack: StackReference): StepContext => ({
    ...{ stack, incoming: 'green', outgoing: 'blue', swapId: 'swap', attempt: 1, memory: {} },
    ...{ signal, clock: cloud.clock, logger: silentLogger },
  });
  const visible = (list: readonly SwapStep[]) => list.filter(({ name }) => !name.startsWith('purge'));
  const problems: string[] = [];
  const expectDone = async ({ name, isDone }: SwapStep, stack: StackReference) => {
    if ((await isDone?.(contextOf(stack))) !== isNew) problems.push(`isDone of "${name}" is not ${isNew}`);
  };
  for (const step of visible(flatten(prepare ?? []))) {
    await expectDone(step, 'green');
    const { claimedAt, before } = observed.lastSwap?.steps[step.name] ?? {};
    if (step.isUndone === undefined || claimedAt === undefined) continue;
    const isUndone = await step.isUndone(contextOf('green'), before);
    if (isUndone === isNew) problems.push(`isUndone of "${step.name}" is ${isUndone}`);
  }
  for (const step of visible(flatten(retire ?? []))) await expectDone(step, 'blue');
  return problems;
}

function problemsOfMessages(swap: SwapOfDoor, messages: Messages): string[] {
  const live = endOf(swap) === 'succeeded' ? 'green' : 'blue';
  const lost = messages.lostBy(live);
  return [
    ...(messages.of(live).length > 0 ? [] : [`no message for ${live}`]),
    ...(lost.length === 0 ? [] : [`lost by ${live}: ${lost.join(', ')}`]),
  ];
}
