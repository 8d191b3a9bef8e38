import type { SwapStep } from '../plan/step.js';
import { type SwapSchedules, scheduleStep } from './schedules.js';
import type { MatchStepOptions } from './step-options.js';

/**
 * Creates a step that disables the stack's schedules of EventBridge Scheduler. It is in effect a minute later, the precision of a
 * schedule. Its undo enables the schedules that were enabled before.
 *
 * @param options - `name` is `'disable schedules'` by default.
 * @remarks IAM: the actions of `SchedulerTools.enableSchedules` and `disableSchedules`.
 * @throws InvalidInputError when a method is missing, or an option is malformed or unknown.
 */
export function disableSchedules(schedules: SwapSchedules, options: MatchStepOptions = {}): SwapStep {
  return scheduleStep('disableSchedules', schedules, options);
}
