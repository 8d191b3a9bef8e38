import type { SwapStep } from '../plan/step.js';
import type { StepOptions } from './step-options.js';
import { type SwapSubscriptions, subscriptionStep } from './subscriptions.js';

/**
 * Creates a step that stops delivery to the stack's subscriptions. It is in effect 15 minutes later, because SNS may take that
 * long to apply a filter policy everywhere. Its undo enables the subscriptions that were not disabled before.
 *
 * @param options - `name` is `'disable subscription'` by default.
 * @remarks IAM: the actions of `SnsTools.disableSubscription`.
 * @throws InvalidInputError when a method is missing, or an option is malformed or unknown.
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html
 */
export function disableSubscription(subscriptions: SwapSubscriptions, options: StepOptions = {}): SwapStep {
  return subscriptionStep('disableSubscription', subscriptions, options);
}
