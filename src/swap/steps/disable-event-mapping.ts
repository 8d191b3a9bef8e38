import type { SwapStep } from '../plan/step.js';
import { eventMappingStep, type SwapEventMappings } from './event-mappings.js';
import type { MatchStepOptions } from './step-options.js';

/**
 * Creates a step that disables every event source mapping of the stack's function. It is done, and in effect, when Lambda shows
 * each one as `Disabled`. Its undo enables the mappings that were neither disabled nor being disabled before.
 *
 * @param options - `name` is `'disable event mapping'` by default.
 * @remarks IAM: the actions of `LambdaTools.disableEventMapping`.
 * @throws InvalidInputError when a method is missing, or an option is malformed or unknown.
 */
export function disableEventMapping(mappings: SwapEventMappings, options: MatchStepOptions = {}): SwapStep {
  return eventMappingStep('disableEventMapping', mappings, options);
}
