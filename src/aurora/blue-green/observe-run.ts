import type { CallOptions } from '../../core/aws-call.js';
import { isOfRun } from './decide.js';
import type { NewBlueGreenEvent } from './events.js';
import { identifierOf, type ObservedDeployment, stateOf } from './observe.js';
import type { BlueGreenOperations } from './operations.js';
import type { BlueGreenState } from './state.js';
import { identityOf } from './step-result.js';

/** Takes a reading of the deployment into the state, and starts a rollback when the time for the run is over. */
export function observeRun(
  before: BlueGreenState,
  deployment: ObservedDeployment | undefined,
  { now, rollBackAt = Infinity }: { readonly now: number; readonly rollBackAt: number | undefined },
): { readonly state: BlueGreenState; readonly events: readonly NewBlueGreenEvent[] } {
  const events: NewBlueGreenEvent[] = [];
  let state = before;
  const own = deployment !== undefined && isOfRun(before, deployment) ? deployment : undefined;
  if (own !== undefined) {
    const { id, text } = own;
    if (state.deploymentId === undefined) events.push({ type: 'deploymentFound', deploymentIdentifier: id });
    if (state.status !== text) events.push({ type: 'statusChanged', status: text });
    state = { ...state, deploymentId: id, status: text };
    if (stateOf(own) === 'switchingOver')
      state = { ...state, switchover: { requestedAt: state.switchover?.requestedAt ?? now, isSeen: true } };
  }
  // RDS ends a switchover by itself within its time limit, so the time of the run does not interrupt it. A completed one is a success.
  const isSwitchedOver =
    state.switchedOverAt !== undefined || (own !== undefined && stateOf(own) === 'switchedOver');
  const mayRollBack = !isSwitchedOver && state.switchover === undefined;
  if (now < rollBackAt || state.rollbackReason !== undefined || !mayRollBack) return { state, events };
  const reason = 'The time for the blue/green deployment is over';
  return {
    state: { ...state, rollbackReason: reason, rollbackStartedAt: now },
    events: [...events, { type: 'rollingBack', reason }],
  };
}

/**
 * Adds the green database to the state as soon as RDS shows it. Its resource ID proves a switchover or a deletion, also when the
 * deployment is gone.
 */
export async function withTarget(
  operations: Pick<BlueGreenOperations, 'findIdentity'>,
  state: BlueGreenState,
  deployment: ObservedDeployment | undefined,
  options: CallOptions,
): Promise<BlueGreenState> {
  if (deployment?.targetArn === undefined || state.target !== undefined || !isOfRun(state, deployment))
    return state;
  const { targetArn, createdFor } = deployment;
  const target = await operations.findIdentity(identifierOf(targetArn), options);
  const isGreen =
    target?.arn === targetArn &&
    target.resourceId !== createdFor &&
    target.resourceId !== state.source.resourceId;
  return isGreen ? { ...state, target: identityOf(target) } : state;
}
