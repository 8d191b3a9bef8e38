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

/** What a call came to, as far as the state machine goes by it, and what there is to tell of it. */
export type Step = Pick<RunProgress, 'run' | 'waitSeconds' | 'heldAtPercent' | 'events'>;

/** What a step is taken with. */
export interface StepTools<Input> {
  readonly shifter: DrivenShifter;
  readonly isApproved: StepFunctionsHandlerOptions<Input>['isApproved'];
  readonly signal: AbortSignal;
}

/** Takes a shift one step on, as the state machine's task says. */
export async function takeStep<Input>(task: ShiftTask<Input>, tools: StepTools<Input>): Promise<Step> {
  const { shifter, signal } = tools;
  if (task.action === 'validate' || task.action === 'begin') {
    const run = await beginRun(shifter, task.request, { signal });
    return { run, waitSeconds: 0, events: startEvents(run.state) };
  }
  const { run } = task;
  if (task.action === 'rollBack') return rollBackRun(shifter, run, reasonOf(task.failure), { signal });
  if (task.action === 'advance') return ask(task, await advanceRun(shifter, run, { signal }), tools);
  const refusal = refusalOf(task.answer);
  if (refusal !== undefined) return rollBackRun(shifter, run, refusal, { signal });
  return advanceRun(shifter, approve(run, task.heldAtPercent), { signal });
}

/** Asks whether a shift for which nothing but the approval is missing may go on, unless the state machine itself asks. */
async function ask<Input>(
  { input, approvalTimeoutSeconds }: ShiftTask<Input>,
  step: Step,
  { shifter, isApproved, signal }: StepTools<Input>,
): Promise<Step> {
  const { run, heldAtPercent: percent, events } = step;
  if (percent === undefined || approvalTimeoutSeconds !== undefined) return step;
  const answer = await isApproved?.({ input, percent, signal });
  if (answer === 'refused') {
    const reason = `Not approved: refused to go past ${percent} %`;
    const turned = await rollBackRun(shifter, run, reason, { signal });
    return { ...turned, events: [...events, ...turned.events] };
  }
  return answer === true ? { run: approve(run, percent), waitSeconds: 0, events } : step;
}
