import {
  describeDeployment,
  type ObservedDeployment,
  type ObservedHook,
  phaseOf,
} from './deployment-status.js';
import { openPauses } from './observe-pause.js';
import type { EcsPauseState } from './pause-state.js';
import type { EcsPauseStage } from './pause-types.js';

/** Milliseconds for which ECS may show a deployment as in progress after it has accepted a rollback. */
const rollbackLagMilliseconds = 120_000;

/** Next action of a run. */
export type PauseDecision =
  | { readonly type: 'end'; readonly outcome: 'succeeded' | 'rolledBack' }
  | { readonly type: 'halt'; readonly reason: string }
  | { readonly type: 'wait' }
  | { readonly type: 'leave'; readonly hook: ObservedHook; readonly stage: string | undefined }
  | { readonly type: 'work'; readonly hook: ObservedHook; readonly stage: EcsPauseStage }
  | { readonly type: 'rollBackPause'; readonly hookId: string }
  | { readonly type: 'stop' };

/** Facts besides the state and the reading. */
export interface PauseFacts {
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly hasWork: (stage: string | undefined) => stage is EcsPauseStage;
}

const wait: PauseDecision = { type: 'wait' };

/** Decides from an observed state and its reading. */
export function decidePause(
  state: EcsPauseState,
  deployment: ObservedDeployment,
  facts: PauseFacts,
): PauseDecision {
  const { rollbackReason, waitForRollback } = state;
  switch (phaseOf(deployment)) {
    case 'succeeded':
      return rollbackReason === undefined ? { type: 'end', outcome: 'succeeded' } : tooLate(deployment);
    case 'rolledBack':
      return { type: 'end', outcome: 'rolledBack' };
    case 'rollbackFailed':
    case 'stopped':
      return { type: 'halt', reason: endReason(deployment, rollbackReason) };
    case 'returning':
      return waitForRollback ? wait : { type: 'end', outcome: 'rolledBack' };
    case 'underWay':
      return rollbackReason === undefined
        ? decideForward(state, deployment, facts)
        : decideRollback(state, deployment, facts);
  }
}

function decideForward(
  state: EcsPauseState,
  deployment: ObservedDeployment,
  facts: PauseFacts,
): PauseDecision {
  const { hookId, ended } = state;
  // A response to a pause is refused unless the deployment is in progress.
  if (deployment.status !== 'IN_PROGRESS') return wait;
  const stage = hookId === undefined ? deployment.stage : (state.lifecycleStage ?? deployment.stage);
  const open = openPauses(state, deployment, facts.now);
  const hook = open.find((it) => it.hookId === state.pause?.hookId) ?? open[0];
  if (hook !== undefined)
    return facts.hasWork(stage) ? { type: 'work', hook, stage } : { type: 'leave', hook, stage };
  const isContinued = hookId !== undefined && ended.includes(hookId);
  return isContinued ? { type: 'end', outcome: 'succeeded' } : wait;
}

function decideRollback(
  state: EcsPauseState,
  deployment: ObservedDeployment,
  { now }: PauseFacts,
): PauseDecision {
  const { rollbackRequestedAt: requestedAt, waitForRollback, pause, hookId } = state;
  if (requestedAt !== undefined && now < requestedAt + rollbackLagMilliseconds)
    return waitForRollback ? wait : { type: 'end', outcome: 'rolledBack' };
  // Pauses that are left to others stay theirs: the whole deployment is stopped instead.
  const own = openPauses(state, deployment, now).find((it) => it.hookId === (hookId ?? pause?.hookId));
  if (own !== undefined && deployment.status === 'IN_PROGRESS')
    return { type: 'rollBackPause', hookId: own.hookId };
  return { type: 'stop' };
}

function tooLate(deployment: ObservedDeployment): PauseDecision {
  return {
    type: 'halt',
    reason: `The deployment cannot be rolled back: it is ${describeDeployment(deployment)}. Deploy the previous task definition`,
  };
}

function endReason(deployment: ObservedDeployment, rollbackReason: string | undefined): string {
  const ended = `The deployment ended as ${describeDeployment(deployment)}`;
  const advice =
    deployment.status === 'STOPPED'
      ? 'Another deployment may have replaced it: read the service'
      : 'Read the weights and the tasks of the service';
  return [rollbackReason, ended, advice].filter(Boolean).join('. ');
}
