import { truncateReason } from '../resumable/truncate-reason.js';
import type { EcsPauseAction } from './change-deployment.js';
import { findHook, isAwaiting } from './change-deployment.js';
import { type ObservedDeployment, type ObservedHook, phaseOf, rollbackCauseOf } from './deployment-status.js';
import type { NewPauseEvent } from './pause-events.js';
import type { EcsPauseState, PauseUnderWay } from './pause-state.js';

/** Milliseconds after which a pause that ECS no longer lists counts as settled: the deployment may show it later. */
const settledAfterMilliseconds = 30_000;

/** Number of pauses that a state remembers. */
const maxRemembered = 12;

/** A state after a reading, and its events. */
export interface Observed {
  readonly state: EcsPauseState;
  readonly events: readonly NewPauseEvent[];
}

/** Takes a reading of the deployment into the state. Decides nothing that is written. */
export function observe(before: EcsPauseState, deployment: ObservedDeployment, now: number): Observed {
  const seen = seeDeployment(before, deployment, now);
  const settled = settlePause(seen.state, deployment, now);
  const returned = noticeRollback(settled.state, deployment, settled, now);
  return { state: returned.state, events: [...seen.events, ...settled.events, ...returned.events] };
}

export function remember(ids: readonly string[], id: string): readonly string[] {
  return [...ids.filter((it) => it !== id), id].slice(-maxRemembered);
}

export function withoutPause({ pause: _, ...state }: EcsPauseState): EcsPauseState {
  return state;
}

function seeDeployment(state: EcsPauseState, deployment: ObservedDeployment, now: number): Observed {
  const { status, stage, productionPercent: percent } = deployment;
  const { seen } = state;
  if (seen?.status === status && seen.stage === stage && seen.percent === percent)
    return { state, events: [] };
  const since = seen !== undefined && seen.percent === percent ? seen.since : now;
  const share = percent === undefined ? {} : { percent };
  const named = stage === undefined ? {} : { stage };
  return {
    state: { ...state, seen: { status, ...named, ...share, since } },
    events: [
      {
        type: 'deploymentChanged',
        status,
        ...named,
        ...(percent !== undefined && { productionPercent: percent }),
      },
    ],
  };
}

interface Settled extends Observed {
  readonly by?: 'expiry' | 'other';
  readonly action?: EcsPauseAction | 'unknown';
  readonly hookId?: string;
}

/** Notices that a pause was settled without a response of this call. */
function settlePause(state: EcsPauseState, deployment: ObservedDeployment, now: number): Settled {
  const pause = state.pause ?? givenPause(state);
  if (pause === undefined) return { state, events: [] };
  const { hookId } = pause;
  const hook = findHook(deployment, hookId);
  const action = actionOf(state, { pause, hook, deployment });
  if (action === undefined) return { state: withoutMissing(state), events: [] };
  if (
    hook === undefined &&
    action === 'unknown' &&
    now < missingSince(state, pause, now) + settledAfterMilliseconds
  )
    return { state: withMissing(state, now), events: [] };
  // A pause that is no longer listed may have got a response just before its expiry: then ECS has done something else.
  const mayHaveExpired = hook === undefined && now >= (pause.expiresAt ?? Infinity);
  const isExpired = hook?.status === 'TIMED_OUT' || (mayHaveExpired && action === pause.timeoutAction);
  const by = isExpired ? 'expiry' : 'other';
  return {
    state: { ...withoutPause(state), ended: remember(state.ended, hookId) },
    events: [{ type: 'pauseSettled', hookId, by, action }],
    by,
    action,
    hookId,
  };
}

/** The pause of a request that no reading has shown yet. */
function givenPause({ hookId, ended, startedAt }: EcsPauseState): PauseUnderWay | undefined {
  if (hookId === undefined || ended.includes(hookId)) return undefined;
  return {
    hookId,
    stage: '',
    since: startedAt,
    stepsDone: [],
    tallies: {},
    nextCheckAt: startedAt,
    missingSince: startedAt,
  };
}

