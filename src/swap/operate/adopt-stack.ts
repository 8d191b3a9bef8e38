import { partnerOf, type StackReference } from '../../core/stack-reference.js';
import { conflictOf } from '../engine/claims.js';
import { isChanged } from '../engine/decide-group.js';
import type { ItemChange } from '../engine/decision.js';
import { readPercents } from '../engine/read-truth.js';
import { openSession } from '../engine/run-pass.js';
import type { SwapDependencies } from '../engine/swap-dependencies.js';
import type { SwapEvent } from '../engine/swap-events.js';
import { endSwap } from '../engine/transitions.js';
import { SwapDriftError } from '../errors.js';
import { type SwapPlan, stepsIn } from '../plan/swap-plan.js';
import type { SwapRecordItem, SwapUnderWay } from '../record/types.js';

/** Request to adopt a stack. */
export interface AdoptRequest {
  /** Stack that is recorded as live. */
  readonly live: StackReference;
  readonly reason: string;
  readonly despiteProbe: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** Result of `StackSwap.adopt`. */
export interface AdoptResult {
  /** Stack that is recorded as live. */
  readonly live: StackReference;
  /** ID of the swap that was under way. */
  readonly endedSwapId?: string;
  /** Steps that the abandoned swap had changed and not undone. */
  readonly openSteps: readonly string[];
}

/** Records a live stack by hand, and ends the swap under way as abandoned. */
export async function adoptStack(
  dependencies: SwapDependencies,
  request: AdoptRequest,
): Promise<AdoptResult> {
  const { application, clock, switch: mover } = dependencies;
  const { live } = request;
  const events: SwapEvent[] = [];
  const session = await openSession(dependencies, events);
  if (session.otherClaimUntil() !== undefined) throw conflictOf('Another process has the claim', application);
  if (!request.despiteProbe) await requireLive(dependencies, request);
  const fingerprint = { fingerprint: mover.fingerprint };
  const { item } = session;
  if (item === undefined) {
    const first = { format: 1, application, live, orphans: [], ended: [], ...fingerprint } as const;
    if (!(await session.create(first)))
      throw conflictOf('Another process has written the record first', application);
    return { live, openSteps: [] };
  }
  const openSteps = item.swap === undefined ? [] : openStepsOf(item.swap, dependencies.plan);
  const reason = `${request.reason}${openSteps.length > 0 ? `; open: ${openSteps.join(', ')}` : ''}`;
  await session.update(adopt(live, reason, clock.now(), fingerprint));
  return { live, openSteps, ...(item.swap && { endedSwapId: item.swap.id }) };
}

async function requireLive(dependencies: SwapDependencies, { live, signal }: AdoptRequest): Promise<void> {
  const percents = await readPercents(dependencies, signal);
  if (percents[live] === 100 && percents[partnerOf(live)] === 0) return;
  throw new SwapDriftError(`The ${live} stack of ${dependencies.application} does not have all the traffic`, {
    resource: dependencies.switch.description,
    expected: `100 % for ${live}`,
    actual: `blue ${percents.blue} %, green ${percents.green} %`,
    remedy: 'Adopt the other stack, move the traffic, or pass despiteProbe: true',
  });
}

/** Steps whose change may still be there. A step of the plan that needs no undo is not among them. */
function openStepsOf({ steps }: SwapUnderWay, plan: SwapPlan): string[] {
  const harmless = new Set(
    stepsIn(plan, 'prepare', 'test').flatMap(({ name, source }) => (source.undo === 'none' ? [name] : [])),
  );
  return Object.entries(steps)
    .filter(([name, record]) => !harmless.has(name) && isChanged(record) && record.undoneAt === undefined)
    .map(([name]) => name);
}

function adopt(
  live: StackReference,
  reason: string,
  now: number,
  known: Pick<SwapRecordItem, 'fingerprint'>,
): ItemChange {
  return (item) => {
    const ended = endSwap('abandoned', now, { reason })(item) ?? item;
    // A step that an earlier swap has left for this stack would switch off the live one.
    return { ...ended, ...known, live, orphans: ended.orphans.filter(({ stack }) => stack !== live) };
  };
}
