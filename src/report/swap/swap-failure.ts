import { elapsed } from '../page/time-text.js';
import type { Failure } from '../report-part.js';
import { stepTimes } from './step-times.js';
import type { SwapModel } from './swap-model.js';

/** Failure of a step. */
interface FailedStep {
  readonly step: string;
  readonly at: number | undefined;
  readonly failure: string;
}

/** Returns the first failure of a swap. One that succeeded has a failure only when steps of `retire` are left. */
export function swapFailure(swap: SwapModel): Failure | undefined {
  const { outcome, orphans } = swap;
  const left = orphans.map((orphan) => `Left of retire: ${orphan}`);
  if (outcome === 'succeeded' || outcome === 'none') {
    const [first, ...more] = left;
    return first === undefined ? undefined : { what: first, consequences: more };
  }
  const step = firstFailedStep(swap);
  const consequences = [...consequencesOf(swap, step?.failure), ...left];
  if (outcome === 'underWay' && step === undefined) return undefined;
  if (step !== undefined && !isAfterRequest(step, swap)) {
    const { at, failure } = step;
    return { at, when: whenOf(swap, at), what: `Step “${step.step}” failed`, detail: failure, consequences };
  }
  const [what = 'Failed', ...rest] = consequences;
  const at = turnOf(swap);
  return { at, when: whenOf(swap, at), what, consequences: rest };
}

function whenOf({ startedAt }: SwapModel, at: number | undefined): string | undefined {
  return at === undefined || startedAt === undefined
    ? undefined
    : `${elapsed(at, startedAt)} after the beginning`;
}

/** A step that failed and was then completed did not fail the swap. */
function firstFailedStep(swap: SwapModel): FailedStep | undefined {
  const ofStatus = swap.status?.swap?.steps ?? [];
  const failed: FailedStep[] = stepTimes(swap).flatMap(({ name, failures, doneAt }) =>
    doneAt === undefined
      ? failures.filter(({ isOfUndo }) => !isOfUndo).map((it) => ({ step: name, ...it }))
      : [],
  );
  if (failed.length > 0) return failed.reduce((one, other) => (timeOf(other) < timeOf(one) ? other : one));
  const step = ofStatus.find(({ failure, state }) => failure !== undefined && isOfRun.has(state));
  return step?.failure === undefined ? undefined : { step: step.name, at: undefined, failure: step.failure };
}

/** States of a step whose failure is that of its run. */
const isOfRun: ReadonlySet<string> = new Set(['open', 'alreadyDone', 'started']);

function timeOf({ at }: FailedStep): number {
  return at ?? Number.POSITIVE_INFINITY;
}

/** Time at which the swap turned back or halted. */
function turnOf({ history, recorded }: SwapModel): number | undefined {
  const turn = history.find(
    (event) =>
      event.type === 'rollbackRequested' || (event.type === 'phaseChanged' && event.phase === 'halted'),
  );
  return turn?.at ?? (recorded?.phase === 'halted' ? recorded.phaseSince : undefined);
}

/** A step that fails during the rollback is not what failed first. */
function isAfterRequest({ at }: FailedStep, swap: SwapModel): boolean {
  const turn = turnOf(swap);
  return at !== undefined && turn !== undefined && at > turn;
}

function consequencesOf(
  { outcome, reason, haltReason, history, startedAt, status }: SwapModel,
  failure: string | undefined,
): string[] {
  const repeats = failure !== undefined && reason?.includes(failure);
  const detail = reason === undefined || repeats ? '' : `: ${reason}`;
  const request = history.findLast((event) => event.type === 'rollbackRequested');
  const by = request?.requestedBy === undefined ? '' : ` by ${request.requestedBy}`;
  const end = history.findLast((event) => event.type === 'ended');
  const ended = end === undefined || startedAt === undefined ? '' : ` at ${elapsed(end.at, startedAt)}`;
  const next = status === undefined ? [] : [`Next: ${status.next}`];
  switch (outcome) {
    case 'rolledBack':
      return [`Rolled back${by}${detail}`, `The swap ended${ended}`];
    case 'endedByHand':
      return [`Ended by hand${detail}`];
    case 'halted':
      return [
        ...(reason === undefined ? [] : [`Rolling back${by}${detail}`]),
        `Halted, nothing more is changed: ${haltReason ?? 'unknown'}`,
        ...next,
      ];
    case 'returning':
      return [`Rolling back${by}${detail}`, ...next];
    default:
      return ['The swap continues', ...next];
  }
}
