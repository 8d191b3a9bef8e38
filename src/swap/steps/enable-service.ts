import type { SwapStep } from '../plan/step.js';
import { type SwapServices, serviceStep } from './services.js';
import type { StepOptions } from './step-options.js';

/**
 * Creates a step that sets the desired count of the stack's ECS service to its normal value, and resumes the scaling that a
 * disabling has suspended. It is done when the tasks run. Its undo disables the service, or sets the count that it had before. A
 * count that scaling has raised is not lowered.
 *
 * @param options - `name` is `'enable service'` by default.
 * @remarks IAM: the actions of `EcsTools.enableService` and `disableService`.
 * @throws InvalidInputError when a method is missing, or an option is malformed or unknown.
 */
export function enableService(services: SwapServices, options: StepOptions = {}): SwapStep {
  return serviceStep('enableService', services, options);
}
