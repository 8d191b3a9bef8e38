import * as v from 'valibot';
import { type Clock, systemClock } from '../core/clock.js';
import { invalidInput } from '../core/errors.js';
import type { Logger } from '../core/logger.js';
import { safeLogger } from '../core/safe-logger.js';
import {
  functionOf,
  maxSeconds,
  nonEmptyString,
  positiveCount,
  strictObject,
  wholeFrom,
} from '../core/schemas.js';
import { clockSchema, loggerSchema } from '../core/tool-options.js';
import { parseInput } from '../core/validate.js';
import type { SafeResumable } from '../resumable/safe-resumable.js';
import type { Before } from './before.js';
import type { DurableOptions } from './types.js';

const optionsSchema = strictObject({
  requestApproval: v.optional(functionOf<(callbackId: string, request: never) => unknown>()),
  approvalTimeoutSeconds: v.optional(
    wholeFrom(1, maxSeconds, 'a whole number of seconds, 1 to 31622400'),
    86_400,
  ),
  onEvent: v.optional(functionOf<(event: never, state: never) => unknown>()),
  logger: v.optional(loggerSchema),
  clock: v.optional(clockSchema),
  maxAttempts: v.optional(positiveCount, 5),
  maxRollbackAttempts: v.optional(positiveCount, 20),
  continueIn: v.optional(nonEmptyString),
  operationLimit: v.optional(wholeFrom(100, 3000), 2900),
});

/** The options with every default filled in. */
export interface DurableSettings<State = unknown, Event = unknown> {
  readonly requestApproval: DurableOptions<State, Event>['requestApproval'];
  readonly approvalTimeoutSeconds: number;
  readonly onEvent: DurableOptions<State, Event>['onEvent'];
  readonly maxAttempts: number;
  readonly maxRollbackAttempts: number;
  readonly continueIn?: string | undefined;
  readonly operationLimit: number;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** @throws InvalidInputError that names every wrong option. */
export function parseDurableOptions<State, Event>(
  options: DurableOptions<State, Event>,
): DurableSettings<State, Event> {
  const parsed = parseInput('runDurably options', optionsSchema, options);
  const { clock = systemClock, logger = console } = parsed;
  return {
    ...parsed,
    requestApproval: parsed.requestApproval as DurableOptions<State, Event>['requestApproval'],
    onEvent: parsed.onEvent as DurableOptions<State, Event>['onEvent'],
    logger: safeLogger(logger),
    clock,
  };
}

/** A change to begin, or one to continue. */
export interface Task<Request, State> {
  readonly request: Request;
  readonly continued?: Before & { readonly state: State };
}

const continuedSchema = v.object({
  request: v.unknown(),
  state: v.unknown(),
  approved: v.optional(v.array(nonEmptyString), []),
  isRollingBack: v.optional(v.boolean(), false),
  reason: v.exactOptional(v.string()),
});

/** @throws InvalidInputError for a malformed request, or one with approvals without `requestApproval`. */
export function parseDurableRequest<Request, State, Event>(
  value: unknown,
  resumable: SafeResumable<Request, State, Event>,
  { requestApproval }: Pick<DurableSettings<State, Event>, 'requestApproval'>,
): Task<Request, State> {
  const task = parseTask(value, resumable);
  // A rollback needs no approval, and the function that continues it may have been deployed since.
  if (task.continued?.isRollingBack || requestApproval !== undefined) return task;
  const approvals = resumable.plannedApprovals(task.request) ?? [];
  if (approvals.length === 0) return task;
  throw invalidInput('runDurably options', {
    field: 'requestApproval',
    expected: `a function, because the request needs approvals (${approvals.join(', ')})`,
    actual: 'nothing',
  });
}

function parseTask<Request, State, Event>(
  value: unknown,
  resumable: SafeResumable<Request, State, Event>,
): Task<Request, State> {
  if (typeof value !== 'object' || value === null || !('continued' in value)) {
    return { request: resumable.parseRequest(value) };
  }
  const { request: given, state, ...rest } = parseInput('Continued change', continuedSchema, value.continued);
  const continued = { ...rest, state: resumable.parseState(state) };
  const isRollingBack = rest.isRollingBack || resumable.summarize(continued.state)?.isRollingBack === true;
  return { request: resumable.parseRequest(given), continued: { ...continued, isRollingBack } };
}
