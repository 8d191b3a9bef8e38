import { isForDatabase, isOwn, type ObservedDeployment, settingsMark, stateOf } from './observe.js';
import { type BlueGreenState, switchoverApproval } from './state.js';

/**
 * Seconds for which a read may not show an accepted call. RDS documents no time; a deployment was seen as available, and its instances
 * as changing, for less than a minute (hashicorp/terraform-provider-aws#36241).
 */
export const staleSeconds = 120;

/** Next step of a run. */
export type BlueGreenDecision =
  | { readonly type: 'wait' }
  /** Stores the intent to create, so that a rollback looks for a deployment that a lost call has created. */
  | { readonly type: 'announceCreation' }
  | { readonly type: 'create' }
  | { readonly type: 'hold' }
  | { readonly type: 'readGuardrails' }
  /** Compares the names with the resource IDs after the switchover. */
  | { readonly type: 'verifySwitchover' }
  /** Compares them when the deployment is gone, and no response to a switchover was received. */
  | { readonly type: 'verifyGone' }
  | { readonly type: 'delete'; readonly withGreen: boolean }
  /** Reads whether the green environment is gone, too. */
  | { readonly type: 'verifyDeletion' }
  | { readonly type: 'end' }
  | { readonly type: 'switchoverCancelled' }
  | { readonly type: 'pastReturn' }
  | { readonly type: 'refuse'; readonly because: 'foreign' | 'gone' | 'deleting' | 'invalid' };

/** Facts besides the deployment. */
export interface DecisionFacts {
  readonly now: number;
  readonly approved: readonly string[];
}

/** Decides the next step from the state and one reading of the deployment. */
export function decideBlueGreen(
  state: BlueGreenState,
  deployment: ObservedDeployment | undefined,
  facts: DecisionFacts,
): BlueGreenDecision {
  if (state.switchedOverAt !== undefined) return decideAfterSwitchover(state, deployment);
  const isBack = state.rollbackReason !== undefined;
  if (deployment === undefined) return isBack ? decideGoneBack(state, facts) : decideGone(state);
  if (!isOfRun(state, deployment)) return isBack ? { type: 'end' } : { type: 'refuse', because: 'foreign' };
  return isBack ? decideBack(state, deployment, facts) : decideForward(state, deployment, facts);
}

/** True for a deployment that this run, or an earlier one of the same request with the same green settings, has created. */
export function isOfRun({ request, source }: BlueGreenState, deployment: ObservedDeployment): boolean {
  return (
    isForDatabase(deployment, source) &&
    deployment.settings === settingsMark(request.green) &&
    isOwn(deployment, request.creationId)
  );
}

function decideGone(state: BlueGreenState): BlueGreenDecision {
  if (state.deploymentId !== undefined)
    // A switchover can be completed, and its deployment deleted by hand, between two reads.
    return { type: state.switchover === undefined ? 'verifyGone' : 'verifySwitchover' };
  return state.createRequestedAt === undefined ? { type: 'announceCreation' } : { type: 'create' };
}

function decideGoneBack(state: BlueGreenState, { now }: DecisionFacts): BlueGreenDecision {
  const { deploymentId, createRequestedAt, rollbackStartedAt = createRequestedAt } = state;
  if (deploymentId === undefined) {
    // The last creation, which is repeated while RDS refuses it, may have been accepted without a response.
    if (createRequestedAt === undefined || rollbackStartedAt === undefined) return { type: 'end' };
    return { type: now < rollbackStartedAt + staleSeconds * 1000 ? 'wait' : 'end' };
  }
  return { type: 'verifyDeletion' };
}

function decideForward(
  state: BlueGreenState,
  deployment: ObservedDeployment,
  { now, approved }: DecisionFacts,
): BlueGreenDecision {
  switch (stateOf(deployment)) {
    case 'available': {
      // Such a green environment is not the one that was asked for.
      const isFailed = deployment.tasks.some(({ status }) => status === 'FAILED');
      return isFailed && state.switchover === undefined
        ? { type: 'refuse', because: 'invalid' }
        : decideAvailable(state, { now, approved });
    }
    case 'switchedOver':
      return { type: 'verifySwitchover' };
    case 'switchoverFailed':
      // A resumed run has no switchover of its own: RDS decides whether another one is possible.
      return state.switchover === undefined
        ? decideAvailable(state, { now, approved })
        : { type: 'switchoverCancelled' };
    case 'invalid':
      return { type: 'refuse', because: 'invalid' };
    case 'deleting':
      return { type: 'refuse', because: 'deleting' };
    default:
      return { type: 'wait' };
  }
}

function decideAvailable(state: BlueGreenState, { now, approved }: DecisionFacts): BlueGreenDecision {
  const { switchover, request } = state;
  if (switchover !== undefined) {
    const isOver = switchover.isSeen || now >= switchover.requestedAt + staleSeconds * 1000;
    return { type: isOver ? 'switchoverCancelled' : 'wait' };
  }
  if (request.switchOver === 'no') return { type: 'end' };
  const mustHold = request.switchOver === 'afterApproval' && !approved.includes(switchoverApproval);
  return mustHold ? { type: 'hold' } : { type: 'readGuardrails' };
}

function decideBack(
  state: BlueGreenState,
  deployment: ObservedDeployment,
  { now }: DecisionFacts,
): BlueGreenDecision {
  const { switchover } = state;
  switch (stateOf(deployment)) {
    case 'switchedOver':
      return { type: 'pastReturn' };
    case 'switchingOver':
    case 'deleting':
    case 'unknown':
      return { type: 'wait' };
    case 'available': {
      // A switchover that was just accepted may not show yet.
      const mayBegin =
        switchover !== undefined && !switchover.isSeen && now < switchover.requestedAt + staleSeconds * 1000;
      return mayBegin ? { type: 'wait' } : { type: 'delete', withGreen: true };
    }
    default:
      return { type: 'delete', withGreen: true };
  }
}

/** Nothing of the databases is changed any more. */
function decideAfterSwitchover(
  state: BlueGreenState,
  deployment: ObservedDeployment | undefined,
): BlueGreenDecision {
  if (state.rollbackReason !== undefined) return { type: 'pastReturn' };
  if (!state.request.deleteDeployment || deployment === undefined) return { type: 'end' };
  return stateOf(deployment) === 'switchedOver' ? { type: 'delete', withGreen: false } : { type: 'wait' };
}
