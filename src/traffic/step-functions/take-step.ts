import {
  advanceCourse,
  approve,
  beginCourse,
  type CourseProgress,
  type DrivenShifter,
  rollBackCourse,
} from '../shift-course.js';
import { startOf } from '../shift-outcome.js';
import { reasonOf, refusalOf } from './failure-reason.js';
import type { ShiftTask } from './shift-task.js';
import type { StepFunctionsHandlerOptions } from './types.js';

/** What a call came to, as far as the state machine goes by it, and what there is to tell of it. */
export type Step = Pick<CourseProgress, 'course' | 'waitSeconds' | 'heldAtPercent' | 'events'>;

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
    const course = await beginCourse(shifter, task.request, { signal });
    return { course, waitSeconds: 0, events: startOf(course.state) };
  }
  const { course } = task;
  if (task.action === 'rollBack') return rollBackCourse(shifter, course, reasonOf(task.failure), { signal });
  if (task.action === 'advance') return ask(task, await advanceCourse(shifter, course, { signal }), tools);
  const refusal = refusalOf(task.answer);
  if (refusal !== undefined) return rollBackCourse(shifter, course, refusal, { signal });
  return advanceCourse(shifter, approve(course, task.heldAtPercent), { signal });
}

/** Asks whether a shift for which nothing but the approval is missing may go on, unless the state machine itself asks. */
async function ask<Input>(
  { input, approvalTimeoutSeconds }: ShiftTask<Input>,
  step: Step,
  { shifter, isApproved, signal }: StepTools<Input>,
): Promise<Step> {
  const { course, heldAtPercent: percent, events } = step;
  if (percent === undefined || approvalTimeoutSeconds !== undefined) return step;
  const answer = await isApproved?.({ input, percent, signal });
  if (answer === 'refused') {
    const reason = `Not approved: refused to go past ${percent} %`;
    const turned = await rollBackCourse(shifter, course, reason, { signal });
    return { ...turned, events: [...events, ...turned.events] };
  }
  return answer === true ? { course: approve(course, percent), waitSeconds: 0, events } : step;
}
