import type { SwapStep } from '../plan/step.js';
import { type SwapServices, serviceStep } from './services.js';
import type { StepOptions } from './step-options.js';

/**
 * Creates a step that suspends the scaling of the stack's ECS service and sets its desired count to 0. It is done when no task
 * runs. Its undo sets the desired count of before, and resumes the scaling. A service whose count was 0 before is left alone.
 *
 * @param options - `name` is `'disable service'` by default.
 * @remarks IAM: the actions of `EcsTools.enableService` and `disableService`.
 * @throws InvalidInputError when a method is missing, or an option is malformed or unknown.
 */
export function disableService(services: SwapServices, options: StepOptions = {}): SwapStep {
  return serviceStep('disableService', services, options);
}
