import type { SwapStep } from '../plan/step.js';
import { alarmStep, type SwapAlarms } from './alarms.js';
import type { MatchStepOptions } from './step-options.js';

/**
 * Creates a step that disables the actions of the stack's alarms. Its undo enables those of the alarms whose actions were enabled
 * before.
 *
 * @param options - `name` is `'disable alarms'` by default.
 * @remarks IAM: the actions of `CloudWatchTools.enableAlarmsActions` and `disableAlarmsActions`.
 * @throws InvalidInputError when a method is missing, or an option is malformed or unknown.
 */
export function disableAlarms(alarms: SwapAlarms, options: MatchStepOptions = {}): SwapStep {
  return alarmStep('disableAlarms', alarms, options);
}
