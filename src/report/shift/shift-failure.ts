import type { Evaluation, ShiftEventPart } from '../input/shift-schema.js';
import { percent } from '../page/number-text.js';
import { elapsed } from '../page/time-text.js';
import type { Failure } from '../report-part.js';
import { type ShiftModel, weightsRead } from './shift-model.js';

/** True for a result that counts against the change. */
export function isFailure({ dryRun, result }: Evaluation): boolean {
  return !dryRun && (result.outcome === 'fail' || result.outcome === 'error');
}

/** Describes a failed evaluation. */
export function failedCheck({ check, result }: Evaluation): string {
  return `Check “${check}” ${result.outcome === 'error' ? 'threw an error' : 'failed'}`;
}

/** Returns the first failure of a shift. A shift that succeeded has none, even when a check failed less often than its threshold. */
export function shiftFailure(shift: ShiftModel): Failure | undefined {
  const { phase, evaluations, reason } = shift;
  if (phase === 'succeeded') return undefined;
  const check = evaluations.find(isFailure);
  if (phase === 'shifting' && check === undefined) return undefined;
  const turn = shift.history.find((event) => event.type === 'rollingBack' || event.type === 'halted');
  if (check !== undefined && check.at <= (turn?.at ?? check.at)) {
    const { at, result } = check;
    const consequences = consequencesOf(shift, result.detail);
    return { at, when: whenOf(shift, check), what: failedCheck(check), detail: result.detail, consequences };
  }
  const [what = 'Failed', ...rest] = consequencesOf(shift, turn?.reason ?? reason);
  return {
    at: turn?.at,
    when: turn && whenOf(shift, turn),
    what,
    detail: turn?.reason ?? reason,
    consequences: rest,
  };
}

function whenOf(shift: ShiftModel, event: ShiftEventPart): string {
  const { startedAt, incoming, weights, history } = shift;
  const { at } = event;
  // By their order, because the weights of a rollback can be read back within the same millisecond.
  const earlier = history.slice(0, history.indexOf(event));
  const live = weightsRead(earlier).at(-1) ?? weights.findLast((it) => it.at < at);
  const where =
    live === undefined || incoming === undefined ? '' : `, with ${percent(live[incoming])} on ${incoming}`;
  return `${elapsed(at, startedAt)} after the beginning${where}`;
}

/** Returns what followed the failure. A reason that repeats its detail is left out. */
function consequencesOf(shift: ShiftModel, detail: string | undefined): string[] {
  const { history, startedAt } = shift;
  const because = (reason: string) => (detail !== undefined && reason.includes(detail) ? '' : `: ${reason}`);
  const known = history.flatMap((event) => {
    const at = elapsed(event.at, startedAt);
    if (event.type === 'rollingBack') return [`Rollback started at ${at}${because(event.reason)}`];
    if (event.type === 'rolledBack') return [`The initial weights were live again at ${at}`];
    return event.type === 'halted'
      ? [`Halted at ${at}, nothing more is written${because(event.reason)}`]
      : [];
  });
  return known.length > 0 ? known : consequencesOfState(shift, because);
}

function consequencesOfState(
  { phase, reason, state }: ShiftModel,
  because: (reason: string) => string,
): string[] {
  const detail = reason === undefined ? '' : because(reason);
  const rollback = state?.rollbackReason === undefined ? [] : [`Rolled back: ${state.rollbackReason}`];
  if (phase === 'halted') return [`Halted, nothing more is written${detail}`, ...rollback];
  if (phase === 'rolledBack') return [`Rolled back${detail}`, 'The initial weights are live again'];
  return phase === 'rollingBack' ? [`Rolling back${detail}`] : ['The shift continues'];
}
