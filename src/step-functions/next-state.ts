import { InvalidInputError } from '../core/errors.js';
import { secondsLeft } from '../traffic/shift/shift-run.js';
import type { ShiftTask } from './shift-task.js';
import type { Step } from './take-step.js';
import type { ShiftExecutionState } from './types.js';

/**
 * Step Functions limits a payload to 256 KiB, and no `Catch` catches a larger one. The state grows by a few sentences during the
 * shift, and an error beside it can have 32,768 characters of any language.
 */
const maxBytes = 128 * 1024;

/** Returns the state of the machine after a call. */
export function nextState<Input>(
  { action, executionInput: input, calls, approvalTimeoutSeconds }: ShiftTask<Input>,
  { run, waitSeconds, heldAtPercent }: Step,
  now: number,
): ShiftExecutionState {
  const { phase, incoming, verifiedWeights, reason } = run.state;
  const left = secondsLeft(run, now);
  return {
    input,
    run,
    phase,
    incoming,
    incomingPercent: verifiedWeights[incoming],
    // A Wait state takes whole seconds. Rounding down would cost one more call. The limit of 99,999,999 exceeds every accepted time.
    waitSeconds: Math.ceil(Math.min(waitSeconds, left)),
    reason: (phase === 'succeeded' ? undefined : reason) ?? '',
    calls: calls + (action === 'rollBack' ? 2 : 1),
    ...(heldAtPercent !== undefined && { heldAtPercent }),
    ...(heldAtPercent !== undefined &&
      approvalTimeoutSeconds !== undefined && {
        // The request's maxDurationSeconds limits the approval too.
        approvalTimeoutSeconds: Math.max(1, Math.ceil(Math.min(approvalTimeoutSeconds, left))),
      }),
  };
}

/** @throws InvalidInputError when the state exceeds the payload limit. Nothing is written before this check. */
export function requireSmall<State extends Partial<ShiftExecutionState>>(state: State): State {
  const bytes = Buffer.byteLength(JSON.stringify(state));
  if (bytes <= maxBytes) return state;
  const expected = `at most ${maxBytes} bytes together with the state of the shift`;
  throw new InvalidInputError({
    subject: 'Execution input',
    problems: [{ field: '', expected, actual: `${bytes}` }],
  });
}
