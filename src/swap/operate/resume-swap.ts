import { ElapsedTime } from '../../core/elapsed-time.js';
import { completeOrphan } from '../engine/complete-orphans.js';
import { openSession, runPass } from '../engine/run-pass.js';
import type { SwapDependencies } from '../engine/swap-dependencies.js';
import type { SwapEvent } from '../engine/swap-events.js';
import { changeSwap } from '../engine/transitions.js';
import { SwapConflictError } from '../errors.js';
import type { StepRecord, SwapEnd } from '../record/types.js';

/** Limits of `StackSwap.resume`. */
export interface ResumeRequest {
  readonly maxWaitSeconds: number;
  readonly signal?: AbortSignal | undefined;
}

/** Result of `StackSwap.resume`. */
export interface ResumeResult {
  /** `idle`: no swap was under way. `underWay`: the time was over, or the swap waits for AWS. */
  readonly outcome: SwapEnd | 'halted' | 'underWay' | 'idle';
  /** State in words. */
  readonly detail: string;
  /** Steps of `retire` that are left. */
  readonly orphans: readonly string[];
}

/** Seconds between two attempts while another process has the claim, or an orphan is blocked. */
const pauseSeconds = 15;

/** Continues the swap under way, or completes what an ended one has left, until the end or until the time is over. */
export async function resumeSwap(
  dependencies: SwapDependencies,
  request: ResumeRequest,
): Promise<ResumeResult> {
  const elapsed = new ElapsedTime(dependencies.clock);
  const swapId = await endHalt(dependencies);
  const result =
    swapId === undefined
      ? ({ outcome: 'idle', detail: 'no swap is under way' } as const)
      : await followSwap(dependencies, swapId, request, elapsed);
  const isOver = result.outcome === 'idle' || result.outcome === 'succeeded';
  const blocked = isOver ? await completeAll(dependencies, request, elapsed) : undefined;
  const { item } = await openSession(dependencies, []);
  const detail = blocked === undefined ? result.detail : `${result.detail}; ${blocked}`;
  return { ...result, detail, orphans: item?.orphans.map(({ step }) => step) ?? [] };
}

/** Ends a halt. Returns the ID of the swap under way. */
async function endHalt(dependencies: SwapDependencies): Promise<string | undefined> {
  const events: SwapEvent[] = [];
  const session = await openSession(dependencies, events);
  const now = dependencies.clock.now();
  await session.update(
    changeSwap(({ haltedIn, haltReason: _, ...swap }) =>
      swap.phase !== 'halted' || haltedIn === undefined
        ? undefined
        : {
            ...swap,
            phase: haltedIn,
            phaseSince: now,
            steps: Object.fromEntries(Object.entries(swap.steps).map(([name, it]) => [name, retried(it)])),
          },
    ),
  );
  return session.item?.swap?.id;
}

/** The person has removed the cause, so an undo that is left begins anew. */
function retried(record: StepRecord): StepRecord {
  if (record.undoClaimedAt === undefined || record.undoneAt !== undefined) return record;
  const { failure: _, undoAttempts: __, undoAttemptedAt: ___, undoRanAt: ____, ...rest } = record;
  return rest;
}

async function followSwap(
  dependencies: SwapDependencies,
  swapId: string,
  { maxWaitSeconds, signal }: ResumeRequest,
  elapsed: ElapsedTime,
): Promise<Omit<ResumeResult, 'orphans'>> {
  const { clock, rules, application } = dependencies;
  const scope = rules.kind === 'shift' ? 'all' : 'follow';
  for (;;) {
    const pass = await runPass(dependencies, swapId, scope, { signal });
    if (pass.status === 'ended') {
      const line = pass.item?.ended.findLast(({ id }) => id === swapId);
      return { outcome: line?.end ?? 'abandoned', detail: line?.reason ?? `swap ${swapId} has ended` };
    }
    const { phase, haltReason } = pass.item?.swap ?? {};
    if (phase === 'halted') return { outcome: 'halted', detail: haltReason ?? 'unknown' };
    if (pass.status !== 'waiting') {
      return {
        outcome: 'underWay',
        detail: pass.status === 'left' ? `waits for ${pass.detail}` : `${phase}`,
      };
    }
    const seconds = Math.max(0, (pass.until - clock.now()) / 1000);
    if (elapsed.seconds + seconds > maxWaitSeconds) {
      return { outcome: 'underWay', detail: `${phase}; waits for ${pass.detail}` };
    }
    await elapsed.sleepSeconds(seconds, { signal, resource: application });
  }
}

/** Returns the obstacle of an orphan that is left; undefined when none is. */
async function completeAll(
  dependencies: SwapDependencies,
  { maxWaitSeconds, signal }: ResumeRequest,
  elapsed: ElapsedTime,
): Promise<string | undefined> {
  for (;;) {
    const obstacle = await completeNext(dependencies, signal);
    if (obstacle === undefined) return undefined;
    if (obstacle === 'next') continue;
    if (elapsed.seconds + pauseSeconds > maxWaitSeconds) return obstacle;
    await elapsed.sleepSeconds(pauseSeconds, { signal, resource: dependencies.application });
  }
}

async function completeNext(
  dependencies: SwapDependencies,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  try {
    const result = await completeOrphan(dependencies, { signal });
    if (result.status === 'none') return undefined;
    return result.status === 'completed' ? 'next' : `step "${result.step}": ${result.detail}`;
  } catch (error) {
    if (error instanceof SwapConflictError) return error.message;
    throw error;
  }
}
