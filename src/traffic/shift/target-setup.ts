import type { SetupChange, SetupProgress, TargetHealth } from '../types.js';
import { type Decision, proceed, type ShiftRules } from './decision.js';
import type { ShiftEvent } from './shift-events.js';
import { needsApproval } from './shift-limits.js';
import type { SetupStage, SetupState, ShiftState } from './shift-state.js';
import { beginRollback, endRollback, enterStage, halt, restartHold } from './shift-transitions.js';

/** Seconds between two calls while a change of the target is not in effect. */
export const setupPollSeconds = 15;
/** Seconds after an accepted write until it is read back. */
const readBackSeconds = 2;

type SetupKind = SetupChange['kind'];

const kinds: Partial<Readonly<Record<SetupStage, SetupKind>>> = {
  preparing: 'prepare',
  completing: 'complete',
  restoring: 'restore',
};
const ends = { prepare: 'prepared', complete: 'completed', restore: 'restored' } as const;

/** Returns the change of the target that comes before the next change of the weights; undefined when there is none. */
export function dueSetup(
  { phase, setup, step, strategy, unverifiedWrites }: ShiftState,
  holdAtPercent: number | undefined,
): SetupKind | undefined {
  const kind = setup && kinds[setup.stage];
  if (kind === undefined || (kind === 'restore') !== (phase === 'rollingBack')) return undefined;
  // Without the approval of the first step nothing is changed.
  const isWaiting = kind === 'prepare' && unverifiedWrites === 0 && step < 0;
  return isWaiting && needsApproval({ phase, step, strategy }, holdAtPercent) ? undefined : kind;
}

/** True after the last step, until the target is completed. */
export function needsCompletion({ setup }: ShiftState): boolean {
  return setup !== undefined && setup.stage !== 'completed';
}

/** True after the last hold, while the target is being completed. */
export function isCompleting({ setup }: ShiftState): boolean {
  return setup?.stage === 'completing';
}

/** Restarts the time of a stage, because an approval is missing before it. */
export function restartSetup(state: ShiftState, now: number): ShiftState {
  const { setup } = state;
  return setup === undefined ? state : { ...state, setup: { ...setup, since: now } };
}

/**
 * Excludes a pause from the time of a preparation without a write: the next call may write it, and its response be lost. The time
 * between pauses counts, or throttles now and then would extend it forever.
 */
export function excludePause(state: ShiftState, milliseconds: number): ShiftState {
  const { setup } = state;
  if (setup?.stage !== 'preparing' || setup.writes > 0) return state;
  return { ...state, setup: { ...setup, since: setup.since + milliseconds } };
}

/** Decides after a call of the target's `changeSetup`. */
export function afterSetup(
  state: ShiftState,
  kind: SetupKind,
  progress: SetupProgress,
  now: number,
  rules: ShiftRules,
): Decision {
  const { setup } = state;
  if (setup === undefined) return proceed(state);
  const written = progress.status === 'written' ? 1 : 0;
  // The time counts from the first write of a stage, which a throttle can have delayed.
  const since = written > 0 && setup.writes === 0 ? now : setup.since;
  const next = { ...state, setup: { ...setup, since, writes: setup.writes + written } };
  if (isProven(progress, setup, now, rules)) return endStage(next, kind, now, rules);
  const reason = `Waiting for the target (${kind}): ${progress.detail ?? 'the change is not read back yet'}`;
  if (now - since > rules.maxSetupSeconds * 1000) {
    const late = `Not done within ${rules.maxSetupSeconds} s: ${reason}`;
    return kind === 'prepare' ? beginRollback(next, late, now, rules) : halt(next, late, now);
  }
  const held: ShiftEvent = { at: now, type: 'held', weights: state.verifiedWeights, reason };
  const waitSeconds = progress.status === 'pending' ? setupPollSeconds : readBackSeconds;
  return { action: 'wait', state: next, waitSeconds, events: [held] };
}

/**
 * Decides after AWS has failed a call of the completion. The shift has succeeded but for it, so the traffic stays: the call is repeated, and
 * the shift halts when the time is over.
 */
export function afterFailedCompletion(
  state: ShiftState,
  problem: string,
  now: number,
  rules: ShiftRules,
): Decision {
  const reason = `Waiting for the target (complete): ${problem}`;
  const { since } = state.setup ?? { since: now };
  if (now - since > rules.maxSetupSeconds * 1000)
    return halt(state, `Not done within ${rules.maxSetupSeconds} s: ${reason}`, now);
  const held: ShiftEvent = { at: now, type: 'held', weights: state.verifiedWeights, reason };
  // The time counts: the shift was watched.
  return { action: 'wait', state: { ...state, readAt: now }, waitSeconds: setupPollSeconds, events: [held] };
}

/** A reading without a write of this stage may be stale, until any earlier change must be visible. */
function isProven(
  { status }: SetupProgress,
  { writes, since }: SetupState,
  now: number,
  { visibleAfterSeconds }: ShiftRules,
): boolean {
  if (status === 'unneeded') return true;
  return status === 'done' && (writes > 0 || now - since >= visibleAfterSeconds * 1000);
}

function endStage(state: ShiftState, kind: SetupKind, now: number, rules: ShiftRules): Decision {
  const next = enterStage(state, ends[kind], now);
  const { verifiedWeights: weights } = state;
  if (kind === 'prepare') return proceed(restartHold(next, now, rules));
  if (kind === 'complete') {
    return {
      action: 'end',
      state: { ...next, phase: 'succeeded' },
      events: [{ at: now, type: 'succeeded', weights }],
    };
  }
  return endRollback(next, now);
}

/** Returns the reason to wait for the health of the incoming stack after its preparation; undefined when it is ready. */
export function unready(health: TargetHealth | undefined, minimumHealthyCount: number): string | undefined {
  if (health === undefined) return undefined;
  const { healthy, total, pending = 0, detail } = health;
  if (healthy >= minimumHealthyCount && pending === 0) return undefined;
  return `${healthy} of ${total} healthy${detail ? ` (${detail})` : ''}`;
}
