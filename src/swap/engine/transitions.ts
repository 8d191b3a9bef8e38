import { partnerOf } from '../../core/stack-reference.js';
import { truncateReason } from '../../resumable/truncate-reason.js';
import type { PlannedStep } from '../plan/swap-plan.js';
import type {
  OrphanStep,
  StepRecord,
  SwapEnd,
  SwapPhase,
  SwapRecordItem,
  SwapUnderWay,
} from '../record/types.js';
import type { ItemChange } from './decision.js';

/** Number of ended swaps in the record. */
const maxEnded = 50;

/** Maximum size of a failure of a step, in UTF-8 bytes, so that the record stays below its size limit with 60 of them. */
const maxFailureBytes = 300;

/** Changes the swap under way. */
export function changeSwap(change: (swap: SwapUnderWay) => SwapUnderWay | undefined): ItemChange {
  return (item) => {
    const swap = item.swap && change(item.swap);
    return swap && { ...item, swap };
  };
}

/** Moves on to a phase, unless the swap has been asked to roll back meanwhile. */
export function enterPhase(phase: SwapPhase, now: number, also: Partial<SwapUnderWay> = {}): ItemChange {
  return changeSwap((swap) =>
    swap.wanted === 'back' ? undefined : { ...swap, ...also, phase, phaseSince: now },
  );
}

/** Records that the incoming stack has all the traffic. */
export function recordSwitch(now: number): ItemChange {
  return (item) => {
    const changed = enterPhase('baking', now, { switchedAt: now })(item);
    return changed?.swap && { ...changed, live: changed.swap.incoming };
  };
}

/** Asks the swap to roll back. The first reason stays. */
export function requestRollback(reason: string, requestedBy?: string): ItemChange {
  return changeSwap((swap) =>
    swap.wanted === 'back' || isPastReturn(swap)
      ? undefined
      : {
          ...swap,
          wanted: 'back',
          reason: truncateReason(reason),
          ...(requestedBy !== undefined && { requestedBy }),
        },
  );
}

/** True when a step of `retire` may have changed something. */
export function isPastReturn({ phase, haltedIn }: SwapUnderWay): boolean {
  return phase === 'retiring' || haltedIn === 'retiring';
}

/** Stops the swap until a person resumes it. */
export function halt(reason: string, now: number): ItemChange {
  return changeSwap((swap) =>
    swap.phase === 'halted'
      ? undefined
      : {
          ...swap,
          phase: 'halted',
          haltedIn: swap.phase,
          phaseSince: now,
          haltReason: truncateReason(reason),
        },
  );
}

/** Starts to return the traffic. */
export function startReturn(now: number): ItemChange {
  return changeSwap(({ noTrafficSince: _, shiftDueAt: __, ...swap }) => ({
    ...swap,
    phase: 'returningTraffic',
    phaseSince: now,
  }));
}

/** Starts to undo the steps. The outgoing stack has all the traffic again. */
export function startUndo(now: number): ItemChange {
  return (item) =>
    item.swap && {
      ...item,
      live: partnerOf(item.swap.incoming),
      swap: { ...item.swap, phase: 'undoing', phaseSince: now },
    };
}

/** Changes the records of some steps. */
export function changeSteps(
  steps: readonly Pick<PlannedStep, 'name'>[],
  change: (record: StepRecord, name: string) => StepRecord,
): ItemChange {
  return changeSwap((swap) => ({
    ...swap,
    steps: {
      ...swap.steps,
      ...Object.fromEntries(steps.map(({ name }) => [name, change(recordOf(swap, name), name)])),
    },
  }));
}

/** Returns the record of a step; an empty one before its first call. */
export function recordOf(swap: SwapUnderWay, name: string): StepRecord {
  return Object.hasOwn(swap.steps, name) ? (swap.steps[name] ?? {}) : {};
}

/** Records steps whose change was made. */
export function recordDone(steps: readonly PlannedStep[], now: number): ItemChange {
  const propagation = new Map(steps.map((step) => [step.name, step.propagationSeconds * 1000]));
  return changeSteps(steps, ({ failure: _, ...record }, name) => ({
    ...record,
    doneAt: now,
    inEffectAt: now + (propagation.get(name) ?? 0),
    // A change that was not claimed was made before.
    ...(record.claimedAt === undefined && { wasDone: true }),
  }));
}

/** Records steps whose change was taken back. */
export function recordUndone(steps: readonly PlannedStep[], now: number): ItemChange {
  return (item) => {
    const changed = changeSteps(steps, ({ failure: _, ...record }) => ({ ...record, undoneAt: now }))(item);
    const pending = steps.map(
      ({ name, propagationSeconds }) => [name, now + propagationSeconds * 1000] as const,
    );
    return changed && withPending(changed, Object.fromEntries(pending), now);
  };
}

/** Records the ends of propagation times for the next swap, and removes those that are over. */
export function withPending(
  { undoInEffectAt = {}, ...item }: SwapRecordItem,
  inEffectAt: Readonly<Record<string, number>>,
  now: number,
): SwapRecordItem {
  const latest = new Map(Object.entries(undoInEffectAt));
  for (const [name, at] of Object.entries(inEffectAt)) latest.set(name, Math.max(at, latest.get(name) ?? 0));
  const later = [...latest].filter(([, at]) => at > now);
  return later.length === 0 ? item : { ...item, undoInEffectAt: Object.fromEntries(later) };
}

/** Records a failed attempt. */
export function recordFailure(step: Pick<PlannedStep, 'name'>, failure: string): ItemChange {
  return changeSteps([step], (record) => ({ ...record, failure: truncateFailure(failure) }));
}

/** Truncates a failure for the record. */
export function truncateFailure(failure: string): string {
  const text = truncateReason(failure);
  if (Buffer.byteLength(text) <= maxFailureBytes) return text;
  const cut = Buffer.from(text)
    .subarray(0, maxFailureBytes - 3)
    .toString();
  // A character that was cut ends as the replacement character.
  return `${cut.replace(/\uFFFD+$/, '')}…`;
}

/** Removes what is known of a change that no longer holds, so that the step runs again. */
export function forgetDone(steps: readonly PlannedStep[]): ItemChange {
  return changeSteps(steps, ({ doneAt: _, inEffectAt: __, ranAt: ___, ...record }) => record);
}

/** Removes what is known of an undo that no longer holds, so that the step is undone again. */
export function forgetUndone(steps: readonly PlannedStep[]): ItemChange {
  return changeSteps(steps, ({ undoneAt: _, undoRanAt: __, ...record }) => record);
}

/** Ends the swap. Orphans of a success replace the earlier ones, because its own steps cover them. */
export function endSwap(
  end: SwapEnd,
  now: number,
  { orphans, reason }: { readonly orphans?: readonly OrphanStep[]; readonly reason?: string } = {},
): ItemChange {
  return ({ swap, claim: _, ...item }) => {
    if (swap === undefined) return undefined;
    const why = reason ?? swap.reason;
    const line = {
      id: swap.id,
      owner: swap.owner,
      incoming: swap.incoming,
      beganAt: swap.beganAt,
      endedAt: now,
      end,
      ...(end !== 'succeeded' && why !== undefined && { reason: truncateFailure(why) }),
    };
    const effects = Object.entries(swap.steps).map(
      ([name, { inEffectAt = 0 }]) => [name, inEffectAt] as const,
    );
    const ended = {
      ...item,
      orphans: end === 'succeeded' ? (orphans ?? []) : item.orphans,
      ended: [...item.ended, line].slice(-maxEnded),
    };
    return withPending(ended, Object.fromEntries(effects), now);
  };
}
