import type { SwapStep } from '../plan/step.js';
import type { StepOptions } from './step-options.js';
import { type SwapSubscriptions, subscriptionStep } from './subscriptions.js';

/**
 * Creates a step that lets the stack's subscriptions deliver. It is in effect 15 minutes later, because SNS may take that long to
 * apply a filter policy everywhere. Its undo disables the subscriptions that were not enabled before.
 *
 * With `enabledFilterPolicy` of `SnsTools`, a policy other than that one is overwritten, and an undo does not restore it.
 *
 * @param options - `name` is `'enable subscription'` by default.
 * @remarks IAM: the actions of `SnsTools.enableSubscription`.
 * @throws InvalidInputError when a method is missing, or an option is malformed or unknown.
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html
 */
export function enableSubscription(subscriptions: SwapSubscriptions, options: StepOptions = {}): SwapStep {
  return subscriptionStep('enableSubscription', subscriptions, options);
}
