import { partnerOf } from '../core/stack-reference.js';
import type { CheckContext } from '../traffic/types.js';
import type { ObservedDeployment, ObservedHook } from './deployment-status.js';
import type { PauseSettings } from './parse-pause-options.js';
import type { EcsPauseState, PauseUnderWay } from './pause-state.js';
import type { EcsPauseInfo, EcsPauseStage } from './pause-types.js';

export function infoOf(
  deployment: ObservedDeployment,
  hook: ObservedHook,
  stage: EcsPauseStage,
): EcsPauseInfo {
  const { serviceDeploymentArn, serviceArn, productionPercent } = deployment;
  const { hookId, expiresAt, timeoutAction } = hook;
  return {
    serviceDeploymentArn,
    ...(serviceArn !== undefined && { serviceArn }),
    hookId,
    stage,
    ...(productionPercent !== undefined && { productionPercent }),
    ...(expiresAt !== undefined && { expiresAt }),
    ...(timeoutAction !== undefined && { timeoutAction }),
  };
}

/** The share counts since this run has first read it, which is never too early. */
export function contextOf(
  { clock, logger, incoming }: PauseSettings,
  {
    state,
    info,
    pause,
    signal,
  }: {
    readonly state: EcsPauseState;
    readonly info: EcsPauseInfo;
    readonly pause: PauseUnderWay;
    readonly signal: AbortSignal;
  },
): CheckContext {
  const outgoing = partnerOf(incoming);
  const percent = info.productionPercent ?? 0;
  const weights =
    incoming === 'green' ? { blue: 100 - percent, green: percent } : { blue: percent, green: 100 - percent };
  const weightsSince = state.seen?.since ?? pause.since;
  const times = { startedAt: state.startedAt, weightsSince, now: clock.now() };
  return { incoming, outgoing, weights, ...times, clock, logger, signal };
}
