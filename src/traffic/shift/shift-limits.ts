import type { HeldAt } from '../../resumable/types.js';
import type { ShiftState } from './shift-state.js';

/** Limits of one call of `advance`. */
export interface ShiftLimits {
  /** Highest approved share of the incoming stack; undefined when no approval is missing. */
  readonly holdAtPercent: number | undefined;
  /** Time at which a shift that has not succeeded is rolled back: milliseconds since 1970; infinite without a limit. */
  readonly rollBackAt: number;
}

/** Returns the limits of a call: those of the request, without the approvals that were given. */
export function limitsOf(
  { approvalPercents = [], maxDurationSeconds = Number.POSITIVE_INFINITY, startedAt }: ShiftState,
  {
    approved,
    rollBackAt = Number.POSITIVE_INFINITY,
  }: { readonly approved: readonly string[]; readonly rollBackAt?: number | undefined },
): ShiftLimits {
  // An approval of a higher share covers the lower ones.
  const approvedPercent = Math.max(-1, ...approved.map(shareOfKey));
  return {
    holdAtPercent: approvalPercents.find((percent) => percent > approvedPercent),
    rollBackAt: Math.min(rollBackAt, startedAt + maxDurationSeconds * 1000),
  };
}

/** True when the next step exceeds the approved share. */
export function needsApproval(
  { phase, step, strategy }: Pick<ShiftState, 'phase' | 'step' | 'strategy'>,
  holdAtPercent: number | undefined,
): holdAtPercent is number {
  const next = strategy.steps[step + 1];
  return phase === 'shifting' && next !== undefined && next.percent > (holdAtPercent ?? 100);
}

/** True before the first step of a shift that needs an approval for it. */
export function followsApproval({
  phase,
  step,
  strategy,
  approvalPercents = [],
}: Pick<ShiftState, 'phase' | 'step' | 'strategy' | 'approvalPercents'>): boolean {
  const first = strategy.steps[0]?.percent ?? 100;
  return phase === 'shifting' && step < 0 && approvalPercents.some((percent) => percent < first);
}

/** Returns the key of the approval to go past a share. */
export function keyOfApproval(percent: number): string {
  return String(percent);
}

/** Describes the missing approval to go past a share. */
export function heldAtOf(percent: number, { rollBackAt }: ShiftLimits): HeldAt {
  return {
    key: keyOfApproval(percent),
    detail: `go past ${percent} %`,
    ...(Number.isFinite(rollBackAt) && { expiresAt: rollBackAt }),
  };
}

/** Returns the share of a key. Returns -1 for the key of another change. */
function shareOfKey(key: string): number {
  const percent = Number(key);
  return percent >= 0 && percent <= 100 && keyOfApproval(percent) === key ? percent : -1;
}
