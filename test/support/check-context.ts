import { silentLogger } from '../../src/core/logger.js';
import type { SimulatedCloud } from '../../src/testing/index.js';
import type { CheckContext } from '../../src/traffic/index.js';

/** The context of a check as of now: 10 % of the traffic are on green, for 15 minutes unless told otherwise. */
export function checkContext(
  { clock }: Pick<SimulatedCloud, 'clock'>,
  overrides: Partial<CheckContext> = {},
): CheckContext {
  return {
    incoming: 'green',
    outgoing: 'blue',
    weights: { blue: 90, green: 10 },
    weightsSince: clock.now() - 900_000,
    now: clock.now(),
    clock,
    logger: silentLogger,
    signal: undefined,
    ...overrides,
  };
}
