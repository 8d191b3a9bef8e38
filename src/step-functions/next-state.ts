import { InvalidInputError } from '../core/errors.js';
import { secondsLeft } from '../traffic/shift/shift-run.js';
import type { ShiftTask } from './shift-task.js';
import type { Step } from './take-step.js';
import type { ShiftExecutionState } from './types.js';

/**
 * Step Functions hands on 256 KiB, and no `Catch` catches what is larger. The shift grows by a few sentences on its way, and an
 * error beside it may have 32,768 characters of any language.
 */
const maxBytes = 128 * 1024;

/** What the state machine keeps after a call. */
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
    // A Wait state takes whole seconds, 99,999,999 at most: more than any time that is accepted. And a call that comes too early is one more.
    waitSeconds: Math.ceil(Math.min(waitSeconds, left)),
    reason: (phase === 'succeeded' ? undefined : reason) ?? '',
    calls: calls + (action === 'rollBack' ? 2 : 1),
    ...(heldAtPercent !== undefined && { heldAtPercent }),
    ...(heldAtPercent !== undefined &&
      approvalTimeoutSeconds !== undefined && {
        // An approval may take no longer than the whole shift.
        approvalTimeoutSeconds: Math.max(1, Math.ceil(Math.min(approvalTimeoutSeconds, left))),
      }),
  };
}

/** @throws InvalidInputError when the state machine could not hand the shift on; nothing is written yet then. */
export function requireSmall<State extends Partial<ShiftExecutionState>>(state: State): State {
  const bytes = Buffer.byteLength(JSON.stringify(state));
  if (bytes <= maxBytes) return state;
  const expected = `at most ${maxBytes} bytes together with the state of the shift`;
  throw new InvalidInputError({
    subject: 'Execution input',
    problems: [{ field: '', expected, actual: `${bytes}` }],
  });
}
