import type { CallOptions } from '../../core/aws-call.js';
import type { BlueGreenOperations } from './operations.js';
import type { BlueGreenState } from './state.js';
import { pastReturn, type StepInput, type StepResult, sentences } from './step-result.js';

/** Seconds for which RDS may refuse the deletion: more than the creation of a large green environment takes. */
const maxRefusalSeconds = 86_400;

/** Deletes the deployment, with its green environment before the switchover. */
export async function removeDeployment(
  operations: BlueGreenOperations,
  { state, deployment, now }: StepInput,
  withGreen: boolean,
  options: CallOptions,
): Promise<StepResult> {
  if (deployment === undefined) return { state };
  const result = await operations.delete(deployment, { wanted: state.source, withGreen }, options);
  if (typeof result === 'object') return refused(state, result.refusal, now);
  if (result === 'unprotected')
    return {
      state,
      events: [{ type: 'protectionRemoved', identifier: state.target?.identifier ?? deployment.id }],
      isQuick: true,
    };
  return {
    state: { ...state, deploymentId: deployment.id, deletionRequestedAt: now },
    events: [{ type: 'deletionStarted', withGreen }],
  };
}

/** RDS refuses a deletion while it creates the green environment, which takes hours. */
function refused(state: BlueGreenState, { message }: Error, now: number): StepResult {
  const { refusedSince = now } = state;
  const waiting = { ...state, refusedSince };
  if (now < refusedSince + maxRefusalSeconds * 1000) return { state: waiting };
  const halt = sentences(
    `Blue/green deployment ${state.request.name} cannot be deleted: ${message}`,
    'Remove the reason, then resume',
  );
  return { state: waiting, end: { halt } };
}

/** Seconds for which RDS may take to delete the green environment after its deployment. */
const maxDeletionSeconds = 3600;

/** RDS deletes the green environment together with the deployment, or soon after. */
export async function verifyDeletion(
  operations: BlueGreenOperations,
  { state, now }: Pick<StepInput, 'state' | 'now'>,
  options: CallOptions,
): Promise<StepResult> {
  const { target, source, deletionRequestedAt } = state;
  if (target === undefined) return { state, end: 'rolledBack' };
  const live = await operations.findIdentity(source.identifier, options);
  if (live?.resourceId === target.resourceId) return pastReturn(state);
  const green = await operations.findDatabase(target.identifier, options);
  if (green?.resourceId !== target.resourceId) return { state, end: 'rolledBack' };
  const isRecent = deletionRequestedAt !== undefined && now < deletionRequestedAt + maxDeletionSeconds * 1000;
  // The response to the deletion may have been lost.
  if (isRecent || green.status === 'deleting') return { state };
  const halt = sentences(
    `Green database ${target.identifier} (${target.resourceId}) still exists, although its deployment is deleted`,
    'Delete it by hand, then resume',
  );
  return { state, end: { halt } };
}
