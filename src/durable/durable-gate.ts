import type { HeldAt } from '../resumable/types.js';
import { type ApprovalAnswer, readApproval, readRefusal } from './approval.js';
import type { DurableSettings } from './settings.js';
import type { DurableChangeContext } from './types.js';

/** Approval that a callback answers. */
export interface Gate<State> {
  readonly heldAt: HeldAt;
  /** Resolves with any answer. */
  readonly anyAnswer: Promise<void>;
  /** Returns the answer, if there is one. Call it within steps only: a replay has the answer from the beginning. */
  readonly readAnswer: () => ApprovalAnswer | undefined;
  /** Calls `requestApproval`. */
  readonly request: (state: State, signal: AbortSignal | undefined) => Promise<void>;
}

/** Creates the callback for an approval. */
export async function openGate<State, Event>(
  context: DurableChangeContext,
  { requestApproval, approvalTimeoutSeconds: timeoutSeconds }: DurableSettings<State, Event>,
  heldAt: HeldAt,
): Promise<Gate<State>> {
  const [result, callbackId] = await context.createCallback(`approval-${heldAt.key}`, {
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
    heldAt,
    anyAnswer,
    readAnswer: () => answer,
    request: async (state, signal) => {
      await requestApproval?.(callbackId, { ...heldAt, state, timeoutSeconds, signal });
    },
  };
}
