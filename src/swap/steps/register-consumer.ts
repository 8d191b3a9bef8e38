import type { SwapStep } from '../plan/step.js';
import { consumerStep, type SwapConsumers } from './consumers.js';
import type { StepOptions } from './step-options.js';

/**
 * Creates a step that registers the stack's stream consumer. It is done when the consumer is `ACTIVE`. Its undo deregisters the
 * consumer, unless it was registered before.
 *
 * @param options - `name` is `'register consumer'` by default.
 * @remarks IAM: the actions of `KinesisTools.registerConsumer` and `deregisterConsumer`.
 * @throws InvalidInputError when a method is missing, or an option is malformed or unknown.
 */
export function registerConsumer(consumers: SwapConsumers, options: StepOptions = {}): SwapStep {
  return consumerStep('registerConsumer', consumers, options);
}
