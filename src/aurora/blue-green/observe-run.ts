import { isOfRun } from './decide.js';
import type { NewBlueGreenEvent } from './events.js';
import { type ObservedDeployment, stateOf } from './observe.js';
import type { BlueGreenState } from './state.js';

/** Takes a reading of the deployment into the state, and starts a rollback when the time for the run is over. */
export function observeRun(
  before: BlueGreenState,
  deployment: ObservedDeployment | undefined,
  { now, rollBackAt = Infinity }: { readonly now: number; readonly rollBackAt: number | undefined },
): { readonly state: BlueGreenState; readonly events: readonly NewBlueGreenEvent[] } {
  const events: NewBlueGreenEvent[] = [];
  let state = before;
  if (deployment !== undefined && isOfRun(state, deployment)) {
    const { id, text } = deployment;
    if (state.deploymentId === undefined) events.push({ type: 'deploymentFound', deploymentIdentifier: id });
    if (state.status !== text) events.push({ type: 'statusChanged', status: text });
    state = { ...state, deploymentId: id, status: text };
    if (stateOf(deployment) === 'switchingOver')
      state = { ...state, switchover: { requestedAt: state.switchover?.requestedAt ?? now, isSeen: true } };
  }
  // RDS ends a switchover by itself within its time limit, so the time of the run does not interrupt it.
  const mayRollBack = state.switchedOverAt === undefined && state.switchover === undefined;
  if (now < rollBackAt || state.rollbackReason !== undefined || !mayRollBack) return { state, events };
  const reason = 'The time for the blue/green deployment is over';
  return {
    state: { ...state, rollbackReason: reason },
    events: [...events, { type: 'rollingBack', reason }],
  };
}