/** Returns undefined while the pause waits. A status that ECS has added since counts as waiting. */
function actionOf(
  { seen }: EcsPauseState,
  {
    pause,
    hook,
    deployment,
  }: {
    readonly pause: PauseUnderWay;
    readonly hook: ObservedHook | undefined;
    readonly deployment: ObservedDeployment;
  },
): EcsPauseAction | 'unknown' | undefined {
  const phase = phaseOf(deployment);
  if (phase === 'succeeded') return 'CONTINUE';
  if (phase !== 'underWay') return 'ROLLBACK';
  if (hook?.status === 'SUCCEEDED') return 'CONTINUE';
  if (hook?.status === 'FAILED') return 'ROLLBACK';
  if (hook?.status === 'TIMED_OUT') return asAction(hook.timeoutAction ?? pause.timeoutAction);
  if (hook !== undefined) return undefined;
  const hasMoved = pause.stage !== '' && seen?.stage !== undefined && seen.stage !== pause.stage;
  return hasMoved ? 'CONTINUE' : 'unknown';
}

function asAction(action: string | undefined): EcsPauseAction | 'unknown' {
  return action === 'CONTINUE' || action === 'ROLLBACK' ? action : 'unknown';
}

function missingSince(state: EcsPauseState, pause: PauseUnderWay, now: number): number {
  return state.pause === undefined ? pause.since : (pause.missingSince ?? now);
}

function withMissing(state: EcsPauseState, now: number): EcsPauseState {
  const { pause } = state;
  return pause === undefined || pause.missingSince !== undefined
    ? state
    : { ...state, pause: { ...pause, missingSince: now } };
}

function withoutMissing(state: EcsPauseState): EcsPauseState {
  if (state.pause?.missingSince === undefined) return state;
  const { missingSince: _, ...pause } = state.pause;
  return { ...state, pause };
}

/** Records the reason of a rollback that this run has not requested. */
function noticeRollback(
  state: EcsPauseState,
  deployment: ObservedDeployment,
  settled: Settled,
  now: number,
): Observed {
  const phase = phaseOf(deployment);
  const isReturning = phase === 'returning' || phase === 'rolledBack' || phase === 'rollbackFailed';
  const wasRolledBack = settled.action === 'ROLLBACK' && phase === 'underWay';
  if (state.rollbackReason !== undefined || !(isReturning || wasRolledBack)) return { state, events: [] };
  const reason = truncateReason(reasonOf(deployment, settled));
  // ECS rolls back by itself: another request would change nothing.
  return {
    state: {
      ...state,
      rollbackReason: reason,
      ...(wasRolledBack && { rollbackRequestedAt: now }),
    },
    events: [{ type: 'rollingBack', reason }],
  };
}

function reasonOf(deployment: ObservedDeployment, { by, hookId }: Settled): string {
  const cause = rollbackCauseOf(deployment);
  const because = cause && `: ${cause}`;
  const { triggeredAlarms, isCircuitBroken } = deployment;
  if (triggeredAlarms.length > 0 || isCircuitBroken) return `ECS rolled the deployment back${because}`;
  if (by === 'expiry') return `Pause ${hookId} expired, and ECS rolled the deployment back${because}`;
  return `The deployment was rolled back outside this run${because}`;
}

/** True for a pause that ECS may list as waiting although it has a response, or that has expired. */
export function isPast(state: EcsPauseState, hook: ObservedHook, now: number): boolean {
  return state.ended.includes(hook.hookId) || now >= (hook.expiresAt ?? Infinity);
}

/** Pauses that wait for a response of this run. */
export function openPauses(
  state: EcsPauseState,
  deployment: ObservedDeployment,
  now: number,
): ObservedHook[] {
  const { hookId } = state;
  return deployment.hooks.filter(
    (hook) =>
      isAwaiting(hook) &&
      !isPast(state, hook, now) &&
      (hookId === undefined ? hook.isPause : hook.hookId === hookId),
  );
}
