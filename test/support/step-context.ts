import { silentLogger } from '../../src/core/logger.js';
import type { StepContext } from '../../src/swap/plan/step.js';
import { SimulatedCloud } from '../../src/testing/index.js';

/** Context of a step that changes green. */
export function stepContext(
  given: Partial<StepContext> = {},
  { clock }: Pick<SimulatedCloud, 'clock'> = new SimulatedCloud(),
): StepContext {
  return {
    stack: 'green',
    incoming: 'green',
    outgoing: 'blue',
    swapId: 'swap-1',
    attempt: 1,
    signal: new AbortController().signal,
    clock,
    logger: silentLogger,
    memory: {},
    ...given,
  };
}
