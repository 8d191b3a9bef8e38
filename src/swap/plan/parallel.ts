import { strictObject } from '../../core/schemas.js';
import { parseInput } from '../../core/validate.js';
import { stepsSchema } from './parse-steps.js';
import type { ParallelSteps, SwapStep } from './step.js';

const argumentsSchema = strictObject({ steps: stepsSchema });

/**
 * Groups steps that run side by side. All of them end before the next step of the list begins.
 *
 * @throws InvalidInputError for a malformed step.
 */
export function parallel(...steps: SwapStep[]): ParallelSteps {
  parseInput('parallel', argumentsSchema, { steps });
  return { parallel: [...steps] };
}
