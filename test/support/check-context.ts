import { silentLogger } from '../../src/core/logger.js';
import type { SimulatedCloud } from '../../src/testing/index.js';
import type { CheckContext } from '../../src/traffic/index.js';

/** Creates the context of a check at the present time: green has had 10 % of the traffic for 15 minutes by default. */
export function checkContext(
  { clock }: Pick<SimulatedCloud, 'clock'>,
  overrides: Partial<CheckContext> = {},
): CheckContext {
  return {
    incoming: 'green',
    outgoing: 'blue',
    weights: { blue: 90, green: 10 },
    weightsSince: clock.now() - 900_000,
    startedAt: clock.now() - 960_000,
    now: clock.now(),
    clock,
    logger: silentLogger,
    signal: undefined,
    ...overrides,
  };
}
