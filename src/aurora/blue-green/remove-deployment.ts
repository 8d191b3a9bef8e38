import type { CallOptions } from '../../core/aws-call.js';
import { identifierOf, type ObservedDeployment } from './observe.js';
import type { BlueGreenOperations } from './operations.js';
import type { BlueGreenState } from './state.js';
import { identityOf, pastReturn, type StepInput, type StepResult, sentences } from './step-result.js';

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
  const known = await withTarget(operations, state, deployment, options);
  if (typeof result === 'object') return refused(known, result.refusal, now);
  if (result === 'unprotected')
    return {
      state: known,
      events: [{ type: 'protectionRemoved', identifier: known.target?.identifier ?? deployment.id }],
      isQuick: true,
    };
  return {
    state: { ...known, deploymentId: deployment.id, deletionRequestedAt: now },
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

/** Remembers the green database, whose end the run waits for. */
async function withTarget(
  operations: BlueGreenOperations,
  state: BlueGreenState,
  { targetArn }: ObservedDeployment,
  options: CallOptions,
): Promise<BlueGreenState> {
  if (state.target !== undefined || targetArn === undefined || state.switchedOverAt !== undefined)
    return state;
  const identifier = identifierOf(targetArn);
  const target = await operations.findIdentity(identifier, options);
  return target === undefined ? state : { ...state, target: identityOf(target) };
}

/** RDS deletes the green environment together with the deployment, or soon after. */
export async function verifyDeletion(
  operations: BlueGreenOperations,
  state: BlueGreenState,
  options: CallOptions,
): Promise<StepResult> {
  const { target, source } = state;
  if (target !== undefined) {
    const live = await operations.findIdentity(source.identifier, options);
    if (live?.resourceId === target.resourceId) return pastReturn(state);
    const green = await operations.findIdentity(target.identifier, options);
    const remains = green?.resourceId === target.resourceId;
    if (remains && state.deletionRequestedAt !== undefined) return { state };
    if (remains) {
      const halt = sentences(
        `Green database ${target.identifier} (${target.resourceId}) still exists, and its deployment was deleted outside the run`,
        'Delete it by hand, then resume',
      );
      return { state, end: { halt } };
    }
  }
  return { state, end: 'rolledBack' };
}
