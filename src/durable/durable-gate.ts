import type { ShiftRun } from '../traffic/shift/shift-run.js';
import { type ApprovalAnswer, readApproval, readRefusal } from './approval.js';
import type { DurableSettings } from './settings.js';
import type { DurableShiftContext } from './types.js';

/** Approval that a callback answers. */
export interface Gate {
  /** The share that the shift passes with the approval. */
  readonly percent: number;
  /** Resolves with any answer. */
  readonly anyAnswer: Promise<void>;
  /** Returns the answer, if there is one. Call it within steps only: a replay has the answer from the beginning. */
  readonly readAnswer: () => ApprovalAnswer | undefined;
  /** Calls `requestApproval`. */
  readonly request: (run: ShiftRun, signal: AbortSignal | undefined) => Promise<void>;
}

/** Creates the callback for the approval to go past a share. */
export async function openGate(
  context: DurableShiftContext,
  { requestApproval, approvalTimeoutSeconds: timeoutSeconds }: DurableSettings,
  percent: number,
): Promise<Gate> {
  const [result, callbackId] = await context.createCallback(`approval-${percent}`, {
    timeout: { seconds: timeoutSeconds },
  });
  let answer: ApprovalAnswer | undefined;
  const anyAnswer = result.then(
    (approval) => {
      answer = readApproval(approval);
    },
    (error: unknown) => {
      answer = readRefusal(error, timeoutSeconds);
    },
  );
  return {
    percent,
    anyAnswer,
    readAnswer: () => answer,
    request: async (run, signal) => {
      await requestApproval?.(callbackId, { percent, run, timeoutSeconds, signal });
    },
  };
}
