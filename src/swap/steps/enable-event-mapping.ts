import type { SwapStep } from '../plan/step.js';
import { eventMappingStep, type SwapEventMappings } from './event-mappings.js';
import type { MatchStepOptions } from './step-options.js';

/**
 * Creates a step that enables every event source mapping of the stack's function. It is done, and in effect, when Lambda shows
 * each one as `Enabled`. Its undo disables the mappings that were neither enabled nor being enabled before.
 *
 * @param options - `name` is `'enable event mapping'` by default.
 * @remarks IAM: the actions of `LambdaTools.enableEventMapping`.
 * @throws InvalidInputError when a method is missing, or an option is malformed or unknown.
 */
export function enableEventMapping(mappings: SwapEventMappings, options: MatchStepOptions = {}): SwapStep {
  return eventMappingStep('enableEventMapping', mappings, options);
}
