import type { SafeResumable } from '../resumable/safe-resumable.js';
import type { Standing } from '../resumable/standing.js';
import type { Progress } from '../resumable/types.js';
import { reasonOf, refusalOf } from './failure-reason.js';
import { parseTaskRequest, type Task } from './parse-task.js';
import type { StepFunctionsHandlerOptions } from './types.js';

/** Result of one call, with the approvals that were given and the facts that the driver knows. */
export interface Step<State, Event> extends Progress<State, Event> {
  readonly approved: readonly string[];
  readonly standing: Standing;
}

export interface StepTools<Input, Request, State, Event> {
  readonly resumable: SafeResumable<Request, State, Event>;
  readonly isApproved: StepFunctionsHandlerOptions<Input>['isApproved'];
  readonly signal: AbortSignal;
}

/**
 * Runs the task of the state machine: advances the change by one step, or rolls it back. Returns undefined for a validation.
 *
 * @throws InvalidInputError for a malformed part of the task, before any call.
 */
export async function takeStep<Input, Request, State, Event>(
  task: Task<Input>,
  tools: StepTools<Input, Request, State, Event>,
): Promise<Step<State, Event> | undefined> {
  const { resumable, signal } = tools;
  const { action, approved, standing } = task;
  const request = parseTaskRequest(task, resumable, tools);
  if (action === 'validate') return undefined;
  if (action === 'begin') {
    const state = await resumable.begin(request, { signal });
    return { state, waitSeconds: 0, events: resumable.startEvents(state), approved, standing };
  }
  const state = resumable.parseState(task.state);
  if (action === 'rollBack') return rollBack(state, reasonOf(task.failure), task, tools);
  if (action === 'advance') return advance(state, task, tools);
  const refusal = refusalOf(task.answer);
  if (refusal !== undefined) return rollBack(state, refusal, task, tools);
  const keys = task.heldAt === undefined ? approved : withKey(approved, task.heldAt.key);
  const progress = await resumable.advance(state, { approved: keys, signal });
  return { ...progress, approved: keys, standing };
}

/** Calls `isApproved` when only the approval is missing, unless the state machine requests the approval. */
async function advance<Input, Request, State, Event>(
  from: State,
  task: Task<Input>,
  tools: StepTools<Input, Request, State, Event>,
): Promise<Step<State, Event>> {
  const { resumable, isApproved, signal } = tools;
  const { input, approvalTimeoutSeconds, approved, standing } = task;
  const progress = await resumable.advance(from, { approved, signal });
  const { heldAt, state, events } = progress;
  const step = { ...progress, approved, standing };
  if (heldAt === undefined || approvalTimeoutSeconds !== undefined) return step;
  const answer = await isApproved?.({ ...heldAt, input, signal });
  if (answer === true) {
    return { state, events, waitSeconds: 0, approved: withKey(approved, heldAt.key), standing };
  }
  if (isApproved !== undefined && answer !== 'refused') return step;
  const reason =
    answer === 'refused'
      ? `Not approved: refused to ${heldAt.detail}`
      : `Not approved to ${heldAt.detail}: neither the definition has an approval nor the handler an isApproved`;
  const rolledBack = await rollBack(state, reason, task, tools);
  return { ...rolledBack, events: [...events, ...rolledBack.events] };
}

async function rollBack<Input, Request, State, Event>(
  state: State,
  reason: string,
  { approved, standing }: Task<Input>,
  { resumable, signal }: StepTools<Input, Request, State, Event>,
): Promise<Step<State, Event>> {
  const progress = await resumable.rollBack(state, reason, { signal });
  // The reason of a rollback in progress stays.
  const known = standing.isRollingBack ? standing : { reason, isRollingBack: true };
  return { ...progress, approved, standing: known };
}

function withKey(approved: readonly string[], key: string): readonly string[] {
  return approved.includes(key) ? approved : [...approved, key];
}
