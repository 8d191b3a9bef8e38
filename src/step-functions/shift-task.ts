import * as v from 'valibot';
import { messageOf } from '../core/describe-error.js';
import { InvalidInputError } from '../core/errors.js';
import { seconds, wholeNumber } from '../core/schemas.js';
import { parseInput } from '../core/validate.js';
import { parseShiftRequest, type ResolvedShiftRequest } from '../traffic/shift/shift-request.js';
import { parseShiftRun, type ShiftRun } from '../traffic/shift/shift-run.js';
import type { ShiftExecutionInput, StepFunctionsHandlerOptions } from './types.js';

/** What each task of the state machine hands in. */
interface TaskInput<Input> {
  /** As the user takes it. */
  readonly input: Input;
  /** As the execution was started with it. */
  readonly executionInput: ShiftExecutionInput;
  readonly request: ResolvedShiftRequest;
  /** The calls of this execution before this one. */
  readonly calls: number;
  /** How long an approval may take for which the state machine itself asks; none: it does not. */
  readonly approvalTimeoutSeconds: number | undefined;
}

/** What a task of the state machine asks for. */
export type ShiftTask<Input> = TaskInput<Input> &
  (
    | { readonly action: 'validate' }
    | { readonly action: 'begin' }
    | { readonly action: 'advance'; readonly run: ShiftRun }
    | {
        readonly action: 'decide';
        readonly run: ShiftRun;
        /** The share past which the shift was not to go. */
        readonly heldAtPercent: number;
        /** What came back with the task token of the approval. */
        readonly answer: unknown;
      }
    | {
        readonly action: 'rollBack';
        readonly run: ShiftRun;
        /** The error because of which the shift is rolled back. */
        readonly failure: unknown;
      }
  );

const begun = { run: v.unknown(), calls: wholeNumber };

/** A task's event; the input's other fields are the user's. */
const taskOf = <const Action extends string, const Kept extends v.ObjectEntries>(
  action: Action,
  kept: Kept,
) =>
  v.object({
    action: v.literal(action),
    state: v.object({ input: v.looseObject({ shift: v.unknown() }), ...kept }),
    approvalTimeoutSeconds: v.optional(seconds),
  });

const taskSchema = v.variant('action', [
  taskOf('validate', {}),
  taskOf('begin', {}),
  taskOf('advance', begun),
  taskOf('decide', { ...begun, heldAtPercent: v.number(), answer: v.unknown() }),
  taskOf('rollBack', { ...begun, failure: v.unknown() }),
]);

/**
 * Reads what a task of the state machine hands in, wholly and before anything is done.
 *
 * @throws InvalidInputError which names every wrong field.
 */
export function parseShiftTask<Input>(
  event: unknown,
  options: StepFunctionsHandlerOptions<Input>,
): ShiftTask<Input> {
  const task = parseInput('Step Functions task', taskSchema, event);
  const { approvalTimeoutSeconds, state } = task;
  const request = parseShiftRequest(state.input.shift, 'shift');
  const isAsked = options.isApproved !== undefined || approvalTimeoutSeconds !== undefined;
  // The way back needs no approval: the function or the machine may have been deployed anew since the shift began.
  if (request.approvalPercents.length > 0 && !isAsked && task.action !== 'rollBack') throw nobodyApproves();
  const executionInput = state.input as ShiftExecutionInput;
  const common = {
    input: parseWith(options.parseInput, executionInput),
    executionInput,
    request,
    approvalTimeoutSeconds,
  };
  if (task.action === 'validate' || task.action === 'begin') {
    return { ...common, action: task.action, calls: 0 };
  }
  const begun = { ...common, calls: task.state.calls, run: parseShiftRun(task.state.run) };
  if (task.action === 'advance') return { ...begun, action: task.action };
  if (task.action === 'rollBack') return { ...begun, action: task.action, failure: task.state.failure };
  const { heldAtPercent, answer } = task.state;
  return { ...begun, action: task.action, heldAtPercent, answer };
}

function parseWith<Input>(
  parse: StepFunctionsHandlerOptions<Input>['parseInput'],
  input: ShiftExecutionInput,
): Input {
  // The overloads of `stepFunctionsHandler` see to it that this is the type when there is nothing to parse it.
  if (parse === undefined) return input as Input;
  try {
    return parse(input);
  } catch (error) {
    if (error instanceof InvalidInputError) throw error;
    const actual = messageOf(error);
    throw new InvalidInputError({
      subject: 'Execution input',
      problems: [{ field: '', expected: 'what parseInput accepts', actual }],
    });
  }
}

function nobodyApproves(): InvalidInputError {
  const expected = 'none, because neither the definition nor the handler can ask anybody';
  return new InvalidInputError({
    subject: 'shift',
    problems: [{ field: 'approvalPercents', expected, actual: 'some' }],
  });
}
