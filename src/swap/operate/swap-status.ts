import { messageOf } from '../../core/describe-error.js';
import type { StackReference } from '../../core/stack-reference.js';
import { takeoverMilliseconds } from '../engine/limits.js';
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
  /** Name of the step. */
  readonly name: string;
  /** List of the plan that has the step. */
  readonly phase: 'prepare' | 'test' | 'retire';
  /** Stack that the step changes. */
  readonly stack: 'incoming' | 'outgoing';
  /** State of the step. */
  readonly state: 'open' | 'alreadyDone' | 'started' | 'done' | 'undoing' | 'undone';
  /** Time at which the change is in effect: ISO 8601. */
  readonly inEffectAt?: string;
  /** Last failure. */
  readonly failure?: string;
}

/** Swap under way in a status. Times are ISO 8601. */
export interface UnderWayStatus {
  /** ID of the swap. */
  readonly id: string;
  /** Stack that comes into use. */
  readonly incoming: StackReference;
  /** Phase of the swap. */
  readonly phase: SwapPhase;
  /** Phase in which the swap halted. */
  readonly haltedIn?: Exclude<SwapPhase, 'halted'>;
  /** Time at which the phase began, in the form of ISO 8601. */
  readonly since: string;
  /** Direction of the swap. */
  readonly wanted: 'forward' | 'back';
  /** Reason of the rollback. */
  readonly reason?: string;
  /** Reason of the halt. */
  readonly haltReason?: string;
  /** Person or process that asked for the rollback. */
  readonly requestedBy?: string;
  /** Deployment or run that the swap belongs to. */
  readonly owner: string;
  /** Status of the owner's deployment. */
  readonly ownerStatus?: string;
  /** Steps of the plan, in order. */
  readonly steps: readonly StepStatus[];
}

/** Result of `StackSwap.status`. */
export interface SwapStatus {
  /** Name of the application. */
  readonly application: string;
  /** Time of the status on the swap's clock, in the form of ISO 8601. */
  readonly now: string;
  /** Live stack of the record. */
  readonly live?: StackReference;
  /** Percent of the production traffic of each stack; its error when it cannot be read. */
  readonly traffic:
    | TrafficPercents
    | {
        /** Reason why the traffic could not be read. */
        readonly error: string;
      };
  /** The swap under way. */
  readonly swap?: UnderWayStatus;
  /** Process that may change the stacks now. */
  readonly claim?: {
    /** Time at which the claim ends unless it is renewed, in the form of ISO 8601. */
    readonly expiresAt: string;
    /** True while the process may change something. */
    readonly isValid: boolean;
    /** Time from which another process may take the claim over unless it is renewed, in the form of ISO 8601. */
    readonly takeoverAt: string;
  };
  /** Steps of `retire` that are left from an earlier swap. */
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
    now: new Date(clock.now()).toISOString(),
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
  return {
    expiresAt: new Date(expiresAt).toISOString(),
    isValid: expiresAt > now,
    takeoverAt: new Date(expiresAt + takeoverMilliseconds).toISOString(),
  };
}

async function swapStatus(
  { plan, switch: mover }: SwapDependencies,
  swap: SwapUnderWay,
  signal: AbortSignal,
): Promise<UnderWayStatus> {
  const { id, incoming, phase, haltedIn, phaseSince, wanted, reason, haltReason, requestedBy, owner } = swap;
  const status = mover.kind === 'shift' ? undefined : await orError(() => mover.statusOf(owner, { signal }));
  const ownerStatus = status && ('error' in status ? status.error : `${status.state}: ${status.detail}`);
  return {
    id,
    incoming,
    phase,
    ...(phase === 'halted' && haltedIn !== undefined && { haltedIn }),
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

function stepStatus({ name, phase, side }: PlannedStep, record: StepRecord): StepStatus {
  const { inEffectAt, failure } = record;
  return {
    name,
    phase,
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
      return `cannot be determined here: ${messageOf(error)}`;
    }
  }
  const [orphan] = item?.orphans ?? [];
  return orphan === undefined ? 'no swap is under way' : nextOfOrphan(dependencies, orphan, signal);
}

/** A tick repeats an orphan, but none calls a swap whose own process moves the traffic. */
async function nextOfOrphan(
  { switch: mover }: SwapDependencies,
  { step, stack, owner }: OrphanStep,
  signal: AbortSignal,
): Promise<string> {
  const what = `completes "${step}" of the ${stack} stack, with resume`;
  if (mover.kind === 'shift') return what;
  const isBlocked = await orError(() => mover.isAnotherUnderWay(owner, { signal }));
  const other = isBlocked === true ? 'waits for the end of another deployment of the group, then ' : '';
  return `${other}${what} or the next tick`;
}
