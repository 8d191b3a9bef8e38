import type { Logger } from '../../src/core/logger.js';

function throwing(): never {
  throw new Error('The logger is broken');
}

/** Logger that throws at every line. */
export const brokenLogger: Logger = { debug: throwing, info: throwing, warn: throwing, error: throwing };
