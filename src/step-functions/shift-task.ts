import * as v from 'valibot';
import { messageOf } from '../core/describe-error.js';
import { InvalidInputError } from '../core/errors.js';
import { seconds, wholeNumber } from '../core/schemas.js';
import { parseInput } from '../core/validate.js';
import { parseShiftRequest, type ResolvedShiftRequest } from '../traffic/shift/shift-request.js';
import { parseShiftRun, type ShiftRun } from '../traffic/shift/shift-run.js';
import type { ShiftExecutionInput, StepFunctionsHandlerOptions } from './types.js';

/** Fields that every task of the state machine has. */
interface TaskInput<Input> {
  /** The input after the user's `parseInput`. */
  readonly input: Input;
  /** The execution's input. */
  readonly executionInput: ShiftExecutionInput;
  readonly request: ResolvedShiftRequest;
  /** Calls of this execution before this one. */
  readonly calls: number;
  /** Time limit of an approval that the state machine requests. Undefined when the definition has no `approval`. */
  readonly approvalTimeoutSeconds: number | undefined;
}

/** Parsed event of one task of the state machine. */
export type ShiftTask<Input> = TaskInput<Input> &
  (
    | { readonly action: 'validate' }
    | { readonly action: 'begin' }
    | { readonly action: 'advance'; readonly run: ShiftRun }
    | {
        readonly action: 'decide';
        readonly run: ShiftRun;
        /** The share that the shift passes only with an approval. */
        readonly heldAtPercent: number;
        /** Output of `SendTaskSuccess` for the approval's task token. */
        readonly answer: unknown;
      }
    | {
        readonly action: 'rollBack';
        readonly run: ShiftRun;
        /** Error that causes the rollback. */
        readonly failure: unknown;
      }
  );

const begun = { run: v.unknown(), calls: wholeNumber };

/** Schema of a task's event. The input's other fields belong to the user. */
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
 * Parses the whole event of a task before any call.
 *
 * @throws InvalidInputError that names every wrong field.
 */
export function parseShiftTask<Input>(
  event: unknown,
  options: StepFunctionsHandlerOptions<Input>,
): ShiftTask<Input> {
  const task = parseInput('Step Functions task', taskSchema, event);
  const { approvalTimeoutSeconds, state } = task;
  const request = parseShiftRequest(state.input.shift, 'shift');
  const isAsked = options.isApproved !== undefined || approvalTimeoutSeconds !== undefined;
  // A rollback needs no approval: a deployment of the function or the machine since the shift began may have removed it.
  if (request.approvalPercents.length > 0 && !isAsked && task.action !== 'rollBack')
    throw approvalImpossible();
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
  // The overloads of `stepFunctionsHandler` make this the type when `parseInput` is missing.
  if (parse === undefined) return input as Input;
  try {
    return parse(input);
  } catch (error) {
    if (error instanceof InvalidInputError) throw error;
    const actual = messageOf(error);
    throw new InvalidInputError({
      subject: 'Execution input',
      problems: [{ field: '', expected: 'an input that parseInput accepts', actual }],
    });
  }
}

function approvalImpossible(): InvalidInputError {
  const expected = 'none, because neither the definition has an approval nor the handler an isApproved';
  return new InvalidInputError({
    subject: 'shift',
    problems: [{ field: 'approvalPercents', expected, actual: 'some' }],
  });
}
