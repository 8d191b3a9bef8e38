import type { SwapStep } from '../plan/step.js';
import { consumerStep, type SwapConsumers } from './consumers.js';
import type { StepOptions } from './step-options.js';

/**
 * Creates a step that deregisters the stack's stream consumer. It is done when the consumer is gone. Its undo registers the
 * consumer again, unless it was not registered before. Kinesis gives it another ARN then.
 *
 * @param options - `name` is `'deregister consumer'` by default.
 * @remarks IAM: the actions of `KinesisTools.registerConsumer` and `deregisterConsumer`.
 * @throws InvalidInputError when a method is missing, or an option is malformed or unknown.
 */
export function deregisterConsumer(consumers: SwapConsumers, options: StepOptions = {}): SwapStep {
  return consumerStep('deregisterConsumer', consumers, options);
}
