import * as v from 'valibot';
import { systemClock } from '../core/clock.js';
import { silentLogger } from '../core/logger.js';
import { safeClock } from '../core/safe-clock.js';
import { safeLogger } from '../core/safe-logger.js';
import { functionOf, strictObject } from '../core/schemas.js';
import { clockSchema, loggerSchema } from '../core/tool-options.js';
import { parseInput } from '../core/validate.js';
import { advanceEntries, runEntries } from './run-entries.js';
import type { RunSettings, RunToEndOptions } from './run-options.js';

const optionsSchema = strictObject({
  ...advanceEntries,
  ...runEntries,
  isApproved: v.optional(functionOf<NonNullable<RunToEndOptions<unknown, unknown>['isApproved']>>()),
  logger: v.optional(loggerSchema),
  clock: v.optional(clockSchema),
});

/** @throws InvalidInputError which names every invalid option. */
export function parseRunOptions<State, Event>(
  options: RunToEndOptions<State, Event>,
): RunSettings<State, Event> {
  const {
    clock = systemClock,
    logger = silentLogger,
    ...parsed
  } = parseInput('runToEnd options', optionsSchema, options);
  return {
    ...parsed,
    onEvent: parsed.onEvent as RunSettings<State, Event>['onEvent'],
    subject: 'change',
    logger: safeLogger(logger),
    clock: safeClock(clock),
  };
}
