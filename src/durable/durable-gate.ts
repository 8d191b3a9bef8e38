import type { ShiftRun } from '../traffic/shift/shift-run.js';
import { type ApprovalAnswer, readApproval, readRefusal } from './approval.js';
import type { DurableSettings } from './settings.js';
import type { DurableShiftContext } from './types.js';

/** An approval that is asked for by a callback. */
export interface Gate {
  /** The share that it leads past. */
  readonly percent: number;
  /** Resolves as soon as there is an answer, whichever. */
  readonly answered: Promise<void>;
  /** The answer, if there is one. To be asked within steps only: on a replay it is there from the beginning. */
  readonly heard: () => ApprovalAnswer | undefined;
  /** Tells somebody that the approval is wanted. */
  readonly ask: (run: ShiftRun, signal: AbortSignal | undefined) => Promise<void>;
}

/** Makes the callback that the approval to go past a share is given by. */
export async function openGate(
  context: DurableShiftContext,
  { requestApproval, approvalTimeoutSeconds: timeoutSeconds }: DurableSettings,
  percent: number,
): Promise<Gate> {
  const [result, callbackId] = await context.createCallback(`approval-${percent}`, {
    timeout: { seconds: timeoutSeconds },
  });
  let answer: ApprovalAnswer | undefined;
  const answered = result.then(
    (approval) => {
      answer = readApproval(approval);
    },
    (error: unknown) => {
      answer = readRefusal(error, timeoutSeconds);
    },
  );
  return {
    percent,
    answered,
    heard: () => answer,
    ask: async (run, signal) => {
      await requestApproval?.(callbackId, { percent, run, timeoutSeconds, signal });
    },
  };
}
