import type { SwapStep } from '../plan/step.js';
import { eventRuleStep, type SwapEventRules } from './event-rules.js';
import type { MatchStepOptions } from './step-options.js';

/**
 * Creates a step that enables every EventBridge rule that targets the stack's function. It is in effect a minute later:
 * EventBridge takes "a short period of time", and names no number. Its undo disables the rules that were disabled before. Rules
 * of an AWS service, and rules that target both stacks, are left alone.
 *
 * @param options - `name` is `'enable rule'` by default.
 * @remarks IAM: the actions of `LambdaTools.enableRule` and `disableRule`.
 * @throws InvalidInputError when a method is missing, or an option is malformed or unknown.
 * @see https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_EnableRule.html
 */
export function enableRule(rules: SwapEventRules, options: MatchStepOptions = {}): SwapStep {
  return eventRuleStep('enableRule', rules, options);
}
