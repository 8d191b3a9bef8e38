import { invalidInput } from '../core/errors.js';
import type { FullStanding } from '../resumable/standing.js';
import { approvalTimeout } from './approval-states.js';
import type { Task } from './parse-task.js';
import type { Step } from './take-step.js';
import type { ExecutionState } from './types.js';

/**
 * Step Functions limits a payload to 256 KiB, and no `Catch` catches a larger one. The state grows by a few sentences during the
 * change, and an error beside it can have 32,768 characters of any language.
 */
const maxBytes = 128 * 1024;

/** Maximum of a Wait state. An early call is harmless. */
const maxWaitSeconds = 99_999_999;

/** Returns the state of the machine after a call. */
export function nextState<Input, State, Event>(
  { action, executionInput: input, calls, approvalTimeoutSeconds }: Task<Input>,
  { state, approved, waitSeconds, heldAt }: Step<State, Event>,
  { outcome, reason = '', isRollingBack, isComplete, details }: FullStanding,
  now: number,
): ExecutionState<State> {
  const timeout = approvalTimeout(heldAt, approvalTimeoutSeconds, now);
  return {
    input,
    state,
    approved,
    outcome: outcome ?? 'inProgress',
    reason,
    isRollingBack,
    isComplete,
    details,
    // A Wait state takes whole seconds. Rounding down would cost one more call.
    waitSeconds: Math.ceil(Math.min(waitSeconds, maxWaitSeconds)),
    calls: calls + (action === 'rollBack' ? 2 : 1),
    ...(heldAt && { heldAt }),
    ...(timeout !== undefined && { approvalTimeoutSeconds: timeout }),
  };
}

/** @throws InvalidInputError when the state exceeds the payload limit. Nothing is changed before this check. */
export function requireSmall<State extends Partial<ExecutionState>>(state: State): State {
  const bytes = Buffer.byteLength(JSON.stringify(state));
  if (bytes <= maxBytes) return state;
  const expected = `at most ${maxBytes} bytes together with the state of the change`;
  throw invalidInput('Execution input', { field: '', expected, actual: `${bytes}` });
}
