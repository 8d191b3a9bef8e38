import * as v from 'valibot';
import { systemClock } from '../../core/clock.js';
import { InvalidInputError } from '../../core/errors.js';
import { nonEmptyString, positiveCount } from '../../core/schemas.js';
import { unfailingLogger } from '../../core/unfailing-logger.js';
import { parseInput } from '../../core/validate.js';
import { isOnTheWayBack, parseShiftCourse, type ShiftCourse } from '../shift-course.js';
import { parseShiftRequest, type ResolvedShiftRequest } from '../shift-request.js';
import type { DurableShiftOptions, DurableShiftRequest } from './types.js';

/** The longest wait of a durable execution: 366 days. */
export const longestWaitSeconds = 31_622_400;

const optionsSchema = v.object({
  requestApproval: v.optional(v.function()),
  approvalTimeoutSeconds: v.optional(
    v.pipe(
      v.number(),
      v.check(
        (value) => Number.isInteger(value) && value >= 1 && value <= longestWaitSeconds,
        'a whole number of seconds, 1 to 31622400',
      ),
    ),
    86_400,
  ),
  onEvent: v.optional(v.function()),
  attemptLimit: v.optional(positiveCount, 5),
  rollbackAttemptLimit: v.optional(positiveCount, 20),
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

/** @throws InvalidInputError which names every wrong option. */
export function parseDurableOptions(options: DurableShiftOptions) {
  const parsed = parseInput('shiftDurably options', optionsSchema, options);
  return {
    ...parsed,
    requestApproval: options.requestApproval,
    onEvent: options.onEvent,
    logger: unfailingLogger(options.logger ?? console),
    clock: options.clock ?? systemClock,
  };
}

/** What there is to do: a shift to begin, or one to carry on. */
export type Task = { readonly request: ResolvedShiftRequest; readonly course?: ShiftCourse };

/** @throws InvalidInputError for what is neither. */
export function parseDurableRequest(request: DurableShiftRequest, settings: DurableSettings): Task {
  const task = readTask(request);
  // The way back needs no approval, and the function that takes it up may have been deployed anew.
  const mayHaveToAsk = task.course === undefined || !isOnTheWayBack(task.course);
  if (mayHaveToAsk && task.request.approvalPercents.length > 0 && settings.requestApproval === undefined) {
    throw new InvalidInputError({
      subject: 'shiftDurably options',
      problems: [
        {
          field: 'requestApproval',
          expected: 'a function, because the request asks for approvals',
          received: 'nothing',
        },
      ],
    });
  }
  return task;
}

function readTask(request: unknown): Task {
  if (typeof request === 'object' && request !== null && 'continuedShift' in request) {
    const course = parseShiftCourse(request.continuedShift);
    return { request: course.request, course };
  }
  return { request: parseShiftRequest(request) };
}
