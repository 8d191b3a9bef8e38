import type { StackReference } from '../../core/stack-reference.js';
import { spanOf, type TimeSpan } from '../chart/scale.js';
import type { SwapEventPart, SwapPart } from '../input/swap-schema.js';

/** End of a swap, or the phase of one under way. */
export type SwapOutcome =
  | 'succeeded'
  | 'rolledBack'
  | 'endedByHand'
  | 'halted'
  | 'returning'
  | 'underWay'
  | 'none';

/** Swap under way, as the record has it. */
export type RecordedSwap = NonNullable<NonNullable<SwapPart['record']>['swap']>;

/** Facts of the latest swap, from its history, its record and its status. */
export interface SwapModel {
  readonly application: string | undefined;
  readonly swapId: string | undefined;
  readonly incoming: StackReference | undefined;
  readonly owner: string | undefined;
  /** Events of this swap. */
  readonly history: readonly SwapEventPart[];
  /** Absent when the swap has ended. */
  readonly recorded: RecordedSwap | undefined;
  readonly status: SwapPart['status'];
  readonly outcome: SwapOutcome;
  readonly reason: string | undefined;
  readonly haltReason: string | undefined;
  /** Steps of `retire` that are left, with their reasons. */
  readonly orphans: readonly string[];
  readonly startedAt: number | undefined;
  readonly span: TimeSpan;
}

/** Returns the facts of the latest swap. */
export function swapModel(input: SwapPart): SwapModel {
  const { record, status } = input;
  const swapId = idOf(input);
  const history = (input.history ?? []).filter((event) => event.swapId === swapId);
  const recorded = record?.swap?.id === swapId ? record?.swap : undefined;
  const underWay = status?.swap?.id === swapId ? status?.swap : undefined;
  const ended = endedOf(input, swapId);
  const started = history.find((event) => event.type === 'started');
  const end = history.findLast((event) => event.type === 'ended');
  const changes = history.filter((event) => event.type === 'phaseChanged');
  const halt = changes.findLast(({ phase }) => phase === 'halted');
  const times = [
    ...history.map(({ at }) => at),
    ...timesOf(recorded),
    ...(ended ? [ended.beganAt, ended.endedAt] : []),
  ];
  const request = history.findLast((event) => event.type === 'rollbackRequested');
  const given = input.outcome === 'halted' ? { haltReason: input.reason } : { reason: input.reason };
  return {
    application: record?.application ?? status?.application,
    swapId,
    incoming: recorded?.incoming ?? underWay?.incoming ?? started?.incoming ?? ended?.incoming,
    owner:
      recorded === undefined
        ? (underWay?.owner ?? started?.owner)
        : `${recorded.owner.kind} ${recorded.owner.id}`,
    history,
    recorded,
    status,
    outcome: outcomeIn(end ?? ended) ?? input.outcome ?? phaseOf(recorded ?? underWay, history),
    reason:
      end?.reason ?? ended?.reason ?? recorded?.reason ?? underWay?.reason ?? request?.reason ?? given.reason,
    haltReason: recorded?.haltReason ?? underWay?.haltReason ?? halt?.reason ?? given.haltReason,
    orphans: orphansOf(input, end?.orphans ?? []),
    startedAt: times.length > 0 ? spanOf(times).from : undefined,
    span: spanOf(times),
  };
}

/** Returns the outcome of an ended swap. `StackSwap.adopt` ends one by hand. */
export function outcomeOfEnd(
  end: 'succeeded' | 'rolledBack' | 'abandoned',
): 'succeeded' | 'rolledBack' | 'endedByHand' {
  return end === 'succeeded' || end === 'rolledBack' ? end : 'endedByHand';
}

function outcomeIn(ended: { readonly end: Parameters<typeof outcomeOfEnd>[0] } | undefined) {
  return ended && outcomeOfEnd(ended.end);
}

function idOf({ history = [], record, status }: SwapPart): string | undefined {
  return (
    record?.swap?.id ??
    history.at(-1)?.swapId ??
    status?.swap?.id ??
    record?.ended.at(-1)?.id ??
    status?.last?.id
  );
}

function endedOf({ record, status }: SwapPart, swapId: string | undefined) {
  const last = status?.last?.id === swapId ? status?.last : undefined;
  return record?.ended.findLast(({ id }) => id === swapId) ?? last;
}

function phaseOf(
  swap: { readonly phase: string; readonly wanted: string } | undefined,
  history: readonly SwapEventPart[],
): SwapOutcome {
  const last = history.findLast((event) => event.type === 'phaseChanged')?.phase;
  const phase = swap?.phase ?? last;
  if (phase === undefined) return history.length > 0 ? 'underWay' : 'none';
  if (phase === 'halted') return 'halted';
  const isBack = swap?.wanted === 'back' || history.some(({ type }) => type === 'rollbackRequested');
  return isBack ? 'returning' : 'underWay';
}

/** Returns the times of a record's swap. The claim's end is no event, and is left out. */
function timesOf(swap: RecordedSwap | undefined): number[] {
  if (swap === undefined) return [];
  const steps = Object.values(swap.steps).flatMap((step) =>
    Object.entries(step).flatMap(([name, value]) =>
      name.endsWith('At') && typeof value === 'number' ? [value] : [],
    ),
  );
  const own = [swap.beganAt, swap.phaseSince, swap.switchedAt, swap.returnRequestedAt, swap.hook?.since];
  return [...steps, ...own.filter((time) => time !== undefined)];
}

function orphansOf({ record, status }: SwapPart, ofEnd: readonly string[]): string[] {
  const left = record?.orphans ?? status?.orphans;
  if (left === undefined) return [...ofEnd];
  return left.map(({ step, stack, reason }) => `${step} of the ${stack} stack: ${reason}`);
}
