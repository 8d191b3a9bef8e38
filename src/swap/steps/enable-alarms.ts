import type { SwapStep } from '../plan/step.js';
import { alarmStep, type SwapAlarms } from './alarms.js';
import type { MatchStepOptions } from './step-options.js';

/**
 * Creates a step that enables the actions of the stack's alarms. Its undo disables those of the alarms whose actions were
 * disabled before.
 *
 * @param options - `name` is `'enable alarms'` by default.
 * @remarks IAM: the actions of `CloudWatchTools.enableAlarmsActions` and `disableAlarmsActions`.
 * @throws InvalidInputError when a method is missing, or an option is malformed or unknown.
 */
export function enableAlarms(alarms: SwapAlarms, options: MatchStepOptions = {}): SwapStep {
  return alarmStep('enableAlarms', alarms, options);
}
