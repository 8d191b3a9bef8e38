import { maxSeconds } from '../../core/schemas.js';
import type { StackReference } from '../../core/stack-reference.js';
import type { CheckEvaluated } from '../shift/shift-events.js';
import { TrafficShifter } from '../traffic-shifter.js';
import type { Check, CheckPolicy, ShiftStrategy, TrafficTarget } from '../types.js';
import { weightsOf } from '../weights.js';
import type { RehearsedShift, RehearsedStop } from './rehearsal-types.js';
import type { WeightsOverTime } from './weights-over-time.js';

/** One shift to rehearse. */
export interface ShiftToRehearse {
  readonly strategy: ShiftStrategy;
  readonly checks: readonly Check[];
  readonly policy: CheckPolicy;
  readonly incoming: StackReference;
  readonly startAt: number;
  /** Time at which an unfinished shift is given up. */
  readonly endAt: number;
  /** Weights over time, empty before the shift. */
  readonly weights: WeightsOverTime;
}

/** End of a shift, before its data is judged. */
export interface RehearsedEnd extends Pick<RehearsedShift, 'stoppedBy' | 'reason'> {
  readonly outcome: 'passed' | 'stopped' | 'unfinished';
  readonly endedAt: number;
  /** Names of the checks that failed at least once. */
  readonly failed: readonly string[];
}

/** Runs a shift of the real engine in virtual time, up to its end or to the start of its rollback. */
export async function rehearseShift(shift: ShiftToRehearse): Promise<RehearsedEnd> {
  const { strategy, checks, policy, incoming, startAt, endAt, weights } = shift;
  let now = startAt;
  const clock = {
    now: () => now,
    sleep: async (milliseconds: number) => {
      now += milliseconds;
    },
  };
  const target: TrafficTarget = {
    description: 'rehearsed traffic',
    readWeights: async () => weightsOf(incoming, weights.percent),
    writeWeights: async (written) => weights.set(now, written[incoming]),
  };
  // Nothing else changes the weights, so they take effect at once and no guard reads them.
  const limits = { propagationSeconds: 0, guardIntervalSeconds: maxSeconds };
  const shifter = new TrafficShifter({ target, checks, policy, clock, ...limits });
  let state = await shifter.begin({ incoming, strategy });
  const failed = new Set<string>();
  for (;;) {
    const progress = await shifter.advance(state);
    state = progress.state;
    const evaluations = progress.events.filter((event) => event.type === 'checkEvaluated');
    for (const { check, result } of evaluations) if (result.outcome === 'fail') failed.add(check);
    const end = { endedAt: now, failed: [...failed] };
    const rollback = progress.events.find((event) => event.type === 'rollingBack');
    if (rollback !== undefined) {
      const stoppedBy = stopOf(rollback.reason, evaluations, { now, startAt, percent: weights.percent });
      weights.set(now, 0);
      return { outcome: 'stopped', reason: rollback.reason, ...(stoppedBy && { stoppedBy }), ...end };
    }
    if (progress.outcome === 'succeeded') return { outcome: 'passed', ...end };
    if (progress.outcome !== undefined)
      return { outcome: 'unfinished', ...(state.reason !== undefined && { reason: state.reason }), ...end };
    if (now + progress.waitSeconds * 1000 > endAt) return { outcome: 'unfinished', ...end };
    now += progress.waitSeconds * 1000;
  }
}

/** Finds the check that the reason of a rollback names. */
function stopOf(
  reason: string,
  evaluations: readonly CheckEvaluated[],
  { now, startAt, percent }: { readonly now: number; readonly startAt: number; readonly percent: number },
): RehearsedStop | undefined {
  const [stopping] = evaluations
    .filter(({ check, dryRun, result }) => {
      return !dryRun && result.outcome !== 'pass' && reason.startsWith(`The check ${check} `);
    })
    // One name can begin with another one.
    .sort((one, other) => other.check.length - one.check.length);
  if (stopping === undefined || stopping.result.outcome === 'pass') return undefined;
  const { check, result } = stopping;
  const { value, evidence } = { value: undefined, evidence: undefined, ...result };
  return {
    check,
    outcome: stopping.result.outcome,
    detail: result.detail,
    ...(value !== undefined && { value }),
    ...(evidence !== undefined && { evidence }),
    at: now,
    afterSeconds: (now - startAt) / 1000,
    percent,
  };
}
