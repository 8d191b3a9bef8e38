import * as v from 'valibot';
import { systemClock } from '../core/clock.js';
import { InvalidInputError } from '../core/errors.js';
import { safeLogger } from '../core/safe-logger.js';
import { functionOf, nonEmptyString, positiveCount, strictObject } from '../core/schemas.js';
import { clockSchema, loggerSchema } from '../core/tool-options.js';
import { parseInput } from '../core/validate.js';
import { parseShiftRequest, type ResolvedShiftRequest } from '../traffic/shift/shift-request.js';
import { isRollingBack, parseShiftRun, type ShiftRun } from '../traffic/shift/shift-run.js';
import type { DurableShiftOptions, DurableShiftRequest } from './types.js';

/** Maximum wait of a durable execution: 366 days. */
export const maxWaitSeconds = 31_622_400;

const optionsSchema = strictObject({
  requestApproval: v.optional(functionOf<NonNullable<DurableShiftOptions['requestApproval']>>()),
  approvalTimeoutSeconds: v.optional(
    v.pipe(
      v.number(),
      v.check(
        (value) => Number.isInteger(value) && value >= 1 && value <= maxWaitSeconds,
        'a whole number of seconds, 1 to 31622400',
      ),
    ),
    86_400,
  ),
  onEvent: v.optional(functionOf<NonNullable<DurableShiftOptions['onEvent']>>()),
  logger: v.optional(loggerSchema),
  clock: v.optional(clockSchema),
  maxAttempts: v.optional(positiveCount, 5),
  maxRollbackAttempts: v.optional(positiveCount, 20),
  continueIn: v.optional(nonEmptyString),
  operationLimit: v.optional(
    v.pipe(
      v.number(),
      v.check(
        (value) => Number.isInteger(value) && value >= 100 && value <= 3000,
        'a whole number from 100 to 3000',
      ),
    ),
    2900,
  ),
});

/** The options with every default filled in. */
export type DurableSettings = ReturnType<typeof parseDurableOptions>;

/** @throws InvalidInputError that names every wrong option. */
export function parseDurableOptions(options: DurableShiftOptions) {
  const parsed = parseInput('shiftDurably options', optionsSchema, options);
  const { clock = systemClock, logger = console } = parsed;
  const { requestApproval, onEvent } = parsed;
  return { ...parsed, requestApproval, onEvent, logger: safeLogger(logger), clock };
}

/** A shift to begin, or one to continue. */
export type Task = { readonly request: ResolvedShiftRequest; readonly run?: ShiftRun };

/** @throws InvalidInputError for a malformed request, or one with approvals without `requestApproval`. */
export function parseDurableRequest(request: DurableShiftRequest, settings: DurableSettings): Task {
  const task = parseTask(request);
  // A rollback needs no approval, and the function that continues it may have been deployed since.
  const mayHaveToAsk = task.run === undefined || !isRollingBack(task.run);
  if (mayHaveToAsk && task.request.approvalPercents.length > 0 && settings.requestApproval === undefined) {
    throw new InvalidInputError({
      subject: 'shiftDurably options',
      problems: [
        {
          field: 'requestApproval',
          expected: 'a function, because the request has approvalPercents',
          actual: 'nothing',
        },
      ],
    });
  }
  return task;
}

function parseTask(request: unknown): Task {
  if (typeof request === 'object' && request !== null && 'continuedShift' in request) {
    const run = parseShiftRun(request.continuedShift);
    return { request: run.request, run };
  }
  return { request: parseShiftRequest(request) };
}
