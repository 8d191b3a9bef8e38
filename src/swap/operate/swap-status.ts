import { messageOf } from '../../core/describe-error.js';
import type { StackReference } from '../../core/stack-reference.js';
import { peekNext } from '../engine/peek-next.js';
import { readPercents } from '../engine/read-truth.js';
import { openSession } from '../engine/run-pass.js';
import type { SwapDependencies } from '../engine/swap-dependencies.js';
import { recordOf } from '../engine/transitions.js';
import { type PlannedStep, stepsIn } from '../plan/swap-plan.js';
import type {
  EndedSwap,
  OrphanStep,
  StepRecord,
  SwapClaim,
  SwapPhase,
  SwapRecordItem,
  SwapUnderWay,
} from '../record/types.js';
import type { TrafficPercents } from '../switches/types.js';

/** State of one step in a status. */
export interface StepStatus {
  readonly name: string;
  readonly stack: 'incoming' | 'outgoing';
  readonly state: 'open' | 'alreadyDone' | 'started' | 'done' | 'undoing' | 'undone';
  /** Time at which the change is in effect: ISO 8601. */
  readonly inEffectAt?: string;
  readonly failure?: string;
}

/** Swap under way in a status. Times are ISO 8601. */
export interface UnderWayStatus {
  readonly id: string;
  readonly incoming: StackReference;
  readonly phase: SwapPhase;
  readonly since: string;
  readonly wanted: 'forward' | 'back';
  readonly reason?: string;
  readonly haltReason?: string;
  readonly requestedBy?: string;
  readonly owner: string;
  /** Status of the owner's deployment. */
  readonly ownerStatus?: string;
  readonly steps: readonly StepStatus[];
}

/** Result of `StackSwap.status`. */
export interface SwapStatus {
  readonly application: string;
  /** Live stack of the record. */
  readonly live?: StackReference;
  /** Percent of the production traffic of each stack; its error when it cannot be read. */
  readonly traffic: TrafficPercents | { readonly error: string };
  readonly swap?: UnderWayStatus;
  /** Process that may change the stacks now. */
  readonly claim?: { readonly expiresAt: string; readonly isValid: boolean };
  readonly orphans: readonly OrphanStep[];
  /** Last ended swap. */
  readonly last?: EndedSwap;
  /** Next action. */
  readonly next: string;
}

/** Reads the state of an application. Changes nothing. */
export async function readStatus(
  dependencies: SwapDependencies,
  signal: AbortSignal = new AbortController().signal,
): Promise<SwapStatus> {
  const { application, clock } = dependencies;
  const { item } = await openSession(dependencies, []);
  const last = item?.ended.at(-1);
  return {
    application,
    ...(item?.live && { live: item.live }),
    traffic: await orError(() => readPercents(dependencies, signal)),
    ...(item?.swap && { swap: await swapStatus(dependencies, item.swap, signal) }),
    ...(item?.claim && { claim: claimStatus(item.claim, clock.now()) }),
    orphans: item?.orphans ?? [],
    ...(last && { last }),
    next: await nextOf(dependencies, item, signal),
  };
}

async function orError<Result>(read: () => Promise<Result>): Promise<Result | { readonly error: string }> {
  try {
    return await read();
  } catch (error) {
    return { error: messageOf(error) };
  }
}

function claimStatus({ expiresAt }: SwapClaim, now: number): NonNullable<SwapStatus['claim']> {
  return { expiresAt: new Date(expiresAt).toISOString(), isValid: expiresAt > now };
}

async function swapStatus(
  { plan, switch: mover }: SwapDependencies,
  swap: SwapUnderWay,
  signal: AbortSignal,
): Promise<UnderWayStatus> {
  const { id, incoming, phase, phaseSince, wanted, reason, haltReason, requestedBy, owner } = swap;
  const status = mover.kind === 'shift' ? undefined : await orError(() => mover.statusOf(owner, { signal }));
  const ownerStatus = status && ('error' in status ? status.error : `${status.state}: ${status.detail}`);
  return {
    id,
    incoming,
    phase,
    since: new Date(phaseSince).toISOString(),
    wanted,
    ...(reason !== undefined && { reason }),
    ...(haltReason !== undefined && { haltReason }),
    ...(requestedBy !== undefined && { requestedBy }),
    owner: `${owner.kind} ${owner.id}`,
    ...(ownerStatus !== undefined && { ownerStatus }),
    steps: stepsIn(plan, 'prepare', 'test', 'retire').map((step) =>
      stepStatus(step, recordOf(swap, step.name)),
    ),
  };
}

function stepStatus({ name, side }: PlannedStep, record: StepRecord): StepStatus {
  const { inEffectAt, failure } = record;
  return {
    name,
    stack: side,
    state: stateOf(record),
    ...(inEffectAt !== undefined && { inEffectAt: new Date(inEffectAt).toISOString() }),
    ...(failure !== undefined && { failure }),
  };
}

function stateOf(record: StepRecord): StepStatus['state'] {
  if (record.undoneAt !== undefined) return 'undone';
  if (record.undoClaimedAt !== undefined) return 'undoing';
  if (record.doneAt !== undefined) return record.wasDone === true ? 'alreadyDone' : 'done';
  return record.claimedAt === undefined ? 'open' : 'started';
}

async function nextOf(
  dependencies: SwapDependencies,
  item: SwapRecordItem | undefined,
  signal: AbortSignal,
): Promise<string> {
  if (item?.swap !== undefined) {
    try {
      return await peekNext(dependencies, item, signal);
    } catch (error) {
      return `unknown: ${messageOf(error)}`;
    }
  }
  const [orphan] = item?.orphans ?? [];
  return orphan === undefined
    ? 'no swap is under way'
    : `completes "${orphan.step}" of the ${orphan.stack} stack, with resume or the next tick`;
}
