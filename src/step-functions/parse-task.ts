import * as v from 'valibot';
import { messageOf } from '../core/describe-error.js';
import { InvalidInputError, invalidInput } from '../core/errors.js';
import { nonEmptyString, seconds, wholeNumber } from '../core/schemas.js';
import { parseInput } from '../core/validate.js';
import type { SafeResumable } from '../resumable/safe-resumable.js';
import type { Standing } from '../resumable/standing.js';
import type { ExecutionInput, StepFunctionsHandlerOptions } from './types.js';

/** Event of one task of the state machine, before the change parses its own parts. */
export interface Task<Input> {
  readonly action: 'validate' | 'begin' | 'advance' | 'decide' | 'rollBack';
  /** The input after the user's `parseInput`. */
  readonly input: Input;
  /** The execution's input. */
  readonly executionInput: ExecutionInput;
  /** State of the change as JSON; undefined before its beginning. */
  readonly state: unknown;
  readonly approved: readonly string[];
  readonly standing: Standing;
  /** Calls of this execution before this one. */
  readonly calls: number;
  /** Time limit of an approval that the state machine requests. Undefined when the definition has no `approval`. */
  readonly approvalTimeoutSeconds: number | undefined;
  /** Key and text of the approval that was answered. */
  readonly heldAt: { readonly key: string; readonly detail: string } | undefined;
  /** Output of `SendTaskSuccess` for the approval's task token. */
  readonly answer: unknown;
  /** Error that causes the rollback. */
  readonly failure: unknown;
}

/** Fields after the beginning. An execution that was started by hand from a state may have only the state. */
const begun = {
  state: v.unknown(),
  approved: v.optional(v.array(nonEmptyString), []),
  reason: v.optional(v.string(), ''),
  isRollingBack: v.optional(v.boolean(), false),
  calls: v.optional(wholeNumber, 0),
};

/** Schema of a task's event. The input's other fields belong to the user. */
const taskOf = <const Action extends Task<unknown>['action'], const Kept extends v.ObjectEntries>(
  action: Action,
  kept: Kept,
) =>
  v.object({
    action: v.literal(action),
    state: v.object({ input: v.looseObject({ request: v.unknown() }), ...kept }),
    approvalTimeoutSeconds: v.optional(seconds),
  });

const heldAt = v.object({ key: nonEmptyString, detail: v.string() });

const taskSchema = v.variant('action', [
  taskOf('validate', {}),
  taskOf('begin', {}),
  taskOf('advance', begun),
  taskOf('decide', { ...begun, heldAt, answer: v.unknown() }),
  taskOf('rollBack', { ...begun, failure: v.unknown() }),
]);

/**
 * Parses the event of a task before any call.
 *
 * @throws InvalidInputError that names every wrong field.
 */
export function parseTask<Input>(
  event: unknown,
  { parseInput: parse }: Pick<StepFunctionsHandlerOptions<Input>, 'parseInput'>,
): Task<Input> {
  const { action, approvalTimeoutSeconds, state } = parseInput('Step Functions task', taskSchema, event);
  const executionInput = state.input as ExecutionInput;
  return {
    action,
    input: parseWith(parse, executionInput),
    executionInput,
    approvalTimeoutSeconds,
    state: 'state' in state ? state.state : undefined,
    approved: 'approved' in state ? state.approved : [],
    standing:
      'reason' in state
        ? { isRollingBack: state.isRollingBack, ...(state.reason !== '' && { reason: state.reason }) }
        : { isRollingBack: false },
    calls: 'calls' in state ? state.calls : 0,
    heldAt: 'heldAt' in state ? state.heldAt : undefined,
    answer: 'answer' in state ? state.answer : undefined,
    failure: 'failure' in state ? state.failure : undefined,
  };
}

/**
 * Parses the request of a task.
 *
 * @throws InvalidInputError also for a request with approvals that nothing can give.
 */
export function parseTaskRequest<Request, State, Event>(
  { action, executionInput, approvalTimeoutSeconds }: Task<unknown>,
  resumable: SafeResumable<Request, State, Event>,
  { isApproved }: { readonly isApproved?: unknown },
): Request {
  const request = resumable.parseRequest(executionInput.request, 'request');
  const isAsked = isApproved !== undefined || approvalTimeoutSeconds !== undefined;
  // A rollback needs no approval: a deployment of the function or the machine since the beginning may have removed it.
  if (isAsked || action === 'rollBack') return request;
  const approvals = resumable.plannedApprovals(request) ?? [];
  if (approvals.length === 0) return request;
  throw invalidInput('request', {
    field: 'approvals',
    expected: 'none, because neither the definition has an approval nor the handler an isApproved',
    actual: approvals.join(', '),
  });
}

function parseWith<Input>(
  parse: StepFunctionsHandlerOptions<Input>['parseInput'],
  input: ExecutionInput,
): Input {
  // The overloads of `stepFunctionsHandler` make this the type when `parseInput` is missing.
  if (parse === undefined) return input as Input;
  try {
    return parse(input);
  } catch (error) {
    if (error instanceof InvalidInputError) throw error;
    const actual = messageOf(error);
    throw invalidInput('Execution input', {
      field: '',
      expected: 'an input that parseInput accepts',
      actual,
    });
  }
}
