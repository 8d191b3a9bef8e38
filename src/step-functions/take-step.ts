import { startEvents } from '../traffic/shift/shift-outcome.js';
import {
  advanceRun,
  approve,
  beginRun,
  type DrivenShifter,
  type RunProgress,
  rollBackRun,
} from '../traffic/shift/shift-run.js';
import { reasonOf, refusalOf } from './failure-reason.js';
import type { ShiftTask } from './shift-task.js';
import type { StepFunctionsHandlerOptions } from './types.js';

/** Result of one call, and its events. */
export type Step = Pick<RunProgress, 'run' | 'waitSeconds' | 'heldAtPercent' | 'events'>;

/** Dependencies of {@link takeStep}. */
export interface StepTools<Input> {
  readonly shifter: DrivenShifter;
  readonly isApproved: StepFunctionsHandlerOptions<Input>['isApproved'];
  readonly signal: AbortSignal;
}

/** Runs the task of the state machine: advances the shift by one step, or rolls it back. */
export async function takeStep<Input>(task: ShiftTask<Input>, tools: StepTools<Input>): Promise<Step> {
  const { shifter, signal } = tools;
  if (task.action === 'validate' || task.action === 'begin') {
    const run = await beginRun(shifter, task.request, { signal });
    return { run, waitSeconds: 0, events: startEvents(run.state) };
  }
  const { run } = task;
  if (task.action === 'rollBack') return rollBackRun(shifter, run, reasonOf(task.failure), { signal });
  if (task.action === 'advance')
    return applyApproval(task, await advanceRun(shifter, run, { signal }), tools);
  const refusal = refusalOf(task.answer);
  if (refusal !== undefined) return rollBackRun(shifter, run, refusal, { signal });
  return advanceRun(shifter, approve(run, task.heldAtPercent), { signal });
}

/** Calls `isApproved` when only the approval is missing, unless the state machine requests the approval. */
async function applyApproval<Input>(
  { input, approvalTimeoutSeconds }: ShiftTask<Input>,
  step: Step,
  { shifter, isApproved, signal }: StepTools<Input>,
): Promise<Step> {
  const { run, heldAtPercent: percent, events } = step;
  if (percent === undefined || approvalTimeoutSeconds !== undefined) return step;
  const answer = await isApproved?.({ input, percent, signal });
  if (answer === 'refused') {
    const reason = `Not approved: refused to go past ${percent} %`;
    const rolledBack = await rollBackRun(shifter, run, reason, { signal });
    return { ...rolledBack, events: [...events, ...rolledBack.events] };
  }
  return answer === true ? { run: approve(run, percent), waitSeconds: 0, events } : step;
}
